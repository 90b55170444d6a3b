/* cmd_requests.c - outcall requests list|show|approve|reject
 *
 * Layer: applets (outcall).  Input: argv, answers of the daemon; rule files come from agents.
 * Memory: process-lifetime arena.  Threads: one.
 * Spec: S003 section 1.9, operations section 3, S010-O-040, S010-O-041.
 */
#include <string.h>

#include "client/call.h"
#include "outcall/cli.h"
#include "wire/jsonw.h"

#define PATH "/api/v1/requests/rules"

/* Widths of the columns, with the space behind them. */
#define ID_WIDTH 19
#define CONTAINER_WIDTH 33

/* "pending" -> "Pending" */
static void print_status(struct str status)
{
	char first = status.len ? ascii_upper(status.p[0]) : '-';

	printf("%c" STR_FMT "\n", first, STR_ARG(str_from(status, 1)));
}

int cmd_requests_list(struct cli *cli)
{
	struct json_val data, key, rq;
	struct json_iter it;
	struct err e;

	if (cli_ask(cli, cli->all ? PATH "?status=all" : PATH, NULL, &data, &e) < 0)
		return cli_fail(&e);
	if (cli_printed_json(cli, data))
		return 0;
	if (json_count(data) == 0) {
		printf(cli->all ? "No rule requests.\n" : "No pending rule requests.\n");
		return 0;
	}
	cli_print_cell(STR("ID"), ID_WIDTH);
	cli_print_cell(STR("CONTAINER"), CONTAINER_WIDTH);
	printf("STATUS\n");
	it = json_each(data);
	while (json_next(&it, &key, &rq)) {
		cli_print_cell(cli_str(cli, rq, "id"), ID_WIDTH);
		cli_print_cell(cli_str(cli, rq, "container_id"), CONTAINER_WIDTH);
		print_status(cli_str(cli, rq, "status"));
	}
	return 0;
}

/* The path of the request that is named on the command line, with tail behind it. */
static const char *path_of(struct cli *cli, const char *tail, struct err *e)
{
	struct str id = str_of(cli->operands[0]);
	size_t cap = sizeof(PATH) + 3 * id.len + strlen(tail) + 2;
	char *mem = arena_alloc(&cli->arena, cap);
	struct buf b = buf_on(mem, mem ? cap : 0);

	buf_add_c(&b, PATH "/");
	call_escape(&b, id);
	buf_add_c(&b, tail);
	buf_add_byte(&b, '\0');
	if (buf_ok(&b))
		return b.p;
	(void)err_set(e, ERR_INVALID, "rule request ID is too long");
	return NULL;
}

static void print_field(struct cli *cli, struct json_val v, const char *label, const char *name)
{
	struct str s = cli_str(cli, v, name);

	if (!s.len)
		return;
	printf("%-12s ", label);
	cli_print_text(stdout, s);
	printf("\n");
}

/* Every line behind two spaces. */
static void print_file(struct str text)
{
	struct str line;

	if (str_ends(text, STR("\n")))
		text.len--;
	printf("Rule file:\n");
	while (str_split(&text, '\n', &line)) {
		printf("  ");
		cli_print_text(stdout, line);
		printf("\n");
	}
}

static void print_risks(struct cli *cli, struct json_val data)
{
	struct json_val flags = json_get(json_get(data, "analysis"), "flags"), key, flag;
	struct json_iter it = json_each(flags);
	struct str text;

	print_field(cli, data, "No analysis:", "analysis_error");
	if (json_count(flags))
		printf("Risks:\n");
	while (json_next(&it, &key, &flag)) {
		if (!json_str(flag, &cli->arena, &text))
			continue;
		printf("  - ");
		cli_print_text(stdout, text);
		printf("\n");
	}
}

int cmd_requests_show(struct cli *cli)
{
	struct json_val data, rq;
	struct str file;
	const char *path;
	struct err e;

	path = path_of(cli, "", &e);
	if (!path || cli_ask(cli, path, NULL, &data, &e) < 0)
		return cli_fail(&e);
	if (cli_printed_json(cli, data))
		return 0;
	rq = json_get(data, "request");
	print_field(cli, rq, "ID:", "id");
	print_field(cli, rq, "Container:", "container_id");
	print_field(cli, rq, "Name:", "container_name");
	printf("%-12s ", "Status:");
	print_status(cli_str(cli, rq, "status"));
	print_field(cli, rq, "Submitted:", "submitted_at");
	print_field(cli, rq, "Decided:", "decided_at");
	print_field(cli, rq, "Reason:", "reason");
	print_risks(cli, data);
	file = cli_str(cli, rq, "rule_file");
	if (file.len)
		print_file(file);
	return 0;
}

int cmd_requests_approve(struct cli *cli)
{
	struct json_val data;
	const char *path;
	struct err e;

	path = path_of(cli, "/approve", &e);
	if (!path || cli_order(cli, path, &data, &e) < 0)
		return cli_fail(&e);
	printf("Rule request \"" STR_FMT "\" approved; %llu rule(s) loaded.\n",
	       STR_ARG(cli_str(cli, data, "id")),
	       (unsigned long long)cli_u64(data, "rules_loaded"));
	return 0;
}

int cmd_requests_reject(struct cli *cli)
{
	/* six bytes hold the longest escape */
	size_t cap = 32 + 6 * (cli->reason ? strlen(cli->reason) : 0);
	char *mem = arena_alloc(&cli->arena, cap);
	struct buf body = buf_on(mem, mem ? cap : 0);
	struct jsonw w = jsonw_on(&body);
	struct json_val data;
	const char *path;
	struct err e;

	jsonw_object(&w);
	if (cli->reason)
		jsonw_add_c(&w, "reason", cli->reason);
	jsonw_object_end(&w);
	buf_add_byte(&body, '\0');
	path = path_of(cli, "/reject", &e);
	if (path && !buf_ok(&body)) {
		(void)err_set(&e, ERR_LIMIT, "the reason is too long");
		return cli_fail(&e);
	}
	if (!path || cli_ask(cli, path, body.p, &data, &e) < 0)
		return cli_fail(&e);
	printf("Rule request \"" STR_FMT "\" rejected.\n", STR_ARG(cli_str(cli, data, "id")));
	return 0;
}
