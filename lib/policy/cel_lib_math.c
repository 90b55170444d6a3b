/* cel_lib_math.c - the math library of CEL
 *
 * Layer: policy.  Input: hostile (values of requests).  Memory: none.  Threads: pure functions.
 * Spec: S003 3.9.
 */
#include <math.h>

#include "policy/cel_lib.h"

#define UNARY(name, expr) \
	static struct cel_value name(struct cel_ctx *ctx, const struct cel_value *args, size_t n) \
	{ \
		(void)ctx; \
		(void)n; \
		return expr; \
	}

UNARY(ceil_double, cel_double(ceil(args[0].u.d)))
UNARY(floor_double, cel_double(floor(args[0].u.d)))
UNARY(round_double, cel_double(round(args[0].u.d)))
UNARY(trunc_double, cel_double(trunc(args[0].u.d)))
UNARY(is_nan, cel_bool(isnan(args[0].u.d)))
UNARY(is_inf, cel_bool(isinf(args[0].u.d)))
UNARY(is_finite, cel_bool(isfinite(args[0].u.d)))
UNARY(abs_double, cel_double(fabs(args[0].u.d)))
UNARY(abs_int, args[0].u.i == INT64_MIN ? cel_err(ctx, CEL_ERR_OVERFLOW, NULL) :
      cel_int(args[0].u.i < 0 ? -args[0].u.i : args[0].u.i))
UNARY(same, args[0])
UNARY(sign_int, cel_int((args[0].u.i > 0) - (args[0].u.i < 0)))
UNARY(sign_uint, cel_uint(args[0].u.u > 0))
UNARY(sign_double, isnan(args[0].u.d) ? args[0] : cel_double((args[0].u.d > 0) - (args[0].u.d < 0)))

/* Two's complement: the same bits whether signed or not. */
static struct cel_value with_bits(struct cel_value like, uint64_t bits)
{
	like.u.u = bits;
	return like;
}

UNARY(bit_not, with_bits(args[0], ~args[0].u.u))
UNARY(bit_and, with_bits(args[0], args[0].u.u & args[1].u.u))
UNARY(bit_or, with_bits(args[0], args[0].u.u | args[1].u.u))
UNARY(bit_xor, with_bits(args[0], args[0].u.u ^ args[1].u.u))

static struct cel_value shift_left(struct cel_ctx *ctx, const struct cel_value *args, size_t n)
{
	(void)n;
	if (args[1].u.i < 0)
		return cel_err_value(ctx, CEL_ERR_RANGE, "negative offset", args[1]);
	return with_bits(args[0], args[1].u.i > 63 ? 0 : args[0].u.u << args[1].u.u);
}

/* Zeros come in from the left, also for int. */
static struct cel_value shift_right(struct cel_ctx *ctx, const struct cel_value *args, size_t n)
{
	(void)n;
	if (args[1].u.i < 0)
		return cel_err_value(ctx, CEL_ERR_RANGE, "negative offset", args[1]);
	return with_bits(args[0], args[1].u.i > 63 ? 0 : args[0].u.u >> args[1].u.u);
}

static bool is_number(struct cel_value v)
{
	return v.kind == CEL_INT || v.kind == CEL_UINT || v.kind == CEL_DOUBLE;
}

/* The greatest (wanted 1) or least (-1) of a list; the first of equals. */
static struct cel_value extreme(struct cel_ctx *ctx, struct cel_value list, int wanted)
{
	const char *name = wanted > 0 ? "math.greatest" : "math.least";
	struct cel_value best = { 0 };
	size_t i;

	if (list.n == 0)
		return cel_err(ctx, CEL_ERR_RANGE, "math: list is empty");
	for (i = 0; i < list.n; i++) {
		struct cel_value v = cel_list_at(list, i);

		if (!is_number(v))
			return cel_err_overload(ctx, name, &v, 1);
		if (!cel_charge(ctx, 1))
			return cel_err_cost();
		if (i == 0 || cel_compare(v, best) == wanted)
			best = v;
	}
	return best;
}

static struct cel_value greatest(struct cel_ctx *ctx, const struct cel_value *args, size_t n)
{
	return extreme(ctx, cel_list(args, n), 1);
}

static struct cel_value greatest_list(struct cel_ctx *ctx, const struct cel_value *args, size_t n)
{
	(void)n;
	return extreme(ctx, args[0], 1);
}

static struct cel_value least(struct cel_ctx *ctx, const struct cel_value *args, size_t n)
{
	return extreme(ctx, cel_list(args, n), -1);
}

static struct cel_value least_list(struct cel_ctx *ctx, const struct cel_value *args, size_t n)
{
	(void)n;
	return extreme(ctx, args[0], -1);
}

#define B &cel_t_bool
#define D &cel_t_double
#define I &cel_t_int
#define U &cel_t_uint
#define ONE(name, type, result, fn) { name, CEL_GLOBAL, 1, false, 0, { type }, result, fn, NULL, 0 }
#define TWO(name, a, b, fn) { name, CEL_GLOBAL, 2, false, 0, { a, b }, a, fn, NULL, 0 }
/* One kind of number throughout, a list, or a mixture. */
#define EXTREME(name, fn) \
	{ name, CEL_GLOBAL, 1, true, 0, { I }, I, fn, NULL, 0 }, \
	{ name, CEL_GLOBAL, 1, true, 0, { U }, U, fn, NULL, 0 }, \
	{ name, CEL_GLOBAL, 1, true, 0, { D }, D, fn, NULL, 0 }, \
	ONE(name, &cel_t_list, &cel_t_dyn, fn##_list), \
	{ name, CEL_GLOBAL, 1, true, 0, { &cel_t_dyn }, &cel_t_dyn, fn, NULL, 0 }

static const struct cel_overload overloads[] = {
	EXTREME("math.greatest", greatest),
	EXTREME("math.least", least),
	ONE("math.ceil", D, D, ceil_double),
	ONE("math.floor", D, D, floor_double),
	ONE("math.round", D, D, round_double),
	ONE("math.trunc", D, D, trunc_double),
	ONE("math.isNaN", D, B, is_nan),
	ONE("math.isInf", D, B, is_inf),
	ONE("math.isFinite", D, B, is_finite),
	ONE("math.abs", I, I, abs_int),
	ONE("math.abs", U, U, same),
	ONE("math.abs", D, D, abs_double),
	ONE("math.sign", I, I, sign_int),
	ONE("math.sign", U, U, sign_uint),
	ONE("math.sign", D, D, sign_double),
	ONE("math.bitNot", I, I, bit_not),
	ONE("math.bitNot", U, U, bit_not),
	TWO("math.bitAnd", I, I, bit_and),
	TWO("math.bitAnd", U, U, bit_and),
	TWO("math.bitOr", I, I, bit_or),
	TWO("math.bitOr", U, U, bit_or),
	TWO("math.bitXor", I, I, bit_xor),
	TWO("math.bitXor", U, U, bit_xor),
	TWO("math.bitShiftLeft", I, I, shift_left),
	TWO("math.bitShiftLeft", U, I, shift_left),
	TWO("math.bitShiftRight", I, I, shift_right),
	TWO("math.bitShiftRight", U, I, shift_right),
};

const struct cel_lib cel_lib_math = { overloads, ARRAY_LEN(overloads) };
