/* ev_test.c - the loop and its cookies, timeout classes, mailboxes, job threads
 *
 * Spec: design section 7, D10.
 */
#include "t.h"

#include <pthread.h>
#include <sys/eventfd.h>

#include "base/pool.h"
#include "sys/ev.h"
#include "sys/jobs.h"
#include "sys/mbox.h"
#include "sys/tmo.h"

/* ---- loop ---- */

struct seen {
	unsigned calls;
	uint32_t slot, gen, events;
	struct pool pool;
	struct ev_loop loop;
	int other_fd;
	uint32_t other_slot;
};

static void note(void *world, uint32_t slot, uint32_t gen, uint32_t events)
{
	struct seen *s = world;
	s->calls++;
	s->slot = slot;
	s->gen = gen;
	s->events = events;
}

/* Frees the other object while its event is queued behind this one. */
static void kill_other(void *world, uint32_t slot, uint32_t gen, uint32_t events)
{
	struct seen *s = world;
	(void)events;
	if (!pool_at(&s->pool, slot, gen))
		return;
	s->calls++;
	uint32_t victim = slot == s->other_slot ? 1 - slot : s->other_slot;
	pool_put(&s->pool, victim);
}

static ev_fn *const table[] = { note, kill_other };

T(event_carries_kind_slot_and_generation)
{
	struct seen s = { .calls = 0 };
	struct err e;
	EQ(ev_open(&s.loop, &s, table, 2, &e), 0);
	int fd = eventfd(1, EFD_NONBLOCK);
	EQ(ev_add(&s.loop, fd, 0, UINT32_MAX, 0xff123457, EV_READ, &e), 0);
	EQ(ev_turn(&s.loop, 0, &e), 0);
	EQ(s.calls, 1);
	EQ(s.slot, UINT32_MAX);
	EQ(s.gen, ev_gen(0xff123457));
	EQ(s.events, EV_READ);
	EQ(ev_mod(&s.loop, fd, 0, 1, 2, 0, &e), 0);
	EQ(ev_turn(&s.loop, 0, &e), 0);
	EQ(s.calls, 1);
	EQ(ev_add(&s.loop, fd, 0, 0, 0, EV_READ, &e), -1);
	ev_del(&s.loop, fd);
	ev_del(&s.loop, fd);
	EQ(ev_mod(&s.loop, fd, 0, 0, 0, EV_READ, &e), -1);
	close(fd);
	ev_close(&s.loop);
	ev_close(&s.loop);
}

T(event_of_a_dead_object_is_recognised)
{
	struct seen s = { .calls = 0, .other_slot = 1 };
	struct err e;
	int fd[2];
	EQ(pool_init(&s.pool, 2, 8), 0);
	EQ(ev_open(&s.loop, &s, table, 2, &e), 0);
	for (int i = 0; i < 2; i++) {
		uint32_t slot, gen;
		OK(pool_get(&s.pool, &slot, &gen) != NULL);
		fd[i] = eventfd(1, EFD_NONBLOCK);
		EQ(ev_add(&s.loop, fd[i], 1, slot, gen, EV_READ, &e), 0);
	}
	EQ(ev_turn(&s.loop, 0, &e), 0);
	EQ(s.calls, 1);
	EQ(s.pool.used, 1);
	for (int i = 0; i < 2; i++)
		close(fd[i]);
	ev_close(&s.loop);
	pool_fini(&s.pool);
}

/* ---- timeouts ---- */

static unsigned fired[4];
static struct tmo_set set;
static struct tmo timers[4];

static void on_fire(void *world, uint32_t slot, uint32_t gen)
{
	(void)world, (void)gen;
	fired[slot]++;
}

static void on_fire_again(void *world, uint32_t slot, uint32_t gen)
{
	(void)world;
	fired[slot]++;
	tmo_start(&set, 1, &timers[slot], slot, gen, 1000);
}

static const struct tmo_class two_classes[] = { { 10, on_fire }, { 100, on_fire_again } };

T(timers_expire_in_order_and_touch_moves)
{
	memset(fired, 0, sizeof(fired));
	memset(timers, 0, sizeof(timers));
	tmo_init(&set, NULL, two_classes, 2);
	EQ(tmo_wait_ms(&set, 0), -1);
	tmo_start(&set, 0, &timers[0], 0, 1, 100);
	tmo_start(&set, 0, &timers[1], 1, 1, 105);
	tmo_start(&set, 1, &timers[2], 2, 1, 100);
	EQ(tmo_wait_ms(&set, 100), 10);
	tmo_start(&set, 0, &timers[0], 0, 1, 108);	/* touched: now behind the other */
	EQ(tmo_wait_ms(&set, 108), 7);
	tmo_expire(&set, 114);
	EQ(fired[0] + fired[1], 0);
	tmo_expire(&set, 115);
	EQ(fired[1], 1);
	OK(!tmo_active(&timers[1]) && tmo_active(&timers[0]));
	tmo_stop(&timers[0]);
	tmo_stop(&timers[0]);
	tmo_expire(&set, 150);
	EQ(fired[0], 0);
	EQ(tmo_wait_ms(&set, 250), 0);
	tmo_expire(&set, 250);	/* restarts itself: once per expiry, no endless loop */
	EQ(fired[2], 1);
	EQ(tmo_wait_ms(&set, 1000), 100);
}

/* ---- mailboxes ---- */

T(mailbox_is_a_bounded_fifo)
{
	struct mbox m;
	struct err e;
	int v;
	EQ(mbox_open(&m, 3, sizeof(int), &e), 0);
	for (int round = 0; round < 5; round++) {
		for (int i = 0; i < 3; i++)
			OK(mbox_post(&m, &i));
		v = 9;
		OK(!mbox_post(&m, &v));
		for (int i = 0; i < 3; i++)
			OK(mbox_take(&m, &v) && v == i);
		OK(!mbox_take(&m, &v));
		uint64_t n;
		EQ(read(m.fd, &n, sizeof(n)), -1);	/* drained */
		OK(mbox_post(&m, &round));
		OK(mbox_take(&m, &v) && v == round);
	}
	mbox_close(&m);
	EQ(mbox_open(&m, 0, 4, &e), -1);
	EQ(mbox_open(&m, UINT32_MAX, SIZE_MAX, &e), -1);
}

static struct mbox shared;

static void *produce(void *arg)
{
	for (int i = 0; i < 20000;) {
		int v = (int)(intptr_t)arg;
		if (mbox_post(&shared, &v))
			i++;
	}
	return NULL;
}

/* Sleeps on the eventfd only: a lost wake-up would hang here. */
T(mailbox_never_loses_a_wake_up)
{
	struct ev_loop loop;
	struct err e;
	pthread_t t[3];
	int counts[3] = { 0 };
	struct seen s = { .calls = 0 };
	EQ(mbox_open(&shared, 8, sizeof(int), &e), 0);
	EQ(ev_open(&loop, &s, table, 2, &e), 0);
	EQ(ev_add(&loop, shared.fd, 0, 0, 0, EV_READ, &e), 0);
	for (int i = 0; i < 3; i++)
		EQ(pthread_create(&t[i], NULL, produce, (void *)(intptr_t)i), 0);
	while (counts[0] + counts[1] + counts[2] < 60000) {
		int v;
		EQ(ev_turn(&loop, 10000, &e), 0);
		while (mbox_take(&shared, &v))
			counts[v]++;
	}
	for (int i = 0; i < 3; i++) {
		pthread_join(t[i], NULL);
		EQ(counts[i], 20000);
	}
	ev_close(&loop);
	mbox_close(&shared);
}

/* ---- jobs ---- */

static struct jobs pool;
static pthread_t control;
static unsigned done_cnt, asked_cnt, off_control;

static void asked(void *arg)
{
	(void)arg;
	asked_cnt += pthread_equal(pthread_self(), control) ? 1 : 0;
}

static void work(void *arg)
{
	(void)arg;
	if (!pthread_equal(pthread_self(), control) && jobs_ask(&pool, asked, NULL))
		__atomic_add_fetch(&off_control, 1, __ATOMIC_RELAXED);
}

static void done(void *arg)
{
	(void)arg;
	done_cnt++;
}

T(jobs_run_ask_and_finish)
{
	struct ev_loop loop;
	struct err e;
	struct seen s = { .calls = 0 };
	control = pthread_self();
	done_cnt = asked_cnt = off_control = 0;
	EQ(jobs_open(&pool, 4, &e), 0);
	EQ(ev_open(&loop, &s, table, 2, &e), 0);
	EQ(ev_add(&loop, pool.to_control.fd, 0, 0, 0, EV_READ, &e), 0);
	unsigned submitted = 0;
	while (done_cnt < 500) {
		const struct job job = { work, done, NULL };
		while (submitted < 500 && jobs_submit(&pool, &job))
			submitted++;
		EQ(ev_turn(&loop, 10000, &e), 0);
		jobs_dispatch(&pool);
	}
	EQ(asked_cnt, 500);
	EQ(off_control, 500);
	ev_close(&loop);
	jobs_close(&pool);
	jobs_close(&pool);
}

T(closing_frees_jobs_that_ask)
{
	struct err e;
	control = pthread_self();
	asked_cnt = off_control = 0;
	EQ(jobs_open(&pool, 2, &e), 0);
	const struct job job = { work, done, NULL };
	for (int i = 0; i < JOBS_WAITING_MAX; i++)
		OK(jobs_submit(&pool, &job));
	OK(!jobs_submit(&pool, &job));
	jobs_close(&pool);
	EQ(asked_cnt, 0);
	EQ(off_control, 0);
}
