/* cmd_lint.c - outcall rules lint: probable mistakes in a rules directory, without a daemon
 *
 * Layer: applets (outcall).  Input: argv, rule files.  Memory: process-lifetime arena.
 * Threads: one.
 * Spec: S003 section 1.9.
 */
#include "outcall/cli.h"
#include "policy/lint.h"
#include "proto/paths.h"
#include "wire/jsonw.h"

#define FINDING_JSON_MAX 16384	/* file, name and text with the longest escapes */
#define FINDINGS_MEMORY ((size_t)1 << 30)

static bool is_about_rule(const struct lint_finding *f)
{
	return f->kind != LINT_UNUSED_DEFINITION;
}

static void print_line(const struct lint_finding *f)
{
	cli_print_text(stdout, f->file);
	printf(":%u: %s: %s \"", (unsigned)f->line, lint_kind_text(f->kind),
	       is_about_rule(f) ? "rule" : "definition");
	cli_print_text(stdout, f->name);
	printf("\": ");
	cli_print_text(stdout, f->text);
	printf("\n");
}

static void print_json(const struct lint_finding *f, struct buf *b)
{
	struct jsonw w = jsonw_on(b);

	buf_reset(b);
	jsonw_object(&w);
	jsonw_add_str(&w, "file", f->file);
	jsonw_add_u64(&w, "line", f->line);
	jsonw_add_c(&w, "kind", lint_kind_text(f->kind));
	jsonw_add_str(&w, is_about_rule(f) ? "rule" : "definition", f->name);
	jsonw_add_str(&w, "text", f->text);
	jsonw_object_end(&w);
	printf("%s", buf_c(b));
}

static int print_report(struct cli *cli, const struct lint_report *r)
{
	char *mem = arena_alloc(&cli->arena, FINDING_JSON_MAX);
	struct buf b = buf_on(mem, mem ? FINDING_JSON_MAX : 0);

	if (cli->json)
		printf("[");
	for (size_t i = 0; i < r->cnt; i++) {
		if (!cli->json) {
			print_line(&r->v[i]);
			continue;
		}
		printf("%s", i ? "," : "");
		print_json(&r->v[i], &b);
	}
	if (cli->json)
		printf("]\n");
	else if (r->cnt == 0)
		printf("No findings.\n");
	if (r->partial)
		fprintf(stderr, "Note: the set is so large that there may be more.\n");
	return r->cnt > 0;
}

int cmd_rules_lint(struct cli *cli)
{
	struct lint_report report;
	struct ruleset *set;
	struct arena findings;
	struct err e;
	int rc;

	if (cli_load_rules(cli->rules_dir ? cli->rules_dir : DEFAULT_RULES_DIR, &set, &e) < 0)
		return cli_fail(&e);
	arena_init(&findings, FINDINGS_MEMORY);
	rc = lint_run(set, &findings, &report, &e) < 0 ? cli_fail(&e)
							      : print_report(cli, &report);
	arena_fini(&findings);
	snap_put(&set->snap);
	return rc;
}
