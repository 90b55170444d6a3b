/* cmd_grants.c - outcall rules active|flush: dynamic rules (S009 1.5)
 *
 * Layer: applets (outcall).  Input: answers of the daemon.  Memory: process-lifetime arena.
 * Threads: one.
 * Spec: S009 1.2, 1.5.
 */
#include "outcall/cli.h"

static void print_number(const struct json_val row, const char *name, size_t width,
			 const char *absent)
{
	char text[24];
	struct buf b = BUF_OF(text);

	if (json_kind(json_get(row, name)) == JSON_NUMBER)
		buf_printf(&b, "%llu", (unsigned long long)cli_u64(row, name));
	else
		buf_add_c(&b, absent);
	cli_print_cell(buf_str(&b), width);
}

int cmd_rules_active(struct cli *cli)
{
	struct json_val data, key, row;
	struct json_iter it;
	struct err e;

	if (cli_ask(cli, "/api/v1/rules/active", NULL, &data, &e) < 0)
		return cli_fail(&e);
	if (cli_printed_json(cli, data))
		return 0;
	cli_print_cell(STR("CONTAINER"), 20);
	cli_print_cell(STR("SOURCE"), 16);
	cli_print_cell(STR("DESTINATION"), 24);
	cli_print_cell(STR("PROTO"), 6);
	cli_print_cell(STR("PORT"), 6);
	cli_print_cell(STR("GRANT"), 6);
	printf("EXPIRES\n");
	it = json_each(data);
	while (json_next(&it, &key, &row)) {
		struct str protocol = cli_str(cli, row, "protocol");

		cli_print_cell(cli_str(cli, row, "container"), 20);
		cli_print_cell(cli_str(cli, row, "src_ip"), 16);
		cli_print_cell(cli_str(cli, row, "destination"), 24);
		cli_print_cell(protocol.len ? protocol : STR("any"), 6);
		print_number(row, "port", 6, "any");
		print_number(row, "nft_handle", 6, "-");
		if (json_kind(json_get(row, "expires_in_secs")) == JSON_NUMBER)
			printf("%llu s\n", (unsigned long long)cli_u64(row, "expires_in_secs"));
		else
			printf("never\n");
	}
	return 0;
}

int cmd_rules_flush(struct cli *cli)
{
	struct json_val data;
	struct err e;

	if (cli_order(cli, "/api/v1/rules/flush", &data, &e) < 0)
		return cli_fail(&e);
	printf("Removed %llu dynamic rule(s).\n", (unsigned long long)cli_u64(data, "removed"));
	return 0;
}
