/* json.h - strict JSON reader: parsed texts and value walker
 *
 * Layer: wire.  Input: hostile.  Memory: tokens and unescaped strings come from the caller's arena.
 * Threads: pure functions.
 * Spec: S000 section 6 (strict RFC 8259), S000-EC-X01.
 *
 * For values of any form. Wire types with known members are read and written by wire/shape.h.
 */
#ifndef OC_WIRE_JSON_H
#define OC_WIRE_JSON_H

#include "base/arena.h"
#include "base/err.h"
#include "base/str.h"

#define JSON_DEPTH_MAX 128	/* S000 section 6 */

enum json_kind {
	JSON_NONE = 0,
	JSON_NULL,
	JSON_BOOL,
	JSON_NUMBER,
	JSON_STRING,
	JSON_ARRAY,
	JSON_OBJECT
};

struct json {
	struct str text;
	const void *tokens;	/* private to json.c */
	uint32_t cnt;
};

/* One value of a parsed text; doc NULL: no value (JSON_NONE). */
struct json_val {
	const struct json *doc;
	uint32_t at;
};

/* Checks the whole text (syntax, UTF-8, surrogates, duplicates, depth, nothing behind the value)
 * and remembers where its values are. text must live as long as doc. ERR_INVALID: not JSON, with
 * the byte offset in the message; ERR_LIMIT: the arena is too small. */
int json_parse(struct json *doc, struct str text, struct arena *a, struct err *e) NODISCARD;

/* ---- walker ---- */

struct json_val json_root(const struct json *doc);
enum json_kind json_kind(struct json_val v);
/* Number of members or elements; 0 for other kinds. */
uint32_t json_count(struct json_val v);
/* The member of that name (compared after unescaping); JSON_NONE when absent or v is no object. */
struct json_val json_get(struct json_val v, const char *name);
/* The text of the value as it was written; strings with their quotes. */
struct str json_raw(struct json_val v);

struct json_iter {
	const struct json *doc;
	uint32_t next, left;
	bool object;
};

struct json_iter json_each(struct json_val v);
/* The next element, or the next member with its key (a JSON_STRING; NONE for arrays). False at the
 * end. */
bool json_next(struct json_iter *it, struct json_val *key, struct json_val *value);

bool json_is_true(struct json_val v);
/* The string without escapes: a view into the text when it has none, else a copy in a. May hold NUL
 * bytes. False when v is no string or the arena is full. */
bool json_str(struct json_val v, struct arena *a, struct str *out) NODISCARD;
/* True when v is a string equal to name after unescaping. */
bool json_str_is(struct json_val v, struct str name);
/* Integers are written without fraction and exponent. False when v is not one, or out of range. */
bool json_i64(struct json_val v, int64_t min, int64_t max, int64_t *out) NODISCARD;
bool json_u64(struct json_val v, uint64_t max, uint64_t *out) NODISCARD;
/* True for numbers written as integers. */
bool json_is_integer(struct json_val v);
/* False when v is no number or too large for a double. */
bool json_double(struct json_val v, double *out) NODISCARD;

#endif
