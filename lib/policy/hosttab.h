/* hosttab.h - immutable table of /etc/hosts names and of this host's own addresses
 *
 * Layer: policy.  Memory: one arena per table, published by the control thread.  Threads: any.
 * Spec: S006-FR-019 decision 11, Address policy (addresses of this host are restricted).
 */
#ifndef OC_POLICY_HOSTTAB_H
#define OC_POLICY_HOSTTAB_H

#include "base/arena.h"
#include "base/ip.h"
#include "policy/snap.h"

struct hosttab_name {
	struct str name;	/* lower case, no trailing dot */
	struct ip addr;
};

struct hosttab {
	struct snap snap;
	struct arena arena;
	const struct hosttab_name *names;	/* sorted by name */
	uint32_t name_cnt;
	const struct ip *local;			/* sorted */
	uint32_t local_cnt;
};

/* hosts: text of /etc/hosts (hostile size is bounded by the caller); local: own addresses.
 * NULL without memory. One reference. */
struct hosttab *hosttab_new(struct str hosts, const struct ip *local, size_t local_cnt) NODISCARD;
/* Writes up to max addresses of name; returns how many. t may be NULL. */
size_t hosttab_lookup(const struct hosttab *t, struct str name, struct ip *out, size_t max);
bool hosttab_is_local(const struct hosttab *t, struct ip a);

#endif
