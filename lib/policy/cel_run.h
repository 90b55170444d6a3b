/* cel_run.h - inside of the CEL evaluator: programs, byte code, operators
 *
 * Layer: policy.  Memory: programs are immutable; values live in scratch.  Threads: see cel.h.
 */
#ifndef OC_POLICY_CEL_RUN_H
#define OC_POLICY_CEL_RUN_H

#include "policy/cel.h"
#include "policy/cel_ast.h"

enum cel_op {
#define CEL_OP(name, operands, effect) CEL_OP_##name,
#include "policy/cel_ops.h"
#undef CEL_OP
	CEL_OP_COUNT
};

struct cel_insn {
	uint8_t op;	/* enum cel_op */
	uint8_t x;
	uint16_t a;
	uint32_t b;
};

/* A call site. fn: the one overload, whose kinds are still checked; else the first that fits. */
struct cel_call {
	const char *name;
	const struct cel_overload *fn;
	const void *prep;
	const struct cel_overload **candidates;
	size_t candidate_cnt;
};

struct cel_prog {
	struct str source;
	const struct cel_node *root;
	const struct cel_insn *code;
	const uint32_t *pos;		/* 1 + source offset of each instruction */
	uint32_t code_cnt;
	const struct cel_value *consts;
	const struct cel_call *calls;
	uint32_t stack;			/* values that an evaluation stacks at most */
	uint32_t fields;
	bool can_fail;
};

/* Values on the evaluation's stack; 16 bytes each. A program that needs more does not compile. */
#define CEL_STACK_MAX 512

/* The order of the lists of FACT_IN_SORTED: by length, then bytes. */
int cel_text_order(struct str a, struct cel_value b);

/* Operators over any values; errors among the operands come back. op: CEL_N_MUL .. CEL_N_IN. */
struct cel_value cel_op_binary(struct cel_ctx *ctx, enum cel_node_op op, struct cel_value a,
			       struct cel_value b);
struct cel_value cel_op_neg(struct cel_ctx *ctx, struct cel_value v);
struct cel_value cel_op_not(struct cel_ctx *ctx, struct cel_value v);
/* One step of && (decides false) or || (decides true); a non-bool operand is an error. */
struct cel_value cel_op_logic(struct cel_ctx *ctx, bool decides, struct cel_value a,
			      struct cel_value b);
struct cel_value cel_op_index(struct cel_ctx *ctx, struct cel_value on, struct cel_value key,
			      bool opt);
struct cel_value cel_op_select(struct cel_ctx *ctx, struct cel_value on, struct cel_value name,
			       bool opt);
struct cel_value cel_op_has(struct cel_ctx *ctx, struct cel_value on, struct cel_value name);
/* The call of a program with n arguments, none of them checked yet. */
struct cel_value cel_op_call(struct cel_ctx *ctx, const struct cel_call *call,
			     const struct cel_value *args, size_t n);

/* Lists and maps under construction: a value over room for cap items, written through these. */
struct cel_value cel_build_new(struct cel_ctx *ctx, bool map, size_t cap);
/* Appends; *into becomes an error when v (or key) is one, a key repeats or has no key type. */
void cel_build_item(struct cel_value *into, struct cel_value v);
void cel_build_entry(struct cel_ctx *ctx, struct cel_value *into, struct cel_value key,
		     struct cel_value v);
/* Appends an entry that is known to be good. */
void cel_build_move(struct cel_value *into, struct cel_value key, struct cel_value v);

#endif
