/* harness_test.c - the test harness tests itself: a check that cannot fail proves nothing
 *
 * Layer: tests.  Input: trusted.  Memory: stack.  Threads: one.
 */
#include "t.h"

#include "base/defs.h"

T(integers_strings_bytes)
{
	EQ(2 + 2, 4);
	EQ(true, 1);
	EQ((unsigned char)255, 255u);
	STR_EQ("a", "a");
	MEM_EQ("ab", 2, "ab", 2);
	HAS("haystack", "stack");
	struct { const char *p; size_t len; } v = { "viewed", 4 };
	VIEW_EQ(v, "view");
	PTR_EQ(&v, &v);
	NEAR(10, 11, 1);
}

T(guarded_copy_ends_at_a_fault)
{
	volatile uint8_t *p = t_guarded("abc", 3);
	EQ(p[2], 'c');
	DIES(SIGSEGV, (void)p[3]);
	volatile uint8_t *none = t_guarded(NULL, 0);
	DIES(SIGSEGV, (void)none[0]);
	for (int i = 0; i < 3 * T_GUARDED_MAX; i++)
		EQ(t_guarded("x", 1)[0], 'x');
}

T(a_failed_check_is_seen)
{
	jmp_buf keep;
	memcpy(&keep, &t_out, sizeof(keep));
	volatile int seen = 0;
	if (setjmp(t_out) == 0)
		EQ(1, 2);
	else
		seen = 1;
	memcpy(&t_out, &keep, sizeof(keep));
	EQ(seen, 1);
	HAS(t_why, "1 is 1, not 2 = 2");
}
