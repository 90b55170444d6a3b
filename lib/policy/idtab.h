/* idtab.h - immutable table: source address -> managed container or jail
 *
 * Layer: policy.  Memory: one arena per table, published through a snap_box by the control thread.
 * Threads: any number of readers.  Spec: S013, S015-X-005.
 */
#ifndef OC_POLICY_IDTAB_H
#define OC_POLICY_IDTAB_H

#include "base/arena.h"
#include "base/err.h"
#include "base/ip.h"
#include "policy/agentname.h"
#include "policy/snap.h"

#define AGENT_ID_MAX 64

struct ident {
	struct ip addr;
	char id[AGENT_ID_MAX + 1];	/* 64 hex digits of a container, or jail-<8 hex> */
	char name[AGENT_NAME_MAX + 1];	/* container or jail name */
	char agent[AGENT_NAME_MAX + 1];	/* agent.name: S013 */
};

struct idtab {
	struct snap snap;
	struct arena arena;
	const struct ident *sorted;	/* by address */
	uint32_t count;
};

/* Builds a table from entries (any order). Two entries with one address: neither is kept
 * (S015-X-005). NULL without memory. The result holds one reference. */
struct idtab *idtab_new(const struct ident *entries, size_t count) NODISCARD;
/* NULL: nobody's address. t may be NULL. */
const struct ident *idtab_find(const struct idtab *t, struct ip addr);

#endif
