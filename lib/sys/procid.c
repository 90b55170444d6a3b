/* procid.c - who a process is: held against reuse of its PID, and the container of its cgroup
 *
 * Layer: sys.  Input: /proc (cgroup paths are named by whoever may make cgroups: hostile).
 * Memory: the caller's arena.  Threads: any but workers.
 * Spec: S013 (PID -> container id), S004-X-001, S004-X-002, OPS-FR-030, D14.
 */
#include "sys/procid.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <unistd.h>

#include "base/num.h"
#include "sys/file.h"
#include "sys/sock.h"

#define CGROUP_MAX ((size_t)64 << 10)

/* --- processes --------------------------------------------------------------------------- */

/* Fields 4 and 22 of /proc/<pid>/stat; the name in field 2 may hold anything, so count from the
 * last parenthesis. */
static bool parse_stat(struct str line, struct procid_stat *out)
{
	size_t end = str_rfind_byte(line, ')');
	struct str rest, part;
	uint64_t v = 0;
	unsigned field = 2;

	if (end == SIZE_MAX)
		return false;
	rest = str_from(line, end + 2);
	while (str_split(&rest, ' ', &part)) {
		field++;
		if (field == 4) {
			if (!num_u64(part, INT32_MAX, &v))
				return false;
			out->parent = (pid_t)v;
		} else if (field == 22) {
			return num_u64(part, UINT64_MAX, &out->start_ticks);
		}
	}
	return false;
}

bool procid_stat(pid_t pid, struct procid_stat *out)
{
	char path[32], text[1024];
	struct buf b = BUF_OF(path);
	ssize_t n;
	int fd;

	buf_printf(&b, "/proc/%d/stat", (int)pid);
	fd = open(buf_c(&b), O_RDONLY | O_CLOEXEC);
	if (fd < 0)
		return false;
	n = read(fd, text, sizeof(text));
	(void)close(fd);
	return n > 0 && parse_stat(str_n(text, (size_t)n), out);
}

/* A pidfd becomes readable when its process has ended. */
static bool pidfd_alive(int pidfd)
{
	struct pollfd pfd = { .fd = pidfd, .events = POLLIN };

	return pidfd < 0 || poll(&pfd, 1, 0) == 0;
}

bool procid_is_alive(const struct procid *p)
{
	struct procid_stat s;

	return pidfd_alive(p->pidfd) && procid_stat(p->pid, &s) && s.start_ticks == p->start_ticks;
}

int procid_hold(int conn_fd, struct procid *p, struct err *e)
{
	struct procid fresh = { .pidfd = -1 };
	struct procid_stat s;
	struct sock_peer peer;

	if (sock_peer(conn_fd, &peer, e) < 0 || peer.pid <= 0)
		return err_set(e, ERR_DENIED, "peer identity could not be verified");
	if (sock_peer_pidfd(conn_fd, &fresh.pidfd, e) < 0 && e->sys != ENOSYS)
		return err_set(e, ERR_DENIED, "peer identity could not be verified");
	fresh.pid = peer.pid;
	fresh.uid = peer.uid;
	if (!procid_stat(peer.pid, &s) || !pidfd_alive(fresh.pidfd)) {
		procid_drop(&fresh);
		return err_set(e, ERR_DENIED, "peer identity could not be verified");
	}
	fresh.start_ticks = s.start_ticks;
	*p = fresh;
	return 0;
}

void procid_drop(struct procid *p)
{
	if (p->pidfd >= 0)
		(void)close(p->pidfd);
	p->pidfd = -1;
}

/* #syscalls openat read close fstat getsockopt poll pidfd_open */
/* --- cgroups ----------------------------------------------------------------------------- */

int procid_cgroup(pid_t pid, struct arena *a, struct str *out, struct err *e)
{
	char path[32];
	struct buf b = BUF_OF(path);

	buf_printf(&b, "/proc/%d/cgroup", (int)pid);
	return file_read(buf_c(&b), CGROUP_MAX, a, out, e);
}

/* One line "hierarchy:controllers:path"; the path may hold colons, but no newline. */
struct line {
	struct str hierarchy;	/* the first two fields */
	struct str path;
};

/* False at the end, and (with *bad) at a line of another form. */
static bool next_line(struct str *rest, struct line *out, bool *bad)
{
	struct str text;
	size_t first, second;

	do {
		if (!str_split(rest, '\n', &text))
			return false;
	} while (!text.len);
	first = str_find_byte(text, ':');
	second = first == SIZE_MAX ? SIZE_MAX : str_find_byte(str_from(text, first + 1), ':');
	if (second == SIZE_MAX) {
		*bad = true;
		return false;
	}
	out->hierarchy = str_first(text, first + 1 + second);
	out->path = str_from(text, first + second + 2);
	*bad = out->path.len == 0 || out->path.p[0] != '/';
	return !*bad;
}

static bool is_id(struct str s)
{
	for (size_t i = 0; i < s.len; i++)
		if (ascii_hex_value(s.p[i]) < 0)
			return false;
	return s.len == PROCID_LEN;
}

/* The outermost, so that a cgroup made inside a container cannot name another one. */
static bool id_of_path(struct str path, struct str *id)
{
	const struct str prefix = STR("docker-"), suffix = STR(".scope");
	struct str part;

	while (str_split(&path, '/', &part)) {
		*id = part;
		if (str_starts(part, prefix) && str_ends(part, suffix) &&
		    part.len > prefix.len + suffix.len)
			*id = str_n(part.p + prefix.len, part.len - prefix.len - suffix.len);
		if (is_id(*id))
			return true;
	}
	return false;
}

enum procid_kind procid_container(struct str cgroup, char id[PROCID_LEN + 1])
{
	struct str found = { NULL, 0 }, here;
	struct line l;
	bool bad = false;

	while (next_line(&cgroup, &l, &bad)) {
		if (!id_of_path(l.path, &here))
			continue;
		if (found.len && !str_case_eq(found, here))
			return PROCID_ERROR;
		found = here;
	}
	if (bad)
		return PROCID_ERROR;
	if (!found.len)
		return PROCID_NONE;
	str_lower(id, found);
	id[PROCID_LEN] = '\0';
	return PROCID_CONTAINER;
}

static bool path_in(struct str cgroup, struct str hierarchy, struct str *path)
{
	struct line l;
	bool bad = false;

	while (next_line(&cgroup, &l, &bad)) {
		if (str_eq(l.hierarchy, hierarchy)) {
			*path = l.path;
			return true;
		}
	}
	return false;
}

bool procid_is_below(struct str peer, struct str init)
{
	struct line l;
	struct str path;
	bool bad = false;
	bool any = false;

	while (next_line(&init, &l, &bad)) {
		if (str_eq_c(l.path, "/"))
			continue;
		if (!path_in(peer, l.hierarchy, &path) || !str_starts(path, l.path) ||
		    (path.len > l.path.len && path.p[l.path.len] != '/'))
			return false;
		any = true;
	}
	return any && !bad;
}
