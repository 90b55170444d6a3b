/* tmo.h - timeout classes: one duration, one FIFO list each; O(1) start, touch, stop
 *
 * Layer: sys.  Memory: nodes live in their objects (zeroed = idle).  Threads: one owner.
 */
#ifndef OC_SYS_TMO_H
#define OC_SYS_TMO_H

#include "base/list.h"

struct tmo {
	struct list node;
	uint64_t deadline_ms;
	uint32_t slot, gen;
};

/* Called once per expiry; the timer is idle again by then and may be started anew. */
typedef void tmo_fn(void *world, uint32_t slot, uint32_t gen);

struct tmo_class {
	uint32_t duration_ms;
	tmo_fn *fn;
};

#define TMO_CLASSES_MAX 32

struct tmo_set {
	const struct tmo_class *classes;
	unsigned count;
	void *world;
	struct list queues[TMO_CLASSES_MAX];
};

void tmo_init(struct tmo_set *s, void *world, const struct tmo_class *classes, unsigned count);
/* Starts or restarts t in class cls for the object {slot, gen}. */
void tmo_start(struct tmo_set *s, unsigned cls, struct tmo *t, uint32_t slot, uint32_t gen,
	       uint64_t now_ms);
void tmo_stop(struct tmo *t);
bool tmo_active(const struct tmo *t);
/* Milliseconds until the next expiry, 0 when due, -1 when nothing is running. */
int tmo_wait_ms(const struct tmo_set *s, uint64_t now_ms);
/* Calls fn for all that are due. */
void tmo_expire(struct tmo_set *s, uint64_t now_ms);

#endif
