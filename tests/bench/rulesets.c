/* rulesets.c - time of one evaluation, of a load, and memory, for sets of many rules (S003-EC-019)
 *
 * Layer: tests.  Prints a table; run by rulesets.sh, which judges it.
 */
#include <stdio.h>
#include <stdlib.h>

#include "base/clock.h"
#include "base/log.h"
#include "policy/load.h"
#include "policy/rule.h"

#define EVALUATIONS 200000
#define PER_FILE 5000
#define FILE_BYTES 1000000

enum mix { HOST = 0, SUFFIX, DNS_AND_HOST, AGENT_AND_HOSTS, MIX_COUNT };

static const char *const mix_names[] = { "host ==", "host.endsWith", "dns == || host ==",
					 "agent && host in" };
static uint64_t seed = 88172645463325252u;

static uint32_t any(uint32_t n)
{
	seed ^= seed << 13;
	seed ^= seed >> 7;
	seed ^= seed << 17;
	return (uint32_t)((seed >> 16) % n);
}

static void add_rule(struct buf *b, enum mix mix, uint32_t i)
{
	buf_printf(b, "- id: r%u\n  action: allow\n  condition: ", i);
	switch (mix) {
	case HOST:
		buf_printf(b, "http.host == \"h%u.example.com\"\n", i);
		return;
	case SUFFIX:
		buf_printf(b, "http.host.endsWith(\".h%u.example.com\")\n", i);
		return;
	case DNS_AND_HOST:
		buf_printf(b, "dns.query == \"h%u.example.com\" || http.host == \"h%u.example.com\"\n",
			   i, i);
		return;
	case AGENT_AND_HOSTS:
		buf_printf(b, "agent.name == \"ci-%u\" && http.host in [\"h%u.example.com\", "
			      "\"g%u.example.com\"]\n", i % 10, i, i);
		return;
	case MIX_COUNT:
		return;
	}
}

static struct ruleset *load(enum mix mix, uint32_t count, double *ms)
{
	static struct rule_source files[64];
	static const struct load_opts opts;
	struct ruleset *set;
	uint64_t start;
	struct err e;
	size_t n = 0;

	for (uint32_t i = 0; i < count; n++) {
		char *mem = malloc(FILE_BYTES);
		struct buf b = buf_on(mem, FILE_BYTES);

		buf_add_c(&b, "version: 1\nrules:\n");
		for (uint32_t k = 0; k < PER_FILE && i < count; k++, i++)
			add_rule(&b, mix, i);
		files[n].name = "f.yaml";
		files[n].text = buf_str(&b);
		CHECK(buf_ok(&b));
	}
	start = clock_mono_ns();
	if (ruleset_load(files, n, &opts, &set, &e) < 0) {
		fprintf(stderr, "%s\n", e.msg);
		exit(1);
	}
	*ms = (double)(clock_mono_ns() - start) / 1e6;
	while (n > 0)
		free((void *)(uintptr_t)files[--n].text.p);
	return set;
}

static int by_value(const void *a, const void *b)
{
	uint32_t x = *(const uint32_t *)a, y = *(const uint32_t *)b;

	return (x > y) - (x < y);
}

/* Every second request has a host that a rule names. */
static struct facts request(enum mix mix, uint32_t count, char *text, size_t cap)
{
	struct facts f = { .present = FACT_HTTP | FACT_NETWORK | FACT_AGENT };
	uint32_t i = any(count);

	f.network.port = 443;
	f.http.method = STR("GET");
	f.http.path = STR("/");
	f.agent.name = STR("ci-3");
	(void)snprintf(text, cap, "%sh%u.%s", mix == SUFFIX ? "www." : "", i,
		       any(2) ? "example.com" : "example.org");
	f.http.host = f.network.hostname = str_of(text);
	return f;
}

static void measure(enum mix mix, uint32_t count)
{
	static uint32_t took[EVALUATIONS];
	struct arena scratch;
	struct verdict v;
	double ms;
	struct ruleset *set = load(mix, count, &ms);
	uint64_t idle = UINT64_MAX;

	CHECK(arena_init_fixed(&scratch, 256 * 1024) == 0);
	for (int i = 0; i < 1000; i++) {
		uint64_t start = clock_mono_ns();

		idle = MIN(idle, clock_mono_ns() - start);
	}
	for (uint32_t i = 0; i < EVALUATIONS; i++) {
		char host[64];
		struct facts f = request(mix, count, host, sizeof(host));
		uint64_t start = clock_mono_ns();

		ruleset_eval(set, &f, &scratch, &v);
		took[i] = (uint32_t)(clock_mono_ns() - start - idle);
	}
	qsort(took, EVALUATIONS, sizeof(took[0]), by_value);
	printf("%-20s %8u %9.1f %12.0f %10u %8u\n", mix_names[mix], count, ms,
	       (double)(set->arena.used + (count + 1) * sizeof(struct rule_counters)) / count,
	       took[EVALUATIONS / 2], took[EVALUATIONS / 100 * 99]);
	fflush(stdout);
	arena_fini(&scratch);
	snap_put(&set->snap);
}

int main(void)
{
	static const uint32_t counts[] = { 10, 1000, 10000, 100000 };
	struct err e;

	CHECK(log_set_levels(STR("error"), &e) == 0);
	printf("%-20s %8s %9s %12s %10s %8s\n", "conditions", "rules", "load ms", "bytes/rule",
	       "median ns", "p99 ns");
	for (unsigned m = 0; m < MIX_COUNT; m++) {
		for (size_t i = 0; i < ARRAY_LEN(counts); i++)
			measure((enum mix)m, counts[i]);
	}
	return 0;
}
