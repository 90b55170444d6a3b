/* t.h - unit test harness: one header, one program per file
 *
 *	#include "t.h"
 *	#include "base/num.h"
 *
 *	T(parse_u16_refuses_overflow)		// S000-EC-X01
 *	{
 *		uint16_t v = 7;
 *		OK(num_u16(STR("65535"), &v));
 *		EQ(v, 65535);
 *		OK(!num_u16(STR("65536"), &v));
 *	}
 *
 * The harness has main(): `prog` runs all tests of the file, `prog WORD...` those whose name contains one of
 * the words.  Output is TAP; exit status 1 when a test failed.  A failed check ends its test (longjmp to the
 * runner: main thread only; other threads report by value).  A fatal signal names the test it hit; after 60 s
 * SIGALRM does.
 */
#ifndef OC_TESTS_T_H
#define OC_TESTS_T_H

#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

#define T_MAYBE __attribute__((unused))

struct t_case {
	const char *name;
	void (*run)(void);
	struct t_case *next;
};

static struct t_case *t_first, **t_last = &t_first;
static const char *volatile t_now = "start-up";
static jmp_buf t_out;
static char t_why[1024];

#define T(NAME) \
	static void t_run_##NAME(void); \
	static struct t_case t_case_##NAME = { #NAME, t_run_##NAME, NULL }; \
	__attribute__((constructor)) static void t_add_##NAME(void) \
	{ \
		*t_last = &t_case_##NAME; \
		t_last = &t_case_##NAME.next; \
	} \
	static void t_run_##NAME(void)

#define FAIL(...) t_fail(__FILE__, __LINE__, __VA_ARGS__)
#define SKIP(reason) (snprintf(t_why, sizeof(t_why), "%s", reason), longjmp(t_out, 2))
#define OK(cond) ((cond) ? (void)0 : FAIL("not true: %s", #cond))
/* Integers, enums, booleans: compared as 64 bits. */
#define EQ(a, b) t_eq((long long)(a), (long long)(b), #a, #b, __FILE__, __LINE__)
#define PTR_EQ(a, b) OK((const volatile void *)(a) == (const volatile void *)(b))
#define NEAR(a, b, tolerance) OK((a) - (b) <= (tolerance) && (b) - (a) <= (tolerance))
/* C strings (NULL equals NULL only), a view with .p and .len against a C string, raw bytes, a part of a string. */
#define STR_EQ(a, b) t_str_eq(a, b, #a, __FILE__, __LINE__)
#define VIEW_EQ(view, cstr) \
	t_mem_eq((view).p, (view).len, cstr, strlen(cstr), #view, __FILE__, __LINE__)
#define MEM_EQ(p, n, want, want_n) t_mem_eq(p, n, want, want_n, #p, __FILE__, __LINE__)
#define HAS(haystack, needle) t_has(haystack, needle, __FILE__, __LINE__)
/* The statement must end its process by this signal (CHECK: SIGABRT; a write to sealed memory: SIGSEGV). */
#define DIES(sig, statement) \
	do { \
		pid_t t_pid = t_fork(); \
		if (t_pid == 0) { \
			statement; \
			_exit(0); \
		} \
		t_died(t_pid, sig, #statement, __FILE__, __LINE__); \
	} while (0)

__attribute__((format(printf, 3, 4), noreturn)) T_MAYBE static void t_fail(const char *file,
									   int line,
									   const char *fmt, ...)
{
	va_list ap;
	va_start(ap, fmt);
	int n = snprintf(t_why, sizeof(t_why), "%s:%d: ", file, line);
	if (n > 0 && (size_t)n < sizeof(t_why))
		vsnprintf(t_why + n, sizeof(t_why) - (size_t)n, fmt, ap);
	va_end(ap);
	longjmp(t_out, 1);
}

T_MAYBE static void t_eq(long long a, long long b, const char *as, const char *bs, const char *file,
			 int line)
{
	if (a != b)
		t_fail(file, line, "%s is %lld, not %s = %lld", as, a, bs, b);
}

T_MAYBE static void t_str_eq(const char *a, const char *b, const char *as, const char *file,
			     int line)
{
	if ((a == NULL) != (b == NULL) || (a && b && strcmp(a, b) != 0))
		t_fail(file, line, "%s is \"%s\", not \"%s\"", as, a ? a : "(null)",
		       b ? b : "(null)");
}

T_MAYBE static void t_mem_eq(const void *a, size_t an, const void *b, size_t bn, const char *as,
			     const char *file, int line)
{
	const uint8_t *x = a, *y = b;
	if (an != bn)
		t_fail(file, line, "%s has %zu bytes (\"%.*s\"), not %zu (\"%.*s\")", as, an,
		       (int)(an > 200 ? 200 : an), x ? (const char *)x : "", bn,
		       (int)(bn > 200 ? 200 : bn), y ? (const char *)y : "");
	for (size_t i = 0; i < an; i++)
		if (x[i] != y[i])
			t_fail(file, line, "%s differs at byte %zu: 0x%02x, not 0x%02x", as, i,
			       x[i], y[i]);
}

T_MAYBE static void t_has(const char *haystack, const char *needle, const char *file, int line)
{
	if (!haystack || !strstr(haystack, needle))
		t_fail(file, line, "\"%s\" does not contain \"%s\"", haystack ? haystack : "(null)",
		       needle);
}

T_MAYBE static pid_t t_fork(void)
{
	fflush(NULL);
	pid_t pid = fork();
	for (int s = 1; pid == 0 && s < 32; s++)
		signal(s, SIG_DFL);
	if (pid == 0 && !freopen("/dev/null", "w", stderr))	/* its complaint is expected */
		_exit(0);
	return pid;
}

T_MAYBE static void t_died(pid_t pid, int sig, const char *what, const char *file, int line)
{
	int st = 0;
	if (pid < 0 || waitpid(pid, &st, 0) != pid)
		t_fail(file, line, "cannot fork");
	/* a sanitizer turns the signal into an exit status of its own */
	if (!(WIFSIGNALED(st) && WTERMSIG(st) == sig) && !(WIFEXITED(st) && WEXITSTATUS(st) != 0))
		t_fail(file, line, "survived: %s (wait status 0x%x)", what, (unsigned)st);
}

#define T_GUARDED_MAX 256
static struct { uint8_t *p; size_t len; } t_maps[T_GUARDED_MAX];
static unsigned t_map_next;

/* A writable copy of data; the first byte beyond its end faults. Valid until the test ends or 256 later calls. */
T_MAYBE static uint8_t *t_guarded(const void *data, size_t len)
{
	size_t page = (size_t)sysconf(_SC_PAGESIZE);
	size_t body = (len + page - 1) / page * page;
	uint8_t *map = mmap(NULL, body + page, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS,
			    -1, 0);
	if (map == MAP_FAILED || mprotect(map + body, page, PROT_NONE) != 0)
		FAIL("no memory for a guarded copy");
	unsigned i = t_map_next++ % T_GUARDED_MAX;
	if (t_maps[i].p)
		munmap(t_maps[i].p, t_maps[i].len);
	t_maps[i].p = map;
	t_maps[i].len = body + page;
	return len ? memcpy(map + body - len, data, len) : map + body;
}

static void t_signal(int sig)
{
	char line[256];
	int n = snprintf(line, sizeof(line), "not ok - %s # signal %d\n", t_now, sig);
	if (n > 0)
		(void)!write(1, line, (size_t)n);
	signal(sig, SIG_DFL);
	raise(sig);
}

static bool t_wanted(const char *name, int argc, char **argv)
{
	for (int i = 1; i < argc; i++)
		if (strstr(name, argv[i]))
			return true;
	return argc < 2;
}

static bool t_one(const struct t_case *t, int n)
{
	t_now = t->name;
	int how = setjmp(t_out);
	if (how == 0)
		t->run();
	for (unsigned i = 0; i < T_GUARDED_MAX; i++)
		if (t_maps[i].p)
			munmap(t_maps[i].p, t_maps[i].len);
	memset(t_maps, 0, sizeof(t_maps));
	printf("%sok %d - %s%s%s\n", how == 1 ? "not " : "", n, t->name, how == 2 ? " # SKIP " : "",
	       how == 2 ? t_why : "");
	if (how == 1)
		printf("# %s\n", t_why);
	fflush(stdout);
	return how != 1;
}

int main(int argc, char **argv)
{
#ifndef __SANITIZE_ADDRESS__	/* it says more about a bad access than we could */
	signal(SIGSEGV, t_signal);
	signal(SIGBUS, t_signal);
#endif
	signal(SIGILL, t_signal);
	signal(SIGABRT, t_signal);
	signal(SIGALRM, t_signal);
	alarm(60);
	int n = 0, bad = 0;
	for (const struct t_case *t = t_first; t; t = t->next)
		if (t_wanted(t->name, argc, argv))
			bad += !t_one(t, ++n);
	printf("1..%d\n", n);
	return bad ? 1 : 0;
}

#endif
