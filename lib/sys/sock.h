/* sock.h - sockets: listeners, connect, accept, addresses, who is at the other end
 *
 * Layer: sys.  Memory: none.  Threads: any; sock_unix_listen sets the umask of the process for an
 * instant and belongs to the start, before other threads.
 *
 * Every descriptor is non-blocking and close-on-exec.  Descriptors come out through *fd, which is
 * untouched on failure.
 */
#ifndef OC_SYS_SOCK_H
#define OC_SYS_SOCK_H

#include <sys/socket.h>
#include <sys/types.h>
#include <sys/un.h>

#include "base/err.h"
#include "base/ip.h"

enum sock_flag {
	SOCK_SHARED = 1 << 0,	/* SO_REUSEPORT: one listener per worker on one port */
	SOCK_FREEBIND = 1 << 1,	/* IP_FREEBIND: the address may appear later */
};

/* ---- addresses ---- */

/* Fills *sa and returns its length. */
socklen_t sock_sockaddr(struct endpoint ep, struct sockaddr_storage *sa);
/* False for families other than IPv4 and IPv6. A mapped address of an IPv6 socket becomes plain
 * IPv4. */
bool sock_endpoint(const struct sockaddr_storage *sa, struct endpoint *out) NODISCARD;
int sock_local(int fd, struct endpoint *out, struct err *e) NODISCARD;
int sock_remote(int fd, struct endpoint *out, struct err *e) NODISCARD;
/* Where a redirected TCP connection wanted to go (SO_ORIGINAL_DST, D20). ERR_NOT_FOUND when the
 * connection was not redirected. */
int sock_original_dst(int fd, struct endpoint *out, struct err *e) NODISCARD;

/* ---- TCP and UDP ---- */

/* A listening socket; flags of enum sock_flag. Port 0 draws one: see sock_local(). */
int sock_tcp_listen(struct endpoint ep, unsigned flags, int *fd, struct err *e) NODISCARD;
int sock_udp_bind(struct endpoint ep, unsigned flags, int *fd, struct err *e) NODISCARD;
/* With SO_REUSEPORT a foreign owner would silently share our traffic. These bind without it, once,
 * and close: ERR_EXISTS when somebody owns the port. */
int sock_tcp_probe(struct endpoint ep, struct err *e) NODISCARD;
int sock_udp_probe(struct endpoint ep, struct err *e) NODISCARD;
/* Starts connecting (TCP_NODELAY is set). Wait for EV_WRITE, then ask sock_connect_result(). */
int sock_tcp_connect(struct endpoint to, int *fd, struct err *e) NODISCARD;
/* 0 when connected; else what SO_ERROR says. */
int sock_connect_result(int fd, struct err *e) NODISCARD;
/* A UDP socket that talks to one peer from a random port. */
int sock_udp_connect(struct endpoint to, int *fd, struct err *e) NODISCARD;
/* A peer stalls 44 ms per request without it (D30). Failure is of no consequence. */
void sock_nodelay(int fd);

enum sock_accepted {
	SOCK_ACCEPT_NONE = 0,	/* nobody waits */
	SOCK_ACCEPT_ONE,
	SOCK_ACCEPT_FULL,	/* no descriptor or memory left: pause this listener */
};

/* Takes one waiting connection. Connections that died in the queue are skipped. peer may be NULL.
 * TCP_NODELAY is set on TCP. */
enum sock_accepted sock_accept(int listen_fd, int *fd, struct endpoint *peer) NODISCARD;

/* ---- Unix sockets ---- */

struct sock_unix {
	const char *path;	/* absolute */
	uid_t uid;		/* wanted owner */
	gid_t gid;
	mode_t mode;		/* wanted mode: 0600, 0660, 0666 */
};

/* A listening stream socket by the rules of S000 section 10: the parent is a real directory, an old
 * socket without a listener is replaced, anything else refused. The socket has mode 0600 until
 * owner and mode are set, and nobody can connect before that. ERR_EXISTS: somebody listens. */
int sock_unix_listen(const struct sock_unix *u, int *fd, struct err *e) NODISCARD;
/* Would sock_unix_listen() refuse what stands at path? Changes nothing. */
int sock_unix_check(const char *path, struct err *e) NODISCARD;
/* Makes the symlink path -> target; replaces a symlink with the same target and a socket without a
 * listener, refuses anything else (S000 section 10). */
int sock_unix_alias(const char *path, const char *target, struct err *e) NODISCARD;
/* Removes a socket, or a symlink, at path; other entries stay. */
void sock_unix_remove(const char *path);
/* Connects; wait_ms bounds the wait for a place in the listener's queue. The descriptor is blocking
 * and has wait_ms as send and receive timeout: for command-line programs. */
int sock_unix_connect(const char *path, int wait_ms, int *fd, struct err *e) NODISCARD;

/* ---- who is there ---- */

struct sock_peer {
	pid_t pid;
	uid_t uid;
	gid_t gid;
};

int sock_peer(int fd, struct sock_peer *out, struct err *e) NODISCARD;
/* True when gid is the peer's group or one of its supplementary groups (SO_PEERGROUPS). */
bool sock_peer_in_group(int fd, gid_t gid);
/* A descriptor of the peer process: SO_PEERPIDFD, or pidfd_open of its pid on older kernels. */
int sock_peer_pidfd(int fd, int *pidfd, struct err *e) NODISCARD;

#endif
