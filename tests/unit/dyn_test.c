/* dyn_test.c - dynamic grants over a kernel that can be made to fail (S009) */
#include "base/log.h"
#include "host/dyn.h"
#include "t.h"

static struct {
	unsigned opens, renews, closes, flushes, resets, cuts, owner_calls;
	unsigned fail_open, fail_close_at, fail_flush, fail_reset, fail_renew;
	enum err_code open_code;
	enum dyn_owner owner, owner_later;	/* later: from the second call on */
	const char *name, *name_later;
	uint64_t timeout_ms;			/* of the last open or renew */
	struct dyn_key last_cut;
} k;

static enum dyn_owner fake_owner(void *ctx, struct ip src, struct dyn_owned *out, struct err *e)
{
	bool later = k.owner_calls++ > 0 && k.name_later;
	enum dyn_owner o = later ? k.owner_later : k.owner;

	(void)ctx;
	(void)src;
	if (o == DYN_OWNER_ERROR)
		err_set(e, ERR_UNAVAILABLE, "Docker does not answer");
	snprintf(out->name, sizeof(out->name), "%s", later ? k.name_later : k.name);
	snprintf(out->bridge, sizeof(out->bridge), "outcall0");
	return o;
}

static int fake_open(void *ctx, const struct dyn_grant *const *v, size_t n, uint64_t now_ms,
		     struct err *e)
{
	(void)ctx;
	k.opens++;
	if (k.fail_open)
		return err_set(e, k.open_code, "no such device");
	k.timeout_ms = v[n - 1]->lease_ms - now_ms;
	return 0;
}

static int fake_renew(void *ctx, const struct dyn_grant *g, uint64_t now_ms, struct err *e)
{
	(void)ctx;
	k.renews++;
	if (k.fail_renew)
		return err_set(e, ERR_IO, "no such device");
	k.timeout_ms = g->lease_ms - now_ms;
	return 0;
}

static int fake_close(void *ctx, const struct dyn_grant *g, struct err *e)
{
	(void)ctx;
	(void)g;
	return ++k.closes == k.fail_close_at ? err_set(e, ERR_IO, "busy") : 0;
}

static int fake_close_all(void *ctx, struct err *e)
{
	(void)ctx;
	k.flushes++;
	return k.fail_flush ? err_set(e, ERR_IO, "busy") : 0;
}

static int fake_reset(void *ctx, struct err *e)
{
	(void)ctx;
	k.resets++;
	return k.fail_reset ? err_set(e, ERR_IO, "kernel says no") : 0;
}

static int fake_cut(void *ctx, const struct dyn_key *v, size_t n, struct err *e)
{
	(void)ctx;
	(void)e;
	k.cuts += (unsigned)n;
	k.last_cut = v[n - 1];
	return 0;
}

static struct dyn d;
static struct err err;
static unsigned removed;

static void start(void)
{
	static const struct dyn_env env = { NULL,	    fake_owner,	    fake_open,
					    fake_renew,	    fake_close,	    fake_close_all,
					    fake_reset,	    fake_cut };

	OK(log_set_levels(STR("error"), &err) == 0);
	dyn_fini(&d);
	memset(&k, 0, sizeof(k));
	k.owner = DYN_OWNER_NAMED;
	k.name = "c";
	OK(dyn_init(&d, &env, &err) == 0);
}

/* ttl 0: permanent. The number, or 0 with err. */
static uint64_t insert_to(const char *destination, int64_t port, uint32_t ttl, uint64_t now_ms)
{
	struct dyn_request rq = { .container = str_of(k.name ? k.name : "c"),
				  .src_ip = STR("10.200.0.2"),
				  .destination = str_of(destination), .has_port = port > 0,
				  .port = port, .has_expires = ttl > 0, .expires_s = ttl };
	struct dyn_wish w;
	uint64_t number = 0;

	if (port)
		rq.protocol = STR("tcp");
	k.owner_calls = 0;
	if (dyn_parse(&d, &rq, &w, &err) < 0 || dyn_insert(&d, &w, now_ms, &number, &err) < 0)
		return 0;
	return number;
}

static unsigned answer(uint32_t addr, uint32_t ttl, uint64_t now_ms)
{
	static const uint16_t ports[] = { 80, 443 };
	const struct dyn_answer a = { .src = ip_v4(0x0ac80002), .container = "c", .host = "h",
				      .ttl_s = ttl, .addrs = &addr, .addr_cnt = 1,
				      .ports = ports, .port_cnt = 2 };

	return dyn_insert_answer(&d, &a, ip_v4(0x0ac80001), now_ms);
}

T(leases_and_deadlines)			// S009 1.4, FR-015
{
	start();
	EQ(insert_to("2.1.1.1", 80, 0, 1000), 1);
	EQ(k.timeout_ms, 300000);
	EQ(insert_to("2.1.1.2", 80, 7, 1000), 2);
	EQ(k.timeout_ms, 7000);
	EQ(insert_to("2.1.1.3", 80, 86400, 1000), 3);
	EQ(k.timeout_ms, 300000);
	EQ(dyn_sweep(&d, 7999, &removed, &err), 0);
	EQ(removed, 0);
	EQ(dyn_sweep(&d, 8000, &removed, &err), 0);
	EQ(removed, 1);
	EQ(k.closes, 1);
	EQ(k.cuts, 1);
	EQ(k.last_cut.dst, 0x02010102);
	EQ(k.renews, 0);
	EQ(dyn_sweep(&d, 151001, &removed, &err), 0);	/* less than 150 s left */
	EQ(k.renews, 2);
	EQ(k.timeout_ms, 300000);
	EQ(d.cnt, 2);
	for (uint64_t now = 152000; now < 1000 + 86400000; now += 1000)
		EQ(dyn_sweep(&d, now, &removed, &err), 0);
	EQ(d.cnt, 2);
	EQ(dyn_sweep(&d, 1000 + 86400000, &removed, &err), 0);
	EQ(removed, 1);
	EQ(d.v[0].number, 1);		/* the permanent one lives as long as the daemon */
}

T(a_lease_that_is_not_renewed_ends)	// S009 section 3: renewal fails or is late
{
	start();
	OK(insert_to("2.1.1.1", 80, 0, 0));
	k.fail_renew = 1;
	EQ(dyn_sweep(&d, 200000, &removed, &err), 0);
	EQ(d.cnt, 1);
	EQ(dyn_sweep(&d, 300000, &removed, &err), 0);
	EQ(removed, 1);
	EQ(k.cuts, 1);
	EQ(d.cnt, 0);
}

T(the_same_again)			// S009-EC-003, FR-016
{
	start();
	EQ(insert_to("2.1.1.1", 80, 60, 0), 1);
	EQ(insert_to("2.1.1.1", 80, 0, 1000), 1);	/* operator: the request's form wins */
	EQ(d.v[0].deadline_ms, 0);
	EQ(insert_to("2.1.1.1", 80, 30, 2000), 1);
	EQ(d.v[0].deadline_ms, 32000);
	EQ(k.opens, 1);
	EQ(k.renews, 2);
	EQ(answer(0x02010101, 200, 5000), 2);		/* DNS: a temporary one gets the new deadline */
	EQ(d.v[0].deadline_ms, 205000);
	EQ(d.cnt, 2);
	EQ(insert_to("2.1.1.1", 80, 0, 6000), 1);
	EQ(answer(0x02010101, 100, 7000), 2);		/* a permanent one stays permanent */
	EQ(d.v[0].deadline_ms, 0);
	EQ(insert_to("2.1.1.1", 0, 0, 0), 3);		/* another protocol or port: another grant */
	EQ(insert_to("2.1.1.1", 0, 0, 0), 3);
}

T(the_cap)				// S009: 256 per container
{
	start();
	for (int i = 1; i <= 256; i++)
		EQ(insert_to("2.1.1.1", i, 0, 0), i);
	EQ(insert_to("2.1.1.1", 300, 0, 0), 0);
	STR_EQ(err.msg, "dynamic rule cap exceeded for container 'c' (max 256)");
	EQ(answer(0x02010102, 60, 0), 0);
	EQ(insert_to("2.1.1.1", 7, 0, 0), 7);		/* an equal one is no new one */
	k.name = "other";
	EQ(insert_to("2.1.1.9", 80, 0, 0), 257);
	EQ(dyn_remove_container(&d, "c", &removed, &err), 0);
	EQ(removed, 256);
	EQ(k.cuts, 256);
	EQ(d.cnt, 1);
	EQ(d.v[0].number, 257);
}

T(a_failing_insert_records_nothing)	// S009-EC-001, EC-006
{
	start();
	k.fail_open = 1;
	k.open_code = ERR_IO;
	EQ(insert_to("2.1.1.1", 80, 0, 0), 0);
	STR_EQ(err.msg, "nft insert failed: no such device");
	EQ(k.resets, 0);
	EQ(answer(0x02010101, 60, 0), 0);
	EQ(d.cnt, 0);
	k.open_code = ERR_TIMEOUT;	/* it may be open: everything is put in place again */
	EQ(insert_to("2.1.1.1", 80, 0, 0), 0);
	STR_EQ(err.msg, "insert dynamic nftables rule timed out after 10s");
	EQ(k.resets, 1);
	EQ(answer(0x02010101, 60, 0), 0);
	EQ(k.resets, 2);
	k.fail_reset = 1;
	EQ(insert_to("2.1.1.1", 80, 0, 0), 0);
	HAS(err.msg, "and emergency base-policy reset also failed: kernel says no");
}

T(covered)
{
	start();
	OK(insert_to("2.1.1.0/24", 0, 0, 0));
	k.fail_open = 1;
	k.open_code = ERR_EXISTS;
	EQ(insert_to("2.1.1.7", 0, 0, 0), 0);
	STR_EQ(err.msg, "destination 2.1.1.7 is already covered by active grant 1 (2.1.1.0/24) of "
			"container 'c'");
}

T(a_failing_delete_resets_everything)	// S009-FR-014, EC-002, AS-006
{
	start();
	for (int i = 1; i <= 5; i++)
		OK(insert_to("2.1.1.1", i, 0, 0));
	k.fail_close_at = 2;
	EQ(dyn_remove_container(&d, "c", &removed, &err), 0);
	EQ(k.resets, 1);
	EQ(removed, 5);
	EQ(d.cnt, 0);
	EQ(k.cuts, 5);
	start();
	for (int i = 1; i <= 5; i++)
		OK(insert_to("2.1.1.1", i, 0, 0));
	k.fail_close_at = 1;
	k.fail_reset = 1;
	EQ(dyn_remove_container(&d, "c", &removed, &err), -1);
	STR_EQ(err.msg, "failed to delete dynamic rule 1 and emergency base-policy reset also "
			"failed: kernel says no");
	EQ(d.cnt, 5);			/* the records stay */
}

T(a_failing_sweep_counts_all)		// S009-EC-008
{
	start();
	for (int i = 1; i <= 4; i++)
		OK(insert_to("2.1.1.1", i, i < 3 ? 5 : 0, 0));
	k.fail_close_at = 2;
	EQ(dyn_sweep(&d, 5000, &removed, &err), 0);
	EQ(removed, 4);			/* also the one that was closed already */
	EQ(k.resets, 1);
	EQ(d.cnt, 0);
	start();
	OK(insert_to("2.1.1.1", 1, 5, 0));
	k.fail_close_at = 1;
	k.fail_reset = 1;
	EQ(dyn_sweep(&d, 5000, &removed, &err), -1);
	STR_EQ(err.msg, "failed to delete expired dynamic rule 1 and emergency base-policy reset "
			"also failed: kernel says no");
	EQ(d.cnt, 1);
}

T(flush)				// S009-FR-009, FR-014
{
	start();
	EQ(dyn_flush(&d, &removed, &err), 0);
	EQ(removed, 0);
	EQ(k.flushes, 0);
	OK(insert_to("2.1.1.1", 1, 0, 0) && insert_to("2.1.1.0/24", 0, 0, 0));
	EQ(dyn_flush(&d, &removed, &err), 0);
	EQ(removed, 2);
	EQ(k.cuts, 2);
	OK(insert_to("2.1.1.1", 1, 0, 0));
	EQ(d.v[0].number, 3);		/* numbers never come again */
	k.fail_flush = 1;
	EQ(dyn_flush(&d, &removed, &err), 0);
	EQ(k.resets, 1);
	EQ(removed, 1);
	OK(insert_to("2.1.1.1", 1, 0, 0));
	k.fail_reset = 1;
	EQ(dyn_flush(&d, &removed, &err), -1);
	EQ(d.cnt, 1);
}

T(owners)				// S009-FR-012
{
	start();
	k.owner = DYN_OWNER_ERROR;
	EQ(insert_to("2.1.1.1", 80, 0, 0), 0);
	STR_EQ(err.msg, "Docker does not answer");
	k.owner = DYN_OWNER_NONE;		/* verified: operators may pre-stage */
	EQ(insert_to("2.1.1.1", 80, 0, 0), 1);
	EQ(answer(0x02010102, 60, 0), 0);	/* the DNS filter may not */
	start();
	k.owner_later = DYN_OWNER_NAMED;	/* changes between the two looks: taken back */
	k.name_later = "thief";
	EQ(insert_to("2.1.1.1", 80, 0, 0), 0);
	STR_EQ(err.msg, "src_ip 10.200.0.2 does not belong to container 'c' (belongs to 'thief')");
	EQ(d.cnt, 0);
	EQ(k.closes, 1);
	EQ(k.cuts, 1);
	k.owner_later = DYN_OWNER_NONE;
	k.name_later = "";
	EQ(insert_to("2.1.1.1", 80, 0, 0), 0);
	STR_EQ(err.msg, "source IP 10.200.0.2 became unassigned while inserting a rule for 'c'");
	k.fail_close_at = k.closes + 1;
	k.fail_reset = 1;
	EQ(insert_to("2.1.1.1", 80, 0, 0), 0);
	HAS(err.msg, "source ownership changed after nft insertion: source IP 10.200.0.2 became "
		     "unassigned while inserting a rule for 'c': failed to delete unverified "
		     "dynamic rule 3 (busy) and emergency base-policy reset also failed");
	start();
	k.owner_later = DYN_OWNER_NAMED;
	k.name_later = "heir";
	k.owner_calls = 0;
	EQ(answer(0x02010101, 60, 0), 0);
	EQ(d.cnt, 0);
	EQ(k.closes, 2);
}

static const char *refusal(struct dyn_request rq)
{
	struct dyn_wish w;

	if (!rq.container.p)
		rq.container = STR("c");
	if (!rq.src_ip.p)
		rq.src_ip = STR("10.200.0.2");
	if (!rq.destination.p)
		rq.destination = STR("2.1.1.1");
	return dyn_parse(&d, &rq, &w, &err) < 0 ? err.msg : "accepted";
}

#define REFUSES(text, ...) STR_EQ(refusal((struct dyn_request){ __VA_ARGS__ }), text)

T(refused_inputs)			// S009 1.3, EC-005, EC-007
{
	char long_name[130];

	start();
	memset(long_name, 'a', sizeof(long_name));
	STR_EQ(refusal((struct dyn_request){ .container = { long_name, 128 } }),
	       "src_ip 10.200.0.2 does not belong to container "
	       "'aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"
	       "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa' "
	       "(belongs to 'c')");
	HAS(refusal((struct dyn_request){ .container = { long_name, 129 } }),
	    "invalid container name \"aaa");
	REFUSES("invalid container name \"\"", .container = STR(""));
	REFUSES("invalid container name \"-c\"", .container = STR("-c"));
	REFUSES("invalid protocol 'TCP': must be 'tcp' or 'udp'", .protocol = STR("TCP"));
	REFUSES("invalid protocol '': must be 'tcp' or 'udp'", .protocol = STR(""));
	REFUSES("a destination port requires protocol 'tcp' or 'udp'", .has_port = true,
		.port = 80);
	REFUSES("port must be 1-65535", .protocol = STR("udp"), .has_port = true);
	REFUSES("port must be 1-65535", .protocol = STR("udp"), .has_port = true, .port = 65536);
	REFUSES("expires_in_secs must be between 1 and 86400 seconds", .has_expires = true);
	REFUSES("expires_in_secs must be between 1 and 86400 seconds", .has_expires = true,
		.expires_s = 86401);
	REFUSES("expires_in_secs must be between 1 and 86400 seconds", .has_expires = true,
		.expires_s = -1);
	REFUSES("invalid source IP address \"fe80::1%eth0\"", .src_ip = STR("fe80::1%eth0"));
	REFUSES("invalid source IP address \"10.0.0\"", .src_ip = STR("10.0.0"));
	REFUSES("destination CIDR must use its network address (got 192.168.0.1/24, expected "
		"192.168.0.0/24)", .destination = STR("192.168.0.1/24"));
	REFUSES("invalid destination CIDR \"1.2.3.0/33\"", .destination = STR("1.2.3.0/33"));
	REFUSES("invalid destination CIDR \"a.example/24\"", .destination = STR("a.example/24"));
	REFUSES("invalid destination address \"bad:host:value\"",
		.destination = STR("bad:host:value"));
	REFUSES("invalid destination address \"1.2.3.256\"", .destination = STR("1.2.3.256"));
	REFUSES("invalid destination hostname \"a..example\"", .destination = STR("a..example"));
	REFUSES("source address 10.200.0.2 and destination 2001:db8::1 use different address "
		"families", .destination = STR("2001:db8::1"));
	REFUSES("source address 10.200.0.2 and destination 2001:db8::/32 use different address "
		"families", .destination = STR("2001:db8::/32"));
	k.owner = DYN_OWNER_NONE;
	REFUSES("source address fd00::2 and destination 2.1.1.1 use different address families",
		.src_ip = STR("fd00::2"));
	REFUSES("IPv6 grants are not possible: managed bridges carry IPv4 only",
		.src_ip = STR("fd00::2"), .destination = STR("2001:db8::1"));
	EQ(k.opens, 0);
	EQ(d.cnt, 0);
}

T(order_of_checks)			// S009 1.3: the first thing that is wrong is named
{
	struct dyn_request rq = { .protocol = STR("sctp"), .has_port = true, .has_expires = true,
				  .src_ip = STR("x"), .destination = STR("1.2.3.0/33"),
				  .container = STR("thief") };

	start();
	HAS(refusal(rq), "invalid protocol");
	rq.protocol = (struct str){ NULL, 0 };
	HAS(refusal(rq), "a destination port requires");
	rq.has_port = false;
	HAS(refusal(rq), "expires_in_secs must");
	rq.expires_s = 1;
	HAS(refusal(rq), "invalid source");
	EQ(k.owner_calls, 0);
	rq.src_ip = STR("10.200.0.2");
	STR_EQ(refusal(rq),
	       "src_ip 10.200.0.2 does not belong to container 'thief' (belongs to 'c')");
	k.owner = DYN_OWNER_ERROR;
	STR_EQ(refusal(rq), "Docker does not answer");
	k.owner = DYN_OWNER_NAMED;
	rq.container = STR("c");
	HAS(refusal(rq), "invalid destination CIDR");
}

T(what_is_the_same)			// S009: equivalence compares parsed values
{
	struct dyn_request rq = { .container = STR("c"), .src_ip = STR("10.200.0.2"),
				  .destination = STR("A.Example."), .protocol = STR("tcp"),
				  .has_port = true, .port = 443 };
	struct dyn_wish w;
	uint64_t number;

	start();
	EQ(insert_to("2.1.1.1/32", 80, 0, 0), 1);
	EQ(insert_to("2.1.1.1", 80, 0, 0), 1);
	EQ(insert_to("2.1.1.0/24", 80, 0, 0), 2);
	EQ(insert_to("2.1.1.0/25", 80, 0, 0), 3);
	OK(dyn_parse(&d, &rq, &w, &err) == 0 && w.needs_address);
	STR_EQ(w.destination, "a.example");
	PTR_EQ(dyn_find_name(&d, &w), NULL);
	w.key.dst = 0x02020202;
	OK(dyn_insert(&d, &w, 0, &number, &err) == 0 && number == 4);
	rq.destination = STR("a.EXAMPLE");
	OK(dyn_parse(&d, &rq, &w, &err) == 0);
	PTR_EQ(dyn_find_name(&d, &w), &d.v[3]);	/* S009 5.3: not resolved again */
	OK(dyn_insert(&d, &w, 0, &number, &err) == 0 && number == 4);
	EQ(d.v[3].key.dst, 0x02020202);
	rq.port = 80;
	OK(dyn_parse(&d, &rq, &w, &err) == 0);
	PTR_EQ(dyn_find_name(&d, &w), NULL);
}

T(what_no_rule_opens)			// S007-W-48, W-49
{
	static const uint16_t ports[] = { 53, 853, 5353, 5355, 443 };
	static const uint32_t addrs[] = { 0x08080808, 0x7f000001, 0xa9fe0001, 0xa9fea9fe,
					  0xe0000001, 0xffffffff, 0, 0x0ac80001 };
	const struct dyn_answer a = { .src = ip_v4(0x0ac80002), .container = "c", .host = "h",
				      .ttl_s = 60, .addrs = addrs, .addr_cnt = 8,
				      .ports = ports, .port_cnt = 5 };
	const uint32_t fine = 0x09090901;
	struct dyn_answer b = a;

	start();
	EQ(dyn_insert_answer(&d, &a, ip_v4(0x0ac80001), 0), 0);
	EQ(k.opens, 0);
	b.addrs = &fine;
	b.addr_cnt = 1;
	EQ(dyn_insert_answer(&d, &b, ip_v4(0x0ac80001), 0), 1);	/* 443 */
	EQ(d.v[0].key.port, 443);
	EQ(d.v[0].key.proto, 6);
	STR_EQ(d.v[0].destination, "9.9.9.1");
	STR_EQ(d.v[0].bridge, "outcall0");
	b.ttl_s = 0;
	EQ(dyn_insert_answer(&d, &b, ip_v4(0x0ac80001), 0), 0);
}

T(bridges_in_use)			// S001-X-016
{
	start();
	OK(!dyn_uses_bridge(&d, "outcall0"));
	OK(insert_to("2.1.1.1", 1, 0, 0));
	OK(dyn_uses_bridge(&d, "outcall0"));
	OK(!dyn_uses_bridge(&d, "outcall0-abcdef"));
	dyn_forget(&d);
	OK(!dyn_uses_bridge(&d, "outcall0"));
}

T(grants_follow_addresses)		// S009-FR-004, FR-012: nobody inherits
{
	start();
	k.owner = DYN_OWNER_NONE;
	k.name = "c";
	EQ(insert_to("2.1.1.1", 1, 0, 0), 1);	/* made in advance */
	EQ(dyn_reconcile(&d, &removed, &err), 0);
	EQ(removed, 0);
	OK(!dyn_uses_bridge(&d, "outcall0"));
	k.owner = DYN_OWNER_NAMED;		/* the one it was made for has come */
	EQ(dyn_reconcile(&d, &removed, &err), 0);
	EQ(removed, 0);
	OK(dyn_uses_bridge(&d, "outcall0"));
	k.owner = DYN_OWNER_ERROR;		/* not known now: nothing is decided */
	EQ(dyn_reconcile(&d, &removed, &err), 0);
	EQ(removed, 0);
	k.owner = DYN_OWNER_NONE;		/* gone, and nobody said so */
	EQ(dyn_reconcile(&d, &removed, &err), 0);
	EQ(removed, 1);
	EQ(k.cuts, 1);
	EQ(insert_to("2.1.1.1", 1, 0, 0), 2);
	k.owner = DYN_OWNER_NAMED;
	k.name = "heir";
	EQ(dyn_reconcile(&d, &removed, &err), 0);
	EQ(removed, 1);
	EQ(d.cnt, 0);
}

T(a_renewal_asks_for_the_owner_too)	// S009-FR-012
{
	struct dyn_request rq = { .container = STR("c"), .src_ip = STR("10.200.0.2"),
				  .destination = STR("name.test"), .protocol = STR("tcp"),
				  .has_port = true, .port = 80 };
	struct dyn_wish w;
	uint64_t number = 0;

	start();
	EQ(dyn_parse(&d, &rq, &w, &err), 0);	/* then the name is resolved, which takes time */
	k.name = "thief";
	EQ(insert_to("2.1.1.1", 80, 5, 0), 1);
	w.key.dst = 0x02010101;
	EQ(dyn_insert(&d, &w, 0, &number, &err), -1);
	STR_EQ(err.msg, "grant 1 of container 'thief' opens this already");
	EQ(d.v[0].deadline_ms, 5000);
	k.name = "c";
	start();
	EQ(insert_to("2.1.1.1", 80, 5, 0), 1);
	k.name = "thief";
	EQ(dyn_insert(&d, &w, 0, &number, &err), -1);
	HAS(err.msg, "does not belong to container 'c' (belongs to 'thief')");
	EQ(d.v[0].deadline_ms, 5000);
}

T(sources_that_are_none)
{
	static const char *const sources[] = { "0.0.0.0", "224.0.0.1", "255.255.255.255" };

	start();
	for (size_t i = 0; i < ARRAY_LEN(sources); i++) {
		struct dyn_request rq = { .container = STR("c"), .src_ip = str_of(sources[i]),
					  .destination = STR("0.0.0.0/0") };
		struct dyn_wish w;

		EQ(dyn_parse(&d, &rq, &w, &err), -1);
		HAS(err.msg, "invalid source IP address");
	}
}

T(an_answer_without_doubles)
{
	static const uint16_t ports[] = { 80, 80 };
	const uint32_t addr = 0x02010101;
	const struct dyn_answer a = { .src = ip_v4(0x0ac80002), .container = "c", .host = "h",
				      .ttl_s = 60, .addrs = &addr, .addr_cnt = 1,
				      .ports = ports, .port_cnt = 2 };

	start();
	EQ(dyn_insert_answer(&d, &a, ip_v4(0x0ac80001), 0), 1);
	EQ(d.cnt, 1);
}
