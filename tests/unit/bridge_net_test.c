/* bridge_net_test.c - bridge, table and jails against the real kernel, each test in its own namespace
 *
 * Needs root (CAP_SYS_ADMIN, CAP_NET_ADMIN): skipped without.  `nft` and `ip` play the foreign
 * program; what needs them is skipped where they are missing.
 */
#include "t.h"

#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <linux/netfilter_ipv4.h>
#include <net/if.h>
#include <netinet/in.h>
#include <poll.h>
#include <sched.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>

#include "base/clock.h"
#include "base/log.h"
#include "host/bridge.h"
#include "host/jail.h"
#include "sys/sandbox.h"

#define GATEWAY 0x0ac80001U		/* 10.200.0.1 */
#define WORLD 0xcb007109U		/* 203.0.113.9 */
#define FAST_MS 100

static struct jails jails;
static struct bridge br;
static struct err e;
static pid_t helpers[16];
static unsigned helper_cnt;

static bool run(const char *cmd)
{
	return system(cmd) == 0;
}

static void enter_namespace(void)
{
	if (unshare(CLONE_NEWNET) < 0)
		SKIP("no privilege for a network namespace");
	signal(SIGPIPE, SIG_IGN);
	(void)!log_set_levels(STR("error"), &e);
	memset(&jails, 0, sizeof(jails));
}

static struct bridge_conf conf(void)
{
	return (struct bridge_conf){ .name = "outcall0",
				     .gateway = ip_v4(GATEWAY),
				     .gateway_bits = 24,
				     .dns = { ip_v4(0), 53 },
				     .proxy = { ip_v4(GATEWAY), 8080 },
				     .transparent = true,
				     .reject = true };
}

static void bring_up(void)
{
	struct bridge_conf c = conf();
	struct rtnl_link lo;

	EQ(bridge_open(&br, &c, &e), 0);
	EQ(rtnl_link_by_name(&br.rt, "lo", &lo, &e), 0);
	EQ(rtnl_set_up(&br.rt, lo.index, true, &e), 0);
	if (bridge_up(&br, &e) < 0)
		FAIL("%s", e.msg);
}

static void end_helpers(void)
{
	while (helper_cnt > 0) {
		kill(helpers[--helper_cnt], SIGKILL);
		waitpid(helpers[helper_cnt], NULL, 0);
	}
}

static void finish(void)
{
	end_helpers();
	bridge_close(&br);
}

/* --- jails: a process with a namespace of its own, registered over a unix connection ------- */

static int listener(char path[64])
{
	struct sockaddr_un a = { .sun_family = AF_UNIX };
	int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);

	snprintf(path, 64, "/tmp/oc-test-%d.sock", getpid());
	snprintf(a.sun_path, sizeof(a.sun_path), "%s", path);
	unlink(path);
	OK(bind(fd, (struct sockaddr *)&a, sizeof(a)) == 0 && listen(fd, 4) == 0);
	OK(chmod(path, 0666) == 0);
	return fd;
}

enum peer { PEER_ROOT = 0, PEER_OPERATOR, PEER_HOST };

/* The connection of a new process: root or an operator without root, each with a network namespace
 * of its own, or one that stayed in ours. */
static int peer_process(enum peer kind)
{
	char path[64];
	int l = listener(path), fd;
	pid_t pid = fork();

	if (pid == 0) {
		struct sockaddr_un a = { .sun_family = AF_UNIX };
		int s;

		prctl(PR_SET_PDEATHSIG, SIGKILL);
		sandbox_close_from(3);
		if (kind == PEER_ROOT && unshare(CLONE_NEWNET) < 0)
			_exit(1);
		if (kind == PEER_OPERATOR &&
		    (setresuid(65534, 65534, 65534) < 0 ||
		     unshare(CLONE_NEWUSER | CLONE_NEWNET) < 0))
			_exit(1);
		s = socket(AF_UNIX, SOCK_STREAM, 0);
		snprintf(a.sun_path, sizeof(a.sun_path), "%s", path);
		if (connect(s, (struct sockaddr *)&a, sizeof(a)) < 0)
			_exit(1);
		for (;;)
			pause();
	}
	helpers[helper_cnt++] = pid;
	struct pollfd p = { .fd = l, .events = POLLIN };
	if (poll(&p, 1, 5000) != 1)
		SKIP("no privilege for such a process");
	fd = accept4(l, NULL, NULL, SOCK_CLOEXEC);
	OK(fd >= 0);
	close(l);
	unlink(path);
	return fd;
}

static int jail_process(bool own)
{
	return peer_process(own ? PEER_ROOT : PEER_HOST);
}

static struct jail_net default_net(void)
{
	return (struct jail_net){ .name = "outcall-default", .bridge = "outcall0",
				  .gateway = ip_v4(GATEWAY), .subnet = { ip_v4(0x0ac80000), 24 } };
}

/* Runs fn in the namespace of j; its status. */
static int in_jail(const struct jail *j, int (*fn)(const void *), const void *arg)
{
	int st = 0;
	pid_t pid = fork();

	if (pid == 0) {
		if (setns(j->ns_fd, CLONE_NEWNET) < 0)
			_exit(255);
		_exit(fn(arg));
	}
	OK(pid > 0 && waitpid(pid, &st, 0) == pid && WIFEXITED(st));
	return WEXITSTATUS(st);
}

/* What the CLI does in the jail: lo, address /32, link route, default route, wait. */
static int configure(const void *arg)
{
	const struct jail *j = arg;
	struct rtnl rt;
	struct rtnl_link l;
	struct err err;

	if (rtnl_open(&rt, &err) < 0 || rtnl_link_by_name(&rt, "lo", &l, &err) < 0 ||
	    rtnl_set_up(&rt, l.index, true, &err) < 0 ||
	    rtnl_link_by_name(&rt, "eth0", &l, &err) < 0 ||
	    rtnl_addr_add(&rt, l.index, j->addr, 32, &err) < 0 ||
	    rtnl_set_up(&rt, l.index, true, &err) < 0 ||
	    rtnl_route_link(&rt, l.index, j->gateway, &err) < 0 ||
	    rtnl_route_default(&rt, l.index, j->gateway, &err) < 0 ||
	    rtnl_wait_neighbour(&rt, l.index, j->gateway, 2000, &err) < 0) {
		fprintf(stderr, "# configure: %s\n", err.msg);
		return 1;
	}
	rtnl_close(&rt);
	return 0;
}

static struct jail *start_jail(const char *name)
{
	struct jail_net net = default_net();
	struct jail_request rq = { .name = str_of(name), .net = &net };
	struct jail *j;

	rq.conn_fd = jail_process(true);
	if (jail_reserve(&jails, &rq, &j, &e) < 0 || jail_plug(j, &br.rt, &e) < 0)
		FAIL("%s", e.msg);
	close(rq.conn_fd);
	EQ(in_jail(j, configure, j), 0);
	return j;
}

/* --- probes: exit status 0 reached, 1 refused fast, 2 host unreachable fast, 3 silence ------ */

enum { REACHED = 0, REFUSED, UNREACHABLE, SILENT, OTHER };

struct target {
	uint32_t ip;
	uint16_t port;
	uint32_t from;			/* source address, 0: any */
	int wait_ms;
};

static struct sockaddr_in addr_of(uint32_t ip, uint16_t port)
{
	return (struct sockaddr_in){ .sin_family = AF_INET, .sin_port = htons(port),
				     .sin_addr.s_addr = htonl(ip) };
}

static int verdict_of(int err, uint64_t took)
{
	if (err == 0)
		return REACHED;
	if (took > FAST_MS)
		return SILENT;
	if (err == ECONNREFUSED)
		return REFUSED;
	return err == EHOSTUNREACH ? UNREACHABLE : OTHER;
}

static int tcp_probe(const void *arg)
{
	const struct target *t = arg;
	struct sockaddr_in a = addr_of(t->ip, t->port), from = addr_of(t->from, 0);
	int fd = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK, 0);
	struct pollfd p = { .fd = fd, .events = POLLOUT };
	uint64_t start = clock_mono_ms();
	socklen_t len = sizeof(int);
	int err = 0;

	if (t->from && bind(fd, (struct sockaddr *)&from, sizeof(from)) < 0)
		return OTHER;
	if (connect(fd, (struct sockaddr *)&a, sizeof(a)) < 0 && errno != EINPROGRESS)
		return verdict_of(errno, clock_mono_ms() - start);
	if (poll(&p, 1, t->wait_ms ? t->wait_ms : 1000) == 0)
		return SILENT;
	getsockopt(fd, SOL_SOCKET, SO_ERROR, &err, &len);
	return verdict_of(err, clock_mono_ms() - start);
}

/* Connected within the time, however slowly. */
static int tcp_reaches(const void *arg)
{
	const struct target *t = arg;
	struct sockaddr_in a = addr_of(t->ip, t->port);
	int fd = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK, 0), err = 0;
	struct pollfd p = { .fd = fd, .events = POLLOUT };
	socklen_t len = sizeof(err);

	(void)connect(fd, (struct sockaddr *)&a, sizeof(a));
	return poll(&p, 1, t->wait_ms) == 1 &&
		getsockopt(fd, SOL_SOCKET, SO_ERROR, &err, &len) == 0 && err == 0;
}

static int udp_probe(const void *arg)
{
	const struct target *t = arg;
	struct sockaddr_in a = addr_of(t->ip, t->port), from = addr_of(t->from, 0);
	int fd = socket(AF_INET, SOCK_DGRAM, 0);
	struct pollfd p = { .fd = fd, .events = POLLIN };
	uint64_t start = clock_mono_ms();
	char c;

	if (t->from && bind(fd, (struct sockaddr *)&from, sizeof(from)) < 0)
		return OTHER;
	if (connect(fd, (struct sockaddr *)&a, sizeof(a)) < 0 || send(fd, "x", 1, 0) != 1)
		return verdict_of(errno, clock_mono_ms() - start);
	if (poll(&p, 1, t->wait_ms ? t->wait_ms : 1000) == 0)
		return SILENT;
	return verdict_of(recv(fd, &c, 1, 0) == 1 ? 0 : errno, clock_mono_ms() - start);
}

static int tcp(const struct jail *j, uint32_t ip, uint16_t port)
{
	struct target t = { .ip = ip, .port = port };

	return in_jail(j, tcp_probe, &t);
}

static int udp(const struct jail *j, uint32_t ip, uint16_t port)
{
	struct target t = { .ip = ip, .port = port };

	return in_jail(j, udp_probe, &t);
}

static int tcp_listen(uint32_t ip, uint16_t port)
{
	struct sockaddr_in a = addr_of(ip, port);
	int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0), on = 1;

	setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &on, sizeof(on));
	if (bind(fd, (struct sockaddr *)&a, sizeof(a)) < 0 || listen(fd, 16) < 0)
		return -1;
	return fd;
}

/* A helper process that answers every datagram on ip:port. */
static void udp_echo(uint32_t ip, uint16_t port)
{
	struct sockaddr_in a = addr_of(ip, port);
	int fd = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
	pid_t pid;

	OK(bind(fd, (struct sockaddr *)&a, sizeof(a)) == 0);
	pid = fork();
	if (pid == 0) {
		prctl(PR_SET_PDEATHSIG, SIGKILL);
		for (;;) {
			struct sockaddr_in from;
			socklen_t len = sizeof(from);
			char c;

			if (recvfrom(fd, &c, 1, 0, (struct sockaddr *)&from, &len) == 1)
				(void)!sendto(fd, &c, 1, 0, (struct sockaddr *)&from, len);
		}
	}
	helpers[helper_cnt++] = pid;
	close(fd);
}

/* A helper process in the jail that listens on port (and then sleeps). */
static void jail_listen(const struct jail *j, uint16_t port)
{
	int pipe_fd[2];
	pid_t pid;
	char c;

	OK(pipe(pipe_fd) == 0);
	pid = fork();
	if (pid == 0) {
		prctl(PR_SET_PDEATHSIG, SIGKILL);
		if (setns(j->ns_fd, CLONE_NEWNET) < 0 || tcp_listen(0, port) < 0)
			_exit(1);
		(void)!write(pipe_fd[1], "x", 1);
		for (;;)
			pause();
	}
	helpers[helper_cnt++] = pid;
	close(pipe_fd[1]);
	EQ(read(pipe_fd[0], &c, 1), 1);
	close(pipe_fd[0]);
}

static uint64_t blocked(enum blocked_class c)
{
	struct bridge_blocked b;

	EQ(bridge_blocked(&br, &b, &e), 0);
	return b.count[c];
}

/* --- tests ------------------------------------------------------------------------------- */

T(two_jails_reach_dns_and_proxy_and_nothing_else)	// S001-SC-003, S015-P-001 ... P-004, D28
{
	enter_namespace();
	bring_up();
	struct jail *a = start_jail("a"), *b = start_jail("b");
	uint32_t ip_a = ip_to_v4(a->addr);

	EQ(ip_a, GATEWAY - 1 + 128);			/* S002-X-009: the lowest of the upper half */
	EQ(ip_to_v4(b->addr), GATEWAY - 1 + 129);
	OK(tcp_listen(GATEWAY, 53) >= 0 && tcp_listen(GATEWAY, 8080) >= 0 &&
	   tcp_listen(0, 9999) >= 0);
	udp_echo(GATEWAY, 53);
	udp_echo(0, 9998);
	jail_listen(a, 7777);

	EQ(tcp(a, GATEWAY, 53), REACHED);
	EQ(tcp(b, GATEWAY, 8080), REACHED);
	EQ(udp(a, GATEWAY, 53), REACHED);

	uint64_t refused = blocked(BLOCKED_REFUSED);
	EQ(tcp(a, GATEWAY, 9999), REFUSED);		/* host service */
	EQ(udp(a, GATEWAY, 9998), UNREACHABLE);
	EQ(tcp(a, GATEWAY, 443), REFUSED);		/* N4: the host's own address is no redirect */
	EQ(tcp(a, WORLD, 25), REFUSED);			/* the world, without any route behind it */
	EQ(udp(a, WORLD, 443), UNREACHABLE);		/* QUIC */
	EQ(tcp(a, ip_a, 7777), REACHED);		/* the twin: from inside it answers */
	EQ(tcp(b, ip_a, 7777), REFUSED);		/* the peer */
	OK(blocked(BLOCKED_REFUSED) >= refused + 6);

	/* From outside towards the jail: no answer at all (I5). */
	struct target t = { .ip = ip_a, .port = 7777, .wait_ms = 300 };
	EQ(tcp_probe(&t), SILENT);
	finish();
}

T(redirect_keeps_the_dialled_address)			// S001-X-013, D20
{
	enter_namespace();
	bring_up();
	struct jail *a = start_jail("a");
	int proxy = tcp_listen(GATEWAY, 8080), conn;
	struct sockaddr_in dialled;
	socklen_t len = sizeof(dialled);

	udp_echo(GATEWAY, 53);
	EQ(tcp(a, WORLD, 443), REACHED);
	conn = accept4(proxy, NULL, NULL, SOCK_CLOEXEC);
	OK(conn >= 0);
	EQ(getsockopt(conn, SOL_IP, SO_ORIGINAL_DST, &dialled, &len), 0);
	EQ(ntohl(dialled.sin_addr.s_addr), WORLD);
	EQ(ntohs(dialled.sin_port), 443);
	EQ(udp(a, WORLD, 53), REACHED);			/* DNS to any server is ours */
	EQ(tcp(a, WORLD, 853), REFUSED);
	finish();
}

T(blocked_packets_drop_is_silent)			// --blocked-packets drop
{
	enter_namespace();
	bring_up();
	br.conf.reject = false;
	EQ(bridge_apply(&br, false, &e), 0);
	struct jail *a = start_jail("a");
	struct target t = { .ip = WORLD, .port = 25, .wait_ms = 300 };
	EQ(in_jail(a, tcp_probe, &t), SILENT);
	OK(blocked(BLOCKED_DROPPED) > 0);
	EQ(blocked(BLOCKED_REFUSED), 0);
	finish();
}

static int add_spoofed(const void *arg)
{
	struct rtnl rt;
	struct rtnl_link l;
	struct err err;

	(void)arg;
	return rtnl_open(&rt, &err) < 0 || rtnl_link_by_name(&rt, "eth0", &l, &err) < 0 ||
	       rtnl_addr_add(&rt, l.index, ip_v4(0x08080808), 32, &err) < 0;
}

T(spoofed_source_is_dropped_and_counted)		// S001-X-011
{
	enter_namespace();
	bring_up();
	struct jail *a = start_jail("a");
	struct target t = { .ip = GATEWAY, .port = 53, .from = 0x08080808, .wait_ms = 200 };

	udp_echo(GATEWAY, 53);
	EQ(udp(a, GATEWAY, 53), REACHED);
	EQ(blocked(BLOCKED_SPOOFED), 0);
	EQ(in_jail(a, add_spoofed, NULL), 0);
	EQ(in_jail(a, udp_probe, &t), SILENT);
	EQ(blocked(BLOCKED_SPOOFED), 1);
	finish();
}

static int ping6(const void *arg)
{
	struct sockaddr_in6 a = { .sin6_family = AF_INET6, .sin6_port = htons(53) };
	int fd = socket(AF_INET6, SOCK_STREAM | SOCK_NONBLOCK, 0);
	struct pollfd p = { .fd = fd, .events = POLLOUT };
	socklen_t len = sizeof(int);
	int err = 0;

	(void)arg;
	if (!run("ip addr add fd00::2/64 dev eth0 nodad"))
		return OTHER;
	inet_pton(AF_INET6, "fd00::1", &a.sin6_addr);
	if (connect(fd, (struct sockaddr *)&a, sizeof(a)) < 0 && errno != EINPROGRESS)
		return OTHER;
	if (poll(&p, 1, 400) == 0)
		return SILENT;
	getsockopt(fd, SOL_SOCKET, SO_ERROR, &err, &len);
	return err ? REFUSED : REACHED;
}

T(ipv6_is_dropped)					// S001 section 6: I6, O1, R2
{
	enter_namespace();
	bring_up();
	struct jail *a = start_jail("a");
	struct sockaddr_in6 any = { .sin6_family = AF_INET6, .sin6_port = htons(53) };
	int fd = socket(AF_INET6, SOCK_STREAM | SOCK_CLOEXEC, 0);

	if (!run("ip addr add fd00::1/64 dev outcall0 nodad 2>/dev/null"))
		SKIP("no ip command or no IPv6");
	OK(bind(fd, (struct sockaddr *)&any, sizeof(any)) == 0 && listen(fd, 1) == 0);
	uint64_t before = blocked(BLOCKED_IPV6);
	EQ(in_jail(a, ping6, NULL), SILENT);
	OK(blocked(BLOCKED_IPV6) > before);
	finish();
}

/* As a container would have it: the peers are on the link, frames go to them directly. */
static int on_link_24(const void *arg)
{
	const struct jail *j = arg;
	struct rtnl rt;
	struct rtnl_link l;
	struct err err;

	return rtnl_open(&rt, &err) < 0 || rtnl_link_by_name(&rt, "eth0", &l, &err) < 0 ||
	       rtnl_addr_add(&rt, l.index, j->addr, 24, &err) < 0;
}

T(ports_are_isolated_without_br_netfilter)		// S015-X-010, S001-X-010
{
	enter_namespace();
	bring_up();
	struct jail *a = start_jail("a"), *b = start_jail("b");
	struct rtnl_link l;
	struct target t = { .ip = ip_to_v4(a->addr), .port = 7777, .wait_ms = 500 };

	(void)!run("echo 0 > /proc/sys/net/bridge/bridge-nf-call-iptables");
	jail_listen(a, 7777);
	EQ(rtnl_link_by_name(&br.rt, b->link, &l, &e), 0);
	OK(l.isolated && (l.flags & IFF_UP) && strcmp(l.kind, "veth") == 0);
	EQ(in_jail(b, tcp_probe, &t), REFUSED);
	EQ(in_jail(a, on_link_24, a), 0);
	EQ(in_jail(b, on_link_24, b), 0);
	EQ(in_jail(b, tcp_probe, &t), SILENT);
	/* The twin: without isolation the same two reach each other behind the policy's back. */
	char cmd[128];
	snprintf(cmd, sizeof(cmd), "bridge link set dev %s isolated off", a->link);
	t.wait_ms = 5000;				/* the neighbour entry has to be asked for anew */
	if (run(cmd))
		OK(in_jail(b, tcp_reaches, &t));
	finish();
}

static const char *const listing_wants[] = {
	"hook forward",		  "policy drop",
	"\"outcall0\"",		  "chain input_from_agents",
	"udp dport 53 accept",	  "tcp dport 8080 accept",
	"meta nfproto ipv4 drop",
};

T(independent_listing_shows_the_usual_texts)		// S001-SC-002
{
	static char out[65536];
	FILE *f;

	enter_namespace();
	bring_up();
	f = popen("nft list table inet outcall 2>/dev/null", "r");
	size_t n = fread(out, 1, sizeof(out) - 1, f);
	pclose(f);
	if (n == 0)
		SKIP("no nft command");
	out[n] = '\0';
	for (size_t i = 0; i < ARRAY_LEN(listing_wants); i++)
		HAS(out, listing_wants[i]);
	finish();
}

T(up_is_repeatable_and_status_tells)			// S001-AS-001 ... AS-003, S001-FR-002
{
	struct bridge_state s1, s2;
	struct bridge_health h;

	enter_namespace();
	bring_up();
	EQ(bridge_status(&br, &s1, &e), 0);
	OK(s1.up && s1.index > 0 && s1.nftables_active);
	EQ(bridge_up(&br, &e), 0);
	EQ(bridge_status(&br, &s2, &e), 0);
	EQ(s1.index, s2.index);
	EQ(bridge_health(&br, &h, &e), 0);
	OK(h.forward_drop && h.member && h.source_check);
	finish();
}

T(foreign_flush_has_no_effect_or_is_undone)		// S001-X-007, S001-EC-X07, D27
{
	bool restored = true;
	uint32_t flags;
	bool present;

	enter_namespace();
	bring_up();
	EQ(nft_table_present(&br.nft, "outcall", &present, &flags, &e), 0);
	if (!run("nft list tables >/dev/null 2>&1"))
		SKIP("no nft command");
	EQ(run("nft flush ruleset"), true);
	EQ(bridge_on_nft_event(&br, &restored, &e), 0);
	if (flags) {
		OK(!restored);
		OK(!run("nft delete table inet outcall 2>/dev/null"));
		OK(!run("nft add rule inet outcall forward accept 2>/dev/null"));
		EQ(bridge_on_nft_event(&br, &restored, &e), 0);
		OK(!restored);
	}
	struct bridge_health h;
	EQ(bridge_health(&br, &h, &e), 0);
	OK(h.forward_drop && h.member);
	finish();
}

/* The table of a kernel without table ownership. */
static void apply_plain(void)
{
	struct nft_batch batch;

	br.table.table_flags = 0;
	nft_begin(&batch, &br.nft, NULL);
	basetable_build(&batch, &br.table);
	EQ(nft_commit(&batch, &e), 0);
	EQ(nft_fingerprint(&br.nft, "outcall", "agent_bridges", &br.print, &e), 0);
}

T(foreign_change_is_found_and_undone)			// S001-X-007, D27 on kernels before 6.9
{
	static const char *const changes[] = {
		"nft flush ruleset",
		"nft delete table inet outcall",
		"nft insert rule inet outcall forward accept",
		"nft flush chain inet outcall forward",
		"nft add element inet outcall grants \\{ 10.200.0.128 . 1.1.1.1 . tcp . 443 \\}",
		"nft flush set inet outcall agent_bridges",
		"nft 'chain inet outcall forward { policy accept; }'",
	};

	enter_namespace();
	bring_up();
	if (!run("nft list tables >/dev/null 2>&1"))
		SKIP("no nft command");
	(void)!log_set_levels(STR("bridge=error"), &e);
	for (size_t i = 0; i < ARRAY_LEN(changes); i++) {
		bool restored = false;
		uint64_t start;

		apply_plain();
		EQ(bridge_on_nft_event(&br, &restored, &e), 0);
		OK(!restored);				/* our own changes are no news */
		OK(run(changes[i]));
		start = clock_mono_ms();
		EQ(bridge_on_nft_event(&br, &restored, &e), 0);
		if (!restored)
			FAIL("not noticed: %s", changes[i]);
		OK(clock_mono_ms() - start < FAST_MS);
		struct bridge_health h;
		EQ(bridge_health(&br, &h, &e), 0);
		OK(h.forward_drop && h.member);
	}
	/* Somebody else's table is no business of ours. */
	bool restored = true;
	OK(run("nft add table inet foreign"));
	EQ(bridge_on_nft_event(&br, &restored, &e), 0);
	OK(!restored);
	/* Events lost: the fingerprint alone tells. */
	apply_plain();
	OK(run("nft flush chain inet outcall output_ipv6_block"));
	struct nft_foreign gone;
	EQ(nft_events(&br.nft, "outcall", &gone, &e), 0);
	OK(gone.touched && gone.pid > 0);
	STR_EQ(gone.comm, "nft");
	uint64_t now;
	EQ(nft_fingerprint(&br.nft, "outcall", "agent_bridges", &now, &e), 0);
	OK(now != br.print);
	finish();
}

T(lockdown_then_takeover)				// S001-X-014, S001-EC-004
{
	struct bridge_conf c = conf();
	struct bridge_state s;

	enter_namespace();
	EQ(bridge_lockdown("outcall0", &e), 0);
	EQ(bridge_lockdown("outcall0", &e), 0);		/* idempotent */
	EQ(bridge_open(&br, &c, &e), 0);
	EQ(bridge_status(&br, &s, &e), 0);
	OK(s.nftables_active && !s.up && s.index == 0);
	/* A bridge made under lock-down, by name or of the family, is closed. */
	EQ(rtnl_bridge_add(&br.rt, "outcall0", &e), 0);
	bridge_close(&br);
	bring_up();
	struct jail *a = start_jail("a");
	OK(tcp_listen(GATEWAY, 8080) >= 0);
	EQ(tcp(a, GATEWAY, 8080), REACHED);
	finish();
}

T(second_owner_is_told)					// S001-EC-003, S001-EC-X05
{
	uint32_t flags;
	bool present;

	enter_namespace();
	bring_up();
	EQ(nft_table_present(&br.nft, "outcall", &present, &flags, &e), 0);
	if (!flags)
		SKIP("kernel without table ownership");
	EQ(bridge_lockdown("outcall0", &e), -1);
	STR_EQ(e.msg, "nftables operation failed: table inet outcall is owned by another process; "
	       "is another outcalld running?");
	finish();
}

T(shutdown_keep_blocks_everything)			// S001-AS-006, D16
{
	struct bridge_users nobody = { .docker = DOCKER_UNKNOWN };
	struct bridge_state s;

	enter_namespace();
	bring_up();
	struct jail *a = start_jail("a");
	OK(tcp_listen(GATEWAY, 8080) >= 0);
	EQ(tcp(a, GATEWAY, 8080), REACHED);
	EQ(bridge_shutdown(&br, ON_EXIT_AUTO, &nobody, &e), 0);	/* Docker cannot be asked: keep */
	EQ(bridge_status(&br, &s, &e), 0);
	OK(s.up && s.nftables_active);
	EQ(tcp(a, GATEWAY, 8080), REFUSED);
	EQ(tcp(a, WORLD, 443), REFUSED);
	finish();
}

static unsigned link_cnt;
static void count_link(void *ctx, const struct rtnl_link *l)
{
	(void)ctx;
	link_cnt = l ? link_cnt + (strcmp(l->name, "lo") != 0) : 0;
}

T(teardown_leaves_nothing)				// S001-SC-005, S001-AS-006, OPS-EC-015
{
	struct bridge_users u = { .docker = DOCKER_ANSWERED };
	struct bridge_state s;

	enter_namespace();
	bring_up();
	struct jail *a = start_jail("a");
	jail_unplug(a, &br.rt);
	jail_release(&jails, a);
	EQ(jails.cnt, 0);
	EQ(bridge_shutdown(&br, ON_EXIT_AUTO, &u, &e), 0);
	EQ(bridge_status(&br, &s, &e), 0);
	OK(!s.up && s.index == 0 && !s.nftables_active);
	EQ(rtnl_links(&br.rt, count_link, NULL, &e), 0);
	EQ(link_cnt, 0);
	EQ(bridge_down(&br, &u, &e), 0);		/* S001-EC-005: nothing to do */
	finish();
}

T(down_refuses)						// S001-FR-009
{
	struct bridge_users u = { .docker_cause = "no Engine on this host" };

	enter_namespace();
	bring_up();
	start_jail("a");
	start_jail("b");
	EQ(bridge_down(&br, &u, &e), -1);		/* Docker away and a port */
	STR_EQ(e.msg, "cannot verify bridge teardown safety: no Engine on this host");
	char names[64];
	struct buf list = BUF_OF(names);
	jail_names(&jails, NULL, &list);
	u.jails = buf_str(&list);
	EQ(bridge_down(&br, &u, &e), -1);
	STR_EQ(e.msg, "cannot tear down bridge while jails are running: a, b");
	u = (struct bridge_users){ .docker = DOCKER_ANSWERED, .networks = STR("outcall-x") };
	EQ(bridge_down(&br, &u, &e), -1);
	STR_EQ(e.msg, "cannot tear down bridge while managed networks exist: outcall-x");
	u.containers = STR("c1, c2");
	EQ(bridge_down(&br, &u, &e), -1);
	STR_EQ(e.msg, "cannot tear down bridge while managed containers exist: c1, c2");
	finish();
}

T(links_that_are_not_ours)				// S001-FR-002, S001-X-006
{
	struct bridge_conf c = conf();

	enter_namespace();
	if (!run("ip link add outcall0 type vxlan id 1 dstport 4789 2>/dev/null"))
		SKIP("no ip command or no vxlan links");
	EQ(bridge_open(&br, &c, &e), 0);
	EQ(bridge_up(&br, &e), -1);
	STR_EQ(e.msg,
	       "bridge operation failed: interface \"outcall0\" exists but is not a Linux bridge");
	OK(run("ip link del outcall0; ip link add outcall0 type bridge; ip link add uplink type vxlan id 2 dstport 4789;"
	       "ip link set uplink master outcall0"));
	EQ(bridge_up(&br, &e), -1);
	STR_EQ(e.msg,
	       "bridge operation failed: interface \"outcall0\" has foreign port \"uplink\"; "
	       "refusing to take it over");
	OK(run("ip link del uplink"));
	EQ(bridge_up(&br, &e), 0);			/* S001-AS-007: a bridge that was there */
	finish();
}

T(family_bridges_join_the_set)				// S001-X-001, S001-X-002
{
	unsigned changed;

	enter_namespace();
	EQ(rtnl_open(&br.rt, &e), 0);
	EQ(rtnl_bridge_add(&br.rt, "outcall0-352337", &e), 0);
	rtnl_close(&br.rt);
	bring_up();
	EQ(br.table.bridge_cnt, 2);
	EQ(rtnl_bridge_add(&br.rt, "outcall0-a7c2ca", &e), 0);	/* as Docker would, without us */
	EQ(bridge_on_link_event(&br, &changed, &e), 0);
	OK(changed & RTNL_LINKS_CHANGED);
	EQ(br.table.bridge_cnt, 3);
	EQ(bridge_member_add(&br, "outcall0-9bb338", &e), 0);	/* before it exists */
	EQ(bridge_up(&br, &e), 0);
	EQ(br.table.bridge_cnt, 4);				/* and known after a new table */
	EQ(bridge_member_del(&br, "outcall0-9bb338", &e), 0);
	EQ(bridge_member_del(&br, "outcall0-9bb338", &e), 0);
	EQ(br.table.bridge_cnt, 3);
	bool restored = true;
	EQ(bridge_on_nft_event(&br, &restored, &e), 0);
	OK(!restored);
	finish();
}

T(jails_that_must_not_start)				// operations section 16
{
	struct jail_net net = default_net();
	struct jail_request rq = { .name = STR("x"), .net = &net };
	struct jail *j;

	enter_namespace();
	bring_up();
	rq.conn_fd = jail_process(false);
	EQ(jail_reserve(&jails, &rq, &j, &e), -1);
	STR_EQ(e.msg, "jail needs a network namespace of its own");
	rq.conn_fd = jail_process(true);
	rq.name = STR("-x");
	EQ(jail_reserve(&jails, &rq, &j, &e), -1);
	HAS(e.msg, "jail name must contain 1-128");
	rq.name = STR("x");
	EQ(jail_reserve(&jails, &rq, &j, &e), 0);
	OK(jail_by_process(&jails, helpers[helper_cnt - 1]) == j);
	OK(jail_by_process(&jails, getpid()) == NULL);
	OK(jail_by_conn_netns(&jails, rq.conn_fd) == j);
	struct jail *k;
	EQ(jail_reserve(&jails, &rq, &k, &e), -1);
	STR_EQ(e.msg, "jail \"x\" is already running");
	EQ(e.code, ERR_EXISTS);
	rq.name = STR("y");					/* the same namespace once more */
	EQ(jail_reserve(&jails, &rq, &k, &e), -1);
	STR_EQ(e.msg, "jail needs a network namespace of its own");
	net.subnet.bits = 29;
	rq.conn_fd = jail_process(true);
	EQ(jail_reserve(&jails, &rq, &k, &e), -1);
	STR_EQ(e.msg, "network \"outcall-default\" has no address range for jails");
	/* The root ends before the link is made: nothing is left. */
	kill(helpers[1], SIGKILL);
	waitpid(helpers[1], NULL, 0);
	EQ(jail_plug(j, &br.rt, &e), -1);
	STR_EQ(e.msg, "the process of the jail has ended");
	EQ(jails.cnt, 1);
	jail_release(&jails, j);
	EQ(rtnl_links(&br.rt, count_link, NULL, &e), 0);
	EQ(link_cnt, 1);					/* the bridge */
	finish();
}

T(jail_without_bridge_leaves_nothing)
{
	struct jail_net net = default_net();
	struct jail_request rq = { .net = &net };
	struct jail *j;

	enter_namespace();
	bring_up();
	net.bridge = "outcall0-000000";
	rq.conn_fd = jail_process(true);
	EQ(jail_reserve(&jails, &rq, &j, &e), 0);
	EQ(strncmp(j->id, "jail-", 5), 0);
	STR_EQ(j->name, j->id);
	EQ(jail_plug(j, &br.rt, &e), -1);
	jail_release(&jails, j);
	EQ(rtnl_links(&br.rt, count_link, NULL, &e), 0);
	EQ(link_cnt, 1);
	finish();
}

T(leftovers_and_replugging)				// OPS-EC-015, S001-EC-X02
{
	enter_namespace();
	bring_up();
	struct jail *a = start_jail("a");
	struct rtnl_link l;

	OK(tcp_listen(0, 8080) >= 0);
	EQ(tcp(a, GATEWAY, 8080), REACHED);
	EQ(rtnl_link_by_name(&br.rt, "outcall0", &l, &e), 0);
	EQ(rtnl_link_del(&br.rt, l.index, &e), 0);
	EQ(bridge_up(&br, &e), 0);
	EQ(jail_replug(&jails, &br.rt, "outcall0", &e), 0);
	for (int tries = 0; tries < 4 && tcp(a, GATEWAY, 8080) != REACHED; tries++)
		;	/* a fresh port may lose its first packet: see rtnl_wait_neighbour */
	EQ(tcp(a, GATEWAY, 8080), REACHED);
	EQ(jail_remove_leftovers(&br.rt, &e), 0);		/* as a new daemon would find it */
	EQ(rtnl_links(&br.rt, count_link, NULL, &e), 0);
	EQ(link_cnt, 1);
	finish();
}

T(without_the_capability)				// S001-EC-003
{
	static const char no_link[] =
		"bridge operation failed: create bridge: Operation not permitted";
	static const char no_table[] = "nftables operation failed: permission denied; root or "
				       "CAP_NET_ADMIN is required";
	enter_namespace();
	int st;
	pid_t pid = fork();

	if (pid == 0) {
		struct bridge_conf c = conf();
		uint64_t start = clock_mono_ms();
		int bad = 0;

		bad |= sandbox_keep_caps(0, &e) < 0 || sandbox_has_cap(CAP_NET_ADMIN);
		bad |= (bridge_open(&br, &c, &e) < 0) << 1;
		bad |= (bridge_up(&br, &e) == 0) << 2;
		bad |= (strcmp(e.msg, no_link) != 0) << 3;
		bad |= (bridge_lockdown("outcall0", &e) == 0) << 4;
		bad |= (strcmp(e.msg, no_table) != 0) << 5;
		_exit(bad | (clock_mono_ms() - start > 1000) << 6);
	}
	OK(waitpid(pid, &st, 0) == pid);
	EQ(st, 0);
}

T(refused_batch_changes_nothing)			// S001 acceptance: failure injection
{
	uint64_t before, after;

	enter_namespace();
	bring_up();
	EQ(nft_fingerprint(&br.nft, "outcall", "agent_bridges", &before, &e), 0);
	struct nft_batch batch;
	struct nft_rule bad = { .table = "outcall", .chain = "no_such_chain", .comment = "X" };
	nft_begin(&batch, &br.nft, NULL);
	basetable_build(&batch, &br.table);
	nft_x_verdict(&bad, 1);
	nft_rule_add(&batch, &bad);
	basetable_member(&batch, "outcall0-123456", true);
	EQ(nft_commit(&batch, &e), -1);
	EQ(e.sys, ENOENT);
	EQ((unsigned)batch.failed_op, batch.ops - 2);
	EQ(nft_fingerprint(&br.nft, "outcall", "agent_bridges", &after, &e), 0);
	OK(before == after && before == br.print);
	finish();
}

T(foreign_bridges_keep_forwarding)			// S001-FR-007
{
	enter_namespace();
	bring_up();
	/* Two namespaces on a bridge of somebody else, in the same host namespace. */
	struct jail_net net = { .name = "foreign",
				.bridge = "br-foreign",
				.gateway = ip_v4(0x0a090001),
				.subnet = { ip_v4(0x0a090000), 24 } };
	struct jail *pair[2];
	struct rtnl_link l;

	EQ(rtnl_bridge_add(&br.rt, "br-foreign", &e), 0);
	EQ(rtnl_link_by_name(&br.rt, "br-foreign", &l, &e), 0);
	EQ(rtnl_set_up(&br.rt, l.index, true, &e), 0);
	EQ(rtnl_addr_add(&br.rt, l.index, net.gateway, 24, &e), 0);
	(void)!run("echo 1 > /proc/sys/net/ipv4/ip_forward");
	for (int i = 0; i < 2; i++) {
		struct jail_request rq = { .net = &net, .conn_fd = jail_process(true) };

		EQ(jail_reserve(&jails, &rq, &pair[i], &e), 0);
		EQ(jail_plug(pair[i], &br.rt, &e), 0);
		EQ(in_jail(pair[i], configure, pair[i]), 0);
	}
	jail_listen(pair[0], 7777);
	EQ(tcp(pair[1], ip_to_v4(pair[0]->addr), 7777), REACHED);	/* routed by the host */
	finish();
}

/* A helper in the jail that sends to port without a pause; 1 s of it is about 100 000 packets. */
static void flood(const struct jail *j, uint32_t ip, uint16_t port)
{
	pid_t pid = fork();

	if (pid == 0) {
		struct sockaddr_in a = addr_of(ip, port);
		int fd;

		prctl(PR_SET_PDEATHSIG, SIGKILL);
		if (setns(j->ns_fd, CLONE_NEWNET) < 0)
			_exit(1);
		sandbox_close_from(3);		/* or the owner's socket would live on here */
		fd = socket(AF_INET, SOCK_DGRAM, 0);
		for (;;)
			(void)!sendto(fd, "x", 1, 0, (struct sockaddr *)&a, sizeof(a));
	}
	helpers[helper_cnt++] = pid;
}

static int udp_bind(uint32_t ip, uint16_t port)
{
	struct sockaddr_in a = addr_of(ip, port);
	int fd = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);

	OK(bind(fd, (struct sockaddr *)&a, sizeof(a)) == 0);
	return fd;
}

static unsigned received(int fd)
{
	unsigned n = 0;
	char c;

	while (recv(fd, &c, 1, 0) == 1)
		n++;
	return n;
}

/* A daemon's life up to kill -9: opens, brings up, dies with the table in its hands. */
static void live_and_die(void)
{
	int st;
	pid_t pid = fork();

	if (pid == 0) {
		struct bridge_conf c = conf();

		if (bridge_open(&br, &c, &e) < 0 || bridge_up(&br, &e) < 0)
			_exit(1);
		raise(SIGKILL);
	}
	OK(waitpid(pid, &st, 0) == pid && WIFSIGNALED(st));
}

T(nothing_passes_while_daemons_die_and_start)		// S015-X-002, S001-EC-004, OPS-A6
{
	struct nft_batch batch;

	enter_namespace();
	bring_up();
	struct jail *a = start_jail("a");
	int host = udp_bind(0, 9998);

	flood(a, GATEWAY, 9998);
	for (int i = 0; i < 20; i++)
		EQ(bridge_up(&br, &e), 0);			/* atomic replacement by the owner */
	bridge_close(&br);					/* the table is an orphan now */
	for (int i = 0; i < 40; i++)
		live_and_die();
	EQ(bridge_lockdown("outcall0", &e), 0);
	EQ(received(host), 0);
	/* The twin: without the table the very same packets arrive. */
	struct bridge_conf c = conf();
	struct pollfd p = { .fd = host, .events = POLLIN };
	EQ(bridge_open(&br, &c, &e), 0);
	nft_begin(&batch, &br.nft, NULL);
	nft_table_del(&batch, "outcall");
	EQ(nft_commit(&batch, &e), 0);
	EQ(poll(&p, 1, 2000), 1);
	OK(received(host) > 0);
	finish();
}

T(answers_are_limited)					// D28: at most 1000/s
{
	enter_namespace();
	bring_up();
	struct jail *a = start_jail("a");
	uint64_t start = clock_mono_ms();

	flood(a, WORLD, 9);
	while (blocked(BLOCKED_DROPPED) < 5000)			/* over the rate: silent */
		OK(clock_mono_ms() - start < 10000);
	uint64_t took = clock_mono_ms() - start, refused = blocked(BLOCKED_REFUSED);
	OK(refused > 0 && refused <= 100 + 900 * (took + 50) / 1000);
	finish();
}

/* Another network of the host, behind a bridge that is not ours: the world, with a listener. */
static struct jail *make_world(void)
{
	struct jail_net net = { .name = "foreign",
				.bridge = "br-foreign",
				.gateway = ip_v4(0x0a090001),
				.subnet = { ip_v4(0x0a090000), 24 } };
	struct jail_request rq = { .net = &net };
	struct rtnl_link l;
	struct jail *w;

	EQ(rtnl_bridge_add(&br.rt, "br-foreign", &e), 0);
	EQ(rtnl_link_by_name(&br.rt, "br-foreign", &l, &e), 0);
	EQ(rtnl_set_up(&br.rt, l.index, true, &e), 0);
	EQ(rtnl_addr_add(&br.rt, l.index, net.gateway, 24, &e), 0);
	rq.conn_fd = jail_process(true);
	EQ(jail_reserve(&jails, &rq, &w, &e), 0);
	EQ(jail_plug(w, &br.rt, &e), 0);
	EQ(in_jail(w, configure, w), 0);
	jail_listen(w, 7777);
	return w;
}

static void grant(const struct jail *from, const struct jail *to, const struct jail *last,
		  bool wide, bool add)
{
	uint32_t key[4] = { htonl(ip_to_v4(from->addr)), htonl(ip_to_v4(to->addr)) };
	uint32_t end[4];
	struct nft_elem el = { .key = key, .len = sizeof(key), .timeout_ms = add ? 300000 : 0 };
	struct nft_batch batch;
	uint16_t port = htons(7777);

	((uint8_t *)&key[2])[0] = IPPROTO_TCP;
	memcpy(&key[3], &port, sizeof(port));
	memcpy(end, key, sizeof(end));
	end[1] = htonl(ip_to_v4(last->addr));
	el.key_end = wide ? end : NULL;
	nft_begin(&batch, &br.nft, NULL);
	if (add)
		nft_elem_add(&batch, "outcall", basetable_grants(wide), &el);
	else
		nft_elem_del(&batch, "outcall", basetable_grants(wide), &el);
	if (nft_commit(&batch, &e) < 0)
		FAIL("%s", e.msg);
}

T(grants_open_exactly_one_flow) // S001-SC-003, SC-004: the twin of "blocked"
{
	enter_namespace();
	bring_up();
	struct jail *world = make_world(), *a = start_jail("a"), *b = start_jail("b");
	uint32_t target = ip_to_v4(world->addr);

	(void)!run("echo 1 > /proc/sys/net/ipv4/ip_forward;"
		   "echo 1 > /proc/sys/net/ipv4/conf/outcall0/forwarding");
	for (int wide = 0; wide < 2; wide++) {
		EQ(tcp(a, target, 7777), REFUSED);
		grant(a, world, world, wide, true);
		EQ(tcp(a, target, 7777), REACHED);
		EQ(tcp(b, target, 7777), REFUSED);		/* the grant names its source */
		EQ(tcp(a, target, 7778), REFUSED);		/* and its port */
		grant(a, world, world, wide, false);
		EQ(tcp(a, target, 7777), REFUSED);
	}
	grant(a, world, world, false, true);
	EQ(bridge_up(&br, &e), 0);				/* S001-X-004: a new table has no grants */
	EQ(tcp(a, target, 7777), REFUSED);
	finish();
}

T(family_names_outside_the_set_are_closed)		// S001-X-001: rows F1, I7, O2
{
	enter_namespace();
	bring_up();
	struct jail *world = make_world();
	struct jail_net net = { .name = "outcall-staging", .bridge = "outcall0-352337",
				.gateway = ip_v4(0x0ac80501), .subnet = { ip_v4(0x0ac80500), 24 } };
	struct jail_request rq = { .net = &net };
	struct rtnl_link l;
	struct jail *s;

	(void)!run("echo 1 > /proc/sys/net/ipv4/ip_forward");
	OK(tcp_listen(0, 8080) >= 0);
	/* Made behind our back, its event not yet seen. */
	EQ(rtnl_bridge_add(&br.rt, net.bridge, &e), 0);
	EQ(rtnl_link_by_name(&br.rt, net.bridge, &l, &e), 0);
	EQ(rtnl_set_up(&br.rt, l.index, true, &e), 0);
	EQ(rtnl_addr_add(&br.rt, l.index, net.gateway, 24, &e), 0);
	rq.conn_fd = jail_process(true);
	EQ(jail_reserve(&jails, &rq, &s, &e), 0);
	EQ(jail_plug(s, &br.rt, &e), 0);
	EQ(in_jail(s, configure, s), 0);
	struct target t = { .ip = GATEWAY, .port = 8080, .wait_ms = 300 };
	EQ(in_jail(s, tcp_probe, &t), SILENT);
	t.ip = ip_to_v4(world->addr);
	t.port = 7777;
	EQ(in_jail(s, tcp_probe, &t), SILENT);
	unsigned changed;
	EQ(bridge_on_link_event(&br, &changed, &e), 0);		/* now it is a member */
	EQ(tcp(s, GATEWAY, 8080), REACHED);
	EQ(tcp(s, t.ip, 7777), REFUSED);
	finish();
}

T(operators_without_root_and_a_daemon_with_two_capabilities) // operations sections 13 and 16, D14
{
	enter_namespace();
	bring_up();
	struct jail_net net = default_net();
	struct jail_request rq = { .name = STR("op"),
				   .net = &net,
				   .conn_fd = peer_process(PEER_OPERATOR) };
	int st;
	pid_t pid = fork();

	if (pid == 0) {						/* the daemon after its start */
		struct jail *j;
		struct rtnl rt;

		if (sandbox_keep_caps(SANDBOX_CAP(CAP_NET_ADMIN) |
					      SANDBOX_CAP(CAP_NET_BIND_SERVICE),
				      &e) < 0)
			_exit(1);
		if (rtnl_open(&rt, &e) < 0 || jail_reserve(&jails, &rq, &j, &e) < 0)
			_exit(2);
		if (j->uid != 65534 || jail_by_process(&jails, j->pid) != j)
			_exit(3);
		if (jail_plug(j, &rt, &e) < 0)
			_exit(4);
		if (in_jail(j, configure, j) != 255)		/* it cannot enter, and need not */
			_exit(5);
		jail_unplug(j, &rt);
		_exit(0);
	}
	OK(waitpid(pid, &st, 0) == pid);
	EQ(st, 0);
	EQ(rtnl_links(&br.rt, count_link, NULL, &e), 0);
	EQ(link_cnt, 1);
	finish();
}
