/* cel_value.h - the value of the CEL engine: a 16-byte tagged word
 *
 * Layer: policy.  Memory: values point into the program's arena, the facts, or the evaluation's
 * scratch arena; nothing is owned or freed.  Threads: pure functions.
 * Spec: S003 sections 3.3 to 3.7, decision D4.
 *
 * Strings and bytes carry lengths and may hold NUL.  Lists and maps are arrays; `store` says of
 * what, so that the lists and headers of struct facts are used in place: always read them through
 * cel_list_at(), cel_map_key() and cel_map_val().  A zeroed value is an error: zero means deny.
 */
#ifndef OC_POLICY_CEL_VALUE_H
#define OC_POLICY_CEL_VALUE_H

#include "base/buf.h"
#include "base/ip.h"
#include "base/str.h"

enum cel_kind {
	CEL_ERROR = 0,
	CEL_NULL,
	CEL_BOOL,
	CEL_INT,
	CEL_UINT,
	CEL_DOUBLE,
	CEL_STRING,
	CEL_BYTES,
	CEL_LIST,
	CEL_MAP,
	CEL_TIMESTAMP,
	CEL_DURATION,
	CEL_TYPE,
	CEL_OPTIONAL,
	CEL_IP,
	CEL_CIDR,
	CEL_DYN,	/* from here on: kinds of static types only, never of a value */
	CEL_PARAM,
	CEL_KIND_COUNT
};

/* Why an evaluation failed. cel_errk_is_absence() tells the kinds that D4 calls absence. */
enum cel_errk {
	CEL_ERR_INTERNAL = 0,
	CEL_ERR_NO_OVERLOAD,	/* no such overload: <op>(<types>) */
	CEL_ERR_UNDECLARED,	/* undeclared reference to '<n>' */
	CEL_ERR_NO_KEY,		/* absence: no such key: <k> */
	CEL_ERR_INDEX,		/* absence: index out of bounds: <i> */
	CEL_ERR_NONE_VALUE,	/* absence: value() of optional.none() */
	CEL_ERR_DIV_ZERO,
	CEL_ERR_MOD_ZERO,
	CEL_ERR_OVERFLOW,
	CEL_ERR_RANGE,		/* range error: <what> */
	CEL_ERR_CONVERT,	/* conversion error: <what>: a text that is no number, address */
	CEL_ERR_KEY_TYPE,
	CEL_ERR_REPEATED_KEY,
	CEL_ERR_UTF8,
	CEL_ERR_REGEX,		/* invalid regular expression: <detail> */
	CEL_ERR_COST,		/* a limit of S003 section 3.11, or scratch, is used up */
	CEL_ERRK_COUNT
};

enum cel_store {
	CEL_STORE_VALUES = 0,	/* list: n values; map: n pairs of values */
	CEL_STORE_STRS,		/* list: n struct str, all of kind string */
	CEL_STORE_FIELDS,	/* map: n struct fact_field, string to string */
};

struct cel_value {
	uint8_t kind;		/* enum cel_kind */
	uint8_t store;		/* lists and maps: enum cel_store; errors: enum cel_errk */
	uint16_t reserved;
	uint32_t n;		/* string, bytes: length; list: items; map: entries;
				 * timestamp: nanoseconds; error: 1 + source offset, or 0 */
	union {
		bool b;
		int64_t i;	/* int; timestamp: seconds since 1970; duration: nanoseconds */
		uint64_t u;
		double d;
		const char *s;			/* string, bytes; may be NULL when n is 0 */
		const struct cel_value *items;	/* CEL_STORE_VALUES */
		const struct str *strs;
		const struct fact_field *fields;
		const struct cel_value *opt;	/* optional: NULL is none */
		const struct ip *ip;
		const struct cidr *cidr;
		enum cel_kind type;		/* type values; CEL_DYN never */
		const struct cel_errinfo *err;	/* may be NULL: the kind alone is the text */
	} u;
};

_Static_assert(sizeof(struct cel_value) == 16, "a value is two registers");

/* What an error names; lives in scratch or static memory. */
struct cel_errinfo {
	const char *what;		/* NULL, or text behind the kind's own: "string to int" */
	struct cel_value arg[3];	/* printed behind it: a key, types of operands */
	uint8_t arg_cnt;
};

#define CEL_TIMESTAMP_MIN INT64_C(-62135596800)	/* 0001-01-01T00:00:00Z */
#define CEL_TIMESTAMP_MAX INT64_C(253402300799)	/* 9999-12-31T23:59:59Z, plus 999999999 ns */

static inline struct cel_value cel_null(void)
{
	return (struct cel_value){ .kind = CEL_NULL };
}
static inline struct cel_value cel_bool(bool b)
{
	return (struct cel_value){ .kind = CEL_BOOL, .u.u = b };
}
static inline struct cel_value cel_int(int64_t i)
{
	return (struct cel_value){ .kind = CEL_INT, .u.i = i };
}
static inline struct cel_value cel_uint(uint64_t u)
{
	return (struct cel_value){ .kind = CEL_UINT, .u.u = u };
}
static inline struct cel_value cel_double(double d)
{
	return (struct cel_value){ .kind = CEL_DOUBLE, .u.d = d };
}
/* s.len must be below 4 GiB, s valid UTF-8 (the caller has checked). */
static inline struct cel_value cel_string(struct str s)
{
	return (struct cel_value){ .kind = CEL_STRING, .n = (uint32_t)s.len, .u.s = s.p };
}
static inline struct cel_value cel_bytes(struct str s)
{
	return (struct cel_value){ .kind = CEL_BYTES, .n = (uint32_t)s.len, .u.s = s.p };
}
static inline struct cel_value cel_list(const struct cel_value *items, size_t n)
{
	return (struct cel_value){ .kind = CEL_LIST, .n = (uint32_t)n, .u.items = items };
}
/* pairs: key, value, key, value, ...; n entries; keys are distinct. */
static inline struct cel_value cel_map(const struct cel_value *pairs, size_t n)
{
	return (struct cel_value){ .kind = CEL_MAP, .n = (uint32_t)n, .u.items = pairs };
}
/* The caller has checked the range (CEL_TIMESTAMP_MIN..MAX, ns below 10^9). */
static inline struct cel_value cel_timestamp(int64_t sec, uint32_t ns)
{
	return (struct cel_value){ .kind = CEL_TIMESTAMP, .n = ns, .u.i = sec };
}
static inline struct cel_value cel_duration(int64_t ns)
{
	return (struct cel_value){ .kind = CEL_DURATION, .u.i = ns };
}
static inline struct cel_value cel_type_value(enum cel_kind k)
{
	struct cel_value v = { .kind = CEL_TYPE };

	v.u.u = (uint64_t)k;
	return v;
}
/* inner NULL: optional.none(); else it lives in scratch. */
static inline struct cel_value cel_optional(const struct cel_value *inner)
{
	return (struct cel_value){ .kind = CEL_OPTIONAL, .u.opt = inner };
}
static inline struct cel_value cel_ip(const struct ip *ip)
{
	return (struct cel_value){ .kind = CEL_IP, .u.ip = ip };
}
static inline struct cel_value cel_cidr(const struct cidr *c)
{
	return (struct cel_value){ .kind = CEL_CIDR, .u.cidr = c };
}
/* An error without details; cel_lib.h has those with details. */
static inline struct cel_value cel_error(enum cel_errk k)
{
	return (struct cel_value){ .kind = CEL_ERROR, .store = (uint8_t)k };
}

static inline bool cel_is_error(struct cel_value v) { return v.kind == CEL_ERROR; }
static inline bool cel_is_true(struct cel_value v) { return v.kind == CEL_BOOL && v.u.b; }
static inline struct str cel_str(struct cel_value v) { return (struct str){ v.u.s, v.n }; }
static inline enum cel_errk cel_errk_of(struct cel_value v) { return (enum cel_errk)v.store; }
static inline bool cel_errk_is_absence(enum cel_errk k)
{
	return k == CEL_ERR_NO_KEY || k == CEL_ERR_INDEX || k == CEL_ERR_NONE_VALUE;
}

/* Element i < n of a list; key and value of entry i < n of a map. Any store. */
struct cel_value cel_list_at(struct cel_value list, size_t i);
struct cel_value cel_map_key(struct cel_value map, size_t i);
struct cel_value cel_map_val(struct cel_value map, size_t i);
/* The value at key (numbers match across types); false when absent or not usable as key. */
bool cel_map_find(struct cel_value map, struct cel_value key, struct cel_value *out);

/* S003 section 3.5: never fails; values of different kinds differ, numbers compare as numbers. */
bool cel_equal(struct cel_value a, struct cel_value b);
/* -1, 0, 1; 2 when unordered (NaN); CEL_CMP_NONE when the kinds have no order. */
int cel_compare(struct cel_value a, struct cel_value b);
#define CEL_CMP_NONE 3

/* "int", "google.protobuf.Timestamp", "net.IP", ... */
const char *cel_kind_name(enum cel_kind k);
/* The kind whose name is s; CEL_ERROR when there is none. */
enum cel_kind cel_kind_named(struct str s);

/* One line: "no such key: 'x'". No position. v must be an error. */
void cel_error_text(struct cel_value v, struct buf *out);
/* string(d): shortest text that reads back as d (S003 section 3.9). */
void cel_double_text(double d, struct buf *out);
/* A readable form for people (messages, outcall explain): strings quoted and escaped. */
void cel_value_text(struct cel_value v, struct buf *out);

#endif
