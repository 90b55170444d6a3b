/* defs.h - compiler attributes, small macros, checked arithmetic, forbidden functions
 *
 * Layer: base.  Included by every file of the project, directly or through another base header.
 */
#ifndef OC_BASE_DEFS_H
#define OC_BASE_DEFS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#ifndef __linux__
#error "Outcall runs on Linux only (S000-EC-001)"
#endif

#define ARRAY_LEN(a) (sizeof(a) / sizeof((a)[0]))
#define STATIC_ASSERT(cond, msg) _Static_assert(cond, msg)

#define NODISCARD __attribute__((warn_unused_result))
#define NONNULL_ALL __attribute__((nonnull))
#define PRINTF(fmt, args) __attribute__((format(printf, fmt, args)))
#define NORETURN __attribute__((noreturn))
#define UNUSED __attribute__((unused))
#define FALLTHROUGH __attribute__((fallthrough))

/* The object of type T whose member M stands at ptr. */
#define container_of(ptr, T, M) ((T *)(void *)((char *)(ptr) - offsetof(T, M)))

#define MIN(a, b) ((a) < (b) ? (a) : (b))
#define MAX(a, b) ((a) > (b) ? (a) : (b))

/* True when the result does not fit; *out is then unusable. */
#define MUL_OVERFLOWS(a, b, out) __builtin_mul_overflow(a, b, out)
#define ADD_OVERFLOWS(a, b, out) __builtin_add_overflow(a, b, out)
#define SUB_OVERFLOWS(a, b, out) __builtin_sub_overflow(a, b, out)

/* A broken invariant ends the process in every build: the kernel's drop-all policy stays in force,
 * so dying is failing closed. */
NORETURN void check_failed(const char *cond, const char *file, int line);
#define CHECK(cond) \
	do { \
		if (__builtin_expect(!(cond), 0)) \
			check_failed(#cond, __FILE__, __LINE__); \
	} while (0)

/* Functions that cannot be used safely on foreign input; the message is the reason. */
#define OC_POISON(name) oc_poisoned_function_##name
#undef strcpy
#undef strcat
#undef sprintf
#undef vsprintf
#undef strtok
#undef alloca
#define strcpy OC_POISON(strcpy_is_unbounded_use_buf_append)
#define strcat OC_POISON(strcat_is_unbounded_use_buf_append)
#define sprintf OC_POISON(sprintf_is_unbounded_use_buf_printf)
#define vsprintf OC_POISON(vsprintf_is_unbounded_use_buf_vprintf)
#define strtok OC_POISON(strtok_keeps_hidden_state_use_str_split)
#define gets OC_POISON(gets_is_unbounded)
#define atoi OC_POISON(atoi_hides_errors_use_num_parse)
#define atol OC_POISON(atol_hides_errors_use_num_parse)
#define alloca OC_POISON(alloca_has_no_limit)

#endif
