/* nl.c - one netlink socket: requests with a deadline, dumps, acknowledgements, kernel error text
 *
 * Layer: sys.  Input: trusted (the kernel), but length-checked.  Memory: one mapping per socket.
 * Threads: one owner.
 * Spec: S001-X-012, S001 section 7 (replies, interrupted dumps).
 *
 * Theory of operation.  A request carries a sequence number; answers to older ones (left over from
 * a time-out) are skipped by it.  A simple request asks for an acknowledgement, a dump ends with
 * NLMSG_DONE; a dump that the kernel marks as interrupted is started again, ten times at most.
 * Only datagrams whose sender is the kernel (port 0) count.
 */
#include "sys/nl.h"

#include <errno.h>
#include <poll.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/clock.h"

#include <linux/netlink.h>

#define DUMP_ATTEMPTS 10
#define SOCKET_BUF_LEN (1024 * 1024)	/* room for the acknowledgements of a large batch */
#define ATTR_TYPE_MASK 0x3fffU		/* without the nested and byte order marks */

static size_t align4(size_t len)
{
	return (len + 3U) & ~(size_t)3U;
}

static int sys_error(struct err *e, int sys)
{
	err_set(e, err_code_of_errno(sys), "%s", strerror(sys));
	e->sys = sys;
	return -1;
}

/* Extras that older kernels lack or that need a capability: nothing depends on them. */
static void set_options(int fd)
{
	int on = 1;
	int size = SOCKET_BUF_LEN;

	(void)setsockopt(fd, SOL_NETLINK, NETLINK_EXT_ACK, &on, sizeof(on));
	(void)setsockopt(fd, SOL_NETLINK, NETLINK_CAP_ACK, &on, sizeof(on));
	if (setsockopt(fd, SOL_SOCKET, SO_RCVBUFFORCE, &size, sizeof(size)) < 0)
		(void)setsockopt(fd, SOL_SOCKET, SO_RCVBUF, &size, sizeof(size));
	if (setsockopt(fd, SOL_SOCKET, SO_SNDBUFFORCE, &size, sizeof(size)) < 0)
		(void)setsockopt(fd, SOL_SOCKET, SO_SNDBUF, &size, sizeof(size));
}

static int bind_port(struct nl *s)
{
	struct sockaddr_nl addr = { .nl_family = AF_NETLINK };
	struct sockaddr_storage got;
	socklen_t len = sizeof(got);

	if (bind(s->fd, (const struct sockaddr *)&addr, sizeof(addr)) < 0)
		return -1;
	if (getsockname(s->fd, (struct sockaddr *)&got, &len) < 0)
		return -1;
	if (len != sizeof(addr) || got.ss_family != AF_NETLINK) {
		errno = EPROTO;
		return -1;
	}
	memcpy(&addr, &got, sizeof(addr));
	s->portid = addr.nl_pid;
	return 0;
}

/* #syscalls socket bind getsockname setsockopt sendto recvmsg poll close clock_gettime mmap
 * #syscalls munmap */
int nl_open(struct nl *s, int proto, struct err *e)
{
	*s = (struct nl){ .fd = -1 };
	if (arena_init_fixed(&s->mem, NL_RBUF_LEN + 4096) < 0)
		return sys_error(e, ENOMEM);
	s->rbuf = arena_alloc(&s->mem, NL_RBUF_LEN);
	s->fd = socket(AF_NETLINK, SOCK_RAW | SOCK_CLOEXEC | SOCK_NONBLOCK, proto);
	if (!s->rbuf || s->fd < 0 || bind_port(s) < 0) {
		int sys = s->rbuf ? errno : ENOMEM;

		nl_close(s);
		return sys_error(e, sys);
	}
	set_options(s->fd);
	s->seq = (uint32_t)(clock_wall_us() / 1000000);
	return 0;
}

int nl_join(struct nl *s, unsigned group, struct err *e)
{
	if (setsockopt(s->fd, SOL_NETLINK, NETLINK_ADD_MEMBERSHIP, &group, sizeof(group)) < 0)
		return sys_error(e, errno);
	return 0;
}

void nl_close(struct nl *s)
{
	if (s->fd >= 0)
		close(s->fd);
	if (s->rbuf)
		arena_fini(&s->mem);
	s->fd = -1;
	s->rbuf = NULL;
}

struct nlmsghdr *nl_begin(struct nl *s, void *buf, uint16_t type, uint16_t flags)
{
	struct nlmsghdr *nlh = mnl_nlmsg_put_header(buf);

	nlh->nlmsg_type = type;
	nlh->nlmsg_flags = (uint16_t)(NLM_F_REQUEST | flags);
	nlh->nlmsg_seq = ++s->seq;
	return nlh;
}

int nl_send(struct nl *s, const void *buf, size_t len, struct err *e)
{
	const struct sockaddr_nl kernel = { .nl_family = AF_NETLINK };
	ssize_t n;

	do {
		n = sendto(s->fd, buf, len, 0, (const struct sockaddr *)&kernel, sizeof(kernel));
	} while (n < 0 && errno == EINTR);
	if (n < 0)
		return sys_error(e, errno);
	return 0;
}

/* Waits until the socket is readable: 1, deadline: 0, failure: -1. */
static int wait_readable(int fd, uint64_t deadline_ms)
{
	for (;;) {
		struct pollfd pfd = { .fd = fd, .events = POLLIN };
		uint64_t now = clock_mono_ms();
		uint64_t left = deadline_ms > now ? deadline_ms - now : 0;
		int wait = (int)MIN(left, (uint64_t)NL_DEADLINE_MS);
		int n = poll(&pfd, 1, wait);

		if (n > 0)
			return 1;
		if (n == 0 && deadline_ms <= clock_mono_ms())
			return 0;
		if (n < 0 && errno != EINTR)
			return -1;
	}
}

/* One datagram: its length, 0 when it is not the kernel's, -1 with errno. */
static ssize_t recv_one(struct nl *s)
{
	struct sockaddr_nl from = { 0 };
	struct iovec iov = { s->rbuf, NL_RBUF_LEN };
	struct msghdr msg = {
		.msg_name = &from, .msg_namelen = sizeof(from), .msg_iov = &iov, .msg_iovlen = 1,
	};
	ssize_t n = recvmsg(s->fd, &msg, 0);

	if (n < 0)
		return -1;
	if (msg.msg_flags & MSG_TRUNC) {
		errno = EMSGSIZE;
		return -1;
	}
	return msg.msg_namelen == sizeof(from) && from.nl_pid == 0 ? n : 0;
}

int nl_recv(struct nl *s, uint64_t deadline_ms, size_t *len, struct err *e)
{
	for (;;) {
		ssize_t n = recv_one(s);
		int ready;

		if (n > 0) {
			*len = (size_t)n;
			return 0;
		}
		if (n == 0 || errno == EINTR)
			continue;
		if (errno != EAGAIN)
			return sys_error(e, errno);
		if (deadline_ms == 0) {
			*len = 0;
			return 0;
		}
		ready = wait_readable(s->fd, deadline_ms);
		if (ready < 0)
			return sys_error(e, errno);
		if (ready == 0) {
			sys_error(e, ETIMEDOUT);
			e->code = ERR_TIMEOUT;
			return -1;
		}
	}
}

/* The kernel's own sentence behind an error, if it sent one. */
static const struct nlattr *ext_text(const struct nlmsghdr *nlh, const struct nlmsgerr *ne)
{
	const struct nlattr *tb[NLMSGERR_ATTR_MAX + 1];
	size_t hdr = sizeof(*ne);

	if (!(nlh->nlmsg_flags & NLM_F_ACK_TLVS))
		return NULL;
	if (!(nlh->nlmsg_flags & NLM_F_CAPPED)) {
		if (ne->msg.nlmsg_len < sizeof(ne->msg))
			return NULL;
		hdr += ne->msg.nlmsg_len - sizeof(ne->msg);
	}
	if (!nl_attrs(nlh, hdr, tb, NLMSGERR_ATTR_MAX))
		return NULL;
	return tb[NLMSGERR_ATTR_MSG];
}

int nl_error(const struct nlmsghdr *nlh, struct err *e)
{
	const struct nlmsgerr *ne = mnl_nlmsg_get_payload(nlh);
	const struct nlattr *text;
	char msg[256];

	if (mnl_nlmsg_get_payload_len(nlh) < sizeof(*ne))
		return sys_error(e, EPROTO);
	if (ne->error == 0)
		return 0;
	sys_error(e, ne->error < 0 ? -ne->error : ne->error);
	text = ext_text(nlh, ne);
	if (text && nl_get_name(text, msg, sizeof(msg))) {
		int sys = e->sys;

		err_set(e, err_code_of_errno(sys), "%s", msg);
		e->sys = sys;
	}
	return -1;
}

enum step { STEP_MORE = 0, STEP_DONE, STEP_AGAIN };

/* One message of an answer. */
static int take_message(const struct nlmsghdr *nlh, nl_fn *fn, void *ctx, enum step *step,
			struct err *e)
{
	switch (nlh->nlmsg_type) {
	case NLMSG_ERROR:
		*step = STEP_DONE;
		return nl_error(nlh, e);
	case NLMSG_DONE: {
		int32_t code = 0;

		*step = STEP_DONE;
		if (mnl_nlmsg_get_payload_len(nlh) >= sizeof(code))
			memcpy(&code, mnl_nlmsg_get_payload(nlh), sizeof(code));
		return code < 0 ? sys_error(e, -code) : 0;
	}
	case NLMSG_NOOP:
	case NLMSG_OVERRUN:
		return 0;
	default:
		return fn ? fn(ctx, nlh, e) : 0;
	}
}

static int read_answer(struct nl *s, uint32_t seq, nl_fn *fn, void *ctx, struct err *e)
{
	uint64_t deadline = clock_mono_ms() + NL_DEADLINE_MS;
	bool interrupted = false;
	enum step step = STEP_MORE;
	size_t got;

	if (fn && fn(ctx, NULL, e) < 0)
		return -1;
	while (step == STEP_MORE) {
		const struct nlmsghdr *nlh;
		int left;

		if (nl_recv(s, deadline, &got, e) < 0)
			return -1;
		nlh = (const struct nlmsghdr *)(const void *)s->rbuf;
		left = (int)got;
		for (; mnl_nlmsg_ok(nlh, left); nlh = mnl_nlmsg_next(nlh, &left)) {
			if (nlh->nlmsg_seq != seq || step != STEP_MORE)
				continue;
			if (nlh->nlmsg_flags & NLM_F_DUMP_INTR)
				interrupted = true;
			if (take_message(nlh, fn, ctx, &step, e) < 0)
				return -1;
		}
	}
	return interrupted ? (int)STEP_AGAIN : 0;
}

int nl_request(struct nl *s, struct nlmsghdr *req, nl_fn *fn, void *ctx, struct err *e)
{
	if ((req->nlmsg_flags & NLM_F_DUMP) != NLM_F_DUMP)
		req->nlmsg_flags |= NLM_F_ACK;
	for (int i = 0; i < DUMP_ATTEMPTS; i++) {
		int rc;

		req->nlmsg_seq = ++s->seq;
		if (nl_send(s, req, req->nlmsg_len, e) < 0)
			return -1;
		rc = read_answer(s, req->nlmsg_seq, fn, ctx, e);
		if (rc != (int)STEP_AGAIN)
			return rc;
	}
	return sys_error(e, EINTR);
}

static bool take_attrs(const struct nlattr *a, size_t len, const struct nlattr **tb, unsigned max)
{
	memset(tb, 0, (max + 1) * sizeof(*tb));
	while (len >= sizeof(*a)) {
		size_t step = align4(a->nla_len);
		unsigned type = a->nla_type & ATTR_TYPE_MASK;

		if (a->nla_len < sizeof(*a) || a->nla_len > len)
			return false;
		if (type <= max)
			tb[type] = a;
		if (step >= len)
			return true;
		len -= step;
		a = (const struct nlattr *)(const void *)((const char *)a + step);
	}
	return true;
}

bool nl_attrs(const struct nlmsghdr *nlh, size_t hdr_len, const struct nlattr **tb, unsigned max)
{
	size_t len = mnl_nlmsg_get_payload_len(nlh);
	size_t hdr = align4(hdr_len);

	memset(tb, 0, (max + 1) * sizeof(*tb));
	if (hdr_len > len)
		return false;
	if (hdr >= len)
		return true;
	return take_attrs(mnl_nlmsg_get_payload_offset(nlh, hdr), len - hdr, tb, max);
}

bool nl_attrs_nested(const struct nlattr *nest, const struct nlattr **tb, unsigned max)
{
	memset(tb, 0, (max + 1) * sizeof(*tb));
	if (!nest)
		return false;
	return take_attrs(mnl_attr_get_payload(nest), mnl_attr_get_payload_len(nest), tb, max);
}

const struct nlattr *nl_nest_next(const struct nlattr *nest, const struct nlattr *a)
{
	const char *start = mnl_attr_get_payload(nest);
	size_t len = mnl_attr_get_payload_len(nest);
	size_t at = a ? (size_t)((const char *)a - start) + align4(a->nla_len) : 0;

	if (at > len || len - at < sizeof(*a))
		return NULL;
	a = (const struct nlattr *)(const void *)(start + at);
	return a->nla_len < sizeof(*a) || a->nla_len > len - at ? NULL : a;
}

bool nl_get_u32(const struct nlattr *a, uint32_t *out)
{
	if (!a || mnl_attr_get_payload_len(a) != sizeof(*out))
		return false;
	memcpy(out, mnl_attr_get_payload(a), sizeof(*out));
	return true;
}

bool nl_get_u8(const struct nlattr *a, uint8_t *out)
{
	if (!a || mnl_attr_get_payload_len(a) != sizeof(*out))
		return false;
	memcpy(out, mnl_attr_get_payload(a), sizeof(*out));
	return true;
}

bool nl_get_name(const struct nlattr *a, char *out, size_t cap)
{
	const char *text;
	size_t len;

	if (!a)
		return false;
	text = mnl_attr_get_payload(a);
	len = strnlen(text, mnl_attr_get_payload_len(a));
	return str_to_c(out, cap, str_n(text, len));
}
