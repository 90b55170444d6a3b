/* sock.c - sockets: listeners, connect, accept, addresses, who is at the other end
 *
 * Layer: sys.  Input: trusted (the operator's addresses and paths; what the kernel says of peers).
 * Memory: none.  Threads: any, see sock.h.
 * Spec: S000-X-004, S000-X-006, S000-EC-X04, S000-EC-X05, S000 section 10, D20, D30.
 */
#include "sys/sock.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/time.h>
#include <unistd.h>

#define LISTEN_BACKLOG 1024	/* the kernel caps it at net.core.somaxconn */
#define PEER_GROUPS_MAX 1024	/* a peer with more groups is judged by its first group only */
#define ACCEPT_RETRIES 16	/* dead connections skipped in a row */

#ifndef SO_PEERPIDFD
#define SO_PEERPIDFD 77
#endif
/* SO_ORIGINAL_DST and IP6T_SO_ORIGINAL_DST; their headers clash with libc's. */
#define NF_ORIGINAL_DST 80

/* Keeps errno of the failure that is being reported. */
static int fail_close(int fd, int rc)
{
	close(fd);
	return rc;
}

/* ---- addresses ---- */

socklen_t sock_sockaddr(struct endpoint ep, struct sockaddr_storage *sa)
{
	memset(sa, 0, sizeof(*sa));
	size_t len;
	const uint8_t *bytes = ip_bytes(&ep.ip, &len);
	if (ep.ip.v4) {
		struct sockaddr_in in = { .sin_family = AF_INET, .sin_port = htons(ep.port) };
		memcpy(&in.sin_addr, bytes, len);
		memcpy(sa, &in, sizeof(in));
		return sizeof(in);
	}
	struct sockaddr_in6 in6 = { .sin6_family = AF_INET6, .sin6_port = htons(ep.port) };
	memcpy(&in6.sin6_addr, bytes, len);
	memcpy(sa, &in6, sizeof(in6));
	return sizeof(in6);
}

bool sock_endpoint(const struct sockaddr_storage *sa, struct endpoint *out)
{
	static const uint8_t mapped[12] = { [10] = 0xff, [11] = 0xff };
	if (sa->ss_family == AF_INET) {
		struct sockaddr_in in;
		memcpy(&in, sa, sizeof(in));
		uint8_t b[4];
		memcpy(b, &in.sin_addr, sizeof(b));
		*out = (struct endpoint){ .ip = ip_from_bytes4(b), .port = ntohs(in.sin_port) };
		return true;
	}
	if (sa->ss_family == AF_INET6) {
		struct sockaddr_in6 in6;
		memcpy(&in6, sa, sizeof(in6));
		uint8_t b[16];
		memcpy(b, &in6.sin6_addr, sizeof(b));
		out->ip = memcmp(b, mapped, sizeof(mapped)) == 0 ? ip_from_bytes4(b + 12)
								 : ip_from_bytes16(b);
		out->port = ntohs(in6.sin6_port);
		return true;
	}
	return false;
}

int sock_local(int fd, struct endpoint *out, struct err *e)
{
	struct sockaddr_storage sa;
	socklen_t len = sizeof(sa);
	if (getsockname(fd, (struct sockaddr *)&sa, &len) < 0)
		return err_sys(e, "getsockname");
	if (!sock_endpoint(&sa, out))
		return err_set(e, ERR_INTERNAL, "socket of unexpected family %d", sa.ss_family);
	return 0;
}

int sock_remote(int fd, struct endpoint *out, struct err *e)
{
	struct sockaddr_storage sa;
	socklen_t len = sizeof(sa);
	if (getpeername(fd, (struct sockaddr *)&sa, &len) < 0)
		return err_sys(e, "getpeername");
	if (!sock_endpoint(&sa, out))
		return err_set(e, ERR_INTERNAL, "peer of unexpected family %d", sa.ss_family);
	return 0;
}

int sock_original_dst(int fd, struct endpoint *out, struct err *e)
{
	struct endpoint local, dst;
	if (sock_local(fd, &local, e) < 0)
		return -1;
	struct sockaddr_storage sa;
	memset(&sa, 0, sizeof(sa));
	socklen_t len = sizeof(sa);
	int level = local.ip.v4 ? IPPROTO_IP : IPPROTO_IPV6;
	if (getsockopt(fd, level, NF_ORIGINAL_DST, &sa, &len) < 0) {
		if (errno == ENOENT || errno == ENOPROTOOPT)
			return err_set(e, ERR_NOT_FOUND, "the connection was not redirected");
		return err_sys(e, "original destination of a connection");
	}
	if (!sock_endpoint(&sa, &dst))
		return err_set(e, ERR_INTERNAL, "original destination of unexpected family");
	/* Connection tracking knows plain connections as well: their destination is ourselves. */
	if (dst.port == local.port && ip_eq(dst.ip, local.ip))
		return err_set(e, ERR_NOT_FOUND, "the connection was not redirected");
	*out = dst;
	return 0;
}

/* ---- TCP and UDP ---- */

static int set_int(int fd, int level, int option, int value)
{
	return setsockopt(fd, level, option, &value, sizeof(value));
}

static int bind_to(struct endpoint ep, int type, unsigned flags, int *out, struct err *e)
{
	char text[ENDPOINT_TEXT_LEN];
	const char *proto = type == SOCK_STREAM ? "TCP" : "UDP";
	int fd = socket(ep.ip.v4 ? AF_INET : AF_INET6, type | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
	if (fd < 0)
		return err_sys(e, "socket for %s %s", proto, endpoint_text(ep, text));
	int bad = 0;
	if (type == SOCK_STREAM)
		bad |= set_int(fd, SOL_SOCKET, SO_REUSEADDR, 1);
	if (flags & SOCK_SHARED)
		bad |= set_int(fd, SOL_SOCKET, SO_REUSEPORT, 1);
	if (flags & SOCK_FREEBIND)
		bad |= set_int(fd, IPPROTO_IP, IP_FREEBIND, 1);
	if (!ep.ip.v4)
		bad |= set_int(fd, IPPROTO_IPV6, IPV6_V6ONLY, 1);
	if (bad)
		return fail_close(fd,
				  err_sys(e, "options of %s %s", proto, endpoint_text(ep, text)));
	struct sockaddr_storage sa;
	socklen_t len = sock_sockaddr(ep, &sa);
	if (bind(fd, (struct sockaddr *)&sa, len) < 0)
		return fail_close(fd, err_sys(e, "bind %s %s", proto, endpoint_text(ep, text)));
	*out = fd;
	return 0;
}

int sock_tcp_listen(struct endpoint ep, unsigned flags, int *out, struct err *e)
{
	char text[ENDPOINT_TEXT_LEN];
	int fd;
	if (bind_to(ep, SOCK_STREAM, flags, &fd, e) < 0)
		return -1;
	if (listen(fd, LISTEN_BACKLOG) < 0)
		return fail_close(fd, err_sys(e, "listen on TCP %s", endpoint_text(ep, text)));
	*out = fd;
	return 0;
}

int sock_udp_bind(struct endpoint ep, unsigned flags, int *fd, struct err *e)
{
	return bind_to(ep, SOCK_DGRAM, flags, fd, e);
}

static int probe_result(int rc, struct endpoint ep, const char *proto, struct err *e)
{
	char text[ENDPOINT_TEXT_LEN];
	if (rc < 0 && e->sys == EADDRINUSE) {
		(void)err_set(e, ERR_EXISTS, "%s %s is in use by another process", proto,
			      endpoint_text(ep, text));
		e->sys = EADDRINUSE;
	}
	return rc;
}

int sock_tcp_probe(struct endpoint ep, struct err *e)
{
	int fd;
	int rc = sock_tcp_listen(ep, SOCK_FREEBIND, &fd, e);
	if (rc == 0)
		close(fd);
	return probe_result(rc, ep, "TCP", e);
}

int sock_udp_probe(struct endpoint ep, struct err *e)
{
	int fd;
	int rc = sock_udp_bind(ep, SOCK_FREEBIND, &fd, e);
	if (rc == 0)
		close(fd);
	return probe_result(rc, ep, "UDP", e);
}

static int connect_to(struct endpoint to, int type, int *out, struct err *e)
{
	char text[ENDPOINT_TEXT_LEN];
	int fd = socket(to.ip.v4 ? AF_INET : AF_INET6, type | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
	if (fd < 0)
		return err_sys(e, "socket for %s", endpoint_text(to, text));
	if (type == SOCK_STREAM)
		sock_nodelay(fd);
	struct sockaddr_storage sa;
	socklen_t len = sock_sockaddr(to, &sa);
	if (connect(fd, (struct sockaddr *)&sa, len) < 0 && errno != EINPROGRESS && errno != EINTR)
		return fail_close(fd, err_sys(e, "connect to %s", endpoint_text(to, text)));
	*out = fd;
	return 0;
}

int sock_tcp_connect(struct endpoint to, int *fd, struct err *e)
{
	return connect_to(to, SOCK_STREAM, fd, e);
}

int sock_udp_connect(struct endpoint to, int *fd, struct err *e)
{
	return connect_to(to, SOCK_DGRAM, fd, e);
}

int sock_connect_result(int fd, struct err *e)
{
	int cause = 0;
	socklen_t len = sizeof(cause);
	if (getsockopt(fd, SOL_SOCKET, SO_ERROR, &cause, &len) < 0)
		return err_sys(e, "connect");
	if (cause) {
		errno = cause;
		return err_sys(e, "connect");
	}
	return 0;
}

void sock_nodelay(int fd)
{
	(void)set_int(fd, IPPROTO_TCP, TCP_NODELAY, 1);
}

/* Errors of accept() that belong to one dead connection, not to the listener (accept(2)). */
static bool is_connection_error(int sys)
{
	switch (sys) {
	case EINTR: case ECONNABORTED: case EPERM: case EPROTO: case ENETDOWN: case ENETUNREACH:
	case EHOSTDOWN: case EHOSTUNREACH: case ENOPROTOOPT: case ENONET: case EOPNOTSUPP:
		return true;
	default:
		return false;
	}
}

enum sock_accepted sock_accept(int listen_fd, int *fd, struct endpoint *peer)
{
	for (int i = 0; i < ACCEPT_RETRIES; i++) {
		struct sockaddr_storage sa;
		memset(&sa, 0, sizeof(sa));
		socklen_t len = sizeof(sa);
		int got = accept4(listen_fd, (struct sockaddr *)&sa, &len,
				  SOCK_NONBLOCK | SOCK_CLOEXEC);
		if (got >= 0) {
			struct endpoint ignored;
			if (sock_endpoint(&sa, peer ? peer : &ignored))
				sock_nodelay(got);
			*fd = got;
			return SOCK_ACCEPT_ONE;
		}
		if (errno == EMFILE || errno == ENFILE || errno == ENOBUFS || errno == ENOMEM)
			return SOCK_ACCEPT_FULL;
		if (!is_connection_error(errno))
			return SOCK_ACCEPT_NONE;
	}
	return SOCK_ACCEPT_NONE;
}

/* ---- Unix sockets ---- */

/* A path split at its last slash, with the directory held open, so that later steps cannot be led
 * astray by a rename of it. */
struct entry {
	int dir_fd;
	const char *name;
	struct sockaddr_un sa;	/* reaches the name through the held directory */
};

static int entry_open(struct entry *n, const char *path, struct err *e)
{
	char dir[PATH_MAX];
	struct str p = str_of(path);
	size_t slash = str_rfind_byte(p, '/');
	if (slash == SIZE_MAX || path[0] != '/' || slash + 1 == p.len)
		return err_set(e, ERR_INVALID, "socket path %s must be absolute", path);
	if (!str_to_c(dir, sizeof(dir), str_first(p, slash ? slash : 1)))
		return err_set(e, ERR_INVALID, "socket path %s is too long", path);
	/* S000-EC-X04: a symlink as parent is refused. */
	n->dir_fd = open(dir, O_PATH | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
	if (n->dir_fd < 0 && (errno == ENOTDIR || errno == ELOOP))
		return err_set(e, ERR_INVALID, "socket parent %s must be a real directory", dir);
	if (n->dir_fd < 0)
		return err_sys(e, "socket parent %s", dir);
	n->name = path + slash + 1;
	n->sa = (struct sockaddr_un){ .sun_family = AF_UNIX };
	struct buf b = buf_on(n->sa.sun_path, sizeof(n->sa.sun_path));
	buf_printf(&b, "/proc/self/fd/%d/%s", n->dir_fd, n->name);
	if (b.len >= sizeof(n->sa.sun_path) || !buf_ok(&b))
		return fail_close(n->dir_fd, err_set(e, ERR_INVALID, "socket name %s is too long",
						     n->name));
	buf_c(&b);
	return 0;
}

static int answers(const struct entry *n, const char *path, struct err *e)
{
	int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
	if (fd < 0)
		return err_sys(e, "socket");
	int rc = connect(fd, (const struct sockaddr *)&n->sa, sizeof(n->sa));
	int cause = errno;
	close(fd);
	/* S000-X-004. EAGAIN: a listener whose queue is full. Whatever we cannot tell counts as
	 * alive. */
	if (rc < 0 && (cause == ECONNREFUSED || cause == ENOENT))
		return 0;
	return err_set(e, ERR_EXISTS, "another process is listening at %s", path);
}

/* Makes room for name: a socket that nobody listens on goes, likewise a symlink to link_target. */
static int entry_check(const struct entry *n, const char *path, const char *link_target,
		       struct err *e)
{
	struct stat st;
	if (fstatat(n->dir_fd, n->name, &st, AT_SYMLINK_NOFOLLOW) < 0)
		return errno == ENOENT ? 0 : err_sys(e, "%s", path);
	bool ours = S_ISSOCK(st.st_mode);
	if (link_target && S_ISLNK(st.st_mode)) {
		char target[PATH_MAX];
		ssize_t len = readlinkat(n->dir_fd, n->name, target, sizeof(target));
		ours = len > 0 && str_eq_c(str_n(target, (size_t)len), link_target);
	}
	if (!ours)	/* S000-EC-X05 */
		return err_set(e, ERR_CONFLICT, "refusing to replace non-socket entry at %s", path);
	return S_ISSOCK(st.st_mode) ? answers(n, path, e) : 0;
}

static int entry_clear(const struct entry *n, const char *path, const char *link_target,
		       struct err *e)
{
	if (entry_check(n, path, link_target, e) < 0)
		return -1;
	if (unlinkat(n->dir_fd, n->name, 0) < 0 && errno != ENOENT)
		return err_sys(e, "removing the old socket %s", path);
	return 0;
}

static int give_owner_and_mode(const struct entry *n, const struct sock_unix *u, struct err *e)
{
	struct stat st;
	if (fstatat(n->dir_fd, n->name, &st, AT_SYMLINK_NOFOLLOW) < 0 || !S_ISSOCK(st.st_mode))
		return err_sys(e, "%s", u->path);
	/* S000-X-006: owner first, then mode; no chown when nothing is to change. */
	if ((st.st_uid != u->uid || st.st_gid != u->gid) &&
	    fchownat(n->dir_fd, n->name, u->uid, u->gid, AT_SYMLINK_NOFOLLOW) < 0)
		return err_sys(e, "owner of %s", u->path);
	if ((st.st_mode & 07777) != u->mode && fchmodat(n->dir_fd, n->name, u->mode, 0) < 0)
		return err_sys(e, "mode of %s", u->path);
	return 0;
}

static int entry_listen(const struct entry *n, const struct sock_unix *u, int *out, struct err *e)
{
	int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
	if (fd < 0)
		return err_sys(e, "socket");
	mode_t before = umask(0177);
	int rc = bind(fd, (const struct sockaddr *)&n->sa, sizeof(n->sa));
	int cause = errno;
	umask(before);
	errno = cause;
	if (rc < 0)
		return fail_close(fd, err_sys(e, "bind %s", u->path));
	/* Until listen() every connect is refused: the final mode is in place before anybody gets
	 * in. */
	if (give_owner_and_mode(n, u, e) < 0 ||
	    (listen(fd, LISTEN_BACKLOG) < 0 && err_sys(e, "listen on %s", u->path) < 0)) {
		(void)unlinkat(n->dir_fd, n->name, 0);
		return fail_close(fd, -1);
	}
	*out = fd;
	return 0;
}

int sock_unix_check(const char *path, struct err *e)
{
	struct entry n;
	if (entry_open(&n, path, e) < 0)
		return -1;
	return fail_close(n.dir_fd, entry_check(&n, path, NULL, e));
}

int sock_unix_listen(const struct sock_unix *u, int *fd, struct err *e)
{
	struct entry n;
	if (entry_open(&n, u->path, e) < 0)
		return -1;
	int rc = entry_clear(&n, u->path, NULL, e);
	if (rc == 0)
		rc = entry_listen(&n, u, fd, e);
	return fail_close(n.dir_fd, rc);
}

int sock_unix_alias(const char *path, const char *target, struct err *e)
{
	struct entry n;
	if (entry_open(&n, path, e) < 0)
		return -1;
	int rc = entry_clear(&n, path, target, e);
	if (rc == 0 && symlinkat(target, n.dir_fd, n.name) < 0)
		rc = err_sys(e, "symlink %s", path);
	return fail_close(n.dir_fd, rc);
}

void sock_unix_remove(const char *path)
{
	struct entry n;
	struct err ignored;
	struct stat st;
	if (entry_open(&n, path, &ignored) < 0)
		return;
	if (fstatat(n.dir_fd, n.name, &st, AT_SYMLINK_NOFOLLOW) == 0 &&
	    (S_ISSOCK(st.st_mode) || S_ISLNK(st.st_mode)))
		(void)unlinkat(n.dir_fd, n.name, 0);
	close(n.dir_fd);
}

int sock_unix_connect(const char *path, int wait_ms, int *out, struct err *e)
{
	struct sockaddr_un sa = { .sun_family = AF_UNIX };
	if (!str_to_c(sa.sun_path, sizeof(sa.sun_path), str_of(path)))
		return err_set(e, ERR_INVALID, "socket path %s is too long", path);
	int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
	if (fd < 0)
		return err_sys(e, "socket");
	struct timeval limit = { .tv_sec = wait_ms / 1000, .tv_usec = wait_ms % 1000 * 1000L };
	if (setsockopt(fd, SOL_SOCKET, SO_SNDTIMEO, &limit, sizeof(limit)) < 0 ||
	    setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &limit, sizeof(limit)) < 0)
		return fail_close(fd, err_sys(e, "timeouts of %s", path));
	if (connect(fd, (struct sockaddr *)&sa, sizeof(sa)) < 0)
		return fail_close(fd, err_sys(e, "connect to %s", path));
	*out = fd;
	return 0;
}

/* ---- who is there ---- */

int sock_peer(int fd, struct sock_peer *out, struct err *e)
{
	struct ucred cred;
	socklen_t len = sizeof(cred);
	if (getsockopt(fd, SOL_SOCKET, SO_PEERCRED, &cred, &len) < 0)
		return err_sys(e, "peer credentials");
	/* A process of another pid namespace tree has pid 0, a vanished one may have -1 as ids. */
	if (len != sizeof(cred) || cred.uid == (uid_t)-1)
		return err_set(e, ERR_DENIED, "peer without credentials");
	*out = (struct sock_peer){ .pid = cred.pid, .uid = cred.uid, .gid = cred.gid };
	return 0;
}

bool sock_peer_in_group(int fd, gid_t gid)
{
	struct err ignored;
	struct sock_peer peer;
	if (sock_peer(fd, &peer, &ignored) < 0)
		return false;
	if (peer.gid == gid)
		return true;
	gid_t groups[PEER_GROUPS_MAX];
	socklen_t len = sizeof(groups);
	if (getsockopt(fd, SOL_SOCKET, SO_PEERGROUPS, groups, &len) < 0)
		return false;
	for (size_t i = 0; i < len / sizeof(groups[0]); i++)
		if (groups[i] == gid)
			return true;
	return false;
}

int sock_peer_pidfd(int fd, int *pidfd, struct err *e)
{
	int got = -1;
	socklen_t len = sizeof(got);
	if (getsockopt(fd, SOL_SOCKET, SO_PEERPIDFD, &got, &len) == 0 && got >= 0) {
		*pidfd = got;
		return 0;
	}
	if (errno != ENOPROTOOPT)
		return err_sys(e, "process of the peer");
	struct sock_peer peer;
	if (sock_peer(fd, &peer, e) < 0)
		return -1;
	long rc = syscall(SYS_pidfd_open, peer.pid, 0);
	if (rc < 0)
		return err_sys(e, "process %d of the peer", (int)peer.pid);
	*pidfd = (int)rc;
	return 0;
}
