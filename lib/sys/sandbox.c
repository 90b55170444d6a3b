/* sandbox.c - giving up rights: descriptors, limits, capabilities, system calls
 *
 * Layer: sys.  Input: trusted.  Memory: stack.  Threads: the calling one, before others exist.
 * Spec: operations sections 13 and 16, design section 7.
 *
 * Theory of operation.  Filters are classic BPF, written by hand: load the architecture, end the
 * process when it is not the one we were built for, load the number, compare, return.  On x86-64
 * the x32 ABI shares the architecture value and sets bit 30 of the number: refused as foreign.
 */
#include "sys/sandbox.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/audit.h>
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <stddef.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#if defined(__x86_64__)
#define OUR_ARCH AUDIT_ARCH_X86_64
#elif defined(__aarch64__)
#define OUR_ARCH AUDIT_ARCH_AARCH64
#elif defined(__riscv) && __riscv_xlen == 64
#define OUR_ARCH AUDIT_ARCH_RISCV64
#else
#error "no seccomp architecture value for this machine"
#endif

#define X32_BIT 0x40000000U
#define PROGRAM_MAX 512
#define NUMBERS_MAX 200
#define CAPS_MAX 64

/* Terminal ioctls that push bytes into the input queue of a shared terminal. */
#define IOCTL_TIOCSTI 0x5412U
#define IOCTL_TIOCLINUX 0x541CU

/* --- early ------------------------------------------------------------------------------- */

void sandbox_close_from(unsigned first)
{
	if (syscall(SYS_close_range, first, ~0U, 0) == 0)
		return;
	for (unsigned fd = first; fd < 65536; fd++)	/* kernel before 5.9 */
		close((int)fd);
}

static int hold_standard_fds(struct err *e)
{
	for (;;) {
		int fd = open("/dev/null", O_RDWR);

		if (fd < 0)
			return err_sys(e, "cannot open /dev/null");
		if (fd > STDERR_FILENO)
			return close(fd);
	}
}

static int raise_file_limit(struct err *e)
{
	struct rlimit r;

	if (getrlimit(RLIMIT_NOFILE, &r) < 0)
		return err_sys(e, "cannot read the limit of open files");
	if (r.rlim_cur < r.rlim_max) {
		r.rlim_cur = r.rlim_max;
		(void)setrlimit(RLIMIT_NOFILE, &r);
	}
	if (r.rlim_max < SANDBOX_MIN_FILES) {
		r = (struct rlimit){ SANDBOX_MIN_FILES, SANDBOX_MIN_FILES };
		if (setrlimit(RLIMIT_NOFILE, &r) < 0)
			return err_sys(e, "cannot raise the limit of open files to %d",
				       SANDBOX_MIN_FILES);
	}
	return 0;
}

int sandbox_early(struct err *e)
{
	const struct rlimit no_core = { 0, 0 };

	if (hold_standard_fds(e) < 0)
		return -1;
	sandbox_close_from(STDERR_FILENO + 1);
	umask(077);
	if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) < 0)
		return err_sys(e, "cannot set no-new-privs");
	(void)setrlimit(RLIMIT_CORE, &no_core);
	return raise_file_limit(e);
}

/* --- capabilities ------------------------------------------------------------------------ */

struct caps {
	struct __user_cap_header_struct head;
	struct __user_cap_data_struct data[2];
};

static int caps_get(struct caps *c)
{
	*c = (struct caps){ .head = { .version = _LINUX_CAPABILITY_VERSION_3 } };
	return (int)syscall(SYS_capget, &c->head, c->data);
}

bool sandbox_has_cap(unsigned cap)
{
	struct caps c;

	return cap < CAPS_MAX && caps_get(&c) == 0 &&
	       (c.data[cap / 32].effective >> (cap % 32) & 1);
}

/* The bounding set matters to execve alone. Without CAP_SETPCAP it stays, and no-new-privs does. */
static int empty_bounding(struct err *e)
{
	if (!sandbox_has_cap(CAP_SETPCAP))
		return 0;
	for (unsigned cap = 0; cap < CAPS_MAX; cap++) {
		if (prctl(PR_CAPBSET_DROP, cap, 0, 0, 0) < 0 && errno != EINVAL)
			return err_sys(e, "cannot drop capability %u from the bounding set", cap);
	}
	return 0;
}

int sandbox_keep_caps(uint64_t mask, struct err *e)
{
	struct caps c;

	if (empty_bounding(e) < 0)
		return -1;
	if (caps_get(&c) < 0)
		return err_sys(e, "cannot read capabilities");
	for (unsigned i = 0; i < 2; i++) {
		uint32_t keep = (uint32_t)(mask >> (32 * i));

		c.data[i].permitted &= keep;
		c.data[i].effective = c.data[i].permitted;
		c.data[i].inheritable = 0;
	}
	if (syscall(SYS_capset, &c.head, c.data) < 0)
		return err_sys(e, "cannot drop capabilities");
	/* Ambient ones follow the inheritable, empty by now; kernels before 4.3 have none. */
	if (prctl(PR_CAP_AMBIENT, PR_CAP_AMBIENT_CLEAR_ALL, 0, 0, 0) < 0 && errno != EINVAL)
		return err_sys(e, "cannot clear ambient capabilities");
	return 0;
}

/* --- filters ----------------------------------------------------------------------------- */

struct program {
	struct sock_filter ins[PROGRAM_MAX];
	unsigned short cnt;
	bool overflow;
};

static void put(struct program *p, unsigned code, uint32_t k, uint8_t jt, uint8_t jf)
{
	if (p->cnt == PROGRAM_MAX) {
		p->overflow = true;
		return;
	}
	p->ins[p->cnt++] = (struct sock_filter){ (uint16_t)code, jt, jf, k };
}

static void load(struct program *p, size_t off)
{
	put(p, BPF_LD | BPF_W | BPF_ABS, (uint32_t)off, 0, 0);
}

static void ret(struct program *p, uint32_t action)
{
	put(p, BPF_RET | BPF_K, action, 0, 0);
}

/* Low half of argument n: both our machines are little-endian. */
static size_t arg_low(unsigned n)
{
	return offsetof(struct seccomp_data, args) + n * sizeof(uint64_t);
}

/* Ends with the system call number loaded. */
static void check_abi(struct program *p, uint32_t foreign)
{
	load(p, offsetof(struct seccomp_data, arch));
	put(p, BPF_JMP | BPF_JEQ | BPF_K, OUR_ARCH, 1, 0);
	ret(p, foreign);
	load(p, offsetof(struct seccomp_data, nr));
#if defined(__x86_64__)
	put(p, BPF_JMP | BPF_JGE | BPF_K, X32_BIT, 0, 1);
	ret(p, foreign);
#endif
}

static int install(struct program *p, struct err *e)
{
	struct sock_fprog prog = { .len = p->cnt, .filter = p->ins };

	if (p->overflow)
		return err_set(e, ERR_LIMIT, "the system call filter is too long");
	if (syscall(SYS_seccomp, SECCOMP_SET_MODE_FILTER, 0, &prog) < 0)
		return err_sys(e, "cannot install the system call filter");
	return 0;
}

int sandbox_allow_only(const int *numbers, unsigned cnt, enum sandbox_action otherwise,
		       struct err *e)
{
	struct program p = { .cnt = 0 };

	if (cnt > NUMBERS_MAX)
		return err_set(e, ERR_LIMIT, "more than %d system calls in a filter", NUMBERS_MAX);
	check_abi(&p, SECCOMP_RET_KILL_PROCESS);
	for (unsigned i = 0; i < cnt; i++) {
		put(&p, BPF_JMP | BPF_JEQ | BPF_K, (uint32_t)numbers[i], 0, 1);
		ret(&p, SECCOMP_RET_ALLOW);
	}
	ret(&p, otherwise == SANDBOX_ERRNO ? SECCOMP_RET_ERRNO | EPERM : SECCOMP_RET_KILL_PROCESS);
	return install(&p, e);
}

/* With the number loaded: calls of that number go on behind, others jump over the next skip. */
static void on_call(struct program *p, long nr, uint8_t skip)
{
	put(p, BPF_JMP | BPF_JEQ | BPF_K, (uint32_t)nr, 0, skip);
}

static void refuse_call(struct program *p, long nr, int sys)
{
	on_call(p, nr, 1);
	ret(p, SECCOMP_RET_ERRNO | (uint32_t)sys);
}

/* socket-like call: only families that know network namespaces. */
static void allow_families(struct program *p, long nr)
{
	static const uint32_t families[] = { AF_UNIX, AF_INET, AF_INET6, AF_NETLINK };

	on_call(p, nr, 2 * ARRAY_LEN(families) + 2);
	load(p, arg_low(0));
	for (size_t i = 0; i < ARRAY_LEN(families); i++) {
		put(p, BPF_JMP | BPF_JEQ | BPF_K, families[i], 0, 1);
		ret(p, SECCOMP_RET_ALLOW);
	}
	ret(p, SECCOMP_RET_ERRNO | EPERM);
}

static void refuse_terminal_input(struct program *p)
{
	static const uint32_t requests[] = { IOCTL_TIOCSTI, IOCTL_TIOCLINUX };

	on_call(p, SYS_ioctl, 2 * ARRAY_LEN(requests) + 2);
	load(p, arg_low(1));		/* the kernel looks at 32 bits of the request only */
	for (size_t i = 0; i < ARRAY_LEN(requests); i++) {
		put(p, BPF_JMP | BPF_JEQ | BPF_K, requests[i], 0, 1);
		ret(p, SECCOMP_RET_ERRNO | EPERM);
	}
	ret(p, SECCOMP_RET_ALLOW);
}

int sandbox_jail_filter(struct err *e)
{
	struct program p = { .cnt = 0 };

	check_abi(&p, SECCOMP_RET_ERRNO | ENOSYS);
	allow_families(&p, SYS_socket);
	allow_families(&p, SYS_socketpair);
	refuse_terminal_input(&p);
	refuse_call(&p, SYS_io_uring_setup, EPERM);
	refuse_call(&p, SYS_io_uring_enter, EPERM);
	refuse_call(&p, SYS_io_uring_register, EPERM);
	ret(&p, SECCOMP_RET_ALLOW);
	return install(&p, e);
}

/* #syscalls: capget capset prctl seccomp close_range (this file's own) */
