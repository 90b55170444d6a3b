/* explain_target.c - the layers that a program meets on its way to a host, and the report as JSON
 *
 * Layer: policy.  Input: hostile (what an operator typed).  Memory: the caller's arena.
 * Threads: pure functions.
 * Spec: S003 1.3 (rule/explain), 1.4, S006 (Address policy, CONNECT ports), D8, D20, D28.
 */
#include "policy/addr.h"
#include "policy/explain.h"
#include "wire/url.h"

struct way {			/* to one host, with what is not given filled in */
	struct url_host host;
	struct str method, path, agent;
	uint16_t port;
	bool connect;
};

static int fill_way(const struct explain_target *t, struct arena *a, struct way *w, struct err *e)
{
	bool given = t->method.p != NULL;
	char *upper = arena_alloc(a, t->method.len + 1);

	if (!upper)
		return err_set(e, ERR_NOMEM, "no memory for the explanation");
	str_upper(upper, t->method);
	w->connect = given ? str_case_eq_c(t->method, "CONNECT") : t->port != 80;
	w->method = given ? str_n(upper, t->method.len) : w->connect ? STR("CONNECT") : STR("GET");
	w->port = t->port ? t->port : w->connect ? 443 : 80;
	w->path = w->connect || !t->path.p ? STR("/") : t->path;
	w->agent = t->agent;
	if (!url_host_parse(t->host, &w->host))
		return err_set(e, ERR_INVALID, "\"" STR_FMT "\" is no host name",
			       STR_ARG(str_first(t->host, 253)));
	return 0;
}

static struct facts http_facts(const struct way *w)
{
	struct facts f = { .present = FACT_NETWORK | FACT_HTTP | FACT_AGENT };
	struct str host = url_host_str(&w->host);

	f.network.hostname = host;
	f.network.ip = w->host.literal ? host : STR("");
	f.network.protocol = STR("tcp");
	f.network.port = w->port;
	f.http.method = w->method;
	f.http.path = w->path;
	f.http.host = host;
	f.http.scheme = w->connect ? STR("https") : STR("http");
	f.agent.name = w->agent;
	return f;
}

static int add_dns(const struct ruleset *set, const struct explain_target *t, struct str name,
		   struct arena *a, struct explain_report *out, struct err *e)
{
	struct facts f = { .present = FACT_DNS | FACT_AGENT };
	struct explain_layer *l = &out->layer[out->cnt++];
	char *type = arena_alloc(a, t->type.len + 1), *lower = arena_alloc(a, name.len + 1);

	if (!type || !lower)
		return err_set(e, ERR_NOMEM, "no memory for the explanation");
	str_upper(type, t->type);
	str_lower(lower, name);
	f.dns.record_type = t->type.p ? str_n(type, t->type.len) : STR("A");
	f.dns.query = str_n(lower, name.len - (name.len > 1 && name.p[name.len - 1] == '.'));
	f.agent.name = t->agent;
	l->name = "dns";
	return explain_facts(set, &f, a, l, e);
}

static bool opens_port(const struct explain_layer *dns, uint16_t port)
{
	const struct rule *r = dns ? dns->rule : NULL;

	if (!r || dns->kind != VERDICT_ALLOW || r->egress.mode != EGRESS_DIRECT_IP)
		return false;
	for (uint8_t i = 0; i < r->egress.port_cnt; i++) {
		if (r->egress.ports[i] == port)
			return true;
	}
	return false;
}

/* What becomes of a connection to that address and port, given the other two layers. */
static void judge_tcp(const struct explain_target *t, const struct way *w,
		      const struct explain_layer *dns, const struct explain_layer *http,
		      struct explain_layer *tcp)
{
	bool opt_in = http->rule && http->rule->egress.allow_private_ips;
	bool redirected = !t->no_proxy && !t->no_redirect && (w->port == 80 || w->port == 443);

	tcp->name = "tcp";
	if (opens_port(dns, w->port)) {
		tcp->kind = VERDICT_ALLOW;
		tcp->rule = dns->rule;
		tcp->reason = STR("opened directly for the time of the DNS answer (direct_ip)");
	} else if (t->no_proxy) {
		tcp->reason = STR("refused at once: there is no proxy, and no direct_ip rule opens "
				  "this port");
	} else if (w->host.literal && !addr_allowed(w->host.ip, opt_in, true, false)) {
		tcp->reason = STR("the address is restricted; only a rule with "
				  "egress.allow_private_ips may reach it");
	} else if (addr_port_denied(w->port, w->connect)) {
		tcp->reason = STR("the proxy never connects to this port");
	} else {
		tcp->kind = http->kind;
		tcp->reason = redirected ? STR("redirected to the proxy, which judges the request")
					 : STR("through the proxy only, which judges the request; a "
					       "direct connection is refused at once");
	}
}

int explain_target(const struct ruleset *set, const struct explain_target *t, struct arena *a,
		   struct explain_report *out, struct err *e)
{
	const struct explain_layer *dns = NULL;
	struct explain_layer *tcp, *http;
	struct way w = { .port = 0 };
	struct facts f;

	*out = (struct explain_report){ .cnt = 0 };
	if (!t->host.p)
		return add_dns(set, t, t->dns, a, out, e);
	if (fill_way(t, a, &w, e) < 0)
		return -1;
	if (!w.host.literal) {
		if (add_dns(set, t, url_host_str(&w.host), a, out, e) < 0)
			return -1;
		dns = &out->layer[0];
	}
	tcp = &out->layer[out->cnt++];
	http = &out->layer[out->cnt++];
	http->name = "http";
	f = http_facts(&w);
	if (explain_facts(set, &f, a, http, e) < 0)
		return -1;
	judge_tcp(t, &w, dns, http, tcp);
	return 0;
}

/* ---- JSON ---- */

static void write_rule(struct jsonw *w, const char *name, const struct rule *r)
{
	jsonw_name(w, name);
	if (r)
		jsonw_str(w, r->id);
	else
		jsonw_null(w);
	jsonw_name(w, "file");
	if (r)
		jsonw_str(w, r->file);
	else
		jsonw_null(w);
	jsonw_name(w, "line");
	if (r)
		jsonw_u64(w, r->line);
	else
		jsonw_null(w);
}

static void write_near(struct jsonw *w, const struct explain_near *n)
{
	jsonw_object(w);
	write_rule(w, "id", n->rule);
	jsonw_add_c(w, "action", n->rule->action == VERDICT_ALLOW ? "allow" : "block");
	jsonw_name(w, "failed");
	if (n->failed.len)
		jsonw_str(w, n->failed);
	else
		jsonw_null(w);
	jsonw_name(w, "values");
	jsonw_array(w);
	for (unsigned i = 0; i < n->value_cnt; i++) {
		jsonw_object(w);
		jsonw_add_str(w, "expr", n->values[i].expr);
		jsonw_add_str(w, "value", n->values[i].value);
		jsonw_object_end(w);
	}
	jsonw_array_end(w);
	jsonw_object_end(w);
}

void explain_write(struct jsonw *w, const struct explain_report *r)
{
	jsonw_object(w);
	jsonw_name(w, "layers");
	jsonw_array(w);
	for (unsigned i = 0; i < r->cnt; i++) {
		const struct explain_layer *l = &r->layer[i];

		jsonw_object(w);
		jsonw_add_c(w, "layer", l->name);
		jsonw_add_c(w, "decision", l->kind == VERDICT_ALLOW ? "allow" : "block");
		write_rule(w, "matched_rule", l->rule);
		jsonw_name(w, "reason");
		if (l->reason.len)
			jsonw_str(w, l->reason);
		else
			jsonw_null(w);
		jsonw_name(w, "near");
		jsonw_array(w);
		for (unsigned k = 0; k < l->near_cnt; k++)
			write_near(w, &l->near[k]);
		jsonw_array_end(w);
		jsonw_object_end(w);
	}
	jsonw_array_end(w);
	jsonw_object_end(w);
}
