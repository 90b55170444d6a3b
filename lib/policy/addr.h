/* addr.h - the one list of restricted addresses (D8; S006, Address policy)
 *
 * Layer: policy.  Threads: pure functions.
 *
 * One function serves DNS answers, proxy targets and direct grants.
 */
#ifndef OC_POLICY_ADDR_H
#define OC_POLICY_ADDR_H

#include "base/ip.h"

enum addr_class {
	/* never a target, opt-in or not: unspecified, 0/8, mapped, multicast, broadcast */
	ADDR_NEVER = 0,
	ADDR_METADATA,		/* only as literal authority and with opt-in */
	ADDR_RESTRICTED,	/* only with egress.allow_private_ips */
	ADDR_PUBLIC,
};

enum addr_class addr_classify(struct ip a);

/* Whether a may be used. opt_in: the matched rule has allow_private_ips; literal: the authority
 * itself is this address (never for DNS answers and grants). local: a is an address of this host,
 * which is restricted whatever its class (the caller knows, this layer does no I/O). */
bool addr_allowed(struct ip a, bool opt_in, bool literal, bool local);

/* Whether CONNECT (or, connect false, a plain request) never goes to that port, whatever the rules
 * say (S006 table, WR-053). */
bool addr_port_denied(uint16_t port, bool connect);

#endif
