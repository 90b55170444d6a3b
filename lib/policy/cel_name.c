/* cel_name.c - what the names in a CEL expression mean
 *
 * Layer: policy.  Input: hostile (agents submit rules).  Memory: the arena of the compilation.
 * Threads: one compiles.
 * Spec: S003 section 3.3; S003-FR-015.g.
 *
 * A dotted chain a.b.c means the longest variable whose name is a prefix of it.  The checker asks
 * for each chain from its longest form inwards, so the first hit is the longest.
 */
#include <string.h>

#include "policy/cel_comp.h"

const struct cel_scope *scope_find(const struct cel_scope *scope, struct str name)
{
	while (scope && !str_eq(scope->name, name))
		scope = scope->outer;
	return scope;
}

/* The identifier at the front of a chain of plain selections, or NULL. */
static const struct cel_node *chain_front(const struct cel_node *n)
{
	while (n->op == CEL_N_SELECT && !n->opt && !n->root)
		n = n->kid;
	return n->op == CEL_N_IDENT ? n : NULL;
}

/* Whether the chain reads as that dotted text. */
static bool chain_is(const struct cel_node *n, struct str dotted)
{
	while (n->op == CEL_N_SELECT) {
		if (!str_ends(dotted, n->a.name))
			return false;
		dotted.len -= n->a.name.len;
		if (!str_ends(dotted, STR(".")))
			return false;
		dotted.len--;
		n = n->kid;
	}
	return str_eq(dotted, n->a.name);
}

static const struct cel_type *field_type(enum fact_storage s)
{
	static const struct cel_type context = { .kind = CEL_MAP,
						 .arg = { &cel_t_string, &cel_t_dyn } };

	switch (s) {
	case FACT_STR:
		return &cel_t_string;
	case FACT_U16:
	case FACT_U64:
		return &cel_t_int;
	case FACT_STRS:
		return &cel_t_list_string;
	case FACT_HEADERS:
		return &cel_t_map_string;
	case FACT_VALUE:
		return &context;
	case FACT_BODY:
		break;
	}
	return &cel_t_dyn;
}

static bool is_namespace(struct str name)
{
	for (size_t i = 0; i < FACT_FIELD_COUNT; i++)
		if (word_is(name, fact_table[i].ns))
			return true;
	return false;
}

/* The node becomes ref of a kind, without children. */
static void become_ref(struct cel_node *n, enum cel_node_op op, uint32_t ref,
		       const struct cel_type *type)
{
	n->op = (uint8_t)op;
	n->b.ref = ref;
	n->type = type;
	n->kid = NULL;
	n->kid_cnt = 0;
}

static void become_literal(struct cel_node *n, struct cel_value v)
{
	n->op = CEL_N_LIT;
	n->a.val = v;
	n->type = type_of_value(v);
	n->kid = NULL;
	n->kid_cnt = 0;
}

static int become_undeclared(struct cel_comp *c, struct cel_node *n, struct str name)
{
	CHECK(c->env->no_check);
	n->op = CEL_N_UNDECLARED;
	n->a.name = name;
	n->type = &cel_t_dyn;
	n->kid = NULL;
	n->kid_cnt = 0;
	return 0;
}

/* ---- fields of the facts ---------------------------------------------------------------- */

static int unknown_field(struct cel_comp *c, struct cel_node *n, struct str ns, struct str field)
{
	char want[96], candidate[96];
	struct buf w = BUF_OF(want);
	struct near near = { 0 };

	if (c->env->no_check)
		return become_undeclared(c, n, field);
	buf_printf(&w, STR_FMT "." STR_FMT, STR_ARG(str_first(ns, 16)),
		   STR_ARG(str_first(field, 64)));
	near.want = buf_str(&w);
	for (size_t i = 0; i < FACT_FIELD_COUNT; i++) {
		struct buf b = BUF_OF(candidate);

		buf_printf(&b, "%s.%s", fact_table[i].ns, fact_table[i].name);
		near_offer(&near, buf_str(&b));
		if (near.best.p == candidate)
			near.best = arena_str(c->arena, near.best);
	}
	if (near_best(&near).p)
		return comp_fail(c, n->off,
				 "unknown field \"" STR_FMT "\"; did you mean \"" STR_FMT "\"?",
				 STR_ARG(near.want), STR_ARG(near.best));
	return comp_fail(c, n->off, "unknown field \"" STR_FMT "\"", STR_ARG(near.want));
}

/* ns.field, ns["field"], has(ns.field). */
static int resolve_field(struct cel_comp *c, struct cel_node *n, struct str ns, struct str field)
{
	for (uint32_t i = 0; i < FACT_FIELD_COUNT; i++) {
		const struct fact_desc *d = &fact_table[i];

		if (!word_is(field, d->name) || !word_is(ns, d->ns))
			continue;
		c->fields |= UINT32_C(1) << i;
		if (n->op == CEL_N_HAS)		/* FR-005.g: there, whatever the layer */
			become_literal(n, cel_bool(true));
		else
			become_ref(n, CEL_N_FACT, i, field_type(d->storage));
		return 0;
	}
	return unknown_field(c, n, ns, field);
}

/* Whether n is the name of a namespace of facts and nothing nearer. */
static bool names_namespace(const struct cel_comp *c, const struct cel_node *n,
			    const struct cel_scope *scope)
{
	return c->env->facts && n->op == CEL_N_IDENT && is_namespace(n->a.name) &&
	       (n->root || !scope_find(scope, n->a.name));
}

static int resolve_fact(struct cel_comp *c, struct cel_node *n, const struct cel_scope *scope,
			bool *done)
{
	const struct cel_node *ns = n->kid;

	if (n->op == CEL_N_IDENT && names_namespace(c, n, scope)) {
		*done = true;
		if (c->env->no_check)
			return become_undeclared(c, n, n->a.name);
		return comp_fail(c, n->off,
				 "\"" STR_FMT "\" is not a value; name one of its fields",
				 STR_ARG(n->a.name));
	}
	if (!ns || n->opt || !names_namespace(c, ns, scope))
		return 0;
	if (n->op == CEL_N_INDEX &&
	    (ns->next->op != CEL_N_LIT || ns->next->a.val.kind != CEL_STRING))
		return 0;
	*done = true;
	return resolve_field(c, n, ns->a.name,
			     n->op == CEL_N_INDEX ? cel_str(ns->next->a.val) : n->a.name);
}

/* ---- bindings and type names ------------------------------------------------------------ */

static bool resolve_binding(struct cel_comp *c, struct cel_node *n)
{
	for (size_t i = 0; i < c->env->var_cnt; i++) {
		const struct cel_binding *b = &c->env->vars[i];

		if (!chain_is(n, b->name))
			continue;
		become_ref(n, CEL_N_VAR, (uint32_t)i, type_of_value(b->value));
		n->a.name = b->name;
		return true;
	}
	return false;
}

static bool resolve_type_name(struct cel_node *n)
{
	for (unsigned k = CEL_NULL; k < CEL_DYN; k++) {
		if (!chain_is(n, str_of(cel_kind_name((enum cel_kind)k))))
			continue;
		become_literal(n, cel_type_value((enum cel_kind)k));
		return true;
	}
	return false;
}

static int unknown_name(struct cel_comp *c, struct cel_node *n, const struct cel_scope *scope)
{
	struct near near = { .want = n->a.name };
	struct str best;

	if (c->env->no_check)
		return become_undeclared(c, n, n->a.name);
	for (; scope; scope = scope->outer)
		near_offer(&near, scope->name);
	for (size_t i = 0; i < c->env->var_cnt; i++)
		near_offer(&near, c->env->vars[i].name);
	for (size_t i = 0; c->env->facts && i < FACT_FIELD_COUNT; i++)
		near_offer(&near, str_of(fact_table[i].ns));
	best = near_best(&near);
	if (best.p)
		return comp_fail(c, n->off,
				 "undeclared reference to \"" STR_FMT "\"; "
				 "did you mean \"" STR_FMT "\"?",
				 STR_ARG(str_first(n->a.name, 64)), STR_ARG(best));
	return comp_fail(c, n->off, "undeclared reference to \"" STR_FMT "\"",
			 STR_ARG(str_first(n->a.name, 64)));
}

int name_resolve(struct cel_comp *c, struct cel_node *n, const struct cel_scope *scope, bool *done)
{
	const struct cel_node *front;
	const struct cel_scope *local;

	*done = false;
	if (c->env->facts && (resolve_fact(c, n, scope, done) < 0 || *done))
		return c->failed ? -1 : 0;
	if (n->op != CEL_N_IDENT && n->op != CEL_N_SELECT)
		return 0;
	front = chain_front(n);
	if (!front)
		return 0;
	local = front->root ? NULL : scope_find(scope, front->a.name);
	*done = true;
	if (local && n->op == CEL_N_IDENT) {
		become_ref(n, CEL_N_LOCAL, local->number, local->type);
		return 0;
	}
	if (!local && (resolve_binding(c, n) || resolve_type_name(n)))
		return 0;
	if (n->op == CEL_N_IDENT)
		return unknown_name(c, n, scope);
	*done = false;
	return 0;
}

/* ---- functions -------------------------------------------------------------------------- */

void name_join_call(struct cel_node *n, const struct cel_scope *scope)
{
	const struct cel_node *front = chain_front(n->kid);
	const struct cel_overload *o;

	if (!front || (!front->root && scope_find(scope, front->a.name)))
		return;
	for (size_t lib = 0, i = 0; (o = lib_next(&lib, &i));) {
		struct str full;

		if (o->style != CEL_GLOBAL || !strchr(o->name, '.'))
			continue;
		full = str_of(o->name);
		if (full.len <= n->a.name.len + 1 || !str_ends(full, n->a.name))
			continue;
		full.len -= n->a.name.len;
		if (full.p[--full.len] != '.' || !chain_is(n->kid, full))
			continue;
		n->op = CEL_N_CALL;
		n->a.name = str_of(o->name);
		n->kid = n->kid->next;
		n->kid_cnt--;
		return;
	}
}

int name_unknown_function(struct cel_comp *c, struct cel_node *n)
{
	struct near near = { .want = n->a.name };
	const struct cel_overload *o;
	struct str best;

	for (size_t lib = 0, i = 0; (o = lib_next(&lib, &i));)
		near_offer(&near, str_of(o->name));
	best = near_best(&near);
	if (best.p)
		return comp_fail(c, n->off,
				 "undeclared function \"" STR_FMT "\"; "
				 "did you mean \"" STR_FMT "\"?",
				 STR_ARG(str_first(n->a.name, 64)), STR_ARG(best));
	return comp_fail(c, n->off, "undeclared function \"" STR_FMT "\"",
			 STR_ARG(str_first(n->a.name, 64)));
}
