/* cel_lib_opt.c - functions of optional values
 *
 * Layer: policy.  Input: hostile (values of requests).  Memory: scratch of the evaluation.
 * Threads: pure functions.
 * Spec: S003 section 3.9, D22.
 *
 * Optional look-ups and the macros optMap and optFlatMap are part of the evaluator.
 */
#include "policy/cel_lib.h"

static struct cel_value some(struct cel_ctx *ctx, struct cel_value v)
{
	const struct cel_value *box = cel_box(ctx, v);

	return box ? cel_optional(box) : cel_err_cost();
}

static struct cel_value opt_of(struct cel_ctx *ctx, const struct cel_value *args, size_t n)
{
	(void)n;
	return some(ctx, args[0]);
}

static struct cel_value opt_none(struct cel_ctx *ctx, const struct cel_value *args, size_t n)
{
	(void)ctx;
	(void)args;
	(void)n;
	return cel_optional(NULL);
}

static bool is_zero(struct cel_value v)
{
	switch ((enum cel_kind)v.kind) {
	case CEL_NULL:
		return true;
	case CEL_BOOL: case CEL_INT: case CEL_UINT: case CEL_DURATION:
		return v.u.u == 0;
	case CEL_DOUBLE:
		return !(v.u.d < 0 || v.u.d > 0) && v.u.d == v.u.d;
	case CEL_STRING: case CEL_BYTES: case CEL_LIST: case CEL_MAP:
		return v.n == 0;
	case CEL_TIMESTAMP:
		return v.u.i == 0 && v.n == 0;
	case CEL_OPTIONAL:
		return !v.u.opt;
	case CEL_TYPE: case CEL_IP: case CEL_CIDR: case CEL_ERROR: case CEL_DYN: case CEL_PARAM:
	case CEL_KIND_COUNT:
		break;
	}
	return false;
}

static struct cel_value opt_of_non_zero(struct cel_ctx *ctx, const struct cel_value *args, size_t n)
{
	(void)n;
	return is_zero(args[0]) ? cel_optional(NULL) : some(ctx, args[0]);
}

static struct cel_value opt_has_value(struct cel_ctx *ctx, const struct cel_value *args, size_t n)
{
	(void)ctx;
	(void)n;
	return cel_bool(args[0].u.opt != NULL);
}

static struct cel_value opt_value(struct cel_ctx *ctx, const struct cel_value *args, size_t n)
{
	(void)n;
	return args[0].u.opt ? *args[0].u.opt : cel_err(ctx, CEL_ERR_NONE_VALUE, NULL);
}

static struct cel_value opt_or(struct cel_ctx *ctx, const struct cel_value *args, size_t n)
{
	(void)ctx;
	(void)n;
	return args[0].u.opt ? args[0] : args[1];
}

static struct cel_value opt_or_value(struct cel_ctx *ctx, const struct cel_value *args, size_t n)
{
	(void)ctx;
	(void)n;
	return args[0].u.opt ? *args[0].u.opt : args[1];
}

static const struct cel_overload table[] = {
	{ .name = "optional.of", .arg_cnt = 1, .args = { &cel_t_a }, .result = &cel_t_opt_a,
	  .fn = opt_of },
	{ .name = "optional.none", .result = &cel_t_opt_a, .fn = opt_none },
	{ .name = "optional.ofNonZeroValue", .arg_cnt = 1, .args = { &cel_t_a },
	  .result = &cel_t_opt_a, .fn = opt_of_non_zero },
	{ .name = "hasValue", .style = CEL_RECEIVER, .arg_cnt = 1, .args = { &cel_t_opt_a },
	  .result = &cel_t_bool, .fn = opt_has_value },
	{ .name = "value", .style = CEL_RECEIVER, .arg_cnt = 1, .args = { &cel_t_opt_a },
	  .result = &cel_t_a, .fn = opt_value },
	{ .name = "or", .style = CEL_RECEIVER, .arg_cnt = 2,
	  .args = { &cel_t_opt_a, &cel_t_opt_a }, .result = &cel_t_opt_a, .fn = opt_or },
	{ .name = "orValue", .style = CEL_RECEIVER, .arg_cnt = 2,
	  .args = { &cel_t_opt_a, &cel_t_a }, .result = &cel_t_a, .fn = opt_or_value },
};

const struct cel_lib cel_lib_opt = { table, ARRAY_LEN(table) };
