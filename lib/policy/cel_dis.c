/* cel_dis.c - CEL byte code as text, for tests and for people
 *
 * Layer: policy.  Input: trusted (programs).  Memory: the caller's buffer.
 * Threads: pure functions.
 * Spec: S003-FR-004.
 */
#include <string.h>

#include "policy/cel_run.h"

struct op_text {
	const char *name, *operands;
};

static const struct op_text op_texts[] = {
#define CEL_OP(name, operands, effect) { #name, operands },
#include "policy/cel_ops.h"
#undef CEL_OP
};

STATIC_ASSERT(ARRAY_LEN(op_texts) == CEL_OP_COUNT, "one text per instruction");

/* Fields stand in the code as index or, in fused tests of strings, as offset. */
static void field_text(const struct cel_insn *in, struct buf *out)
{
	bool by_index = in->op == CEL_OP_FACT || in->op == CEL_OP_FACT_INT_EQ ||
			in->op == CEL_OP_FACT_INT_NE;

	for (unsigned i = 0; i < FACT_FIELD_COUNT; i++)
		if (by_index ? i == in->a : fact_table[i].offset == in->a)
			buf_printf(out, " %s.%s", fact_table[i].ns, fact_table[i].name);
}

static void operands_text(const struct cel_prog *p, const struct cel_insn *in, struct buf *out)
{
	const char *operands = op_texts[in->op].operands;

	if (strchr(operands, 'f'))
		field_text(in, out);
	if (strchr(operands, 'x') && (in->op == CEL_OP_BINARY || in->op == CEL_OP_ITER ||
				      in->op == CEL_OP_STEP || in->op == CEL_OP_DONE))
		buf_printf(out, " %s", cel_node_op_text((enum cel_node_op)in->x));
	else if (strchr(operands, 'x'))
		buf_printf(out, " %u", (unsigned)in->x);
	if (strchr(operands, 'c'))
		buf_printf(out, " %s/%u", p->calls[in->b].name, (unsigned)in->x);
	if (strchr(operands, 'k')) {
		buf_add_byte(out, ' ');
		cel_value_text(p->consts[in->b], out);
	}
	if (strchr(operands, 'b') || strchr(operands, 'l'))
		buf_printf(out, " %u", (unsigned)in->b);
}

void cel_disassemble(const struct cel_prog *p, struct buf *out)
{
	for (uint32_t i = 0; i < p->code_cnt; i++) {
		buf_printf(out, "%u %s", (unsigned)i, op_texts[p->code[i].op].name);
		operands_text(p, &p->code[i], out);
		buf_add_byte(out, '\n');
	}
}
