/* dns_engine.h - one worker with the DNS filter on loopback sockets, and a scripted upstream
 *
 * Everything runs in the test's own thread: whoever waits for something turns the worker's loop.
 * Clients: 127.0.0.1 is the container "box", 127.0.0.2 "other", 127.0.0.3 nobody.
 */
#ifndef OC_TESTS_DNS_ENGINE_H
#define OC_TESTS_DNS_ENGINE_H

#include <arpa/inet.h>
#include <errno.h>
#include <poll.h>

#include "base/clock.h"
#include "data/dnscache.h"
#include "data/dnsd.h"
#include "data/dnsguard.h"
#include "data/dnsup.h"
#include "dns_msg.h"
#include "policy/hosttab.h"
#include "policy/load.h"
#include "sys/sock.h"

#define DE_UPSTREAMS 2

static struct {
	struct worker w;
	struct data_config cfg;
	struct worker_stats stats;
	struct snap_box rules, idents, hosts;
	struct mbox control;
	int up_udp[DE_UPSTREAMS], up_tcp[DE_UPSTREAMS];
	struct upstreams ups;
	struct sockaddr_in up_peer;
	struct dm query, reply;		/* as seen by the upstream; as sent by it */
	uint8_t got[65535];		/* as seen by the client */
	size_t got_len;
	char text[16384];
	struct err e;
} de;

static void de_nothing(void *world, uint32_t slot, uint32_t gen)
{
	(void)world, (void)slot, (void)gen;
}

static ev_fn *const de_table[KIND_COUNT] = {
	[KIND_DNS_UDP] = dnsd_on_udp,	     [KIND_DNS_TCP_LISTEN] = dnsd_on_listen,
	[KIND_DNS_TCP] = dnsd_on_tcp,	     [KIND_DNSUP_UDP] = dnsup_on_udp,
	[KIND_DNSUP_TCP] = dnsup_on_tcp,
};

/* The real classes, ten times faster. */
static struct tmo_class de_classes[TMO_COUNT];

static void de_set_classes(void)
{
	for (unsigned i = 0; i < TMO_COUNT; i++)
		de_classes[i] = (struct tmo_class){ 60000, de_nothing };
	de_classes[TMO_DNS_IDENT] = (struct tmo_class){ 300, dnsd_on_ident };
	de_classes[TMO_DNS_GRANT] = (struct tmo_class){ 200, dnsd_on_grant_tmo };
	de_classes[TMO_DNS_TCP_IDLE] = (struct tmo_class){ 1000, dnsd_on_tcp_idle };
	de_classes[TMO_DNS_TCP_MSG] = (struct tmo_class){ 500, dnsd_on_tcp_msg };
	de_classes[TMO_DNSUP_RETRY1] = (struct tmo_class){ 100, dnsup_on_retry1 };
	de_classes[TMO_DNSUP_RETRY2] = (struct tmo_class){ 150, dnsup_on_retry2 };
	de_classes[TMO_DNSUP_TOTAL] = (struct tmo_class){ 500, dnsup_on_total };
}

static void de_rules(const char *yaml)
{
	static const struct load_opts opts = { .ca_loaded = false };
	const struct rule_source src = { "t.yaml", str_of(yaml) };
	struct ruleset *set;

	if (ruleset_load(&src, 1, &opts, &set, &de.e) < 0)
		FAIL("%s", de.e.msg);
	(void)snap_publish(&de.rules, &set->snap);
}

static void de_idents(bool box, bool other)
{
	struct ident all[2] = { { .id = "c-box", .name = "box", .agent = "box" },
				{ .id = "c-other", .name = "other-1", .agent = "other" } };

	all[0].addr = ip_v4(0x7f000001);
	all[1].addr = ip_v4(0x7f000002);
	struct idtab *t = idtab_new(box ? all : all + 1, (size_t)box + other);
	OK(t != NULL);
	(void)snap_publish(&de.idents, &t->snap);
}

static void de_hosts(const char *text)
{
	struct ip local = ip_v4(0x08080404);	/* a public address of this host */
	struct hosttab *t = hosttab_new(str_of(text), &local, 1);

	OK(t != NULL);
	(void)snap_publish(&de.hosts, &t->snap);
}

static struct endpoint de_listen(int *udp, int *tcp)
{
	struct endpoint ep = { ip_v4(0x7f000001), 0 };

	for (unsigned tries = 0; tries < 20; tries++) {
		ep.port = 0;
		if (sock_udp_bind(ep, SOCK_SHARED, udp, &de.e) < 0 ||
		    sock_local(*udp, &ep, &de.e) < 0)
			FAIL("%s", de.e.msg);
		if (sock_tcp_listen(ep, SOCK_SHARED, tcp, &de.e) == 0)
			return ep;
		close(*udp);
	}
	FAIL("%s", de.e.msg);
}

static void de_start(void)
{
	int udp, tcp;

	memset(&de, 0, sizeof(de));
	de_set_classes();
	snap_box_init(&de.rules);
	snap_box_init(&de.idents);
	snap_box_init(&de.hosts);
	de.cfg.dns = de_listen(&udp, &tcp);
	de.cfg.workers = 1;
	de.cfg.dns_tunnel_block = true;
	for (unsigned i = 0; i < DE_UPSTREAMS; i++)
		de.ups.ep[i] = de_listen(&de.up_udp[i], &de.up_tcp[i]);
	de.ups.cnt = 1;
	de.w.cfg = &de.cfg;
	de.w.stats = &de.stats;
	de.w.control = &de.control;
	OK(mbox_open(&de.control, 64, sizeof(struct control_msg), &de.e) == 0);
	OK(ev_open(&de.w.loop, &de.w, de_table, KIND_COUNT, &de.e) == 0);
	tmo_init(&de.w.tmo, &de.w, de_classes, TMO_COUNT);
	snap_reader_init(&de.w.rules, &de.rules);
	snap_reader_init(&de.w.idents, &de.idents);
	snap_reader_init(&de.w.hosts, &de.hosts);
	OK(arena_init_fixed(&de.w.scratch, 256 * 1024) == 0);
	de.w.cache = dnscache_new(&de.e);
	de.w.guard = dnsguard_new(200, 1000, &de.e);
	OK(de.w.cache && de.w.guard);
	OK(dnsup_open(&de.w, &de.ups, &de.e) == 0);
	OK(dnsd_open(&de.w, udp, tcp, &de.e) == 0);
	de_idents(true, true);
	de_hosts("");
}

static void de_end(void)
{
	dnsd_close(&de.w);
	dnsup_close(&de.w);
	EQ(dnsd_idle(&de.w), true);
	dnscache_free(de.w.cache);
	dnsguard_free(de.w.guard);
	snap_reader_fini(&de.w.rules);
	snap_reader_fini(&de.w.idents);
	snap_reader_fini(&de.w.hosts);
	snap_box_fini(&de.rules);
	snap_box_fini(&de.idents);
	snap_box_fini(&de.hosts);
	arena_fini(&de.w.scratch);
	ev_close(&de.w.loop);
	mbox_close(&de.control);
	for (unsigned i = 0; i < DE_UPSTREAMS; i++) {
		close(de.up_udp[i]);
		close(de.up_tcp[i]);
	}
}

static void de_turn(void)
{
	int wait = tmo_wait_ms(&de.w.tmo, clock_mono_ms());

	OK(ev_turn(&de.w.loop, wait < 0 || wait > 5 ? 5 : wait, &de.e) == 0);
	tmo_expire(&de.w.tmo, de.w.loop.now_ms);
	arena_reset(&de.w.scratch);
}

static bool de_readable(int fd)
{
	struct pollfd p = { .fd = fd, .events = POLLIN };

	return poll(&p, 1, 0) == 1;
}

#define DE_UNTIL(cond) \
	do { \
		uint64_t de_deadline = clock_mono_ms() + 3000; \
		while (!(cond)) { \
			if (clock_mono_ms() > de_deadline) \
				FAIL("waited in vain for %s", #cond); \
			de_turn(); \
		} \
	} while (0)

/* Turns long enough for everything that is due to have happened. */
D_MAYBE static void de_quiet(void)
{
	uint64_t until = clock_mono_ms() + 12;

	while (clock_mono_ms() < until)
		de_turn();
}

/* ---- clients ---- */

static int de_client(unsigned last_byte)
{
	struct sockaddr_in self = { .sin_family = AF_INET };
	struct sockaddr_storage to;
	socklen_t len = sock_sockaddr(de.cfg.dns, &to);
	int fd = socket(AF_INET, SOCK_DGRAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);

	self.sin_addr.s_addr = htonl(0x7f000000U + last_byte);
	OK(fd >= 0 && bind(fd, (struct sockaddr *)&self, sizeof(self)) == 0);
	OK(connect(fd, (struct sockaddr *)&to, len) == 0);
	return fd;
}

D_MAYBE static int de_client_tcp(unsigned last_byte)
{
	struct sockaddr_in self = { .sin_family = AF_INET };
	struct sockaddr_storage to;
	socklen_t len = sock_sockaddr(de.cfg.dns, &to);
	int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);

	self.sin_addr.s_addr = htonl(0x7f000000U + last_byte);
	OK(fd >= 0 && bind(fd, (struct sockaddr *)&self, sizeof(self)) == 0);
	OK(connect(fd, (struct sockaddr *)&to, len) == 0);
	return fd;
}

enum de_edns { DE_PLAIN = 0, DE_EDNS, DE_DO };

static void de_compose(struct dm *m, const char *name, uint16_t type, enum de_edns edns)
{
	dm_start(m, 0x4242, 0x0100);
	dm_question(m, name, type);
	if (edns)
		dm_opt(m, 1232, 0, edns == DE_DO ? 0x8000 : 0);
}

static void de_ask(int client, const char *name, uint16_t type, enum de_edns edns)
{
	static struct dm m;

	de_compose(&m, name, type, edns);
	OK(send(client, m.bytes, m.b.len, 0) == (ssize_t)m.b.len);
}

static const char *de_answer(int client)
{
	DE_UNTIL(de_readable(client));
	ssize_t n = recv(client, de.got, sizeof(de.got), 0);
	OK(n >= 12);
	de.got_len = (size_t)n;
	return dm_print(de.got, de.got_len, de.text, sizeof(de.text));
}

D_MAYBE static bool de_is_silent(int client)
{
	de_quiet();
	return !de_readable(client);
}

/* ---- the upstream ---- */

/* Waits for a query; its question is in de.query. */
static void de_up_hear(unsigned i)
{
	socklen_t len = sizeof(de.up_peer);

	DE_UNTIL(de_readable(de.up_udp[i]));
	ssize_t n = recvfrom(de.up_udp[i], de.query.bytes, sizeof(de.query.bytes), 0,
			     (struct sockaddr *)&de.up_peer, &len);
	OK(n > 12);
	de.query.b = buf_on(de.query.bytes, sizeof(de.query.bytes));
	de.query.b.len = (size_t)n;
}

/* Starts de.reply: header and question of the query. */
static void de_up_begin(unsigned rcode)
{
	size_t q = 12;

	while (de.query.bytes[q])
		q += de.query.bytes[q] + 1U;
	q += 5;
	de.reply.b = buf_on(de.reply.bytes, sizeof(de.reply.bytes));
	buf_add(&de.reply.b, de.query.bytes, q);
	buf_put_be16(&de.reply.b, 2, (uint16_t)(0x8180 | rcode));
	buf_put_be16(&de.reply.b, 10, 0);
}

static void de_up_send(unsigned i)
{
	OK(sendto(de.up_udp[i], de.reply.bytes, de.reply.b.len, 0, (struct sockaddr *)&de.up_peer,
		  sizeof(de.up_peer)) == (ssize_t)de.reply.b.len);
}

/* Hears one query and answers with addresses, separated by blanks. */
D_MAYBE static void de_up_addrs(unsigned i, uint32_t ttl, const char *addrs)
{
	struct str rest = str_of(addrs);
	struct str one;
	char c[64];

	de_up_hear(i);
	de_up_begin(0);
	while (str_split(&rest, ' ', &one)) {
		OK(str_to_c(c, sizeof(c), one));
		dm_a(&de.reply, "@12", ttl, c);
	}
	de_up_send(i);
}

#endif
