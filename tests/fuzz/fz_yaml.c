/* fz_yaml.c - the YAML reader: no tree breaks its own promises
 *
 * Layer: tests.  Input: hostile.  Memory: an arena per run.  Threads: one.
 * Spec: S003-FR-018, section 5.
 */
#include <stdlib.h>

#include "wire/yaml.h"

/* Counts, depth, positions and kinds agree; keys are scalars. */
static void check(const struct yaml_node *n, unsigned depth)
{
	uint32_t items = 0;

	if (depth > YAML_MAX_DEPTH || n->line == 0 || n->col == 0)
		abort();
	if (n->kind == YAML_SCALAR) {
		int64_t v;
		bool b;

		if (n->child || n->count || n->text.p[n->text.len] != '\0')
			abort();
		if (yaml_is_null(n) + yaml_bool(n, &b) + yaml_int(n, INT64_MIN, INT64_MAX, &v) > 1)
			abort();
		return;
	}
	for (const struct yaml_node *c = n->child; c; c = c->next, items++) {
		if (n->kind == YAML_MAP && items % 2 == 0 && c->kind != YAML_SCALAR)
			abort();
		check(c, depth + (c->kind != YAML_SCALAR));
	}
	if (items != n->count * (n->kind == YAML_MAP ? 2 : 1))
		abort();
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len)
{
	const struct yaml_node *root = NULL;
	struct arena a;
	struct err e;

	if (len > 65536)
		return 0;
	arena_init(&a, (size_t)64 << 20);
	if (yaml_parse(str_n(data, len), len % 2 ? "f" : NULL, &a, &root, &e) == 0) {
		if (root)
			check(root, 1);
	} else if (e.code == ERR_NONE || e.msg[0] == '\0') {
		abort();
	}
	arena_fini(&a);
	return 0;
}
