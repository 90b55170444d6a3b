/* explain.h - why a request gets its verdict: the deciding rule of each layer, and rules that came
 * close
 *
 * Layer: policy.  Memory: texts lie in the caller's arena or in the set, which must live as long.
 * Threads: pure functions; nothing is counted or logged.
 * Spec: S003 1.3 (rule/explain), 1.9, D29.
 *
 * A rule came close when it would have changed the verdict, at most two of its tests kept it from
 * deciding, and it is about this target: a test of the host, name or address holds, or names nearly
 * this one, or there is no such test and only one other failed. Closest: fewest that failed, then
 * the nearest name. The search ends early when rules cost too much to try.
 */
#ifndef OC_POLICY_EXPLAIN_H
#define OC_POLICY_EXPLAIN_H

#include "policy/rule.h"
#include "wire/jsonw.h"

#define EXPLAIN_NEAR_MAX 5
#define EXPLAIN_VALUES_MAX 6
#define EXPLAIN_LAYERS_MAX 3

struct explain_value {
	struct str expr, value;
};

struct explain_near {
	const struct rule *rule;
	struct str failed;	/* the first test that did not hold; empty: it is decided earlier */
	struct explain_value values[EXPLAIN_VALUES_MAX];
	unsigned value_cnt;
};

struct explain_layer {
	const char *name;		/* "dns", "tcp", "http", "context" */
	enum verdict_kind kind;
	const struct rule *rule;	/* that decides, or NULL */
	struct str reason;
	struct explain_near near[EXPLAIN_NEAR_MAX];	/* closest first */
	unsigned near_cnt;
};

struct explain_report {
	struct explain_layer layer[EXPLAIN_LAYERS_MAX];
	unsigned cnt;
};

/* What an operator asks about; texts as typed. */
struct explain_target {
	struct str host;	/* a request to it; p NULL: the look-up of dns alone */
	struct str dns;
	struct str type;	/* record type of the look-up; p NULL: A */
	struct str method;	/* p NULL: CONNECT, or GET for port 80 */
	struct str path;	/* p NULL: / */
	struct str agent;
	uint16_t port;		/* 0: 443, or 80 with a method other than CONNECT */
	bool granted;		/* a dynamic rule lets this agent connect there */
	bool no_proxy;		/* the daemon runs without a proxy */
	bool no_redirect;	/* TCP 80 and 443 are not redirected to it (--transparent off) */
};

/* The port that is meant, given or not. */
uint16_t explain_port(const struct explain_target *t);
/* One layer for these facts. */
int explain_facts(const struct ruleset *set, const struct facts *f, struct arena *a,
		  struct explain_layer *out, struct err *e) NODISCARD;
/* The layers that a program meets on its way to the target, judged as DNS filter and proxy do; of
 * fields of the request nothing is known. ERR_INVALID: a text of *t is not what it should be. */
int explain_target(const struct ruleset *set, const struct explain_target *t, struct arena *a,
		   struct explain_report *out, struct err *e) NODISCARD;
/* {"layers":[...]} as in S003 1.3. */
void explain_write(struct jsonw *w, const struct explain_report *r);

#endif
