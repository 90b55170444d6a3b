/* str.h - string views: pointer and length, never owning, never NUL-dependent
 *
 * Layer: base.  Memory: none.  Threads: pure functions.
 */
#ifndef OC_BASE_STR_H
#define OC_BASE_STR_H

#include "base/defs.h"

struct str {
	const char *p;	/* may be NULL when len is 0 */
	size_t len;
};

#define STR(literal) ((struct str){ (literal), sizeof(literal) - 1 })
#define STR_FMT "%.*s"
#define STR_ARG(s) ((int)((s).len > 4096 ? 4096 : (s).len)), ((s).p ? (s).p : "")

struct str str_of(const char *cstr);		 /* cstr may be NULL: empty view */
struct str str_n(const void *p, size_t len);
bool str_eq(struct str a, struct str b);
bool str_eq_c(struct str a, const char *cstr);
bool str_case_eq(struct str a, struct str b);	 /* ASCII letters only */
bool str_case_eq_c(struct str a, const char *cstr);
int str_cmp(struct str a, struct str b);	 /* byte order, shorter first */
bool str_starts(struct str s, struct str prefix);
bool str_ends(struct str s, struct str suffix);
bool str_case_ends(struct str s, struct str suffix);
/* Index of the first occurrence, or SIZE_MAX. */
size_t str_find(struct str s, struct str needle);
size_t str_find_byte(struct str s, char c);
size_t str_rfind_byte(struct str s, char c);
/* The part from index at; empty when at is beyond the end. */
struct str str_from(struct str s, size_t at);
struct str str_first(struct str s, size_t len);	 /* at most len bytes */
struct str str_trim(struct str s);		 /* SP and HTAB on both ends */
/* Cuts the part before the first sep off *rest. False when *rest is exhausted (p is NULL then).
 * "a,,b" gives "a", "", "b". */
bool str_split(struct str *rest, char sep, struct str *part);
/* Copies with ASCII lower case; dst must have s.len bytes. */
void str_lower(char *dst, struct str s);
void str_upper(char *dst, struct str s);

/* Copies s and a NUL into dst[cap]; false (dst = "") when it does not fit or holds a NUL byte. */
bool str_to_c(char *dst, size_t cap, struct str s) NODISCARD;

static inline bool ascii_is_digit(char c) { return c >= '0' && c <= '9'; }
static inline bool ascii_is_alpha(char c)
{
	return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
}
static inline bool ascii_is_alnum(char c) { return ascii_is_digit(c) || ascii_is_alpha(c); }
/* Ids are compared as text: upper case is none. */
static inline bool ascii_is_hex_lower(char c)
{
	return ascii_is_digit(c) || (c >= 'a' && c <= 'f');
}
static inline char ascii_lower(char c) { return c >= 'A' && c <= 'Z' ? (char)(c + 32) : c; }
static inline char ascii_upper(char c) { return c >= 'a' && c <= 'z' ? (char)(c - 32) : c; }
/* Value of a hex digit, or -1. */
int ascii_hex_value(char c);

/* Seeded 64-bit hash (SipHash-2-4) for tables that hold foreign keys. */
uint64_t str_hash(struct str s, const uint64_t seed[2]);

#endif
