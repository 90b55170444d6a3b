/* cel_ops.h - the instructions of CEL byte code: CEL_OP(name, operands, effect on the stack)
 *
 * Layer: policy.  No guard: included once per expansion.
 *
 * Operands as the disassembler prints them: "" none, "b" number or jump target, "k" constant, "f"
 * field, "fk" field (a) and constant (b), "l" stack slot, "c" call (x arguments), "xk" flag and
 * constant.  The effect is how many values the stack gains on the way to the next instruction; CALL
 * takes x values more, NEXT gives x, STEP takes a.  Values that are errors travel like others.
 */
CEL_OP(RET, "", 0)		/* the top is the result */
CEL_OP(CONST, "k", 1)
CEL_OP(FACT, "f", 1)		/* any field */
CEL_OP(FACT_STR, "f", 1)	/* a string field */
CEL_OP(VAR, "b", 1)		/* a binding */
CEL_OP(LOCAL, "l", 1)		/* a macro's variable: stack slot b */
CEL_OP(UNDECLARED, "k", 1)	/* an error that names the constant */
CEL_OP(FACT_EQ, "fk", 1)	/* string field equals constant */
CEL_OP(FACT_NE, "fk", 1)
CEL_OP(FACT_IN, "fk", 1)	/* string field is in a list of string constants */
CEL_OP(FACT_IN_SORTED, "fk", 1)	/* the same with a long list, sorted by length and bytes */
CEL_OP(FACT_STARTS, "fk", 1)	/* string field starts with constant */
CEL_OP(FACT_ENDS, "fk", 1)
CEL_OP(FACT_INT_EQ, "fk", 1)	/* int field equals constant */
CEL_OP(FACT_INT_NE, "fk", 1)
CEL_OP(JMP, "b", 0)
CEL_OP(JFALSE, "b", 0)		/* when the top is false; it stays */
CEL_OP(JTRUE, "b", 0)
CEL_OP(JFALSE_POP, "b", -1)	/* the top is a bool: false jumps and stays, true is dropped */
CEL_OP(JTRUE_POP, "b", -1)
CEL_OP(AND, "", -1)
CEL_OP(OR, "", -1)
CEL_OP(NOT, "", 0)
CEL_OP(NEG, "", 0)
CEL_OP(BINARY, "x", -1)		/* x: enum cel_node_op */
CEL_OP(COND, "b", -1)		/* false: jumps; no bool: error stays, jumps to b of TARGET */
CEL_OP(TARGET, "b", 0)		/* second word of COND */
CEL_OP(SELECT, "xk", 0)		/* x: optional */
CEL_OP(HAS, "k", 0)
CEL_OP(INDEX, "x", -1)		/* x: optional */
CEL_OP(LIST_NEW, "b", 1)	/* with room for b items */
CEL_OP(LIST_ADD, "x", -1)	/* x: optional item */
CEL_OP(MAP_NEW, "b", 1)
CEL_OP(MAP_ADD, "x", -2)	/* x: optional value */
CEL_OP(CALL, "c", 1)
CEL_OP(SQUASH, "", -1)		/* drops the value below the top */
CEL_OP(OPT_OPEN, "b", 0)	/* none or error: jumps and stays; some: its value */
CEL_OP(OPT_WRAP, "", 0)		/* the top becomes optional.of(top) */
CEL_OP(OPT_WANT, "", 0)		/* the top must be an optional */
CEL_OP(ITER, "xb", 2)		/* starts the loop of macro x; no range: error stays, jumps */
CEL_OP(NEXT, "xb", 0)		/* pushes x variables, or jumps when the range is exhausted */
CEL_OP(STEP, "xb", -1)		/* takes body and a variables; jumps to the next round or ends */
CEL_OP(KEEP, "xb", -1)		/* filter of a map macro: false drops x variables and jumps */
CEL_OP(DONE, "x", -2)		/* leaves the result of the loop */
