/* brnf.c - the two bridge-netfilter switches of this network namespace
 *
 * Layer: host.  Input: trusted (/proc).  Memory: stack.  Threads: one owner.
 * Spec: S001-X-005, S001 section 3, S015-P-003.
 */
#include "host/brnf.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <spawn.h>
#include <string.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/buf.h"
#include "base/clock.h"

#define NF_IPV4 "/proc/sys/net/bridge/bridge-nf-call-iptables"
#define NF_IPV6 "/proc/sys/net/bridge/bridge-nf-call-ip6tables"
#define MODPROBE_WAIT_MS 10000

static bool read_switch(const char *path, char *out, size_t cap)
{
	struct buf b = buf_on(out, cap);
	char text[16];
	struct str v;
	ssize_t n;
	int fd = open(path, O_RDONLY | O_CLOEXEC);

	n = fd < 0 ? -1 : read(fd, text, sizeof(text));
	if (n < 0) {
		buf_printf(&b, "unavailable (%s)", strerror(errno));
		buf_c(&b);
		if (fd >= 0)
			close(fd);
		return false;
	}
	close(fd);
	v = str_n(text, (size_t)n);
	while (v.len > 0 && (v.p[v.len - 1] == '\n' || v.p[v.len - 1] == ' '))
		v.len--;
	buf_add_escaped(&b, v, sizeof(text));
	buf_c(&b);
	return str_eq(v, STR("1"));
}

void brnf_read(struct brnf *out)
{
	bool v4 = read_switch(NF_IPV4, out->ipv4, sizeof(out->ipv4));
	bool v6 = read_switch(NF_IPV6, out->ipv6, sizeof(out->ipv6));

	out->on = v4 && v6;
}

int brnf_refuse(const struct brnf *v, struct err *e)
{
	return err_set(e, ERR_CONFLICT,
		       "Secure unattended mode requires bridge netfilter enforcement; "
		       "bridge-nf-call-iptables=%s, bridge-nf-call-ip6tables=%s "
		       "(expected both to be 1)",
		       v->ipv4, v->ipv6);
}

/* Waits for the child by its pidfd; kills it at the deadline, and at once without pidfds. */
static void wait_child(pid_t pid)
{
	int fd = (int)syscall(SYS_pidfd_open, pid, 0);
	uint64_t deadline = clock_mono_ms() + MODPROBE_WAIT_MS;
	bool ended = false;

	while (fd >= 0 && !ended) {
		struct pollfd pfd = { .fd = fd, .events = POLLIN };
		uint64_t now = clock_mono_ms();

		if (now >= deadline)
			break;
		ended = poll(&pfd, 1, (int)(deadline - now)) > 0;
	}
	if (fd >= 0)
		close(fd);
	if (!ended)
		kill(pid, SIGKILL);
	while (waitpid(pid, NULL, 0) < 0 && errno == EINTR)
		;
}

/* #syscalls clone vfork execve wait4 kill pidfd_open poll (at start only: may_load) */
/* The one external program of the daemon: absolute path, fixed arguments, empty environment. */
static void load_module(void)
{
	static const char *const paths[] = { "/sbin/modprobe", "/usr/sbin/modprobe" };
	char arg0[] = "modprobe", arg1[] = "br_netfilter";
	char *const argv[] = { arg0, arg1, NULL };
	char *const envp[] = { NULL };

	for (size_t i = 0; i < ARRAY_LEN(paths); i++) {
		pid_t pid;

		if (posix_spawn(&pid, paths[i], NULL, NULL, argv, envp) == 0) {
			wait_child(pid);
			return;
		}
	}
}

static void write_one(const char *path)
{
	int fd = open(path, O_WRONLY | O_CLOEXEC);

	if (fd < 0)
		return;
	/* The result shows when the file is read again. */
	if (write(fd, "1", 1) < 0)
		errno = 0;
	close(fd);
}

int brnf_enable(bool may_load, struct err *e)
{
	struct brnf v;

	if (may_load && (access(NF_IPV4, F_OK) < 0 || access(NF_IPV6, F_OK) < 0))
		load_module();
	brnf_read(&v);
	if (!str_eq_c(str_of(v.ipv4), "1"))
		write_one(NF_IPV4);
	if (!str_eq_c(str_of(v.ipv6), "1"))
		write_one(NF_IPV6);
	brnf_read(&v);
	return v.on ? 0 : brnf_refuse(&v, e);
}
