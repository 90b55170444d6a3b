/* explain_target.c - the layers that a program meets on its way to a host, and the report as JSON
 *
 * Layer: policy.  Input: hostile (what an operator typed).  Memory: the caller's arena.
 * Threads: pure functions.
 * Spec: S003 1.3 (rule/explain), 1.4, S006 (Address policy, CONNECT ports), D8, D20, D28.
 */
#include "policy/addr.h"
#include "policy/explain.h"
#include "wire/dns_name.h"
#include "wire/http1.h"
#include "wire/url.h"

struct way {			/* to one host, with what is not given filled in */
	struct url_host host;
	struct str method, path, agent;
	uint16_t port;
	bool connect;
};

static int wrong(struct err *e, struct str what, const char *why)
{
	char text[256];
	struct buf b = BUF_OF(text);

	buf_add_escaped(&b, what, sizeof(text) / 4 - 1);
	return err_set(e, ERR_INVALID, "\"%s\" is %s", buf_c(&b), why);
}

/* A host as in a URL; an IPv6 address also without brackets. */
static int fill_host(struct str host, struct way *w, struct err *e)
{
	char text[64];
	struct buf b = BUF_OF(text);
	struct ip ip;

	if (ip_parse_v6(host, &ip)) {
		buf_printf(&b, "[" STR_FMT "]", STR_ARG(host));
		host = buf_str(&b);
	}
	return url_host_parse(host, &w->host) ? 0 : wrong(e, host, "no host name");
}

/* Upper case, as the proxy has it. */
static int fill_method(struct str method, struct arena *a, struct way *w, struct err *e)
{
	char *upper = arena_alloc(a, method.len + 1);

	if (!upper)
		return err_set(e, ERR_NOMEM, "no memory for the explanation");
	for (size_t i = 0; i < method.len; i++) {
		if (!ascii_is_alnum(method.p[i]) && method.p[i] != '-')
			return wrong(e, method, "no HTTP method");
	}
	if (method.len == 0 || method.len > HTTP1_METHOD_MAX)
		return wrong(e, method, "no HTTP method");
	str_upper(upper, method);
	w->method = str_n(upper, method.len);
	w->connect = str_eq_c(w->method, "CONNECT");
	return 0;
}

/* In the form that the proxy gives it, dot segments removed. */
static int fill_path(struct str path, struct arena *a, struct way *w, struct err *e)
{
	size_t cap = 2 * (path.len + 1);
	char *mem = arena_alloc(a, cap);
	struct buf b = buf_on(mem, mem ? cap : 0);

	if (!mem)
		return err_set(e, ERR_NOMEM, "no memory for the explanation");
	if (path.len && path.p[0] != '/' && path.p[0] != '?')
		return wrong(e, path, "no path: it starts with /");
	if (!url_path_canonical(path, &b))
		return wrong(e, path, "a path that the proxy refuses");
	w->path = buf_str(&b);
	return 0;
}

uint16_t explain_port(const struct explain_target *t)
{
	if (t->port)
		return t->port;
	return !t->method.p || str_case_eq_c(t->method, "CONNECT") ? 443 : 80;
}

static int fill_way(const struct explain_target *t, struct arena *a, struct way *w, struct err *e)
{
	w->connect = t->port != 80;
	w->method = w->connect ? STR("CONNECT") : STR("GET");
	w->path = STR("/");
	w->port = explain_port(t);
	w->agent = t->agent;
	if (fill_host(t->host, w, e) < 0 ||
	    (t->method.p && fill_method(t->method, a, w, e) < 0) ||
	    (t->path.p && fill_path(t->path, a, w, e) < 0))
		return -1;
	if (w->connect)
		w->path = STR("/");
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

static int read_question(const struct explain_target *t, struct str text, struct dns_name *name,
			 uint16_t *type, struct err *e)
{
	bool dot = text.len && text.p[text.len - 1] == '.';

	if (text.len == 0 || !dns_name_from_text(str_first(text, text.len - dot), name))
		return wrong(e, text, "no name that can be looked up");
	if (!dns_type_from_name(t->type.p ? t->type : STR("A"), type))
		return wrong(e, t->type, "no record type");
	return 0;
}

/* The rows of the DNS filter that stand before the rules (S007, order of work, 9 and 10). */
static struct str refused_query(const struct dns_name *name, uint16_t type)
{
	if (type != DNS_TYPE_ANY && !dns_type_is_served(type))
		return STR("records of this type are not served");
	if (!dns_name_is_plain(name) || dns_name_is_special(name))
		return STR("special name: never looked up, whatever the rules say");
	return STR("");
}

static int add_dns(const struct ruleset *set, const struct explain_target *t, struct str text,
		   struct arena *a, struct explain_report *out, struct err *e)
{
	struct facts f = { .present = FACT_DNS | FACT_AGENT };
	struct explain_layer *l = &out->layer[out->cnt];
	char *room = arena_alloc(a, DNS_NAME_TEXT_MAX + 1 + DNS_TYPE_TEXT_LEN);
	struct dns_name name;
	uint16_t type;

	if (!room)
		return err_set(e, ERR_NOMEM, "no memory for the explanation");
	if (read_question(t, text, &name, &type, e) < 0)
		return -1;
	f.dns.query = dns_name_text(&name, room);
	f.dns.record_type = dns_type_name(type, room + DNS_NAME_TEXT_MAX + 1);
	f.agent.name = t->agent;
	*l = (struct explain_layer){ .name = "dns", .reason = refused_query(&name, type) };
	out->cnt++;
	return l->reason.len ? 0 : explain_facts(set, &f, a, l, e);
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

static struct str never_reached(const struct way *w, bool opt_in)
{
	if (w->host.literal && !addr_allowed(w->host.ip, opt_in, true, false))
		return addr_classify(w->host.ip) == ADDR_NEVER
			       ? STR("the address is never a target, whatever the rules say")
			       : STR("the address is restricted; only a rule with "
				     "egress.allow_private_ips may reach it");
	if (addr_port_denied(w->port, w->connect))
		return STR("the proxy never connects to this port");
	return STR("");
}

static struct str way_to_proxy(const struct explain_target *t, const struct way *w)
{
	if (w->host.literal && !w->host.ip.v4)
		return STR("through the proxy only, which judges the request; IPv6 packets are "
			   "dropped");
	if (!t->no_redirect && (w->port == 80 || w->port == 443))
		return STR("redirected to the proxy, which judges the request");
	return STR("through the proxy only, which judges the request; a direct connection is "
		   "refused at once");
}

/* What becomes of a connection to that address and port, given the other two layers; in the order
 * of the base policy. */
static void judge_tcp(const struct explain_target *t, const struct way *w,
		      const struct explain_layer *dns, const struct explain_layer *http,
		      struct explain_layer *tcp)
{
	bool opt_in = http->rule && http->rule->egress.allow_private_ips;

	tcp->name = "tcp";
	if (t->granted) {
		tcp->kind = VERDICT_ALLOW;
		tcp->reason = STR("opened directly by a dynamic rule (outcall rules active)");
	} else if (opens_port(dns, w->port)) {
		tcp->kind = VERDICT_ALLOW;
		tcp->rule = dns->rule;
		tcp->reason = STR("opened directly for the time of the DNS answer (direct_ip)");
	} else if (w->port == 53) {
		tcp->reason = STR("redirected to the DNS filter, whatever the address");
	} else if (t->no_proxy) {
		tcp->reason = STR("refused at once: there is no proxy, and no direct_ip rule opens "
				  "this port");
	} else {
		tcp->reason = never_reached(w, opt_in);
		if (tcp->reason.len)
			return;
		tcp->kind = http->kind;
		tcp->reason = way_to_proxy(t, w);
	}
}

/* A tunnel that a rule wants to be intercepted is refused by the proxy. */
static void judge_intercept(const struct way *w, struct explain_layer *http)
{
	if (!w->connect || !http->rule || http->kind != VERDICT_ALLOW ||
	    http->rule->egress.mode != EGRESS_INTERCEPT)
		return;
	http->kind = VERDICT_BLOCK;
	http->reason = STR("interception is not available");
	http->near_cnt = 0;
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
	judge_intercept(&w, http);
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
