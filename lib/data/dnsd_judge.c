/* dnsd_judge.c - the order of work for one query: who asks, may they, what may they see
 *
 * Layer: data.  Input: hostile (queries, accepted answers).  Memory: the caller's; scratch of the
 * worker.  Threads: one worker.
 * Spec: S007 order of work, FR-007..FR-011, FR-022, FR-023, FR-032..FR-034, FR-039, X-001, EC-015,
 * EC-016, EC-X01, W-02, W-11, W-34..W-37, W-40, W-44, W-46, W-52; decisions D4, D8, D29.
 *
 * Theory of operation.  dnsd_judge() walks the table from top to bottom; the first row that applies
 * ends it with a reply, with silence, or with DNSD_FORWARD.  dnsd_conclude() is called when the
 * upstream has answered or not: the asker must still be the same container, and when the rules have
 * changed meanwhile the query is judged again by the new ones.  Every answer, from the cache or
 * from upstream, passes the same policy: names that it leads to, then addresses.
 */
#include <string.h>

#include "base/clock.h"
#include "data/dnsd_own.h"
#include "policy/addr.h"
#include "policy/hosttab.h"

#define BUDGET_NS 10000000	/* S007-FR-023 */
#define IF_LOOPBACK 1

struct scene {			/* what the steps for one query share */
	struct worker *w;
	struct dnsd_job *job;
	struct dnsd_out *out;
	const struct ident *ident;
	uint64_t start_ns;
	struct str name, type;
	char name_text[DNS_NAME_TEXT_MAX + 1];
	char type_text[DNS_TYPE_TEXT_LEN];
};

enum policy {			/* what the answer policy says */
	POLICY_ALIAS = 0,	/* a name in the chain is blocked */
	POLICY_RESTRICTED,	/* there were addresses, none is left */
	POLICY_SERVE,
};

static void bump(_Atomic uint64_t *n)
{
	/* Only this worker writes. */
	atomic_store_explicit(n, atomic_load_explicit(n, memory_order_relaxed) + 1,
			      memory_order_relaxed);
}

static void set_scene(struct scene *s)
{
	const struct dns_query *q = &s->job->q;

	s->name = q->has_question ? dns_name_text(&q->name, s->name_text) : STR("");
	s->type = dns_type_name(q->type, s->type_text);
}

/* ---- what is told: log record, event, extended error ---- */

static void log_decision(const struct scene *s, enum log_level level, const char *msg,
			 struct str decision, struct str rule)
{
	struct log_line l;

	if (!log_begin(&l, level, LOG_DNS, msg))
		return;
	log_ip(&l, "src", s->job->peer.addr);
	log_host(&l, "hostname", s->name);
	log_str(&l, "record_type", s->type);
	log_str(&l, "decision", decision);
	log_str(&l, "rule", rule);
	log_bool(&l, "redirected", s->job->peer.redirected);
	log_bool(&l, "cached", s->job->cached);
	if (s->job->forwarded)
		log_u64(&l, "upstream_ms", s->job->upstream_ms);
	if (s->ident)
		log_c(&l, "container", s->ident->name);
	log_end(&l);
}

static void copy_text(char *dst, size_t cap, struct str s)
{
	s = str_first(s, cap - 1);
	if (s.len)
		memcpy(dst, s.p, s.len);
	dst[s.len] = '\0';
}

static void tell_event(struct scene *s, bool allowed, struct str rule, struct str reason)
{
	if (!worker_wants_event(s->w))
		return;

	struct event ev = {
		.wall_us = clock_wall_us(),
		.layer = EVENT_DNS,
		.allowed = allowed,
		.redirected = s->job->peer.redirected,
		.cached = s->job->cached,
		.security = !s->ident,
		.port = 53,
		.micros = (uint32_t)(s->job->spent_ns / 1000),
		.count = 1,
	};
	char addr[IP_TEXT_LEN];

	copy_text(ev.source, sizeof(ev.source), str_of(ip_text(s->job->peer.addr, addr)));
	if (s->ident) {
		copy_text(ev.container, sizeof(ev.container), str_of(s->ident->name));
		copy_text(ev.agent, sizeof(ev.agent), str_of(s->ident->agent));
	}
	copy_text(ev.host, sizeof(ev.host), s->name);
	copy_text(ev.method, sizeof(ev.method), s->type);
	copy_text(ev.rule, sizeof(ev.rule), rule);
	copy_text(ev.reason, sizeof(ev.reason), reason);
	worker_event(s->w, &ev);
}

/* Time spent on this query, waiting apart. */
static void stop_watch(struct scene *s)
{
	uint64_t now_ns = clock_mono_ns();

	s->job->spent_ns += now_ns - s->start_ns;
	s->start_ns = now_ns;
	if (s->job->spent_ns > BUDGET_NS && log_wants(LOG_WARN, LOG_DNS))
		log_msg(LOG_WARN, LOG_DNS, "DNS rule evaluation exceeded 10ms budget");
}

/* "Blocked by outcall: <reason>; on the host: outcall explain ..." (W-52, D29) */
static struct str block_text(const struct scene *s, struct str reason, struct buf *b)
{
	size_t first;

	buf_add_c(b, "Blocked by outcall: ");
	buf_add_str(b, reason);
	first = b->len;
	if (dns_name_is_plain(&s->job->q.name)) {
		buf_add_c(b, "; on the host: outcall explain --dns ");
		buf_add_str(b, s->name.len ? s->name : STR("."));
		buf_add_c(b, " --agent ");
		buf_add_c(b, s->ident->agent);
	}
	return str_n(b->p, buf_ok(b) ? b->len : first);
}

/* ---- ends of the walk ---- */

static size_t reply_cap(const struct scene *s)
{
	if (s->job->peer.tcp)
		return s->out->cap;
	return MIN(s->out->cap, dns_udp_limit(&s->job->q));
}

static enum dnsd_done end_silent(struct scene *s, const char *why)
{
	struct log_line l;

	if (log_begin(&l, LOG_DEBUG, LOG_DNS, why)) {
		log_ip(&l, "src", s->job->peer.addr);
		log_end(&l);
	}
	return DNSD_DROP;
}

/* A protocol error: a bare rcode, no decision. */
static enum dnsd_done end_rcode(struct scene *s, enum dns_rcode rcode)
{
	const struct dns_ede ede = { rcode == DNS_RCODE_REFUSED ? DNS_EDE_PROHIBITED : 0,
				     { NULL, 0 } };

	s->out->len = dns_reply_rcode(&s->job->q, rcode, &ede, s->out->p, reply_cap(s));
	return DNSD_REPLY;
}

static enum dnsd_done end_failed(struct scene *s)
{
	static const struct dns_ede ede = { DNS_EDE_NO_REACHABLE_AUTHORITY, { NULL, 0 } };

	s->out->len = dns_reply_rcode(&s->job->q, DNS_RCODE_SERVFAIL, &ede, s->out->p,
				      reply_cap(s));
	stop_watch(s);
	log_decision(s, LOG_WARN, "upstream DNS resolution failed; returning SERVFAIL",
		     STR("allow"), str_of(s->job->v.rule_id));
	return DNSD_REPLY;
}

/* NXDOMAIN with SOA; rule is the mark in the log, reason what the client may read. */
static enum dnsd_done end_blocked(struct scene *s, struct str rule, struct str reason)
{
	char text[DNS_EDE_TEXT_MAX];
	struct buf b = BUF_OF(text);
	struct dns_ede ede = { DNS_EDE_BLOCKED, { NULL, 0 } };

	ede.text = block_text(s, reason, &b);
	s->out->len = dns_reply_blocked(&s->job->q, &ede, s->out->p, reply_cap(s));
	bump(&s->w->stats->dns_blocked);
	stop_watch(s);
	log_decision(s, LOG_INFO, "DNS query blocked", STR("block"), rule);
	tell_event(s, false, rule, reason);
	return DNSD_REPLY;
}

static enum dnsd_done end_restricted(struct scene *s)
{
	char text[DNS_EDE_TEXT_MAX];
	struct buf b = BUF_OF(text);
	struct dns_ede ede = { DNS_EDE_BLOCKED, { NULL, 0 } };

	ede.text = block_text(s, STR("restricted address"), &b);
	s->out->len = dns_reply_rcode(&s->job->q, DNS_RCODE_SERVFAIL, &ede, s->out->p,
				      reply_cap(s));
	bump(&s->w->stats->dns_blocked);
	stop_watch(s);
	log_decision(s, LOG_INFO, "DNS answer contained no permitted addresses; returning SERVFAIL",
		     STR("block"), STR("restricted-address-filter"));
	tell_event(s, false, STR("restricted-address-filter"), STR("restricted address"));
	return DNSD_REPLY;
}

static enum dnsd_done end_allowed(struct scene *s)
{
	struct str rule = str_of(s->job->v.rule_id);

	bump(&s->w->stats->dns_allowed);
	stop_watch(s);
	log_decision(s, s->job->v.log ? LOG_INFO : LOG_DEBUG, "DNS query allowed", STR("allow"),
		     rule);
	tell_event(s, true, rule, STR(""));
	return DNSD_REPLY;
}

/* Row 2: whoever is not managed learns nothing, not even the rate of others. */
static enum dnsd_done end_unmanaged(struct scene *s)
{
	bump(&s->w->stats->dns_total);
	bump(&s->w->stats->dns_blocked);
	if (!dnsguard_unmanaged(s->w->guard, s->w->loop.now_ms) || s->job->kind == DNS_QUERY_DROP)
		return end_silent(s, "DNS query of an unmanaged peer dropped");
	set_scene(s);
	log_decision(s, LOG_INFO, "DNS query rejected from unmanaged peer", STR("block"),
		     STR("unmanaged-peer"));
	tell_event(s, false, STR("unmanaged-peer"), STR("unmanaged peer"));
	return end_rcode(s, DNS_RCODE_REFUSED);
}

/* ---- the verdict ---- */

static struct facts facts_of(const struct scene *s, struct str name)
{
	struct facts f = { .present = FACT_DNS | FACT_AGENT };

	f.dns.query = name;
	f.dns.record_type = s->type;
	f.agent.name = str_of(s->ident->agent);
	return f;
}

/* Rows 11 and 12. True: allowed. */
static bool judge_head(struct scene *s, enum dnsd_done *done)
{
	struct verdict *v = &s->job->v;
	char text[RULE_ID_MAX + 64];
	struct buf b = BUF_OF(text);

	struct facts f = facts_of(s, s->name);
	ruleset_eval(worker_rules(s->w), &f, &s->w->scratch, v);
	verdict_log(v, f.agent.name);
	if (v->kind == VERDICT_ALLOW)
		return true;
	if (v->why == WHY_ENGINE) {	/* FR-032 */
		s->out->len = dns_reply_rcode(&s->job->q, DNS_RCODE_SERVFAIL, NULL, s->out->p,
					      reply_cap(s));
		log_decision(s, LOG_WARN, "DNS rule evaluation failed; returning SERVFAIL",
			     STR("block"), STR(""));
		*done = DNSD_REPLY;
		return false;
	}
	verdict_reason(v, &b);
	*done = end_blocked(s, v->rule_id[0] ? str_of(v->rule_id) : STR("default-block"),
			    buf_str(&b));
	return false;
}

/* ---- the answer policy ---- */

/* A name that the answer leads to (W-35): a block rule that stands before the rule which allowed
 * the head ends it; no match, or a later block such as a catch-all, is no obstacle. */
static bool may_lead_to(struct scene *s, const struct dns_name *target)
{
	char text[DNS_NAME_TEXT_MAX + 1];
	struct verdict v;

	if (!dns_name_is_plain(target) || dns_name_is_special(target))
		return false;
	struct facts f = facts_of(s, dns_name_text(target, text));
	ruleset_probe(worker_rules(s->w), &f, &s->w->scratch, &v);
	if (v.kind == VERDICT_ALLOW || v.why == WHY_NO_RULE)
		return true;
	return v.order != RULE_NONE && v.order > s->job->v.order;
}

static void log_stripped(struct scene *s, struct ip addr)
{
	struct log_line l;

	if (!log_limited(&s->w->dnsd->stripped_log, 20) ||
	    !log_begin(&l, LOG_INFO, LOG_DNS, "DNS answer record stripped"))
		return;
	log_host(&l, "host", s->name);
	log_ip(&l, "dropped_ip", addr);
	log_c(&l, "reason", "restricted_ip");
	log_end(&l);
}

/* Judges every record of a; sets bits in strip for those that must not be seen. */
static enum policy judge_answer(struct scene *s, const struct dns_answer *a, uint64_t *strip,
				bool *stripped)
{
	const struct hosttab *hosts =
		a->has_addrs ? (const struct hosttab *)(const void *)snap_read(&s->w->hosts) : NULL;
	unsigned left = 0;
	struct dns_name target;
	struct dns_rr rr;
	struct ip addr;
	size_t pos = 0;

	*stripped = false;
	if (!a->has_hops && !a->has_addrs)
		return POLICY_SERVE;
	for (uint16_t i = 0; dns_answer_next(a, &pos, i, &rr); i++) {
		if (a->has_hops && dns_rr_target(&rr, &target) && !may_lead_to(s, &target))
			return POLICY_ALIAS;
		if (rr.authority || !dns_rr_addr(&rr, &addr))
			continue;
		if (addr_allowed(addr, s->job->v.allow_private_ips, false,
				 hosttab_is_local(hosts, addr))) {
			left++;
			continue;
		}
		strip[i / 64] |= UINT64_C(1) << (i % 64);
		*stripped = true;
		log_stripped(s, addr);
	}
	return *stripped && !left ? POLICY_RESTRICTED : POLICY_SERVE;
}

static enum dnsd_done end_answer(struct scene *s, const struct dns_answer *a, uint32_t age_s)
{
	uint64_t strip[DNS_STRIP_WORDS] = { 0 };
	struct dns_serve serve = { .age_s = age_s };
	bool stripped;

	switch (judge_answer(s, a, strip, &stripped)) {
	case POLICY_ALIAS:
		return end_blocked(s, STR("cname-policy"), STR("cname-policy"));
	case POLICY_RESTRICTED:
		return end_restricted(s);
	case POLICY_SERVE:
		break;
	}
	serve.strip = stripped ? strip : NULL;
	if (dnsd_wants_grant(s->w, s->job, a, serve.strip, age_s)) {
		copy_text(s->job->ident_id, sizeof(s->job->ident_id), str_of(s->ident->id));
		memcpy(s->w->dnsd->grant.ident_id, s->ident->id, sizeof(s->ident->id));
		memcpy(s->w->dnsd->grant.ident_name, s->ident->name, sizeof(s->ident->name));
		stop_watch(s);
		return DNSD_GRANT;
	}
	s->out->len = dns_reply_answer(&s->job->q, a, &serve, s->out->p, reply_cap(s));
	return end_allowed(s);
}

/* ---- the walk ---- */

static bool came_from_managed_if(const struct worker *w, int if_idx)
{
	const struct data_ifset *set = w->cfg->ifs;

	if (!set || !if_idx || if_idx == IF_LOOPBACK)
		return true;
	unsigned cnt = atomic_load_explicit(&set->cnt, memory_order_acquire);
	for (unsigned i = 0; i < cnt && i < DATA_IFS_MAX; i++)
		if (atomic_load_explicit(&set->idx[i], memory_order_relaxed) == if_idx)
			return true;
	return false;
}

static bool from_cache(struct scene *s, struct dns_answer *a, uint32_t *age_s)
{
	*a = (struct dns_answer){ .body = s->w->dnsd->body };
	return dnscache_get(s->w->cache, &s->job->key, s->job->v.generation, s->w->loop.now_ms, a,
			    age_s);
}

static void make_key(struct scene *s)
{
	struct dnscache_key *key = &s->job->key;

	key->name = s->job->q.name;
	dns_name_lower(&key->name);
	key->type = s->job->q.type;
	key->dnssec_ok = s->job->q.dnssec_ok;
	key->cd = s->job->q.cd;
	dnscache_hash(s->w->cache, key);
}

/* W-46. True: this name may be forwarded. */
static bool passes_tunnel_guard(struct scene *s)
{
	struct worker *w = s->w;
	struct log_line l;

	if (!w->cfg->dns_tunnel_warn && !w->cfg->dns_tunnel_block)
		return true;
	switch (dnsguard_tunnel(w->guard, s->job->peer.addr, str_of(s->job->v.rule_id),
				&s->job->key.name, w->loop.now_ms)) {
	case DNSGUARD_TUNNEL_FINE:
		return true;
	case DNSGUARD_TUNNEL_TRIPPED:
		if (log_begin(&l, LOG_WARN, LOG_DNS, "too many distinct names below one rule")) {
			log_c(&l, "container", s->ident->name);
			log_c(&l, "rule", s->job->v.rule_id);
			log_host(&l, "hostname", s->name);
			log_end(&l);
		}
		break;
	case DNSGUARD_TUNNEL_OVER:
		break;
	}
	return !w->cfg->dns_tunnel_block;
}

/* Rows 13 to 15 for an allowed query. */
static enum dnsd_done answer_or_forward(struct scene *s)
{
	enum dnsd_done done;
	struct dns_answer a;
	uint32_t age_s;

	if (s->job->q.type == DNS_TYPE_ANY) {
		s->out->len = dns_reply_any(&s->job->q, s->out->p, reply_cap(s));
		return end_allowed(s);
	}
	make_key(s);
	if (from_cache(s, &a, &age_s)) {
		s->job->cached = true;
		done = end_answer(s, &a, age_s);
		if (done == DNSD_GRANT && !dnsguard_query_begin(s->w->guard, s->job->guard))
			return end_silent(s, "too many DNS queries in flight");	/* W-44 */
		return done;
	}
	if (!passes_tunnel_guard(s))
		return end_blocked(s, STR("tunnel-guard"), STR("tunnel-guard"));
	if (!dnsguard_query_begin(s->w->guard, s->job->guard))
		return end_silent(s, "too many DNS queries in flight");	/* W-44 */
	copy_text(s->job->ident_id, sizeof(s->job->ident_id), str_of(s->ident->id));
	stop_watch(s);
	return DNSD_FORWARD;
}

/* Rows 3 to 12. */
static enum dnsd_done judge_managed(struct scene *s)
{
	struct worker *w = s->w;
	struct dnsd_job *job = s->job;
	struct dns_query *q = &job->q;
	enum dnsd_done done;

	bump(&w->stats->dns_total);
	job->guard = dnsguard_source(w->guard, job->peer.addr, w->loop.now_ms);
	if (job->guard == DNSGUARD_NO_ID || !dnsguard_rate(w->guard, job->guard, w->loop.now_ms))
		return end_silent(s, "DNS rate limit exceeded");
	if (job->kind == DNS_QUERY_DROP)
		return end_silent(s, "malformed DNS query");
	set_scene(s);
	switch (job->kind) {
	case DNS_QUERY_DROP:
	case DNS_QUERY_ERROR:
		return end_rcode(s, (enum dns_rcode)q->rcode);
	case DNS_QUERY_UNSERVED:
		bump(&s->w->stats->dns_blocked);
		log_decision(s, LOG_INFO, "DNS query blocked", STR("block"), STR("unserved-type"));
		tell_event(s, false, STR("unserved-type"), STR("type or class is not served"));
		return end_rcode(s, (enum dns_rcode)q->rcode);
	case DNS_QUERY_BAD_NAME:
		return end_blocked(s, STR("special-name"), STR("special name"));
	case DNS_QUERY_OK:
		break;
	}
	return judge_head(s, &done) ? answer_or_forward(s) : done;
}

static void begin(struct scene *s, struct worker *w, struct dnsd_job *job, struct dnsd_out *out)
{
	s->w = w;
	s->job = job;
	s->out = out;
	s->start_ns = clock_mono_ns();
	out->len = 0;
}

enum dnsd_done dnsd_judge(struct worker *w, struct dnsd_job *job, const uint8_t *msg, size_t len,
			  struct dnsd_out *out)
{
	struct scene s;

	begin(&s, w, job, out);
	job->spent_ns = 0;
	job->cached = job->forwarded = job->is_ungranted = false;
	job->granted_until_ms = 0;
	job->grants_asked = 0;
	job->ident_tmo = job->grant_tmo = (struct tmo){ .slot = 0 };
	if (!dns_query_is_one(msg, len) || job->peer.port == 0 ||
	    !came_from_managed_if(w, job->peer.if_idx))
		return DNSD_DROP;
	job->kind = dns_query_parse(msg, len, &job->q);
	s.ident = idtab_find(worker_idents(w), job->peer.addr);
	if (s.ident)
		return judge_managed(&s);
	if (job->kind != DNS_QUERY_DROP && dnsd_may_await(w, job->peer.addr))
		return DNSD_AWAIT;
	return end_unmanaged(&s);
}

enum dnsd_done dnsd_judge_again(struct worker *w, struct dnsd_job *job, bool is_over,
				struct dnsd_out *out)
{
	struct scene s;

	begin(&s, w, job, out);
	s.ident = idtab_find(worker_idents(w), job->peer.addr);
	if (s.ident)
		return judge_managed(&s);
	return is_over ? end_unmanaged(&s) : DNSD_AWAIT;
}

/* After a wait. The address may belong to somebody else by now: no answer, no grant (EC-X01). Under
 * newer rules the query is judged again, and what older ones granted is gone. False: *done
 * ends it. */
static bool still_allowed(struct scene *s, enum dnsd_done *done)
{
	const struct ruleset *rules = worker_rules(s->w);

	s->ident = idtab_find(worker_idents(s->w), s->job->peer.addr);
	if (!s->ident || strcmp(s->ident->id, s->job->ident_id) != 0) {
		*done = end_silent(s, "DNS answer for a container that is gone discarded");
		return false;
	}
	if (rules && rules->snap.generation == s->job->v.generation)
		return true;
	s->job->granted_until_ms = 0;
	return judge_head(s, done);
}

/* Row 15, second half. */
static enum dnsd_done conclude(struct scene *s, const struct dnsup_outcome *o)
{
	enum dnsd_done done;
	struct dns_answer a;
	uint32_t age_s;

	if (!still_allowed(s, &done))
		return done;
	switch (o->result) {
	case DNSUP_OK:
		return end_answer(s, o->answer, 0);
	case DNSUP_AGAIN:
		if (from_cache(s, &a, &age_s))
			return end_answer(s, &a, age_s);
		return DNSD_FORWARD;
	case DNSUP_FAILED:
	case DNSUP_TIMEOUT:
		break;
	}
	return end_failed(s);
}

/* An answer that ended while it waited, or was of older rules, is asked for once more. */
static enum dnsd_done serve_granted(struct scene *s)
{
	enum dnsd_done done;
	struct dns_answer a;
	uint32_t age_s;

	if (!still_allowed(s, &done))
		return done;
	if (from_cache(s, &a, &age_s))
		return end_answer(s, &a, age_s);
	s->job->granted_until_ms = 0;
	stop_watch(s);
	return DNSD_FORWARD;
}

/* A query stays in flight while it waits for an upstream or for grants. */
static enum dnsd_done end_flight(struct scene *s, enum dnsd_done done)
{
	if (done != DNSD_FORWARD && done != DNSD_GRANT)
		dnsguard_query_end(s->w->guard, s->job->guard);
	return done;
}

enum dnsd_done dnsd_judge_granted(struct worker *w, struct dnsd_job *job, struct dnsd_out *out)
{
	struct scene s;

	begin(&s, w, job, out);
	set_scene(&s);
	return end_flight(&s, serve_granted(&s));
}

enum dnsd_done dnsd_conclude(struct worker *w, struct dnsd_job *job, const struct dnsup_outcome *o,
			     struct dnsd_out *out)
{
	struct scene s;

	begin(&s, w, job, out);
	job->cached = false;
	job->forwarded = true;
	job->upstream_ms = o->upstream_ms;
	set_scene(&s);
	return end_flight(&s, conclude(&s, o));
}
