/* proxy_redirect_test.c - clients that know of no proxy (S006-X-001, S006-WR-082, -083; decisions D20)
 *
 * In a network namespace of its own, with a real nftables rule; skipped where that is impossible.
 */
#include <sched.h>

#include "hello_msg.h"
#include "proxy_engine.h"

static const struct pe_name names[] = {
	{ .name = "a.test", .addrs = { "127.0.0.60", "127.0.0.61" } },
	{ .name = "b.test", .addrs = { "127.0.0.61" } },
};

static const struct pe_rule rules[] = {
	{ .id = "a", .host = "a.test", .private_ips = true },
	{ .id = "literal", .host = "127.0.0.60", .private_ips = true },
	{ .id = "outside", .host = "127.0.0.62" },
};

static int servers[2][2];	/* [127.0.0.60, .61][443, 80] */

static int serve(const char *addr, uint16_t port)
{
	struct endpoint ep = { .port = port };
	struct err e;
	int fd;
	OK(ip_parse(str_of(addr), &ep.ip));
	if (sock_tcp_listen(ep, 0, &fd, &e) < 0)
		FAIL("%s", e.msg);
	return fd;
}

static void enter_namespace(void)
{
	static bool done;
	if (!done && unshare(CLONE_NEWNET | (geteuid() ? CLONE_NEWUSER : 0)) < 0)
		SKIP("no network namespace");
	done = true;
	if (system("ip link set lo up 2>/dev/null") != 0 ||
	    system("nft 'table ip probe { chain c { type nat hook output priority -100; }; }' 2>/dev/null") !=
		    0)
		SKIP("no ip or nft");
}

static void start(void)
{
	char text[512];
	enter_namespace();
	pe_names = names;
	pe_name_cnt = ARRAY_LEN(names);
	pe_start();
	pe.cfg.transparent = true;
	pe_publish(rules, ARRAY_LEN(rules));
	snprintf(
		text, sizeof(text),
		"nft 'flush ruleset; table ip t { chain c { type nat hook output priority -100; "
		"ip saddr 127.0.0.2-127.0.0.40 tcp dport { 80, 443, 8443 } dnat to 127.0.0.1:%u; }; }'",
		pe.port);
	if (system(text) != 0)
		FAIL("nft refuses the rule");
	servers[0][0] = serve("127.0.0.60", 443);
	servers[0][1] = serve("127.0.0.60", 80);
	servers[1][0] = serve("127.0.0.61", 443);
	servers[1][1] = serve("127.0.0.61", 80);
}

static void end(void)
{
	for (int i = 0; i < 4; i++)
		close(servers[i / 2][i % 2]);
	pe_end();
}

static int dial(uint8_t source, const char *addr, uint16_t port)
{
	struct sockaddr_in me = { .sin_family = AF_INET };
	struct sockaddr_storage to;
	struct endpoint ep = { .port = port };
	OK(ip_parse(str_of(addr), &ep.ip));
	socklen_t len = sock_sockaddr(ep, &to);
	int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
	me.sin_addr.s_addr = htonl(0x7f000000u | source);
	OK(bind(fd, (struct sockaddr *)&me, sizeof(me)) == 0);
	pe_patience(fd);
	OK(connect(fd, (struct sockaddr *)&to, len) == 0);
	return fd;
}

static int served(int listener)
{
	OK(pe_readable(listener, PE_WAIT_MS));
	int fd = accept4(listener, NULL, NULL, SOCK_CLOEXEC);
	OK(fd >= 0);
	pe_patience(fd);
	return fd;
}

static bool nobody(void)
{
	for (int i = 0; i < 4; i++)
		if (pe_readable(servers[i / 2][i % 2], 0))
			return false;
	return true;
}

static char hello_text[20000];
static size_t hello_len;

static void say_hello(int fd, const char *sni, bool ech)
{
	const struct hello_spec s = { .sni = sni, .ech = ech };
	struct buf b = BUF_OF(hello_text);
	hello_build(&b, &s);
	hello_len = b.len;
	pe_say_n(fd, hello_text, hello_len);
}

static void alerted(int c)
{
	pe_hear(c, NULL);
	MEM_EQ(pe_text, pe_text_len, "\x15\x03\x03\0\x02\x02\x31", 7);
	OK(nobody());
	close(c);
}

static void tunnelled(int c, int listener)
{
	int u = served(listener);
	pe_hear_n(u, hello_len);
	MEM_EQ(pe_text, hello_len, hello_text, hello_len);
	pe_say(u, "hi");
	pe_hear_n(c, 2);
	close(u);
	close(c);
}

T(tls_goes_to_the_name_of_the_sni)
{
	start();
	int c = dial(2, "127.0.0.60", 443);
	say_hello(c, "a.test", false);
	tunnelled(c, servers[0][0]);
	c = dial(2, "127.0.0.61", 443);	/* the dialled address is one of the name's: it goes first */
	say_hello(c, "A.test.", true);
	tunnelled(c, servers[1][0]);
	c = dial(2, "127.0.0.62", 443);	/* a foreign address: the name's own ones (S006-WR-082) */
	say_hello(c, "a.test", false);
	tunnelled(c, servers[0][0]);
	HAS(pe_seen,
	    "host=a.test ip= port=443 method=CONNECT path=/ scheme=https body=0 agent=box");
	c = dial(2, "127.0.0.60", 443);	/* no SNI: judged on the address */
	say_hello(c, NULL, false);
	tunnelled(c, servers[0][0]);
	HAS(pe_seen, "host=127.0.0.60 ip=127.0.0.60 port=443");
	EQ(pe.stats->proxy_blocked, 0);
	end();
}

T(refused_tls_gets_an_alert)	/* S006-WR-083, S006-EC-015 */
{
	start();
	int c = dial(2, "127.0.0.60", 443);
	say_hello(c, "b.test", false);
	alerted(c);
	c = dial(2, "127.0.0.61", 443);
	say_hello(c, NULL, false);
	alerted(c);
	c = dial(2, "127.0.0.62", 443);	/* allowed, but restricted */
	say_hello(c, NULL, false);
	alerted(c);
	c = dial(40 + 2, "127.0.0.60", 443);	/* not redirected: the rule knows agents only */
	close(served(servers[0][0]));
	close(c);
	EQ(pe.stats->proxy_blocked, 3);
	c = dial(2, "127.0.0.60", 443);
	pe_say(c, "GET / HTTP/1.1\r\n\r\n");
	STR_EQ(pe_hear(c, NULL), "");
	close(c);
	c = dial(2, "127.0.0.60", 443);	/* ECH without an outer name */
	say_hello(c, NULL, true);
	STR_EQ(pe_hear(c, NULL), "");
	close(c);
	OK(nobody());
	end();
}

T(plain_requests_in_origin_form)
{
	start();
	int c = dial(2, "127.0.0.61", 80);
	pe_say(c, "GET /x/../y?z HTTP/1.1\r\nHost: A.test\r\n\r\n");
	int u = served(servers[1][1]);
	STR_EQ(pe_hear(u, "\r\n\r\n"), "GET /y?z HTTP/1.1\r\nHost: a.test\r\n\r\n");
	pe_say(u, "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok");
	pe_hear(c, "\r\n\r\nok");
	pe_say(c, "GET http://a.test:80/two HTTP/1.1\r\nHost: a.test\r\n\r\n");
	STR_EQ(pe_hear(u, "\r\n\r\n"), "GET /two HTTP/1.1\r\nHost: a.test\r\n\r\n");
	pe_say(u, "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok");
	pe_hear(c, "\r\n\r\nok");
	pe_say(c, "GET /outcall-health HTTP/1.1\r\nHost: a.test\r\n\r\n");
	STR_EQ(pe_hear(u, "\r\n\r\n"), "GET /outcall-health HTTP/1.1\r\nHost: a.test\r\n\r\n");
	close(c);
	close(u);
	c = dial(2, "127.0.0.60", 80);
	pe_say(c, "GET /old HTTP/1.0\r\n\r\n");
	u = served(servers[0][1]);
	STR_EQ(pe_hear(u, "\r\n\r\n"),
	       "GET /old HTTP/1.1\r\nHost: 127.0.0.60\r\nConnection: close\r\n\r\n");
	close(c);
	close(u);
	end();
}

T(refused_plain_requests)	/* S006-WR-083 */
{
	static const struct {
		const char *text;
		int status;
	} cases[] = {
		{ "GET / HTTP/1.1\r\nHost: b.test\r\n\r\n", 403 },
		{ "GET / HTTP/1.1\r\n\r\n", 400 },
		{ "GET / HTTP/1.1\r\nHost: a.test\r\nHost: a.test\r\n\r\n", 400 },
		{ "GET / HTTP/1.1\r\nHost: a.test:81\r\n\r\n", 400 },
		{ "GET http://b.test/ HTTP/1.1\r\nHost: a.test\r\n\r\n", 400 },
		{ "GET https://a.test/ HTTP/1.1\r\nHost: a.test\r\n\r\n", 400 },
		{ "CONNECT a.test:443 HTTP/1.1\r\nHost: a.test\r\n\r\n", 400 },
		{ "OPTIONS * HTTP/1.1\r\nHost: a.test\r\n\r\n", 400 },
	};
	start();
	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		char status[32];
		int c = dial(2, "127.0.0.60", 80);
		snprintf(status, sizeof(status), "HTTP/1.1 %d ", cases[i].status);
		pe_say(c, cases[i].text);
		if (strncmp(pe_hear(c, NULL), status, strlen(status)) != 0)
			FAIL("%s: %.300s", cases[i].text, pe_text);
		close(c);
	}
	OK(nobody());
	end();
}
