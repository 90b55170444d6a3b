/* cmd_status.c - outcall status, outcall proxy status, outcall jail list
 *
 * Layer: applets (outcall).  Input: answers of the daemon.  Memory: process-lifetime arena.
 * Threads: one.
 * Spec: operations sections 4 and 16, S006 (Host API and CLI).
 */
#include <stdlib.h>
#include <unistd.h>

#include "outcall/cli.h"

bool cli_colour(void)
{
	const char *no = getenv("NO_COLOR");

	return isatty(STDOUT_FILENO) && !(no && no[0]);
}

static void print_mark(bool ok)
{
	if (cli_colour())
		printf("\033[%dm%s\033[0m", ok ? 32 : 31, ok ? "ok  " : "FAIL");
	else
		printf("%s", ok ? "ok  " : "FAIL");
}

int cmd_status(struct cli *cli)
{
	struct json_val data, key, check;
	struct json_iter it;
	struct err e;
	bool ready;

	if (cli_ask(cli, "/api/v1/ready", NULL, &data, &e) < 0)
		return cli_fail(&e);
	ready = cli_bool(data, "ready");
	if (cli_printed_json(cli, data))
		return ready ? 0 : 1;
	it = json_each(json_get(data, "checks"));
	while (json_next(&it, &key, &check)) {
		print_mark(cli_bool(check, "ok"));
		printf("  ");
		cli_print_cell(cli_str(cli, check, "name"), 21);
		cli_print_text(stdout, cli_str(cli, check, "detail"));
		printf("\n");
	}
	it = json_each(json_get(data, "blocked_packets"));
	printf("blocked packets:");
	while (json_next(&it, &key, &check)) {
		struct str name;
		uint64_t n;

		if (json_str(key, &cli->arena, &name) && json_u64(check, UINT64_MAX, &n))
			printf(" " STR_FMT " %llu", STR_ARG(name), (unsigned long long)n);
	}
	printf("\n%s\n", ready ? "ready" : "not ready");
	return ready ? 0 : 1;
}

int cmd_proxy_status(struct cli *cli)
{
	struct json_val data;
	struct err e;

	if (cli_ask(cli, "/api/v1/proxy", NULL, &data, &e) < 0)
		return cli_fail(&e);
	if (cli_printed_json(cli, data))
		return 0;
	if (!cli_bool(data, "running")) {
		printf("HTTP Proxy:     inactive\n");
		return 0;
	}
	printf("HTTP Proxy:     active\n");
	printf("Listen:         " STR_FMT "\n", STR_ARG(cli_str(cli, data, "listen_address")));
	printf("Proxy URL:      " STR_FMT "\n", STR_ARG(cli_str(cli, data, "proxy_url")));
	printf("Active conns:   %llu\n", (unsigned long long)cli_u64(data, "active_connections"));
	printf("Requests:       %llu total (%llu blocked)\n",
	       (unsigned long long)cli_u64(data, "total_requests"),
	       (unsigned long long)cli_u64(data, "total_blocked"));
	return 0;
}

int cmd_jail_list(struct cli *cli)
{
	struct json_val data, key, jail;
	struct json_iter it;
	struct err e;

	if (cli_ask(cli, "/api/v1/jails", NULL, &data, &e) < 0)
		return cli_fail(&e);
	if (cli_printed_json(cli, data))
		return 0;
	it = json_each(data);
	if (it.left == 0) {
		printf("No jails running.\n");
		return 0;
	}
	cli_print_cell(STR("NAME"), 20);
	cli_print_cell(STR("ID"), 15);
	cli_print_cell(STR("NETWORK"), 17);
	cli_print_cell(STR("ADDRESS"), 16);
	printf("%-6s %-8s STARTED\n", "USER", "PID");
	while (json_next(&it, &key, &jail)) {
		cli_print_cell(cli_str(cli, jail, "name"), 20);
		cli_print_cell(cli_str(cli, jail, "id"), 15);
		cli_print_cell(cli_str(cli, jail, "network"), 17);
		cli_print_cell(cli_str(cli, jail, "address"), 16);
		printf("%-6llu %-8llu " STR_FMT "\n", (unsigned long long)cli_u64(jail, "uid"),
		       (unsigned long long)cli_u64(jail, "pid"),
		       STR_ARG(cli_str(cli, jail, "started_at")));
	}
	return 0;
}
