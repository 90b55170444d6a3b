/* ruleset_test.c - evaluation: errors, cost, counters, docker rules, verdict texts */
#include <pthread.h>

#include "base/log.h"
#include "policy/load.h"
#include "policy/rule.h"
#include "t.h"

static struct arena scratch;
static struct err err;

static struct ruleset *load(const char *text)
{
	struct rule_source src = { "f.yaml", str_of(text) };
	struct load_opts opts = { .ca_loaded = true };
	struct ruleset *set;

	if (!scratch.head && (arena_init_fixed(&scratch, 256 * 1024) < 0 ||
			      log_set_levels(STR("error"), &err) < 0))
		FAIL("no memory");
	if (ruleset_load(&src, 1, &opts, &set, &err) < 0)
		FAIL("%s", err.msg);
	return set;
}

static struct facts dns(const char *name)
{
	struct facts f = { .present = FACT_DNS | FACT_AGENT };

	f.dns.query = str_of(name);
	f.agent.name = STR("ci");
	return f;
}

static const char *reason(const struct verdict *v)
{
	static char text[256];
	struct buf b = BUF_OF(text);

	verdict_reason(v, &b);
	return buf_c(&b);
}

T(no_set_blocks)	/* S006-EC-008 */
{
	struct facts f = dns("x");
	struct verdict v = { .kind = VERDICT_ALLOW };

	ruleset_eval(NULL, &f, &scratch, &v);
	EQ(v.kind, VERDICT_BLOCK);
	EQ(v.why, WHY_ENGINE);
	STR_EQ(reason(&v), "rule engine unavailable");
}

T(a_verdict_is_complete)	/* S003-FR-019 */
{
	struct ruleset *set = load(
		"version: 1\nrules:\n"
		"- id: a\n  condition: dns.query == 'x'\n  action: allow\n  log: true\n"
		"  description: why\n"
		"  egress: {mode: direct_ip, ports: [22], allow_private_ips: true}\n"
		"- {id: b, condition: dns.query == 'y', action: allow}\n");
	struct facts f = dns("x");
	struct verdict v;

	ruleset_eval(set, &f, &scratch, &v);
	EQ(v.kind, VERDICT_ALLOW);
	EQ(v.why, WHY_RULE);
	EQ(v.egress, EGRESS_DIRECT_IP);
	OK(v.log);
	OK(v.allow_private_ips);
	EQ(v.order, 0);
	EQ(v.generation, 0);
	EQ(v.port_cnt, 1);
	EQ(v.ports[0], 22);
	STR_EQ(v.rule_id, "a");
	STR_EQ(v.file, "f.yaml");
	STR_EQ(reason(&v), "a");
	EQ(set->rules[0].egress.port_cnt, 1);
	EQ(set->rules[0].egress.ports[0], 22);
	VIEW_EQ(set->rules[0].description, "why");
	f = dns("y");
	ruleset_eval(set, &f, &scratch, &v);
	EQ(v.egress, EGRESS_PROXY);
	EQ(v.port_cnt, 0);
	OK(!v.log);
	OK(!v.allow_private_ips);
	f = dns("z");
	ruleset_eval(set, &f, &scratch, &v);
	EQ(v.kind, VERDICT_BLOCK);
	EQ(v.why, WHY_NO_RULE);
	EQ(v.order, RULE_NONE);
	STR_EQ(v.rule_id, "");
	STR_EQ(v.file, "");
	STR_EQ(reason(&v), "no rule matched");
	snap_put(&set->snap);
}

T(nothing_of_an_older_verdict_is_left)
{
	struct ruleset *set = load("version: 1\nrules: []\n");
	struct facts f = dns("x");
	struct verdict v;

	memset(&v, 0x55, sizeof(v));
	ruleset_eval(set, &f, &scratch, &v);
	EQ(v.kind, VERDICT_BLOCK);
	OK(!v.log);
	OK(!v.allow_private_ips);
	EQ(v.port_cnt, 0);
	EQ(v.egress, EGRESS_PROXY);
	STR_EQ(v.rule_id, "");
	STR_EQ(v.file, "");
	snap_put(&set->snap);
}

T(ports)	/* S003 1.2 */
{
	struct ruleset *set = load("version: 1\nrules:\n"
				   "- {id: a, condition: dns.query == 'x', action: allow,\n"
				   "   egress: {mode: direct_ip, ports: [22, 0x16, 443]}}\n"
				   "- {id: b, condition: dns.query == 'y', action: allow,\n"
				   "   egress: {mode: direct_ip, ports: []}}\n");
	struct facts f = dns("x");
	struct verdict v;

	ruleset_eval(set, &f, &scratch, &v);
	EQ(v.port_cnt, 2);
	EQ(v.ports[0], 22);
	EQ(v.ports[1], 443);
	f = dns("y");
	ruleset_eval(set, &f, &scratch, &v);
	EQ(v.port_cnt, 2);
	EQ(v.ports[0], 80);
	EQ(v.ports[1], 443);
	snap_put(&set->snap);
}

/* What verdict_log writes at that level, or "". */
static const char *logged(const struct verdict *v, const char *level)
{
	static char text[1024];
	int keep = dup(2);
	int fds[2];
	ssize_t n;

	if (log_set_levels(str_of(level), &err) < 0 || pipe(fds) != 0 || dup2(fds[1], 2) != 2)
		FAIL("cannot catch the log");
	verdict_log(v, STR("ci\x1b"));
	(void)!write(2, "", 1);
	(void)dup2(keep, 2);
	n = read(fds[0], text, sizeof(text) - 1);
	text[n > 0 ? n : 0] = '\0';
	(void)close(fds[0]);
	(void)close(fds[1]);
	(void)close(keep);
	return text;
}

T(log_lines)	/* S003-FR-020, -FR-029, S013-US-003 */
{
	struct verdict v = { .kind = VERDICT_ALLOW, .log = true, .rule_id = "r", .file = "f.yaml" };

	HAS(logged(&v, "info"),
	    " INFO rule_engine: rule matched rule=r file=f.yaml decision=allow ");
	HAS(logged(&v, "info"), "agent=\"ci\\x1b\"");
	v.log = false;
	STR_EQ(logged(&v, "info"), "");
	HAS(logged(&v, "debug"), " DEBUG rule_engine: rule matched");
	v.order = RULE_NONE;
	v.kind = VERDICT_BLOCK;
	HAS(logged(&v, "debug"), "no rule matched decision=block");
	EQ(log_set_levels(STR("error"), &err), 0);
}

T(an_error_in_a_block_rule_blocks_and_names_it)	/* D4 */
{
	struct ruleset *set = load("version: 1\nrules:\n"
				   "- {id: b, condition: int(dns.query) > 3, action: block}\n"
				   "- {id: a, condition: 'true', action: allow}\n");
	struct facts f = dns("abc");
	struct verdict v;

	ruleset_eval(set, &f, &scratch, &v);
	EQ(v.kind, VERDICT_BLOCK);
	EQ(v.why, WHY_RULE_ERROR);
	STR_EQ(v.rule_id, "b");
	STR_EQ(reason(&v), "rule \"b\": evaluation error");
	f = dns("2");
	ruleset_eval(set, &f, &scratch, &v);
	STR_EQ(v.rule_id, "a");
	snap_put(&set->snap);
}

T(a_value_that_is_not_bool_is_an_error)	/* S003-EC-012 */
{
	struct ruleset *set = load("version: 1\nrules:\n"
				   "- {id: b, condition: 'dyn(dns.query)', action: block}\n");
	struct facts f = dns("abc");
	struct verdict v;
	char text[128];
	struct buf b = BUF_OF(text);

	ruleset_eval(set, &f, &scratch, &v);
	EQ(v.why, WHY_RULE_ERROR);
	ruleset_error_text(set, 0, &b);
	STR_EQ(buf_c(&b), "condition evaluated to non-bool: string");
	snap_put(&set->snap);
}

T(the_cost_limit_ends_everything)	/* S003 3.11, D4 */
{
	struct ruleset *set = load(
		"version: 1\nrules:\n"
		"- id: bomb\n"
		"  condition: run.args.all(a, run.args.all(b, run.args.all(c, a + b != c)))\n"
		"  action: allow\n"
		"- {id: a, condition: 'true', action: allow}\n");
	static struct str args[1024];
	struct facts f = { .present = FACT_RUN | FACT_AGENT };
	struct verdict v;
	size_t before = arena_mark(&scratch);

	for (size_t i = 0; i < ARRAY_LEN(args); i++)
		args[i] = STR("argument");
	f.run.args = (struct fact_strs){ args, ARRAY_LEN(args) };
	ruleset_eval(set, &f, &scratch, &v);
	EQ(v.kind, VERDICT_BLOCK);
	EQ(v.why, WHY_COST);
	EQ(v.order, RULE_NONE);
	STR_EQ(v.rule_id, "");
	STR_EQ(reason(&v), "evaluation cost limit exceeded");
	EQ(arena_mark(&scratch), before);
	EQ(ruleset_counters(set, 0)->errors, 1);
	snap_put(&set->snap);
}

T(scratch_is_left_as_found)
{
	struct ruleset *set = load(
		"version: 1\nrules:\n"
		"- {id: a, condition: \"(dns.query + 'x').endsWith('yx')\", action: allow}\n");
	struct facts f = dns("zzzzzzzzzzzzzzzzzzzzzzy");
	struct verdict v;
	size_t before;

	OK(arena_alloc(&scratch, 100) != NULL);
	before = arena_mark(&scratch);
	for (int i = 0; i < 100000; i++)
		ruleset_eval(set, &f, &scratch, &v);
	EQ(v.kind, VERDICT_ALLOW);
	EQ(arena_mark(&scratch), before);
	snap_put(&set->snap);
}

T(counters)	/* S010-O-030 */
{
	struct ruleset *set = load("version: 1\nrules:\n"
				   "- {id: b, condition: int(dns.query) > 3, action: block}\n"
				   "- {id: a, condition: dns.query == '1', action: allow}\n");
	const char *asked[] = { "1", "1", "4", "x", "2" };
	struct verdict v;
	char text[128];
	struct buf b = BUF_OF(text);

	for (size_t i = 0; i < ARRAY_LEN(asked); i++) {
		struct facts f = dns(asked[i]);

		ruleset_eval(set, &f, &scratch, &v);
		ruleset_probe(set, &f, &scratch, &v);	/* counts nothing */
	}
	EQ(ruleset_counters(set, 0)->hits, 2);
	EQ(ruleset_counters(set, 0)->errors, 1);
	EQ(ruleset_counters(set, 1)->hits, 2);
	EQ(ruleset_counters(set, 1)->errors, 0);
	EQ(ruleset_counters(set, RULE_NONE)->hits, 1);
	OK(ruleset_counters(set, 0)->last_hit_us >= (uint64_t)set->since_us);
	OK(ruleset_counters(set, 0)->last_error_us >= (uint64_t)set->since_us);
	EQ(ruleset_counters(set, 1)->last_error_us, 0);
	ruleset_error_text(set, 0, &b);
	STR_EQ(buf_c(&b), "1:1: conversion error");
	buf_reset(&b);
	ruleset_error_text(set, 1, &b);
	STR_EQ(buf_c(&b), "");
	EQ(ruleset_reset_counters(set), 2);
	EQ(ruleset_counters(set, 0)->hits, 0);
	EQ(ruleset_counters(set, RULE_NONE)->hits, 0);
	snap_put(&set->snap);
}

T(counters_survive_where_nothing_changed)	/* S010-O-031 */
{
	struct ruleset *old = load("version: 1\ndefinitions: {x: \"dns.query == 'x'\"}\nrules:\n"
				   "- {id: same, condition: $x, action: allow}\n"
				   "- {id: other, condition: dns.query == 'y', action: allow}\n");
	struct ruleset *fresh = load(
		"version: 1\nrules:\n"
		"- {id: other, condition: dns.query == 'z', action: allow}\n"
		"- {id: new, condition: dns.query == 'n', action: allow}\n"
		"- {id: same, condition: \"(dns.query == 'x')\", action: block}\n");
	const char *asked[] = { "x", "x", "y", "q" };
	struct verdict v;

	for (size_t i = 0; i < ARRAY_LEN(asked); i++) {
		struct facts f = dns(asked[i]);

		ruleset_eval(old, &f, &scratch, &v);
	}
	ruleset_adopt_counters(fresh, old);
	EQ(fresh->since_us, old->since_us);
	EQ(ruleset_counters(fresh, ruleset_find(fresh, STR("same")))->hits, 2);
	EQ(ruleset_counters(fresh, ruleset_find(fresh, STR("other")))->hits, 0);
	EQ(ruleset_counters(fresh, ruleset_find(fresh, STR("new")))->hits, 0);
	EQ(ruleset_counters(fresh, RULE_NONE)->hits, 1);
	EQ(ruleset_find(fresh, STR("nope")), RULE_NONE);
	snap_put(&old->snap);
	snap_put(&fresh->snap);
}

T(docker_rules)	/* D18 */
{
	struct ruleset *set = load("version: 1\nrules:\n"
				   "- {id: all, condition: 'true', action: block}\n"
				   "- {id: a, condition: docker.image == 'bad', action: allow}\n"
				   "- {id: b, condition: docker.image == 'bad', action: block}\n");
	struct facts f = { .present = FACT_DOCKER | FACT_AGENT };
	struct verdict v;

	f.docker.image = STR("bad");
	OK(ruleset_refuses(set, &f, &scratch, &v));
	STR_EQ(v.rule_id, "b");
	EQ(v.kind, VERDICT_BLOCK);
	f.docker.image = STR("good");
	OK(!ruleset_refuses(set, &f, &scratch, &v));
	OK(ruleset_refuses(NULL, &f, &scratch, &v));
	EQ(v.why, WHY_ENGINE);
	snap_put(&set->snap);
}

/* --- reload under load ------------------------------------------------------------------------ */

#define RELOADS 100
#define EVALUATORS 3

static struct snap_box box;
static atomic_bool stop;

/* A set whose two rules carry its number. */
static struct ruleset *numbered(unsigned n)
{
	char text[256];

	snprintf(text, sizeof(text),
		 "version: 1\nrules:\n"
		 "- {id: x%u, condition: dns.query == 'x', action: allow}\n"
		 "- {id: y%u, condition: dns.query == 'y', action: allow}\n", n, n);
	return load(text);
}

static void *evaluate_all_the_time(void *bad)
{
	struct snap_reader r;
	struct arena mine;
	const struct facts x = dns("x");
	const struct facts y = dns("y");

	CHECK(arena_init_fixed(&mine, 64 * 1024) == 0);
	snap_reader_init(&r, &box);
	while (!atomic_load(&stop)) {
		const struct ruleset *set = (const void *)snap_read(&r);
		struct verdict v, w;

		ruleset_eval(set, &x, &mine, &v);
		ruleset_eval(set, &y, &mine, &w);
		if (v.kind != VERDICT_ALLOW || w.kind != VERDICT_ALLOW ||
		    strcmp(v.rule_id + 1, w.rule_id + 1) != 0 ||
		    v.generation != set->snap.generation || w.generation != v.generation)
			atomic_fetch_add((atomic_uint *)bad, 1);
	}
	snap_reader_fini(&r);
	arena_fini(&mine);
	return NULL;
}

T(evaluations_during_reloads)	/* S003-EC-016: never a mixed or empty set */
{
	pthread_t th[EVALUATORS];
	atomic_uint bad = 0;
	uint64_t hits;

	atomic_store(&stop, false);
	snap_box_init(&box);
	(void)snap_publish(&box, &numbered(0)->snap);
	for (int i = 0; i < EVALUATORS; i++)
		OK(pthread_create(&th[i], NULL, evaluate_all_the_time, &bad) == 0);
	for (unsigned i = 1; i <= RELOADS; i++) {
		struct ruleset *fresh = numbered(i);
		struct snap *old = snap_current(&box);

		ruleset_adopt_counters(fresh, (const void *)old);
		snap_put(old);
		EQ(snap_publish(&box, &fresh->snap), i + 1);
	}
	atomic_store(&stop, true);
	for (int i = 0; i < EVALUATORS; i++)
		(void)pthread_join(th[i], NULL);
	hits = ruleset_counters((const void *)box.current, RULE_NONE)->hits;
	snap_box_fini(&box);
	EQ(bad, 0);
	EQ(hits, 0);
}

T(nothing_is_left)
{
	arena_fini(&scratch);
}
