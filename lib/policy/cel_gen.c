/* cel_gen.c - byte code from a checked tree; the stack it needs; whether it can fail
 *
 * Layer: policy.  Input: trusted (checked tree).  Memory: the arena of the compilation.
 * Threads: one compiles.
 * Spec: S003-FR-004, S003-EC-019; S003 section 3.4.
 *
 * The tree is walked twice by the same code: once to count instructions, constants and calls, once
 * to write them.  Tests of one field against constants become one instruction each, and operands of
 * && and || that surely give a bool need no instruction to combine them.
 */
#include <string.h>

#include "policy/cel_comp.h"
#include "policy/cel_gen.h"

struct gen {
	struct cel_comp *c;
	struct cel_insn *code;		/* NULL while counting */
	uint32_t *pos;
	struct cel_value *consts;
	struct cel_call *calls;
	uint32_t code_cnt, const_cnt, call_cnt;
	uint32_t depth, max_depth;
	uint32_t off;			/* of the node in work */
	uint32_t slots[2 * CEL_DEPTH_MAX + 2];	/* stack slot of each macro variable */
};

static void gen_node(struct gen *g, const struct cel_node *n);

/* ---- emitting --------------------------------------------------------------------------- */

static int effect_of(enum cel_op op)
{
	static const signed char effects[] = {
#define CEL_OP(name, operands, effect) effect,
#include "policy/cel_ops.h"
#undef CEL_OP
	};

	return effects[op];
}

static void stack_moves(struct gen *g, int by)
{
	g->depth = (uint32_t)((int)g->depth + by);
	g->max_depth = MAX(g->max_depth, g->depth);
}

/* Appends an instruction; its index. */
static uint32_t emit(struct gen *g, enum cel_op op, unsigned x, unsigned a, uint32_t b)
{
	if (g->code) {
		g->code[g->code_cnt] = (struct cel_insn){ (uint8_t)op, (uint8_t)x, (uint16_t)a, b };
		g->pos[g->code_cnt] = g->off + 1;
	}
	stack_moves(g, effect_of(op));
	return g->code_cnt++;
}

/* Lets the jump at index at go to the next instruction. */
static void land(struct gen *g, uint32_t at)
{
	if (g->code)
		g->code[at].b = g->code_cnt;
}

static uint32_t add_const(struct gen *g, struct cel_value v)
{
	if (g->consts)
		g->consts[g->const_cnt] = v;
	return g->const_cnt++;
}

/* ---- fused tests of fields -------------------------------------------------------------- */

static bool is_lit(const struct cel_node *n, enum cel_kind k)
{
	return n->op == CEL_N_LIT && n->a.val.kind == k;
}

static bool is_text_fact(const struct cel_node *n)
{
	return n->op == CEL_N_FACT && fact_table[n->b.ref].storage == FACT_STR;
}

static bool is_int_fact(const struct cel_node *n)
{
	return n->op == CEL_N_FACT && (fact_table[n->b.ref].storage == FACT_U16 ||
				       fact_table[n->b.ref].storage == FACT_U64);
}

static bool all_strings(struct cel_value list)
{
	for (size_t i = 0; i < list.n; i++)
		if (cel_list_at(list, i).kind != CEL_STRING)
			return false;
	return true;
}

static bool fuse_equal(struct gen *g, const struct cel_node *n)
{
	const struct cel_node *fact = n->kid, *lit = n->kid->next;
	bool eq = n->op == CEL_N_EQ;

	if (fact->op == CEL_N_LIT) {
		fact = lit;
		lit = n->kid;
	}
	if (is_text_fact(fact) && is_lit(lit, CEL_STRING))
		emit(g, eq ? CEL_OP_FACT_EQ : CEL_OP_FACT_NE, 0, fact_table[fact->b.ref].offset,
		     add_const(g, lit->a.val));
	else if (is_int_fact(fact) && is_lit(lit, CEL_INT))
		emit(g, eq ? CEL_OP_FACT_INT_EQ : CEL_OP_FACT_INT_NE, 0, fact->b.ref,
		     add_const(g, lit->a.val));
	else
		return false;
	return true;
}

static bool fuse_method(struct gen *g, const struct cel_node *n)
{
	const struct cel_node *fact = n->kid, *lit = n->kid->next;
	enum cel_op op;

	if (n->kid_cnt != 2 || !n->b.call.fn || !is_text_fact(fact) || !is_lit(lit, CEL_STRING))
		return false;
	if (str_eq_c(n->a.name, "startsWith"))
		op = CEL_OP_FACT_STARTS;
	else if (str_eq_c(n->a.name, "endsWith"))
		op = CEL_OP_FACT_ENDS;
	else
		return false;
	emit(g, op, 0, fact_table[fact->b.ref].offset, add_const(g, lit->a.val));
	return true;
}

/* Moves items[at] down the heap of n items whose greatest stands first. */
static void sift(struct cel_value *items, size_t at, size_t n)
{
	for (size_t big = 2 * at + 1; big < n; big = 2 * at + 1) {
		struct cel_value moved = items[at];

		if (big + 1 < n && cel_text_order(cel_str(items[big + 1]), items[big]) > 0)
			big++;
		if (cel_text_order(cel_str(items[big]), moved) <= 0)
			return;
		items[at] = items[big];
		items[big] = moved;
		at = big;
	}
}

/* A sorted copy; heap sort, because it needs no memory and has no bad case. */
static bool sorted_list(struct gen *g, struct cel_value *list)
{
	struct cel_value *items = arena_array(g->c->arena, list->n, sizeof(*items));

	if (!items)
		return false;
	memcpy(items, list->u.items, list->n * sizeof(*items));
	for (size_t i = list->n / 2; i-- > 0;)
		sift(items, i, list->n);
	for (size_t n = list->n; n-- > 1;) {
		struct cel_value last = items[n];

		items[n] = items[0];
		items[0] = last;
		sift(items, 0, n);
	}
	*list = cel_list(items, list->n);
	return true;
}

#define SORT_FROM 12	/* items from which a sorted list is quicker */

static bool fuse_in(struct gen *g, const struct cel_node *n)
{
	const struct cel_node *lit = n->kid->next;
	enum cel_op op = CEL_OP_FACT_IN;
	struct cel_value list;

	if (!is_text_fact(n->kid) || !is_lit(lit, CEL_LIST))
		return false;
	list = lit->a.val;
	if (list.store != CEL_STORE_VALUES || !all_strings(list))
		return false;
	if (list.n >= SORT_FROM) {
		op = CEL_OP_FACT_IN_SORTED;
		if (g->code && !sorted_list(g, &list))
			comp_nomem(g->c, n->off);
	}
	emit(g, op, 0, fact_table[n->kid->b.ref].offset, add_const(g, list));
	return true;
}

/* A test of one field against constants, as one instruction. */
static bool fuse(struct gen *g, const struct cel_node *n)
{
	if (g->c->env->plain)
		return false;
	if (n->op == CEL_N_EQ || n->op == CEL_N_NE)
		return fuse_equal(g, n);
	if (n->op == CEL_N_METHOD)
		return fuse_method(g, n);
	return n->op == CEL_N_IN && fuse_in(g, n);
}

/* ---- can it fail ------------------------------------------------------------------------ */

static bool any_kid_can_fail(const struct cel_node *n)
{
	for (const struct cel_node *k = n->kid; k; k = k->next)
		if (cel_node_can_fail(k))
			return true;
	return false;
}

static bool any_kid_dyn(const struct cel_node *n)
{
	for (const struct cel_node *k = n->kid; k; k = k->next)
		if (type_is(k->type, CEL_DYN))
			return true;
	return false;
}

/* Calls of functions that give a value for all arguments of their types. */
static bool call_can_fail(const struct cel_node *n)
{
	static const char *const total[] = { "startsWith", "endsWith", "contains", "size" };

	if (!n->b.call.fn || any_kid_dyn(n))
		return true;
	if (n->b.call.prep && str_eq_c(n->a.name, "matches"))
		return any_kid_can_fail(n);
	for (size_t i = 0; i < ARRAY_LEN(total); i++)
		if (str_eq_c(n->a.name, total[i]))
			return any_kid_can_fail(n);
	return true;
}

bool cel_node_can_fail(const struct cel_node *n)
{
	enum cel_node_op op = (enum cel_node_op)n->op;

	if (op == CEL_N_LIT || op == CEL_N_FACT || op == CEL_N_VAR)
		return false;
	if (op == CEL_N_EQ || op == CEL_N_NE)
		return any_kid_can_fail(n);
	if (op == CEL_N_IN)
		return any_kid_can_fail(n) || type_is(n->kid->next->type, CEL_DYN);
	if ((op >= CEL_N_LT && op <= CEL_N_GE) || op == CEL_N_AND || op == CEL_N_OR ||
	    op == CEL_N_NOT)
		return any_kid_can_fail(n) || any_kid_dyn(n);
	if (op == CEL_N_COND)
		return any_kid_can_fail(n) || type_is(n->kid->type, CEL_DYN);
	if (op == CEL_N_HAS)
		return any_kid_can_fail(n) || !type_is(n->kid->type, CEL_MAP);
	if (op == CEL_N_CALL || op == CEL_N_METHOD)
		return call_can_fail(n);
	return true;
}

/* ---- expressions ------------------------------------------------------------------------ */

/* Operands that surely give a bool are dropped when they do not decide; others are held on the
 * stack and combined with what follows.  Waiting jumps are chained through their own targets. */
static void gen_logic(struct gen *g, const struct cel_node *n)
{
	bool is_or = n->op == CEL_N_OR;
	uint32_t chain = UINT32_MAX;
	bool held = false;

	for (const struct cel_node *k = n->kid; k; k = k->next) {
		bool sure = !held && !g->c->env->plain && type_is(k->type, CEL_BOOL) &&
			    !cel_node_can_fail(k);

		gen_node(g, k);
		g->off = n->off;
		if (held)
			emit(g, is_or ? CEL_OP_OR : CEL_OP_AND, 0, 0, 0);
		if (!k->next)
			break;
		held = !sure || !type_is(k->next->type, CEL_BOOL);
		if (held)
			chain = emit(g, is_or ? CEL_OP_JTRUE : CEL_OP_JFALSE, 0, 0, chain);
		else
			chain = emit(g, is_or ? CEL_OP_JTRUE_POP : CEL_OP_JFALSE_POP, 0, 0, chain);
	}
	while (g->code && chain != UINT32_MAX) {
		uint32_t next = g->code[chain].b;

		land(g, chain);
		chain = next;
	}
}

static void gen_cond(struct gen *g, const struct cel_node *n)
{
	uint32_t to_else, to_end, jump;

	gen_node(g, n->kid);
	to_else = emit(g, CEL_OP_COND, 0, 0, 0);
	to_end = emit(g, CEL_OP_TARGET, 0, 0, 0);
	gen_node(g, n->kid->next);
	jump = emit(g, CEL_OP_JMP, 0, 0, 0);
	stack_moves(g, -1);
	land(g, to_else);
	gen_node(g, n->kid->next->next);
	land(g, to_end);
	land(g, jump);
}

static void gen_list(struct gen *g, const struct cel_node *n)
{
	emit(g, CEL_OP_LIST_NEW, 0, 0, n->kid_cnt);
	for (const struct cel_node *k = n->kid; k; k = k->next) {
		gen_node(g, k);
		emit(g, CEL_OP_LIST_ADD, k->opt_item, 0, 0);
	}
}

static void gen_map(struct gen *g, const struct cel_node *n)
{
	emit(g, CEL_OP_MAP_NEW, 0, 0, n->kid_cnt / 2);
	for (const struct cel_node *k = n->kid; k; k = k->next->next) {
		gen_node(g, k);
		gen_node(g, k->next);
		g->off = k->off;
		emit(g, CEL_OP_MAP_ADD, k->opt_item, 0, 0);
	}
}

static void gen_call(struct gen *g, const struct cel_node *n)
{
	if (fuse(g, n))
		return;
	for (const struct cel_node *k = n->kid; k; k = k->next)
		gen_node(g, k);
	g->off = n->off;
	if (g->calls) {
		struct cel_call *call = &g->calls[g->call_cnt];
		struct str name = arena_str(g->c->arena, n->a.name);

		call->name = name.p ? name.p : "";
		call->fn = n->b.call.fn;
		call->prep = n->b.call.prep;
		if (!call->fn)
			call->candidates = lib_candidates(
				g->c, n->a.name, n->op == CEL_N_METHOD ? CEL_RECEIVER : CEL_GLOBAL,
				&call->candidate_cnt);
	}
	emit(g, CEL_OP_CALL, n->kid_cnt, 0, g->call_cnt++);
	stack_moves(g, -(int)n->kid_cnt);
}

static void gen_loop(struct gen *g, const struct cel_node *n, uint32_t number)
{
	const struct cel_node *body = cel_kid(n, n->kid_cnt - 1);
	uint32_t to_end, to_done, loop, keep = 0;

	gen_node(g, n->kid);
	g->off = n->off;
	to_end = emit(g, CEL_OP_ITER, n->op, 0, 0);
	loop = g->code_cnt;
	for (uint32_t i = 0; i < n->var_cnt; i++)
		g->slots[number + i] = g->depth + i;
	to_done = emit(g, CEL_OP_NEXT, n->var_cnt, 0, 0);
	stack_moves(g, n->var_cnt);
	if (n->kid_cnt == 3) {
		gen_node(g, n->kid->next);
		g->off = n->off;
		emit(g, CEL_OP_KEEP, n->var_cnt, 0, loop);
		keep = emit(g, CEL_OP_TARGET, 0, 0, 0);
	}
	gen_node(g, body);
	g->off = n->off;
	emit(g, CEL_OP_STEP, n->op, n->var_cnt, loop);
	stack_moves(g, -(int)n->var_cnt);
	land(g, to_done);
	if (keep)
		land(g, keep);
	emit(g, CEL_OP_DONE, n->op, 0, 0);
	land(g, to_end);
}

static void gen_bind(struct gen *g, const struct cel_node *n, uint32_t number)
{
	uint32_t to_end = 0;

	gen_node(g, n->kid);
	g->off = n->off;
	if (n->op != CEL_N_BIND)
		to_end = emit(g, CEL_OP_OPT_OPEN, 0, 0, 0);
	g->slots[number] = g->depth - 1;
	gen_node(g, n->kid->next);
	g->off = n->off;
	emit(g, CEL_OP_SQUASH, 0, 0, 0);
	if (n->op == CEL_N_BIND)
		return;
	emit(g, n->op == CEL_N_OPT_MAP ? CEL_OP_OPT_WRAP : CEL_OP_OPT_WANT, 0, 0, 0);
	land(g, to_end);
}

static void gen_leaf(struct gen *g, const struct cel_node *n)
{
	if (n->op == CEL_N_LIT)
		emit(g, CEL_OP_CONST, 0, 0, add_const(g, n->a.val));
	else if (is_text_fact(n))
		emit(g, CEL_OP_FACT_STR, 0, fact_table[n->b.ref].offset, 0);
	else if (n->op == CEL_N_FACT)
		emit(g, CEL_OP_FACT, 0, n->b.ref, 0);
	else if (n->op == CEL_N_VAR)
		emit(g, CEL_OP_VAR, 0, 0, n->b.ref);
	else if (n->op == CEL_N_LOCAL)
		emit(g, CEL_OP_LOCAL, 0, 0, g->slots[n->b.ref]);
	else
		emit(g, CEL_OP_UNDECLARED, 0, 0, add_const(g, cel_string(n->a.name)));
}

/* Operators: operands first, then one instruction. */
static void gen_operator(struct gen *g, const struct cel_node *n)
{
	if (fuse(g, n))
		return;
	for (const struct cel_node *k = n->kid; k; k = k->next)
		gen_node(g, k);
	g->off = n->off;
	if (n->op == CEL_N_NOT || n->op == CEL_N_NEG)
		emit(g, n->op == CEL_N_NOT ? CEL_OP_NOT : CEL_OP_NEG, 0, 0, 0);
	else if (n->op == CEL_N_INDEX)
		emit(g, CEL_OP_INDEX, n->opt, 0, 0);
	else if (n->op == CEL_N_SELECT)
		emit(g, CEL_OP_SELECT, n->opt, 0, add_const(g, cel_string(n->a.name)));
	else if (n->op == CEL_N_HAS)
		emit(g, CEL_OP_HAS, 0, 0, add_const(g, cel_string(n->a.name)));
	else
		emit(g, CEL_OP_BINARY, n->op, 0, 0);
}

static void gen_node(struct gen *g, const struct cel_node *n)
{
	enum cel_node_op op = (enum cel_node_op)n->op;

	g->off = n->off;
	if (op == CEL_N_AND || op == CEL_N_OR)
		gen_logic(g, n);
	else if (op == CEL_N_COND)
		gen_cond(g, n);
	else if (op == CEL_N_LIST)
		gen_list(g, n);
	else if (op == CEL_N_MAP)
		gen_map(g, n);
	else if (op == CEL_N_CALL || op == CEL_N_METHOD)
		gen_call(g, n);
	else if (op >= CEL_N_ALL && op <= CEL_N_MAP_ENTRY)
		gen_loop(g, n, n->var_number);
	else if (op >= CEL_N_BIND && op <= CEL_N_OPT_FLAT_MAP)
		gen_bind(g, n, n->var_number);
	else if (op == CEL_N_LIT || op >= CEL_N_FACT)
		gen_leaf(g, n);
	else
		gen_operator(g, n);
}

int gen_program(struct cel_comp *c, const struct cel_node *root, struct cel_prog *p)
{
	struct gen on_stack = { .c = c };
	struct gen *g = &on_stack;

	for (int pass = 0; pass < 2; pass++) {
		if (pass == 1) {
			g->code = arena_array(c->arena, g->code_cnt, sizeof(*g->code));
			g->pos = arena_array(c->arena, g->code_cnt, sizeof(*g->pos));
			g->consts = arena_array(c->arena, g->const_cnt + 1u, sizeof(*g->consts));
			g->calls = arena_array(c->arena, g->call_cnt + 1u, sizeof(*g->calls));
			if (!g->code || !g->pos || !g->consts || !g->calls)
				return comp_nomem(c, 0);
		}
		g->code_cnt = g->const_cnt = g->call_cnt = g->depth = 0;
		gen_node(g, root);
		emit(g, CEL_OP_RET, 0, 0, 0);
		if (g->max_depth > CEL_STACK_MAX)
			return comp_fail(c, root->off,
					 "expression needs more than %d values at once",
					 CEL_STACK_MAX);
	}
	p->code = g->code;
	p->pos = g->pos;
	p->code_cnt = g->code_cnt;
	p->consts = g->consts;
	p->calls = g->calls;
	p->stack = g->max_depth;
	p->can_fail = cel_node_can_fail(root) || !type_is(root->type, CEL_BOOL);
	return c->failed ? -1 : 0;
}
