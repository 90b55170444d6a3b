/* fz_rules.c - a proposed rule file: it loads or is refused with a text; what loads can be
 * evaluated
 *
 * Layer: tests.  Input: hostile.  Memory: one scratch arena.  Threads: one.
 * Spec: S003-FR-024, D4.
 *
 * Properties: a verdict that allows comes from an allow rule; a set that is loaded twice judges the
 * same; scratch memory is given back; a rule that lint calls shadowed or never matching decides
 * nothing.
 */
#include <stdlib.h>
#include <string.h>

#include "base/log.h"
#include "policy/lint.h"
#include "policy/load.h"
#include "policy/rule.h"

static struct arena scratch;

static struct facts facts_of(unsigned which)
{
	static const struct fact_field header = { { "x-a", 3 }, { "abc", 3 } };
	static const struct str words[] = { { "-f", 2 }, { "push", 4 } };
	struct facts f = { 0 };

	if (which == 0)
		return f;
	f.present = which == 1 ? FACT_DNS | FACT_AGENT :
		FACT_NETWORK | FACT_HTTP | FACT_RUN | FACT_AGENT;
	f.agent.name = STR("ci");
	f.dns.query = which == 1 ? STR("api.example.org") : STR("");
	if (which == 1)
		return f;
	f.network.port = 443;
	f.network.ip = STR("10.0.0.1");
	f.http.host = STR("example.org");
	f.http.method = STR("GET");
	f.http.path = STR("/a?b=c");
	f.http.headers = &header;
	f.http.header_cnt = 1;
	f.run.args = (struct fact_strs){ words, 2 };
	return f;
}

static bool is_idle(const struct lint_report *r, const char *id)
{
	for (size_t i = 0; i < r->cnt; i++)
		if ((r->v[i].kind == LINT_SHADOWED || r->v[i].kind == LINT_NEVER_MATCHES) &&
		    str_eq_c(r->v[i].name, id))
			return true;
	return false;
}

static void judge(const struct ruleset *set, const struct ruleset *twin,
		  const struct lint_report *findings)
{
	for (unsigned i = 0; i < 3; i++) {
		struct facts f = facts_of(i);
		size_t mark = arena_mark(&scratch);
		struct verdict v, w;

		ruleset_eval(set, &f, &scratch, &v);
		ruleset_probe(twin, &f, &scratch, &w);
		if (arena_mark(&scratch) != mark || v.kind != w.kind || v.why != w.why ||
		    strcmp(v.rule_id, w.rule_id) != 0)
			abort();
		if (v.kind == VERDICT_ALLOW &&
		    (v.why != WHY_RULE || set->rules[v.order].action != VERDICT_ALLOW))
			abort();
		if (is_idle(findings, v.rule_id))
			abort();
	}
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len)
{
	struct rule_source src = { "f.yaml", str_n(data, len) };
	struct load_opts opts = { .submission = len % 2, .ca_loaded = true };
	struct lint_report findings;
	struct ruleset *set, *twin;
	struct arena arena;
	struct err e = { 0 };

	if (len > 65536)
		return 0;
	if (!scratch.head &&
	    (arena_init_fixed(&scratch, 256 * 1024) < 0 || log_set_levels(STR("error"), &e) < 0))
		abort();
	if (ruleset_load(&src, 1, &opts, &set, &e) < 0) {
		if (e.code == ERR_NONE || e.msg[0] == '\0')
			abort();
		return 0;
	}
	if (ruleset_load(&src, 1, &opts, &twin, &e) < 0)
		abort();
	arena_init(&arena, (size_t)256 << 20);
	if (lint_run(set, &arena, &findings, &e) < 0)
		abort();
	judge(set, twin, &findings);
	arena_fini(&arena);
	snap_put(&set->snap);
	snap_put(&twin->snap);
	return 0;
}
