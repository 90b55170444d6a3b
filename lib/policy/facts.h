/* facts.h - what an enforcement point tells the rules about one request (S003 section 1.4)
 *
 * Layer: policy.  Memory: views into the caller's buffers, valid during the evaluation.
 *
 * A zeroed struct is a request about which nothing is known: every field has its zero value.
 * The table of names, types and offsets that the CEL checker and the evaluator use is in facts.c.
 */
#ifndef OC_POLICY_FACTS_H
#define OC_POLICY_FACTS_H

#include "base/str.h"

enum fact_ns {
	FACT_NETWORK = 1 << 0,
	FACT_HTTP = 1 << 1,
	FACT_DNS = 1 << 2,
	FACT_DOCKER = 1 << 3,
	FACT_RUN = 1 << 4,
	FACT_AGENT = 1 << 5,
};

struct fact_field {	/* one header; names lower case, repeats already joined with ", " */
	struct str name, value;
};

struct fact_strs {
	const struct str *v;
	size_t cnt;
};

struct facts {
	unsigned present;	/* mask of enum fact_ns: namespaces that this layer fills */
	struct {
		struct str hostname, ip, protocol;
		uint16_t port;
	} network;
	struct {
		struct str method, path, host, scheme;
		const struct fact_field *headers;
		size_t header_cnt;
		uint64_t body_size;
		bool has_body;	/* false: http.body is null */
		struct str body;
	} http;
	struct {
		struct str query, record_type;
	} dns;
	struct {
		struct str image;
		struct fact_strs command, volumes, env_keys, capabilities;
	} docker;
	struct {
		struct str tool, cwd;
		struct fact_strs args, flags;
		const void *context;	/* const struct cel_value *: a map, or NULL for {} */
	} run;
	struct {
		struct str name;
	} agent;
};

#endif
