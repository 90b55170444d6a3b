/* fz_cel_compile.c - any bytes as a rule's condition: compiles or is refused with a place inside
 * the text */
#include <stdlib.h>

#include "policy/cel.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void check(const struct cel_env *env, struct str source)
{
	static char text[1 << 16];
	struct buf out = BUF_OF(text);
	const struct cel_prog *p;
	struct cel_diag d;
	struct arena a;

	arena_init(&a, 32u << 20);
	if (cel_compile_diag(&a, env, source, &p, &d) == 0) {
		cel_disassemble(p, &out);
	} else {
		if (d.offset > source.len || !d.msg[0] || !d.line || !d.col)
			abort();
		cel_caret(source, d.offset, &out);
	}
	arena_fini(&a);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static const struct cel_env unchecked = { .no_check = true };
	struct str source = str_n(data, size);

	check(cel_env_facts(), source);
	check(&unchecked, source);
	return 0;
}
