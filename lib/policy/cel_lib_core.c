/* cel_lib_core.c - standard functions of CEL: size, tests of text, matches, conversions, type, dyn
 *
 * Layer: policy.  Input: hostile (values of requests).  Memory: scratch of the evaluation.
 * Threads: pure functions.
 * Spec: S003 sections 3.9, 3.10.
 *
 * Conversions of timestamps and durations are in cel_lib_time.c.
 */
#include <stdlib.h>
#include <string.h>

#include "base/num.h"
#include "base/utf8.h"
#include "policy/cel_lib.h"
#include "policy/re.h"

/* ---- size and tests of text ------------------------------------------------------------- */

static struct cel_value size_of(struct cel_ctx *ctx, const struct cel_value *args, size_t n)
{
	(void)n;
	if (args[0].kind != CEL_STRING)
		return cel_int(args[0].n);
	if (!cel_charge(ctx, args[0].n / 16))
		return cel_err_cost();
	return cel_int((int64_t)utf8_count(cel_str(args[0])));
}

static struct cel_value contains(struct cel_ctx *ctx, const struct cel_value *args, size_t n)
{
	(void)n;
	if (!cel_charge(ctx, ((uint64_t)args[0].n + args[1].n) / 16))
		return cel_err_cost();
	return cel_bool(str_find(cel_str(args[0]), cel_str(args[1])) != SIZE_MAX);
}

static struct cel_value starts_with(struct cel_ctx *ctx, const struct cel_value *args, size_t n)
{
	(void)n;
	if (!cel_charge(ctx, args[1].n / 16))
		return cel_err_cost();
	return cel_bool(str_starts(cel_str(args[0]), cel_str(args[1])));
}

static struct cel_value ends_with(struct cel_ctx *ctx, const struct cel_value *args, size_t n)
{
	(void)n;
	if (!cel_charge(ctx, args[1].n / 16))
		return cel_err_cost();
	return cel_bool(str_ends(cel_str(args[0]), cel_str(args[1])));
}

/* ---- regular expressions ---------------------------------------------------------------- */

static int matches_prep(struct arena *a, struct cel_value literal, const void **out, struct err *e)
{
	const struct re *re;

	if (literal.kind != CEL_STRING)
		return err_set(e, ERR_INVALID, "invalid regular expression: not a string");
	if (re_compile(a, cel_str(literal), &re, e) < 0)
		return -1;
	*out = re;
	return 0;
}

/* "invalid regular expression: <detail>": the kind says the first part. */
static struct cel_value bad_pattern(struct cel_ctx *ctx, const struct err *e)
{
	static const char front[] = "invalid regular expression: ";
	const char *detail = e->msg;
	struct cel_value text;

	if (strncmp(detail, front, sizeof(front) - 1) == 0)
		detail += sizeof(front) - 1;
	text = cel_string_copy(ctx, str_n(detail, strlen(detail) + 1));
	return text.kind == CEL_STRING ? cel_err(ctx, CEL_ERR_REGEX, text.u.s) : text;
}

static struct cel_value matches(struct cel_ctx *ctx, const struct cel_value *args, size_t n)
{
	const struct re *re = cel_prep(ctx);
	struct err e;

	(void)n;
	if (!re && re_compile_once(ctx->scratch, cel_str(args[1]), &ctx->units, &re, &e) < 0)
		return e.code == ERR_INVALID ? bad_pattern(ctx, &e) : cel_err_cost();
	switch (re_search(re, cel_str(args[0]), ctx->scratch, &ctx->units)) {
	case RE_NO:
		return cel_bool(false);
	case RE_YES:
		return cel_bool(true);
	case RE_LIMIT:
		break;
	}
	ctx->units = 0;
	return cel_err_cost();
}

/* ---- conversions ------------------------------------------------------------------------ */

static struct cel_value identity(struct cel_ctx *ctx, const struct cel_value *args, size_t n)
{
	(void)ctx;
	(void)n;
	return args[0];
}

static struct cel_value type_of(struct cel_ctx *ctx, const struct cel_value *args, size_t n)
{
	(void)ctx;
	(void)n;
	return cel_type_value((enum cel_kind)args[0].kind);
}

static struct cel_value bool_of_string(struct cel_ctx *ctx, const struct cel_value *args, size_t n)
{
	static const char *const yes[] = { "1", "t", "true", "TRUE", "True" };
	static const char *const no[] = { "0", "f", "false", "FALSE", "False" };
	struct str s = cel_str(args[0]);

	(void)n;
	for (size_t i = 0; i < ARRAY_LEN(yes); i++) {
		if (str_eq_c(s, yes[i]))
			return cel_bool(true);
		if (str_eq_c(s, no[i]))
			return cel_bool(false);
	}
	return cel_err(ctx, CEL_ERR_CONVERT, "string to bool");
}

static struct cel_value int_of_uint(struct cel_ctx *ctx, const struct cel_value *args, size_t n)
{
	(void)n;
	if (args[0].u.u > (uint64_t)INT64_MAX)
		return cel_err(ctx, CEL_ERR_RANGE, "uint to int");
	return cel_int((int64_t)args[0].u.u);
}

static struct cel_value int_of_double(struct cel_ctx *ctx, const struct cel_value *args, size_t n)
{
	double d = args[0].u.d;

	(void)n;
	if (!(d > -0x1p63 && d < 0x1p63))	/* NaN too */
		return cel_err(ctx, CEL_ERR_RANGE, "double to int");
	return cel_int((int64_t)d);
}

static struct cel_value int_of_string(struct cel_ctx *ctx, const struct cel_value *args, size_t n)
{
	int64_t v;

	(void)n;
	if (!num_i64(cel_str(args[0]), INT64_MIN, INT64_MAX, &v))
		return cel_err(ctx, CEL_ERR_CONVERT, "string to int");
	return cel_int(v);
}

static struct cel_value uint_of_int(struct cel_ctx *ctx, const struct cel_value *args, size_t n)
{
	(void)n;
	if (args[0].u.i < 0)
		return cel_err(ctx, CEL_ERR_RANGE, "int to uint");
	return cel_uint((uint64_t)args[0].u.i);
}

static struct cel_value uint_of_double(struct cel_ctx *ctx, const struct cel_value *args, size_t n)
{
	double d = args[0].u.d;

	(void)n;
	if (!(d >= 0 && d < 0x1p64))
		return cel_err(ctx, CEL_ERR_RANGE, "double to uint");
	return cel_uint((uint64_t)d);
}

static struct cel_value uint_of_string(struct cel_ctx *ctx, const struct cel_value *args, size_t n)
{
	uint64_t v;

	(void)n;
	if (!num_u64(cel_str(args[0]), UINT64_MAX, &v))
		return cel_err(ctx, CEL_ERR_CONVERT, "string to uint");
	return cel_uint(v);
}

static struct cel_value double_of_int(struct cel_ctx *ctx, const struct cel_value *args, size_t n)
{
	(void)ctx;
	(void)n;
	return cel_double((double)args[0].u.i);
}

static struct cel_value double_of_uint(struct cel_ctx *ctx, const struct cel_value *args, size_t n)
{
	(void)ctx;
	(void)n;
	return cel_double((double)args[0].u.u);
}

#define DOUBLE_TEXT_MAX 400	/* longer texts are refused, not rounded */

/* A decimal number with optional exponent, or one of the words for what is none. */
static bool reads_as_double(struct str s)
{
	size_t digits = 0;

	if (s.len && (s.p[0] == '-' || s.p[0] == '+'))
		s = str_from(s, 1);
	if (str_case_eq_c(s, "nan") || str_case_eq_c(s, "inf") || str_case_eq_c(s, "infinity"))
		return true;
	for (size_t i = 0; i < s.len; i++) {
		if (ascii_is_digit(s.p[i]))
			digits++;
		else if (!strchr(".eE+-", s.p[i]) || s.p[i] == '\0')
			return false;
	}
	return digits > 0;
}

static struct cel_value double_of_string(struct cel_ctx *ctx, const struct cel_value *args,
					 size_t n)
{
	char text[DOUBLE_TEXT_MAX], *end;
	double d;

	(void)n;
	if (!reads_as_double(cel_str(args[0])) || !str_to_c(text, sizeof(text), cel_str(args[0])))
		return cel_err(ctx, CEL_ERR_CONVERT, "string to double");
	d = strtod(text, &end);
	if (*end)
		return cel_err(ctx, CEL_ERR_CONVERT, "string to double");
	return cel_double(d);
}

static struct cel_value string_of_simple(struct cel_ctx *ctx, const struct cel_value *args,
					 size_t n)
{
	char text[64];
	struct buf b = BUF_OF(text);

	(void)n;
	if (args[0].kind == CEL_UINT)	/* without the suffix of literals */
		buf_add_u64(&b, args[0].u.u);
	else
		cel_value_text(args[0], &b);
	return cel_string_copy(ctx, buf_str(&b));
}

static struct cel_value string_of_bytes(struct cel_ctx *ctx, const struct cel_value *args, size_t n)
{
	(void)n;
	if (!cel_charge(ctx, args[0].n / 16))
		return cel_err_cost();
	if (!utf8_valid(cel_str(args[0])))
		return cel_err(ctx, CEL_ERR_UTF8, NULL);
	return cel_string(cel_str(args[0]));
}

static struct cel_value bytes_of_string(struct cel_ctx *ctx, const struct cel_value *args, size_t n)
{
	(void)ctx;
	(void)n;
	return cel_bytes(cel_str(args[0]));
}

/* ---- table ------------------------------------------------------------------------------ */

#define CONVERT(to, from, f) \
	{ .name = #to, .arg_cnt = 1, .args = { &cel_t_##from }, .result = &cel_t_##to, .fn = f }
#define SIZE(from) \
	{ .name = "size", .arg_cnt = 1, .args = { &cel_t_##from }, .result = &cel_t_int, \
	  .fn = size_of }, \
	{ .name = "size", .style = CEL_RECEIVER, .arg_cnt = 1, .args = { &cel_t_##from }, \
	  .result = &cel_t_int, .fn = size_of }
#define TEXT(word, f) \
	{ \
		.name = word, .style = CEL_RECEIVER, .arg_cnt = 2, \
		.args = { &cel_t_string, &cel_t_string }, .result = &cel_t_bool, .fn = f \
	}
#define MATCHES(how) \
	{ .name = "matches", .style = how, .arg_cnt = 2, .args = { &cel_t_string, &cel_t_string }, \
	  .result = &cel_t_bool, .fn = matches, .prep = matches_prep, .prep_arg = 1 }

static const struct cel_overload table[] = {
	SIZE(string),
	SIZE(bytes),
	SIZE(list),
	SIZE(map),
	TEXT("contains", contains),
	TEXT("startsWith", starts_with),
	TEXT("endsWith", ends_with),
	MATCHES(CEL_GLOBAL),
	MATCHES(CEL_RECEIVER),
	{ .name = "type",
	  .arg_cnt = 1,
	  .args = { &cel_t_a },
	  .result = &cel_t_type,
	  .fn = type_of },
	{ .name = "dyn", .arg_cnt = 1, .args = { &cel_t_a }, .result = &cel_t_dyn, .fn = identity },
	CONVERT(bool, bool, identity), CONVERT(bool, string, bool_of_string),
	CONVERT(int, int, identity), CONVERT(int, uint, int_of_uint),
	CONVERT(int, double, int_of_double), CONVERT(int, string, int_of_string),
	CONVERT(uint, uint, identity), CONVERT(uint, int, uint_of_int),
	CONVERT(uint, double, uint_of_double), CONVERT(uint, string, uint_of_string),
	CONVERT(double, double, identity), CONVERT(double, int, double_of_int),
	CONVERT(double, uint, double_of_uint), CONVERT(double, string, double_of_string),
	CONVERT(string, string, identity), CONVERT(string, bool, string_of_simple),
	CONVERT(string, int, string_of_simple), CONVERT(string, uint, string_of_simple),
	CONVERT(string, double, string_of_simple), CONVERT(string, bytes, string_of_bytes),
	CONVERT(bytes, bytes, identity), CONVERT(bytes, string, bytes_of_string),
};

const struct cel_lib cel_lib_core = { table, ARRAY_LEN(table) };
