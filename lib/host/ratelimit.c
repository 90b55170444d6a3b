/* ratelimit.c - so many events per sliding window and source
 *
 * Layer: host.  Input: names of sources that others have verified.  Memory: one pool.
 * Threads: control thread.
 * Spec: S004-FR-014.
 *
 * Theory of operation: a window is cut into 64 parts, and a source has a counter for each, so that
 * its memory does not depend on the limit.  An event counts until its whole part is older than a
 * window: never more than the limit pass in any window, and a place comes free at most a 64th of
 * the window late.
 */
#include "host/ratelimit.h"

#include <string.h>

#define PARTS 64
#define RING (PARTS + 1)	/* the part that is ending, and those of a whole window before it */

struct source {
	char name[RATE_SOURCE_LEN + 1];
	uint64_t newest;	/* number of the part that ring[newest % RING] counts */
	uint32_t used;		/* sum of ring */
	uint32_t ring[RING];
};

int ratelimit_open(struct ratelimit *l, struct rate rate)
{
	*l = (struct ratelimit){ .rate = rate };
	if (pool_init(&l->sources, RATE_SOURCES_MAX, sizeof(struct source)) < 0)
		return -1;
	if (map_init(&l->ids, RATE_SOURCES_MAX) == 0)
		return 0;
	pool_fini(&l->sources);
	return -1;
}

void ratelimit_close(struct ratelimit *l)
{
	map_fini(&l->ids);
	pool_fini(&l->sources);
}

static uint64_t part_of(const struct ratelimit *l, uint64_t ms)
{
	return ms * PARTS / ((uint64_t)l->rate.secs * 1000);
}

/* Forgets what is older than a window. */
static void move_on(struct source *s, uint64_t part)
{
	if (part - s->newest >= RING) {
		memset(s->ring, 0, sizeof(s->ring));
		s->used = 0;
		s->newest = part;
	}
	while (s->newest < part) {
		uint32_t *oldest = &s->ring[++s->newest % RING];

		s->used -= *oldest;
		*oldest = 0;
	}
}

static void drop_idle(struct ratelimit *l, uint64_t part)
{
	for (uint32_t i = 0; i < RATE_SOURCES_MAX; i++) {
		struct source *s = pool_peek(&l->sources, i);

		if (!s || part - s->newest < RING)
			continue;
		(void)map_del(&l->ids, str_of(s->name));
		pool_put(&l->sources, i);
	}
}

static struct source *source_of(struct ratelimit *l, struct str who, uint64_t part)
{
	struct source *s;
	uint32_t slot, gen;

	if (map_get(&l->ids, who, &slot))
		return pool_peek(&l->sources, slot);
	s = pool_get(&l->sources, &slot, &gen);
	if (!s) {
		drop_idle(l, part);
		s = pool_get(&l->sources, &slot, &gen);
	}
	if (!s)
		return NULL;
	CHECK(str_to_c(s->name, sizeof(s->name), who));
	s->newest = part;
	CHECK(map_put(&l->ids, str_of(s->name), slot));
	return s;
}

/* Until the oldest counted part is older than a window. */
static uint32_t wait_for_place(const struct ratelimit *l, const struct source *s, uint64_t now_ms)
{
	uint64_t window_ms = (uint64_t)l->rate.secs * 1000;
	uint64_t part = s->newest >= PARTS ? s->newest - PARTS : 0;
	uint64_t free_ms;

	while (part < s->newest && s->ring[part % RING] == 0)
		part++;
	free_ms = ((part + RING) * window_ms + PARTS - 1) / PARTS;
	return free_ms <= now_ms ? 1 : (uint32_t)((free_ms - now_ms + 999) / 1000);
}

bool ratelimit_take(struct ratelimit *l, struct str who, uint64_t now_ms, uint32_t *wait_s)
{
	uint64_t part = part_of(l, now_ms);
	struct source *s = source_of(l, who, part);

	*wait_s = l->rate.secs;
	if (!s)
		return false;
	move_on(s, part);
	if (s->used >= l->rate.count) {
		*wait_s = wait_for_place(l, s, now_ms);
		return false;
	}
	s->ring[part % RING]++;
	s->used++;
	return true;
}
