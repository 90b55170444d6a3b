/* procid.h - who a process is: held against reuse of its PID, and the container of its cgroup
 *
 * Layer: sys.  Memory: the caller's.  Threads: any; reads /proc, so never a worker.
 * Spec: S013 (PID -> container id), S004-X-001, S004-X-002, OPS-FR-030, D14.
 *
 * No namespace link is read and no CAP_SYS_PTRACE is needed: what is read is world-readable.
 */
#ifndef OC_SYS_PROCID_H
#define OC_SYS_PROCID_H

#include <sys/types.h>

#include "base/arena.h"
#include "base/err.h"

#define PROCID_LEN 64		/* hex digits of a container's id */

/* A process that is not mistaken for a later one of the same PID. */
struct procid {
	pid_t pid;
	uid_t uid;
	int pidfd;		/* -1: the kernel has none; the start time decides alone */
	uint64_t start_ticks;
};

/* The peer of a Unix connection, alive now. ERR_DENIED "peer identity could not be verified" else.
 * Ends with procid_drop. */
int procid_hold(int conn_fd, struct procid *p, struct err *e) NODISCARD;
void procid_drop(struct procid *p);
/* Still the process that was held. */
bool procid_is_alive(const struct procid *p);

struct procid_stat {
	pid_t parent;
	uint64_t start_ticks;
};

/* Of /proc/<pid>/stat; false when it cannot be read. */
bool procid_stat(pid_t pid, struct procid_stat *out) NODISCARD;

enum procid_kind {
	PROCID_ERROR = 0,	/* not readable, malformed, or two ids in it */
	PROCID_NONE,		/* no container's */
	PROCID_CONTAINER,
};

/* Text of /proc/<pid>/cgroup, at most 64 KiB, in a. */
int procid_cgroup(pid_t pid, struct arena *a, struct str *out, struct err *e) NODISCARD;
/* The outermost component of each path that is 64 hex digits, or docker-<64 hex digits>.scope; all
 * paths that name one must name the same. Lower case. */
enum procid_kind procid_container(struct str cgroup, char id[PROCID_LEN + 1]);
/* D14: peer's path equals init's, or lies below it, in every hierarchy where init's is not "/", and
 * there is at least one such. Both are texts of /proc/<pid>/cgroup. */
bool procid_is_below(struct str peer, struct str init);

#endif
