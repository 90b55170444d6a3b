/* cmd_dns.c - outcall dns status|test|cache|flush
 *
 * Layer: applets (outcall).  Input: argv, answers of the daemon.  Memory: process-lifetime arena.
 * Threads: one.
 * Spec: S007-IF-004, S007-IF-005.
 */
#include "outcall/cli.h"
#include "wire/jsonw.h"

#define NAME_MAX_LEN 253
#define TYPE_MAX_LEN 16

static void print_upstreams(struct cli *cli, struct json_val list)
{
	struct json_iter it = json_each(list);
	struct json_val key, value;
	const char *comma = "";
	struct str s;

	printf("Upstreams:      ");
	while (json_next(&it, &key, &value)) {
		if (!json_str(value, &cli->arena, &s))
			continue;
		printf("%s" STR_FMT, comma, STR_ARG(s));
		comma = ", ";
	}
	printf("\n");
}

int cmd_dns_status(struct cli *cli)
{
	struct json_val data;
	struct err e;

	if (cli_ask(cli, "/api/v1/dns", NULL, &data, &e) < 0)
		return cli_fail(&e);
	if (cli_printed_json(cli, data))
		return 0;
	if (!cli_bool(data, "running")) {
		printf("DNS Filter:     inactive (bridge not up)\n");
		return 0;
	}
	printf("DNS Filter:     active\n");
	printf("Listen:         " STR_FMT ":%llu\n", STR_ARG(cli_str(cli, data, "listen_address")),
	       (unsigned long long)cli_u64(data, "listen_port"));
	print_upstreams(cli, json_get(data, "upstreams"));
	printf("Cache:          %llu entries\n",
	       (unsigned long long)cli_u64(data, "cache_entries"));
	printf("Queries:        %llu total (%llu allowed, %llu blocked)\n",
	       (unsigned long long)cli_u64(data, "queries_total"),
	       (unsigned long long)cli_u64(data, "queries_allowed"),
	       (unsigned long long)cli_u64(data, "queries_blocked"));
	return 0;
}

static void print_test_json(struct cli *cli, struct str host, struct str type, struct json_val data)
{
	size_t cap = 4096;
	char *mem = arena_alloc(&cli->arena, cap);
	struct buf b = buf_on(mem, mem ? cap : 0);
	struct jsonw w = jsonw_on(&b);

	jsonw_object(&w);
	jsonw_add_str(&w, "hostname", host);
	jsonw_add_str(&w, "record_type", type);
	jsonw_add_str(&w, "decision", cli_str(cli, data, "decision"));
	jsonw_name(&w, "matched_rule");
	jsonw_raw(&w, json_raw(json_get(data, "matched_rule")));
	jsonw_name(&w, "file");
	jsonw_raw(&w, json_raw(json_get(data, "file")));
	jsonw_object_end(&w);
	printf(STR_FMT "\n", STR_ARG(buf_str(&b)));
}

int cmd_dns_test(struct cli *cli)
{
	struct str host = str_of(cli->operands[0]);
	struct str type = str_of(cli->type ? cli->type : "A");
	char query[NAME_MAX_LEN + 1], upper[TYPE_MAX_LEN], body[1024];
	struct buf b = BUF_OF(body);
	struct jsonw w = jsonw_on(&b);
	struct json_val data;
	struct str rule;
	struct err e;

	if (host.len > sizeof(query) || host.len == 0 || type.len > sizeof(upper) ||
	    type.len == 0) {
		(void)err_set(&e, ERR_INVALID, "host name or record type is empty or too long");
		return cli_fail(&e);
	}
	str_lower(query, host);
	str_upper(upper, type);
	type = str_n(upper, type.len);
	jsonw_object(&w);
	jsonw_name(&w, "context");
	jsonw_object(&w);
	jsonw_name(&w, "dns");
	jsonw_object(&w);
	jsonw_add_str(&w, "query", str_n(query, host.len - (query[host.len - 1] == '.')));
	jsonw_add_str(&w, "record_type", type);
	jsonw_object_end(&w);
	jsonw_object_end(&w);
	jsonw_object_end(&w);
	if (cli_ask(cli, "/api/v1/rule/evaluate", buf_c(&b), &data, &e) < 0)
		return cli_fail(&e);
	if (cli->json) {
		print_test_json(cli, host, type, data);
		return 0;
	}
	rule = cli_str(cli, data, "matched_rule");
	printf("Hostname:       ");
	cli_print_text(stdout, host);
	printf("\nRecord type:    " STR_FMT "\n", STR_ARG(type));
	printf("Decision:       %s\n",
	       str_eq_c(cli_str(cli, data, "decision"), "allow") ? "ALLOW" : "BLOCK");
	if (rule.len == 0) {
		printf("Matched rule:   (default policy)\n");
	} else {
		struct str file = cli_str(cli, data, "file");

		printf("Matched rule:   " STR_FMT " (" STR_FMT ")\n", STR_ARG(rule),
		       STR_ARG(file.len ? file : STR("?")));
	}
	return 0;
}

static void print_stats(struct json_val stats)
{
	uint64_t hits = cli_u64(stats, "hits"), misses = cli_u64(stats, "misses");

	printf("Entries:        %llu / %llu\n", (unsigned long long)cli_u64(stats, "entries"),
	       (unsigned long long)cli_u64(stats, "max_entries"));
	printf("Hits:           %llu\n", (unsigned long long)hits);
	printf("Misses:         %llu\n", (unsigned long long)misses);
	printf("Evictions:      %llu\n", (unsigned long long)cli_u64(stats, "evictions"));
	if (hits + misses == 0)
		printf("Hit rate:       N/A\n");
	else
		printf("Hit rate:       %.1f%%\n", 100.0 * (double)hits / (double)(hits + misses));
}

/* A column of the entry list: longer values are followed by two spaces. */
static void print_column(struct str s, int width)
{
	cli_print_text(stdout, s);
	printf("%*s", s.len < (size_t)width ? width - (int)s.len : 2, "");
}

int cmd_dns_cache(struct cli *cli)
{
	struct json_val data, stats, key, entry;
	struct json_iter it;
	struct err e;

	if (cli_ask(cli, cli->entries ? "/api/v1/dns/cache?entries=true" : "/api/v1/dns/cache",
		    NULL, &data, &e) < 0)
		return cli_fail(&e);
	if (cli_printed_json(cli, data))
		return 0;
	stats = json_get(data, "stats");	/* both shapes are accepted for either call */
	print_stats(json_kind(stats) == JSON_OBJECT ? stats : data);
	it = json_each(json_get(data, "entries"));
	if (!cli->entries || it.left == 0)
		return 0;
	printf("\n");
	print_column(STR("HOSTNAME"), 29);
	print_column(STR("TYPE"), 6);
	printf("TTL\n");
	while (json_next(&it, &key, &entry)) {
		print_column(cli_str(cli, entry, "hostname"), 29);
		print_column(cli_str(cli, entry, "record_type"), 6);
		printf("%llus\n", (unsigned long long)cli_u64(entry, "ttl_remaining_secs"));
	}
	return 0;
}

int cmd_dns_flush(struct cli *cli)
{
	struct json_val data;
	struct err e;

	if (cli_order(cli, "/api/v1/dns/cache/flush", &data, &e) < 0)
		return cli_fail(&e);
	printf("DNS cache flushed (%llu entries cleared).\n",
	       (unsigned long long)cli_u64(data, "entries_flushed"));
	return 0;
}
