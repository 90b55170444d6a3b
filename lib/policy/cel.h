/* cel.h - compile and evaluate CEL expressions (S003 section 3)
 *
 * Layer: policy.  Memory: a program lives in the arena it is compiled into and is immutable;
 * evaluation takes temporaries from a scratch arena and never from the heap.
 * Threads: any number may evaluate one program, each with its own scratch.
 */
#ifndef OC_POLICY_CEL_H
#define OC_POLICY_CEL_H

#include "base/arena.h"
#include "base/err.h"
#include "policy/cel_value.h"
#include "policy/facts.h"

/* S003 section 3.11 and 3.1. */
#define CEL_UNITS_PER_CONDITION 1000000u
#define CEL_UNITS_PER_EVALUATION 5000000u
#define CEL_BYTES_MAX (8u << 20)
#define CEL_DEPTH_MAX 250
#define CEL_NODES_MAX 262144u
#define CEL_SOURCE_MAX (1u << 20)

struct cel_prog;	/* immutable */
struct cel_node;	/* cel_ast.h: the checked tree, for analysis */
struct cel_type;

/* A variable of `outcall cel eval`: its name may hold dots. Types are those of the values. */
struct cel_binding {
	struct str name;
	struct cel_value value;
};

/* What names mean. */
struct cel_env {
	bool facts;		/* the schema of S003 section 1.4 */
	bool no_check;		/* unknown names and wrong types are errors of the evaluation */
	bool want_bool;		/* a result that is neither bool nor dyn is refused */
	bool plain;		/* nothing folded or fused: the oracle of differential tests */
	const struct cel_binding *vars;
	size_t var_cnt;
};

/* The schema of rule conditions, checked, result bool. */
const struct cel_env *cel_env_facts(void);

enum cel_stage { CEL_STAGE_PARSE = 0, CEL_STAGE_CHECK };

/* Why a text does not compile, and where. */
struct cel_diag {
	enum cel_stage stage;
	uint32_t line, col;	/* from 1; col counts code points */
	uint32_t offset;	/* in the source, bytes */
	char msg[480];
};

/* Compiles source (copied into a). -1: *d says why; a may hold leavings. Needs up to 160 KiB of
 * stack for the deepest nesting. */
int cel_compile_diag(struct arena *a, const struct cel_env *env, struct str source,
		     const struct cel_prog **out, struct cel_diag *d) NODISCARD;
/* The same with "<line>:<col>: <detail>" in *e. */
int cel_compile(struct arena *a, const struct cel_env *env, struct str source,
		const struct cel_prog **out, struct err *e) NODISCARD;
/* Two lines: the source line of offset (cut to at most 100 code points around it) and a caret
 * below, separated by LF, none at the end. */
void cel_caret(struct str source, uint32_t offset, struct buf *out);
/* Line and column (both from 1, columns in code points) of a byte offset. */
void cel_position(struct str source, uint32_t offset, uint32_t *line, uint32_t *col);

/* Units left for the conditions of one evaluation; start with CEL_BUDGET_INIT. */
struct cel_budget {
	uint64_t units;
};
#define CEL_BUDGET_INIT ((struct cel_budget){ CEL_UNITS_PER_EVALUATION })

/* Evaluates a program compiled with the facts schema. The result may point into scratch, a fixed
 * arena, which the caller rewinds; simple conditions do not touch scratch. Never fails: errors are
 * values. */
struct cel_value cel_eval_facts(const struct cel_prog *p, const struct facts *f,
				struct arena *scratch, struct cel_budget *budget);
/* Evaluates a program compiled with bindings: the same variables in the same order. */
struct cel_value cel_eval_vars(const struct cel_prog *p, const struct cel_binding *vars,
			       struct arena *scratch, struct cel_budget *budget);

/* What a condition's value means for a rule (D4). */
enum cel_outcome {
	CEL_OUT_ERROR = 0,	/* an error that is not absence, or a value that is not bool */
	CEL_OUT_ABSENCE,	/* an error that stems from a missing key or index */
	CEL_OUT_COST,		/* a cost limit: ends the whole evaluation */
	CEL_OUT_FALSE,
	CEL_OUT_TRUE,
};
enum cel_outcome cel_outcome(struct cel_value v);

/* "evaluation error" text with position: "1:7: no such key: 'x'"; for a non-bool value
 * "condition evaluated to non-bool: <type>". v must not be a bool. */
void cel_outcome_text(const struct cel_prog *p, struct cel_value v, struct buf *out);

/* Masks over the fields of struct facts (bit = index in the table of facts.c, FACT_FIELD_*). */
uint32_t cel_prog_fields(const struct cel_prog *p);	/* that the condition names */
unsigned cel_prog_namespaces(const struct cel_prog *p);	/* the same as enum fact_ns */
struct str cel_prog_source(const struct cel_prog *p);
const struct cel_node *cel_prog_root(const struct cel_prog *p);
/* A program for a closed part of p (cel_node_is_closed), to tell people what it gave (outcall
 * explain); it borrows from p. Compiled into a. */
int cel_compile_part(struct arena *a, const struct cel_prog *p, const struct cel_node *part,
		     const struct cel_prog **out, struct err *e) NODISCARD;
/* The static type of the result: kind CEL_BOOL, CEL_DYN, ... */
enum cel_kind cel_prog_kind(const struct cel_prog *p);
/* Whether an evaluation can produce an error at all. False: only fields, constants, comparisons. */
bool cel_prog_can_fail(const struct cel_prog *p);

/* The byte code as text, one instruction a line. */
void cel_disassemble(const struct cel_prog *p, struct buf *out);

#endif
