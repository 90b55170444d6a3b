/* brnf.h - the two bridge-netfilter switches of this network namespace
 *
 * Layer: host.  Input: trusted.  Memory: stack.  Threads: one owner (may start modprobe).
 * Spec: S001-X-005, S015-P-003.
 */
#ifndef OC_HOST_BRNF_H
#define OC_HOST_BRNF_H

#include "base/err.h"

struct brnf {
	char ipv4[96], ipv6[96];	/* trimmed value, or "unavailable (<strerror>)" */
	bool on;			/* both are 1 */
};

/* Reads both, now. */
void brnf_read(struct brnf *out);
/* Sets both to 1. may_load: when they are missing, runs modprobe first (S001-X-005: once; callers
 * under a system call filter say false). -1: at least one is still not 1; the message is the
 * sentence of S001 section 3 without its prefix. */
int brnf_enable(bool may_load, struct err *e) NODISCARD;
/* The same sentence for values just read (container creation, S015 section 2). Returns -1. */
int brnf_refuse(const struct brnf *v, struct err *e);

#endif
