/* cmd_explain.c - outcall explain: the verdict of each layer, and rules that came close
 *
 * Layer: applets (outcall).  Input: argv, answers of the daemon, rule files.  Memory:
 * process-lifetime arena.  Threads: one.
 * Spec: S003 section 1.9, D29 (the command that a refused program is told).
 *
 * With --rules-dir the rules are loaded here and no daemon is asked; both ways print one JSON.
 */
#include "host/rules.h"
#include "outcall/cli.h"
#include "policy/explain.h"
#include "wire/jsonw.h"

#define REQUEST_MAX 65536
#define REPORT_MAX ((size_t)1 << 20)

static void add_given(struct jsonw *w, const char *name, const char *value)
{
	if (value)
		jsonw_add_c(w, name, value);
}

static int ask_daemon(struct cli *cli, struct json_val *out, struct err *e)
{
	char *mem = arena_alloc(&cli->arena, REQUEST_MAX);
	struct buf b = buf_on(mem, mem ? REQUEST_MAX : 0);
	struct jsonw w = jsonw_on(&b);

	jsonw_object(&w);
	add_given(&w, "host", cli->host);
	add_given(&w, "dns", cli->dns);
	add_given(&w, "type", cli->type);
	add_given(&w, "method", cli->method);
	add_given(&w, "path", cli->path);
	add_given(&w, "agent", cli->agent);
	if (cli->port)
		jsonw_add_u64(&w, "port", cli->port);
	jsonw_object_end(&w);
	if (!buf_ok(&b))
		return err_set(e, ERR_LIMIT, "host, path or agent is too long");
	return cli_ask(cli, "/api/v1/rule/explain", buf_c(&b), out, e);
}

static struct str given(const char *s)
{
	return s ? str_of(s) : str_n(NULL, 0);
}

static int ask_directory(struct cli *cli, struct json_val *out, struct err *e)
{
	const struct explain_target t = {
		.host = given(cli->host), .dns = given(cli->dns), .type = given(cli->type),
		.method = given(cli->method), .path = given(cli->path),
		.agent = given(cli->agent), .port = (uint16_t)cli->port,
	};
	char *mem = arena_alloc(&cli->arena, REPORT_MAX);
	struct buf b = buf_on(mem, mem ? REPORT_MAX : 0);
	struct jsonw w = jsonw_on(&b);
	struct explain_report report;
	struct ruleset *set;
	struct json *doc;
	int rc;

	if (cli_load_rules(cli->rules_dir, &set, e) < 0)
		return -1;
	rc = explain_target(set, &t, &cli->arena, &report, e);
	if (rc == 0)
		explain_write(&w, &report);
	snap_put(&set->snap);
	if (rc < 0)
		return -1;
	if (!buf_ok(&b))
		return err_set(e, ERR_LIMIT, "the explanation is too long");
	doc = ARENA_NEW(&cli->arena, struct json);
	if (!doc || json_parse(doc, buf_str(&b), &cli->arena, e) < 0)
		return doc ? -1 : err_set(e, ERR_NOMEM, "no memory for the explanation");
	*out = json_root(doc);
	return 0;
}

/* "rule x (file:3)" */
static void print_rule(struct cli *cli, struct json_val v, const char *id)
{
	printf("rule ");
	cli_print_text(stdout, cli_str(cli, v, id));
	printf(" (");
	cli_print_text(stdout, cli_str(cli, v, "file"));
	printf(":%llu)", (unsigned long long)cli_u64(v, "line"));
}

static void print_near(struct cli *cli, struct json_val near)
{
	struct str failed = cli_str(cli, near, "failed");
	struct json_iter it = json_each(json_get(near, "values"));
	struct json_val key, value;

	printf("        ");
	print_rule(cli, near, "id");
	if (failed.len == 0) {
		printf(" would %s, but is not reached\n",
		       str_eq_c(cli_str(cli, near, "action"), "allow") ? "allow" : "block");
		return;
	}
	printf(" needs ");
	cli_print_text(stdout, failed);
	printf("\n");
	while (json_next(&it, &key, &value)) {
		printf("            ");
		cli_print_text(stdout, cli_str(cli, value, "expr"));
		printf(" is ");
		cli_print_text(stdout, cli_str(cli, value, "value"));
		printf("\n");
	}
}

static void print_layer(struct cli *cli, struct json_val layer)
{
	bool allowed = str_eq_c(cli_str(cli, layer, "decision"), "allow");
	struct str reason = cli_str(cli, layer, "reason");
	struct json_iter it = json_each(json_get(layer, "near"));
	bool by_rule = cli_str(cli, layer, "matched_rule").len > 0;
	struct json_val key, near;
	bool first = true;

	cli_print_cell(cli_str(cli, layer, "layer"), 7);
	printf("%s  ", allowed ? "ALLOW" : "BLOCK");
	if (by_rule)
		print_rule(cli, layer, "matched_rule");
	if (str_eq_c(reason, "no rule matched")) {
		printf("no rule matched (the default is to block)");
	} else if (reason.len) {
		printf("%s", by_rule ? ": " : "");
		cli_print_text(stdout, reason);
	}
	printf("\n");
	while (json_next(&it, &key, &near)) {
		if (first)
			printf("    close:\n");
		first = false;
		print_near(cli, near);
	}
}

int cmd_explain(struct cli *cli)
{
	struct json_val report, key, layer;
	struct json_iter it;
	struct err e;

	if (!cli->host == !cli->dns) {
		fprintf(stderr, "Error: explain takes either --host or --dns\n");
		return 2;
	}
	if (cli->dns && (cli->method || cli->path || cli->port)) {
		fprintf(stderr, "Error: --method, --path and --port belong to --host\n");
		return 2;
	}
	if ((cli->rules_dir ? ask_directory : ask_daemon)(cli, &report, &e) < 0)
		return cli_fail(&e);
	if (cli_printed_json(cli, report))
		return 0;
	it = json_each(json_get(report, "layers"));
	while (json_next(&it, &key, &layer))
		print_layer(cli, layer);
	return 0;
}
