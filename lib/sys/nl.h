/* nl.h - one netlink socket: requests with a deadline, dumps, acknowledgements, kernel error text
 *
 * Layer: sys.  Input: trusted (the kernel), but length-checked.  Memory: one mapping per socket.
 * Threads: one owner.
 */
#ifndef OC_SYS_NL_H
#define OC_SYS_NL_H

#include <libmnl/libmnl.h>

#include "base/arena.h"
#include "base/err.h"

#define NL_DEADLINE_MS 10000	/* S001-X-012: longest wait for the kernel per operation */
#define NL_RBUF_LEN 65536	/* dumps come in datagrams of at most 32 KiB */
#define NL_REQUEST_LEN 1024	/* enough for every single request of ours */

struct nl {
	int fd;			/* -1 when closed */
	uint32_t portid;	/* given by the kernel: our address, the owner id of our table */
	uint32_t seq;		/* of the latest request */
	char *rbuf;
	struct arena mem;
};

/* Called with NULL at the start of every attempt (an interrupted dump is repeated: forget what came
 * before), then once per message. A negative return ends the request with *e. */
typedef int nl_fn(void *ctx, const struct nlmsghdr *nlh, struct err *e);

/* proto: NETLINK_ROUTE, NETLINK_NETFILTER. The message of a failure is the bare system text. */
int nl_open(struct nl *s, int proto, struct err *e) NODISCARD;
int nl_join(struct nl *s, unsigned group, struct err *e) NODISCARD;
void nl_close(struct nl *s);	/* safe on a closed one */

/* Starts a request in buf (NL_REQUEST_LEN bytes, aligned for nlmsghdr). */
struct nlmsghdr *nl_begin(struct nl *s, void *buf, uint16_t type, uint16_t flags);
/* Sends and reads until acknowledgement, end of dump, or deadline. fn may be NULL. On a refusal of
 * the kernel e->sys is its errno and e->msg its own text, or strerror. Time-out: ERR_TIMEOUT. */
int nl_request(struct nl *s, struct nlmsghdr *req, nl_fn *fn, void *ctx, struct err *e) NODISCARD;

/* Low level, for batches and events. One datagram from the kernel into s->rbuf. wait_ms 0: only
 * what is there; then *len is 0 when nothing is. ENOBUFS (events were lost): -1, e->sys ENOBUFS. */
int nl_send(struct nl *s, const void *buf, size_t len, struct err *e) NODISCARD;
int nl_recv(struct nl *s, uint64_t deadline_ms, size_t *len, struct err *e) NODISCARD;
/* Sets *e from an NLMSG_ERROR message; returns -1, or 0 when it is an acknowledgement. */
int nl_error(const struct nlmsghdr *nlh, struct err *e);

/* Attributes behind a fixed header of hdr_len bytes into tb[max + 1]; unknown types are skipped,
 * false when lengths do not fit. */
bool nl_attrs(const struct nlmsghdr *nlh, size_t hdr_len, const struct nlattr **tb, unsigned max);
bool nl_attrs_nested(const struct nlattr *nest, const struct nlattr **tb, unsigned max);
/* The elements of a list: start with a NULL; NULL at the end or when lengths do not fit. */
const struct nlattr *nl_nest_next(const struct nlattr *nest, const struct nlattr *a);
/* Checked reads: false when absent or of the wrong length. */
bool nl_get_u32(const struct nlattr *a, uint32_t *out);
bool nl_get_u8(const struct nlattr *a, uint8_t *out);
bool nl_get_name(const struct nlattr *a, char *out, size_t cap);	/* text that fits */

#endif
