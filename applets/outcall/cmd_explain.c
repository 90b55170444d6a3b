/* cmd_explain.c - outcall explain: the verdict of each layer for a host or a name
 *
 * Layer: applets (outcall).  Input: argv, answers of the daemon.  Memory: process-lifetime arena.
 * Threads: one.
 * Spec: S003 section 1.9, D29 (the command that a refused program is told).
 */
#include "outcall/cli.h"
#include "wire/jsonw.h"

#define CONTEXT_MAX 16384

struct layer {
	const char *name;
	struct json_val answer;		/* EvaluateResult */
};

/* Host names are judged in lower case, without the last dot. */
static struct str canonical(struct cli *cli, const char *name)
{
	struct str s = arena_str(&cli->arena, str_of(name));
	char *p = arena_alloc(&cli->arena, s.len + 1);

	if (!p)
		return STR("");
	str_lower(p, s);
	return str_n(p, s.len - (s.len > 1 && p[s.len - 1] == '.'));
}

static void add_agent(const struct cli *cli, struct jsonw *w)
{
	jsonw_name(w, "agent");
	jsonw_object(w);
	jsonw_add_c(w, "name", cli->agent ? cli->agent : "");
	jsonw_object_end(w);
}

static void dns_context(struct cli *cli, const char *name, struct jsonw *w)
{
	char type[16] = "A";
	struct str asked = str_of(cli->type ? cli->type : "A");

	if (asked.len < sizeof(type)) {
		str_upper(type, asked);
		type[asked.len] = '\0';
	}
	jsonw_name(w, "dns");
	jsonw_object(w);
	jsonw_add_str(w, "query", canonical(cli, name));
	jsonw_add_c(w, "record_type", type);
	jsonw_object_end(w);
	add_agent(cli, w);
}

static void http_context(struct cli *cli, const char *method, uint64_t port, struct jsonw *w)
{
	bool tunnel = str_case_eq_c(str_of(method), "CONNECT");
	struct str host = canonical(cli, cli->host);

	jsonw_name(w, "network");
	jsonw_object(w);
	jsonw_add_str(w, "hostname", host);
	jsonw_add_c(w, "ip", "");
	jsonw_add_u64(w, "port", port);
	jsonw_add_c(w, "protocol", "tcp");
	jsonw_object_end(w);
	jsonw_name(w, "http");
	jsonw_object(w);
	jsonw_add_c(w, "method", method);
	jsonw_add_c(w, "path", tunnel || !cli->path ? "/" : cli->path);
	jsonw_add_str(w, "host", host);
	jsonw_add_c(w, "scheme", tunnel ? "https" : "http");
	jsonw_name(w, "headers");
	jsonw_object(w);
	jsonw_object_end(w);
	jsonw_add_u64(w, "body_size", 0);
	jsonw_object_end(w);
	add_agent(cli, w);
}

/* Asks the daemon; dns: the name that is looked up, NULL for the request. */
static int judge(struct cli *cli, const char *dns, struct layer *out, struct err *e)
{
	const char *method = cli->method;
	uint64_t port = cli->port;
	char *mem = arena_alloc(&cli->arena, CONTEXT_MAX);
	struct buf b = buf_on(mem, mem ? CONTEXT_MAX : 0);
	struct jsonw w = jsonw_on(&b);

	if (!method)
		method = port == 80 ? "GET" : "CONNECT";
	if (!port)
		port = str_case_eq_c(str_of(method), "CONNECT") ? 443 : 80;
	jsonw_object(&w);
	jsonw_name(&w, "context");
	jsonw_object(&w);
	if (dns)
		dns_context(cli, dns, &w);
	else
		http_context(cli, method, port, &w);
	jsonw_object_end(&w);
	jsonw_object_end(&w);
	if (!buf_ok(&b))
		return err_set(e, ERR_LIMIT, "host, path or agent is too long");
	out->name = dns ? "dns" : "http";
	return cli_ask(cli, "/api/v1/rule/evaluate", buf_c(&b), &out->answer, e);
}

static void print_layer(struct cli *cli, const struct layer *l)
{
	bool allowed = str_eq_c(cli_str(cli, l->answer, "decision"), "allow");
	struct str rule = cli_str(cli, l->answer, "matched_rule");

	printf("%-5s %s  ", l->name, allowed ? "ALLOW" : "BLOCK");
	if (rule.len == 0) {
		printf("no rule matched (the default is to block)\n");
		return;
	}
	printf("rule ");
	cli_print_text(stdout, rule);
	printf(" (");
	cli_print_text(stdout, cli_str(cli, l->answer, "file"));
	printf(")\n");
}

static void print_json(const struct layer *layers, size_t cnt)
{
	for (size_t i = 0; i < cnt; i++) {
		struct str raw = json_raw(layers[i].answer);

		printf("%s{\"layer\":\"%s\",\"verdict\":%.*s}%s", i ? "," : "{\"layers\":[",
		       layers[i].name, (int)raw.len, raw.p, i + 1 == cnt ? "]}\n" : "");
	}
}

int cmd_explain(struct cli *cli)
{
	struct layer layers[2];
	size_t cnt = 0;
	struct err e;

	if (!cli->host == !cli->dns) {
		fprintf(stderr, "Error: explain takes either --host or --dns\n");
		return 2;
	}
	if (judge(cli, cli->dns ? cli->dns : cli->host, &layers[cnt++], &e) < 0)
		return cli_fail(&e);
	if (cli->host && judge(cli, NULL, &layers[cnt++], &e) < 0)
		return cli_fail(&e);
	if (cli->json) {
		print_json(layers, cnt);
		return 0;
	}
	for (size_t i = 0; i < cnt; i++)
		print_layer(cli, &layers[i]);
	return 0;
}
