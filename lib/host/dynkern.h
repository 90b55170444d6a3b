/* dynkern.h - dynamic grants in the kernel: set elements, flows, the forwarding switch
 *
 * Layer: host.  Memory: the caller's.  Threads: control thread only.
 * Spec: S009 1.4, S001-X-016, D19.
 */
#ifndef OC_HOST_DYNKERN_H
#define OC_HOST_DYNKERN_H

#include "host/bridge.h"
#include "host/dyn.h"
#include "sys/ct.h"

struct dynkern {
	struct bridge *bridge;
	struct ct ct;
};

int dynkern_open(struct dynkern *k, struct bridge *b, struct err *e) NODISCARD;
void dynkern_close(struct dynkern *k);

/* The functions of struct dyn_env; ctx is a struct dynkern. */
int dynkern_add(void *ctx, const struct dyn_grant *const *v, size_t n, uint64_t now_ms,
		struct err *e) NODISCARD;
int dynkern_renew(void *ctx, const struct dyn_grant *g, uint64_t now_ms, struct err *e) NODISCARD;
int dynkern_del(void *ctx, const struct dyn_grant *g, struct err *e) NODISCARD;
int dynkern_del_all(void *ctx, struct err *e) NODISCARD;
int dynkern_reset(void *ctx, struct err *e) NODISCARD;
int dynkern_cut(void *ctx, const struct dyn_key *v, size_t n, struct err *e) NODISCARD;

#endif
