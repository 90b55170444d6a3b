/* cel.c - time of one evaluation of single conditions, hits and misses
 *
 * Layer: tests.  Prints one line a condition: name, ns of a hit, ns of a miss (medians of rounds);
 * run by cel.sh beside other engines, which judges it.  The conditions are those of cel.mjs.
 */
#include <stdio.h>
#include <stdlib.h>

#include "base/clock.h"
#include "policy/cel.h"

#define ROUNDS 11
#define EVALUATIONS 300000

static const struct condition {
	const char *name, *expr;
} conditions[] = {
	{ "equal", "http.host == \"api.github.com\"" },
	{ "and", "http.host == \"api.github.com\" && http.method == \"GET\" && network.port == 443" },
	{ "in", "http.host in [\"github.com\", \"gitlab.com\", \"codeload.github.com\", "
		"\"api.github.com\"]" },
	{ "matches", "http.host.matches(\"^(.+\\\\.)?github\\\\.com$\")" },
	{ "exists", "run.args.exists(a, a == \"-f\")" },
	{ "exists4", "[\"github.com\", \"gitlab.com\", \"example.org\", \"api.github.com\"]"
		     ".exists(h, h == http.host)" },
};

static struct facts request(bool hit)
{
	static const struct str args[] = { { "push", 4 }, { "origin", 6 }, { "main", 4 }, { "-f", 2 } };
	static const struct str other[] = { { "push", 4 }, { "origin", 6 }, { "main", 4 }, { "-q", 2 } };
	struct facts f = { .present = FACT_HTTP | FACT_NETWORK | FACT_RUN };

	f.http.host = hit ? STR("api.github.com") : STR("api.gitlab.org");
	f.http.method = STR("GET");
	f.http.path = STR("/");
	f.network.port = 443;
	f.run.args = (struct fact_strs){ hit ? args : other, ARRAY_LEN(args) };
	return f;
}

static int by_value(const void *a, const void *b)
{
	double x = *(const double *)a, y = *(const double *)b;

	return (x > y) - (x < y);
}

static double median_ns(const struct cel_prog *p, bool hit, struct arena *scratch)
{
	struct facts f = request(hit);
	double took[ROUNDS];

	for (int r = 0; r < ROUNDS; r++) {
		uint64_t start = clock_mono_ns();

		for (int i = 0; i < EVALUATIONS; i++) {
			struct cel_budget budget = CEL_BUDGET_INIT;
			size_t mark = arena_mark(scratch);
			enum cel_outcome out =
				cel_outcome(cel_eval_facts(p, &f, scratch, &budget));

			CHECK(out == (hit ? CEL_OUT_TRUE : CEL_OUT_FALSE));
			arena_rewind(scratch, mark);
		}
		took[r] = (double)(clock_mono_ns() - start) / EVALUATIONS;
	}
	qsort(took, ROUNDS, sizeof(took[0]), by_value);
	return took[ROUNDS / 2];
}

int main(void)
{
	struct arena keep, scratch;
	struct err e;

	arena_init(&keep, (size_t)16 << 20);
	CHECK(arena_init_fixed(&scratch, 256 * 1024) == 0);
	for (size_t i = 0; i < ARRAY_LEN(conditions); i++) {
		const struct cel_prog *p;

		if (cel_compile(&keep, cel_env_facts(), str_of(conditions[i].expr), &p, &e) < 0) {
			fprintf(stderr, "%s: %s\n", conditions[i].expr, e.msg);
			return 1;
		}
		printf("%s %.1f %.1f\n", conditions[i].name, median_ns(p, true, &scratch),
		       median_ns(p, false, &scratch));
	}
	arena_fini(&scratch);
	arena_fini(&keep);
	return 0;
}
