/* cel_comp.h - inside of the CEL compiler: what lexer, parser, checker and generator share
 *
 * Layer: policy.  Memory: everything in the arena of the compilation.  Threads: one compiles.
 */
#ifndef OC_POLICY_CEL_COMP_H
#define OC_POLICY_CEL_COMP_H

#include "policy/cel.h"
#include "policy/cel_ast.h"

enum cel_tok_kind {
	TOK_END = 0,
	TOK_IDENT,	/* text */
	TOK_RESERVED,	/* text: a name in field position only */
	TOK_QUOTED,	/* text: `quoted field` */
	TOK_INT,	/* value.u: magnitude up to 2^63 */
	TOK_LITERAL,	/* value: uint, double, string, bytes, bool, null */
	TOK_IN,
	TOK_LPAREN, TOK_RPAREN, TOK_LBRACKET, TOK_RBRACKET, TOK_LBRACE, TOK_RBRACE,
	TOK_DOT, TOK_COMMA, TOK_COLON, TOK_QUESTION,
	TOK_NOT, TOK_MINUS, TOK_PLUS, TOK_STAR, TOK_SLASH, TOK_PERCENT,
	TOK_EQ, TOK_NE, TOK_LT, TOK_LE, TOK_GT, TOK_GE, TOK_AND, TOK_OR,
};

struct cel_tok {
	enum cel_tok_kind kind;
	uint32_t off;
	struct str text;
	struct cel_value value;
};

struct cel_scope {	/* one variable of a macro; the innermost first */
	const struct cel_scope *outer;
	struct str name;
	const struct cel_type *type;
	uint32_t number;
};

struct cel_comp {
	struct arena *arena;
	const struct cel_env *env;
	struct str src;
	struct cel_diag *diag;
	bool failed;
	size_t pos;		/* lexer */
	struct cel_tok tok;	/* the token in front of the parser */
	uint32_t depth;		/* nesting of the parser */
	uint32_t nodes;
	uint32_t fields;	/* mask of facts named */
};

/* s == word; the first byte settles most comparisons with the entries of a table. */
static inline bool word_is(struct str s, const char *word)
{
	return s.len > 0 && s.p[0] == word[0] && str_eq_c(s, word);
}

/* Notes the first error. Returns -1. */
int comp_fail(struct cel_comp *c, uint32_t off, const char *fmt, ...) PRINTF(3, 4);
int comp_nomem(struct cel_comp *c, uint32_t off);

/* Reads the next token into c->tok; -1 after an error. */
int lex_next(struct cel_comp *c) NODISCARD;
/* True for the names that cannot be variables or functions. */
bool lex_is_reserved(struct str s);

/* A new node; NULL after an error. */
struct cel_node *comp_node(struct cel_comp *c, enum cel_node_op op, uint32_t off);
/* Appends a child, *tail being the last so far (NULL at first); false when too deep. */
bool comp_kid(struct cel_comp *c, struct cel_node *n, struct cel_node **tail, struct cel_node *kid);
/* The whole source as a tree; NULL after an error. */
struct cel_node *parse_source(struct cel_comp *c);
/* A call or method that is a macro becomes that macro's node. NULL after an error. */
struct cel_node *macro_expand(struct cel_comp *c, struct cel_node *call);

/* Resolves names and types below n in place. -1 after an error. */
int check_tree(struct cel_comp *c, struct cel_node *n) NODISCARD;

/* The parts of the checker; all return -1 after an error. check_no_match(): "no matching overload
 * for <what>(<types>)"; without checking it only makes the node dyn. */
int check_node(struct cel_comp *c, struct cel_node *n, const struct cel_scope *scope);
int check_no_match(struct cel_comp *c, struct cel_node *n, const char *what,
		   const struct cel_type *const *types, size_t cnt);
/* IDENT, SELECT, INDEX and HAS that name a variable, field or type: *done when they did. */
int name_resolve(struct cel_comp *c, struct cel_node *n, const struct cel_scope *scope, bool *done);
/* A method whose receiver is really the front of a function's name becomes a call. */
void name_join_call(struct cel_node *n, const struct cel_scope *scope);
int name_unknown_function(struct cel_comp *c, struct cel_node *n);
const struct cel_scope *scope_find(const struct cel_scope *scope, struct str name);
/* A comparison of a field with a literal it can never equal (S003 section 3.3). */
int form_check(struct cel_comp *c, const struct cel_node *n);
/* Calls and methods: chooses the overload. Operands are checked already. */
int call_check(struct cel_comp *c, struct cel_node *n);
/* Unary and binary operators, conditional, index, select. */
int op_check(struct cel_comp *c, struct cel_node *n);
/* Macros; they check their own children. */
int macro_check(struct cel_comp *c, struct cel_node *n, const struct cel_scope *scope);
/* Replaces n by its value when all it stands on is constant and nothing fails. */
void fold(struct cel_comp *c, struct cel_node *n);

/* Types. */
bool type_is(const struct cel_type *t, enum cel_kind k);
bool type_same(const struct cel_type *a, const struct cel_type *b);
/* dyn fits everything; parameters of list, map, optional in depth. */
bool type_fits(const struct cel_type *want, const struct cel_type *have);
const struct cel_type *type_new(struct cel_comp *c, enum cel_kind k, const struct cel_type *a,
				const struct cel_type *b);
/* The common type of two: equal, or merged where one is dyn, or dyn. */
const struct cel_type *type_join(struct cel_comp *c, const struct cel_type *a,
				 const struct cel_type *b);
const struct cel_type *type_of_value(struct cel_value v);
void type_text(const struct cel_type *t, struct buf *out);

/* Tries one overload on argument types; on success *result is its type. */
bool overload_fits(struct cel_comp *c, const struct cel_overload *o,
		   const struct cel_type *const *args, size_t n, const struct cel_type **result);

/* Iteration over all overloads of all libraries: *lib and *i start at 0; NULL at the end. */
const struct cel_overload *lib_next(size_t *lib, size_t *i);
/* Whether any overload has this name and style. */
bool lib_has(struct str name, enum cel_style style);
/* All overloads of that name and style, in order, in the arena; *n is 0 without any. */
const struct cel_overload **lib_candidates(struct cel_comp *c, struct str name,
					   enum cel_style style, size_t *n);

/* The nearest of the offered names, for "did you mean". */
struct near {
	struct str want;
	struct str best;
	unsigned distance;
};
void near_offer(struct near *n, struct str candidate);
/* Best candidate if it is near enough, else empty. */
struct str near_best(const struct near *n);

#endif
