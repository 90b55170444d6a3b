/* memory_test.c - arena, pool, map, clock */
#include "t.h"

#include "base/arena.h"
#include "base/clock.h"
#include "base/map.h"
#include "base/pool.h"

T(arena_hands_out_zeroed_memory_again)
{
	struct arena a;
	char *p;

	EQ(arena_init_fixed(&a, 4096), 0);
	p = arena_alloc(&a, 100);
	OK(p);
	memset(p, 0xaa, 100);
	arena_reset(&a);
	p = arena_alloc(&a, 200);
	for (int i = 0; i < 200; i++)
		EQ(p[i], 0);
	arena_fini(&a);
}

T(arena_keeps_to_its_maximum)
{
	struct arena a;

	arena_init(&a, 256 * 1024);
	OK(arena_alloc(&a, 300 * 1024) == NULL);
	OK(arena_alloc(&a, 100 * 1024) != NULL);
	OK(arena_alloc(&a, SIZE_MAX) == NULL);
	OK(arena_array(&a, SIZE_MAX / 2, 16) == NULL);
	OK(a.mapped <= 256 * 1024);
	arena_fini(&a);
}

T(a_fixed_arena_never_grows)
{
	struct arena a;
	size_t mark;

	EQ(arena_init_fixed(&a, 8192), 0);
	mark = arena_mark(&a);
	while (arena_alloc(&a, 64))
		;
	OK(a.mapped <= 3 * 4096);
	arena_rewind(&a, mark);
	OK(arena_alloc(&a, 64) != NULL);
	arena_fini(&a);
}

T(a_sealed_arena_cannot_be_written)
{
	struct arena a;
	char *p;
	int status;
	pid_t pid;

	arena_init(&a, 1 << 20);
	p = arena_alloc(&a, 10);
	OK(p && arena_seal(&a) == 0);
	OK(arena_alloc(&a, 1) == NULL);
	pid = fork();
	if (pid == 0) {
		(void)signal(SIGSEGV, SIG_DFL);
		*(volatile char *)p = 1;
		_exit(0);
	}
	OK(waitpid(pid, &status, 0) == pid);
	OK(!(WIFEXITED(status) && WEXITSTATUS(status) == 0));
	arena_fini(&a);
}

T(a_stale_handle_finds_nothing)
{
	struct pool p;
	uint32_t slot, gen, slot2, gen2;

	EQ(pool_init(&p, 2, 24), 0);
	OK(pool_get(&p, &slot, &gen));
	OK(pool_at(&p, slot, gen));
	pool_put(&p, slot);
	OK(!pool_at(&p, slot, gen));
	OK(pool_get(&p, &slot2, &gen2));
	EQ(slot2, slot);
	OK(!pool_at(&p, slot, gen));
	OK(pool_at(&p, slot, gen2 & POOL_GEN_MASK));	/* as an epoll cookie brings it back */
	OK(pool_get(&p, &slot, &gen));
	OK(!pool_get(&p, &slot, &gen));
	OK(!pool_at(&p, 7, 1));
	pool_fini(&p);
}

T(map_agrees_with_a_plain_array)	/* property: random puts, dels and gets */
{
	static char keys[64][4];
	uint32_t model[64], state = 12345, v;
	bool present[64] = { false };
	struct map m;

	EQ(map_init(&m, 64), 0);
	for (int i = 0; i < 64; i++)
		(void)snprintf(keys[i], sizeof(keys[i]), "k%d", i);
	for (int round = 0; round < 20000; round++) {
		uint32_t k;

		state = state * 1664525u + 1013904223u;
		k = state >> 16 & 63;
		if (state >> 30 == 0) {
			EQ(map_del(&m, str_of(keys[k])), present[k]);
			present[k] = false;
		} else if (state >> 30 == 1) {
			OK(map_put(&m, str_of(keys[k]), state));
			present[k] = true;
			model[k] = state;
		} else {
			EQ(map_get(&m, str_of(keys[k]), &v), present[k]);
			if (present[k])
				EQ(v, model[k]);
		}
	}
	map_fini(&m);
}

T(civil_dates_round_trip)
{
	char text[40];
	struct buf b = BUF_OF(text);

	for (int64_t day = -800000; day < 3000000; day += 37) {
		int64_t y;
		unsigned m, d;

		clock_civil_from_days(day, &y, &m, &d);
		EQ(clock_days_from_civil(y, m, d), day);
	}
	clock_format_utc(&b, INT64_C(1776781921000001), 6);
	STR_EQ(buf_c(&b), "2026-04-21T14:32:01.000001Z");
	buf_reset(&b);
	clock_format_utc(&b, -1, 0);
	STR_EQ(buf_c(&b), "1969-12-31T23:59:59Z");
}
