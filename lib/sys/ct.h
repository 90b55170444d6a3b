/* ct.h - connection tracking: ends flows that the kernel still lets through (ctnetlink)
 *
 * Layer: sys.  Input: trusted (the kernel), length-checked.  Memory: the socket's own mapping.
 * Threads: one owner.
 * Spec: S009 section 2 (conntrack entries of a grant that ended), S009 6.2.
 *
 * The base policy accepts what belongs to a known flow, so taking a permission away stops a
 * running transfer only when its entry goes too.
 */
#ifndef OC_SYS_CT_H
#define OC_SYS_CT_H

#include "sys/nl.h"

struct ct {
	struct nl nl;
};

struct ct_flow {		/* IPv4, host byte order */
	uint32_t src;
	uint32_t dst, dst_mask;	/* mask 0: any destination */
	uint8_t proto;		/* 0: any */
	uint16_t port;		/* of the destination, needs proto; 0: any */
};

int ct_open(struct ct *c, struct err *e) NODISCARD;
void ct_close(struct ct *c);
/* Deletes the entries whose original direction is one of the n flows. Connections that were
 * redirected to ourselves stay: no grant let them through. */
int ct_cut(struct ct *c, const struct ct_flow *v, size_t n, struct err *e) NODISCARD;

#endif
