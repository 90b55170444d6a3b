/* fz_re.c - regular expressions: pattern, NUL, text; table and program must give one answer */
#include <stdlib.h>
#include <string.h>

#include "policy/re.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	const uint8_t *cut = size ? memchr(data, 0, size) : NULL;
	size_t len = cut ? (size_t)(cut - data) : size;
	struct str pattern = str_n(data, len);
	struct str text = cut ? str_n(cut + 1, size - len - 1) : str_n(NULL, 0);
	struct arena keep, scratch;
	const struct re *table;
	const struct re *prog;
	uint64_t cost = UINT64_C(1000000);
	struct err e;
	int rc;

	arena_init(&keep, 1 << 24);
	if (arena_init_fixed(&scratch, 1 << 22))
		return 0;
	rc = re_compile(&keep, pattern, &table, &e);
	if (rc == 0 && re_compile_once(&scratch, pattern, &cost, &prog, &e) == 0) {
		uint64_t a = UINT64_C(20000), b = a;
		enum re_answer first = re_search(table, text, &scratch, &a);
		enum re_answer second = re_search(prog, text, &scratch, &b);

		if (first != second && first != RE_LIMIT && second != RE_LIMIT)
			abort();
	}
	arena_fini(&scratch);
	arena_fini(&keep);
	return 0;
}
