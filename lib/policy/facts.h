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

/* The fields as a table: what the checker and the evaluator of conditions read. */
enum fact_field_id {
	FACT_FIELD_NETWORK_HOSTNAME = 0,
	FACT_FIELD_NETWORK_IP,
	FACT_FIELD_NETWORK_PORT,
	FACT_FIELD_NETWORK_PROTOCOL,
	FACT_FIELD_HTTP_METHOD,
	FACT_FIELD_HTTP_PATH,
	FACT_FIELD_HTTP_HOST,
	FACT_FIELD_HTTP_SCHEME,
	FACT_FIELD_HTTP_HEADERS,
	FACT_FIELD_HTTP_BODY_SIZE,
	FACT_FIELD_HTTP_BODY,
	FACT_FIELD_DNS_QUERY,
	FACT_FIELD_DNS_RECORD_TYPE,
	FACT_FIELD_DOCKER_IMAGE,
	FACT_FIELD_DOCKER_COMMAND,
	FACT_FIELD_DOCKER_VOLUMES,
	FACT_FIELD_DOCKER_ENV_KEYS,
	FACT_FIELD_DOCKER_CAPABILITIES,
	FACT_FIELD_RUN_TOOL,
	FACT_FIELD_RUN_CWD,
	FACT_FIELD_RUN_ARGS,
	FACT_FIELD_RUN_FLAGS,
	FACT_FIELD_RUN_CONTEXT,
	FACT_FIELD_AGENT_NAME,
	FACT_FIELD_COUNT
};

/* How a field is stored in struct facts. */
enum fact_storage {
	FACT_STR = 0,
	FACT_U16,	/* int */
	FACT_U64,	/* int */
	FACT_STRS,	/* list(string) */
	FACT_HEADERS,	/* map(string, string) */
	FACT_BODY,	/* string or null */
	FACT_VALUE,	/* pointer to a struct cel_value that is a map, or NULL */
};

/* What literals a field can equal (S003 section 3.3); the zero value always can. */
enum fact_form {
	FACT_FORM_ANY = 0,
	FACT_FORM_HOST,		/* no upper case, no trailing dot */
	FACT_FORM_UPPER,	/* no lower case */
	FACT_FORM_PORT,		/* 0..65535 */
	FACT_FORM_PROTOCOL,	/* tcp, udp */
};

struct fact_desc {
	const char *ns, *name;
	enum fact_ns ns_bit;
	enum fact_storage storage;
	enum fact_form form;
	uint16_t offset;	/* of the member in struct facts */
};

extern const struct fact_desc fact_table[FACT_FIELD_COUNT];

/* Fields of f that hold nothing because this layer does not fill them (D4): all of a namespace that
 * is not present, and network.hostname, network.ip and http.body where empty. Bit = fact_field_id.
 */
uint32_t facts_absent(const struct facts *f);

#endif
