/* ruleidx_test.c - the index over rules: equal to looking at every rule, and without the heap
 *
 * S003 section 2: "Indexed and naive result are equal (property test)", "No heap allocation during
 * evaluation".
 */
#include "base/log.h"
#include "policy/load.h"
#include "policy/ruleidx.h"
#include "t.h"

static struct arena scratch;
static struct err err;

static void prepare(void)
{
	if (!scratch.head && (arena_init_fixed(&scratch, 256 * 1024) < 0 ||
			      log_set_levels(STR("error"), &err) < 0))
		FAIL("%s", err.msg);
}

static struct ruleset *load(const char *text)
{
	struct rule_source src = { "f.yaml", str_of(text) };
	struct load_opts opts = { .ca_loaded = false };
	struct ruleset *set;

	prepare();
	if (ruleset_load(&src, 1, &opts, &set, &err) < 0)
		FAIL("%s", err.msg);
	return set;
}

/* --- no heap ---------------------------------------------------------------------------------- */

#if defined(__GLIBC__) && !defined(__SANITIZE_ADDRESS__) && !defined(__SANITIZE_THREAD__)
#define COUNTS_HEAP 1
extern void *__libc_malloc(size_t n);
extern void *__libc_calloc(size_t n, size_t size);
extern void *__libc_realloc(void *p, size_t n);
static volatile unsigned long heap_calls;	/* compilers trust malloc to touch nothing */

void *malloc(size_t n)
{
	heap_calls++;
	return __libc_malloc(n);
}

void *calloc(size_t n, size_t size)
{
	heap_calls++;
	return __libc_calloc(n, size);
}

void *realloc(void *p, size_t n)
{
	heap_calls++;
	return __libc_realloc(p, n);
}
#endif

T(no_heap_in_an_evaluation)	/* S003 section 2 */
{
#ifdef COUNTS_HEAP
	static const char text[] =
		"version: 1\nrules:\n"
		"- {id: number, condition: 'int(http.path) > 3', action: block}\n"
		"- {id: key, condition: 'http.headers[\"x\"] == \"1\"', action: allow}\n"
		"- {id: re, condition: 'http.path.matches(\"^/(a|b)+$\")', action: allow}\n"
		"- {id: dyn-re, condition: 'http.path.matches(http.method + \"x\")', action: allow}\n"
		"- {id: list, condition: 'http.path.split(\"/\").map(p, p + \"!\").exists(p, p == "
		"\"c!\")', action: allow}\n"
		"- {id: fmt, condition: '\"%s\".format([http.path]) == \"z\"', action: allow}\n"
		"- {id: ip, condition: 'cidr(\"10.0.0.0/8\").containsIP(network.ip)', action: allow}\n"
		"- {id: host, condition: 'http.host.endsWith(\".a.test\")', action: allow}\n";
	struct facts f = { .present = FACT_HTTP | FACT_NETWORK | FACT_AGENT };
	struct ruleset *set = load(text);
	struct verdict v;
	unsigned long before, used;

	f.http.path = STR("/x/y/1");
	f.http.host = STR("b.a.test");
	f.http.method = STR("GET");
	for (uint32_t i = 0; i < set->count; i++) {	/* and each rule alone, the first blocks */
		struct ruleset one = { .rules = &set->rules[i], .count = 1,
				       .counters = set->counters };

		before = heap_calls;
		ruleset_eval(&one, &f, &scratch, &v);
		used = heap_calls - before;
		EQ(used, 0);
	}
	before = heap_calls;
	ruleset_eval(set, &f, &scratch, &v);
	used = heap_calls - before;
	EQ(used, 0);
	void *volatile p = malloc(1);
	free(p);
	OK(heap_calls > before);	/* it is counted at all */
	snap_put(&set->snap);
#else
	SKIP("the heap cannot be watched in this configuration");
#endif
}

/* --- indexed and naive are equal -------------------------------------------------------------- */

#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
#define SETS 300		/* sanitizers take ten times as long */
#else
#define SETS 3000
#endif
#define CONTEXTS 400		/* 1.2 million evaluations each way */
#define RULES_EACH 30

static uint64_t seed;

static uint32_t any(uint32_t n)
{
	seed ^= seed << 13;
	seed ^= seed >> 7;
	seed ^= seed << 17;
	return (uint32_t)((seed >> 16) % n);
}

#define ONE_OF(list) ((list)[any(ARRAY_LEN(list))])

static const char *const names[] = {
	"", "a.test", "b.test", "x.a.test", "xa.test", "y.x.a.test", "a.test.evil", "test", "c",
	"10.0.0.1", "ci", "ci-1",
};
static const char *const parts[] = { ".test", "a.test", ".a.test", "x", "x.", "a", "t", "10.", "ci",
				     "ci-", "a.test.evil" };
static const char *const fields[] = { "http.host", "dns.query", "network.hostname", "network.ip",
				      "agent.name" };
static const char *const ports[] = { "0", "80", "443", "8080" };

static void add_list(struct buf *b, const char *const *from, uint32_t from_cnt, const char *quote)
{
	uint32_t n = any(4);

	buf_add_c(b, "[");
	for (uint32_t i = 0; i < n; i++)
		buf_printf(b, "%s%s%s%s", i ? ", " : "", quote, from[any(from_cnt)], quote);
	buf_add_c(b, "]");
}

static void add_field_test(struct buf *b)
{
	const char *f = ONE_OF(fields);

	switch (any(10)) {
	case 0: case 1:
		buf_printf(b, "%s == \"%s\"", f, ONE_OF(names));
		break;
	case 2:
		buf_printf(b, "\"%s\" == %s", ONE_OF(names), f);
		break;
	case 3:
		buf_printf(b, "%s != \"%s\"", f, ONE_OF(names));
		break;
	case 4:
		buf_printf(b, "%s in ", f);
		add_list(b, names, ARRAY_LEN(names), "\"");
		break;
	case 5:
		buf_printf(b, "%s.startsWith(\"%s\")", f, ONE_OF(parts));
		break;
	case 6:
		buf_printf(b, "%s.endsWith(\"%s\")", f, ONE_OF(parts));
		break;
	case 7:
		buf_printf(b, "[\"%s\", \"%s\"].exists(s, %s.endsWith(s))", ONE_OF(parts),
			   ONE_OF(parts), f);
		break;
	case 8:
		buf_printf(b, "[\"%s\", \"%s\"].exists(s, %s == s || %s.endsWith(\".\" + s))",
			   ONE_OF(names), ONE_OF(names), f, f);
		break;
	default:
		buf_printf(b, "%s.contains(\"%s\")", f, ONE_OF(parts));
		break;
	}
}

static void add_other_test(struct buf *b)
{
	static const char *const tests[] = {
		"true", "false", "http.method == \"GET\"", "http.headers[\"x\"] == \"1\"",
		"int(http.headers[\"x\"]) > 3", "int(http.path) > 3", "\"x\" in http.headers",
		"ip(network.ip).family() == 4", "network.port > 100", "dyn(network.port) == 443.0",
		"run.args[0] == \"a\"", "dyn(http.host)", "dyn(network.port) == 443u",
		"dyn(http.host) in [\"a.test\", 1]", "network.port == int(dns.query)",
		"http.host in dyn([\"a.test\", 1])", "http.host == dyn(\"a.test\")",
		"http.host == dyn(1)", "http.host in {\"a.test\": 1}", "has(http.host)",
		"network.port in [443, 80u]", "network.port in dyn([443.0, 80])",
		"network.port == dyn(443u)", "dyn(80.0) == network.port",
		"dyn(network.port).startsWith(\"x\")", "http.host.startsWith(\"\")",
		"http.host.endsWith(\"\")", "[80, 443].exists(i, p, network.port == i)",
		"[\"a.test\", \"b.test\"].all(s, http.host != s)",
		"[\"a.test\", \"test\"].exists_one(s, http.host.endsWith(s))",
		"[\"\", \"x\"].all(s, http.host.startsWith(s))",
		"[dyn(\"x\"), 1].exists(s, http.host.endsWith(s))",
		"[dyn(\"x\"), 1].exists(s, http.host == s)",
		"[].all(s, http.host == s)", "(http.host == \"a.test\") == false",
		"[443].exists(p, network.port == p)",
		"[\"a\"].exists(s, http.host == s + \".test\" && int(http.path) > 3)",
		"[\"a\"].exists(s, [\".test\"].exists(t, http.host == s + t))",
	};

	switch (any(3)) {
	case 0:
		buf_printf(b, "network.port == %s", ONE_OF(ports));
		break;
	case 1:
		buf_add_c(b, "network.port in ");
		add_list(b, ports, ARRAY_LEN(ports), "");
		break;
	default:
		buf_add_c(b, ONE_OF(tests));
		break;
	}
}

static void add_condition(struct buf *b, unsigned depth)
{
	static const char *const joins[] = { " && ", " || ", " && ", " || ", " ? true : " };

	if (depth == 0 || any(3) == 0) {
		if (any(4) == 0)
			add_other_test(b);
		else
			add_field_test(b);
		return;
	}
	if (any(8) == 0)
		buf_add_c(b, "!");
	buf_add_c(b, "(");
	add_condition(b, depth - 1);
	buf_add_c(b, ONE_OF(joins));
	add_condition(b, depth - 1);
	buf_add_c(b, ")");
}

/* A random condition that the checker accepts. */
static void add_good_condition(struct buf *b)
{
	const struct cel_prog *prog;
	size_t start = b->len;
	struct arena a;
	int rc;

	do {
		b->len = start;
		add_condition(b, 3);
		arena_init(&a, 1 << 24);
		rc = cel_compile(&a, cel_env_facts(), str_n(b->p + start, b->len - start), &prog,
				 &err);
		arena_fini(&a);
	} while (rc < 0);
}

static struct ruleset *random_set(void)
{
	static char text[1 << 16];
	struct buf b = BUF_OF(text);
	uint32_t n = 1 + any(RULES_EACH);

	buf_add_c(&b, "version: 1\nrules:\n");
	for (uint32_t i = 0; i < n; i++) {
		buf_printf(&b, "- {id: r%u, priority: %u, action: %s, condition: '", i, any(3),
			   any(2) ? "allow" : "block");
		add_good_condition(&b);
		buf_add_c(&b, "'}\n");
	}
	OK(buf_ok(&b));
	return load(buf_c(&b));
}

static struct str name(void)
{
	return str_of(ONE_OF(names));
}

static struct facts random_facts(void)
{
	static const unsigned layers[] = { FACT_DNS | FACT_AGENT,
					   FACT_NETWORK | FACT_HTTP | FACT_AGENT,
					   FACT_RUN | FACT_NETWORK | FACT_AGENT, 0 };
	static const uint16_t port[] = { 0, 80, 443, 8080 };
	static const struct fact_field header[] = { { { "x", 1 }, { "1", 1 } },
						    { { "x", 1 }, { "abc", 3 } } };
	struct facts f = { .present = ONE_OF(layers) };

	if (f.present & FACT_DNS)
		f.dns.query = name();
	if (f.present & FACT_AGENT)
		f.agent.name = name();
	if (f.present & FACT_NETWORK) {
		f.network.hostname = name();
		f.network.ip = any(2) ? STR("10.0.0.1") : STR("");
		f.network.port = ONE_OF(port);
		f.network.protocol = STR("tcp");
	}
	if (f.present & FACT_HTTP) {
		f.http.host = name();
		f.http.method = any(2) ? STR("GET") : STR("POST");
		f.http.path = any(2) ? STR("/") : STR("7");
		f.http.headers = &header[any(2)];
		f.http.header_cnt = any(2);
	}
	return f;
}

static bool same(const struct verdict *a, const struct verdict *b)
{
	return a->kind == b->kind && a->why == b->why && a->order == b->order &&
	       strcmp(a->rule_id, b->rule_id) == 0;
}

static uint64_t visited, possible;

static void count_visits(const struct ruleset *set, const struct facts *f)
{
	struct ruleidx_walk walk;

	ruleidx_begin(set->index, f, set->count, &walk);
	while (ruleidx_next(&walk) < set->count)
		visited++;
	possible += set->count;
}

static void compare(const struct ruleset *set, uint64_t set_seed)
{
	static struct rule_counters counters[RULES_EACH + 1];
	struct ruleset naive = { .rules = set->rules, .count = set->count, .counters = counters };
	struct verdict a, b;

	memset(counters, 0, sizeof(counters));
	for (unsigned i = 0; i < CONTEXTS; i++) {
		struct facts f = random_facts();

		ruleset_eval(set, &f, &scratch, &a);
		ruleset_eval(&naive, &f, &scratch, &b);
		if (!same(&a, &b))
			FAIL("seed %llu, context %u: indexed gives %s, naive %s",
			     (unsigned long long)set_seed, i, a.rule_id, b.rule_id);
		count_visits(set, &f);
	}
	for (uint32_t i = 0; i <= set->count; i++) {
		if (counters[i].hits != set->counters[i].hits ||
		    counters[i].errors != set->counters[i].errors)
			FAIL("seed %llu: counters of rule %u differ", (unsigned long long)set_seed,
			     i);
	}
}

T(indexed_and_naive_are_equal)	/* S003 section 2, 10^6 evaluations */
{
	prepare();
	for (uint64_t n = 1; n <= SETS; n++) {
		struct ruleset *set;

		seed = n * 0x9e3779b97f4a7c15u;
		set = random_set();
		compare(set, n);
		snap_put(&set->snap);
	}
	OK(visited < possible * 3 / 4);	/* it does leave rules out */
}

/* --- single properties ------------------------------------------------------------------------ */

static uint32_t visits(const struct ruleset *set, const struct facts *f)
{
	struct ruleidx_walk walk;
	uint32_t n = 0;

	ruleidx_begin(set->index, f, set->count, &walk);
	while (ruleidx_next(&walk) < set->count)
		n++;
	return n;
}

static struct facts http(const char *host)
{
	struct facts f = { .present = FACT_HTTP | FACT_NETWORK | FACT_AGENT };

	f.http.host = f.network.hostname = str_of(host);
	f.network.port = 443;
	f.agent.name = STR("ci");
	return f;
}

T(only_candidates_are_visited)
{
	struct ruleset *set = load(
		"version: 1\nrules:\n"
		"- {id: a, condition: 'http.host == \"a.test\"', action: allow}\n"
		"- {id: b, condition: 'http.host in [\"b.test\", \"c.test\"]', action: allow}\n"
		"- {id: s, condition: 'http.host.endsWith(\".s.test\")', action: allow}\n"
		"- {id: p, condition: 'http.host.startsWith(\"www.\")', action: allow}\n"
		"- {id: t, condition: 'agent.name == \"ci\" && http.host == \"t.test\"', "
		"action: allow}\n"
		"- {id: o, condition: 'dns.query == \"o.test\" || http.host == \"o.test\"', "
		"action: allow}\n"
		"- {id: never, condition: 'http.host in []', action: allow}\n"
		"- {id: port, condition: 'network.port == 22', action: block}\n");
	struct {
		const char *host;
		uint32_t want;
	} cases[] = {
		{ "a.test", 1 }, { "c.test", 1 }, { "x.s.test", 1 }, { "s.test", 0 },
		{ "www.s.test", 2 }, { "t.test", 1 }, { "o.test", 1 }, { "", 0 }, { "z", 0 },
	};

	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		struct facts f = http(cases[i].host);

		if (visits(set, &f) != cases[i].want)
			FAIL("%s: %u rules", cases[i].host, visits(set, &f));
	}
	snap_put(&set->snap);
}

/* More lists than there is room for: nothing may be missed. */
T(too_many_lists_are_all_rules)
{
	static char text[1 << 16], host[128];
	struct buf b = BUF_OF(text);
	struct ruleset *set;
	struct verdict v;
	struct facts f;

	memset(host, 'a', 100);
	buf_add_c(&b, "version: 1\nrules:\n");
	for (int i = 1; i <= 100; i++)
		buf_printf(&b,
			   "- {id: r%d, condition: 'http.host.endsWith(\"%.*s\") && http.path == "
			   "\"%d\"', action: allow}\n", i, i, host, i);
	set = load(buf_c(&b));
	f = http(host);
	for (int i = 1; i <= 100; i++) {
		char path[8];

		snprintf(path, sizeof(path), "%d", i);
		f.http.path = str_of(path);
		ruleset_eval(set, &f, &scratch, &v);
		EQ(v.kind, VERDICT_ALLOW);
		EQ(v.order, i - 1);
	}
	snap_put(&set->snap);
}

T(long_keys_and_long_values)
{
	static char text[4096], host[1000];
	struct buf b = BUF_OF(text);
	struct ruleset *set;
	struct verdict v;
	struct facts f;

	memset(host, 'a', 999);
	buf_printf(&b, "version: 1\nrules:\n"
		   "- {id: long, condition: 'http.host == \"%.300s\"', action: allow}\n"
		   "- {id: tail, condition: 'http.host.endsWith(\"%.255s\")', action: allow}\n",
		   host, host);
	set = load(buf_c(&b));
	f = http(host);
	ruleset_eval(set, &f, &scratch, &v);
	STR_EQ(v.rule_id, "tail");
	f.http.host = str_n(host, 300);
	ruleset_eval(set, &f, &scratch, &v);
	STR_EQ(v.rule_id, "long");
	f.http.host = str_n(host, 254);
	ruleset_eval(set, &f, &scratch, &v);
	STR_EQ(v.rule_id, "");
	snap_put(&set->snap);
}
