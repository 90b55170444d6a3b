/* cel_check_op.c - static types of operators, index and selection; literals no field can equal
 *
 * Layer: policy.  Input: hostile (agents submit rules).  Memory: the arena of the compilation.
 * Threads: one compiles.
 * Spec: S003 sections 3.3, 3.5 to 3.7; S003-FR-015.g.
 */
#include "policy/cel_comp.h"

static const char *const op_texts[CEL_N_COUNT] = {
	[CEL_N_LIT] = "literal",	[CEL_N_IDENT] = "name",		[CEL_N_SELECT] = ".",
	[CEL_N_INDEX] = "[]",		[CEL_N_CALL] = "call",		[CEL_N_METHOD] = "call",
	[CEL_N_LIST] = "list",		[CEL_N_MAP] = "map",		[CEL_N_NOT] = "!",
	[CEL_N_NEG] = "-",		[CEL_N_MUL] = "*",		[CEL_N_DIV] = "/",
	[CEL_N_MOD] = "%",		[CEL_N_ADD] = "+",		[CEL_N_SUB] = "-",
	[CEL_N_EQ] = "==",		[CEL_N_NE] = "!=",		[CEL_N_LT] = "<",
	[CEL_N_LE] = "<=",		[CEL_N_GT] = ">",		[CEL_N_GE] = ">=",
	[CEL_N_IN] = "in",		[CEL_N_AND] = "&&",		[CEL_N_OR] = "||",
	[CEL_N_COND] = "?:",		[CEL_N_HAS] = "has",		[CEL_N_ALL] = "all",
	[CEL_N_EXISTS] = "exists",	[CEL_N_EXISTS_ONE] = "exists_one",
	[CEL_N_FILTER] = "filter",	[CEL_N_MAP_LIST] = "map",
	[CEL_N_MAP_MAP] = "transformMap", [CEL_N_MAP_ENTRY] = "transformMapEntry",
	[CEL_N_BIND] = "cel.bind",	[CEL_N_OPT_MAP] = "optMap",
	[CEL_N_OPT_FLAT_MAP] = "optFlatMap",
	[CEL_N_FACT] = "field",		[CEL_N_VAR] = "variable",
	[CEL_N_LOCAL] = "variable",	[CEL_N_UNDECLARED] = "name",
};

const char *cel_node_op_text(enum cel_node_op op)
{
	return op < CEL_N_COUNT ? op_texts[op] : "?";
}

/* Signatures of the operators; evaluation is in cel_op.c. */
struct signature {
	enum cel_node_op op;
	struct cel_overload types;	/* only arguments and result */
};

#define SIG(o, left, right, res) \
	{ .op = CEL_N_##o, .types = { .arg_cnt = 2, .args = { &cel_t_##left, &cel_t_##right }, \
				      .result = &cel_t_##res } }
#define ARITH(o) SIG(o, int, int, int), SIG(o, uint, uint, uint), SIG(o, double, double, double)
#define ORDER(o) \
	SIG(o, bool, bool, bool), SIG(o, int, int, bool), SIG(o, uint, uint, bool), \
	SIG(o, double, double, bool), SIG(o, string, string, bool), SIG(o, bytes, bytes, bool), \
	SIG(o, timestamp, timestamp, bool), SIG(o, duration, duration, bool)

static const struct signature signatures[] = {
	ARITH(MUL), ARITH(DIV), SIG(MOD, int, int, int), SIG(MOD, uint, uint, uint),
	ARITH(ADD), SIG(ADD, string, string, string), SIG(ADD, bytes, bytes, bytes),
	SIG(ADD, list_a, list_a, list_a), SIG(ADD, duration, duration, duration),
	SIG(ADD, timestamp, duration, timestamp), SIG(ADD, duration, timestamp, timestamp),
	ARITH(SUB), SIG(SUB, duration, duration, duration),
	SIG(SUB, timestamp, duration, timestamp), SIG(SUB, timestamp, timestamp, duration),
	SIG(EQ, a, a, bool), SIG(NE, a, a, bool),
	ORDER(LT), ORDER(LE), ORDER(GT), ORDER(GE),
	SIG(IN, a, list_a, bool), SIG(IN, a, map_a_b, bool),
};

static int check_binary(struct cel_comp *c, struct cel_node *n)
{
	const struct cel_type *types[2] = { n->kid->type, n->kid->next->type };
	const struct cel_type *result = NULL, *t;

	for (size_t i = 0; i < ARRAY_LEN(signatures); i++)
		if (signatures[i].op == n->op &&
		    overload_fits(c, &signatures[i].types, types, 2, &t))
			result = result ? type_join(c, result, t) : t;
	n->type = result;
	if (result)
		return 0;
	return check_no_match(c, n, cel_node_op_text((enum cel_node_op)n->op), types, 2);
}

static int check_logic(struct cel_comp *c, struct cel_node *n)
{
	n->type = &cel_t_bool;
	for (struct cel_node *k = n->kid; k; k = k->next)
		if (!type_is(k->type, CEL_BOOL) && !type_is(k->type, CEL_DYN)) {
			const struct cel_type *types[2] = { n->kid->type, k->type };

			return check_no_match(c, n, cel_node_op_text((enum cel_node_op)n->op),
					      types, k == n->kid ? 1 : 2);
		}
	return 0;
}

static int check_cond(struct cel_comp *c, struct cel_node *n)
{
	const struct cel_type *types[3] = { n->kid->type, n->kid->next->type,
					    n->kid->next->next->type };

	n->type = type_join(c, types[1], types[2]);
	if ((!type_is(types[0], CEL_BOOL) && !type_is(types[0], CEL_DYN)) ||
	    !type_fits(types[1], types[2]))
		return check_no_match(c, n, "?:", types, 3);
	return 0;
}

static int check_unary(struct cel_comp *c, struct cel_node *n)
{
	const struct cel_type *t = n->kid->type;
	bool ok = n->op == CEL_N_NOT ? type_is(t, CEL_BOOL)
				     : type_is(t, CEL_INT) || type_is(t, CEL_DOUBLE);

	n->type = n->op == CEL_N_NOT ? &cel_t_bool : t;
	if (ok || type_is(t, CEL_DYN))
		return 0;
	return check_no_match(c, n, cel_node_op_text((enum cel_node_op)n->op), &t, 1);
}

static bool is_numeric(const struct cel_type *t)
{
	return type_is(t, CEL_INT) || type_is(t, CEL_UINT) || type_is(t, CEL_DOUBLE);
}

/* The result of a look-up: optional when asked for with `?` or on an optional. */
static void look_up_type(struct cel_comp *c, struct cel_node *n, const struct cel_type *found,
			 bool in_optional)
{
	n->type = n->opt || in_optional ? type_new(c, CEL_OPTIONAL, found, NULL) : found;
}

static int check_index(struct cel_comp *c, struct cel_node *n)
{
	const struct cel_type *types[2] = { n->kid->type, n->kid->next->type };
	bool in_optional = type_is(types[0], CEL_OPTIONAL);
	const struct cel_type *on = in_optional ? types[0]->arg[0] : types[0];
	const struct cel_type *key = types[1];

	look_up_type(c, n, &cel_t_dyn, in_optional);
	if (type_is(on, CEL_DYN))
		return 0;
	if (type_is(on, CEL_LIST) && (is_numeric(key) || type_is(key, CEL_DYN))) {
		look_up_type(c, n, on->arg[0], in_optional);
		return 0;
	}
	if (type_is(on, CEL_MAP) &&
	    (type_fits(on->arg[0], key) || (is_numeric(key) && is_numeric(on->arg[0])))) {
		look_up_type(c, n, on->arg[1], in_optional);
		return 0;
	}
	return check_no_match(c, n, "[]", types, 2);
}

static int check_select(struct cel_comp *c, struct cel_node *n)
{
	const struct cel_type *type = n->kid->type;
	bool in_optional = type_is(type, CEL_OPTIONAL);
	const struct cel_type *on = in_optional ? type->arg[0] : type;
	bool is_map = type_is(on, CEL_MAP) && type_fits(on->arg[0], &cel_t_string);

	if (n->op == CEL_N_HAS)
		n->type = &cel_t_bool;
	else
		look_up_type(c, n, is_map ? on->arg[1] : &cel_t_dyn, in_optional);
	if (is_map || type_is(on, CEL_DYN))
		return 0;
	if (c->env->no_check)
		return 0;
	return comp_fail(c, n->off, "type %s does not support field selection",
			 cel_kind_name(on->kind));
}

int op_check(struct cel_comp *c, struct cel_node *n)
{
	if (n->op >= CEL_N_MUL && n->op <= CEL_N_IN)
		return check_binary(c, n);
	if (n->op == CEL_N_AND || n->op == CEL_N_OR)
		return check_logic(c, n);
	if (n->op == CEL_N_COND)
		return check_cond(c, n);
	if (n->op == CEL_N_NOT || n->op == CEL_N_NEG)
		return check_unary(c, n);
	if (n->op == CEL_N_INDEX)
		return check_index(c, n);
	CHECK(n->op == CEL_N_SELECT || n->op == CEL_N_HAS);
	return check_select(c, n);
}

/* ---- comparisons that can never hold ---------------------------------------------------- */

static bool has_upper(struct str s)
{
	for (size_t i = 0; i < s.len; i++)
		if (s.p[i] >= 'A' && s.p[i] <= 'Z')
			return true;
	return false;
}

static bool has_lower(struct str s)
{
	for (size_t i = 0; i < s.len; i++)
		if (s.p[i] >= 'a' && s.p[i] <= 'z')
			return true;
	return false;
}

/* Whether a field of that form can hold a text with v in it; whole: be it, or end with it. */
static const char *text_misfit(enum fact_form form, struct str v, bool at_end, bool whole)
{
	switch (form) {
	case FACT_FORM_HOST:
		if (has_upper(v) || (at_end && str_ends(v, STR("."))))
			return "lower case without a trailing dot";
		return NULL;
	case FACT_FORM_UPPER:
		return has_lower(v) ? "upper case" : NULL;
	case FACT_FORM_PROTOCOL:
		if (whole && v.len && !str_eq_c(v, "tcp") && !str_eq_c(v, "udp"))
			return "\"tcp\" or \"udp\"";
		return NULL;
	case FACT_FORM_ANY:
	case FACT_FORM_PORT:
		break;
	}
	return NULL;
}

static int misfit(struct cel_comp *c, const struct cel_node *fact, const struct cel_node *lit,
		  const char *form)
{
	const struct fact_desc *d = &fact_table[fact->b.ref];

	return comp_fail(c, lit->off, "comparison can never hold: %s.%s is %s", d->ns, d->name,
			 form);
}

static int form_of_literal(struct cel_comp *c, const struct cel_node *fact,
			   const struct cel_node *lit, struct cel_value v, bool whole)
{
	enum fact_form form = fact_table[fact->b.ref].form;
	const char *bad = NULL;

	if (v.kind == CEL_STRING && whole)
		bad = text_misfit(form, cel_str(v), true, true);
	else if (v.kind == CEL_INT && form == FACT_FORM_PORT && (v.u.i < 0 || v.u.i > 65535))
		bad = "0 to 65535";
	return bad ? misfit(c, fact, lit, bad) : 0;
}

static int form_of_binary(struct cel_comp *c, const struct cel_node *n)
{
	const struct cel_node *left = n->kid, *right = n->kid->next;

	if (left->op == CEL_N_LIT && right->op == CEL_N_FACT) {
		const struct cel_node *swap = left;

		left = right;
		right = swap;
	}
	if (left->op != CEL_N_FACT || right->op != CEL_N_LIT)
		return 0;
	if (n->op != CEL_N_IN)
		return form_of_literal(c, left, right, right->a.val,
				       n->op == CEL_N_EQ || n->op == CEL_N_NE);
	for (size_t i = 0; right->a.val.kind == CEL_LIST && i < right->a.val.n; i++)
		if (form_of_literal(c, left, right, cel_list_at(right->a.val, i), true) < 0)
			return -1;
	return 0;
}

static int form_of_method(struct cel_comp *c, const struct cel_node *n)
{
	const struct cel_node *fact = n->kid;
	const struct cel_node *lit;
	bool ends = str_eq_c(n->a.name, "endsWith");
	const char *bad;

	if (n->kid_cnt != 2 || fact->op != CEL_N_FACT || fact->next->op != CEL_N_LIT)
		return 0;
	if (!ends && !str_eq_c(n->a.name, "startsWith") && !str_eq_c(n->a.name, "contains"))
		return 0;
	lit = fact->next;
	if (lit->a.val.kind != CEL_STRING)
		return 0;
	bad = text_misfit(fact_table[fact->b.ref].form, cel_str(lit->a.val), ends, false);
	return bad ? misfit(c, fact, lit, bad) : 0;
}

int form_check(struct cel_comp *c, const struct cel_node *n)
{
	if (c->env->no_check)
		return 0;
	if (n->op >= CEL_N_EQ && n->op <= CEL_N_IN)
		return form_of_binary(c, n);
	return n->op == CEL_N_METHOD ? form_of_method(c, n) : 0;
}
