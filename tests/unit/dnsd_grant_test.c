/* dnsd_grant_test.c - answers of direct_ip rules wait for their grants (S007-FR-037..040, S009) */
#include "t.h"
#include "dns_engine.h"

static const char rules[] =
	"version: 1\nrules:\n"
	"- id: direct\n"
	"  action: allow\n"
	"  egress: {mode: direct_ip, ports: [443, 8443]}\n"
	"  condition: dns.query == \"direct.example.com\"\n"
	"- id: plain\n"
	"  action: allow\n"
	"  condition: dns.query == \"plain.example.com\"\n"
	"- id: default-ports\n"
	"  action: allow\n"
	"  egress: {mode: direct_ip}\n"
	"  condition: dns.query == \"ports.example.com\"\n";

static int box;
static struct grant_request grant;

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

static struct event event;	/* the last one that was told */

/* Whether control was asked for grants; the request is in grant. */
static bool take_grant(void)
{
	struct control_msg msg;
	bool found = false;

	while (mbox_take(&de.control, &msg)) {
		if (msg.cmd == CONTROL_EVENT)
			event = msg.u.event;
		if (msg.cmd != CONTROL_GRANT)
			continue;
		EQ(found, false);
		found = true;
		grant = msg.u.grant;
	}
	return found;
}

static bool asked(void)
{
	DE_UNTIL(take_grant());
	return true;
}

static void make_grants(void)
{
	dnsd_granted(&de.w, grant.slot, grant.gen);
}

T(the_answer_waits_for_the_grant)	// S007-FR-037, FR-040: enforcement first, answer second
{
	start();
	de_ask(box, "direct.example.com", 1, DE_PLAIN);
	de_up_addrs(0, 60, "9.1.1.2 9.1.1.1 9.1.1.2");
	OK(asked());
	OK(de_is_silent(box));
	OK(ip_eq(grant.src, ip_v4(0x7f000001)));
	STR_EQ(grant.ident_id, "c-box");
	STR_EQ(grant.ident_name, "box");
	STR_EQ(grant.host, "direct.example.com");
	EQ(grant.ttl_s, 60);
	EQ(grant.addr_cnt, 2);		/* sorted, no doubles */
	EQ(grant.addrs[0], 0x09010101);
	EQ(grant.addrs[1], 0x09010102);
	EQ(grant.port_cnt, 2);
	EQ(grant.ports[0], 443);
	EQ(grant.ports[1], 8443);
	EQ(grant.generation, de.rules.current->generation);
	make_grants();
	HAS(de_answer(box), "A 9.1.1.2");
	OK(dnsd_idle(&de.w));
	EQ(de.stats.dns_total, 1);
	EQ(de.stats.dns_allowed, 1);
	make_grants();			/* twice: nothing happens */
	OK(de_is_silent(box));
	end();
}

T(cached_answers_renew_their_grants)	// S009: remaining TTL
{
	start();
	de_ask(box, "direct.example.com", 1, DE_PLAIN);
	de_up_addrs(0, 60, "9.1.1.1");
	OK(asked());
	make_grants();
	HAS(de_answer(box), "A 9.1.1.1");
	de_ask(box, "direct.example.com", 1, DE_PLAIN);
	OK(asked());
	OK(grant.ttl_s <= 60 && grant.ttl_s >= 58);
	OK(de_is_silent(box));
	make_grants();
	HAS(de_answer(box), "A 9.1.1.1");
	end();
}

T(the_remaining_ttl_counts)		// S009: from the cache
{
	static uint8_t body[DNSCACHE_MESSAGE_MAX];
	struct dnscache_key key = { .name = { .len = 20, .wire = "\6direct\7example\3com" },
				    .type = 1 };
	struct dns_answer a = { .body = body };
	uint64_t generation;
	uint32_t age_s;

	start();
	generation = de.rules.current->generation;
	de_ask(box, "direct.example.com", 1, DE_PLAIN);
	de_up_addrs(0, 60, "9.1.1.1");
	OK(asked());
	make_grants();
	HAS(de_answer(box), "A 9.1.1.1");
	dnscache_hash(de.w.cache, &key);
	OK(dnscache_get(de.w.cache, &key, generation, de.w.loop.now_ms, &a, &age_s));
	const struct dnscache_origin from = { generation, de.w.loop.now_ms - 20000,
					      ip_v4(0x7f000001) };
	dnscache_put(de.w.cache, &key, &a, &from);	/* as if it were 20 s old */
	de_ask(box, "direct.example.com", 1, DE_PLAIN);
	OK(asked());
	OK(grant.ttl_s <= 40 && grant.ttl_s >= 38);
	make_grants();
	HAS(de_answer(box), "A 9.1.1.1");
	end();
}

T(other_modes_and_families_open_nothing)	// S007-EC-017, FR-037
{
	start();
	de_ask(box, "plain.example.com", 1, DE_PLAIN);
	de_up_addrs(0, 60, "9.1.1.1");
	HAS(de_answer(box), "A 9.1.1.1");
	OK(!take_grant());
	de_ask(box, "direct.example.com", 28, DE_PLAIN);
	de_up_hear(0);
	de_up_begin(0);
	dm_a(&de.reply, "@12", 60, "2606:4700::1");
	de_up_send(0);
	HAS(de_answer(box), "AAAA 2606:4700::1");
	OK(!take_grant());
	end();
}

T(a_ttl_of_zero_opens_nothing)		// S007-FR-040
{
	start();
	de_ask(box, "direct.example.com", 1, DE_PLAIN);
	de_up_addrs(0, 0, "9.1.1.1");
	HAS(de_answer(box), "A 9.1.1.1");
	OK(!take_grant());
	end();
}

T(the_lowest_ttl_counts)		// S007, direct grants: of all records, aliases included
{
	start();
	de_ask(box, "ports.example.com", 1, DE_PLAIN);
	de_up_hear(0);
	de_up_begin(0);
	dm_rr_name(&de.reply, 1, "@12", 5, 20, "plain.example.com");
	dm_a(&de.reply, "plain.example.com", 900, "9.1.1.1");
	de_up_send(0);
	OK(asked());
	EQ(grant.ttl_s, 20);
	EQ(grant.port_cnt, 2);		/* FR-038 */
	EQ(grant.ports[0], 80);
	EQ(grant.ports[1], 443);
	make_grants();
	HAS(de_answer(box), "A 9.1.1.1");
	end();
}

T(long_lives_are_cut)			// S009: at most 300 s
{
	start();
	de_ask(box, "direct.example.com", 1, DE_PLAIN);
	de_up_addrs(0, 86400, "9.1.1.1");
	OK(asked());
	EQ(grant.ttl_s, 300);
	make_grants();
	HAS(de_answer(box), "A 9.1.1.1");
	end();
}

T(stripped_addresses_are_not_granted)	// S007-W-49, D8
{
	start();
	de_ask(box, "direct.example.com", 1, DE_PLAIN);
	de_up_addrs(0, 60, "10.1.1.1 9.1.1.1");
	OK(asked());
	EQ(grant.addr_cnt, 1);
	EQ(grant.addrs[0], 0x09010101);
	make_grants();
	HAS(de_answer(box), "A 9.1.1.1");
	end();
}

T(no_more_addresses_than_fit)		// S007 section 1: 32 per answer
{
	char addrs[1024];
	struct buf b = BUF_OF(addrs);

	start();
	for (int i = 40; i > 0; i--)
		buf_printf(&b, "9.1.1.%d%s", i, i > 1 ? " " : "");
	de_ask(box, "direct.example.com", 1, DE_EDNS);
	de_up_addrs(0, 60, buf_c(&b));
	OK(asked());
	EQ(grant.addr_cnt, GRANT_ADDRS_MAX);
	make_grants();
	HAS(de_answer(box), "A 9.1.1.40");
	end();
}

T(a_silent_control_does_not_hold_the_answer)
{
	start();
	de_ask(box, "direct.example.com", 1, DE_PLAIN);
	de_up_addrs(0, 60, "9.1.1.1");
	OK(asked());
	HAS(de_answer(box), "A 9.1.1.1");	/* after the deadline, without grants */
	OK(dnsd_idle(&de.w));
	make_grants();				/* too late */
	OK(de_is_silent(box));
	end();
}

T(a_full_mailbox_does_not_hold_the_answer)
{
	const struct control_msg fill = { .cmd = CONTROL_ACK };

	start();
	de_ask(box, "direct.example.com", 1, DE_PLAIN);
	de_up_hear(0);
	while (mbox_post(&de.control, &fill))
		continue;
	de_up_begin(0);
	dm_a(&de.reply, "@12", 60, "9.1.1.1");
	de_up_send(0);
	HAS(de_answer(box), "A 9.1.1.1");
	de_ask(box, "direct.example.com", 1, DE_PLAIN);	/* the same out of the cache */
	HAS(de_answer(box), "A 9.1.1.1");
	OK(dnsd_idle(&de.w));
	end();
}

T(who_is_gone_gets_nothing)		// S007-EC-X01
{
	start();
	de_ask(box, "direct.example.com", 1, DE_PLAIN);
	de_up_addrs(0, 60, "9.1.1.1");
	OK(asked());
	de_idents(false, true);
	make_grants();
	OK(de_is_silent(box));
	OK(dnsd_idle(&de.w));
	end();
}

T(a_reload_in_between_judges_again)	// S007-X-001
{
	start();
	de_ask(box, "direct.example.com", 1, DE_PLAIN);
	de_up_addrs(0, 60, "9.1.1.1");
	OK(asked());
	uint64_t old = grant.generation;
	de_rules(rules);
	make_grants();
	de_up_addrs(0, 60, "9.1.1.7");	/* the cache is of the old rules */
	OK(asked());			/* the flush took the old grant: a new one */
	OK(grant.generation > old);
	EQ(grant.addrs[0], 0x09010107);
	make_grants();
	HAS(de_answer(box), "A 9.1.1.7");
	de_ask(box, "direct.example.com", 1, DE_PLAIN);
	OK(asked());
	de_rules("version: 1\nrules: []\n");
	make_grants();
	HAS(de_answer(box), "rcode=3");	/* blocked by now */
	OK(dnsd_idle(&de.w));
	end();
}

T(an_answer_that_ended_meanwhile_is_asked_for_again)	// S007-X-002
{
	start();
	de_ask(box, "direct.example.com", 1, DE_PLAIN);
	de_up_addrs(0, 60, "9.1.1.1");
	OK(asked());
	(void)dnscache_flush(de.w.cache, de.w.loop.now_ms);
	make_grants();
	de_up_addrs(0, 60, "9.1.1.2");	/* another one than was granted */
	OK(asked());
	OK(de_is_silent(box));
	EQ(grant.addr_cnt, 1);
	EQ(grant.addrs[0], 0x09010102);
	make_grants();
	HAS(de_answer(box), "A 9.1.1.2");
	de_ask(box, "direct.example.com", 1, DE_PLAIN);
	for (unsigned i = 0; i < 2; i++) {	/* not for ever */
		OK(asked());
		(void)dnscache_flush(de.w.cache, de.w.loop.now_ms);
		make_grants();
		de_up_addrs(0, 60, "9.1.1.3");
	}
	HAS(de_answer(box), "A 9.1.1.3");
	OK(!take_grant());
	OK(dnsd_idle(&de.w));
	EQ(de.stats.dns_total, 2);
	EQ(de.stats.dns_allowed, 2);
	end();
}

T(an_answer_that_was_replaced_needs_its_own_grants)	// S007-X-002
{
	start();
	int other = de_client(2);
	de_ask(box, "direct.example.com", 1, DE_PLAIN);
	de_up_addrs(0, 5, "9.1.1.1");
	OK(asked());
	struct grant_request first = grant;
	(void)dnscache_flush(de.w.cache, de.w.loop.now_ms);
	de_ask(other, "direct.example.com", 1, DE_PLAIN);
	de_up_addrs(0, 60, "9.1.1.9");
	OK(asked());
	STR_EQ(grant.ident_name, "other-1");
	make_grants();
	HAS(de_answer(other), "A 9.1.1.9");
	dnsd_granted(&de.w, first.slot, first.gen);
	OK(asked());
	STR_EQ(grant.ident_name, "box");
	EQ(grant.addrs[0], 0x09010109);
	OK(de_is_silent(box));
	make_grants();
	HAS(de_answer(box), "A 9.1.1.9");
	close(other);
	end();
}

T(records_tell_where_the_answer_came_from)	// S007-FR-022, AS-008
{
	start();
	for (unsigned i = 0; i < 2; i++) {
		de_ask(box, "direct.example.com", 1, DE_PLAIN);
		if (i == 0)
			de_up_addrs(0, 60, "9.1.1.1");
		OK(asked());
		make_grants();
		HAS(de_answer(box), "A 9.1.1.1");
		OK(!take_grant());
		EQ(event.allowed, true);
		STR_EQ(event.rule, "direct");
		EQ(event.cached, i == 1);
	}
	end();
}

/* Asks until control has been asked for cnt grants; they wait in waiting. */
static void wait_for_grants(int client, struct grant_request *waiting, unsigned cnt)
{
	for (unsigned i = 0; i < cnt; i++) {
		de_ask(client, "direct.example.com", 1, DE_PLAIN);
		OK(asked());
		waiting[i] = grant;
	}
}

T(waiting_queries_are_in_flight_and_bounded)	// S007-W-44
{
	static struct grant_request waiting[GRANTS_WAITING_MAX];
	const unsigned mine = DNSGUARD_IN_FLIGHT_PER_SOURCE;

	start();
	de_classes[TMO_DNS_GRANT].duration_ms = 60000;
	int other = de_client(2);
	de_ask(box, "direct.example.com", 1, DE_PLAIN);
	de_up_addrs(0, 60, "9.1.1.1");
	OK(asked());
	make_grants();
	HAS(de_answer(box), "A 9.1.1.1");
	wait_for_grants(box, waiting, mine);
	de_ask(box, "direct.example.com", 1, DE_PLAIN);
	OK(de_is_silent(box));		/* overload drops */
	OK(!take_grant());
	wait_for_grants(other, waiting + mine, GRANTS_WAITING_MAX - mine);
	de_ask(other, "direct.example.com", 1, DE_PLAIN);	/* the mailbox is not for grants alone */
	HAS(de_answer(other), "A 9.1.1.1");
	OK(!take_grant());
	for (unsigned i = 0; i < GRANTS_WAITING_MAX; i++) {
		dnsd_granted(&de.w, waiting[i].slot, waiting[i].gen);
		HAS(de_answer(i < mine ? box : other), "A 9.1.1.1");
	}
	OK(dnsd_idle(&de.w));
	wait_for_grants(box, waiting, mine);	/* all places are free again */
	close(other);
	end();
}

T(a_source_that_is_dropped_gets_nothing)	// S006-WR-074, S007-EC-X01
{
	static struct dm m;
	uint8_t head[2] = { 0 };

	start();
	int tcp = de_client_tcp(1);
	de_compose(&m, "direct.example.com", 1, DE_PLAIN);
	head[1] = (uint8_t)m.b.len;
	OK(send(tcp, head, 2, 0) == 2 && send(tcp, m.bytes, m.b.len, 0) > 0);
	de_up_addrs(0, 60, "9.1.1.1");
	OK(asked());
	dnsd_drop_source(&de.w, ip_v4(0x7f000001));
	OK(!dnsd_idle(&de.w));
	make_grants();
	OK(recv(tcp, head, sizeof(head), 0) == 0);	/* closed without an answer */
	OK(dnsd_idle(&de.w));
	close(tcp);
	end();
}

T(over_tcp_too)
{
	static struct dm m;
	uint8_t head[2];

	start();
	int tcp = de_client_tcp(1);
	de_compose(&m, "direct.example.com", 1, DE_PLAIN);
	head[0] = 0;
	head[1] = (uint8_t)m.b.len;
	OK(send(tcp, head, 2, 0) == 2 && send(tcp, m.bytes, m.b.len, 0) > 0);
	de_up_addrs(0, 60, "9.1.1.1");
	OK(asked());
	de_quiet();
	OK(!de_readable(tcp));
	make_grants();
	DE_UNTIL(de_readable(tcp));
	OK(send(tcp, head, 2, 0) == 2 && send(tcp, m.bytes, m.b.len, 0) > 0);	/* cached */
	OK(asked());
	close(tcp);			/* the asker goes away while it waits */
	de_quiet();
	make_grants();
	DE_UNTIL(dnsd_idle(&de.w));
	end();
}

T(drained_and_closed_while_waiting)
{
	start();
	de_ask(box, "direct.example.com", 1, DE_PLAIN);
	de_up_addrs(0, 60, "9.1.1.1");
	OK(asked());
	dnsd_drain(&de.w);
	OK(!dnsd_idle(&de.w));
	make_grants();
	HAS(de_answer(box), "A 9.1.1.1");
	OK(dnsd_idle(&de.w));
	end();
	start();
	de_ask(box, "direct.example.com", 1, DE_PLAIN);
	de_up_addrs(0, 60, "9.1.1.1");
	OK(asked());
	dnsd_close(&de.w);
	EQ(tmo_wait_ms(&de.w.tmo, de.w.loop.now_ms), -1);
	make_grants();			/* too late for anything */
	end();
}
