/* sock_test.c - listeners, probes, Unix sockets and their safety rules, peers
 *
 * Spec: S000-X-004, S000-X-006, S000-EC-X04, S000-EC-X05, S000 section 10.
 */
#include "t.h"

#include <errno.h>
#include <fcntl.h>
#include <net/if.h>
#include <poll.h>
#include <sched.h>
#include <sys/ioctl.h>
#include <sys/stat.h>

#include "sys/sock.h"

static char dir[64], path[96], other[96];
static struct err e;

static void fresh_dir(void)
{
	snprintf(dir, sizeof(dir), "/tmp/sock_test.XXXXXX");
	OK(mkdtemp(dir) != NULL);
	snprintf(path, sizeof(path), "%s/s.sock", dir);
	snprintf(other, sizeof(other), "%s/other", dir);
}

static void drop_dir(void)
{
	unlink(path);
	unlink(other);
	rmdir(dir);
}

/* TCP and UDP only in a network namespace of our own. */
static void own_network(void)
{
	static bool made;
	struct ifreq lo = { .ifr_name = "lo", .ifr_flags = IFF_UP };
	if (made)
		return;
	if (unshare(CLONE_NEWNET) < 0)
		SKIP("needs a network namespace of its own");
	int fd = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
	OK(fd >= 0 && ioctl(fd, SIOCSIFFLAGS, &lo) == 0);
	close(fd);
	made = true;
}

static struct sock_unix plain(void)
{
	return (struct sock_unix){ .path = path, .uid = geteuid(), .gid = getegid(), .mode = 0600 };
}

static bool is_cloexec(int fd)
{
	return fcntl(fd, F_GETFD) & FD_CLOEXEC;
}

static struct endpoint local(uint16_t port)
{
	return (struct endpoint){ ip_v4(0x7f000001), port };
}

T(addresses_round_trip)
{
	static const char *const texts[] = { "192.0.2.1:80", "[2001:db8::1]:443", "0.0.0.0:1" };
	for (size_t i = 0; i < ARRAY_LEN(texts); i++) {
		struct endpoint a, b;
		struct sockaddr_storage sa;
		char out[ENDPOINT_TEXT_LEN];
		OK(endpoint_parse(str_of(texts[i]), 0, &a));
		OK(sock_sockaddr(a, &sa) >= sizeof(struct sockaddr));
		OK(sock_endpoint(&sa, &b));
		STR_EQ(endpoint_text(b, out), texts[i]);
	}
	struct sockaddr_storage un = { .ss_family = AF_UNIX };
	struct endpoint unused;
	OK(!sock_endpoint(&un, &unused));
}

T(tcp_listen_connect_accept)
{
	struct endpoint at, peer, me;
	int l, c, a = -1;
	own_network();
	EQ(sock_tcp_listen(local(0), SOCK_SHARED | SOCK_FREEBIND, &l, &e), 0);
	EQ(sock_local(l, &at, &e), 0);
	OK(at.port != 0 && is_cloexec(l));
	EQ(sock_accept(l, &a, NULL), SOCK_ACCEPT_NONE);
	EQ(sock_tcp_connect(at, &c, &e), 0);
	struct pollfd p = { .fd = c, .events = POLLOUT };
	EQ(poll(&p, 1, 5000), 1);
	EQ(sock_connect_result(c, &e), 0);
	EQ(sock_accept(l, &a, &peer), SOCK_ACCEPT_ONE);
	EQ(sock_local(c, &me, &e), 0);
	OK(peer.port == me.port && ip_eq(peer.ip, me.ip));
	OK(is_cloexec(a) && is_cloexec(c) && fcntl(a, F_GETFL) & O_NONBLOCK);
	struct endpoint dst;
	EQ(sock_original_dst(a, &dst, &e), -1);
	EQ(e.code, ERR_NOT_FOUND);
	close(a);
	close(c);
	close(l);
}

T(refused_connect_is_an_error_in_the_result)
{
	struct endpoint at;
	int l, c;
	own_network();
	EQ(sock_tcp_listen(local(0), 0, &l, &e), 0);
	EQ(sock_local(l, &at, &e), 0);
	close(l);
	if (sock_tcp_connect(at, &c, &e) == 0) {
		struct pollfd p = { .fd = c, .events = POLLOUT };
		EQ(poll(&p, 1, 5000), 1);
		EQ(sock_connect_result(c, &e), -1);
		close(c);
	}
	EQ(e.sys, ECONNREFUSED);
}

T(probe_finds_a_foreign_owner_that_shares)
{
	struct endpoint at;
	int tcp, udp, second;
	own_network();
	EQ(sock_tcp_listen(local(0), SOCK_SHARED, &tcp, &e), 0);
	EQ(sock_local(tcp, &at, &e), 0);
	EQ(sock_tcp_listen(at, SOCK_SHARED, &second, &e), 0);	/* the danger: this works */
	EQ(sock_tcp_probe(at, &e), -1);
	EQ(e.code, ERR_EXISTS);
	HAS(e.msg, "in use by another process");
	close(second);
	close(tcp);
	EQ(sock_tcp_probe(at, &e), 0);
	EQ(sock_udp_bind(local(0), SOCK_SHARED, &udp, &e), 0);
	EQ(sock_local(udp, &at, &e), 0);
	EQ(sock_udp_probe(at, &e), -1);
	EQ(e.code, ERR_EXISTS);
	close(udp);
	EQ(sock_udp_probe(at, &e), 0);
}

T(freebind_binds_an_address_that_is_not_there)
{
	int fd;
	struct endpoint away = { ip_v4(0xc0000201), 0 };	/* 192.0.2.1 */
	own_network();
	EQ(sock_tcp_listen(away, 0, &fd, &e), -1);
	EQ(sock_tcp_listen(away, SOCK_FREEBIND, &fd, &e), 0);
	close(fd);
	EQ(sock_udp_bind(away, SOCK_FREEBIND, &fd, &e), 0);
	close(fd);
}

T(unix_socket_has_its_mode_and_refuses_a_second_owner)
{
	struct stat st;
	int fd, second, c;
	fresh_dir();
	struct sock_unix u = plain();
	u.mode = 0660;
	mode_t before = umask(022);
	EQ(sock_unix_listen(&u, &fd, &e), 0);
	EQ(umask(before), 022);	/* as it was */
	EQ(stat(path, &st), 0);
	OK(S_ISSOCK(st.st_mode));
	EQ(st.st_mode & 07777, 0660);
	OK(is_cloexec(fd));
	EQ(sock_unix_listen(&u, &second, &e), -1);	/* S000-X-004 */
	EQ(e.code, ERR_EXISTS);
	HAS(e.msg, "another process is listening");
	EQ(sock_unix_connect(path, 1000, &c, &e), 0);
	close(c);
	close(fd);
	EQ(sock_unix_connect(path, 1000, &c, &e), -1);
	EQ(e.sys, ECONNREFUSED);
	EQ(sock_unix_listen(&u, &fd, &e), 0);	/* the old one is stale */
	close(fd);
	sock_unix_remove(path);
	EQ(stat(path, &st), -1);
	drop_dir();
}

T(owner_is_set)
{
	struct stat st;
	int fd;
	if (geteuid() != 0)
		SKIP("needs root");
	fresh_dir();
	struct sock_unix u = { .path = path, .uid = 12, .gid = 34, .mode = 0600 };
	EQ(sock_unix_listen(&u, &fd, &e), 0);
	EQ(stat(path, &st), 0);
	EQ(st.st_uid, 12);
	EQ(st.st_gid, 34);
	close(fd);
	drop_dir();
}

T(entries_that_are_no_socket_stay)	/* S000-EC-X05 */
{
	int fd;
	fresh_dir();
	struct sock_unix u = plain();
	FILE *f = fopen(path, "w");
	OK(f && fputs("keep", f) >= 0 && fclose(f) == 0);
	EQ(sock_unix_listen(&u, &fd, &e), -1);
	HAS(e.msg, "refusing to replace non-socket entry at");
	sock_unix_remove(path);
	struct stat st;
	EQ(stat(path, &st), 0);
	EQ(st.st_size, 4);
	unlink(path);
	OK(symlink("nowhere", path) == 0);
	EQ(sock_unix_listen(&u, &fd, &e), -1);
	EQ(lstat(path, &st), 0);
	OK(S_ISLNK(st.st_mode));
	drop_dir();
}

T(parent_must_be_a_real_directory)	/* S000-EC-X04 */
{
	char linked[96], below[128];
	int fd;
	fresh_dir();
	snprintf(linked, sizeof(linked), "%s.link", dir);
	OK(symlink(dir, linked) == 0);
	snprintf(below, sizeof(below), "%s/s.sock", linked);
	struct sock_unix u = plain();
	u.path = below;
	EQ(sock_unix_listen(&u, &fd, &e), -1);
	HAS(e.msg, "must be a real directory");
	struct stat st;
	EQ(stat(path, &st), -1);
	unlink(linked);
	u.path = "s.sock";
	EQ(sock_unix_listen(&u, &fd, &e), -1);
	u.path = "/nonexistent-directory/s.sock";
	EQ(sock_unix_listen(&u, &fd, &e), -1);
	drop_dir();
}

T(alias_replaces_only_its_own_kind)
{
	struct stat st;
	int fd;
	fresh_dir();
	EQ(sock_unix_alias(path, "agent/agent.sock", &e), 0);
	EQ(sock_unix_alias(path, "agent/agent.sock", &e), 0);
	EQ(sock_unix_alias(path, "elsewhere", &e), -1);
	EQ(lstat(path, &st), 0);
	OK(S_ISLNK(st.st_mode));
	sock_unix_remove(path);
	struct sock_unix u = plain();
	EQ(sock_unix_listen(&u, &fd, &e), 0);
	EQ(sock_unix_alias(path, "agent/agent.sock", &e), -1);	/* somebody listens */
	close(fd);
	EQ(sock_unix_alias(path, "agent/agent.sock", &e), 0);
	drop_dir();
}

T(peer_is_known)
{
	struct sock_peer p;
	int fd, c, a = -1, pidfd;
	fresh_dir();
	struct sock_unix u = plain();
	EQ(sock_unix_listen(&u, &fd, &e), 0);
	EQ(sock_unix_connect(path, 1000, &c, &e), 0);
	EQ(sock_accept(fd, &a, NULL), SOCK_ACCEPT_ONE);
	EQ(sock_peer(a, &p, &e), 0);
	EQ(p.pid, getpid());
	EQ(p.uid, geteuid());
	EQ(p.gid, getegid());
	OK(sock_peer_in_group(a, getegid()));
	OK(!sock_peer_in_group(a, 54321));
	EQ(sock_peer_pidfd(a, &pidfd, &e), 0);
	OK(pidfd >= 0 && is_cloexec(pidfd));
	struct pollfd alive = { .fd = pidfd, .events = POLLIN };
	EQ(poll(&alive, 1, 0), 0);	/* not readable: the process lives */
	close(pidfd);
	close(a);
	close(c);
	close(fd);
	drop_dir();
}
