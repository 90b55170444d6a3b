/* procid_test.c - container of a cgroup, D14's path test, PID reuse
 *
 * Spec: S013 SC-004, S013-EC-001, S013-EC-008, S004-X-001, S004-X-002, D14.
 */
#include "t.h"

#include <sys/socket.h>

#include "base/defs.h"
#include "base/buf.h"
#include "sys/procid.h"

#define A "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"
#define B "bbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbb"
#define MIXED "0123456789ABCDEFabcdef0123456789012345678901234567890123456789AB"
#define LOWER "0123456789abcdefabcdef0123456789012345678901234567890123456789ab"

static char id[PROCID_LEN + 1];

static enum procid_kind kind(const char *text)
{
	id[0] = '\0';
	return procid_container(str_of(text), id);
}

T(forms_of_cgroup_paths)
{
	EQ(kind("12:pids:/docker/" A "\n11:memory:/docker/" A "\n1:name=systemd:/docker/" A "\n0::/\n"),
	   PROCID_CONTAINER);
	STR_EQ(id, A);
	EQ(kind("0::/system.slice/docker-" A ".scope\n"), PROCID_CONTAINER);
	STR_EQ(id, A);
	EQ(kind("0::/" A "\n"), PROCID_CONTAINER);
	STR_EQ(id, A);
	EQ(kind("0::/some.slice/" A), PROCID_CONTAINER);	/* no newline at the end */
	STR_EQ(id, A);
	EQ(kind("0::/docker/" MIXED "\n"), PROCID_CONTAINER);
	STR_EQ(id, LOWER);
	EQ(kind("5:name=a:b:/x\n"), PROCID_ERROR);		/* the path is "b:/x" */
	EQ(kind("0::/a:b/docker/" A "\n"), PROCID_CONTAINER);
}

T(the_outermost_counts)
{
	EQ(kind("0::/docker/" A "/docker/" B "\n"), PROCID_CONTAINER);
	STR_EQ(id, A);
	EQ(kind("0::/system.slice/docker-" A ".scope/" B "\n"), PROCID_CONTAINER);
	STR_EQ(id, A);
	EQ(kind("0::/custom/" A "/sub/" B "\n"), PROCID_CONTAINER);
	STR_EQ(id, A);
}

T(other_paths_are_no_containers)
{
	EQ(kind(""), PROCID_NONE);
	EQ(kind("0::/\n"), PROCID_NONE);
	EQ(kind("0::/user.slice/user-1000.slice/session-3.scope\n"), PROCID_NONE);
	EQ(kind("0::/docker/aaaaaaaaaaaa\n"), PROCID_NONE);
	EQ(kind("0::/docker/" A "a\n"), PROCID_NONE);
	EQ(kind("0::/docker/gaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa\n"), PROCID_NONE);
	EQ(kind("0::/system.slice/docker-.scope\n"), PROCID_NONE);
	EQ(kind("0::/system.slice/docker-" A ".service\n"), PROCID_NONE);
	EQ(kind("0::/docker/" A " (deleted)\n"), PROCID_NONE);
	STR_EQ(id, "");
}

T(two_ids_are_an_error)
{
	EQ(kind("2:pids:/docker/" A "\n1:memory:/docker/" B "\n"), PROCID_ERROR);
	EQ(kind("2:pids:/docker/" A "\n1:memory:/\n0::/\n"), PROCID_CONTAINER);
}

T(malformed_texts_are_an_error)
{
	EQ(kind("0:/docker/" A "\n"), PROCID_ERROR);
	EQ(kind("docker\n"), PROCID_ERROR);
	EQ(kind("0::docker/" A "\n"), PROCID_ERROR);
	EQ(kind("0::\n"), PROCID_ERROR);
	EQ(kind("0::/docker/" A "\nnonsense\n"), PROCID_ERROR);
}

static bool below(const char *peer, const char *init)
{
	return procid_is_below(str_of(peer), str_of(init));
}

T(equal_or_below)	/* D14 */
{
	OK(below("0::/docker/" A "\n", "0::/docker/" A "\n"));
	OK(below("0::/docker/" A "/sub\n", "0::/docker/" A "\n"));
	OK(!below("0::/docker\n", "0::/docker/" A "\n"));
	OK(!below("0::/docker/" B "\n", "0::/docker/" A "\n"));
	OK(!below("0::/docker/" A "x\n", "0::/docker/" A "\n"));
	/* a host user's own cgroup, named after a container */
	OK(!below("0::/user.slice/user-1000.slice/" A "\n", "0::/docker/" A "\n"));
	/* every hierarchy where init is not at the root, and at least one */
	OK(below("2:pids:/docker/" A "/x\n1:memory:/docker/" A "\n0::/\n",
		 "2:pids:/docker/" A "\n1:memory:/docker/" A "\n0::/\n"));
	OK(!below("2:pids:/docker/" A "\n1:memory:/\n", "2:pids:/docker/" A "\n1:memory:/docker/" A "\n"));
	OK(!below("1:memory:/docker/" A "\n", "2:pids:/docker/" A "\n1:memory:/docker/" A "\n"));
	OK(!below("0::/\n", "0::/\n"));
	OK(!below("0::/x\n", ""));
	OK(!below("0::/docker/" A "\n", "0::/docker/" A "\nnonsense\n"));
	OK(!below("", "0::/docker/" A "\n"));
}

T(own_cgroup_can_be_read)
{
	struct arena a;
	struct str text;
	struct err e;

	arena_init(&a, (size_t)1 << 20);
	EQ(procid_cgroup(getpid(), &a, &text, &e), 0);
	OK(text.len > 0);
	OK(procid_container(text, id) != PROCID_ERROR);
	EQ(procid_cgroup(-1, &a, &text, &e), -1);
	arena_fini(&a);
}

T(a_peer_is_held)
{
	struct procid p;
	struct err e;
	int ends[2];

	EQ(socketpair(AF_UNIX, SOCK_STREAM, 0, ends), 0);
	EQ(procid_hold(ends[0], &p, &e), 0);
	EQ(p.pid, getpid());
	EQ(p.uid, geteuid());
	OK(procid_is_alive(&p));
	p.start_ticks++;	/* a later process of the same PID */
	OK(!procid_is_alive(&p));
	procid_drop(&p);
	close(ends[0]);
	close(ends[1]);
	EQ(procid_hold(0, &p, &e), -1);
	STR_EQ(e.msg, "peer identity could not be verified");
}

/* The peer is a child that has ended by the time it is looked at. */
T(a_peer_that_is_gone_is_nobody)	/* S013-EC-008 */
{
	struct sockaddr_un_room {
		sa_family_t family;
		char path[32];
	} sa = { .family = AF_UNIX };
	struct procid p;
	struct err e;
	int listener = socket(AF_UNIX, SOCK_STREAM, 0);
	int fd;
	pid_t child;

	snprintf(sa.path + 1, sizeof(sa.path) - 1, "procid_test.%d", (int)getpid());
	OK(bind(listener, (const struct sockaddr *)&sa, sizeof(sa)) == 0 && listen(listener, 1) == 0);
	child = fork();
	if (child == 0) {
		fd = socket(AF_UNIX, SOCK_STREAM, 0);
		_exit(connect(fd, (const struct sockaddr *)&sa, sizeof(sa)) < 0);
	}
	fd = accept(listener, NULL, NULL);
	EQ(waitpid(child, NULL, 0), child);
	EQ(procid_hold(fd, &p, &e), -1);
	EQ(e.code, ERR_DENIED);
	close(fd);
	close(listener);
}
