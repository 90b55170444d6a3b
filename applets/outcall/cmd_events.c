/* cmd_events.c - outcall events [--follow]: live verdicts
 *
 * Layer: applets (outcall).  Input: answers of the daemon.  Memory: an arena, reset after each
 * answer. Threads: one.
 * Spec: S010-O-001, S010 section 6 (GET /api/v1/events), operations section 3.
 */
#include <signal.h>
#include <string.h>

#include "client/call.h"
#include "outcall/cli.h"

#define WAIT_SECS 20
#define TIMEOUT_MS 30000

struct position {
	uint64_t since;
	char boot[33];		/* the daemon's boot id: a restart empties the ring */
};

static void print_event(struct cli *cli, struct json_val ev)
{
	struct str ts = cli_str(cli, ev, "ts");
	struct str who = cli_str(cli, ev, "container");
	struct str kind = cli_str(cli, ev, "record_type");
	struct str rule = cli_str(cli, ev, "rule");
	struct str reason = cli_str(cli, ev, "reason");
	uint64_t port = cli_u64(ev, "port"), count = cli_u64(ev, "count");
	bool allowed = str_eq_c(cli_str(cli, ev, "decision"), "allow");
	const char *on = !cli_colour() ? "" : allowed ? "\033[32m" : "\033[31m";

	cli_print_cell(ts, 25);
	cli_print_cell(who.len ? who : cli_str(cli, ev, "src_ip"), 16);
	cli_print_cell(cli_str(cli, ev, "layer"), 8);
	printf("%s%-6s%s ", on, allowed ? "allow" : "block", on[0] ? "\033[0m" : "");
	cli_print_cell(kind.len ? kind : cli_str(cli, ev, "method"), 8);
	cli_print_text(stdout, cli_str(cli, ev, "host"));
	if (port)
		printf(":%llu", (unsigned long long)port);
	printf("  rule=");
	cli_print_text(stdout, rule.len ? rule : STR("-"));
	if (!allowed && reason.len && !str_eq(reason, rule)) {
		printf(" (");
		cli_print_text(stdout, reason);
		printf(")");
	}
	printf(" %lluus%s%s", (unsigned long long)cli_u64(ev, "micros"),
	       cli_bool(ev, "cached") ? " cached" : "",
	       cli_bool(ev, "redirected") ? " redirected" : "");
	if (count > 1)
		printf(" x%llu", (unsigned long long)count);
	printf("\n");
}

static void build_path(const struct cli *cli, const struct position *at, bool wait,
		       struct buf *path)
{
	buf_printf(path, "/api/v1/events?since=%llu&limit=500", (unsigned long long)at->since);
	if (at->boot[0])
		buf_printf(path, "&boot=%s", at->boot);
	if (wait)
		buf_printf(path, "&wait=%d", WAIT_SECS);
	if (cli->container) {
		buf_add_c(path, "&container=");
		call_escape(path, str_of(cli->container));
	}
	if (cli->decision) {
		buf_add_c(path, "&decision=");
		call_escape(path, str_of(cli->decision));
	}
}

/* Prints one answer; how many events it held. */
static uint32_t print_batch(struct cli *cli, struct json_val data, struct position *at)
{
	struct json_iter it = json_each(json_get(data, "events"));
	struct json_val key, ev;
	uint32_t n = it.left;
	uint64_t dropped = cli_u64(data, "dropped");

	if (cli_bool(data, "reset") && at->boot[0])
		fprintf(stderr, "the daemon was restarted; the list begins anew\n");
	if (dropped)
		fprintf(stderr, "%llu older events were dropped\n", (unsigned long long)dropped);
	while (json_next(&it, &key, &ev)) {
		if (cli->json)
			printf(STR_FMT "\n", STR_ARG(json_raw(ev)));
		else
			print_event(cli, ev);
	}
	(void)fflush(stdout);
	at->since = cli_u64(data, "next_seq");
	if (!str_to_c(at->boot, sizeof(at->boot), cli_str(cli, data, "boot_id")))
		at->boot[0] = '\0';
	return n;
}

int cmd_events(struct cli *cli)
{
	struct position at = { 0 };
	uint32_t got = 0;
	struct err e;

	if (cli->decision && strcmp(cli->decision, "allow") != 0 &&
	    strcmp(cli->decision, "block") != 0) {
		fprintf(stderr, "Error: invalid --decision \"%s\": must be allow or block\n",
			cli->decision);
		return 2;
	}
	do {
		struct call c = { .socket = cli->socket,
				  .arena = &cli->arena,
				  .timeout_ms = TIMEOUT_MS };
		char path[1024];
		struct buf b = BUF_OF(path);
		struct json_val data;

		build_path(cli, &at, cli->follow && at.boot[0], &b);
		if (!buf_ok(&b))
			(void)err_set(&e, ERR_INVALID, "--container is too long");
		if (!buf_ok(&b) || call_get(&c, buf_c(&b), &data, &e) < 0)
			return cli_fail(&e);
		got = print_batch(cli, data, &at);
		arena_reset(&cli->arena);
	} while (!ferror(stdout) && (cli->follow || got > 0));
	return 0;
}
