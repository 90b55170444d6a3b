/* cel_op.c - operators of CEL at run time: arithmetic, order, look-ups, construction
 *
 * Layer: policy.  Input: hostile (values of requests).  Memory: scratch of the evaluation.
 * Threads: pure functions.
 * Spec: S003 sections 3.4 to 3.7, 3.11.
 */
#include <math.h>
#include <string.h>

#include "policy/cel_lib.h"
#include "policy/cel_run.h"

#define NS_PER_SEC INT64_C(1000000000)

static struct cel_value no_overload(struct cel_ctx *ctx, const char *op, struct cel_value a,
				    struct cel_value b)
{
	const struct cel_value args[2] = { a, b };

	return cel_err_overload(ctx, op, args, 2);
}

/* ---- arithmetic ------------------------------------------------------------------------- */

static struct cel_value int_arith(struct cel_ctx *ctx, enum cel_node_op op, int64_t a, int64_t b)
{
	bool over = false;
	int64_t r = 0;

	if (op == CEL_N_ADD)
		over = ADD_OVERFLOWS(a, b, &r);
	else if (op == CEL_N_SUB)
		over = SUB_OVERFLOWS(a, b, &r);
	else if (op == CEL_N_MUL)
		over = MUL_OVERFLOWS(a, b, &r);
	else if (b == 0)
		return cel_err(ctx, op == CEL_N_DIV ? CEL_ERR_DIV_ZERO : CEL_ERR_MOD_ZERO, NULL);
	else if (a == INT64_MIN && b == -1)
		over = true;
	else
		r = op == CEL_N_DIV ? a / b : a % b;
	return over ? cel_err(ctx, CEL_ERR_OVERFLOW, NULL) : cel_int(r);
}

static struct cel_value uint_arith(struct cel_ctx *ctx, enum cel_node_op op, uint64_t a, uint64_t b)
{
	bool over = false;
	uint64_t r = 0;

	if (op == CEL_N_ADD)
		over = ADD_OVERFLOWS(a, b, &r);
	else if (op == CEL_N_SUB)
		over = SUB_OVERFLOWS(a, b, &r);
	else if (op == CEL_N_MUL)
		over = MUL_OVERFLOWS(a, b, &r);
	else if (b == 0)
		return cel_err(ctx, op == CEL_N_DIV ? CEL_ERR_DIV_ZERO : CEL_ERR_MOD_ZERO, NULL);
	else
		r = op == CEL_N_DIV ? a / b : a % b;
	return over ? cel_err(ctx, CEL_ERR_OVERFLOW, NULL) : cel_uint(r);
}

static double double_arith(enum cel_node_op op, double a, double b)
{
	if (op == CEL_N_ADD)
		return a + b;
	if (op == CEL_N_SUB)
		return a - b;
	return op == CEL_N_MUL ? a * b : a / b;
}

static struct cel_value duration_sum(struct cel_ctx *ctx, int64_t a, int64_t b, bool minus)
{
	int64_t r;
	bool over = minus ? SUB_OVERFLOWS(a, b, &r) : ADD_OVERFLOWS(a, b, &r);

	return over ? cel_err(ctx, CEL_ERR_RANGE, "duration") : cel_duration(r);
}

/* t plus or minus d nanoseconds. */
static struct cel_value timestamp_moved(struct cel_ctx *ctx, struct cel_value t, int64_t d,
					bool minus)
{
	int64_t sec = d / NS_PER_SEC, ns = d % NS_PER_SEC;

	sec = minus ? t.u.i - sec : t.u.i + sec;	/* both far from the ends of int64 */
	ns = minus ? (int64_t)t.n - ns : (int64_t)t.n + ns;
	if (ns < 0) {
		ns += NS_PER_SEC;
		sec--;
	} else if (ns >= NS_PER_SEC) {
		ns -= NS_PER_SEC;
		sec++;
	}
	if (sec < CEL_TIMESTAMP_MIN || sec > CEL_TIMESTAMP_MAX)
		return cel_err(ctx, CEL_ERR_RANGE, "timestamp");
	return cel_timestamp(sec, (uint32_t)ns);
}

static struct cel_value timestamp_diff(struct cel_ctx *ctx, struct cel_value a, struct cel_value b)
{
	int64_t ns;

	if (MUL_OVERFLOWS(a.u.i - b.u.i, NS_PER_SEC, &ns))
		return cel_err(ctx, CEL_ERR_RANGE, "duration");
	return duration_sum(ctx, ns, (int64_t)a.n - (int64_t)b.n, false);
}

static struct cel_value concat_text(struct cel_ctx *ctx, struct cel_value a, struct cel_value b)
{
	size_t n = (size_t)a.n + b.n;
	char *p = n <= UINT32_MAX ? cel_alloc(ctx, n) : NULL;

	if (!p)
		return cel_err_cost();
	if (a.n)
		memcpy(p, a.u.s, a.n);
	if (b.n)
		memcpy(p + a.n, b.u.s, b.n);
	return a.kind == CEL_STRING ? cel_string(str_n(p, n)) : cel_bytes(str_n(p, n));
}

static struct cel_value concat_lists(struct cel_ctx *ctx, struct cel_value a, struct cel_value b)
{
	size_t n = (size_t)a.n + b.n;
	struct cel_value *items = n <= UINT32_MAX ? cel_alloc_n(ctx, n, sizeof(*items)) : NULL;

	if (!items)
		return cel_err_cost();
	for (size_t i = 0; i < a.n; i++)
		items[i] = cel_list_at(a, i);
	for (size_t i = 0; i < b.n; i++)
		items[a.n + i] = cel_list_at(b, i);
	return cel_list(items, n);
}

/* Timestamps and durations; false when op is not defined on the two. */
static bool time_arith(struct cel_ctx *ctx, enum cel_node_op op, struct cel_value a,
		       struct cel_value b, struct cel_value *out)
{
	bool minus = op == CEL_N_SUB;

	if (op != CEL_N_ADD && op != CEL_N_SUB)
		return false;
	if (a.kind == CEL_DURATION && b.kind == CEL_DURATION)
		*out = duration_sum(ctx, a.u.i, b.u.i, minus);
	else if (a.kind == CEL_TIMESTAMP && b.kind == CEL_DURATION)
		*out = timestamp_moved(ctx, a, b.u.i, minus);
	else if (a.kind == CEL_DURATION && b.kind == CEL_TIMESTAMP && !minus)
		*out = timestamp_moved(ctx, b, a.u.i, false);
	else if (a.kind == CEL_TIMESTAMP && b.kind == CEL_TIMESTAMP && minus)
		*out = timestamp_diff(ctx, a, b);
	else
		return false;
	return true;
}

static struct cel_value arith(struct cel_ctx *ctx, enum cel_node_op op, struct cel_value a,
			      struct cel_value b)
{
	struct cel_value r;

	if (a.kind == b.kind) {
		if (a.kind == CEL_INT)
			return int_arith(ctx, op, a.u.i, b.u.i);
		if (a.kind == CEL_UINT)
			return uint_arith(ctx, op, a.u.u, b.u.u);
		if (a.kind == CEL_DOUBLE && op != CEL_N_MOD)
			return cel_double(double_arith(op, a.u.d, b.u.d));
		if (op == CEL_N_ADD && (a.kind == CEL_STRING || a.kind == CEL_BYTES))
			return concat_text(ctx, a, b);
		if (op == CEL_N_ADD && a.kind == CEL_LIST)
			return concat_lists(ctx, a, b);
	}
	if (time_arith(ctx, op, a, b, &r))
		return r;
	return no_overload(ctx, cel_node_op_text(op), a, b);
}

/* ---- comparison ------------------------------------------------------------------------- */

static struct cel_value order(struct cel_ctx *ctx, enum cel_node_op op, struct cel_value a,
			      struct cel_value b)
{
	int r;

	if ((a.kind == CEL_STRING || a.kind == CEL_BYTES) && !cel_charge(ctx, MIN(a.n, b.n) / 16))
		return cel_err_cost();
	r = cel_compare(a, b);
	if (r == CEL_CMP_NONE)
		return no_overload(ctx, cel_node_op_text(op), a, b);
	if (r == 2)	/* NaN */
		return cel_bool(false);
	if (op == CEL_N_LT)
		return cel_bool(r < 0);
	if (op == CEL_N_LE)
		return cel_bool(r <= 0);
	return cel_bool(op == CEL_N_GT ? r > 0 : r >= 0);
}

static struct cel_value op_in(struct cel_ctx *ctx, struct cel_value a, struct cel_value b)
{
	struct cel_value found;

	if (b.kind == CEL_MAP)
		return cel_bool(cel_map_find_in(ctx, b, a, &found));
	if (b.kind != CEL_LIST)
		return no_overload(ctx, "in", a, b);
	for (size_t i = 0; i < b.n; i++)
		if (cel_equal_in(ctx, a, cel_list_at(b, i)))
			return cel_bool(true);
	return cel_bool(false);
}

struct cel_value cel_op_binary(struct cel_ctx *ctx, enum cel_node_op op, struct cel_value a,
			       struct cel_value b)
{
	if (a.kind == CEL_ERROR)
		return a;
	if (b.kind == CEL_ERROR)
		return b;
	if (op <= CEL_N_SUB)
		return arith(ctx, op, a, b);
	if (op == CEL_N_EQ || op == CEL_N_NE)
		return cel_bool(cel_equal_in(ctx, a, b) == (op == CEL_N_EQ));
	if (op == CEL_N_IN)
		return op_in(ctx, a, b);
	return order(ctx, op, a, b);
}

struct cel_value cel_op_neg(struct cel_ctx *ctx, struct cel_value v)
{
	if (v.kind == CEL_INT)
		return int_arith(ctx, CEL_N_SUB, 0, v.u.i);
	if (v.kind == CEL_DOUBLE)
		return cel_double(-v.u.d);
	return v.kind == CEL_ERROR ? v : cel_err_overload(ctx, "-", &v, 1);
}

struct cel_value cel_op_not(struct cel_ctx *ctx, struct cel_value v)
{
	if (v.kind == CEL_BOOL)
		return cel_bool(!v.u.b);
	return v.kind == CEL_ERROR ? v : cel_err_overload(ctx, "!", &v, 1);
}

struct cel_value cel_op_logic(struct cel_ctx *ctx, bool decides, struct cel_value a,
			      struct cel_value b)
{
	if (a.kind == CEL_BOOL && b.kind == CEL_BOOL)
		return cel_bool(decides ? a.u.b || b.u.b : a.u.b && b.u.b);
	if ((a.kind == CEL_BOOL && a.u.b == decides) || (b.kind == CEL_BOOL && b.u.b == decides))
		return cel_bool(decides);
	if (a.kind == CEL_ERROR)
		return a;
	return b.kind == CEL_ERROR ? b : no_overload(ctx, decides ? "||" : "&&", a, b);
}

/* ---- look-ups --------------------------------------------------------------------------- */

/* A list index given as any number; false when it is none or fractional. */
static bool as_index(struct cel_value key, uint64_t *out)
{
	if (key.kind == CEL_INT && key.u.i >= 0)
		*out = (uint64_t)key.u.i;
	else if (key.kind == CEL_UINT)
		*out = key.u.u;
	else if (key.kind == CEL_DOUBLE && key.u.d >= 0 && key.u.d < 4294967296.0 &&
		 floor(key.u.d) == key.u.d)
		*out = (uint64_t)key.u.d;
	else
		return false;
	return true;
}

/* What stands at key: *found false when nothing does. An error for operands of the wrong kind. */
static struct cel_value look_up(struct cel_ctx *ctx, struct cel_value on, struct cel_value key,
				bool *found)
{
	struct cel_value v = cel_error(CEL_ERR_NO_KEY);
	uint64_t i;

	*found = false;
	if (on.kind == CEL_MAP) {
		*found = cel_map_find_in(ctx, on, key, &v);
		return v;
	}
	if (on.kind != CEL_LIST)
		return no_overload(ctx, "[]", on, key);
	if (key.kind != CEL_INT && key.kind != CEL_UINT && key.kind != CEL_DOUBLE)
		return no_overload(ctx, "[]", on, key);
	if (!as_index(key, &i) || i >= on.n)
		return cel_error(CEL_ERR_INDEX);
	*found = true;
	return cel_list_at(on, (size_t)i);
}

static struct cel_value some(struct cel_ctx *ctx, struct cel_value v)
{
	const struct cel_value *box = cel_box(ctx, v);

	return box ? cel_optional(box) : cel_err_cost();
}

struct cel_value cel_op_index(struct cel_ctx *ctx, struct cel_value on, struct cel_value key,
			      bool opt)
{
	bool in_optional = on.kind == CEL_OPTIONAL;
	struct cel_value v;
	bool found;

	if (on.kind == CEL_ERROR)
		return on;
	if (key.kind == CEL_ERROR)
		return key;
	if (in_optional) {
		if (!on.u.opt)
			return on;
		on = *on.u.opt;
	}
	v = look_up(ctx, on, key, &found);
	if (found)
		return opt || in_optional ? some(ctx, v) : v;
	if (cel_errk_of(v) == CEL_ERR_NO_OVERLOAD)
		return v;
	return opt || in_optional ? cel_optional(NULL)
				  : cel_err_value(ctx, cel_errk_of(v), NULL, key);
}

/* A missing field is none() where `.?` stands and below an optional; elsewhere an error. */
struct cel_value cel_op_select(struct cel_ctx *ctx, struct cel_value on, struct cel_value name,
			       bool opt)
{
	struct cel_value inner = on.kind == CEL_OPTIONAL && on.u.opt ? *on.u.opt : on;

	if (on.kind == CEL_ERROR || (on.kind == CEL_OPTIONAL && !on.u.opt))
		return on;
	if (inner.kind != CEL_MAP)
		return cel_err_overload(ctx, ".", &inner, 1);
	return cel_op_index(ctx, on, name, opt);
}

struct cel_value cel_op_has(struct cel_ctx *ctx, struct cel_value on, struct cel_value name)
{
	struct cel_value v;

	if (on.kind == CEL_ERROR)
		return on;
	if (on.kind == CEL_OPTIONAL) {
		if (!on.u.opt)
			return cel_bool(false);
		on = *on.u.opt;
	}
	if (on.kind != CEL_MAP)
		return cel_err_overload(ctx, "has", &on, 1);
	return cel_bool(cel_map_find_in(ctx, on, name, &v));
}

/* ---- calls ------------------------------------------------------------------------------ */

static bool kinds_fit(const struct cel_overload *o, const struct cel_value *args, size_t n)
{
	if (o->variadic ? n < o->arg_cnt : n != o->arg_cnt)
		return false;
	for (size_t i = 0; i < n; i++) {
		enum cel_kind want = o->args[MIN(i, (size_t)o->arg_cnt - 1)]->kind;

		if (want != args[i].kind && want != CEL_DYN && want != CEL_PARAM)
			return false;
	}
	return true;
}

struct cel_value cel_op_call(struct cel_ctx *ctx, const struct cel_call *call,
			     const struct cel_value *args, size_t n)
{
	const struct cel_overload *o = call->fn;

	for (size_t i = 0; i < n; i++)
		if (args[i].kind == CEL_ERROR)
			return args[i];
	if (o && !kinds_fit(o, args, n))
		return cel_err_overload(ctx, call->name, args, n);
	for (size_t i = 0; !o && i < call->candidate_cnt; i++)
		if (kinds_fit(call->candidates[i], args, n))
			o = call->candidates[i];
	if (!o)
		return call->candidate_cnt ? cel_err_overload(ctx, call->name, args, n) :
					     cel_err_value(ctx, CEL_ERR_UNDECLARED, NULL,
							   cel_string(str_of(call->name)));
	if (!cel_charge(ctx, o->cost))
		return cel_err_cost();
	ctx->prep = o == call->fn ? call->prep : NULL;
	return o->fn(ctx, args, n);
}

/* ---- construction ----------------------------------------------------------------------- */

/* Items are written through the value's own pointer; only builders know that it is writable. */
static struct cel_value *room(const struct cel_value *built)
{
	return (struct cel_value *)(uintptr_t)built->u.items;
}

struct cel_value cel_build_new(struct cel_ctx *ctx, bool map, size_t cap)
{
	size_t cnt;
	struct cel_value *items;

	if (MUL_OVERFLOWS(cap, map ? (size_t)2 : (size_t)1, &cnt))
		return cel_err_cost();
	items = cel_alloc_n(ctx, cnt, sizeof(*items));
	if (!items)
		return cel_err_cost();
	return map ? cel_map(items, 0) : cel_list(items, 0);
}

void cel_build_item(struct cel_value *into, struct cel_value v)
{
	if (into->kind == CEL_ERROR)
		return;
	if (v.kind == CEL_ERROR)
		*into = v;
	else
		room(into)[into->n++] = v;
}

void cel_build_move(struct cel_value *into, struct cel_value key, struct cel_value v)
{
	if (into->kind == CEL_ERROR)
		return;
	room(into)[2 * (size_t)into->n] = key;
	room(into)[2 * (size_t)into->n + 1] = v;
	into->n++;
}

void cel_build_entry(struct cel_ctx *ctx, struct cel_value *into, struct cel_value key,
		     struct cel_value v)
{
	struct cel_value other;

	if (into->kind == CEL_ERROR)
		return;
	if (key.kind == CEL_ERROR || v.kind == CEL_ERROR)
		*into = key.kind == CEL_ERROR ? key : v;
	else if (key.kind != CEL_INT && key.kind != CEL_UINT && key.kind != CEL_BOOL &&
		 key.kind != CEL_STRING)
		*into = cel_err_value(ctx, CEL_ERR_KEY_TYPE, NULL,
				      cel_type_value((enum cel_kind)key.kind));
	else if (cel_map_find_in(ctx, *into, key, &other))
		*into = cel_err_value(ctx, CEL_ERR_REPEATED_KEY, NULL, key);
	else
		cel_build_move(into, key, v);
}
