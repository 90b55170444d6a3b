/* lint_test.c - findings about rules that load, by tables; the example rule sets
 * (form of the tables: tests/rules_table.h)
 */
#include "base/clock.h"
#include "policy/lint.h"
#include "rules_table.h"

static struct lint_report lint(const struct ruleset *set)
{
	struct lint_report r;

	if (lint_run(set, &arena, &r, &err) < 0)
		FAIL("%s", err.msg);
	return r;
}

static const char *line_of(const struct lint_finding *f)
{
	static char text[2048];

	snprintf(text, sizeof(text), STR_FMT ":%u: %s: %s \"" STR_FMT "\": " STR_FMT,
		 STR_ARG(f->file), f->line, lint_kind_text(f->kind),
		 f->kind == LINT_UNUSED_DEFINITION ? "definition" : "rule", STR_ARG(f->name),
		 STR_ARG(f->text));
	return text;
}

/* 1 when the findings are not the wanted ones. */
static unsigned judge(const struct test_case *c, const struct ruleset *set)
{
	struct lint_report r = lint(set);
	unsigned bad = r.cnt != c->wanted_cnt || r.partial;

	for (size_t i = 0; i < r.cnt && i < c->wanted_cnt; i++)
		bad |= !str_starts(str_of(line_of(&r.v[i])), c->wanted[i]);
	if (bad)
		printf("# %s: %zu finding(s), not %zu\n", c->title, r.cnt, c->wanted_cnt);
	for (size_t i = 0; bad && i < r.cnt; i++)
		printf("#   %s\n", line_of(&r.v[i]));
	return bad;
}

T(findings)	/* S003 1.9: every kind, with what must and what must not be reported */
{
	struct str rest = read_table("tests/data/rules/lint.t");
	struct test_case c;
	unsigned cases = 0;
	unsigned bad = 0;

	setup();
	for (; next_case(&rest, &c); cases++) {
		struct ruleset *set = load(&c);

		if (!set)
			FAIL("%s: %s", c.title, err.msg);
		bad += judge(&c, set);
		snap_put(&set->snap);
	}
	EQ(bad, 0);
	OK(cases > 55);
}

/* --- the examples ----------------------------------------------------------------------------- */

static struct rule_source read_rules(const char *dir, const char *name)
{
	char path[256];
	char *text = arena_alloc(&arena, MAX_RULE_FILE_BYTES);
	FILE *f;
	size_t n;

	snprintf(path, sizeof(path), "config/rules.d/%s%s", dir, name);
	f = fopen(path, "rb");
	n = f && text ? fread(text, 1, MAX_RULE_FILE_BYTES, f) : 0;
	if (n == 0)
		FAIL("cannot read %s", path);
	(void)fclose(f);
	return (struct rule_source){ arena_str(&arena, str_of(name)).p, str_n(text, n) };
}

/* Every rule must decide some question of the table. */
static void check_asked(const struct test_case *c, const struct ruleset *set)
{
	for (size_t i = 0; i < c->asked_cnt; i++)
		check_verdict(c, set, c->asked[i]);
	for (uint32_t i = 0; i < set->count; i++)
		if (ruleset_counters(set, i)->hits == 0)
			FAIL("%s: no question is decided by %s", c->title, set->rules[i].id.p);
}

static struct ruleset *load_clean(struct test_case *c)
{
	struct ruleset *set = load(c);

	if (!set)
		FAIL("%s: %s", c->title, err.msg);
	if (set->warnings->cnt > 0)
		FAIL("%s: " STR_FMT, c->title, STR_ARG(set->warnings->v[0]));
	EQ(judge(c, set), 0);
	return set;
}

T(examples)	/* S003 7.9, SEC-C1: no warning, no finding, the verdicts that their comments promise */
{
	struct str rest = read_table("tests/data/rules/examples.t");
	struct test_case c, all = { .title = "all examples together" };
	struct ruleset *set;

	setup();
	while (next_case(&rest, &c)) {
		c.files[c.file_cnt++] = read_rules("examples/", c.title);
		set = load_clean(&c);
		check_asked(&c, set);
		snap_put(&set->snap);
		all.files[all.file_cnt++] = c.files[0];
	}
	EQ(all.file_cnt, 5);
	set = load_clean(&all);
	snap_put(&set->snap);
}

T(installed_rules)	/* SEC-C1 */
{
	static const char *const names[] = { "10-demo-guards.yaml", "20-demo-web.yaml",
					     "30-demo-packages.yaml", "40-demo-github.yaml" };
	struct test_case c = { .title = "config/rules.d" };
	struct ruleset *set;

	setup();
	for (size_t i = 0; i < ARRAY_LEN(names); i++)
		c.files[c.file_cnt++] = read_rules("", names[i]);
	set = load_clean(&c);
	snap_put(&set->snap);
}

/* --- nothing is claimed that is not so -------------------------------------------------------- */

static uint64_t random_state;

static unsigned draw(unsigned below)	/* xorshift: the same sets in every run */
{
	random_state ^= random_state << 13;
	random_state ^= random_state >> 7;
	random_state ^= random_state << 17;
	return (unsigned)(random_state >> 33) % below;
}

#define DRAW(array) ((array)[draw((unsigned)ARRAY_LEN(array))])

static const char *const hosts[] = { "", "a.org", "b.org", "x.a.org", "evila.org" };
static const char *const agents[] = { "", "a", "ab" };
static const char *const headers[] = { NULL, "1", "7", "abc" };
static const uint16_t ports[] = { 0, 80, 443, 8443 };

static void add_text_test(struct buf *b, const char *field, const char *const *values, unsigned cnt)
{
	static const char *const calls[] = { "startsWith", "endsWith", "contains", "matches" };
	const char *v = values[draw(cnt)], *w = values[draw(cnt)];

	switch (draw(5)) {
	case 0:
		buf_printf(b, "%s == '%s'", field, v);
		return;
	case 1:
		buf_printf(b, "'%s' != %s", v, field);
		return;
	case 2:
		buf_printf(b, "%s in ['%s', '%s']", field, v, w);
		return;
	case 3:
		buf_printf(b, "%s.%s('%s')", field, DRAW(calls), v[0] ? v + draw(2) : v);
		return;
	default:
		buf_printf(b, "['%s', '%s'].%s(v, %s.endsWith(v))", v, w, draw(2) ? "exists" : "all",
			   field);
	}
}

static void add_test(struct buf *b)
{
	static const char *const orders[] = { "<", "<=", ">", ">=", "==", "!=" };
	static const char *const odd[] = { "true", "false", "http.host in []", "'x' in http.headers",
					   "http.headers['x'] == '1'", "int(http.headers['x']) > 3",
					   "int(http.headers['x']) == 1", "docker.image == 'a'",
					   "run.context['n'] == 1", "run.tool == 'a'",
					   "['a', 'b'].exists(v, v + agent.name == 'ab')",
					   "['a', 'b'].all(v, v + agent.name != 'aa')",
					   "['a', ''].all(v, size(v + agent.name) == 1)",
					   "['a', ''].exists(v, (v + agent.name).startsWith('a'))",
					   "network.port == 80 ? http.host == 'a.org' : false" };

	switch (draw(6)) {
	case 0:
		add_text_test(b, "dns.query", hosts, ARRAY_LEN(hosts));
		return;
	case 1:
	case 2:
		add_text_test(b, "http.host", hosts, ARRAY_LEN(hosts));
		return;
	case 3:
		add_text_test(b, "agent.name", agents, ARRAY_LEN(agents));
		return;
	case 4:
		buf_printf(b, "network.port %s %u", DRAW(orders), (unsigned)DRAW(ports));
		return;
	default:
		buf_add_c(b, DRAW(odd));
	}
}

static void add_condition(struct buf *b, unsigned depth)
{
	static const char *const joints[] = { " && ", " || " };
	const char *joint = DRAW(joints);
	unsigned cnt = 1 + draw(3);

	if (depth == 0 || draw(4) == 0) {
		add_test(b);
		return;
	}
	buf_add_c(b, draw(5) == 0 ? "!(" : "(");
	for (unsigned i = 0; i < cnt; i++) {
		buf_add_c(b, i ? joint : "");
		add_condition(b, depth - 1);
	}
	buf_add_byte(b, ')');
}

static struct ruleset *random_set(struct buf *b)
{
	struct test_case c = { .title = "random", .file_cnt = 1 };

	buf_reset(b);
	buf_add_c(b, "version: 1\nrules:\n");
	for (unsigned i = 0; i < 4; i++) {
		buf_printf(b, "- id: r%u\n  action: %s\n  condition: >-\n    ", i,
			   draw(2) ? "allow" : "block");
		add_condition(b, 2);
		buf_add_byte(b, '\n');
	}
	c.files[0] = (struct rule_source){ "f.yaml", buf_str(b) };
	return load(&c);
}

/* Asks the set about every request of that layer. */
static void ask_layer(const struct ruleset *set, unsigned layer, unsigned agent)
{
	unsigned total = ARRAY_LEN(hosts) * ARRAY_LEN(ports) * ARRAY_LEN(headers);

	for (unsigned i = 0; i < total; i++) {
		struct facts f = { .present = layer };
		const char *value = headers[i / ARRAY_LEN(hosts) / ARRAY_LEN(ports)];
		struct str host = str_of(hosts[i % ARRAY_LEN(hosts)]);
		struct fact_field field = { STR("x"), str_of(value) };
		struct verdict v;

		f.agent.name = str_of(agents[agent]);
		if (layer & FACT_DNS)
			f.dns.query = host;
		if (layer & FACT_HTTP) {
			f.http.host = host;
			f.http.headers = &field;
			f.http.header_cnt = value != NULL;
			f.network.port = ports[i / ARRAY_LEN(hosts) % ARRAY_LEN(ports)];
		}
		if (layer & FACT_RUN)
			f.run.tool = STR("a");
		f.docker.image = layer & FACT_DOCKER && i % 2 ? STR("a") : STR("");
		if (layer & FACT_DOCKER)
			(void)ruleset_refuses(set, &f, &scratch, &v);
		else
			ruleset_eval(set, &f, &scratch, &v);
	}
}

static void ask_everything(const struct ruleset *set)
{
	static const unsigned layers[] = { FACT_DNS | FACT_AGENT,
					   FACT_NETWORK | FACT_HTTP | FACT_AGENT,
					   FACT_NETWORK | FACT_HTTP | FACT_AGENT | FACT_RUN,
					   FACT_DOCKER | FACT_AGENT };

	for (unsigned i = 0; i < ARRAY_LEN(layers); i++)
		for (unsigned a = 0; a < ARRAY_LEN(agents); a++)
			ask_layer(set, layers[i], a);
}

T(claims_hold_for_random_rules)	/* shadowed and never-matches: such a rule decides no request */
{
	static char text[65536];
	struct buf b = BUF_OF(text);
	unsigned claims = 0;
	unsigned silent = 0;

	setup();
	random_state = 88172645463325252u;
	for (unsigned n = 0; n < 3000; n++) {
		struct ruleset *set = random_set(&b);
		struct lint_report r;

		if (!set)
			continue;
		r = lint(set);
		if (r.cnt > 0)
			ask_everything(set);
		for (size_t i = 0; i < r.cnt; i++) {
			uint32_t at = ruleset_find(set, r.v[i].name);

			if (r.v[i].kind != LINT_SHADOWED && r.v[i].kind != LINT_NEVER_MATCHES)
				continue;
			claims++;
			if (ruleset_counters(set, at)->hits > 0)
				FAIL("it decides: %s\n%s", line_of(&r.v[i]), buf_c(&b));
		}
		silent += r.cnt == 0;
		snap_put(&set->snap);
		arena_reset(&arena);
	}
	printf("# %u claims, %u sets without a finding\n", claims, silent);
	OK(claims > 500);
}

/* --- large sets ------------------------------------------------------------------------------- */

typedef void write_condition(struct buf *b, unsigned i);

/* One set of cnt rules. */
static struct lint_report lint_many(unsigned cnt, const char *what, write_condition *write)
{
	static char text[4 * MAX_RULE_FILE_BYTES];
	struct buf b = BUF_OF(text);
	struct test_case c = { .title = "large" };
	struct ruleset *set;
	struct lint_report r;
	uint64_t start;

	setup();
	arena_init(&arena, (size_t)1 << 30);
	for (unsigned i = 0; i < cnt; i++) {
		if (i % 5000 == 0) {
			c.files[c.file_cnt].name = "f.yaml";
			c.files[c.file_cnt++].text.p = b.p + b.len;
			buf_add_c(&b, "version: 1\nrules:\n");
		}
		buf_printf(&b, "- {id: r%u, action: allow, condition: '", i);
		write(&b, i);
		buf_add_c(&b, "'}\n");
		c.files[c.file_cnt - 1].text.len = (size_t)(b.p + b.len - c.files[c.file_cnt - 1].text.p);
	}
	set = buf_ok(&b) ? load(&c) : NULL;
	if (!set)
		FAIL("%s", err.msg);
	start = clock_mono_ms();
	r = lint(set);
	printf("# %u rules, %s: %zu findings, %llu ms\n", cnt, what, r.cnt,
	       (unsigned long long)(clock_mono_ms() - start));
	snap_put(&set->snap);
	return r;
}

static void write_host(struct buf *b, unsigned i)
{
	buf_printf(b, "agent.name == \"ci\" && (dns.query == \"h%u.org\" || http.host == \"h%u.org\")", i, i);
}

static void write_suffix(struct buf *b, unsigned i)
{
	buf_printf(b, "dns.query.endsWith(\".h%u.org\") || http.host.endsWith(\".h%u.org\")", i, i);
}

static void write_bomb(struct buf *b, unsigned i)
{
	static const char list[] = "[\"a\", \"b\", \"c\", \"d\", \"e\", \"f\", \"g\", \"h\"]";

	buf_printf(b, "%s.exists(a, %s.exists(b, %s.exists(c, %s.exists(d, %s.exists(e, http.host.endsWith"
		      "(a + b + c + d + e + \"%u\"))))))", list, list, list, list, list, i);
}

static void write_path(struct buf *b, unsigned i)
{
	buf_printf(b, "http.path == \"/%u\" && run.tool == \"t%u\"", i, i);
}

T(large_sets)	/* the work has a limit, and what exceeds it is said */
{
	struct lint_report r;

#ifdef __SANITIZE_THREAD__
	SKIP("one thread and much work: nothing for the thread sanitizer");
#endif
	r = lint_many(20000, "hosts", write_host);
	EQ(r.cnt, 0);
	OK(!r.partial);
	r = lint_many(10000, "suffixes", write_suffix);
	EQ(r.cnt, 0);
	OK(!r.partial);
	r = lint_many(20000, "paths", write_path);
	EQ(r.cnt, 0);
	OK(r.partial);
	r = lint_many(300, "loops in loops", write_bomb);
	OK(r.partial);
	arena_fini(&arena);
	arena_fini(&scratch);
}
