/* cel_fold.c - replaces constant sub-expressions by their values at compile time
 *
 * Layer: policy.  Input: hostile (agents submit rules).  Memory: the arena of the compilation.
 * Threads: one compiles.
 * Spec: S003-FR-004, S003-EC-019.
 *
 * So cidr("10.0.0.0/8") or a list of literals costs nothing per request.  What fails is left as it
 * is: it may stand where it is never evaluated.
 */
#include "policy/cel_comp.h"
#include "policy/cel_run.h"

/* Work spent on one operator or call; a bomb in constants is left to the evaluation's own limits.
 * Lists and maps are as long as their source, so only the search for repeated keys is bounded. */
#define FOLD_UNITS 20000u
#define FOLD_BYTES (64u << 10)
#define FOLD_UNITS_LITERAL 4000000u

static bool all_literal(const struct cel_node *n)
{
	for (const struct cel_node *k = n->kid; k; k = k->next)
		if (k->op != CEL_N_LIT || k->opt_item)
			return false;
	return true;
}

static struct cel_value fold_list(struct cel_ctx *ctx, const struct cel_node *n)
{
	struct cel_value v = cel_build_new(ctx, false, n->kid_cnt);

	for (const struct cel_node *k = n->kid; k; k = k->next)
		cel_build_item(&v, k->a.val);
	return v;
}

static struct cel_value fold_map(struct cel_ctx *ctx, const struct cel_node *n)
{
	struct cel_value v = cel_build_new(ctx, true, n->kid_cnt / 2);

	for (const struct cel_node *k = n->kid; k; k = k->next->next)
		cel_build_entry(ctx, &v, k->a.val, k->next->a.val);
	return v;
}

static struct cel_value fold_call(struct cel_ctx *ctx, const struct cel_node *n)
{
	struct cel_value args[CEL_CALL_ARGS_MAX + 1];
	struct cel_call call = { .name = "", .fn = n->b.call.fn, .prep = n->b.call.prep };
	size_t cnt = 0;

	if (!n->b.call.fn || n->b.call.fn->prep)	/* the prepared want real scratch */
		return cel_error(CEL_ERR_INTERNAL);
	for (const struct cel_node *k = n->kid; k; k = k->next)
		args[cnt++] = k->a.val;
	return cel_op_call(ctx, &call, args, cnt);
}

static struct cel_value value_of(struct cel_ctx *ctx, const struct cel_node *n)
{
	enum cel_node_op op = (enum cel_node_op)n->op;

	if (op == CEL_N_LIST)
		return fold_list(ctx, n);
	if (op == CEL_N_MAP)
		return fold_map(ctx, n);
	if (op == CEL_N_CALL || op == CEL_N_METHOD)
		return fold_call(ctx, n);
	if (op == CEL_N_NOT)
		return cel_op_not(ctx, n->kid->a.val);
	if (op == CEL_N_NEG)
		return cel_op_neg(ctx, n->kid->a.val);
	if (op >= CEL_N_MUL && op <= CEL_N_IN)
		return cel_op_binary(ctx, op, n->kid->a.val, n->kid->next->a.val);
	return cel_error(CEL_ERR_INTERNAL);
}

void fold(struct cel_comp *c, struct cel_node *n)
{
	bool literal = n->op == CEL_N_LIST || n->op == CEL_N_MAP;
	struct cel_ctx ctx = { .scratch = c->arena,
			       .units = literal ? FOLD_UNITS_LITERAL : FOLD_UNITS,
			       .bytes = literal ? CEL_BYTES_MAX : FOLD_BYTES };
	struct cel_value v;

	if (c->failed || c->env->plain || n->op == CEL_N_LIT || !all_literal(n))
		return;
	v = value_of(&ctx, n);
	if (v.kind == CEL_ERROR || ctx.units == 0)
		return;
	n->op = CEL_N_LIT;
	n->a.val = v;
	n->kid = NULL;
	n->kid_cnt = 0;
}
