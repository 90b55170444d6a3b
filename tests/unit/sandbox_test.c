/* sandbox_test.c - giving up rights: every test in a process of its own */
#include "t.h"

#include <errno.h>
#include <fcntl.h>
#include <sys/ioctl.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <termios.h>

#include "sys/sandbox.h"

#ifndef AF_VSOCK
#define AF_VSOCK 40
#endif

static struct err e;

/* fn must return 0 in a child; other numbers say what was wrong. */
static void child(int (*fn)(void))
{
	int st;
	pid_t pid = fork();

	if (pid == 0)			/* raw: a sanitizer's exit makes calls that filters refuse */
		syscall(SYS_exit_group, fn());
	OK(waitpid(pid, &st, 0) == pid);
	EQ(st, 0);
}

static int early(void)
{
	struct rlimit r;
	int fd = open("/dev/null", O_RDONLY);

	close(0);
	if (sandbox_early(&e) < 0)
		return 1;
	if (fcntl(fd, F_GETFD) >= 0 || fcntl(0, F_GETFD) < 0)
		return 2;
	if (umask(0) != 077)
		return 3;
	if (prctl(PR_GET_NO_NEW_PRIVS, 0, 0, 0, 0) != 1)
		return 4;
	if (getrlimit(RLIMIT_NOFILE, &r) < 0 || r.rlim_cur < SANDBOX_MIN_FILES)
		return 5;
	return getrlimit(RLIMIT_CORE, &r) == 0 && r.rlim_cur == 0 ? 0 : 6;
}

T(early_closes_and_limits)
{
#ifdef __SANITIZE_ADDRESS__
	SKIP("the sanitizer keeps descriptors");
#endif
	child(early);
}

static int keep_one(void)
{
	if (sandbox_keep_caps(SANDBOX_CAP(CAP_NET_BIND_SERVICE), &e) < 0)
		return 1;
	if (!sandbox_has_cap(CAP_NET_BIND_SERVICE) || sandbox_has_cap(CAP_NET_ADMIN))
		return 2;
	for (int cap = 0; cap < 64; cap++)	/* the kept one included: execve must not renew it */
		if (prctl(PR_CAPBSET_READ, cap, 0, 0, 0) > 0)
			return 3;
	if (prctl(PR_CAP_AMBIENT, PR_CAP_AMBIENT_IS_SET, CAP_NET_BIND_SERVICE, 0, 0) > 0)
		return 4;
	/* What is gone does not come back. */
	if (sandbox_keep_caps(~0ULL, &e) < 0 || sandbox_has_cap(CAP_NET_ADMIN))
		return 5;
	return sandbox_keep_caps(0, &e) < 0 || sandbox_has_cap(CAP_NET_BIND_SERVICE) ? 6 : 0;
}

T(capabilities_only_shrink)			// operations section 13
{
	if (!sandbox_has_cap(CAP_SETPCAP) || !sandbox_has_cap(CAP_NET_BIND_SERVICE))
		SKIP("no capabilities to give up");
	child(keep_one);
	OK(!sandbox_has_cap(64));
}

static const int few[] = { SYS_write, SYS_exit_group, SYS_exit, SYS_getpid };

static void only_few(enum sandbox_action a)
{
	if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) < 0 ||
	    sandbox_allow_only(few, ARRAY_LEN(few), a, &e) < 0)
		_exit(0);
}

static int few_with_errno(void)
{
	only_few(SANDBOX_ERRNO);
	if (syscall(SYS_getpid) <= 0)
		return 1;
	return syscall(SYS_getppid) == -1 && errno == EPERM ? 0 : 2;
}

T(filter_of_numbers)
{
	child(few_with_errno);
	DIES(SIGSYS, { only_few(SANDBOX_KILL); syscall(SYS_getppid); });
#if defined(__x86_64__)
	/* x32: same architecture value, another table */
	DIES(SIGSYS, { only_few(SANDBOX_ERRNO); syscall(0x40000000 | SYS_getpid); });
#endif
}

static int refused(int family, int type)
{
	int fd = socket(family, type, 0);

	if (fd >= 0)
		close(fd);
	return fd < 0 && errno == EPERM;
}

static int jail(void)
{
	char c = 'x';
	int pair[2];

	if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) < 0 || sandbox_jail_filter(&e) < 0)
		return 1;
	if (!refused(AF_VSOCK, SOCK_STREAM) || !refused(AF_PACKET, SOCK_RAW) ||
	    !refused(AF_ALG, SOCK_SEQPACKET) || !refused(AF_BLUETOOTH, SOCK_RAW))
		return 2;
	if (refused(AF_INET, SOCK_STREAM) || refused(AF_INET6, SOCK_DGRAM) ||
	    refused(AF_UNIX, SOCK_STREAM) || refused(AF_NETLINK, SOCK_RAW))
		return 3;
	if (socketpair(AF_UNIX, SOCK_STREAM, 0, pair) < 0)
		return 4;
	if (ioctl(0, TIOCSTI, &c) == 0 || errno != EPERM)
		return 5;
	if (ioctl(0, 0x541C, &c) == 0 || errno != EPERM)
		return 6;
	errno = 0;
	if (ioctl(pair[0], TCGETS, &c) == 0 || errno == EPERM)
		return 7;
	if (syscall(SYS_io_uring_setup, 1, NULL) == 0 || errno != EPERM)
		return 8;
	if (syscall(SYS_io_uring_enter, -1, 0, 0, 0, NULL, 0) == 0 || errno != EPERM)
		return 9;
#if defined(__x86_64__)
	if (syscall(0x40000000 | SYS_getpid) != -1 || errno != ENOSYS)
		return 10;
	/* High bits of the arguments are not looked at by the kernel, so not by the filter. */
	if (syscall(SYS_ioctl, 0UL, 0x100005412UL, &c) == 0 || errno != EPERM)
		return 11;
	if (syscall(SYS_socket, 0x100000028UL, SOCK_STREAM, 0) >= 0 || errno != EPERM)
		return 12;
#endif
	return 0;
}

T(filter_of_a_jail)				// operations section 16, SEC-O23
{
	child(jail);
}

T(too_many_numbers)
{
	static int many[201];

	EQ(sandbox_allow_only(many, ARRAY_LEN(many), SANDBOX_KILL, &e), -1);
	EQ(e.code, ERR_LIMIT);
}
