/* cel.c - nanoseconds of one evaluation of a condition, as a worker makes it
 *
 * Layer: tests.  Usage: cel ROUNDS; prints "name hit miss" a line, medians over rounds.
 */
#include <stdio.h>
#include <stdlib.h>

#include "base/clock.h"
#include "policy/cel.h"

#define EVALUATIONS 200000
#define ROUNDS_MAX 99

static const struct {
	const char *name, *expr;
	const char *hit, *miss;		/* http.host */
} cases[] = {
	{ "host-equal", "http.host == \"api.github.com\"", "api.github.com", "api.gitlab.com" },
	{ "three-clauses", "http.host == \"api.github.com\" && http.method == \"GET\" && "
			   "http.path.startsWith(\"/repos\")", "api.github.com", "api.gitlab.com" },
	{ "in-four", "http.host in [\"a.example.com\", \"b.example.com\", \"api.github.com\", "
		     "\"c.example.com\"]", "api.github.com", "api.gitlab.com" },
	{ "matches", "http.host.matches(\"^(.+\\\\.)?github\\\\.com$\")", "api.github.com",
	  "api.gitlab.com" },
	{ "exists-four", "[\".example.com\", \".example.org\", \".github.com\", \".example.net\"]"
			 ".exists(s, http.host.endsWith(s))", "api.github.com", "api.gitlab.com" },
};

static int by_value(const void *a, const void *b)
{
	double x = *(const double *)a, y = *(const double *)b;

	return (x > y) - (x < y);
}

static double measure(const struct cel_prog *p, const char *host, int rounds)
{
	struct facts f = { .present = FACT_HTTP | FACT_NETWORK | FACT_AGENT };
	double took[ROUNDS_MAX];
	struct arena scratch;

	CHECK(arena_init_fixed(&scratch, 256 * 1024) == 0);
	f.http.host = str_of(host);
	f.http.method = STR("GET");
	f.http.path = STR("/repos/a/b");
	for (int r = 0; r < rounds; r++) {
		uint64_t start = clock_mono_ns();

		for (int i = 0; i < EVALUATIONS; i++) {
			struct cel_budget budget = CEL_BUDGET_INIT;
			struct cel_value v = cel_eval_facts(p, &f, &scratch, &budget);

			CHECK(v.kind == CEL_BOOL);
		}
		took[r] = (double)(clock_mono_ns() - start) / EVALUATIONS;
	}
	arena_fini(&scratch);
	qsort(took, (size_t)rounds, sizeof(took[0]), by_value);
	return took[rounds / 2];
}

int main(int argc, char **argv)
{
	int rounds = argc > 1 ? (int)strtol(argv[1], NULL, 10) : 9;

	CHECK(rounds > 0 && rounds <= ROUNDS_MAX);
	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		const struct cel_prog *p;
		struct arena a;
		struct err e;

		arena_init(&a, 1 << 24);
		if (cel_compile(&a, cel_env_facts(), str_of(cases[i].expr), &p, &e) < 0) {
			fprintf(stderr, "%s\n", e.msg);
			return 1;
		}
		printf("%s %.1f %.1f\n", cases[i].name, measure(p, cases[i].hit, rounds),
		       measure(p, cases[i].miss, rounds));
		arena_fini(&a);
	}
	return 0;
}
