/* cmd_rules.c - outcall rules list|show|test|reload|counters
 *
 * Layer: applets (outcall).  Input: argv, answers of the daemon.  Memory: process-lifetime arena.
 * Threads: one.
 * Spec: S003 section 1.9, S010-O-030, S010-O-032.
 */
#include <string.h>

#include "client/call.h"
#include "outcall/cli.h"
#include "wire/jsonw.h"

int cmd_rules_list(struct cli *cli)
{
	struct json_val data, key, rule;
	struct json_iter it;
	struct err e;

	if (cli_ask(cli, "/api/v1/rules", NULL, &data, &e) < 0)
		return cli_fail(&e);
	if (cli_printed_json(cli, data))
		return 0;
	cli_print_cell(STR("ID"), 22);
	cli_print_cell(STR("FILE"), 17);
	cli_print_cell(STR("ACTION"), 10);
	printf("CONDITION\n");
	it = json_each(data);
	while (json_next(&it, &key, &rule)) {
		cli_print_cell(cli_str(cli, rule, "id"), 22);
		cli_print_cell(cli_str(cli, rule, "file"), 17);
		cli_print_cell(cli_str(cli, rule, "action"), 10);
		cli_print_cell(cli_str(cli, rule, "condition_preview"), 0);
		printf("\n");
	}
	return 0;
}

/* Every line of the text behind two spaces. */
static void print_indented(struct str text)
{
	struct str line;

	while (str_split(&text, '\n', &line)) {
		printf("  ");
		cli_print_text(stdout, line);
		printf("\n");
	}
}

int cmd_rules_show(struct cli *cli)
{
	char path[1024];
	struct buf b = BUF_OF(path);
	struct json_val data;
	struct str description;
	int64_t priority = 100;
	struct err e;

	buf_add_c(&b, "/api/v1/rule/");
	call_escape(&b, str_of(cli->operands[0]));
	if (!buf_ok(&b)) {
		(void)err_set(&e, ERR_INVALID, "rule id is too long");
		return cli_fail(&e);
	}
	if (cli_ask(cli, buf_c(&b), NULL, &data, &e) < 0)
		return cli_fail(&e);
	if (cli_printed_json(cli, data))
		return 0;
	if (!json_i64(json_get(data, "priority"), INT32_MIN, INT32_MAX, &priority))
		priority = 100;
	description = cli_str(cli, data, "description");
	printf("ID:          " STR_FMT "\n", STR_ARG(cli_str(cli, data, "id")));
	printf("File:        " STR_FMT "\n", STR_ARG(cli_str(cli, data, "file")));
	printf("Action:      " STR_FMT "\n", STR_ARG(cli_str(cli, data, "action")));
	printf("Priority:    %lld\n", (long long)priority);
	printf("Log:         %s\n", cli_bool(data, "log") ? "true" : "false");
	if (description.len) {
		printf("Description: ");
		cli_print_text(stdout, description);
		printf("\n");
	}
	printf("Condition:\n");
	print_indented(cli_str(cli, data, "condition"));
	return 0;
}

int cmd_rules_test(struct cli *cli)
{
	const char *context = cli->context ? cli->context : "{}";
	size_t cap;
	struct json_val data;
	struct str error;
	struct buf b;
	struct jsonw w;
	char *mem;
	struct err e;

	if (!cli->expr) {
		(void)err_set(&e, ERR_INVALID, "rules test needs --expr");
		(void)cli_fail(&e);
		return 2;
	}
	/* six bytes hold the longest escape */
	cap = strlen(context) + 6 * strlen(cli->expr) + 64;
	mem = arena_alloc(&cli->arena, cap);
	b = buf_on(mem, mem ? cap : 0);
	w = jsonw_on(&b);
	jsonw_object(&w);
	jsonw_add_c(&w, "expression", cli->expr);
	jsonw_name(&w, "context");
	jsonw_raw(&w, str_of(context));
	jsonw_object_end(&w);
	if (!buf_ok(&b)) {
		(void)err_set(&e, ERR_LIMIT, "expression or context is too long");
		return cli_fail(&e);
	}
	if (cli_ask(cli, "/api/v1/rule/test", buf_c(&b), &data, &e) < 0)
		return cli_fail(&e);
	if (cli_printed_json(cli, data))
		return 0;
	error = cli_str(cli, data, "error");
	if (error.len) {
		fprintf(stderr, "Error: ");
		cli_print_text(stderr, error);
		fprintf(stderr, "\n");
		return 1;
	}
	printf("Result: %s\n", cli_bool(data, "result") ? "true" : "false");
	return 0;
}

int cmd_rules_reload(struct cli *cli)
{
	struct json_val data, key, value;
	struct json_iter it;
	struct str text;
	struct err e;

	if (cli_order(cli, "/api/v1/rules/reload", &data, &e) < 0)
		return cli_fail(&e);
	if (cli_printed_json(cli, data))
		return 0;
	printf("Reloaded %llu rule(s) from %llu file(s).\n",
	       (unsigned long long)cli_u64(data, "rules_loaded"),
	       (unsigned long long)cli_u64(data, "files_loaded"));
	it = json_each(json_get(data, "warnings"));
	while (json_next(&it, &key, &value)) {
		if (!json_str(value, &cli->arena, &text))
			continue;
		printf("  warning: ");
		cli_print_text(stdout, text);
		printf("\n");
	}
	return 0;
}

static void print_count(struct json_val row, const char *name, size_t width)
{
	char text[24];
	struct buf b = BUF_OF(text);

	buf_printf(&b, "%llu", (unsigned long long)cli_u64(row, name));
	cli_print_cell(buf_str(&b), width);
}

static void print_counters(struct cli *cli, struct str id, struct json_val row)
{
	struct str last = cli_str(cli, row, "last_hit");

	cli_print_cell(id, 30);
	print_count(row, "hits", 10);
	print_count(row, "errors", 8);
	cli_print_text(stdout, last.len ? last : STR("never"));
	printf("\n");
}

int cmd_rules_counters(struct cli *cli)
{
	struct json_val data, key, rule;
	struct json_iter it;
	struct err e;

	if (cli_ask(cli, "/api/v1/rules/counters", NULL, &data, &e) < 0)
		return cli_fail(&e);
	if (cli_printed_json(cli, data))
		return 0;
	cli_print_cell(STR("ID"), 30);
	cli_print_cell(STR("HITS"), 10);
	cli_print_cell(STR("ERRORS"), 8);
	printf("LAST HIT\n");
	it = json_each(json_get(data, "rules"));
	while (json_next(&it, &key, &rule))
		print_counters(cli, cli_str(cli, rule, "id"), rule);
	print_counters(cli, STR("(no rule matched)"), json_get(data, "default_block"));
	return 0;
}
