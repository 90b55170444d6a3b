/* CEL: messages of the checker, rules of D4, cost limits, limits of size, byte code. The language
 * itself is judged by cel_conformance_test.c. */
#include "t.h"

#include <time.h>

#include "policy/cel.h"
#include "policy/cel_ast.h"
#include "policy/cel_keys.h"
#include "policy/cel_tagged.h"

static struct arena prog, scratch, sources;
static char text[8192];

static void fresh(void)
{
	arena_fini(&prog);
	arena_init(&prog, 256u << 20);
	if (!scratch.mapped)
		OK(arena_init_fixed(&scratch, 12u << 20) == 0);
	arena_reset(&scratch);
}

/* The error of compiling a rule condition, "" when it compiles. */
static const char *refusal(const char *expr)
{
	const struct cel_prog *p;
	struct err e;

	fresh();
	if (cel_compile(&prog, cel_env_facts(), str_of(expr), &p, &e) == 0)
		return "";
	snprintf(text, sizeof(text), "%s", e.msg);
	return text;
}

static const struct cel_prog *compile_as(const struct cel_env *env, struct str expr)
{
	const struct cel_prog *p = NULL;
	struct err e;

	fresh();
	if (cel_compile(&prog, env, expr, &p, &e) < 0)
		FAIL("%.*s: %s", (int)(expr.len > 200 ? 200 : expr.len), expr.p, e.msg);
	return p;
}

static struct cel_value eval_on(const char *expr, const struct facts *f)
{
	struct cel_budget budget = CEL_BUDGET_INIT;

	return cel_eval_facts(compile_as(cel_env_facts(), str_of(expr)), f, &scratch, &budget);
}

static enum cel_outcome outcome_on(const char *expr, const struct facts *f)
{
	return cel_outcome(eval_on(expr, f));
}

/* The value of an expression without variables, as text; errors with their position. */
static const char *value(const char *expr)
{
	static const struct cel_env env;
	const struct cel_prog *p = compile_as(&env, str_of(expr));
	struct cel_budget budget = CEL_BUDGET_INIT;
	struct cel_value v = cel_eval_vars(p, NULL, &scratch, &budget);
	struct buf b = BUF_OF(text);

	if (v.kind == CEL_ERROR)
		cel_outcome_text(p, v, &b);
	else
		cel_value_text(v, &b);
	return buf_c(&b);
}

static const char *unchecked(const char *expr)
{
	static const struct cel_env env = { .no_check = true };
	const struct cel_prog *p = compile_as(&env, str_of(expr));
	struct cel_budget budget = CEL_BUDGET_INIT;
	struct cel_value v = cel_eval_vars(p, NULL, &scratch, &budget);
	struct buf b = BUF_OF(text);

	cel_value_text(v, &b);
	return buf_c(&b);
}

static const struct fact_field some_headers[] = {
	{ { "accept", 6 }, { "text/html", 9 } },
	{ { "x-level", 7 }, { "abc", 3 } },
};
static const struct str some_args[] = { { "push", 4 }, { "-f", 2 } };

static struct facts request(void)
{
	struct facts f = { .present = FACT_HTTP | FACT_NETWORK | FACT_AGENT | FACT_RUN };

	f.http.host = STR("api.github.com");
	f.http.method = STR("GET");
	f.http.path = STR("/repos/a?b=1");
	f.http.headers = some_headers;
	f.http.header_cnt = ARRAY_LEN(some_headers);
	f.http.body_size = 7;
	f.network.port = 443;
	f.agent.name = STR("bot");
	f.run.tool = STR("git");
	f.run.args = (struct fact_strs){ some_args, ARRAY_LEN(some_args) };
	f.run.flags = (struct fact_strs){ some_args + 1, 1 };
	return f;
}

T(every_field_can_be_read)		/* S003-SC-014, S003-FR-005.g */
{
	static const char *const zero[] = {
		"network.hostname == ''",
		"network.ip == ''",
		"network.port == 0",
		"network.protocol == ''",
		"http.method == ''",
		"http.path == ''",
		"http.host == ''",
		"http.scheme == ''",
		"http.headers == {} && size(http.headers) == 0",
		"http.body_size == 0",
		"http.body == null",
		"dns.query == ''",
		"dns.record_type == ''",
		"docker.image == ''",
		"docker.command == []",
		"docker.volumes == []",
		"docker.env_keys == []",
		"docker.capabilities == []",
		"run.tool == ''",
		"run.cwd == ''",
		"run.args == []",
		"run.flags == []",
		"run.context == {}",
		"agent.name == ''",
		"has(http.method)",
		"http['method'] == ''",
		"!(\"x\" in http.headers)",
	};
	static const struct facts none;

	for (size_t i = 0; i < ARRAY_LEN(zero); i++)
		if (outcome_on(zero[i], &none) != CEL_OUT_TRUE)
			FAIL("not true on zero facts: %s", zero[i]);
}

T(fields_have_the_values_of_the_request)	/* S003-AS-001, AS-002 */
{
	static const char *const yes[] = {
		"http.host == 'api.github.com' && http.method == 'GET'",
		"run.tool == 'git' && '-f' in run.flags && run.args[0] == 'push'",
		"http.headers['accept'] == 'text/html' && 'x-level' in http.headers",
		"http.headers.accept.startsWith('text/')",
		"network.port in [80, 443]",
		"http.host in ['github.com', 'api.github.com']",
		"http.host.endsWith('.github.com')",
		"http.path.startsWith('/repos/') && http.path.matches('^/repos/[a-z]+[?]')",
		"agent.name == 'bot' && (dns.query == 'h' || http.host == 'api.github.com')",
		"http.body_size > 5 && http.body_size < 8 && network.port != 80",
		"run.args.exists(a, a == '-f') && !run.args.all(a, a == '-f')",
		"http.headers.exists(k, v, k == 'accept' && v.contains('html'))",
		"http.headers[?'none'].orValue('x') == 'x'", "http.host != 'x' ? true : false",
		"['.github.com', '.gitlab.com'].exists(d, http.host.endsWith(d))",
		"cel.bind(h, http.host, h.startsWith('api') && h.endsWith('com'))",
		"run.args.map(a, size(a)) == [4, 2]", "run.args + ['x'] == ['push', '-f', 'x']",
	};
	struct facts f = request();

	for (size_t i = 0; i < ARRAY_LEN(yes); i++)
		if (outcome_on(yes[i], &f) != CEL_OUT_TRUE)
			FAIL("not true: %s", yes[i]);
}

T(syntax_errors_name_the_place)		/* S003-EC-001 */
{
	STR_EQ(refusal("network.hostname =="),
	       "1:20: unexpected end of the expression, expected an expression");
	STR_EQ(refusal("true &&\n  )"), "2:3: unexpected ')', expected an expression");
	STR_EQ(refusal("http.host == \"x"), "1:14: unterminated string literal");
	STR_EQ(refusal("'a' + '\\q' == ''"), "1:8: invalid escape sequence");
	STR_EQ(refusal("'\xc3\xa9' == $x"), "1:8: unexpected character");
	STR_EQ(refusal("while == 1"), "1:1: 'while' is a reserved word");
	STR_EQ(refusal("9223372036854775808 == 1"), "1:1: integer literal is out of range");
	STR_EQ(refusal("18446744073709551616u == 1u"),
	       "1:1: integer literal is malformed or out of range");
	STR_EQ(refusal("Msg{f: 1} == 1"), "1:4: message construction is not supported");
	STR_EQ(refusal("has(http)"), "1:1: has() needs a field selection such as has(a.b)");
	STR_EQ(refusal("[1].all(x, x, true)"), "1:12: variable 'x' is declared twice");
	STR_EQ(refusal("'\xff' == ''"), "1:2: source is not valid UTF-8");
	STR_EQ(refusal("f(1,) == 1"), "1:5: unexpected ')', expected an expression");
	STR_EQ(refusal("1 2"), "1:3: unexpected '2', expected an operator or the end");
	STR_EQ(refusal(""), "1:1: unexpected end of the expression, expected an expression");
}

T(unknown_names_suggest_the_nearest)	/* S003-FR-015.g */
{
	STR_EQ(refusal("network.dst == ''"),
	       "1:9: unknown field \"network.dst\"; did you mean \"network.ip\"?");
	STR_EQ(refusal("http.hots == 'x'"),
	       "1:6: unknown field \"http.hots\"; did you mean \"http.host\"?");
	STR_EQ(refusal("http['pth'] == 'x'"),
	       "1:5: unknown field \"http.pth\"; did you mean \"http.path\"?");
	STR_EQ(refusal("has(dns.qery)"),
	       "1:9: unknown field \"dns.qery\"; did you mean \"dns.query\"?");
	STR_EQ(refusal("htp.host == 'x'"),
	       "1:1: undeclared reference to \"htp\"; did you mean \"http\"?");
	STR_EQ(refusal("action_type == 'x'"), "1:1: undeclared reference to \"action_type\"");
	STR_EQ(refusal("[1].exists(item, itm == 1)"),
	       "1:18: undeclared reference to \"itm\"; did you mean \"item\"?");
	STR_EQ(refusal("http.host.endWith('x')"),
	       "1:11: undeclared function \"endWith\"; did you mean \"endsWith\"?");
	STR_EQ(refusal("getX(1)"), "1:1: undeclared function \"getX\"");
	STR_EQ(refusal("http"), "1:1: \"http\" is not a value; name one of its fields");
	STR_EQ(refusal("dyn"), "1:1: undeclared reference to \"dyn\"; did you mean \"dns\"?");
}

T(wrong_types_are_refused)		/* S003-FR-015.g, S003-EC-012 */
{
	STR_EQ(refusal("http.host"), "1:6: condition must be bool, is string");
	STR_EQ(refusal("network.port == '443'"), "1:14: no matching overload for ==(int, string)");
	STR_EQ(refusal("1 + 1.0 == 2.0"), "1:3: no matching overload for +(int, double)");
	STR_EQ(refusal("'a' in 'abc'"), "1:5: no matching overload for in(string, string)");
	STR_EQ(refusal("http.host && true"), "1:11: no matching overload for &&(string)");
	STR_EQ(refusal("true && http.host"), "1:6: no matching overload for &&(bool, string)");
	STR_EQ(refusal("!http.host"), "1:1: no matching overload for !(string)");
	STR_EQ(refusal("http.host.size == 1"),
	       "1:11: type string does not support field selection");
	STR_EQ(refusal("http.host['a'] == ''"),
	       "1:10: no matching overload for [](string, string)");
	STR_EQ(refusal("http.host.all(c, true)"), "1:11: all() needs a list or a map, not string");
	STR_EQ(refusal("run.args.exists(a, a)"), "1:20: no matching overload for exists(string)");
	STR_EQ(refusal("run.args.exists(a, a == 1)"),
	       "1:22: no matching overload for ==(string, int)");
	STR_EQ(refusal("(true ? 1 : 'a') == 1"),
	       "1:7: no matching overload for ?:(bool, int, string)");
	STR_EQ(refusal("http.headers == run.args"),
	       "1:14: no matching overload for ==(map(string, string), list(string))");
	STR_EQ(refusal("http.host.contains(1)"),
	       "1:11: no matching overload for contains(string, int)");
	STR_EQ(refusal("size(1) == 1"), "1:1: no matching overload for size(int)");
	STR_EQ(refusal("{[1]: 2} == {}"), "1:2: unsupported key type list");
	STR_EQ(refusal("http.body == 'x'"), "");		/* dyn */
	STR_EQ(refusal("run.context.action == 'x'"), "");
	STR_EQ(refusal("http.body"), "");
}

T(comparisons_that_can_never_hold)	/* S003 section 3.3 */
{
	static const char host[] =
		"comparison can never hold: http.host is lower case without a trailing dot";

	HAS(refusal("http.host == 'GitHub.com'"), host);
	HAS(refusal("'GitHub.com' != http.host"), host);
	HAS(refusal("http.host == 'github.com.'"), host);
	HAS(refusal("http.host in ['a.b', 'A.b']"), host);
	HAS(refusal("http.host.endsWith('.GitHub.com')"), host);
	HAS(refusal("dns.query.startsWith('API.')"), "dns.query is lower case");
	HAS(refusal("http.method == 'get'"),
	    "1:16: comparison can never hold: http.method is upper case");
	HAS(refusal("dns.record_type == 'aaaa'"), "dns.record_type is upper case");
	HAS(refusal("network.port == 65536"), "network.port is 0 to 65535");
	HAS(refusal("network.port > -1"), "network.port is 0 to 65535");
	HAS(refusal("network.port in [80, 99999]"), "network.port is 0 to 65535");
	HAS(refusal("network.protocol == 'icmp'"), "network.protocol is \"tcp\" or \"udp\"");
	STR_EQ(refusal("http.host == '' || network.port == 0 || network.protocol == '' || http.method == ''"),
	       "");
	STR_EQ(refusal("http.host.contains('.')"), "");
	STR_EQ(refusal("http.path == '/A.' || agent.name == 'B.'"), "");
}

T(bad_literal_patterns_are_refused_at_load)
{
	HAS(refusal("http.path.matches('(')"), "1:19: invalid regular expression");
	STR_EQ(unchecked("matches('a', '(') || true"), "true");
	HAS(unchecked("matches('a', '(')"), "invalid regular expression: ");
}

T(absence_is_told_from_other_errors)	/* D4 */
{
	struct facts f = request();

	EQ(outcome_on("int(http.headers['x']) > 3", &f), CEL_OUT_ABSENCE);
	EQ(outcome_on("http.headers.nope == 'x'", &f), CEL_OUT_ABSENCE);
	EQ(outcome_on("run.args[7] == 'x'", &f), CEL_OUT_ABSENCE);
	EQ(outcome_on("http.headers[?'x'].value() == 'x'", &f), CEL_OUT_ABSENCE);
	EQ(outcome_on("int(http.headers['x-level']) > 3", &f), CEL_OUT_ERROR);
	EQ(outcome_on("http.body_size / (network.port - 443) == 1", &f), CEL_OUT_ERROR);
	EQ(outcome_on("run.context == {} ? dyn(1) : dyn(true)", &f), CEL_OUT_ERROR);
	EQ(outcome_on("http.headers['x'] == 'y' || true", &f), CEL_OUT_TRUE);
	EQ(outcome_on("http.headers['x'] == 'y' && false", &f), CEL_OUT_FALSE);
	EQ(outcome_on("true && dyn(1)", &f), CEL_OUT_ERROR);
	EQ(outcome_on("http.host == 'api.github.com' && dyn('x')", &f), CEL_OUT_ERROR);
	EQ(outcome_on("http.body == null ? http.headers['x'] == '' : true", &f), CEL_OUT_ABSENCE);
}

T(outcomes_have_texts)
{
	struct facts f = request();
	const struct cel_prog *p =
		compile_as(cel_env_facts(), STR("http.host == '' ||\n http.headers['x'] == ''"));
	struct cel_budget budget = CEL_BUDGET_INIT;
	struct buf b = BUF_OF(text);

	cel_outcome_text(p, cel_eval_facts(p, &f, &scratch, &budget), &b);
	STR_EQ(buf_c(&b), "2:14: no such key: \"x\"");
	buf_reset(&b);
	cel_outcome_text(p, cel_string(STR("secret")), &b);
	STR_EQ(buf_c(&b), "condition evaluated to non-bool: string");
	STR_EQ(value("1/0"), "1:2: division by zero");
	STR_EQ(value("dyn(1) + 'a'"), "1:8: no such overload: +(int, string)");
	STR_EQ(value("int('x')"), "1:1: conversion error: string to int");
	STR_EQ(value("{1: 2}[3]"), "1:7: no such key: 3");
	/* A double is exactly one key: == of numbers is lossy, look-ups are not. */
	STR_EQ(value("{9007199254740993: 1}[dyn(9007199254740992.0)]"),
	       "1:22: no such key: 9007199254740992");
	STR_EQ(value("{9007199254740992: 1}[dyn(9007199254740992.0)]"), "1");
	STR_EQ(value("{18446744073709551615u: 1}[dyn(18446744073709551616.0)]"),
	       "1:27: no such key: 18446744073709552000");
	STR_EQ(value("dyn(1.5) in {1: 1}"), "false");
	STR_EQ(value("{dyn(1): 2, dyn(1u): 3}"), "1:13: repeated key: 1u");
	HAS(value("'a'.matches(cel.bind(p, '(', p))"), "invalid regular expression: ");
}

T(long_messages_are_cut_not_lost)
{
	char src[2048];
	struct buf b = BUF_OF(src);

	buf_add_c(&b, "1 == {");
	for (int i = 0; i < 60; i++)
		buf_add_c(&b, "'k': {");
	buf_add_c(&b, "'k': 1u");
	for (int i = 0; i < 61; i++)
		buf_add_c(&b, "}");
	HAS(refusal(buf_c(&b)), "1:3: no matching overload for ==(int, map(string, map(string, ");
	buf_reset(&b);
	for (int i = 0; i < 1000; i++)
		buf_add_byte(&b, 'n');
	HAS(refusal(buf_c(&b)), "1:1: undeclared reference to \"nnnnnnnnnnnn");
}

T(caret_shows_the_place)
{
	char out[512];
	struct buf b = BUF_OF(out);
	uint32_t line, col;

	cel_caret(STR("a &&\n\t\xc3\xa9 == b\nc"), 8, &b);
	STR_EQ(buf_c(&b), " \xc3\xa9 == b\n  ^");
	cel_position(STR("a &&\n\t\xc3\xa9 == b\nc"), 9, &line, &col);
	EQ(line, 2);
	EQ(col, 4);
	buf_reset(&b);
	cel_caret(STR(""), 0, &b);
	STR_EQ(buf_c(&b), "\n^");
}

/* expr repeated between two halves: before... mid ...after */
static struct str nested(const char *before, const char *mid, const char *after, unsigned times)
{
	size_t b = strlen(before), a = strlen(after), m = strlen(mid);
	char *s, *p;

	if (!sources.max)
		arena_init(&sources, 64u << 20);
	p = s = arena_alloc(&sources, times * (a + b) + m + 1);
	OK(s);
	for (unsigned i = 0; i < times; i++, p += b)
		memcpy(p, before, b);
	memcpy(p, mid, m);
	p += m;
	for (unsigned i = 0; i < times; i++, p += a)
		memcpy(p, after, a);
	return str_n(s, (size_t)(p - s));
}

static bool compiles(struct str expr)
{
	static const struct cel_env env;
	const struct cel_prog *p;
	struct cel_diag d;

	return cel_compile_diag(&prog, &env, expr, &p, &d) == 0;
}

T(size_limits_hold)			/* S003 section 3.1 */
{
	fresh();
	OK(compiles(nested("(", "1", ")", 240)));
	OK(!compiles(nested("(", "1", ")", 251)));
	OK(compiles(nested("[", "1", "]", 240)));
	OK(!compiles(nested("[", "1", "]", 251)));
	OK(!compiles(nested("!", "true", "", 100000)));
	OK(!compiles(nested("-", "a", "", 100000)));
	OK(!compiles(nested("1+", "1", "", 100000)));
	OK(!compiles(nested("true?1:", "1", "", 100000)));
	OK(!compiles(nested("", "1", "[0]", 100000)));
	OK(!compiles(nested("{1:", "1", "}", 100000)));
	OK(!compiles(nested("size(", "1", ")", 100000)));
	OK(compiles(nested("true||", "true", "", 100000)));	/* one flat node */
	OK(!compiles(nested("true||", "true", "", 262145)));	/* too long */
	OK(!compiles(nested("[1].map(x,", "1", ")", 251)));
	OK(!compiles(nested("dyn(", "1", ")", 251)));
}

T(programs_know_the_stack_they_need)
{
	struct str s;

	fresh();
	s = nested("[1].map(x,", "x", ")", 80);
	compile_as(&(const struct cel_env){ 0 }, s);
	OK(!compiles(nested("[1].map(x,", "x", ")", 130))); /* four values a level: more than 512 */
}

static enum cel_outcome cost_of(struct str expr)
{
	static const struct cel_env env;
	struct cel_budget budget = CEL_BUDGET_INIT;
	const struct cel_prog *p = compile_as(&env, expr);

	return cel_outcome(cel_eval_vars(p, NULL, &scratch, &budget));
}

T(bombs_end_at_the_cost_limit)		/* S003-AS bomb tests, section 3.11 */
{
	char src[4096];
	struct buf b = BUF_OF(src);

	for (int i = 0; i < 20; i++)
		buf_printf(&b, "[1,2,3,4,5,6,7,8].all(x%d, ", i);
	buf_add_c(&b, "1/0 == 1");
	for (int i = 0; i < 20; i++)
		buf_add_c(&b, ")");
	EQ(cost_of(buf_str(&b)), CEL_OUT_COST);
	buf_add_c(&b, " || true");	/* nothing absorbs it */
	EQ(cost_of(buf_str(&b)), CEL_OUT_COST);
	buf_reset(&b);
	for (int i = 0; i < 60; i++)
		buf_printf(&b, "cel.bind(a%d, %s%d + %s%d, ", i + 1, "a", i, "a", i);
	struct str doubling = buf_str(&b);
	char whole[8192];
	struct buf w = BUF_OF(whole);

	buf_add_c(&w, "cel.bind(a0, ['x'], ");
	buf_add_str(&w, doubling);
	buf_add_c(&w, "a60 == []");
	for (int i = 0; i < 61; i++)
		buf_add_c(&w, ")");
	EQ(cost_of(buf_str(&w)), CEL_OUT_COST);
	buf_reset(&w);
	buf_add_c(&w, "cel.bind(a0, 'xxxxxxxxxxxxxxxx', ");
	buf_add_str(&w, doubling);
	buf_add_c(&w, "a60 == '' || true");
	for (int i = 0; i < 61; i++)
		buf_add_c(&w, ")");
	EQ(cost_of(buf_str(&w)), CEL_OUT_COST);
}

/* Milliseconds of this thread until the limit on cost or the error comes; a sanitizer, which is
 * many times slower, is not timed. */
static void ends_in_time(struct str expr, enum cel_outcome want)
{
	uint64_t best = UINT64_MAX;

	for (int i = 0; i < 5; i++) {		/* the machine may be busy */
		struct timespec from, to;

		clock_gettime(CLOCK_THREAD_CPUTIME_ID, &from);
		EQ(cost_of(expr), want);
		clock_gettime(CLOCK_THREAD_CPUTIME_ID, &to);
		best = MIN(best, (uint64_t)((to.tv_sec - from.tv_sec) * 1000000 +
					    (to.tv_nsec - from.tv_nsec) / 1000));
	}
#if !defined(__SANITIZE_ADDRESS__) && !defined(__SANITIZE_THREAD__)
	if (best > 100000)
		FAIL("takes %u us", (unsigned)best);
#endif
}

T(bombs_end_within_100_ms)		/* S003 section 6 */
{
	char src[8192];
	struct buf b = BUF_OF(src);

	for (int i = 0; i < 20; i++)
		buf_printf(&b, "[1,2].all(x%d, ", i);
	buf_add_c(&b, "1/0 == 1");
	for (int i = 0; i < 20; i++)
		buf_add_c(&b, ")");
	ends_in_time(buf_str(&b), CEL_OUT_COST);
	buf_reset(&b);
	buf_add_c(&b, "[[1, 2]]");
	for (int i = 0; i < 40; i++)
		buf_printf(&b, ".map(x%d, x%d + x%d)", i, i, i);
	buf_add_c(&b, " == []");
	ends_in_time(buf_str(&b), CEL_OUT_COST);
	buf_reset(&b);				/* the same behind a pattern made at run time */
	buf_add_c(&b, "[['a', '']].map(v, v[0] + v[0] + v[0] + v[0])"
		      ".map(s, s + s + s + s + s + s + s + s)"
		      ".map(s, s + s + s + s + s + s + s + s)"
		      ".map(s, s + s + s + s + s + s + s + s)"
		      ".exists(s, ['(a*)*b'].exists(p, s.matches(p)))");
	ends_in_time(buf_str(&b), CEL_OUT_FALSE);
	ends_in_time(STR("['(a{1000}){1000}'].exists(p, 'aaaa'.matches(p))"), CEL_OUT_ERROR);
	ends_in_time(STR("['((a{30}){30})*b'].exists(p, 'aaaa'.matches(p))"), CEL_OUT_FALSE);
	STR_EQ(value("['(a{1000}){1000}'].exists(p, 'a'.matches(p))"),
	       "1:35: invalid regular expression: nested repetition counts over 1000");
	fresh();
	OK(!compiles(STR("'aaaa'.matches('(a{1000}){1000}')")));
}

T(the_budget_of_an_evaluation_is_shared)
{
	static const struct cel_env env;
	const struct cel_prog *p =
		compile_as(&env, STR("[1,2,3].map(x, [x, x].map(y, y)).size() == 3"));
	struct cel_budget budget = CEL_BUDGET_INIT;
	unsigned rounds = 0;

	while (cel_outcome(cel_eval_vars(p, NULL, &scratch, &budget)) == CEL_OUT_TRUE) {
		arena_reset(&scratch);
		OK(rounds++ < CEL_UNITS_PER_EVALUATION);
	}
	OK(rounds > 1000);
	EQ(cel_outcome(cel_eval_vars(p, NULL, &scratch, &budget)), CEL_OUT_COST);
	OK(budget.units < 100);
}

T(without_scratch_an_evaluation_ends)
{
	static const struct cel_env env;
	struct arena tiny;
	struct cel_budget budget = CEL_BUDGET_INIT;
	const struct cel_prog *p =
		compile_as(&env, STR("[1,2,3,4].map(x, 'a' + string(x)).size() == 4 || true"));

	OK(arena_init_fixed(&tiny, 4096) == 0);
	while (arena_alloc(&tiny, 64))
		;
	EQ(cel_outcome(cel_eval_vars(p, NULL, &tiny, &budget)), CEL_OUT_COST);
	arena_fini(&tiny);
}

T(programs_say_what_they_name)
{
	const struct cel_prog *p =
		compile_as(cel_env_facts(), STR("http.host == 'a' || has(dns.query) && false"));

	EQ(cel_prog_fields(p), 1u << FACT_FIELD_HTTP_HOST | 1u << FACT_FIELD_DNS_QUERY);
	EQ(cel_prog_namespaces(p), FACT_HTTP | FACT_DNS);
	EQ(cel_prog_kind(p), CEL_BOOL);
	OK(!cel_prog_can_fail(p));
	EQ(cel_prog_root(p)->op, CEL_N_OR);
	EQ(cel_prog_root(p)->kid->op, CEL_N_EQ);
	VIEW_EQ(cel_prog_source(p), "http.host == 'a' || has(dns.query) && false");
	OK(cel_prog_can_fail(compile_as(cel_env_facts(), STR("http.headers['x'] == 'a'"))));
	OK(cel_prog_can_fail(compile_as(cel_env_facts(), STR("http.body"))));
	OK(!cel_prog_can_fail(
		compile_as(cel_env_facts(), STR("http.path.matches('a+') && network.port < 7"))));
}

T(facts_absent_follow_the_context)	/* D4 */
{
	struct facts f = request();
	uint32_t mask = facts_absent(&f);

	OK(mask & 1u << FACT_FIELD_DNS_QUERY);
	OK(mask & 1u << FACT_FIELD_NETWORK_IP);
	OK(mask & 1u << FACT_FIELD_HTTP_BODY);
	OK(!(mask & 1u << FACT_FIELD_HTTP_HOST));
	OK(!(mask & 1u << FACT_FIELD_AGENT_NAME));
}

static const char *code(const char *expr)
{
	struct buf b = BUF_OF(text);

	cel_disassemble(compile_as(cel_env_facts(), str_of(expr)), &b);
	return buf_c(&b);
}

T(byte_code_of_simple_conditions)	/* S003-EC-019 */
{
	STR_EQ(code("http.host == 'a' && network.port == 443"),
	       "0 FACT_EQ http.host \"a\"\n1 JFALSE_POP 3\n2 FACT_INT_EQ network.port 443\n3 RET\n");
	STR_EQ(code("'a' != http.host || http.path in ['x', 'y']"),
	       "0 FACT_NE http.host \"a\"\n1 JTRUE_POP 3\n2 FACT_IN http.path [\"x\", \"y\"]\n3 RET\n");
	STR_EQ(code("1 + 1 == 2 && size('abc') == 3"),
	       "0 CONST true\n1 JFALSE_POP 3\n2 CONST true\n3 RET\n");
	STR_EQ(code("http.headers['x'] == 'y' || true"),
	       "0 FACT http.headers\n1 CONST \"x\"\n2 INDEX 0\n3 CONST \"y\"\n4 BINARY ==\n5 JTRUE 8\n"
	       "6 CONST true\n7 OR\n8 RET\n");
	STR_EQ(code("run.args.exists(a, a == 'x')"),
	       "0 FACT run.args\n1 ITER exists 8\n2 NEXT 1 7\n3 LOCAL 3\n4 CONST \"x\"\n5 BINARY ==\n"
	       "6 STEP exists 2\n7 DONE exists\n8 RET\n");
}

T(values_have_texts)
{
	STR_EQ(value("string(123.456) + string(-0.0045) + string(1e21) + string(1e-7) + string(100.0)"),
	       "\"123.456-0.00451e+211e-07100\"");
	STR_EQ(value("string(0.1 + 0.2)"), "\"0.30000000000000004\"");
	STR_EQ(value("string(1.0 / 0.0) + string(0.0 / 0.0) + string(-1.0 / 0.0)"),
	       "\"InfinityNaN-Infinity\"");
	STR_EQ(value("{'a': [1u, b'\\xff', null, true, type(1), optional.none(), optional.of(2.5)]}"),
	       "{\"a\": [1u, b\"\\xff\", null, true, int, optional.none(), optional.of(2.5)]}");
	STR_EQ(value("double('1e400')"), "Infinity");
	STR_EQ(value("double(' 1')"), "1:1: conversion error: string to double");
	STR_EQ(value("double('0x10')"), "1:1: conversion error: string to double");
	STR_EQ(value("int('-9223372036854775808')"), "-9223372036854775808");
	STR_EQ(value("size('a\\u0000b')"), "3");
}

T(shadowing_and_leading_dots)		/* S003 section 3.3 */
{
	struct cel_binding vars[] = { { STR("x"), cel_int(1) }, { STR("a.b"), cel_int(2) } };
	struct cel_env env = { .vars = vars, .var_cnt = ARRAY_LEN(vars) };
	struct cel_budget budget = CEL_BUDGET_INIT;
	const struct cel_prog *p;

	p = compile_as(
		&env,
		STR("[5].map(x, x + .x) == [6] && a.b == 2 && .a.b == 2 && [7].exists(a, a == 7)"));
	EQ(cel_outcome(cel_eval_vars(p, vars, &scratch, &budget)), CEL_OUT_TRUE);
	STR_EQ(value("[1, 2].map(x, [x, x * 2].map(x, x + 1)) == [[2, 3], [3, 5]]"), "true");
	STR_EQ(value("cel.bind(size, 3, size([1]) + size)"), "4");
	STR_EQ(value("[[1, 2], [3]].map(r, r.map(v, r.size() * 10 + v)) == [[21, 22], [13]]"),
	       "true");
}

T(maps_that_grow_while_built)
{
	STR_EQ(value("[1, 2].transformMapEntry(i, v, {v: i, v + 10: i}) == {1: 0, 11: 0, 2: 1, 12: 1}"),
	       "true");
	STR_EQ(value("[1, 2, 3].transformMapEntry(i, v, v == 2, {v: i}) == {2: 1}"), "true");
	HAS(value("[1, 2].transformMapEntry(i, v, {'k': i})"), "repeated key: \"k\"");
	HAS(value("[1, 2].transformMapEntry(i, v, dyn(3))"), "no such overload");
	STR_EQ(value("[1, 2, 3].transformMapEntry(i, v, v == 1 ? {1: 1, 2: 2, 3: 3} : {v + 9: v}).size()"),
	       "5");
}

T(plain_json_becomes_values)		/* S003-IF-013 */
{
	static const char in[] =
		"{\"a\":[1,1.0,-2,18446744073709551615,1e30,0.5,null,true,\"x\\u00e9\"],\"b\":{}}";
	struct json doc;
	struct cel_value v;
	struct err e;
	struct buf b = BUF_OF(text);

	fresh();
	OK(json_parse(&doc, STR(in), &prog, &e) == 0);
	OK(cel_json_read(json_root(&doc), &prog, &v, &e) == 0);
	cel_value_text(v, &b);
	STR_EQ(buf_c(&b),
	       "{\"a\": [1, 1, -2, 18446744073709551615u, 1e+30, 0.5, null, true, \"x\\xc3\\xa9\"], "
	       "\"b\": {}}");
}

T(tagged_values_survive_a_round)
{
	static const char in[] =
		"{\"list\":[{\"null\":null},{\"bool\":true},{\"int\":\"-7\"},{\"uint\":\"7\"},{\"double\":\"-inf\"},"
		"{\"double\":\"0.1\"},{\"string\":\"a\\\"b\"},{\"bytes\":\"00ff\"},{\"map\":[[{\"int\":\"1\"},"
		"{\"list\":[]}]]},{\"timestamp\":[-5,7]},{\"duration\":[-5,-7]},{\"type\":\"net.IP\"},"
		"{\"ip\":\"10.0.0.1\"},{\"cidr\":\"10.0.0.0/8\"},{\"optional\":null},{\"optional\":{\"int\":\"1\"}}]}";
	struct json doc;
	struct cel_value v;
	struct err e;
	struct buf b = BUF_OF(text);
	struct jsonw w = jsonw_on(&b);

	fresh();
	OK(json_parse(&doc, STR(in), &prog, &e) == 0);
	OK(cel_tagged_read(json_root(&doc), &prog, &v, &e) == 0);
	cel_tagged_write(&w, v);
	STR_EQ(buf_c(&b), in);
}

T(tagged_maps_have_good_keys)		/* S003 3.3: int, uint, bool, string, each once */
{
	static const char *const bad[] = {
		"{\"map\":[[{\"list\":[]},{\"int\":\"1\"}]]}",
		"{\"map\":[[{\"double\":\"1\"},{\"int\":\"1\"}]]}",
		"{\"map\":[[{\"null\":null},{\"int\":\"1\"}]]}",
		"{\"map\":[[{\"int\":\"1\"},{\"int\":\"1\"}],[{\"uint\":\"1\"},{\"int\":\"2\"}]]}",
	};

	fresh();
	for (size_t i = 0; i < ARRAY_LEN(bad); i++) {
		struct json doc;
		struct cel_value v;
		struct err e;

		OK(json_parse(&doc, str_of(bad[i]), &prog, &e) == 0);
		EQ(cel_tagged_read(json_root(&doc), &prog, &v, &e), -1);
		HAS(e.msg, i < 3 ? "unsupported key type " : "repeated key");
	}
}

static const char *printed(const char *expr)
{
	static const struct cel_env plain = { .facts = true, .plain = true };
	struct buf b = BUF_OF(text);

	cel_node_text(cel_prog_root(compile_as(&plain, str_of(expr))), &b);
	return buf_c(&b);
}

T(trees_are_printed)
{
	STR_EQ(printed("(http.host=='a'||http.path==\"b\")&&!(network.port in[80,443])"),
	       "(http.host == \"a\" || http.path == \"b\") && !(network.port in [80, 443])");
	STR_EQ(printed("1-(2-3)*-(4)/-5"), "1 - (2 - 3) * -(4) / -5");
	STR_EQ(printed("true ? (false ? 1 : 2) : 3"), "true ? (false ? 1 : 2) : 3");
	STR_EQ(printed("run.args.map(a, a != '', a + 'x')"),
	       "run.args.map(a, a != \"\", a + \"x\")");
	STR_EQ(printed("cel.bind(x, {?'a': optional.of([b'\\xff'])}, x.?a[?0].hasValue())"),
	       "cel.bind(x, {?\"a\": optional.of([b\"\\xff\"])}, x.?a[?0].hasValue())");
	STR_EQ(printed("(-1.5 == 1.0) == has({'a-b': 1}.`a-b`)"),
	       "-1.5 == 1.0 == has({\"a-b\": 1}.`a-b`)");
}

T(parts_of_a_condition_run_alone)	/* S003 section 1.9, outcall explain */
{
	struct facts f = request();
	struct cel_budget budget = CEL_BUDGET_INIT;
	const struct cel_prog *part,
		*p = compile_as(cel_env_facts(),
				STR("http.host == 'x' && run.args.exists(a, a == http.path)"));
	const struct cel_node *root = cel_prog_root(p);
	struct err e;

	EQ(cel_compile_part(&prog, p, root->kid->kid, &part, &e), 0);
	VIEW_EQ(cel_str(cel_eval_facts(part, &f, &scratch, &budget)), "api.github.com");
	EQ(cel_compile_part(&prog, p, root->kid->next, &part, &e), 0);
	EQ(cel_outcome(cel_eval_facts(part, &f, &scratch, &budget)), CEL_OUT_FALSE);
	OK(cel_node_is_closed(root->kid->next));
	OK(!cel_node_is_closed(cel_kid(root->kid->next, 1)));
	OK(cel_node_is_closed(cel_kid(cel_kid(root->kid->next, 1), 1)));
}

T(long_lists_are_searched_by_halves)
{
	static char src[64 << 10];
	struct buf b = BUF_OF(src);
	struct facts f = request();
	const struct cel_prog *p;
	char host[32];

	buf_add_c(&b, "http.host in ['zz', '', 'b', 'a'");
	for (unsigned i = 0; i < 1500; i += 3)
		buf_printf(&b, ", 'h%u.example.com'", i * 7919 % 1500);
	buf_add_c(&b, "]");
	p = compile_as(cel_env_facts(), buf_str(&b));
	OK(arena_seal(&prog) == 0);		/* an evaluation writes to no program */
	for (unsigned i = 0; i < 1500; i++) {
		struct cel_budget budget = CEL_BUDGET_INIT;

		snprintf(host, sizeof(host), "h%u.example.com", i);
		f.http.host = str_of(host);
		EQ(cel_outcome(cel_eval_facts(p, &f, &scratch, &budget)),
		   i % 3 == 0 ? CEL_OUT_TRUE : CEL_OUT_FALSE);
		OK(budget.units > CEL_UNITS_PER_EVALUATION - 10);
	}
	f.http.host = STR("");
	EQ(cel_outcome(cel_eval_facts(p, &f, &scratch, &(struct cel_budget){ 100 })), CEL_OUT_TRUE);
}

T(errors_lead_to_their_node)
{
	const struct cel_prog *p =
		compile_as(cel_env_facts(), STR("true && size(http.headers[\"x y\"]) > 3"));
	struct cel_budget budget = CEL_BUDGET_INIT;
	struct facts f = request();
	struct cel_value v = cel_eval_facts(p, &f, &scratch, &budget);
	struct buf b = BUF_OF(text);

	EQ(cel_outcome(v), CEL_OUT_ABSENCE);
	OK(v.n > 0 && cel_node_at(cel_prog_root(p), v.n - 1));
	cel_node_text(cel_node_at(cel_prog_root(p), v.n - 1), &b);
	STR_EQ(buf_c(&b), "http.headers[\"x y\"]");
	OK(!cel_node_at(cel_prog_root(p), 9999));
}

/* "=http.host:a .dns.query:b" in any order found; "-" without keys. */
static const char *keys(const char *expr)
{
	static const char signs[] = "=^$#";
	const struct cel_prog *p = compile_as(cel_env_facts(), str_of(expr));
	struct buf b = BUF_OF(text);
	struct cel_keys found;

	if (!cel_keys_of(p, &prog, &found))
		return "-";
	for (size_t i = found.cnt; i-- > 0;) {
		const struct cel_key *k = &found.v[i];

		buf_printf(&b, "%c%s:", signs[k->kind], fact_table[k->field].name);
		if (k->kind == CEL_KEY_NUMBER)
			buf_printf(&b, "%d ", (int)k->number);
		else
			buf_printf(&b, "%.*s ", (int)k->text.len, k->text.p);
	}
	return buf_c(&b);
}

T(conditions_have_keys_for_an_index)	/* S003-EC-019 */
{
	STR_EQ(keys("http.host == 'a'"), "=host:a ");
	STR_EQ(keys("'a' == http.host && agent.name == 'x' && int(http.headers['q']) > 1"),
	       "=host:a ");
	STR_EQ(keys("agent.name == 'x' && (dns.query == 'h' || http.host == 'h')"),
	       "=query:h =host:h ");
	STR_EQ(keys("http.host in ['a', 'b'] && http.method == 'GET'"), "=host:a =host:b ");
	STR_EQ(keys("http.host.endsWith('.a') || http.host.startsWith('b.')"),
	       "$host:.a ^host:b. ");
	STR_EQ(keys("['a', 'b'].exists(d, http.host == d || http.host.endsWith('.' + d))"),
	       "=host:a $host:.a =host:b $host:.b ");
	STR_EQ(keys("agent.name == 'x' && network.port in [80, 443]"), "=name:x ");
	STR_EQ(keys("network.port == 22 || network.port == 23"), "#port:22 #port:23 ");
	STR_EQ(keys("false && http.path == 'x'"), "");
	STR_EQ(keys("http.host == 'a' || http.path == 'x'"), "-");
	STR_EQ(keys("http.host != 'a'"), "-");
	STR_EQ(keys("http.host.endsWith('')"), "-");
	STR_EQ(keys("http.host.contains('a') && http.method == 'GET'"), "-");
	STR_EQ(keys("true"), "-");
}
