/* shape.c - one table per wire type: from JSON to a C struct and back
 *
 * Layer: wire.  Input: hostile.  Memory: the caller's arena and buffer.  Threads: pure functions.
 * Spec: S000 sections 5 and 6, S000-EC-X01.
 */
#include "wire/shape.h"

#include <string.h>

#include "base/buf.h"

/* ---- reading ---- */

static int wrong(const struct json_field *f, const char *what, struct err *e)
{
	return err_set(e, ERR_INVALID, "field \"%s\" must be %s", f->name, what);
}

static int too_large(struct err *e)
{
	return err_set(e, ERR_LIMIT, "JSON text is too large");
}

/* A string that may become a C string: no NUL inside (S000 section 6). */
static int take_str(const struct json_field *f, struct json_val v, struct arena *a, struct str *out,
		    struct err *e)
{
	struct str s;
	if (json_kind(v) != JSON_STRING)
		return wrong(f, "a string", e);
	if (!json_str(v, a, &s))
		return too_large(e);
	if (str_find_byte(s, '\0') != SIZE_MAX)
		return wrong(f, "a string without NUL characters", e);
	*out = s;
	return 0;
}

static int take_c(const struct json_field *f, struct json_val v, struct arena *a, void *at,
		  struct err *e)
{
	struct str s;
	if (take_str(f, v, a, &s, e) < 0)
		return -1;
	s = arena_str(a, s);
	if (!s.p)
		return too_large(e);
	*(const char **)at = s.p;
	return 0;
}

static int take_chars(const struct json_field *f, struct json_val v, struct arena *a, void *at,
		      struct err *e)
{
	struct str s;
	if (take_str(f, v, a, &s, e) < 0)
		return -1;
	if (!str_to_c(at, f->size, s))
		return err_set(e, ERR_INVALID, "field \"%s\" is longer than %zu bytes", f->name,
			       f->size - 1);
	return 0;
}

static int take_unsigned(const struct json_field *f, struct json_val v, void *at, struct err *e)
{
	uint64_t n;
	uint64_t max = f->type == JSON_T_U16 ? UINT16_MAX
		: f->type == JSON_T_U32	     ? UINT32_MAX
					     : UINT64_MAX;
	if (!json_u64(v, max, &n))
		return err_set(e, ERR_INVALID, "field \"%s\" must be an integer from 0 to %llu",
			       f->name, (unsigned long long)max);
	if (f->type == JSON_T_U16)
		*(uint16_t *)at = (uint16_t)n;
	else if (f->type == JSON_T_U32)
		*(uint32_t *)at = (uint32_t)n;
	else
		*(uint64_t *)at = n;
	return 0;
}

static int take_signed(const struct json_field *f, struct json_val v, void *at, struct err *e)
{
	int64_t n;
	bool narrow = f->type == JSON_T_I32;
	if (!json_i64(v, narrow ? INT32_MIN : INT64_MIN, narrow ? INT32_MAX : INT64_MAX, &n))
		return wrong(f, narrow ? "an integer of 32 bits" : "an integer of 64 bits", e);
	if (narrow)
		*(int32_t *)at = (int32_t)n;
	else
		*(int64_t *)at = n;
	return 0;
}

static int take_enum(const struct json_field *f, struct json_val v, void *at, struct err *e)
{
	char list[128];
	struct buf b = BUF_OF(list);
	for (unsigned i = 0; f->names[i]; i++) {
		if (json_str_is(v, str_of(f->names[i]))) {
			*(unsigned *)at = i;
			return 0;
		}
		buf_printf(&b, "%s\"%s\"", i ? ", " : "", f->names[i]);
	}
	return err_set(e, ERR_INVALID, "field \"%s\" must be one of %s", f->name, buf_c(&b));
}

static int take_strs(const struct json_field *f, struct json_val v, struct arena *a, void *at,
		     struct err *e)
{
	if (json_kind(v) != JSON_ARRAY)
		return wrong(f, "an array of strings", e);
	size_t cnt = json_count(v);
	/* never NULL: an empty list is present */
	struct str *list = ARENA_NEW_N(a, struct str, cnt + 1);
	if (!list)
		return too_large(e);
	struct json_iter it = json_each(v);
	struct json_val key, item;
	for (size_t i = 0; json_next(&it, &key, &item); i++)
		if (take_str(f, item, a, &list[i], e) < 0)
			return -1;
	*(struct json_strs *)at = (struct json_strs){ list, cnt };
	return 0;
}

static int take_pairs(const struct json_field *f, struct json_val v, struct arena *a, void *at,
		      struct err *e)
{
	if (json_kind(v) != JSON_OBJECT)
		return wrong(f, "an object with string values", e);
	size_t cnt = json_count(v);
	struct json_pair *list = ARENA_NEW_N(a, struct json_pair, cnt + 1);
	if (!list)
		return too_large(e);
	struct json_iter it = json_each(v);
	struct json_val key, item;
	for (size_t i = 0; json_next(&it, &key, &item); i++)
		if (take_str(f, key, a, &list[i].name, e) < 0 ||
		    take_str(f, item, a, &list[i].value, e) < 0)
			return -1;
	*(struct json_pairs *)at = (struct json_pairs){ list, cnt };
	return 0;
}

static int take_pointer(const struct json_field *f, struct json_val v, struct arena *a, void *at,
			struct err *e)
{
	void *obj = arena_alloc(a, f->sub->size);
	if (!obj)
		return too_large(e);
	if (shape_read(f->sub, v, a, obj, e) < 0)
		return err_ctx(e, "field \"%s\"", f->name);
	memcpy(at, &obj, sizeof(obj));
	return 0;
}

static int take(const struct json_field *f, struct json_val v, struct arena *a, void *at,
		struct err *e)
{
	int rc = 0;
	switch (f->type) {
	case JSON_T_BOOL:
		if (json_kind(v) != JSON_BOOL)
			return wrong(f, "true or false", e);
		*(bool *)at = json_is_true(v);
		return 0;
	case JSON_T_U16: case JSON_T_U32: case JSON_T_U64:
		return take_unsigned(f, v, at, e);
	case JSON_T_I32: case JSON_T_I64:
		return take_signed(f, v, at, e);
	case JSON_T_STR:
		return take_str(f, v, a, at, e);
	case JSON_T_C:
		return take_c(f, v, a, at, e);
	case JSON_T_CHARS:
		return take_chars(f, v, a, at, e);
	case JSON_T_ENUM:
		return take_enum(f, v, at, e);
	case JSON_T_STRS:
		return take_strs(f, v, a, at, e);
	case JSON_T_PAIRS:
		return take_pairs(f, v, a, at, e);
	case JSON_T_VALUE:
		*(struct json_val *)at = v;
		return 0;
	case JSON_T_POINTER:
		return take_pointer(f, v, a, at, e);
	case JSON_T_OBJECT:
		rc = shape_read(f->sub, v, a, at, e);
		return rc < 0 ? err_ctx(e, "field \"%s\"", f->name) : 0;
	case JSON_T_LIST:
		rc = shape_read_list(f->sub, v, a, at, e);
		return rc < 0 ? err_ctx(e, "field \"%s\"", f->name) : 0;
	case JSON_T_NONE:
		break;
	}
	return err_set(e, ERR_INTERNAL, "field \"%s\" has no type", f->name);
}

static const struct json_field *find_field(const struct json_shape *sh, struct json_val key)
{
	for (size_t i = 0; i < sh->cnt; i++)
		if (json_str_is(key, str_of(sh->fields[i].name)))
			return &sh->fields[i];
	return NULL;
}

static int unknown_field(struct json_val key, struct err *e)
{
	char text[128];
	struct buf b = BUF_OF(text);
	struct str raw = json_raw(key);
	buf_add_escaped(&b, str_n(raw.p + 1, raw.len - 2), 64);
	return err_set(e, ERR_INVALID, "unknown field \"%s\"", buf_c(&b));
}

static int fill(const struct json_shape *sh, struct json_val v, struct arena *a, char *out,
		struct err *e)
{
	struct json_iter it = json_each(v);
	struct json_val key, value;
	while (json_next(&it, &key, &value)) {
		const struct json_field *f = find_field(sh, key);
		if (!f && sh->strict)
			return unknown_field(key, e);
		if (!f || (json_kind(value) == JSON_NULL && f->when != JSON_ALWAYS))
			continue;
		if (take(f, value, a, out + f->at, e) < 0)
			return -1;
		if (f->has != JSON_NO_HAS)
			*(bool *)(void *)(out + f->has) = true;
	}
	for (size_t i = 0; i < sh->cnt; i++)
		if (sh->fields[i].when == JSON_ALWAYS &&
		    json_kind(json_get(v, sh->fields[i].name)) == JSON_NONE)
			return err_set(e, ERR_INVALID, "missing field \"%s\"", sh->fields[i].name);
	return 0;
}

int shape_read(const struct json_shape *sh, struct json_val v, struct arena *a, void *out,
		 struct err *e)
{
	memset(out, 0, sh->size);
	if (json_kind(v) != JSON_OBJECT)
		return err_set(e, ERR_INVALID, "must be an object");
	if (fill(sh, v, a, out, e) == 0)
		return 0;
	memset(out, 0, sh->size);
	return -1;
}

int shape_read_list(const struct json_shape *sh, struct json_val v, struct arena *a,
		      struct json_list *out, struct err *e)
{
	if (json_kind(v) != JSON_ARRAY)
		return err_set(e, ERR_INVALID, "must be an array");
	size_t cnt = json_count(v);
	char *items = arena_array(a, cnt + 1, sh->size);
	if (!items)
		return too_large(e);
	struct json_iter it = json_each(v);
	struct json_val key, item;
	for (size_t i = 0; json_next(&it, &key, &item); i++)
		if (shape_read(sh, item, a, items + i * sh->size, e) < 0)
			return err_ctx(e, "element %zu", i);
	*out = (struct json_list){ items, cnt };
	return 0;
}

/* ---- writing ---- */

static const void *pointer_at(const void *at)
{
	const void *p;
	memcpy(&p, at, sizeof(p));
	return p;
}

static bool is_present(const struct json_field *f, const char *obj)
{
	if (f->when == JSON_ALWAYS)
		return true;
	if (f->has != JSON_NO_HAS)
		return *(const bool *)(const void *)(obj + f->has);
	if (f->type == JSON_T_CHARS)
		return obj[f->at] != '\0';
	/* All other types that can tell absence by themselves begin with a pointer. */
	return pointer_at(obj + f->at) != NULL;
}

static void put_strs(struct jsonw *w, const struct json_strs *list)
{
	jsonw_array(w);
	for (size_t i = 0; i < list->cnt; i++)
		jsonw_str(w, list->v[i]);
	jsonw_array_end(w);
}

static void put_pairs(struct jsonw *w, const struct json_pairs *list)
{
	jsonw_object(w);
	for (size_t i = 0; i < list->cnt; i++) {
		jsonw_key(w, list->v[i].name);
		jsonw_str(w, list->v[i].value);
	}
	jsonw_object_end(w);
}

static void put_enum(struct jsonw *w, const struct json_field *f, unsigned value)
{
	unsigned known = 0;
	while (f->names[known])
		known++;
	CHECK(value < known);
	jsonw_c(w, f->names[value]);
}

static void put(struct jsonw *w, const struct json_field *f, const void *at)
{
	const struct json_list *list = at;
	switch (f->type) {
	case JSON_T_BOOL:
		jsonw_bool(w, *(const bool *)at);
		return;
	case JSON_T_U16:
		jsonw_u64(w, *(const uint16_t *)at);
		return;
	case JSON_T_U32:
		jsonw_u64(w, *(const uint32_t *)at);
		return;
	case JSON_T_U64:
		jsonw_u64(w, *(const uint64_t *)at);
		return;
	case JSON_T_I32:
		jsonw_i64(w, *(const int32_t *)at);
		return;
	case JSON_T_I64:
		jsonw_i64(w, *(const int64_t *)at);
		return;
	case JSON_T_STR:
		jsonw_str(w, *(const struct str *)at);
		return;
	case JSON_T_C:
		jsonw_c(w, pointer_at(at));
		return;
	case JSON_T_CHARS:
		jsonw_c(w, at);
		return;
	case JSON_T_ENUM:
		put_enum(w, f, *(const unsigned *)at);
		return;
	case JSON_T_STRS:
		put_strs(w, at);
		return;
	case JSON_T_PAIRS:
		put_pairs(w, at);
		return;
	case JSON_T_VALUE:
		jsonw_raw(w, json_raw(*(const struct json_val *)at));
		return;
	case JSON_T_OBJECT:
		shape_write(w, f->sub, at);
		return;
	case JSON_T_POINTER:
		shape_write(w, f->sub, pointer_at(at));
		return;
	case JSON_T_LIST:
		shape_write_list(w, f->sub, list->v, list->cnt);
		return;
	case JSON_T_NONE:
		break;
	}
	CHECK(f->type != JSON_T_NONE);
}

void shape_write(struct jsonw *w, const struct json_shape *sh, const void *obj)
{
	jsonw_object(w);
	for (size_t i = 0; i < sh->cnt; i++) {
		const struct json_field *f = &sh->fields[i];
		bool present = is_present(f, obj);
		if (!present && f->when == JSON_OR_LEFT_OUT)
			continue;
		jsonw_name(w, f->name);
		if (present)
			put(w, f, (const char *)obj + f->at);
		else
			jsonw_null(w);
	}
	jsonw_object_end(w);
}

void shape_write_list(struct jsonw *w, const struct json_shape *sh, const void *objs, size_t cnt)
{
	jsonw_array(w);
	for (size_t i = 0; i < cnt; i++)
		shape_write(w, sh, (const char *)objs + i * sh->size);
	jsonw_array_end(w);
}
