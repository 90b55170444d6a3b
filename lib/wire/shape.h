/* shape.h - one table per wire type: from JSON to a C struct and back
 *
 * Layer: wire.  Input: hostile.  Memory: the caller's arena (reading), the caller's buffer
 * (writing). Threads: pure functions.
 * Spec: S000 sections 5 and 6, S000-EC-X01.
 *
 * A shape lists the members of a wire type in the order of the specification: name, type, where it
 * is in the struct, and what its absence looks like.  Reading and writing follow the same table, so
 * the two directions cannot drift apart.
 */
#ifndef OC_WIRE_SHAPE_H
#define OC_WIRE_SHAPE_H

#include "wire/json.h"
#include "wire/jsonw.h"


struct json_strs {
	const struct str *v;	/* NULL: absent */
	size_t cnt;
};

struct json_pair {
	struct str name, value;
};

struct json_pairs {
	const struct json_pair *v;	/* NULL: absent */
	size_t cnt;
};

/* Layout of every list of objects: "struct { const struct item *v; size_t cnt; }". */
struct json_list {
	const void *v;		/* NULL: absent */
	size_t cnt;
};

enum json_type {
	JSON_T_NONE = 0,
	JSON_T_BOOL,
	JSON_T_U16, JSON_T_U32, JSON_T_U64,
	JSON_T_I32, JSON_T_I64,
	JSON_T_STR,	/* struct str; without NUL bytes; p NULL: absent */
	/* const char *: as above, with a NUL behind it in the arena; NULL: absent */
	JSON_T_C,
	JSON_T_CHARS,	/* char [size] with a NUL; "" : absent */
	JSON_T_ENUM,	/* unsigned: index into names */
	JSON_T_STRS,	/* struct json_strs */
	JSON_T_PAIRS,	/* struct json_pairs: an object whose values are strings */
	JSON_T_VALUE,	/* struct json_val: anything; doc NULL: absent */
	JSON_T_OBJECT,	/* the member struct itself, of shape sub */
	JSON_T_POINTER,	/* pointer to a struct of shape sub; NULL: absent */
	JSON_T_LIST,	/* the layout of struct json_list, items of shape sub */
};

/* What an absent member means. On input null counts as absence everywhere. */
enum json_when {
	JSON_ALWAYS = 0,	/* mandatory */
	JSON_OR_LEFT_OUT,	/* "T?": not written when absent */
	JSON_OR_NULL,		/* "T|null": written as null when absent */
};

struct json_shape;

struct json_field {
	const char *name;
	enum json_type type;
	enum json_when when;
	size_t at;			/* offset of the member */
	/* offset of a bool "is present"; JSON_NO_HAS: by the member itself */
	size_t has;
	size_t size;			/* of a JSON_T_CHARS */
	const char *const *names;	/* of an enum, NULL at the end */
	const struct json_shape *sub;
};

struct json_shape {
	const struct json_field *fields;
	size_t cnt;
	size_t size;		/* of the struct */
	bool strict;		/* unknown members are refused */
};

#define JSON_NO_HAS SIZE_MAX
#define JSON_TYPE_OF(T, m) \
	_Generic(((T *)0)->m, \
	bool: JSON_T_BOOL, uint16_t: JSON_T_U16, uint32_t: JSON_T_U32, uint64_t: JSON_T_U64, \
	int32_t: JSON_T_I32, int64_t: JSON_T_I64, struct str: JSON_T_STR, const char *: JSON_T_C, \
	struct json_strs: JSON_T_STRS, struct json_pairs: JSON_T_PAIRS, \
	struct json_val: JSON_T_VALUE)
#define JSON_FIELD_(T, m, t, w, h, n, s) \
	{ #m, t, w, offsetof(T, m), h, sizeof(((T *)0)->m), n, s }

/* Members of T whose C type tells the JSON type. REQ: mandatory, OPT: left out, NUL: null.
 * The _HAS forms are for numbers and booleans: presence is in "bool has_<member>". */
#define JSON_REQ(T, m) JSON_FIELD_(T, m, JSON_TYPE_OF(T, m), JSON_ALWAYS, JSON_NO_HAS, NULL, NULL)
#define JSON_OPT(T, m) \
	JSON_FIELD_(T, m, JSON_TYPE_OF(T, m), JSON_OR_LEFT_OUT, JSON_NO_HAS, NULL, NULL)
#define JSON_NUL(T, m) JSON_FIELD_(T, m, JSON_TYPE_OF(T, m), JSON_OR_NULL, JSON_NO_HAS, NULL, NULL)
#define JSON_OPT_HAS(T, m) \
	JSON_FIELD_(T, m, JSON_TYPE_OF(T, m), JSON_OR_LEFT_OUT, offsetof(T, has_##m), NULL, NULL)
#define JSON_NUL_HAS(T, m) \
	JSON_FIELD_(T, m, JSON_TYPE_OF(T, m), JSON_OR_NULL, offsetof(T, has_##m), NULL, NULL)
#define JSON_REQ_CHARS(T, m) \
	JSON_FIELD_(T, m, JSON_T_CHARS, JSON_ALWAYS, JSON_NO_HAS, NULL, NULL)
#define JSON_OPT_CHARS(T, m) \
	JSON_FIELD_(T, m, JSON_T_CHARS, JSON_OR_LEFT_OUT, JSON_NO_HAS, NULL, NULL)
#define JSON_NUL_CHARS(T, m) \
	JSON_FIELD_(T, m, JSON_T_CHARS, JSON_OR_NULL, JSON_NO_HAS, NULL, NULL)
#define JSON_REQ_ENUM(T, m, names) \
	JSON_FIELD_(T, m, JSON_T_ENUM, JSON_ALWAYS, JSON_NO_HAS, names, NULL)
#define JSON_REQ_LIST(T, m, shape) \
	JSON_FIELD_(T, m, JSON_T_LIST, JSON_ALWAYS, JSON_NO_HAS, NULL, shape)
#define JSON_OPT_LIST(T, m, shape) \
	JSON_FIELD_(T, m, JSON_T_LIST, JSON_OR_LEFT_OUT, JSON_NO_HAS, NULL, shape)
#define JSON_REQ_OBJECT(T, m, shape) \
	JSON_FIELD_(T, m, JSON_T_OBJECT, JSON_ALWAYS, JSON_NO_HAS, NULL, shape)
#define JSON_OPT_POINTER(T, m, shape) \
	JSON_FIELD_(T, m, JSON_T_POINTER, JSON_OR_LEFT_OUT, JSON_NO_HAS, NULL, shape)
#define JSON_NUL_POINTER(T, m, shape) \
	JSON_FIELD_(T, m, JSON_T_POINTER, JSON_OR_NULL, JSON_NO_HAS, NULL, shape)
#define JSON_SHAPE(T, fields_, strict_) \
	{ .fields = (fields_), .cnt = ARRAY_LEN(fields_), .size = sizeof(T), .strict = (strict_) }

/* Fills *out (sh->size bytes, zeroed first) from the object v. ERR_INVALID names the member; then
 * *out is zeroed. ERR_LIMIT: the arena is too small. Strings point into the text or the arena. */
int shape_read(const struct json_shape *sh, struct json_val v, struct arena *a, void *out,
		 struct err *e) NODISCARD;
/* An array of objects. */
int shape_read_list(const struct json_shape *sh, struct json_val v, struct arena *a,
		      struct json_list *out, struct err *e) NODISCARD;

/* The struct at obj as an object of that shape; members in the order of the table. */
void shape_write(struct jsonw *w, const struct json_shape *sh, const void *obj);
/* cnt structs as an array. */
void shape_write_list(struct jsonw *w, const struct json_shape *sh, const void *objs, size_t cnt);

#endif
