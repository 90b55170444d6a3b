/* cel_vm.c - evaluates CEL byte code on a fixed stack within cost limits
 *
 * Layer: policy.  Input: hostile (values of requests).  Memory: one stack frame, the scratch arena.
 * Threads: pure functions over immutable programs.
 * Spec: S003-FR-008, S003-EC-019; S003 sections 3.4, 3.8, 3.11; decision D4.
 *
 * Theory of operation.  The generator has computed how deep the stack gets, so no push is checked
 * here.  Errors are values: an operator that meets one hands it on, && and || may absorb it.  Each
 * instruction takes one unit; work over data takes more (cel_charge).  When units or scratch end,
 * the evaluation ends with CEL_ERR_COST, which nothing absorbs.
 *
 * A loop (macro over a range) keeps three values on the stack: range, result so far, next index;
 * its variables lie above them.
 */
#include <string.h>

#include "policy/cel_lib.h"
#include "policy/cel_run.h"

#define LOOP_SLOTS 3	/* range, result, index */
#define SHORT_TEXT_MAX 64	/* bytes; comparing them takes the instruction's unit only */

/* ---- reading facts ---------------------------------------------------------------------- */

static const void *fact_at(const struct facts *f, size_t offset)
{
	return (const char *)f + offset;
}

static struct str fact_str(const struct facts *f, size_t offset)
{
	struct str s;

	memcpy(&s, fact_at(f, offset), sizeof(s));
	return s;
}

static int64_t fact_int(const struct facts *f, const struct fact_desc *d)
{
	uint16_t small;
	uint64_t big;

	if (d->storage == FACT_U16) {
		memcpy(&small, fact_at(f, d->offset), sizeof(small));
		return small;
	}
	memcpy(&big, fact_at(f, d->offset), sizeof(big));
	return big > (uint64_t)INT64_MAX ? INT64_MAX : (int64_t)big;
}

static struct cel_value fact_strs(const struct facts *f, size_t offset)
{
	struct fact_strs list;
	struct cel_value v = { .kind = CEL_LIST, .store = CEL_STORE_STRS };

	memcpy(&list, fact_at(f, offset), sizeof(list));
	v.n = (uint32_t)list.cnt;
	v.u.strs = list.v;
	return v;
}

static struct cel_value fact_value(const struct facts *f, const struct fact_desc *d)
{
	struct cel_value headers = { .kind = CEL_MAP, .store = CEL_STORE_FIELDS };

	switch (d->storage) {
	case FACT_STR:
		return cel_string(fact_str(f, d->offset));
	case FACT_U16:
	case FACT_U64:
		return cel_int(fact_int(f, d));
	case FACT_STRS:
		return fact_strs(f, d->offset);
	case FACT_HEADERS:
		headers.n = (uint32_t)f->http.header_cnt;
		headers.u.fields = f->http.headers;
		return headers;
	case FACT_BODY:
		return f->http.has_body ? cel_string(f->http.body) : cel_null();
	case FACT_VALUE:
		return f->run.context ? *(const struct cel_value *)f->run.context
				      : cel_map(NULL, 0);
	}
	return cel_error(CEL_ERR_INTERNAL);
}

/* ---- fused tests ------------------------------------------------------------------------ */

static bool text_is(struct str s, const struct cel_value *k)
{
	return s.len == k->n && (s.len == 0 || memcmp(s.p, k->u.s, s.len) == 0);
}

static bool text_starts(struct str s, const struct cel_value *k)
{
	return s.len >= k->n && (k->n == 0 || memcmp(s.p, k->u.s, k->n) == 0);
}

static bool text_ends(struct str s, const struct cel_value *k)
{
	return s.len >= k->n && (k->n == 0 || memcmp(s.p + (s.len - k->n), k->u.s, k->n) == 0);
}

static bool text_in(struct cel_ctx *ctx, struct str s, const struct cel_value *list)
{
	if (!cel_charge(ctx, list->n / 4))	/* most differ in length or in the first bytes */
		return false;
	for (size_t i = 0; i < list->n; i++)
		if (text_is(s, &list->u.items[i]))
			return true;
	return false;
}

int cel_text_order(struct str a, struct cel_value b)
{
	if (a.len != b.n)
		return a.len < b.n ? -1 : 1;
	return a.len ? memcmp(a.p, b.u.s, a.len) : 0;
}

static bool text_in_sorted(struct str s, const struct cel_value *list)
{
	size_t lo = 0, hi = list->n;

	while (lo < hi) {
		size_t mid = lo + (hi - lo) / 2;
		int order = cel_text_order(s, list->u.items[mid]);

		if (order == 0)
			return true;
		if (order < 0)
			hi = mid;
		else
			lo = mid + 1;
	}
	return false;
}

/* ---- loops ------------------------------------------------------------------------------ */

/* Starts a loop over *top: pushes result and index. False: *top is the loop's result, an error. */
static bool loop_open(struct cel_ctx *ctx, enum cel_node_op macro, struct cel_value *top)
{
	if (top->kind != CEL_LIST && top->kind != CEL_MAP) {
		if (top->kind != CEL_ERROR)
			*top = cel_err_overload(ctx, cel_node_op_text(macro), top, 1);
		return false;
	}
	if (macro == CEL_N_ALL || macro == CEL_N_EXISTS)
		top[1] = cel_bool(macro == CEL_N_ALL);
	else if (macro == CEL_N_EXISTS_ONE)
		top[1] = cel_int(0);
	else
		top[1] = cel_build_new(ctx, macro == CEL_N_MAP_MAP || macro == CEL_N_MAP_ENTRY,
				       top->n);
	top[2] = cel_uint(0);
	return true;
}

/* Pushes the variables of the next round above the loop's slots; false when none is left. */
static bool loop_next(struct cel_value *loop, unsigned vars)
{
	const struct cel_value range = loop[0];
	uint64_t i = loop[2].u.u;
	struct cel_value *var = loop + LOOP_SLOTS;

	if (i >= range.n)
		return false;
	loop[2].u.u = i + 1;
	if (range.kind == CEL_MAP) {
		var[0] = cel_map_key(range, (size_t)i);
		if (vars == 2)
			var[1] = cel_map_val(range, (size_t)i);
	} else if (vars == 2) {
		var[0] = cel_int((int64_t)i);
		var[1] = cel_list_at(range, (size_t)i);
	} else {
		var[0] = cel_list_at(range, (size_t)i);
	}
	return true;
}

static struct cel_value want_bool(struct cel_ctx *ctx, enum cel_node_op macro, struct cel_value v)
{
	return v.kind == CEL_ERROR ? v : cel_err_overload(ctx, cel_node_op_text(macro), &v, 1);
}

/* all() and exists(): true when decided. The first error is kept until a value decides. */
static bool step_quantor(struct cel_ctx *ctx, enum cel_node_op macro, struct cel_value *result,
			 struct cel_value v)
{
	bool decides = macro == CEL_N_EXISTS;

	if (v.kind == CEL_BOOL && v.u.b == decides) {
		*result = v;
		return true;
	}
	if (v.kind != CEL_BOOL && result->kind != CEL_ERROR)
		*result = want_bool(ctx, macro, v);
	return false;
}

/* Adds the entries of map v. The room was made for one entry a round; a round with more moves the
 * result to room for these and one more for each round that can follow. */
static void step_entries(struct cel_ctx *ctx, struct cel_value *result, struct cel_value v,
			 size_t rounds)
{
	if (v.kind != CEL_MAP) {
		*result =
			v.kind == CEL_ERROR ? v : cel_err_overload(ctx, "transformMapEntry", &v, 1);
		return;
	}
	if (v.n > 1) {
		struct cel_value moved = cel_build_new(ctx, true, result->n + (size_t)v.n + rounds);

		for (size_t i = 0; i < result->n; i++)
			cel_build_move(&moved, result->u.items[2 * i], result->u.items[2 * i + 1]);
		*result = moved;
	}
	for (size_t i = 0; i < v.n; i++)
		cel_build_entry(ctx, result, cel_map_key(v, i), cel_map_val(v, i));
}

/* Takes the body's value into the result; true when the loop is over. */
static bool loop_step(struct cel_ctx *ctx, enum cel_node_op macro, struct cel_value *loop,
		      struct cel_value v)
{
	struct cel_value *result = &loop[1];
	const struct cel_value *var = loop + LOOP_SLOTS;

	if (macro == CEL_N_ALL || macro == CEL_N_EXISTS)
		return step_quantor(ctx, macro, result, v);
	if (macro == CEL_N_MAP_LIST) {
		cel_build_item(result, v);
	} else if (macro == CEL_N_MAP_MAP) {
		cel_build_entry(ctx, result, var[0], v);
	} else if (macro == CEL_N_MAP_ENTRY) {
		step_entries(ctx, result, v, loop[0].n);
	} else if (v.kind != CEL_BOOL) {
		*result = want_bool(ctx, macro, v);
	} else if (v.u.b) {
		if (macro == CEL_N_FILTER)
			cel_build_item(result, var[0]);
		else
			result->u.i++;
	}
	return result->kind == CEL_ERROR;
}

/* ---- optionals -------------------------------------------------------------------------- */

/* The present value of an optional on top; false: *top stays, as none() or an error. */
static bool opt_open(struct cel_ctx *ctx, struct cel_value *top)
{
	if (top->kind == CEL_OPTIONAL && top->u.opt) {
		*top = *top->u.opt;
		return true;
	}
	if (top->kind != CEL_OPTIONAL && top->kind != CEL_ERROR)
		*top = cel_err_overload(ctx, "optMap", top, 1);
	return false;
}

static struct cel_value opt_wrap(struct cel_ctx *ctx, struct cel_value v)
{
	const struct cel_value *box;

	if (v.kind == CEL_ERROR)
		return v;
	box = cel_box(ctx, v);
	return box ? cel_optional(box) : cel_err_cost();
}

/* The value of an optional item: false when there is none to add. Errors are added. */
static bool opt_item(struct cel_ctx *ctx, struct cel_value *v)
{
	if (v->kind == CEL_OPTIONAL) {
		if (!v->u.opt)
			return false;
		*v = *v->u.opt;
	} else if (v->kind != CEL_ERROR) {
		*v = cel_err_overload(ctx, "?", v, 1);
	}
	return true;
}

/* ---- the loop --------------------------------------------------------------------------- */

struct run {
	const struct cel_prog *prog;
	const struct facts *facts;
	const struct cel_binding *vars;
	struct cel_ctx ctx;
};

/* Exempt from the length limit: one case per instruction, a few lines each. */
static struct cel_value run(struct run *r)
{
	struct cel_value stack[CEL_STACK_MAX + 2] __attribute__((uninitialized));
	struct cel_value *top = stack;	/* slot 0 stays unused: the stack grows by ++top */
	struct cel_ctx *ctx = &r->ctx;
	const struct cel_prog *p = r->prog;
	const struct facts *f = r->facts;
	const struct cel_value *k = p->consts;
	uint32_t pc = 0;

	for (;;) {
		const struct cel_insn in = p->code[pc++];

		if (ctx->units == 0)
			return cel_err_cost();
		ctx->units--;
		switch ((enum cel_op)in.op) {
		case CEL_OP_RET:
			return *top;
		case CEL_OP_CONST:
			*++top = k[in.b];
			continue;
		case CEL_OP_FACT_STR:
			*++top = cel_string(fact_str(f, in.a));
			continue;
		case CEL_OP_FACT:
			*++top = fact_value(f, &fact_table[in.a]);
			continue;
		case CEL_OP_VAR:
			*++top = r->vars[in.b].value;
			continue;
		case CEL_OP_LOCAL:
			top[1] = stack[1 + in.b];
			top++;
			continue;
		case CEL_OP_FACT_EQ:
			*++top = cel_bool(text_is(fact_str(f, in.a), &k[in.b]));
			continue;
		case CEL_OP_FACT_NE:
			*++top = cel_bool(!text_is(fact_str(f, in.a), &k[in.b]));
			continue;
		case CEL_OP_FACT_IN:
			*++top = cel_bool(text_in(ctx, fact_str(f, in.a), &k[in.b]));
			continue;
		case CEL_OP_FACT_IN_SORTED:
			*++top = cel_bool(text_in_sorted(fact_str(f, in.a), &k[in.b]));
			continue;
		case CEL_OP_FACT_STARTS:
			*++top = cel_bool(text_starts(fact_str(f, in.a), &k[in.b]));
			continue;
		case CEL_OP_FACT_ENDS:
			*++top = cel_bool(text_ends(fact_str(f, in.a), &k[in.b]));
			continue;
		case CEL_OP_FACT_INT_EQ:
			*++top = cel_bool(fact_int(f, &fact_table[in.a]) == k[in.b].u.i);
			continue;
		case CEL_OP_FACT_INT_NE:
			*++top = cel_bool(fact_int(f, &fact_table[in.a]) != k[in.b].u.i);
			continue;
		case CEL_OP_JMP:
			pc = in.b;
			continue;
		case CEL_OP_JFALSE_POP:
			if (cel_is_true(*top))
				top--;
			else
				pc = in.b;
			continue;
		case CEL_OP_JTRUE_POP:
			if (top->kind == CEL_BOOL && !top->u.b)
				top--;
			else
				pc = in.b;
			continue;
		case CEL_OP_JFALSE:
			if (top->kind == CEL_BOOL && !top->u.b)
				pc = in.b;
			continue;
		case CEL_OP_JTRUE:
			if (cel_is_true(*top))
				pc = in.b;
			continue;
		case CEL_OP_TARGET:
			continue;
		case CEL_OP_SQUASH:
			top[-1] = top[0];
			top--;
			continue;
		case CEL_OP_NEXT:
			if (loop_next(top - (LOOP_SLOTS - 1), in.x))
				top += in.x;
			else
				pc = in.b;
			continue;
		case CEL_OP_DONE:
			top -= LOOP_SLOTS - 1;
			top[0] = top[1];
			if (in.x == CEL_N_EXISTS_ONE && top->kind == CEL_INT)
				*top = cel_bool(top->u.i == 1);
			continue;
		/* From here on: what can fail. The position goes along with errors. */
		case CEL_OP_AND:
		case CEL_OP_OR:
			ctx->offset = p->pos[pc - 1];
			top--;
			top[0] = cel_op_logic(ctx, in.op == CEL_OP_OR, top[0], top[1]);
			break;
		case CEL_OP_NOT:
			ctx->offset = p->pos[pc - 1];
			*top = cel_op_not(ctx, *top);
			break;
		case CEL_OP_NEG:
			ctx->offset = p->pos[pc - 1];
			*top = cel_op_neg(ctx, *top);
			break;
		case CEL_OP_BINARY:
			top--;
			if (in.x == CEL_N_EQ && top[0].kind == CEL_STRING &&
			    top[1].kind == CEL_STRING &&
			    top[0].n <= SHORT_TEXT_MAX) { /* what loops over arguments do most */
				*top = cel_bool(text_is(cel_str(top[0]), &top[1]));
				continue;
			}
			ctx->offset = p->pos[pc - 1];
			top[0] = cel_op_binary(ctx, (enum cel_node_op)in.x, top[0], top[1]);
			break;
		case CEL_OP_COND:
			if (top->kind != CEL_BOOL) {
				ctx->offset = p->pos[pc - 1];
				*top = want_bool(ctx, CEL_N_COND, *top);
				pc = p->code[pc].b;
			} else if (!(top--)->u.b) {
				pc = in.b;
			}
			continue;
		case CEL_OP_UNDECLARED:
			ctx->offset = p->pos[pc - 1];
			*++top = cel_err_value(ctx, CEL_ERR_UNDECLARED, NULL, k[in.b]);
			continue;
		case CEL_OP_SELECT:
			ctx->offset = p->pos[pc - 1];
			*top = cel_op_select(ctx, *top, k[in.b], in.x);
			break;
		case CEL_OP_HAS:
			ctx->offset = p->pos[pc - 1];
			*top = cel_op_has(ctx, *top, k[in.b]);
			break;
		case CEL_OP_INDEX:
			ctx->offset = p->pos[pc - 1];
			top--;
			top[0] = cel_op_index(ctx, top[0], top[1], in.x);
			break;
		case CEL_OP_LIST_NEW:
		case CEL_OP_MAP_NEW:
			*++top = cel_build_new(ctx, in.op == CEL_OP_MAP_NEW, in.b);
			break;
		case CEL_OP_LIST_ADD:
			ctx->offset = p->pos[pc - 1];
			top--;
			if (!in.x || opt_item(ctx, &top[1]))
				cel_build_item(&top[0], top[1]);
			break;
		case CEL_OP_MAP_ADD:
			ctx->offset = p->pos[pc - 1];
			top -= 2;
			if (!in.x || opt_item(ctx, &top[2]))
				cel_build_entry(ctx, &top[0], top[1], top[2]);
			break;
		case CEL_OP_CALL:
			ctx->offset = p->pos[pc - 1];
			top -= in.x;
			top[1] = cel_op_call(ctx, &p->calls[in.b], top + 1, in.x);
			top++;
			break;
		case CEL_OP_OPT_OPEN:
			ctx->offset = p->pos[pc - 1];
			if (!opt_open(ctx, top))
				pc = in.b;
			break;
		case CEL_OP_OPT_WRAP:
			*top = opt_wrap(ctx, *top);
			break;
		case CEL_OP_OPT_WANT:
			ctx->offset = p->pos[pc - 1];
			if (top->kind != CEL_OPTIONAL && top->kind != CEL_ERROR)
				*top = cel_err_overload(ctx, "optFlatMap", top, 1);
			break;
		case CEL_OP_ITER:
			ctx->offset = p->pos[pc - 1];
			if (loop_open(ctx, (enum cel_node_op)in.x, top))
				top += LOOP_SLOTS - 1;
			else
				pc = in.b;
			break;
		case CEL_OP_KEEP:
			ctx->offset = p->pos[pc - 1];
			top--;
			if (top[1].kind == CEL_BOOL && top[1].u.b)
				continue;
			top -= in.x;
			if (top[1 + in.x].kind == CEL_BOOL) {
				pc = in.b;
				continue;
			}
			top[-1] = want_bool(ctx, CEL_N_FILTER, top[1 + in.x]);
			pc = p->code[pc].b;
			continue;
		case CEL_OP_STEP:
			ctx->offset = p->pos[pc - 1];
			top -= 1 + in.a;
			if (!loop_step(ctx, (enum cel_node_op)in.x, top - (LOOP_SLOTS - 1),
				       top[1 + in.a]))
				pc = in.b;
			continue;
		case CEL_OP_COUNT:
			return cel_error(CEL_ERR_INTERNAL);
		}
		if (top->kind == CEL_ERROR && top->store == CEL_ERR_COST)
			return *top;
	}
}

static struct cel_value evaluate(struct run *r, struct arena *scratch, struct cel_budget *budget)
{
	uint64_t given = MIN((uint64_t)CEL_UNITS_PER_CONDITION, budget->units);
	struct cel_value v;

	r->ctx.scratch = scratch;
	r->ctx.units = given;
	r->ctx.bytes = CEL_BYTES_MAX;
	v = run(r);
	budget->units -= given - r->ctx.units;
	return v;
}

struct cel_value cel_eval_facts(const struct cel_prog *p, const struct facts *f,
				struct arena *scratch, struct cel_budget *budget)
{
	struct run r = { .prog = p, .facts = f };

	return evaluate(&r, scratch, budget);
}

struct cel_value cel_eval_vars(const struct cel_prog *p, const struct cel_binding *vars,
			       struct arena *scratch, struct cel_budget *budget)
{
	static const struct facts none;
	struct run r = { .prog = p, .facts = &none, .vars = vars };

	return evaluate(&r, scratch, budget);
}
