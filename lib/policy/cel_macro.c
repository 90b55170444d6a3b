/* cel_macro.c - recognises the macros of CEL among parsed calls (S003 section 3.8)
 *
 * Layer: policy.  Input: hostile (agents submit rules).  Memory: nodes in the arena.
 * Threads: one compiles.
 * Spec: S003-FR-017, D22.
 *
 * A macro is a call with a known name, a known number of arguments and plain names where it
 * declares variables; anything else stays an ordinary call.  The call's node is rewritten in place.
 */
#include "policy/cel_comp.h"

struct macro {
	const char *name;
	enum cel_node_op op;
	uint8_t vars;		/* arguments that are names of variables */
	uint8_t bodies[2];	/* allowed numbers of arguments behind them */
};

static const struct macro macros[] = {
	{ "all", CEL_N_ALL, 1, { 1, 1 } },
	{ "exists", CEL_N_EXISTS, 1, { 1, 1 } },
	{ "exists_one", CEL_N_EXISTS_ONE, 1, { 1, 1 } },
	{ "existsOne", CEL_N_EXISTS_ONE, 1, { 1, 1 } },
	{ "map", CEL_N_MAP_LIST, 1, { 1, 2 } },
	{ "filter", CEL_N_FILTER, 1, { 1, 1 } },
	{ "all", CEL_N_ALL, 2, { 1, 1 } },
	{ "exists", CEL_N_EXISTS, 2, { 1, 1 } },
	{ "exists_one", CEL_N_EXISTS_ONE, 2, { 1, 1 } },
	{ "existsOne", CEL_N_EXISTS_ONE, 2, { 1, 1 } },
	{ "transformList", CEL_N_MAP_LIST, 2, { 1, 2 } },
	{ "transformMap", CEL_N_MAP_MAP, 2, { 1, 2 } },
	{ "transformMapEntry", CEL_N_MAP_ENTRY, 2, { 1, 2 } },
	{ "optMap", CEL_N_OPT_MAP, 1, { 1, 1 } },
	{ "optFlatMap", CEL_N_OPT_FLAT_MAP, 1, { 1, 1 } },
};

static bool is_plain_name(const struct cel_node *n)
{
	return n->op == CEL_N_IDENT && !n->root;
}

/* The node becomes op over the receiver and what follows the variables. */
static struct cel_node *become(struct cel_comp *c, struct cel_node *n, enum cel_node_op op,
			       unsigned vars)
{
	struct cel_node *range = n->kid;
	struct cel_node *var = range->next;

	n->op = (uint8_t)op;
	n->var_cnt = (uint8_t)vars;
	n->a.name = var->a.name;
	if (vars == 2) {
		n->b.name2 = var->next->a.name;
		if (str_eq(n->a.name, n->b.name2)) {
			comp_fail(c, var->next->off, "variable '" STR_FMT "' is declared twice",
				  STR_ARG(n->a.name));
			return NULL;
		}
		var = var->next;
	}
	range->next = var->next;
	n->kid_cnt -= vars;
	return n;
}

static bool macro_fits(const struct macro *m, const struct cel_node *n)
{
	uint32_t args = n->kid_cnt - 1;

	if (!word_is(n->a.name, m->name))
		return false;
	if (args != (uint32_t)m->vars + m->bodies[0] && args != (uint32_t)m->vars + m->bodies[1])
		return false;
	for (unsigned i = 0; i < m->vars; i++)
		if (!is_plain_name(cel_kid(n, 1 + i)))
			return false;
	return true;
}

static struct cel_node *expand_has(struct cel_comp *c, struct cel_node *n)
{
	struct cel_node *arg = n->kid;

	if (n->kid_cnt != 1)
		return n;
	if (arg->op != CEL_N_SELECT || arg->opt) {
		comp_fail(c, n->off, "has() needs a field selection such as has(a.b)");
		return NULL;
	}
	arg->op = CEL_N_HAS;
	return arg;
}

struct cel_node *macro_expand(struct cel_comp *c, struct cel_node *n)
{
	if (n->op == CEL_N_CALL)
		return word_is(n->a.name, "has") ? expand_has(c, n) : n;
	if (word_is(n->a.name, "bind") && is_plain_name(n->kid) &&
	    str_eq_c(n->kid->a.name, "cel") && n->kid_cnt == 4 && is_plain_name(n->kid->next)) {
		struct cel_node *var = n->kid->next;

		n->op = CEL_N_BIND;
		n->var_cnt = 1;
		n->a.name = var->a.name;
		n->kid = var->next;
		n->kid_cnt = 2;
		return n;
	}
	for (size_t i = 0; i < ARRAY_LEN(macros); i++)
		if (macro_fits(&macros[i], n))
			return become(c, n, macros[i].op, macros[i].vars);
	return n;
}
