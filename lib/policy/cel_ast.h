/* cel_ast.h - the tree of a CEL expression
 *
 * Layer: policy.  Memory: the arena of the compilation; stays readable in the finished program.
 * Threads: immutable once compiled.
 *
 * The parser builds it (macros already recognised), the checker resolves names and types in place,
 * the generator and the index over rules read it.
 */
#ifndef OC_POLICY_CEL_AST_H
#define OC_POLICY_CEL_AST_H

#include "policy/cel_lib.h"

enum cel_node_op {
	CEL_N_LIT = 0,		/* val */
	CEL_N_IDENT,		/* name */
	CEL_N_SELECT,		/* operand; name; opt: `.?name` */
	CEL_N_INDEX,		/* operand, key; opt: `[?key]` */
	CEL_N_CALL,		/* name(args) */
	CEL_N_METHOD,		/* receiver, args; name */
	CEL_N_LIST,		/* items; opt_item on the item: `[?x]` */
	CEL_N_MAP,		/* key, value, ...; opt_item on the key: `{?k: v}` */
	CEL_N_NOT,
	CEL_N_NEG,
	CEL_N_MUL,		/* binary operators, in this order up to CEL_N_IN */
	CEL_N_DIV,
	CEL_N_MOD,
	CEL_N_ADD,
	CEL_N_SUB,
	CEL_N_EQ,
	CEL_N_NE,
	CEL_N_LT,
	CEL_N_LE,
	CEL_N_GT,
	CEL_N_GE,
	CEL_N_IN,
	CEL_N_AND,		/* two or more operands, flattened */
	CEL_N_OR,
	CEL_N_COND,		/* condition, then, else */
	CEL_N_HAS,		/* operand; name */
	CEL_N_ALL,		/* macros: range, [filter], body; name, name2: variables */
	CEL_N_EXISTS,
	CEL_N_EXISTS_ONE,
	CEL_N_FILTER,
	CEL_N_MAP_LIST,		/* map() and transformList() */
	CEL_N_MAP_MAP,		/* transformMap() */
	CEL_N_MAP_ENTRY,	/* transformMapEntry() */
	CEL_N_BIND,		/* init, body; name */
	CEL_N_OPT_MAP,		/* receiver, body; name */
	CEL_N_OPT_FLAT_MAP,
	/* Left by the checker in place of IDENT, SELECT and INDEX. */
	CEL_N_FACT,		/* ref: enum fact_field_id */
	CEL_N_VAR,		/* ref: index of the binding; name */
	CEL_N_LOCAL,		/* ref: number of the variable, counted from the outermost; name */
	CEL_N_UNDECLARED,	/* name: unchecked only, an error when evaluated */
	CEL_N_COUNT
};

struct cel_node {
	uint8_t op;		/* enum cel_node_op */
	uint8_t var_cnt;	/* macros: 1 or 2 variables */
	bool opt;		/* `.?`, `[?`; LIST and MAP: some item is optional */
	bool opt_item;		/* as an item or key: written with `?` */
	bool root;		/* names: leading dot; SELECT: quoted */
	uint32_t off;		/* in the source */
	uint16_t depth;		/* of the tree below, 1 for a leaf */
	uint16_t var_number;	/* macros: number of the first variable, see CEL_N_LOCAL */
	uint32_t kid_cnt;
	struct cel_node *kid;	/* first child, linked by next */
	struct cel_node *next;
	const struct cel_type *type;
	union {
		struct str name;
		struct cel_value val;	/* CEL_N_LIT */
	} a;
	union {
		struct str name2;
		uint32_t ref;		/* CEL_N_FACT, _VAR, _LOCAL */
		struct cel_node *last;	/* CEL_N_AND, _OR: last child, while parsing */
		struct {		/* calls and methods */
			const struct cel_overload *fn;	/* NULL: chosen at run time */
			const void *prep;
		} call;
	} b;
};

static inline struct cel_node *cel_kid(const struct cel_node *n, unsigned i)
{
	struct cel_node *k = n->kid;

	while (i-- > 0)
		k = k->next;
	return k;
}

/* The expression below n in CEL syntax, with fields as ns.field and what was folded as its value.
 */
void cel_node_text(const struct cel_node *n, struct buf *out);
/* The node below root that stands at that source offset (where errors point), or NULL. */
const struct cel_node *cel_node_at(const struct cel_node *root, uint32_t off);
/* Whether n stands on its own: no variable of a macro around it. */
bool cel_node_is_closed(const struct cel_node *n);
/* Whether an evaluation of n can give an error other than cost. */
bool cel_node_can_fail(const struct cel_node *n);

/* The operator or name as written: "==", "startsWith", "[]". */
const char *cel_node_op_text(enum cel_node_op op);

#endif
