/* dnsd_test.c - the DNS filter in a real loop: order of work, answer policy, upstreams, TCP (S007) */
#include "t.h"
#include "dns_engine.h"

static const char rules[] =
	"version: 1\nrules:\n"
	"- id: evil\n"
	"  action: block\n"
	"  priority: 10\n"
	"  condition: dns.query.endsWith(\".evil.test\")\n"
	"- id: api\n"
	"  action: allow\n"
	"  condition: dns.query == \"api.example.com\"\n"
	"- id: lab\n"
	"  action: allow\n"
	"  egress: {mode: proxy, allow_private_ips: true}\n"
	"  condition: dns.query == \"lab.example.com\"\n"
	"- id: wild\n"
	"  action: allow\n"
	"  condition: dns.query.endsWith(\".wild.example\")\n"
	"- id: mail\n"
	"  action: allow\n"
	"  condition: dns.query == \"mail.example.com\" && dns.record_type == \"MX\"\n"
	"- id: mine\n"
	"  action: allow\n"
	"  condition: dns.query == \"mine.example.com\" && agent.name == \"box\"\n"
	"- id: shaky\n"
	"  action: block\n"
	"  condition: dns.query.startsWith(\"shaky\") && int(dns.query) > 3\n"
	"- id: last\n"
	"  action: block\n"
	"  priority: 999\n"
	"  condition: dns.query.endsWith(\".late.test\")\n";

static int box;

static void start(void)
{
	de_start();
	de_rules(rules);
	box = de_client(1);
}

static void end(void)
{
	close(box);
	de_end();
}

static struct event last_event(void)
{
	struct control_msg msg = { .cmd = CONTROL_ACK };

	while (mbox_take(&de.control, &msg))
		;
	EQ(msg.cmd, CONTROL_EVENT);
	return msg.u.event;
}

T(blocked_by_rule)			// S007-AS-002 FR-010 W-52
{
	start();
	de_ask(box, "x.evil.test", 1, DE_PLAIN);
	STR_EQ(de_answer(box), "rcode=3 aa | x.evil.test A | ns evil.test 60 SOA soa");
	struct event ev = last_event();
	STR_EQ(ev.host, "x.evil.test");
	STR_EQ(ev.method, "A");
	STR_EQ(ev.rule, "evil");
	STR_EQ(ev.container, "box");
	OK(!ev.allowed && !ev.cached && ev.layer == EVENT_DNS);
	de_ask(box, "x.evil.test", 1, DE_EDNS);
	STR_EQ(de_answer(box),
	       "rcode=3 aa | x.evil.test A | ns evil.test 60 SOA soa | opt 1232 ede=15 \"Blocked by outcall: evil;"
	       " on the host: outcall explain --dns x.evil.test --agent box\"");
	EQ(de.stats.dns_total, 2);
	EQ(de.stats.dns_blocked, 2);
	end();
}

T(blocked_without_rule)			// S007-AS-003 W-52
{
	start();
	de_ask(box, "nothing.test", 28, DE_EDNS);
	STR_EQ(de_answer(box),
	       "rcode=3 aa | nothing.test AAAA | ns test 60 SOA soa | opt 1232 ede=15 \"Blocked by outcall: no rule"
	       " matched; on the host: outcall explain --dns nothing.test --agent box\"");
	STR_EQ(last_event().rule, "default-block");
	de_ask(box, "shaky.test", 1, DE_EDNS);	/* decisions D4 */
	HAS(de_answer(box), "Blocked by outcall: rule \"shaky\": evaluation error; on the host");
	STR_EQ(last_event().rule, "shaky");
	end();
}

T(allowed_and_forwarded)		// S007-AS-001 W-20 W-21 FR-011
{
	start();
	de_ask(box, "API.example.com", 1, DE_EDNS);
	de_up_addrs(0, 100, "1.2.3.4 1.2.3.5");
	EQ(de.query.b.len, 12 + 17 + 4 + 11);
	MEM_EQ(de.query.bytes + 12, 17, "\3api\7example\3com\0", 17);
	MEM_EQ(de.query.bytes + 2, 10, "\1\0\0\1\0\0\0\0\0\1", 10);
	OK(dm_be16(de.query.bytes) != 0x4242 || true);
	STR_EQ(de_answer(box), "rcode=0 | api.example.com A | an api.example.com 100 A 1.2.3.4"
			       " | an api.example.com 100 A 1.2.3.5 | opt 1232");
	EQ(dm_be16(de.got), 0x4242);
	EQ(de.got[13], 'A');
	struct event ev = last_event();
	OK(ev.allowed && !ev.cached);
	STR_EQ(ev.rule, "api");
	/* from the cache, without an upstream packet (AS-008) */
	de_ask(box, "api.example.com", 1, DE_PLAIN);
	STR_EQ(de_answer(box), "rcode=0 | api.example.com A | an api.example.com 100 A 1.2.3.4"
			       " | an api.example.com 100 A 1.2.3.5");
	OK(last_event().cached);
	OK(!de_readable(de.up_udp[0]));
	EQ(de.stats.dns_allowed, 2);
	end();
}

T(agent_and_type_are_judged)		// S007-AS-015 W-13 FR-008
{
	start();
	int other = de_client(2);
	de_ask(box, "mail.example.com", 1, DE_PLAIN);
	HAS(de_answer(box), "rcode=3");
	de_ask(box, "mail.example.com", 15, DE_PLAIN);
	de_up_hear(0);
	de_up_begin(0);
	dm_rr(&de.reply, 1, "@12", 15, 60, "\0\12\2mx\300\14", 7);
	de_up_send(0);
	HAS(de_answer(box), "rcode=0 | mail.example.com MX | an mail.example.com 60 MX 000a026d78");
	de_ask(other, "mine.example.com", 1, DE_PLAIN);
	HAS(de_answer(other), "rcode=3");
	de_ask(box, "mine.example.com", 1, DE_PLAIN);
	de_up_addrs(0, 60, "1.2.3.4");
	HAS(de_answer(box), "A 1.2.3.4");
	de_ask(other, "mine.example.com", 1, DE_PLAIN);	/* the cache does not help */
	HAS(de_answer(other), "rcode=3");
	close(other);
	end();
}

T(unmanaged_peers_are_refused)		// S007-X-A8 EC-015 FR-039
{
	start();
	int nobody = de_client(3);
	de_ask(nobody, "api.example.com", 1, DE_EDNS);
	STR_EQ(de_answer(nobody), "rcode=5 | api.example.com A | opt 1232 ede=18 \"\"");
	STR_EQ(last_event().rule, "unmanaged-peer");
	for (unsigned i = 0; i < 30; i++)
		de_ask(nobody, "api.example.com", 1, DE_PLAIN);
	de_quiet();
	unsigned answers = 0;
	while (de_readable(nobody)) {
		(void)de_answer(nobody);
		answers++;
	}
	EQ(answers, 9);		/* the bucket holds ten */
	EQ(de.stats.dns_total, 31);
	EQ(de.stats.dns_blocked, 31);
	close(nobody);
	end();
}

T(protocol_errors)			// S007-X-A2 X-A9
{
	start();
	static struct dm m;
	de_ask(box, "api.example.com", 252, DE_EDNS);
	STR_EQ(de_answer(box), "rcode=5 | api.example.com AXFR | opt 1232 ede=18 \"\"");
	de_ask(box, "api.example.com", 10, DE_PLAIN);
	STR_EQ(de_answer(box), "rcode=4 | api.example.com NULL");
	de_ask(box, "api.example.com", 255, DE_PLAIN);
	STR_EQ(de_answer(box),
	       "rcode=0 | api.example.com ANY | an api.example.com 60 HINFO 075246433834383200");
	de_ask(box, "x.evil.test", 255, DE_PLAIN);
	HAS(de_answer(box), "rcode=3");
	dm_start(&m, 1, 0x0100);
	dm_question(&m, "api.example.com", 1);
	dm_opt(&m, 1232, 1, 0);
	OK(send(box, m.bytes, m.b.len, 0) > 0);
	STR_EQ(de_answer(box), "rcode=0 | api.example.com A | opt 1232 ext=1");
	dm_start(&m, 1, 0x0100);
	dm_question(&m, "api.example.com", 1);
	dm_question(&m, "b.example.com", 1);
	OK(send(box, m.bytes, m.b.len, 0) > 0);
	STR_EQ(de_answer(box), "rcode=1");
	dm_start(&m, 1, 0x8100);
	dm_question(&m, "api.example.com", 1);
	OK(send(box, m.bytes, m.b.len, 0) > 0);
	OK(de_is_silent(box));
	de_ask(box, "printer.local", 1, DE_EDNS);
	HAS(de_answer(box),
	    "rcode=3 aa | printer.local A | ns local 60 SOA soa | opt 1232 ede=15 \"Blocked by"
	    " outcall: special name; on the host: outcall explain --dns printer.local");
	dm_start(&m, 1, 0x0100);
	buf_add(&m.b, "\4com\0\7example\0\0\1\0\1", 18);
	dm_count(&m, 0);
	dm_opt(&m, 1232, 0, 0);
	OK(send(box, m.bytes, m.b.len, 0) > 0);
	HAS(de_answer(box), "rcode=3");
	HAS(de.text, "\"Blocked by outcall: special name\"");	/* such a name is not repeated */
	OK(!de_readable(de.up_udp[0]));
	end();
}

T(no_rules_is_servfail)			// S007-FR-032 EC-005
{
	de_start();
	box = de_client(1);
	de_ask(box, "api.example.com", 1, DE_PLAIN);
	STR_EQ(de_answer(box), "rcode=2 | api.example.com A");
	EQ(de.stats.dns_total, 1);
	EQ(de.stats.dns_blocked + de.stats.dns_allowed, 0);
	end();
}

T(restricted_addresses)			// S007-X-A5 FR-034 EC-016 W-36
{
	start();
	de_ask(box, "api.example.com", 1, DE_EDNS);
	de_up_addrs(0, 100, "10.0.0.1 1.2.3.4 169.254.169.254 8.8.4.4");	/* the last: an own address */
	STR_EQ(de_answer(box),
	       "rcode=0 | api.example.com A | an api.example.com 100 A 1.2.3.4 | opt 1232");
	de_ask(box, "api.example.com", 28, DE_EDNS);
	de_up_addrs(0, 100, "fd00::1 ::ffff:1.2.3.4");
	STR_EQ(de_answer(box),
	       "rcode=2 | api.example.com AAAA | opt 1232 ede=15 \"Blocked by outcall: restricted address;"
	       " on the host: outcall explain --dns api.example.com --agent box\"");
	STR_EQ(last_event().rule, "restricted-address-filter");
	de_ask(box, "lab.example.com", 1, DE_PLAIN);
	de_up_addrs(0, 100, "10.0.0.1 169.254.169.254 224.0.0.1");
	STR_EQ(de_answer(box), "rcode=0 | lab.example.com A | an lab.example.com 100 A 10.0.0.1");
	de_ask(box, "lab.example.com", 1, DE_PLAIN);	/* the cached answer passes the policy again */
	STR_EQ(de_answer(box), "rcode=0 | lab.example.com A | an lab.example.com 100 A 10.0.0.1");
	EQ(de.stats.dns_blocked, 1);
	end();
}

static void alias(const char *target, const char *addr)
{
	de_ask(box, "api.example.com", 1, DE_EDNS);
	de_up_hear(0);
	de_up_begin(0);
	dm_rr_name(&de.reply, 1, "@12", 5, 60, target);
	dm_a(&de.reply, target, 60, addr);
	de_up_send(0);
	(void)de_answer(box);
	(void)dnscache_flush(de.w.cache, de.w.loop.now_ms);
}

T(aliases_are_judged)			// S007-X-A4 W-35 W-37
{
	start();
	alias("cdn.unlisted.test", "1.2.3.4");
	HAS(de.text, "CNAME cdn.unlisted.test | an cdn.unlisted.test 60 A 1.2.3.4");
	alias("cdn.evil.test", "1.2.3.4");	/* a block rule before the head's */
	STR_EQ(de.text,
	       "rcode=3 aa | api.example.com A | ns example.com 60 SOA soa | opt 1232 ede=15 \"Blocked by outcall:"
	       " cname-policy; on the host: outcall explain --dns api.example.com --agent box\"");
	STR_EQ(last_event().rule, "cname-policy");
	alias("cdn.late.test", "1.2.3.4");	/* a catch-all behind it */
	HAS(de.text, "A 1.2.3.4");
	alias("x.local", "1.2.3.4");
	HAS(de.text, "cname-policy");
	alias("api.example.com", "1.2.3.4");
	STR_EQ(de.text, "rcode=2 | api.example.com A | opt 1232 ede=22 \"\"");
	end();
}

T(negative_answers_pass)		// S007-X-A1 X-008 W-41
{
	start();
	de_ask(box, "api.example.com", 28, DE_PLAIN);
	de_up_hear(0);
	de_up_begin(0);
	dm_soa(&de.reply, "example.com", 100, 50);
	de_up_send(0);
	STR_EQ(de_answer(box), "rcode=0 | api.example.com AAAA | ns example.com 50 SOA soa");
	de_ask(box, "api.example.com", 28, DE_PLAIN);
	STR_EQ(de_answer(box), "rcode=0 | api.example.com AAAA | ns example.com 50 SOA soa");
	de_ask(box, "n.wild.example", 1, DE_PLAIN);
	de_up_hear(0);
	de_up_begin(3);
	dm_soa(&de.reply, "wild.example", 100, 50);
	de_up_send(0);
	STR_EQ(de_answer(box), "rcode=3 aa | n.wild.example A | ns wild.example 50 SOA soa");
	EQ(de.stats.dns_allowed, 3);
	end();
}

T(equal_queries_share_one_exchange)	// S007-X-A7 EC-010 W-23
{
	start();
	for (unsigned i = 0; i < 50; i++)
		de_ask(box, "api.example.com", 1, DE_PLAIN);
	de_up_addrs(0, 100, "1.2.3.4");
	for (unsigned i = 0; i < 50; i++)
		HAS(de_answer(box), "A 1.2.3.4");
	OK(!de_readable(de.up_udp[0]));
	end();
}

/* Counts distinct exchanges: on a slow machine a query may be repeated meanwhile. */
static bool is_repeat(bool first)
{
	static bool seen[100];		/* by name, n0 to n99: ids are random, and two may be equal */
	unsigned n = 0;

	if (first)
		memset(seen, 0, sizeof(seen));
	for (unsigned i = 0; i + 1 < de.query.bytes[12]; i++)
		n = n * 10 + de.query.bytes[14 + i] - '0';
	OK(n < 100);
	bool repeat = seen[n];
	seen[n] = true;
	return repeat;
}

T(in_flight_limit_of_a_container)	// S007-W-44
{
	start();
	char name[64];
	for (unsigned i = 0; i < 70; i++) {
		snprintf(name, sizeof(name), "n%u.wild.example", i);
		de_ask(box, name, 1, DE_PLAIN);
	}
	de_quiet();
	unsigned heard = 0;
	while (de_readable(de.up_udp[0])) {
		de_up_addrs(0, 60, "1.2.3.4");
		heard += !is_repeat(heard == 0);
	}
	EQ(heard, 64);
	for (unsigned i = 0; i < 64; i++)
		HAS(de_answer(box), "A 1.2.3.4");
	OK(de_is_silent(box));
	OK(dnsd_idle(&de.w));
	end();
}

T(forged_answers_are_ignored)		// S007-X-A7 W-22
{
	start();
	de_ask(box, "api.example.com", 1, DE_PLAIN);
	de_up_hear(0);
	de_up_begin(0);
	dm_a(&de.reply, "@12", 60, "6.6.6.6");
	de.reply.bytes[1] ^= 1;
	de_up_send(0);			/* wrong id */
	de.reply.bytes[1] ^= 1;
	de.reply.bytes[13] ^= 1;
	de_up_send(0);			/* wrong question */
	int thief = de_client(1);	/* wrong port */
	de.reply.bytes[13] ^= 1;
	OK(sendto(thief, de.reply.bytes, de.reply.b.len, 0, NULL, 0) > 0);
	OK(de_is_silent(box));
	de_up_begin(0);
	dm_a(&de.reply, "@12", 60, "1.2.3.4");
	de_up_send(0);
	HAS(de_answer(box), "A 1.2.3.4");
	close(thief);
	end();
}

T(lost_datagrams_are_repeated)		// S007-W-29
{
	start();
	uint8_t first[512];
	de_ask(box, "api.example.com", 1, DE_PLAIN);
	de_up_hear(0);
	size_t len = de.query.b.len;
	memcpy(first, de.query.bytes, len);
	struct sockaddr_in peer = de.up_peer;
	de_up_hear(0);
	MEM_EQ(de.query.bytes, de.query.b.len, first, len);	/* byte-identical */
	EQ(de.up_peer.sin_port, peer.sin_port);			/* from the same socket */
	de_up_addrs(0, 60, "1.2.3.4");
	HAS(de_answer(box), "A 1.2.3.4");
	end();
}

static void two_upstreams(void)
{
	de.ups.cnt = 2;
	dnsup_set_upstreams(&de.w, &de.ups);
}

T(silent_upstream_goes_to_the_end)	// S007-AS-007 FR-015 EC-003 W-29
{
	start();
	two_upstreams();
	de_ask(box, "api.example.com", 1, DE_PLAIN);
	de_up_hear(0);
	de_up_addrs(1, 60, "1.2.3.4");
	HAS(de_answer(box), "A 1.2.3.4");
	while (de_readable(de.up_udp[0]))
		de_up_hear(0);
	de_ask(box, "a.wild.example", 1, DE_PLAIN);	/* only one query pays */
	de_up_addrs(1, 60, "1.2.3.4");
	HAS(de_answer(box), "A 1.2.3.4");
	OK(!de_readable(de.up_udp[0]));
	end();
}

T(failing_upstreams)			// S007-EC-013 EC-002 W-30
{
	start();
	two_upstreams();
	de_ask(box, "api.example.com", 1, DE_EDNS);
	for (unsigned i = 0; i < 2; i++) {
		de_up_hear(i);
		de_up_begin(i ? 5 : 2);
		de_up_send(i);
	}
	STR_EQ(de_answer(box), "rcode=2 | api.example.com A | opt 1232 ede=22 \"\"");
	de_ask(box, "api.example.com", 1, DE_PLAIN);	/* not asked again at once */
	STR_EQ(de_answer(box), "rcode=2 | api.example.com A");
	OK(!de_readable(de.up_udp[0]));
	EQ(de.stats.dns_total, 2);
	EQ(de.stats.dns_allowed + de.stats.dns_blocked, 0);
	OK(dnsd_idle(&de.w));
	close(de.up_udp[0]);	/* ICMP: the next at once */
	de.up_udp[0] = -1;
	de_ask(box, "b.wild.example", 1, DE_PLAIN);
	de_up_addrs(1, 60, "1.2.3.4");
	HAS(de_answer(box), "A 1.2.3.4");
	end();
}

T(upstream_without_edns)		// S007-W-29
{
	start();
	de_ask(box, "api.example.com", 1, DE_PLAIN);
	de_up_hear(0);
	EQ(de.query.bytes[11], 1);
	de_up_begin(1);
	de_up_send(0);
	de_up_hear(0);
	EQ(de.query.bytes[11], 0);
	de_up_begin(0);
	dm_a(&de.reply, "@12", 60, "1.2.3.4");
	de_up_send(0);
	HAS(de_answer(box), "A 1.2.3.4");
	end();
}

T(no_upstream_at_all)			// S007-X-005
{
	start();
	struct upstreams none = { .cnt = 0 };
	dnsup_set_upstreams(&de.w, &none);
	de_ask(box, "api.example.com", 1, DE_EDNS);
	STR_EQ(de_answer(box), "rcode=2 | api.example.com A | opt 1232 ede=22 \"\"");
	struct upstreams self = { .ep = { de.cfg.dns }, .cnt = 1 };	/* no loop */
	dnsup_set_upstreams(&de.w, &self);
	de_ask(box, "api.example.com", 1, DE_PLAIN);
	STR_EQ(de_answer(box), "rcode=2 | api.example.com A");
	EQ(de.stats.dns_total, 2);
	end();
}

/* ---- TCP to the upstream ---- */

static int up_accept(unsigned i)
{
	DE_UNTIL(de_readable(de.up_tcp[i]));
	int fd = accept(de.up_tcp[i], NULL, NULL);
	OK(fd >= 0);
	DE_UNTIL(de_readable(fd));
	uint8_t len[2];
	OK(recv(fd, len, 2, MSG_WAITALL) == 2);
	de.query.b.len = dm_be16(len);
	OK(recv(fd, de.query.bytes, de.query.b.len, MSG_WAITALL) == (ssize_t)de.query.b.len);
	return fd;
}

static void up_tcp_send(int fd)
{
	uint8_t len[2] = { (uint8_t)(de.reply.b.len >> 8), (uint8_t)de.reply.b.len };

	OK(send(fd, len, 1, 0) == 1);	/* in pieces */
	de_quiet();
	OK(send(fd, len + 1, 1, 0) == 1);
	OK(send(fd, de.reply.bytes, 20, 0) == 20);
	de_quiet();
	OK(send(fd, de.reply.bytes + 20, de.reply.b.len - 20, 0) == (ssize_t)(de.reply.b.len - 20));
}

static void fill_answer(unsigned addrs)
{
	char addr[32];

	de_up_begin(0);
	for (unsigned i = 0; i < addrs; i++) {
		snprintf(addr, sizeof(addr), "1.2.%u.%u", i / 250, i % 250 + 1);
		dm_a(&de.reply, "@12", 60, addr);
	}
}

T(cut_answers_come_by_tcp)		// S007-AS-010 W-26 W-27 FR-020
{
	start();
	de_ask(box, "api.example.com", 1, DE_PLAIN);
	de_up_hear(0);
	de_up_begin(0x200);
	de_up_send(0);
	int up = up_accept(0);
	fill_answer(200);
	up_tcp_send(up);
	STR_EQ(de_answer(box), "rcode=0 tc | api.example.com A");
	int tcp = de_client_tcp(1);
	static struct dm m;
	de_compose(&m, "api.example.com", 1, DE_PLAIN);
	uint8_t head[2] = { 0, (uint8_t)m.b.len };
	OK(send(tcp, head, 2, 0) == 2 && send(tcp, m.bytes, m.b.len, 0) > 0);
	DE_UNTIL(de_readable(tcp));
	OK(recv(tcp, head, 2, MSG_WAITALL) == 2);
	EQ(dm_be16(head), 12 + 17 + 4 + 200 * 16);
	EQ(recv(tcp, de.got, dm_be16(head), MSG_WAITALL), dm_be16(head));
	HAS(dm_print(de.got, dm_be16(head), de.text, sizeof(de.text)),
	    "rcode=0 | api.example.com A | an");
	OK(!de_readable(de.up_udp[0]) && !de_readable(de.up_tcp[0]));
	close(tcp);
	close(up);
	end();
}

T(many_mismatches_lead_to_tcp)		// S007-W-22
{
	start();
	de_ask(box, "api.example.com", 1, DE_PLAIN);
	de_up_hear(0);
	de_up_begin(0);
	de.reply.bytes[0] ^= 1;
	for (unsigned i = 0; i < 16; i++)
		de_up_send(0);
	int up = up_accept(0);
	fill_answer(1);
	up_tcp_send(up);
	HAS(de_answer(box), "A 1.2.0.1");
	close(up);
	end();
}

T(letter_case_is_random)		// S007-W-24
{
	start();
	de.cfg.dns_0x20 = 1;
	unsigned upper = 0;
	de_ask(box, "abcdefghijklmnopqrstuvwxyzabcdefghijklmnopqrstuvwxyz.wild.example", 1,
	       DE_PLAIN);
	de_up_hear(0);
	for (unsigned i = 13; i < 65; i++)
		upper += de.query.bytes[i] < 'a';
	OK(upper > 5 && upper < 47);
	de_up_begin(0);
	dm_a(&de.reply, "@12", 60, "1.2.3.4");
	de_up_send(0);
	(void)de_answer(box);
	EQ(de.got[13], 'a');
	/* an upstream that lowers the case: TCP once, then plain for an hour */
	de_ask(box, "abcdefghijklmnopqrstuvwxyzabcdefghijklmnopqrstuvwxyz2.wild.example", 1,
	       DE_PLAIN);
	de_up_hear(0);
	de_up_begin(0);
	for (unsigned i = 13; i < 65; i++)
		de.reply.bytes[i] |= 0x20;
	dm_a(&de.reply, "@12", 60, "1.2.3.4");
	de_up_send(0);
	int up = up_accept(0);
	fill_answer(1);
	up_tcp_send(up);
	HAS(de_answer(box), "A 1.2.0.1");
	close(up);
	de_ask(box, "abcdefghijklmnopqrstuvwxyzabcdefghijklmnopqrstuvwxyz3.wild.example", 1,
	       DE_PLAIN);
	de_up_hear(0);
	for (unsigned i = 13; i < 65; i++)
		OK(de.query.bytes[i] >= 'a');
	end();
}

/* ---- rules and identities change under way ---- */

T(late_answers_meet_the_new_rules)	// S007-X-001 X-A14
{
	start();
	de_ask(box, "api.example.com", 1, DE_EDNS);
	de_up_hear(0);
	de_rules(
		"version: 1\nrules:\n- id: none\n  action: block\n  condition: dns.query == \"api.example.com\"\n");
	de_up_begin(0);
	dm_a(&de.reply, "@12", 60, "1.2.3.4");
	de_up_send(0);
	HAS(de_answer(box), "rcode=3 aa");
	HAS(de.text, "Blocked by outcall: none;");
	struct dnscache_stats s;
	dnscache_stats(de.w.cache, de.w.loop.now_ms, &s);
	EQ(s.entries, 0);
	end();
}

T(reload_makes_the_cache_stale)		// S007-FR-018 AS-009
{
	start();
	de_ask(box, "api.example.com", 1, DE_PLAIN);
	de_up_addrs(0, 60, "1.2.3.4");
	(void)de_answer(box);
	de_rules(rules);
	de_ask(box, "api.example.com", 1, DE_PLAIN);
	de_up_addrs(0, 60, "1.2.3.5");
	HAS(de_answer(box), "A 1.2.3.5");
	end();
}

T(answers_for_removed_containers_are_discarded)	// S007-EC-X01
{
	start();
	de_ask(box, "api.example.com", 1, DE_PLAIN);
	de_up_hear(0);
	de_idents(false, true);
	de_up_begin(0);
	dm_a(&de.reply, "@12", 60, "1.2.3.4");
	de_up_send(0);
	OK(de_is_silent(box));
	OK(dnsd_idle(&de.w));
	de_idents(true, true);
	de_ask(box, "a.wild.example", 1, DE_PLAIN);
	de_up_hear(0);
	struct ident heir = {
		.addr = ip_v4(0x7f000001), .id = "c-heir", .name = "heir", .agent = "box"
	};
	struct idtab *t = idtab_new(&heir, 1);	/* the address has a new owner */
	OK(t != NULL);
	(void)snap_publish(&de.idents, &t->snap);
	de_up_begin(0);
	dm_a(&de.reply, "@12", 60, "1.2.3.4");
	de_up_send(0);
	OK(de_is_silent(box));
	OK(dnsd_idle(&de.w));
	end();
}

T(unknown_sources_wait_for_their_identity)	// S007-X-003
{
	struct control_msg msg;
	unsigned misses = 0;
	start();
	de.cfg.ident_wait = true;
	de_idents(false, true);
	int tcp = de_client_tcp(1);
	static struct dm m;
	de_compose(&m, "x.evil.test", 1, DE_PLAIN);
	uint8_t head[2] = { 0, (uint8_t)m.b.len };
	OK(send(tcp, head, 2, 0) == 2 && send(tcp, m.bytes, m.b.len, 0) > 0);
	de_ask(box, "x.evil.test", 1, DE_PLAIN);
	de_ask(box, "api.example.com", 1, DE_PLAIN);
	OK(de_is_silent(box));
	while (mbox_take(&de.control, &msg))
		misses += msg.cmd == CONTROL_IDENT_MISS && ip_eq(msg.u.addr, ip_v4(0x7f000001));
	EQ(misses, 1);
	dnsd_idents_changed(&de.w);	/* a table without it changes nothing */
	OK(de_is_silent(box));
	de_idents(true, true);
	dnsd_idents_changed(&de.w);
	HAS(de_answer(box), "rcode=3 aa | x.evil.test");
	de_up_addrs(0, 60, "1.2.3.4");
	HAS(de_answer(box), "A 1.2.3.4");
	DE_UNTIL(de_readable(tcp));
	EQ(de.stats.dns_total, 3);
	de_idents(false, true);		/* nobody ever knows it */
	uint64_t before = clock_mono_ms();
	de_ask(box, "x.evil.test", 1, DE_PLAIN);
	HAS(de_answer(box), "rcode=5");
	OK(clock_mono_ms() - before >= 290);
	before = clock_mono_ms();
	de_ask(box, "x.evil.test", 1, DE_PLAIN);	/* a stranger for a second */
	HAS(de_answer(box), "rcode=5");
	OK(clock_mono_ms() - before < 290);
	dnsd_idents_changed(&de.w);
	de_ask(box, "x.evil.test", 1, DE_PLAIN);	/* left waiting: the end gives it up */
	OK(de_is_silent(box));
	OK(!dnsd_idle(&de.w));
	close(tcp);
	end();
}

/* ---- guards ---- */

T(rate_limit_drops)			// S007-W-44, row 3
{
	start();
	dnsguard_free(de.w.guard);
	de.w.guard = dnsguard_new(1, 5, &de.e);
	for (unsigned i = 0; i < 20; i++)
		de_ask(box, "x.evil.test", 1, DE_PLAIN);
	de_quiet();
	unsigned answers = 0;
	while (de_readable(box)) {
		(void)de_answer(box);
		answers++;
	}
	EQ(answers, 5);
	EQ(de.stats.dns_total, 20);
	int other = de_client(2);
	de_ask(other, "x.evil.test", 1, DE_PLAIN);
	HAS(de_answer(other), "rcode=3");
	close(other);
	end();
}

T(tunnels_are_stopped)			// S007-X-A11 W-46
{
	start();
	char name[128];
	for (unsigned i = 0; i <= 60; i++) {
		snprintf(name, sizeof(name), "data%040u.wild.example", i);
		de_ask(box, name, 16, DE_EDNS);
		if (i < 60) {
			de_up_hear(0);
			de_up_begin(3);
			dm_soa(&de.reply, "wild.example", 60, 60);
			de_up_send(0);
		}
		(void)de_answer(box);
	}
	HAS(de.text, "rcode=3 aa");
	HAS(de.text, "Blocked by outcall: tunnel-guard;");
	STR_EQ(last_event().rule, "tunnel-guard");
	de_ask(box, "short.wild.example", 1, DE_PLAIN);
	HAS(de_answer(box), "rcode=3 aa");
	OK(!de_readable(de.up_udp[0]));
	de_ask(box, "api.example.com", 1, DE_PLAIN);	/* another rule */
	de_up_addrs(0, 60, "1.2.3.4");
	HAS(de_answer(box), "A 1.2.3.4");
	end();
}

/* ---- TCP service ---- */

static void tcp_put(int fd, const char *name, uint16_t type, uint16_t id)
{
	static struct dm m;
	uint8_t msg[512];

	de_compose(&m, name, type, DE_PLAIN);
	m.bytes[0] = (uint8_t)(id >> 8);
	m.bytes[1] = (uint8_t)id;
	msg[0] = 0;
	msg[1] = (uint8_t)m.b.len;
	memcpy(msg + 2, m.bytes, m.b.len);
	OK(send(fd, msg, m.b.len + 2, MSG_NOSIGNAL) == (ssize_t)(m.b.len + 2));
}

static unsigned tcp_get(int fd)
{
	uint8_t len[2];

	DE_UNTIL(de_readable(fd));
	OK(recv(fd, len, 2, MSG_WAITALL) == 2);
	OK(recv(fd, de.got, dm_be16(len), MSG_WAITALL) == (ssize_t)dm_be16(len));
	(void)dm_print(de.got, dm_be16(len), de.text, sizeof(de.text));
	return dm_be16(de.got);
}

static bool tcp_closed(int fd)
{
	uint8_t b;

	DE_UNTIL(de_readable(fd));
	return recv(fd, &b, 1, 0) <= 0;
}

T(tcp_out_of_order_and_half_closed)	// S007-W-28
{
	start();
	int fd = de_client_tcp(1);
	tcp_put(fd, "api.example.com", 1, 7);
	tcp_put(fd, "x.evil.test", 1, 8);
	OK(shutdown(fd, SHUT_WR) == 0);
	EQ(tcp_get(fd), 8);
	HAS(de.text, "rcode=3 aa | x.evil.test A");
	de_up_addrs(0, 60, "1.2.3.4");
	EQ(tcp_get(fd), 7);
	HAS(de.text, "A 1.2.3.4");
	OK(tcp_closed(fd));
	OK(dnsd_idle(&de.w));
	close(fd);
	end();
}

T(tcp_byte_by_byte)			// S007-W-28
{
	start();
	static struct dm m;
	int fd = de_client_tcp(1);
	de_compose(&m, "x.evil.test", 1, DE_PLAIN);
	uint8_t head[2] = { 0, (uint8_t)m.b.len };
	for (size_t i = 0; i < 2 + m.b.len; i++) {
		OK(send(fd, i < 2 ? head + i : m.bytes + i - 2, 1, 0) == 1);
		de_turn();
	}
	EQ(tcp_get(fd), 0x4242);
	close(fd);
	end();
}

T(tcp_deadlines)			// S007-X-A10 FR-020
{
	start();
	int idle = de_client_tcp(1);
	int slow = de_client_tcp(1);
	uint64_t before = clock_mono_ms();
	OK(send(slow, "\1", 1, 0) == 1);
	for (uint64_t next = before; !de_readable(slow); de_turn())	/* a byte every 20 ms is no help */
		if (clock_mono_ms() >= next + 20) {
			next = clock_mono_ms();
			OK(send(slow, "\1", 1, MSG_NOSIGNAL) == 1);
			OK(next - before < 950);
		}
	OK(tcp_closed(slow));
	OK(clock_mono_ms() - before < 950);
	OK(tcp_closed(idle));
	OK(clock_mono_ms() - before >= 950);
	close(idle);
	close(slow);
	end();
}

T(tcp_garbage_closes)			// S007-W-01 EC-004
{
	start();
	int big = de_client_tcp(1);
	uint64_t before = clock_mono_ms();
	OK(send(big, "\20\1", 2, 0) == 2);	/* 4097 */
	OK(tcp_closed(big));
	OK(clock_mono_ms() - before < 450);	/* at once, not by the deadline */
	int bad = de_client_tcp(1);
	OK(send(bad, "\0\3abc", 5, 0) == 5);
	OK(tcp_closed(bad));
	int empty = de_client_tcp(1);
	OK(send(empty, "\0\0", 2, 0) == 2);
	OK(tcp_closed(empty));
	close(big);
	close(bad);
	close(empty);
	end();
}

T(tcp_connections_of_one_container)	// S007-X-A10
{
	start();
	int fds[9];
	for (unsigned i = 0; i < 9; i++)
		fds[i] = de_client_tcp(1);
	OK(tcp_closed(fds[8]));
	int other = de_client_tcp(2);
	tcp_put(other, "x.evil.test", 1, 1);
	EQ(tcp_get(other), 1);
	dnsd_drop_source(&de.w, ip_v4(0x7f000001));
	for (unsigned i = 0; i < 8; i++)
		OK(tcp_closed(fds[i]));
	for (unsigned i = 0; i < 9; i++)
		close(fds[i]);
	close(other);
	end();
}

T(tcp_sixteen_in_flight)		// S007-W-28
{
	start();
	char name[64];
	int fd = de_client_tcp(1);
	for (uint16_t i = 0; i < 20; i++) {
		snprintf(name, sizeof(name), "n%u.wild.example", i);
		tcp_put(fd, name, 1, i);
	}
	unsigned heard = 0;
	de_quiet();
	while (de_readable(de.up_udp[0])) {
		de_up_hear(0);
		heard += !is_repeat(heard == 0);
	}
	EQ(heard, 16);
	de_up_begin(0);		/* one answer makes room for one query */
	dm_a(&de.reply, "@12", 60, "1.2.3.4");
	de_up_send(0);
	(void)tcp_get(fd);
	do
		de_up_hear(0);
	while (is_repeat(false));
	close(fd);
	end();
}

/* ---- end ---- */

T(draining)				// S007-FR-005 AS-005 EC-012
{
	start();
	int tcp = de_client_tcp(1);
	de_ask(box, "api.example.com", 1, DE_PLAIN);
	de_up_hear(0);
	de.w.draining = true;
	dnsd_drain(&de.w);
	OK(!dnsd_idle(&de.w));
	OK(tcp_closed(tcp));
	de_ask(box, "x.evil.test", 1, DE_PLAIN);	/* nothing new */
	OK(de_is_silent(box));
	de_up_begin(0);
	dm_a(&de.reply, "@12", 60, "1.2.3.4");
	de_up_send(0);
	HAS(de_answer(box), "A 1.2.3.4");
	OK(dnsd_idle(&de.w));
	close(tcp);
	end();
}

/* ---- host names for the proxy ---- */

static struct resolve_result resolved;
static unsigned resolved_cnt;

static void on_resolved(struct worker *w, uint32_t slot, uint32_t gen,
			const struct resolve_result *r)
{
	(void)w;
	EQ(slot, 5);
	EQ(gen, 9);
	resolved = *r;
	resolved_cnt++;
}

T(resolve_both_families)		// S006-FR-019 WR-056
{
	char ip[IP_TEXT_LEN];
	start();
	resolved_cnt = 0;
	OK(dnsup_resolve(&de.w, STR("any.example"), on_resolved, 5, 9));
	for (unsigned i = 0; i < 2; i++) {
		de_up_hear(0);
		de_up_begin(0);
		bool v4 = de.query.bytes[12 + 13 + 1] == 1;
		if (v4) {
			dm_a(&de.reply, "@12", 60, "10.0.0.1");
			dm_a(&de.reply, "@12", 60, "1.2.3.4");
		} else {
			dm_a(&de.reply, "@12", 60, "2600::1");
		}
		de_up_send(0);
	}
	DE_UNTIL(resolved_cnt);
	EQ(resolved.cnt, 3);
	STR_EQ(ip_text(resolved.addr[0], ip), "10.0.0.1");	/* unfiltered */
	STR_EQ(ip_text(resolved.addr[2], ip), "2600::1");
	OK(dnsup_resolve(&de.w, STR("any.example"), on_resolved, 5, 9));
	EQ(resolved_cnt, 1);		/* never from inside */
	DE_UNTIL(resolved_cnt == 2);
	EQ(resolved.cnt, 3);
	OK(!de_readable(de.up_udp[0]));
	end();
}

/* A second worker that shares the cache: only its resolver is there. */
static struct worker second;

static void second_turn(void)
{
	struct worker_msg msg;

	OK(ev_turn(&second.loop, 0, &de.e) == 0);
	while (mbox_take(&second.inbox, &msg)) {
		EQ(msg.cmd, WORKER_DNS_WAKE);
		dnsup_wake(&second, msg.u.dns_hash);
	}
	tmo_expire(&second.tmo, second.loop.now_ms);
}

T(workers_ask_once)			// S007-W-23 X-A7
{
	start();
	struct mbox *const boxes[2] = { &de.w.inbox, &second.inbox };
	resolved_cnt = 0;
	de.cfg.workers = 2;
	memset(&second, 0, sizeof(second));
	second.index = 1;
	second.cfg = &de.cfg;
	second.cache = de.w.cache;
	second.guard = de.w.guard;
	second.inboxes = de.w.inboxes = boxes;
	OK(ev_open(&second.loop, &second, de_table, KIND_COUNT, &de.e) == 0);
	OK(mbox_open(&second.inbox, 8, sizeof(struct worker_msg), &de.e) == 0);
	tmo_init(&second.tmo, &second, de_classes, TMO_COUNT);
	snap_reader_init(&second.rules, &de.rules);
	snap_reader_init(&second.hosts, &de.hosts);
	OK(dnsup_open(&second, &de.ups, &de.e) == 0);
	for (unsigned type = 1; type <= 28; type += 27)
		de_ask(box, "x.wild.example", (uint16_t)type, DE_PLAIN);
	for (unsigned i = 0; i < 2; i++) {
		de_up_hear(0);
		if (i == 0)	/* while the first worker waits */
			OK(dnsup_resolve(&second, STR("x.wild.example"), on_resolved, 5, 9));
		de_up_begin(0);
		dm_a(&de.reply, "@12", 60,
		     de.query.bytes[12 + 16 + 1] == 1 ? "1.2.3.4" : "2600::1");
		de_up_send(0);
		(void)de_answer(box);
		second_turn();
	}
	DE_UNTIL((second_turn(), resolved_cnt));
	EQ(resolved.cnt, 2);
	OK(!de_readable(de.up_udp[0]));
	dnsup_close(&second);
	snap_reader_fini(&second.rules);
	snap_reader_fini(&second.hosts);
	mbox_close(&second.inbox);
	ev_close(&second.loop);
	end();
}

T(interfaces_of_queries)		// S007-W-02
{
	static struct data_ifset ifs;
	start();
	de.cfg.ifs = &ifs;	/* loopback is always managed */
	de_ask(box, "x.evil.test", 1, DE_PLAIN);
	HAS(de_answer(box), "rcode=3");
	end();
}

T(resolve_from_hosts_and_failures)	// S006-WR-055 X-007
{
	start();
	resolved_cnt = 0;
	de_hosts("192.168.7.7 nas.lan\n");
	OK(dnsup_resolve(&de.w, STR("nas.lan"), on_resolved, 5, 9));
	DE_UNTIL(resolved_cnt == 1);
	EQ(resolved.cnt, 1);
	OK(dnsup_resolve(&de.w, STR("dead.example"), on_resolved, 5, 9));
	DE_UNTIL(resolved_cnt == 2);
	EQ(resolved.cnt, 0);
	OK(resolved.timed_out);
	end();
}
