/* fz_cel_lib.c - CEL libraries on foreign text: every expression gives true or an error */
#include <stdio.h>
#include <stdlib.h>

#include "base/utf8.h"
#include "policy/cel.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* x: the input as string. */
static const char *const laws[] = {
	"timestamp(string(timestamp(x))) == timestamp(x)",
	"duration(string(duration(x))) == duration(x)",
	"!isIP(x) || ip(string(ip(x))) == ip(x)",
	"!isCIDR(x) || cidr(string(cidr(x))) == cidr(x)",
	"cidr(x).masked().containsIP(cidr(x).ip())",
	"base64.decode(base64.encode(bytes(x))) == bytes(x)",
	"bytes(string(base64.decode(x))) == base64.decode(x)",
	"x.reverse().reverse() == x",
	"x.split('').join() == x",
	"x.split('a').join('a') == x",
	"x.replace('a', 'aa').replace('aa', 'a') == x || x.contains('aa')",
	"x.trim().trim() == x.trim() && x.contains(x.trim())",
	"x.indexOf('ab') <= x.lastIndexOf('ab')",
	"x.substring(0, x.indexOf('b')) + x.substring(x.indexOf('b')) == x",
	"size(x.format([1, 2.5, 'x', b'y', true, null, [1], {'a': 1}])) >= 0",
	"double(string(double(x))) == double(x) || string(double(x)) == 'NaN'",
	"timestamp(0).getHours(x) >= 0",
	"size(strings.quote(x)) >= size(x) + 2",
};

static void broken(const char *law)
{
	fprintf(stderr, "broken: %s\n", law);
	abort();
}

#define LAW_CNT (sizeof(laws) / sizeof(laws[0]))

static const struct cel_prog *progs[LAW_CNT];
static struct arena compiled, scratch;

static void compile_all(void)
{
	struct cel_binding x = { STR("x"), cel_string(STR("")) };
	struct cel_env env = { .vars = &x, .var_cnt = 1 };
	struct err e;
	size_t i;

	arena_init(&compiled, 1 << 24);
	if (arena_init_fixed(&scratch, 1 << 20))
		abort();
	for (i = 0; i < LAW_CNT; i++) {
		if (cel_compile(&compiled, &env, str_of(laws[i]), &progs[i], &e))
			broken(laws[i]);
	}
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct cel_binding x = { STR("x"), cel_string(str_n(data, size)) };
	struct cel_budget budget = CEL_BUDGET_INIT;
	size_t i;

	if (!progs[0])
		compile_all();
	if (!utf8_valid(str_n(data, size)))
		return 0;
	for (i = 0; i < LAW_CNT; i++) {
		struct cel_value v = cel_eval_vars(progs[i], &x, &scratch, &budget);

		if (!cel_is_error(v) && !cel_is_true(v))
			broken(laws[i]);
		arena_reset(&scratch);
	}
	return 0;
}
