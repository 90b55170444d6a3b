/* cel_check.c - type checker of CEL: names, types, overloads (S003 section 3.3)
 *
 * Layer: policy.  Input: hostile (agents submit rules).  Memory: the arena of the compilation.
 * Threads: one compiles.
 * Spec: S003-FR-015.g, S003-EC-012.
 *
 * With checking switched off (cel_env.no_check) the same walk happens, but what would be refused
 * becomes dyn and is decided when evaluated.
 */
#include <string.h>

#include "policy/cel_comp.h"

int check_no_match(struct cel_comp *c, struct cel_node *n, const char *what,
		   const struct cel_type *const *types, size_t cnt)
{
	char text[256];
	struct buf b = BUF_OF(text);

	if (c->env->no_check) {
		n->type = &cel_t_dyn;
		return 0;
	}
	for (size_t i = 0; i < cnt; i++) {
		if (i)
			buf_add_c(&b, ", ");
		type_text(types[i], &b);
	}
	return comp_fail(c, n->off, "no matching overload for %s(%s)", what, buf_c(&b));
}

/* ---- literals of lists and maps --------------------------------------------------------- */

/* The type an item adds: the inner type of an optional one. */
static int item_type(struct cel_comp *c, struct cel_node *n, const struct cel_type **out)
{
	*out = n->type;
	if (!n->opt_item)
		return 0;
	if (type_is(n->type, CEL_OPTIONAL)) {
		*out = n->type->arg[0];
		return 0;
	}
	*out = &cel_t_dyn;
	if (type_is(n->type, CEL_DYN))
		return 0;
	return check_no_match(c, n, "?", &n->type, 1);
}

static const struct cel_type *join_item(struct cel_comp *c, const struct cel_type *so_far,
					const struct cel_type *item)
{
	return so_far ? type_join(c, so_far, item) : item;
}

static int check_list(struct cel_comp *c, struct cel_node *n)
{
	const struct cel_type *joined = NULL, *t;

	for (struct cel_node *k = n->kid; k; k = k->next) {
		if (item_type(c, k, &t) < 0)
			return -1;
		joined = join_item(c, joined, t);
	}
	n->type = joined ? type_new(c, CEL_LIST, joined, NULL) : &cel_t_list;
	return 0;
}

static bool can_be_key(const struct cel_type *t)
{
	return type_is(t, CEL_INT) || type_is(t, CEL_UINT) || type_is(t, CEL_BOOL) ||
	       type_is(t, CEL_STRING) || type_is(t, CEL_DYN);
}

static int check_map(struct cel_comp *c, struct cel_node *n)
{
	const struct cel_type *keys = NULL, *vals = NULL, *t;

	for (struct cel_node *k = n->kid; k; k = k->next->next) {
		struct cel_node *v = k->next;

		if (!can_be_key(k->type) && !c->env->no_check)
			return comp_fail(c, k->off, "unsupported key type %s",
					 cel_kind_name(k->type->kind));
		keys = join_item(c, keys, k->type);
		v->opt_item = k->opt_item;
		if (item_type(c, v, &t) < 0)
			return -1;
		vals = join_item(c, vals, t);
	}
	n->type = keys ? type_new(c, CEL_MAP, keys, vals) : &cel_t_map;
	return 0;
}

/* ---- calls ------------------------------------------------------------------------------ */

/* A literal argument may be prepared once: regular expressions, time zones. */
static int prepare(struct cel_comp *c, struct cel_node *n)
{
	const struct cel_overload *o = n->b.call.fn;
	const struct cel_node *arg;
	struct err e;

	if (!o->prep || o->prep_arg >= n->kid_cnt)
		return 0;
	arg = cel_kid(n, o->prep_arg);
	if (arg->op != CEL_N_LIT)
		return 0;
	if (o->prep(c->arena, arg->a.val, &n->b.call.prep, &e) == 0)
		return 0;
	if (!c->env->no_check)
		return comp_fail(c, arg->off, "%s", e.msg);
	n->b.call.fn = NULL;
	return 0;
}

/* The kinds are known, so the first fitting overload is the one of run time too. */
static bool all_known(const struct cel_type *const *types, size_t n)
{
	for (size_t i = 0; i < n; i++)
		if (type_is(types[i], CEL_DYN))
			return false;
	return true;
}

int call_check(struct cel_comp *c, struct cel_node *n)
{
	enum cel_style style = n->op == CEL_N_METHOD ? CEL_RECEIVER : CEL_GLOBAL;
	const struct cel_type *types[CEL_CALL_ARGS_MAX + 1], *result = NULL, *t;
	const struct cel_overload *o, *first = NULL;
	size_t cnt = 0, fits = 0;
	char name[64];

	for (const struct cel_node *k = n->kid; k; k = k->next)
		types[cnt++] = k->type;
	for (size_t lib = 0, i = 0; (o = lib_next(&lib, &i));) {
		if (o->style != style || !word_is(n->a.name, o->name) ||
		    !overload_fits(c, o, types, cnt, &t))
			continue;
		if (!first)
			first = o;
		else if (all_known(types, cnt))
			break;
		result = result ? type_join(c, result, t) : t;
		fits++;
	}
	if (!first) {
		if (!c->env->no_check && !lib_has(n->a.name, style) &&
		    (style == CEL_GLOBAL || !lib_has(n->a.name, CEL_GLOBAL)))
			return name_unknown_function(c, n);
		if (!str_to_c(name, sizeof(name), n->a.name))
			name[0] = '\0';
		return check_no_match(c, n, name, types, cnt);
	}
	n->type = result;
	if (fits > 1)
		return 0;
	n->b.call.fn = first;
	return prepare(c, n);
}

/* ---- macros ----------------------------------------------------------------------------- */

static int want_bool(struct cel_comp *c, struct cel_node *n, const char *what)
{
	if (type_is(n->type, CEL_BOOL) || type_is(n->type, CEL_DYN))
		return 0;
	return check_no_match(c, n, what, &n->type, 1);
}

/* Types of the variables of a macro over that range. */
static int range_types(struct cel_comp *c, struct cel_node *n, const struct cel_type *out[2])
{
	const struct cel_type *range = n->kid->type;

	out[0] = out[1] = &cel_t_dyn;
	if (type_is(range, CEL_LIST)) {
		out[0] = n->var_cnt == 2 ? &cel_t_int : range->arg[0];
		out[1] = range->arg[0];
	} else if (type_is(range, CEL_MAP)) {
		out[0] = range->arg[0];
		out[1] = range->arg[1];
	} else if (!type_is(range, CEL_DYN) && !c->env->no_check) {
		return comp_fail(c, n->off, "%s() needs a list or a map, not %s",
				 cel_node_op_text((enum cel_node_op)n->op),
				 cel_kind_name(range->kind));
	}
	return 0;
}

static int macro_type(struct cel_comp *c, struct cel_node *n, const struct cel_type *const vars[2])
{
	struct cel_node *body = cel_kid(n, n->kid_cnt - 1);
	enum cel_node_op op = (enum cel_node_op)n->op;

	if (op == CEL_N_MAP_LIST || op == CEL_N_MAP_MAP || op == CEL_N_MAP_ENTRY) {
		if (n->kid_cnt == 3 && want_bool(c, cel_kid(n, 1), cel_node_op_text(op)) < 0)
			return -1;
		n->type = op == CEL_N_MAP_LIST ? type_new(c, CEL_LIST, body->type, NULL) :
			  op == CEL_N_MAP_MAP  ? type_new(c, CEL_MAP, vars[0], body->type) :
						 body->type;
		if (op == CEL_N_MAP_ENTRY && !type_is(body->type, CEL_MAP) &&
		    !type_is(body->type, CEL_DYN))
			return check_no_match(c, n, "transformMapEntry", &body->type, 1);
		return 0;
	}
	n->type = op == CEL_N_FILTER ? type_new(c, CEL_LIST, vars[0], NULL) : &cel_t_bool;
	return want_bool(c, body, cel_node_op_text(op));
}

static uint32_t next_number(const struct cel_scope *scope)
{
	return scope ? scope->number + 1 : 0;
}

static int check_range_macro(struct cel_comp *c, struct cel_node *n, const struct cel_scope *scope)
{
	const struct cel_type *types[2];
	struct cel_scope first, second;
	const struct cel_scope *inner = &first;

	if (check_node(c, n->kid, scope) < 0 || range_types(c, n, types) < 0)
		return -1;
	first = (struct cel_scope){ scope, n->a.name, types[0], next_number(scope) };
	n->var_number = (uint16_t)first.number;
	if (n->var_cnt == 2) {
		second = (struct cel_scope){ &first, n->b.name2, types[1], first.number + 1 };
		inner = &second;
	}
	for (struct cel_node *k = n->kid->next; k; k = k->next)
		if (check_node(c, k, inner) < 0)
			return -1;
	return macro_type(c, n, types);
}

/* cel.bind, optMap and optFlatMap: one value, one variable, one body. */
int macro_check(struct cel_comp *c, struct cel_node *n, const struct cel_scope *scope)
{
	struct cel_node *init = n->kid;
	struct cel_scope inner = { scope, n->a.name, NULL, next_number(scope) };
	enum cel_node_op op = (enum cel_node_op)n->op;

	if (op != CEL_N_BIND && op != CEL_N_OPT_MAP && op != CEL_N_OPT_FLAT_MAP)
		return check_range_macro(c, n, scope);
	if (check_node(c, init, scope) < 0)
		return -1;
	n->var_number = (uint16_t)inner.number;
	inner.type = init->type;
	if (op != CEL_N_BIND) {
		inner.type = type_is(init->type, CEL_OPTIONAL) ? init->type->arg[0] : &cel_t_dyn;
		if (!type_is(init->type, CEL_OPTIONAL) && !type_is(init->type, CEL_DYN) &&
		    check_no_match(c, n, cel_node_op_text(op), &init->type, 1) < 0)
			return -1;
	}
	if (check_node(c, init->next, &inner) < 0)
		return -1;
	n->type = init->next->type;
	if (op == CEL_N_OPT_MAP)
		n->type = type_new(c, CEL_OPTIONAL, n->type, NULL);
	else if (op == CEL_N_OPT_FLAT_MAP && !type_is(n->type, CEL_OPTIONAL) &&
		 !type_is(n->type, CEL_DYN))
		return check_no_match(c, n, "optFlatMap", &init->next->type, 1);
	return 0;
}

/* ---- the walk --------------------------------------------------------------------------- */

static int check_children(struct cel_comp *c, struct cel_node *n, const struct cel_scope *scope)
{
	for (struct cel_node *k = n->kid; k; k = k->next)
		if (check_node(c, k, scope) < 0)
			return -1;
	return 0;
}

static int check_op(struct cel_comp *c, struct cel_node *n)
{
	if (n->op == CEL_N_LIST)
		return check_list(c, n);
	if (n->op == CEL_N_MAP)
		return check_map(c, n);
	if (n->op == CEL_N_CALL || n->op == CEL_N_METHOD)
		return call_check(c, n);
	return op_check(c, n);
}

int check_node(struct cel_comp *c, struct cel_node *n, const struct cel_scope *scope)
{
	bool done;

	if (n->op == CEL_N_LIT) {
		n->type = type_of_value(n->a.val);
		return 0;
	}
	if (name_resolve(c, n, scope, &done) < 0)
		return -1;
	if (done)
		return 0;
	if (n->op >= CEL_N_ALL && n->op <= CEL_N_OPT_FLAT_MAP)
		return macro_check(c, n, scope);
	if (n->op == CEL_N_METHOD)
		name_join_call(n, scope);
	if (check_children(c, n, scope) < 0 || check_op(c, n) < 0 || form_check(c, n) < 0)
		return -1;
	fold(c, n);
	return c->failed ? -1 : 0;
}

int check_tree(struct cel_comp *c, struct cel_node *n)
{
	c->diag->stage = CEL_STAGE_CHECK;
	if (check_node(c, n, NULL) < 0)
		return -1;
	if (c->env->want_bool && !c->env->no_check && !type_is(n->type, CEL_BOOL) &&
	    !type_is(n->type, CEL_DYN))
		return comp_fail(c, n->off, "condition must be bool, is %s",
				 cel_kind_name(n->type->kind));
	return 0;
}
