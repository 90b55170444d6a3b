/* snap.c - publish and read immutable snapshots
 *
 * Layer: policy.  Input: trusted.  Memory: the snapshot's own.
 * Threads: many readers, one publisher.
 * Spec: S003-FR-040.
 *
 * Theory of operation: "load the pointer, then count it" is a use after free, because the last
 * reference may go between the two.  So the pointer is only taken under the box's mutex, and a
 * reader keeps one reference for as long as the box's generation has not changed.  The common read
 * is one acquire load and a comparison.  A snapshot is destroyed by whoever drops the last
 * reference, never under the lock.
 */
#include "policy/snap.h"

void snap_box_init(struct snap_box *b)
{
	CHECK(pthread_mutex_init(&b->lock, NULL) == 0);
	b->current = NULL;
	atomic_init(&b->generation, 0);
}

void snap_box_fini(struct snap_box *b)
{
	snap_put(b->current);
	b->current = NULL;
	CHECK(pthread_mutex_destroy(&b->lock) == 0);
}

void snap_get(struct snap *s)
{
	unsigned before = atomic_fetch_add_explicit(&s->refs, 1, memory_order_relaxed);

	CHECK(before > 0 && before < UINT32_MAX);
}

void snap_put(struct snap *s)
{
	unsigned before;

	if (!s)
		return;
	before = atomic_fetch_sub_explicit(&s->refs, 1, memory_order_acq_rel);
	CHECK(before > 0);
	if (before == 1)
		s->destroy(s);
}

uint64_t snap_publish(struct snap_box *b, struct snap *fresh)
{
	struct snap *old;
	uint64_t generation;

	CHECK(fresh);
	CHECK(pthread_mutex_lock(&b->lock) == 0);
	generation = atomic_load_explicit(&b->generation, memory_order_relaxed) + 1;
	fresh->generation = generation;
	old = b->current;
	b->current = fresh;
	atomic_store_explicit(&b->generation, generation, memory_order_release);
	CHECK(pthread_mutex_unlock(&b->lock) == 0);
	snap_put(old);
	return generation;
}

/* The current snapshot with a reference for the caller, and its generation. */
static struct snap *take(struct snap_box *b, uint64_t *generation)
{
	struct snap *s;

	CHECK(pthread_mutex_lock(&b->lock) == 0);
	s = b->current;
	if (s)
		snap_get(s);
	*generation = atomic_load_explicit(&b->generation, memory_order_relaxed);
	CHECK(pthread_mutex_unlock(&b->lock) == 0);
	return s;
}

struct snap *snap_current(struct snap_box *b)
{
	uint64_t generation;

	return take(b, &generation);
}

uint64_t snap_generation(const struct snap_box *b)
{
	return atomic_load_explicit(&b->generation, memory_order_acquire);
}

void snap_reader_init(struct snap_reader *r, struct snap_box *b)
{
	r->box = b;
	r->held = NULL;
	r->generation = 0;
}

void snap_reader_fini(struct snap_reader *r)
{
	snap_put(r->held);
	r->held = NULL;
	r->generation = 0;
}

struct snap *snap_read(struct snap_reader *r)
{
	struct snap *old;

	if (snap_generation(r->box) == r->generation)
		return r->held;
	old = r->held;
	r->held = take(r->box, &r->generation);
	snap_put(old);
	return r->held;
}
