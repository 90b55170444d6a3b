/* cmd_bridge.c - outcall bridge status|up|down, outcall lockdown
 *
 * Layer: applets (outcall).  Input: answers of the daemon.  Memory: stack.  Threads: one.
 * Spec: S001 section 2, S001-X-014.
 */
#include <string.h>
#include <sys/stat.h>

#include "host/bridge.h"
#include "outcall/cli.h"
#include "proto/consts.h"
#include "proto/paths.h"
#include "sys/lockfile.h"

int cmd_bridge_status(struct cli *cli)
{
	struct json_val data;
	struct err e;

	if (cli_ask(cli, "/api/v1/bridge", NULL, &data, &e) < 0)
		return cli_fail(&e);
	if (cli_printed_json(cli, data))
		return 0;
	printf("Bridge:    " STR_FMT "\n", STR_ARG(cli_str(cli, data, "name")));
	printf("Status:    %s\n", cli_bool(data, "up") ? "up" : "down");
	if (json_kind(json_get(data, "index")) == JSON_NUMBER)
		printf("Index:     %llu\n", (unsigned long long)cli_u64(data, "index"));
	printf("nftables:  %s\n", cli_bool(data, "nftables_active") ? "active" : "inactive");
	return 0;
}

static int order(struct cli *cli, const char *path, const char *done)
{
	struct err e;

	if (cli_order(cli, path, NULL, &e) < 0)
		return cli_fail(&e);
	printf("%s\n", done);
	return 0;
}

int cmd_bridge_up(struct cli *cli)
{
	return order(cli, "/api/v1/bridge/up", "Bridge is up.");
}

int cmd_bridge_down(struct cli *cli)
{
	return order(cli, "/api/v1/bridge/down", "Bridge is down.");
}

/* The lock beside the default host socket keeps a running daemon's policy untouched. */
int cmd_lockdown(struct cli *cli)
{
	const char *bridge = cli->bridge ? cli->bridge : DEFAULT_BRIDGE_NAME;
	struct lockfile lock = { .fd = -1 };
	char path[SOCKET_PATH_MAX + 32];
	struct buf b = BUF_OF(path);
	struct str socket = str_of(cli->socket);
	struct err e;

	buf_add_str(&b, str_first(socket, str_rfind_byte(socket, '/')));
	(void)mkdir(buf_c(&b), 0755);
	buf_printf(&b, "/%s", LOCK_FILE_NAME);
	if (lockfile_take(&lock, buf_c(&b), &e) < 0) {
		if (e.code != ERR_CONFLICT)
			return cli_fail(&e);
		printf("outcalld is running; its policy is in force.\n");
		return 0;
	}
	if (bridge_lockdown(bridge, &e) < 0)
		return cli_fail(&e);
	lockfile_drop(&lock);
	printf("Lockdown policy installed.\n");
	return 0;
}
