/* tmo.c - timeout classes: one duration, one FIFO list each; O(1) start, touch, stop
 *
 * Layer: sys.  Input: trusted.  Memory: nodes live in their objects.  Threads: one owner.
 * Spec: design section 7 (every wait has a deadline).
 *
 * Theory of operation.  All timers of a class run equally long, so the list in order of starting is
 * also the list in order of expiry: starting appends, touching moves to the tail, expiring takes
 * from the head.  Time must not run backwards between two calls; the monotonic clock does not.
 */
#include "sys/tmo.h"

#include <limits.h>

void tmo_init(struct tmo_set *s, void *world, const struct tmo_class *classes, unsigned count)
{
	CHECK(count <= TMO_CLASSES_MAX);
	s->classes = classes;
	s->count = count;
	s->world = world;
	for (unsigned i = 0; i < count; i++) {
		/* A timer that expires at once and restarts itself would never end tmo_expire(). */
		CHECK(classes[i].duration_ms > 0 && classes[i].fn);
		list_init(&s->queues[i]);
	}
}

void tmo_start(struct tmo_set *s, unsigned cls, struct tmo *t, uint32_t slot, uint32_t gen,
	       uint64_t now_ms)
{
	CHECK(cls < s->count);
	list_del(&t->node);
	t->slot = slot;
	t->gen = gen;
	t->deadline_ms = now_ms + s->classes[cls].duration_ms;
	list_add_tail(&s->queues[cls], &t->node);
}

void tmo_stop(struct tmo *t)
{
	list_del(&t->node);
}

bool tmo_active(const struct tmo *t)
{
	return list_linked(&t->node);
}

int tmo_wait_ms(const struct tmo_set *s, uint64_t now_ms)
{
	uint64_t next = UINT64_MAX;
	for (unsigned i = 0; i < s->count; i++) {
		const struct tmo *t = LIST_FIRST(&s->queues[i], struct tmo, node);
		if (t && t->deadline_ms < next)
			next = t->deadline_ms;
	}
	if (next == UINT64_MAX)
		return -1;
	if (next <= now_ms)
		return 0;
	return next - now_ms > INT_MAX ? INT_MAX : (int)(next - now_ms);
}

void tmo_expire(struct tmo_set *s, uint64_t now_ms)
{
	for (unsigned i = 0; i < s->count; i++) {
		for (;;) {
			struct tmo *t = LIST_FIRST(&s->queues[i], struct tmo, node);
			if (!t || t->deadline_ms > now_ms)
				break;
			list_del(&t->node);
			s->classes[i].fn(s->world, t->slot, t->gen);
		}
	}
}
