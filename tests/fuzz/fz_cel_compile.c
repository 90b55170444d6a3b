/* fz_cel_compile.c - any bytes as a rule's condition: compiles or is refused with a place inside
 * the text */
#include <stdlib.h>

#include "policy/cel.h"
#include "policy/cel_ast.h"

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

static bool to_text(struct arena *a, struct str source, struct buf *out)
{
	static const struct cel_env plain = { .facts = true, .plain = true };
	const struct cel_prog *p;
	struct cel_diag d;

	if (cel_compile_diag(a, &plain, source, &p, &d) < 0)
		return false;
	cel_node_text(cel_prog_root(p), out);
	return true;
}

/* Text to tree to text to tree to text: the last two are equal. */
static void check_print(struct str source)
{
	static char first[1 << 16], second[1 << 16];
	struct buf a = BUF_OF(first), b = BUF_OF(second);
	struct arena arena;

	arena_init(&arena, 32u << 20);
	if (to_text(&arena, source, &a) && buf_ok(&a)) {
		if (!to_text(&arena, buf_str(&a), &b) || !str_eq(buf_str(&a), buf_str(&b)))
			abort();
	}
	arena_fini(&arena);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static const struct cel_env unchecked = { .no_check = true };
	struct str source = str_n(data, size);

	check(cel_env_facts(), source);
	check(&unchecked, source);
	check_print(source);
	return 0;
}
