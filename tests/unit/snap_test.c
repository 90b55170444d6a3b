/* snap_test.c - snapshots: references, generations, many readers against one publisher */
#include <pthread.h>

#include "policy/snap.h"
#include "t.h"

#define SWAPS 1500
#define READERS 4

struct thing {
	struct snap snap;
	atomic_uint alive;
};

static struct thing things[SWAPS + 8];
static atomic_uint destroyed;

static void destroy(struct snap *s)
{
	struct thing *t = container_of(s, struct thing, snap);

	CHECK(atomic_exchange(&t->alive, 0) == 1);
	atomic_fetch_add(&destroyed, 1);
}

static struct thing *make(size_t i)
{
	atomic_store(&things[i].alive, 1);
	atomic_init(&things[i].snap.refs, 1);
	things[i].snap.destroy = destroy;
	return &things[i];
}

T(nothing_published_reads_as_nothing)
{
	struct snap_box box;
	struct snap_reader r;

	snap_box_init(&box);
	snap_reader_init(&r, &box);
	OK(snap_read(&r) == NULL);
	OK(snap_current(&box) == NULL);
	EQ(snap_generation(&box), 0);
	snap_reader_fini(&r);
	snap_box_fini(&box);
}

T(a_reader_keeps_its_snapshot_until_it_reads_again)	/* S003-FR-040, S003-EC-016 */
{
	struct snap_box box;
	struct snap_reader r;
	struct thing *a = make(0);
	struct thing *b = make(1);

	snap_box_init(&box);
	snap_reader_init(&r, &box);
	EQ(snap_publish(&box, &a->snap), 1);
	PTR_EQ(snap_read(&r), &a->snap);
	EQ(snap_publish(&box, &b->snap), 2);
	EQ(a->alive, 1);
	EQ(a->snap.generation, 1);
	PTR_EQ(snap_read(&r), &b->snap);
	EQ(a->alive, 0);
	snap_reader_fini(&r);
	EQ(b->alive, 1);
	snap_box_fini(&box);
	EQ(b->alive, 0);
}

T(an_occasional_user_holds_its_own_reference)
{
	struct snap_box box;
	struct thing *a = make(0);
	struct snap *held;

	snap_box_init(&box);
	(void)snap_publish(&box, &a->snap);
	held = snap_current(&box);
	snap_box_fini(&box);
	EQ(a->alive, 1);
	snap_put(held);
	EQ(a->alive, 0);
}

T(one_reference_too_many_given_back_dies)
{
	struct thing *a = make(0);

	snap_put(&a->snap);
	DIES(SIGABRT, snap_put(&a->snap));
}

static struct snap_box shared;
static atomic_bool stop;

static void *read_all_the_time(void *bad)
{
	struct snap_reader r;
	uint64_t last = 0;

	snap_reader_init(&r, &shared);
	while (!atomic_load(&stop)) {
		struct snap *s = snap_read(&r);
		struct thing *t = container_of(s, struct thing, snap);

		if (atomic_load(&t->alive) != 1 || s->generation < last)
			atomic_fetch_add((atomic_uint *)bad, 1);
		last = s->generation;
	}
	snap_reader_fini(&r);
	return NULL;
}

T(readers_never_see_a_dead_or_older_snapshot)
{
	pthread_t th[READERS];
	atomic_uint bad = 0;

	atomic_store(&destroyed, 0);
	atomic_store(&stop, false);
	snap_box_init(&shared);
	(void)snap_publish(&shared, &make(0)->snap);
	for (int i = 0; i < READERS; i++)
		OK(pthread_create(&th[i], NULL, read_all_the_time, &bad) == 0);
	for (size_t i = 1; i < SWAPS; i++)
		(void)snap_publish(&shared, &make(i)->snap);
	atomic_store(&stop, true);
	for (int i = 0; i < READERS; i++)
		(void)pthread_join(th[i], NULL);
	snap_box_fini(&shared);
	EQ(bad, 0);
	EQ(destroyed, SWAPS);
}
