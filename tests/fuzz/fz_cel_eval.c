/* fz_cel_eval.c - any condition on one request: the optimised program, the plain one and the
 * unchecked one agree; values have the static type; what cannot fail does not */
#include <stdlib.h>
#include <string.h>

#include "policy/cel.h"
#include "policy/cel_keys.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static const struct fact_field headers[] = {
	{ { "accept", 6 }, { "text/html", 9 } },
	{ { "x", 1 }, { "12", 2 } },
};
static const struct str args[] = {
	{ "push", 4 }, { "-f", 2 }, { "\xc3\xa9", 2 }, { "10.1.2.3", 8 }
};

static struct facts request(void)
{
	struct facts f = { .present = FACT_HTTP | FACT_NETWORK | FACT_AGENT | FACT_RUN };

	f.http.host = STR("api.github.com");
	f.http.method = STR("GET");
	f.http.path = STR("/a?b=1");
	f.http.headers = headers;
	f.http.header_cnt = ARRAY_LEN(headers);
	f.network.port = 443;
	f.network.ip = STR("10.1.2.3");
	f.agent.name = STR("bot");
	f.run.args = (struct fact_strs){ args, ARRAY_LEN(args) };
	return f;
}

/* Equal, or both an error; NaN is equal to NaN. */
static bool agree(struct cel_value a, struct cel_value b)
{
	char ta[4096], tb[4096];
	struct buf ba = BUF_OF(ta), bb = BUF_OF(tb);

	if (a.kind == CEL_ERROR || b.kind == CEL_ERROR)
		return a.kind == b.kind;
	if (a.kind == b.kind && cel_equal(a, b))
		return true;
	cel_value_text(a, &ba);
	cel_value_text(b, &bb);
	return str_eq(buf_str(&ba), buf_str(&bb));
}

static bool is_cost(struct cel_value v)
{
	return v.kind == CEL_ERROR && cel_errk_of(v) == CEL_ERR_COST;
}

/* A condition none of whose keys holds is false. */
static void check_keys(const struct cel_prog *p, const struct facts *f, struct arena *a,
		       struct cel_value v)
{
	struct cel_keys keys;
	bool holds = false;

	if (!cel_keys_of(p, a, &keys) || is_cost(v))
		return;
	for (size_t i = 0; i < keys.cnt; i++)
		holds |= cel_key_holds(&keys.v[i], f);
	if (!holds && (v.kind != CEL_BOOL || v.u.b))
		abort();
}

static void check_value(const struct cel_prog *p, struct cel_value v)
{
	enum cel_kind k = cel_prog_kind(p);

	if (v.kind != CEL_ERROR && k != CEL_DYN && k != v.kind)
		abort();
	if (!cel_prog_can_fail(p) && v.kind != CEL_BOOL && !is_cost(v))
		abort();
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static const struct cel_env envs[] = {
		{ .facts = true },
		{ .facts = true, .plain = true },
		{ .facts = true, .no_check = true },
	};
	struct facts f = request();
	struct arena keep, scratch;
	struct cel_value first = cel_null();
	struct err e;

	if (size > 4096 || arena_init_fixed(&scratch, 4u << 20) < 0)
		return 0;
	arena_init(&keep, 32u << 20);
	for (size_t i = 0; i < ARRAY_LEN(envs); i++) {
		struct cel_budget budget = { 50000 };
		const struct cel_prog *p;
		struct cel_value v;

		if (cel_compile(&keep, &envs[i], str_n(data, size), &p, &e) < 0) {
			if (i > 0 && first.kind != CEL_NULL)
				abort();	/* what the strict one takes, all take */
			break;
		}
		v = cel_eval_facts(p, &f, &scratch, &budget);
		check_value(p, v);
		check_keys(p, &f, &keep, v);
		if (i == 0)
			first = v;
		else if (!is_cost(first) && !is_cost(v) && !agree(first, v))
			abort();
		if (i == 0 && v.kind == CEL_NULL)
			break;
	}
	arena_fini(&scratch);
	arena_fini(&keep);
	return 0;
}
