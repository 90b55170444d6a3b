/* proxy_engine.h - a real worker loop with the real proxy, and a world that a test controls
 *
 * Real: loop, timeouts, sockets, identity and host tables.  Replaced at link time: the resolver and the
 * rule set (ruleset.o and dnsup.o stay out of the test program, because what they define is here).
 * The test thread plays clients and upstream servers with blocking sockets on the loopback interface.
 */
#ifndef OC_TESTS_PROXY_ENGINE_H
#define OC_TESTS_PROXY_ENGINE_H

#include <errno.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <pthread.h>
#include <sys/socket.h>
#include <time.h>

#include "base/clock.h"
#include "data/pconn.h"
#include "data/dnsup.h"
#include "data/proxy.h"
#include "policy/hosttab.h"
#include "sys/sock.h"
#include "t.h"

#define PE_WAIT_MS 5000

/* ---- rules ---- */

struct pe_rule {
	const char *id, *host, *method, *path;	/* NULL: any; host ".x" is a suffix */
	bool block, private_ips, intercept, log;
};

static _Atomic int pe_evaluations;
static char pe_seen[4096];	/* facts of the last evaluation */
static pthread_mutex_t pe_seen_lock = PTHREAD_MUTEX_INITIALIZER;

static bool pe_matches(const struct pe_rule *r, const struct facts *f)
{
	struct str host = str_of(r->host);
	if (r->host && (r->host[0] == '.' ? !str_ends(f->network.hostname, host)
					   : !str_eq(f->network.hostname, host)))
		return false;
	if (r->method && !str_eq(f->http.method, str_of(r->method)))
		return false;
	return !r->path || str_starts(f->http.path, str_of(r->path));
}

static void pe_note(const struct facts *f)
{
	struct buf b = BUF_OF(pe_seen);
	pthread_mutex_lock(&pe_seen_lock);
	buf_printf(&b,
		   "host=" STR_FMT " ip=" STR_FMT " port=%u method=" STR_FMT " path=" STR_FMT
		   " scheme=" STR_FMT " body=%llu agent=" STR_FMT,
		   STR_ARG(f->network.hostname), STR_ARG(f->network.ip), f->network.port,
		   STR_ARG(f->http.method), STR_ARG(f->http.path), STR_ARG(f->http.scheme),
		   (unsigned long long)f->http.body_size, STR_ARG(f->agent.name));
	for (size_t i = 0; i < f->http.header_cnt; i++)
		buf_printf(&b, " [" STR_FMT "=" STR_FMT "]", STR_ARG(f->http.headers[i].name),
			   STR_ARG(f->http.headers[i].value));
	buf_c(&b);
	pthread_mutex_unlock(&pe_seen_lock);
}

void ruleset_eval(const struct ruleset *set, const struct facts *f, struct arena *scratch,
		  struct verdict *out)
{
	(void)scratch;
	memset(out, 0, sizeof(*out));
	out->order = RULE_NONE;
	out->generation = set ? set->snap.generation : 0;
	out->why = set ? WHY_NO_RULE : WHY_ENGINE;
	pe_evaluations++;
	pe_note(f);
	const struct pe_rule *rules = set ? (const void *)set->rules : NULL;
	for (size_t i = 0; set && i < set->count; i++) {
		const struct pe_rule *r = &rules[i];
		if (!pe_matches(r, f))
			continue;
		out->kind = r->block ? VERDICT_BLOCK : VERDICT_ALLOW;
		out->why = WHY_RULE;
		out->egress = r->intercept ? EGRESS_INTERCEPT : EGRESS_PROXY;
		out->allow_private_ips = r->private_ips;
		out->log = r->log;
		out->order = (uint32_t)i;
		snprintf(out->rule_id, sizeof(out->rule_id), "%s", r->id);
		return;
	}
}

void verdict_reason(const struct verdict *v, struct buf *out)
{
	buf_add_c(out,
		  v->why == WHY_ENGINE	  ? "rule engine unavailable"
			  : v->rule_id[0] ? v->rule_id
					  : "no rule matched");
}

void verdict_log(const struct verdict *v, struct str agent)
{
	(void)v;
	(void)agent;
}

/* ---- resolver ---- */

struct pe_name {
	const char *name;
	const char *addrs[4];	/* none: fails */
	bool timed_out, silent;
};

static const struct pe_name *pe_names;
static size_t pe_name_cnt;
static _Atomic int pe_lookups, pe_full;	/* pe_full: so many refusals to take a question */

static struct pe_pending {
	resolve_fn *fn;
	uint32_t slot, gen;
	struct resolve_result r;
} pe_pending[64];
static unsigned pe_pending_cnt;

bool dnsup_resolve(struct worker *w, struct str host, resolve_fn *fn, uint32_t slot, uint32_t gen)
{
	struct pe_pending *p = &pe_pending[pe_pending_cnt];
	(void)w;
	if (pe_full > 0 && pe_full--)
		return false;
	pe_lookups++;
	*p = (struct pe_pending){ .fn = fn, .slot = slot, .gen = gen };
	for (size_t i = 0; i < pe_name_cnt; i++) {
		if (!str_eq(host, str_of(pe_names[i].name)))
			continue;
		if (pe_names[i].silent)
			return true;
		p->r.timed_out = pe_names[i].timed_out;
		for (int j = 0; j < 4 && pe_names[i].addrs[j]; j++)
			if (ip_parse(str_of(pe_names[i].addrs[j]), &p->r.addr[p->r.cnt]))
				p->r.cnt++;
	}
	pe_pending_cnt++;
	return true;
}

/* ---- engine ---- */

struct pe {
	struct worker w;
	struct data_config cfg;
	struct worker_stats *stats;
	struct snap_box rules, idents, hosts;
	struct mbox control;
	pthread_t thread;
	uint16_t port;
	int upstream;		/* listener on 127.0.0.1 */
	uint16_t up_port;
	_Atomic bool stop, drain;
	_Atomic int drop;	/* last byte of 127.0.0.x to drop */
};

static struct pe pe;

static void pe_on_inbox(void *world, uint32_t slot, uint32_t gen, uint32_t events)
{
	struct worker *w = world;
	struct worker_msg m;
	(void)slot;
	(void)gen;
	(void)events;
	while (mbox_take(&w->inbox, &m))
		proxy_idents_changed(w);
}

static ev_fn *const pe_table[KIND_COUNT] = {
	[KIND_INBOX] = pe_on_inbox,
	[KIND_PROXY_LISTEN] = proxy_on_listen,
	[KIND_PROXY_CLIENT] = proxy_on_client,
	[KIND_PROXY_UPSTREAM] = proxy_on_upstream,
};

static void pe_no_timer(void *world, uint32_t slot, uint32_t gen)
{
	(void)world;
	(void)slot;
	(void)gen;
}

static struct tmo_class pe_classes[TMO_COUNT] = {
	[TMO_PROXY_IDENT] = { 3000, proxy_tmo_ident },
	[TMO_PROXY_HEAD] = { 10000, proxy_tmo_head },
	[TMO_PROXY_NEXT] = { 30000, proxy_tmo_next },
	[TMO_PROXY_CONNECT] = { 10000, proxy_tmo_connect },
	[TMO_PROXY_ATTEMPT] = { 2000, proxy_tmo_attempt },
	[TMO_PROXY_IDLE] = { 300000, proxy_tmo_idle },
	[TMO_PROXY_LINGER] = { 1000, proxy_tmo_linger },
	[TMO_PROXY_PAUSE] = { 100, proxy_tmo_pause },
};

static void pe_answer_lookups(struct worker *w)
{
	unsigned n = pe_pending_cnt;
	struct pe_pending now[64];
	memcpy(now, pe_pending, sizeof(now));
	pe_pending_cnt = 0;
	for (unsigned i = 0; i < n; i++)
		now[i].fn(w, now[i].slot, now[i].gen, &now[i].r);
}

static void *pe_body(void *arg)
{
	struct worker *w = arg;
	struct err e;
	while (!pe.stop) {
		int wait = pe_pending_cnt ? 0 : tmo_wait_ms(&w->tmo, w->loop.now_ms);
		if (ev_turn(&w->loop, wait, &e) < 0)
			break;
		tmo_expire(&w->tmo, w->loop.now_ms);
		pe_answer_lookups(w);
		if (pe.drain && !w->draining)
			proxy_drain(w);
		if (pe.drop) {
			proxy_drop_source(w, ip_v4(0x7f000000u | (uint32_t)pe.drop));
			pe.drop = 0;
		}
		arena_reset(&w->scratch);
	}
	proxy_close(w);
	return NULL;
}

static void pe_wake(void)
{
	struct worker_msg m = { .cmd = WORKER_SYNC };
	OK(mbox_post(&pe.w.inbox, &m));
}

static void pe_no_destroy(struct snap *s)
{
	(void)s;
}

static struct ruleset pe_sets[64];
static unsigned pe_set_next;

/* A new rule set; made of rules. */
T_MAYBE static void pe_publish(const struct pe_rule *rules, size_t cnt)
{
	struct ruleset *s = &pe_sets[pe_set_next++ % 64];
	memset(s, 0, sizeof(*s));
	s->snap.refs = 1;
	s->snap.destroy = pe_no_destroy;
	s->rules = (const void *)rules;	/* the fake evaluation knows what they are */
	s->count = (uint32_t)cnt;
	snap_publish(&pe.rules, &s->snap);
}

/* 127.0.0.first and 39 more are agents. */
static void pe_idents(uint32_t first)
{
	static struct ident who[40];
	for (uint32_t i = 0; i < ARRAY_LEN(who); i++) {
		who[i].addr = ip_v4(0x7f000000 + first + i);
		snprintf(who[i].name, sizeof(who[i].name), "box-%u", i + first);
		snprintf(who[i].agent, sizeof(who[i].agent), "box");
	}
	struct idtab *ids = idtab_new(who, ARRAY_LEN(who));
	OK(ids != NULL);
	snap_publish(&pe.idents, &ids->snap);
}

static void pe_tables(void)
{
	struct ip local[2] = { ip_v4(0x7f000001) };
	struct hosttab *hosts = hosttab_new(STR(""), local, 1);
	OK(hosts != NULL);
	snap_publish(&pe.hosts, &hosts->snap);
	pe_idents(2);	/* 127.0.0.1 is a stranger */
}

static int pe_listen(const char *addr, uint16_t *port)
{
	struct endpoint ep = { .port = 0 };
	struct err e;
	int fd;
	OK(ip_parse(str_of(addr), &ep.ip));
	OK(sock_tcp_listen(ep, 0, &fd, &e) == 0);
	OK(sock_local(fd, &ep, &e) == 0);
	*port = ep.port;
	return fd;
}

T_MAYBE static void pe_start(void)
{
	struct err e;
	log_set_json(false);
	OK(log_set_levels(STR("error"), &e) == 0);
	memset(&pe, 0, sizeof(pe));
	pe_pending_cnt = 0;
	pe_lookups = pe_full = pe_evaluations = 0;
	pe.stats = aligned_alloc(64, sizeof(*pe.stats));
	memset(pe.stats, 0, sizeof(*pe.stats));
	struct worker *w = &pe.w;
	w->cfg = &pe.cfg;
	w->stats = pe.stats;
	w->control = &pe.control;
	snap_box_init(&pe.rules);
	snap_box_init(&pe.idents);
	snap_box_init(&pe.hosts);
	pe_tables();
	snap_reader_init(&w->rules, &pe.rules);
	snap_reader_init(&w->idents, &pe.idents);
	snap_reader_init(&w->hosts, &pe.hosts);
	OK(mbox_open(&pe.control, 4096, sizeof(struct control_msg), &e) == 0);
	OK(mbox_open(&w->inbox, 64, sizeof(struct worker_msg), &e) == 0);
	OK(arena_init_fixed(&w->scratch, 262144) == 0);
	OK(ev_open(&w->loop, w, pe_table, KIND_COUNT, &e) == 0);
	for (unsigned i = 0; i < TMO_COUNT; i++) {
		if (!pe_classes[i].fn)
			pe_classes[i] = (struct tmo_class){ 1000, pe_no_timer };
	}
	tmo_init(&w->tmo, w, pe_classes, TMO_COUNT);
	OK(ev_add(&w->loop, w->inbox.fd, KIND_INBOX, 0, 0, EV_READ, &e) == 0);
	int fd = pe_listen("127.0.0.1", &pe.port);
	pe.cfg.proxy.port = pe.port;
	OK(proxy_open(w, fd, &e) == 0);
	pe.upstream = pe_listen("127.0.0.1", &pe.up_port);
	OK(pthread_create(&pe.thread, NULL, pe_body, w) == 0);
}

T_MAYBE static void pe_end(void)
{
	struct worker *w = &pe.w;
	pe.stop = true;
	pe_wake();
	pthread_join(pe.thread, NULL);
	EQ(pe.stats->proxy_active, 0);
	ev_close(&w->loop);
	mbox_close(&w->inbox);
	mbox_close(&pe.control);
	arena_fini(&w->scratch);
	snap_reader_fini(&w->rules);
	snap_reader_fini(&w->idents);
	snap_reader_fini(&w->hosts);
	snap_box_fini(&pe.rules);
	snap_box_fini(&pe.idents);
	snap_box_fini(&pe.hosts);
	close(pe.upstream);
	free(pe.stats);
}

/* ---- clients and servers ---- */

T_MAYBE static void pe_patience(int fd)
{
	struct timeval tv = { .tv_sec = PE_WAIT_MS / 1000 };
	setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &tv, sizeof(tv));
	setsockopt(fd, SOL_SOCKET, SO_SNDTIMEO, &tv, sizeof(tv));
	sock_nodelay(fd);
}

/* A client at 127.0.0.last. */
T_MAYBE static int pe_client(uint8_t last)
{
	struct sockaddr_in me = { .sin_family = AF_INET }, to = { .sin_family = AF_INET };
	int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
	me.sin_addr.s_addr = htonl(0x7f000000u | last);
	to.sin_addr.s_addr = htonl(0x7f000001u);
	to.sin_port = htons(pe.port);
	OK(bind(fd, (struct sockaddr *)&me, sizeof(me)) == 0);
	pe_patience(fd);
	OK(connect(fd, (struct sockaddr *)&to, sizeof(to)) == 0);
	return fd;
}

static void pe_say_n(int fd, const void *p, size_t len)
{
	const char *at = p;
	while (len) {
		ssize_t n = send(fd, at, len, MSG_NOSIGNAL);
		if (n <= 0)
			return;	/* the other side may have heard enough */
		at += n;
		len -= (size_t)n;
	}
}

T_MAYBE static void pe_say(int fd, const char *text)
{
	pe_say_n(fd, text, strlen(text));
}

static char pe_text[1 << 20];
static size_t pe_text_len;

/* Reads until text ends with / holds mark, or to the end (mark NULL). The text is in pe_text. */
T_MAYBE static char *pe_hear(int fd, const char *mark)
{
	pe_text_len = 0;
	pe_text[0] = '\0';
	while (pe_text_len < sizeof(pe_text) - 1 && !(mark && strstr(pe_text, mark))) {
		ssize_t n = recv(fd, pe_text + pe_text_len,
				 mark ? 1 : sizeof(pe_text) - 1 - pe_text_len, 0);
		if (n < 0 && errno == EAGAIN)
			FAIL("nothing came in time; so far: %.300s", pe_text);
		if (n <= 0)
			break;
		pe_text_len += (size_t)n;
		pe_text[pe_text_len] = '\0';
	}
	return pe_text;
}

T_MAYBE static char *pe_hear_n(int fd, size_t len)
{
	pe_text_len = 0;
	while (pe_text_len < len) {
		ssize_t n = recv(fd, pe_text + pe_text_len, len - pe_text_len, 0);
		if (n <= 0)
			FAIL("%zu of %zu bytes came", pe_text_len, len);
		pe_text_len += (size_t)n;
	}
	pe_text[len] = '\0';
	return pe_text;
}

T_MAYBE static bool pe_readable(int fd, int ms)
{
	struct pollfd p = { .fd = fd, .events = POLLIN };
	return poll(&p, 1, ms) == 1;
}

T_MAYBE static int pe_accept(void)
{
	if (!pe_readable(pe.upstream, PE_WAIT_MS))
		FAIL("no upstream connection");
	int fd = accept4(pe.upstream, NULL, NULL, SOCK_CLOEXEC);
	OK(fd >= 0);
	pe_patience(fd);
	return fd;
}

/* Nobody has connected upstream so far. */
T_MAYBE static bool pe_nobody(void)
{
	return !pe_readable(pe.upstream, 0);
}

/* A request text; "%P" stands for the upstream port. */
T_MAYBE static const char *pe_fmt(const char *text)
{
	static char out[4][65536];
	static unsigned next;
	char *to = out[next++ % 4];
	struct buf b = buf_on(to, sizeof(out[0]));
	for (; *text; text++) {
		if (text[0] == '%' && text[1] == 'P') {
			buf_add_u64(&b, pe.up_port);
			text++;
		} else {
			buf_add_byte(&b, (uint8_t)*text);
		}
	}
	return buf_c(&b);
}

T_MAYBE static void pe_until_idle(void)
{
	for (int i = 0; i < PE_WAIT_MS && pe.stats->proxy_active; i++)
		usleep(1000);
	EQ(pe.stats->proxy_active, 0);
}

#endif
