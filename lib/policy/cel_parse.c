/* cel_parse.c - CEL source to tree: precedence climbing with a depth limit (S003 section 3.1)
 *
 * Layer: policy.  Input: hostile (agents submit rules).  Memory: nodes in the arena.
 * Threads: one compiles.
 * Spec: S003-FR-015, S003-FR-017.
 *
 * Recursion is bounded by CEL_DEPTH_MAX twice: the parser's own nesting, and the depth of the tree,
 * which also bounds every later walk.  Chains of && and || become one node with many children, so
 * that a condition over a thousand hosts is not deep.
 */
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "base/utf8.h"
#include "policy/cel_comp.h"

static struct cel_node *parse_expr(struct cel_comp *c);

int comp_fail(struct cel_comp *c, uint32_t off, const char *fmt, ...)
{
	va_list ap;

	if (c->failed)
		return -1;
	c->failed = true;
	c->diag->offset = off;
	cel_position(c->src, off, &c->diag->line, &c->diag->col);
	va_start(ap, fmt);
	vsnprintf(c->diag->msg, sizeof(c->diag->msg), fmt, ap);	/* too long: cut */
	va_end(ap);
	return -1;
}

int comp_nomem(struct cel_comp *c, uint32_t off)
{
	return comp_fail(c, off, "expression needs too much memory");
}

struct cel_node *comp_node(struct cel_comp *c, enum cel_node_op op, uint32_t off)
{
	struct cel_node *n;

	if (++c->nodes > CEL_NODES_MAX) {
		comp_fail(c, off, "expression has more than %u nodes", CEL_NODES_MAX);
		return NULL;
	}
	n = ARENA_NEW(c->arena, struct cel_node);
	if (!n) {
		comp_nomem(c, off);
		return NULL;
	}
	n->op = (uint8_t)op;
	n->off = off;
	n->depth = 1;
	return n;
}

bool comp_kid(struct cel_comp *c, struct cel_node *n, struct cel_node **tail, struct cel_node *kid)
{
	if (!kid)
		return false;
	if (*tail)
		(*tail)->next = kid;
	else
		n->kid = kid;
	*tail = kid;
	n->kid_cnt++;
	n->depth = (uint16_t)MAX((unsigned)n->depth, kid->depth + 1u);
	if (n->depth > CEL_DEPTH_MAX) {
		comp_fail(c, n->off, "expression is nested deeper than %d", CEL_DEPTH_MAX);
		return false;
	}
	return true;
}

/* ---- tokens ----------------------------------------------------------------------------- */

static struct cel_node *unexpected(struct cel_comp *c, const char *wanted)
{
	struct str near = str_first(str_from(c->src, c->tok.off), c->pos - c->tok.off);

	if (c->failed)
		return NULL;
	if (c->tok.kind == TOK_END)
		comp_fail(c, c->tok.off, "unexpected end of the expression, expected %s", wanted);
	else if (c->tok.kind == TOK_RESERVED)
		comp_fail(c, c->tok.off, "'" STR_FMT "' is a reserved word", STR_ARG(near));
	else
		comp_fail(c, c->tok.off, "unexpected '" STR_FMT "', expected %s",
			  STR_ARG(str_first(near, utf8_valid_prefix(str_first(near, 40)))), wanted);
	return NULL;
}

/* Takes the token if it is of that kind. *ok turns false on a lexical error behind it. */
static bool accept(struct cel_comp *c, enum cel_tok_kind k)
{
	if (c->failed || c->tok.kind != k)
		return false;
	return lex_next(c) == 0;
}

static bool expect(struct cel_comp *c, enum cel_tok_kind k, const char *wanted)
{
	if (c->failed || c->tok.kind != k) {
		unexpected(c, wanted);
		return false;
	}
	return lex_next(c) == 0;
}

static struct cel_node *literal(struct cel_comp *c, uint32_t off, struct cel_value v)
{
	struct cel_node *n = comp_node(c, CEL_N_LIT, off);

	if (n)
		n->a.val = v;
	return n;
}

/* An int literal is lexed as magnitude: 2^63 needs its sign. */
static struct cel_node *int_literal(struct cel_comp *c, uint32_t off, bool negative)
{
	uint64_t u = c->tok.value.u.u;

	if (u > (uint64_t)INT64_MAX && !negative) {
		comp_fail(c, off, "integer literal is out of range");
		return NULL;
	}
	struct cel_node *n = literal(c, off, cel_int(negative ? (int64_t)(~u + 1) : (int64_t)u));

	return n && lex_next(c) == 0 ? n : NULL;
}

/* ---- primaries and members -------------------------------------------------------------- */

/* Arguments up to the closing parenthesis; the opening one is taken. */
static bool parse_args(struct cel_comp *c, struct cel_node *n, struct cel_node *tail)
{
	if (accept(c, TOK_RPAREN))
		return true;
	do {
		if (n->kid_cnt > CEL_CALL_ARGS_MAX) {
			comp_fail(c, c->tok.off, "more than %d arguments", CEL_CALL_ARGS_MAX);
			return false;
		}
		if (!comp_kid(c, n, &tail, parse_expr(c)))
			return false;
	} while (accept(c, TOK_COMMA));
	return expect(c, TOK_RPAREN, "',' or ')'");
}

static struct cel_node *parse_name(struct cel_comp *c, bool root)
{
	uint32_t off = c->tok.off;
	struct str name = c->tok.text;
	struct cel_node *n;

	if (!expect(c, TOK_IDENT, "a name"))
		return NULL;
	bool call = accept(c, TOK_LPAREN);

	n = comp_node(c, call ? CEL_N_CALL : CEL_N_IDENT, off);
	if (!n || c->failed)
		return NULL;
	n->a.name = name;
	n->root = root;
	if (!call)
		return n;
	return parse_args(c, n, NULL) ? macro_expand(c, n) : NULL;
}

static struct cel_node *parse_list(struct cel_comp *c)
{
	struct cel_node *n = comp_node(c, CEL_N_LIST, c->tok.off);
	struct cel_node *tail = NULL;

	if (!n || !expect(c, TOK_LBRACKET, "'['"))
		return NULL;
	while (c->tok.kind != TOK_RBRACKET) {
		bool opt = accept(c, TOK_QUESTION);

		if (!comp_kid(c, n, &tail, parse_expr(c)))
			return NULL;
		tail->opt_item = opt;
		n->opt |= opt;
		if (!accept(c, TOK_COMMA))
			break;
	}
	return expect(c, TOK_RBRACKET, "',' or ']'") ? n : NULL;
}

static struct cel_node *parse_map(struct cel_comp *c)
{
	struct cel_node *n = comp_node(c, CEL_N_MAP, c->tok.off);
	struct cel_node *tail = NULL;

	if (!n || !expect(c, TOK_LBRACE, "'{'"))
		return NULL;
	while (c->tok.kind != TOK_RBRACE) {
		bool opt = accept(c, TOK_QUESTION);
		struct cel_node *key;

		if (!comp_kid(c, n, &tail, parse_expr(c)))
			return NULL;
		key = tail;
		if (!expect(c, TOK_COLON, "':'") || !comp_kid(c, n, &tail, parse_expr(c)))
			return NULL;
		n->opt |= opt;
		key->opt_item = opt;
		if (!accept(c, TOK_COMMA))
			break;
	}
	return expect(c, TOK_RBRACE, "',' or '}'") ? n : NULL;
}

static struct cel_node *parse_primary(struct cel_comp *c)
{
	uint32_t off = c->tok.off;
	struct cel_node *n;

	switch (c->tok.kind) {
	case TOK_INT:
		return int_literal(c, off, false);
	case TOK_LITERAL:
		n = literal(c, off, c->tok.value);
		return n && lex_next(c) == 0 ? n : NULL;
	case TOK_DOT:
		return lex_next(c) == 0 ? parse_name(c, true) : NULL;
	case TOK_IDENT:
		return parse_name(c, false);
	case TOK_LBRACKET:
		return parse_list(c);
	case TOK_LBRACE:
		return parse_map(c);
	case TOK_LPAREN:
		if (lex_next(c) < 0)
			return NULL;
		n = parse_expr(c);
		return n && expect(c, TOK_RPAREN, "')'") ? n : NULL;
	case TOK_END: case TOK_RESERVED: case TOK_QUOTED: case TOK_IN: case TOK_RPAREN:
	case TOK_RBRACKET: case TOK_RBRACE: case TOK_COMMA: case TOK_COLON: case TOK_QUESTION:
	case TOK_NOT:
	case TOK_MINUS:
	case TOK_PLUS:
	case TOK_STAR:
	case TOK_SLASH:
	case TOK_PERCENT:
	case TOK_EQ: case TOK_NE: case TOK_LT: case TOK_LE: case TOK_GT: case TOK_GE: case TOK_AND:
	case TOK_OR:
		break;
	}
	return unexpected(c, "an expression");
}

/* `.name`, `.?name`, `.name(args)` behind operand; the dot is taken. */
static struct cel_node *parse_select(struct cel_comp *c, struct cel_node *operand)
{
	bool opt = accept(c, TOK_QUESTION);
	bool quoted = c->tok.kind == TOK_QUOTED;
	uint32_t off = c->tok.off;
	struct str name = c->tok.text;
	struct cel_node *n, *tail = NULL;

	if (c->failed || (!quoted && c->tok.kind != TOK_IDENT && c->tok.kind != TOK_RESERVED))
		return unexpected(c, "a field name");
	if (lex_next(c) < 0)
		return NULL;
	bool call = !opt && !quoted && accept(c, TOK_LPAREN);

	n = comp_node(c, call ? CEL_N_METHOD : CEL_N_SELECT, off);
	if (!n || !comp_kid(c, n, &tail, operand))
		return NULL;
	n->a.name = name;
	n->opt = opt;
	n->root = quoted;	/* a quoted name is never part of a dotted variable */
	if (!call)
		return n;
	return parse_args(c, n, tail) ? macro_expand(c, n) : NULL;
}

static struct cel_node *parse_index(struct cel_comp *c, struct cel_node *operand, uint32_t off)
{
	struct cel_node *n = comp_node(c, CEL_N_INDEX, off);
	struct cel_node *tail = NULL;

	if (!n)
		return NULL;
	n->opt = accept(c, TOK_QUESTION);
	if (!comp_kid(c, n, &tail, operand) || !comp_kid(c, n, &tail, parse_expr(c)))
		return NULL;
	return expect(c, TOK_RBRACKET, "']'") ? n : NULL;
}

static struct cel_node *parse_members(struct cel_comp *c, struct cel_node *n)
{
	while (n && !c->failed) {
		uint32_t off = c->tok.off;

		if (accept(c, TOK_DOT)) {
			n = parse_select(c, n);
		} else if (accept(c, TOK_LBRACKET)) {
			n = parse_index(c, n, off);
		} else if (c->tok.kind == TOK_LBRACE &&
			   (n->op == CEL_N_IDENT || n->op == CEL_N_SELECT)) {
			comp_fail(c, off, "message construction is not supported");
		} else {
			return c->failed ? NULL : n;
		}
	}
	return NULL;
}

/* ---- operators -------------------------------------------------------------------------- */

static struct cel_node *parse_unary(struct cel_comp *c)
{
	uint32_t off = c->tok.off;
	bool minus = c->tok.kind == TOK_MINUS;
	struct cel_node *n, *tail = NULL;

	if (!minus && c->tok.kind != TOK_NOT)
		return parse_members(c, parse_primary(c));
	if (lex_next(c) < 0)
		return NULL;
	if (minus && c->tok.kind == TOK_INT)
		return parse_members(c, int_literal(c, off, true));
	if (++c->depth > CEL_DEPTH_MAX) {
		comp_fail(c, off, "expression is nested deeper than %d", CEL_DEPTH_MAX);
		return NULL;
	}
	n = comp_node(c, minus ? CEL_N_NEG : CEL_N_NOT, off);
	if (!n || !comp_kid(c, n, &tail, parse_unary(c)))
		return NULL;
	c->depth--;
	if (minus && tail->op == CEL_N_LIT && tail->a.val.kind == CEL_DOUBLE) {
		tail->a.val.u.d = -tail->a.val.u.d;
		tail->off = off;
		return tail;
	}
	return n;
}

struct binary {
	enum cel_node_op op;
	int prec;	/* 0: no binary operator */
};

static struct binary binary_of(enum cel_tok_kind k)
{
	static const struct binary table[] = {
		[TOK_OR] = { CEL_N_OR, 1 },	[TOK_AND] = { CEL_N_AND, 2 },
		[TOK_EQ] = { CEL_N_EQ, 3 },	[TOK_NE] = { CEL_N_NE, 3 },
		[TOK_LT] = { CEL_N_LT, 3 },	[TOK_LE] = { CEL_N_LE, 3 },
		[TOK_GT] = { CEL_N_GT, 3 },	[TOK_GE] = { CEL_N_GE, 3 },
		[TOK_IN] = { CEL_N_IN, 3 },	[TOK_PLUS] = { CEL_N_ADD, 4 },
		[TOK_MINUS] = { CEL_N_SUB, 4 },	[TOK_STAR] = { CEL_N_MUL, 5 },
		[TOK_SLASH] = { CEL_N_DIV, 5 },	[TOK_PERCENT] = { CEL_N_MOD, 5 },
	};

	return k < ARRAY_LEN(table) ? table[k] : (struct binary){ CEL_N_LIT, 0 };
}

/* left op right; a chain of one logical operator grows the node it has. */
static struct cel_node *join_binary(struct cel_comp *c, struct binary b, uint32_t off,
				    struct cel_node *left, struct cel_node *right)
{
	bool logical = b.op == CEL_N_AND || b.op == CEL_N_OR;
	struct cel_node *n = left, *tail;

	if (logical && left->op == b.op) {
		tail = left->b.last;
	} else {
		tail = NULL;
		n = comp_node(c, b.op, off);
		if (!n || !comp_kid(c, n, &tail, left))
			return NULL;
	}
	if (!comp_kid(c, n, &tail, right))
		return NULL;
	if (logical)
		n->b.last = tail;
	return n;
}

static struct cel_node *parse_binary(struct cel_comp *c, int min_prec)
{
	struct cel_node *left = parse_unary(c);

	while (left && !c->failed) {
		struct binary b = binary_of(c->tok.kind);
		uint32_t off = c->tok.off;

		if (b.prec == 0 || b.prec < min_prec)
			return left;
		if (lex_next(c) < 0)
			return NULL;
		struct cel_node *right = parse_binary(c, b.prec + 1);

		left = right ? join_binary(c, b, off, left, right) : NULL;
	}
	return NULL;
}

static struct cel_node *parse_cond(struct cel_comp *c)
{
	struct cel_node *cond = parse_binary(c, 1);
	struct cel_node *n, *tail = NULL;
	uint32_t off = c->tok.off;

	if (!cond || !accept(c, TOK_QUESTION))
		return c->failed ? NULL : cond;
	n = comp_node(c, CEL_N_COND, off);
	if (!n || !comp_kid(c, n, &tail, cond) || !comp_kid(c, n, &tail, parse_binary(c, 1)))
		return NULL;
	if (!expect(c, TOK_COLON, "':'") || !comp_kid(c, n, &tail, parse_expr(c)))
		return NULL;
	return n;
}

static struct cel_node *parse_expr(struct cel_comp *c)
{
	struct cel_node *n;

	if (c->failed)
		return NULL;
	if (++c->depth > CEL_DEPTH_MAX) {
		comp_fail(c, c->tok.off, "expression is nested deeper than %d", CEL_DEPTH_MAX);
		return NULL;
	}
	n = parse_cond(c);
	c->depth--;
	return n;
}

struct cel_node *parse_source(struct cel_comp *c)
{
	size_t valid = utf8_valid_prefix(c->src);
	struct cel_node *n;

	if (valid != c->src.len) {
		comp_fail(c, (uint32_t)valid, "source is not valid UTF-8");
		return NULL;
	}
	if (lex_next(c) < 0)
		return NULL;
	n = parse_expr(c);
	if (n && c->tok.kind != TOK_END)
		return unexpected(c, "an operator or the end");
	return n;
}
