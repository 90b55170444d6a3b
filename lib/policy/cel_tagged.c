/* cel_tagged.c - CEL values from and to JSON, tagged and plain
 *
 * Layer: policy.  Input: hostile (requests, command lines).  Memory: the caller's arena.
 * Threads: pure functions.
 * Spec: S003-IF-011, S003-IF-013; S003 sections 1.4, 3.12.
 *
 * Recursion is as deep as the JSON, which its reader bounds (JSON_DEPTH_MAX).
 */
#include "policy/cel_tagged.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/num.h"

#define NS_PER_SEC INT64_C(1000000000)

static int bad(struct err *e, const char *tag)
{
	return err_set(e, ERR_INVALID, "tagged value: bad \"%s\"", tag);
}

static int nomem(struct err *e)
{
	return err_set(e, ERR_LIMIT, "value needs too much memory");
}

/* ---- scalars ---------------------------------------------------------------------------- */

static bool read_double(struct str s, struct cel_value *out)
{
	char text[400], *end;

	if (s.len == 0 || !str_to_c(text, sizeof(text), s))
		return false;
	*out = cel_double(strtod(text, &end));
	return *end == '\0';
}

static bool read_bytes(struct str hex, struct arena *a, struct cel_value *out)
{
	char *p = arena_alloc(a, hex.len / 2 + 1);

	if (!p || hex.len % 2)
		return false;
	for (size_t i = 0; i < hex.len / 2; i++) {
		int hi = ascii_hex_value(hex.p[2 * i]), lo = ascii_hex_value(hex.p[2 * i + 1]);

		if (hi < 0 || lo < 0)
			return false;
		p[i] = (char)(unsigned char)(hi << 4 | lo);
	}
	*out = cel_bytes(str_n(p, hex.len / 2));
	return true;
}

static bool read_ip(struct str s, struct arena *a, struct cel_value *out)
{
	struct ip *ip = ARENA_NEW(a, struct ip);

	if (!ip || !ip_parse(s, ip))
		return false;
	*out = cel_ip(ip);
	return true;
}

static bool read_cidr(struct str s, struct arena *a, struct cel_value *out)
{
	struct cidr *c = ARENA_NEW(a, struct cidr);

	if (!c || !cidr_parse(s, c))
		return false;
	*out = cel_cidr(c);
	return true;
}

/* Tags whose payload is a string. */
static bool read_text(enum cel_kind k, struct str s, struct arena *a, struct cel_value *out)
{
	int64_t i;
	uint64_t u;

	switch (k) {
	case CEL_INT:
		*out = num_i64(s, INT64_MIN, INT64_MAX, &i) ? cel_int(i)
							    : cel_error(CEL_ERR_CONVERT);
		return out->kind != CEL_ERROR;
	case CEL_UINT:
		*out = num_u64(s, UINT64_MAX, &u) ? cel_uint(u) : cel_error(CEL_ERR_CONVERT);
		return out->kind != CEL_ERROR;
	case CEL_DOUBLE:
		return read_double(s, out);
	case CEL_STRING:
		*out = cel_string(s);
		return true;
	case CEL_BYTES:
		return read_bytes(s, a, out);
	case CEL_TYPE:
		*out = cel_type_value(cel_kind_named(s));
		return cel_kind_named(s) != CEL_ERROR;
	case CEL_IP:
		return read_ip(s, a, out);
	case CEL_CIDR:
		return read_cidr(s, a, out);
	case CEL_ERROR:
	case CEL_NULL:
	case CEL_BOOL:
	case CEL_LIST:
	case CEL_MAP:
	case CEL_TIMESTAMP:
	case CEL_DURATION: case CEL_OPTIONAL: case CEL_DYN: case CEL_PARAM: case CEL_KIND_COUNT:
		break;
	}
	return false;
}

/* [seconds, nanoseconds] */
static bool read_time(enum cel_kind k, struct json_val v, struct cel_value *out)
{
	struct json_iter it = json_each(v);
	struct json_val key, part;
	int64_t of[2], total;

	if (json_count(v) != 2 || json_kind(v) != JSON_ARRAY)
		return false;
	for (int i = 0; json_next(&it, &key, &part); i++)
		if (!json_i64(part, INT64_MIN, INT64_MAX, &of[i]))
			return false;
	if (k == CEL_DURATION) {
		if (MUL_OVERFLOWS(of[0], NS_PER_SEC, &total) || ADD_OVERFLOWS(total, of[1], &total))
			return false;
		*out = cel_duration(total);
		return true;
	}
	if (of[0] < CEL_TIMESTAMP_MIN || of[0] > CEL_TIMESTAMP_MAX || of[1] < 0 ||
	    of[1] >= NS_PER_SEC)
		return false;
	*out = cel_timestamp(of[0], (uint32_t)of[1]);
	return true;
}

/* ---- lists and maps --------------------------------------------------------------------- */

static int read_list(struct json_val v, struct arena *a, struct cel_value *out, struct err *e)
{
	struct cel_value *items = ARENA_NEW_N(a, struct cel_value, json_count(v) + 1u);
	struct json_iter it = json_each(v);
	struct json_val key, item;
	size_t n = 0;

	if (json_kind(v) != JSON_ARRAY)
		return bad(e, "list");
	if (!items)
		return nomem(e);
	while (json_next(&it, &key, &item))
		if (cel_tagged_read(item, a, &items[n++], e) < 0)
			return -1;
	*out = cel_list(items, n);
	return 0;
}

/* S003 3.3, 3.7: the last pair of a map has a key that a map literal may have, once. */
static int check_key(const struct cel_value *pairs, size_t n, struct err *e)
{
	struct cel_value key = pairs[n - 2], other;

	if (key.kind != CEL_INT && key.kind != CEL_UINT && key.kind != CEL_BOOL &&
	    key.kind != CEL_STRING)
		return err_set(e, ERR_INVALID, "tagged value: unsupported key type %s",
			       cel_kind_name(key.kind));
	if (cel_map_find(cel_map(pairs, n / 2 - 1), key, &other))
		return err_set(e, ERR_INVALID, "tagged value: repeated key in \"map\"");
	return 0;
}

static int read_map(struct json_val v, struct arena *a, struct cel_value *out, struct err *e)
{
	struct cel_value *pairs = ARENA_NEW_N(a, struct cel_value, 2 * (size_t)json_count(v) + 1);
	struct json_iter it = json_each(v);
	struct json_val key, pair, half;
	size_t n = 0;

	if (json_kind(v) != JSON_ARRAY)
		return bad(e, "map");
	if (!pairs)
		return nomem(e);
	while (json_next(&it, &key, &pair)) {
		struct json_iter both = json_each(pair);

		if (json_kind(pair) != JSON_ARRAY || json_count(pair) != 2)
			return bad(e, "map");
		while (json_next(&both, &key, &half))
			if (cel_tagged_read(half, a, &pairs[n++], e) < 0)
				return -1;
		if (check_key(pairs, n, e) < 0)
			return -1;
	}
	*out = cel_map(pairs, n / 2);
	return 0;
}

static int read_optional(struct json_val v, struct arena *a, struct cel_value *out, struct err *e)
{
	struct cel_value *inner = ARENA_NEW(a, struct cel_value);

	if (!inner)
		return nomem(e);
	if (json_kind(v) == JSON_NULL) {
		*out = cel_optional(NULL);
		return 0;
	}
	if (cel_tagged_read(v, a, inner, e) < 0)
		return -1;
	*out = cel_optional(inner);
	return 0;
}

static const struct {
	const char *tag;
	enum cel_kind kind;
} tags[] = {
	{ "null", CEL_NULL },
	{ "bool", CEL_BOOL },
	{ "int", CEL_INT },
	{ "uint", CEL_UINT },
	{ "double", CEL_DOUBLE },
	{ "string", CEL_STRING },
	{ "bytes", CEL_BYTES },
	{ "list", CEL_LIST },
	{ "map", CEL_MAP },
	{ "timestamp", CEL_TIMESTAMP },
	{ "duration", CEL_DURATION },
	{ "type", CEL_TYPE },
	{ "ip", CEL_IP },
	{ "cidr", CEL_CIDR },
	{ "optional", CEL_OPTIONAL },
};

static enum cel_kind kind_of_tag(struct json_val key)
{
	for (size_t i = 0; i < ARRAY_LEN(tags); i++)
		if (json_str_is(key, str_of(tags[i].tag)))
			return tags[i].kind;
	return CEL_ERROR;
}

static int read_tagged(enum cel_kind k, struct json_val v, struct arena *a, struct cel_value *out,
		       struct err *e)
{
	struct str s;

	if (k == CEL_LIST)
		return read_list(v, a, out, e);
	if (k == CEL_MAP)
		return read_map(v, a, out, e);
	if (k == CEL_OPTIONAL)
		return read_optional(v, a, out, e);
	if (k == CEL_TIMESTAMP || k == CEL_DURATION)
		return read_time(k, v, out) ? 0 : bad(e, cel_kind_name(k));
	if (k == CEL_NULL || k == CEL_BOOL) {
		*out = k == CEL_NULL ? cel_null() : cel_bool(json_is_true(v));
		return json_kind(v) == (k == CEL_NULL ? JSON_NULL : JSON_BOOL)
			       ? 0
			       : bad(e, cel_kind_name(k));
	}
	if (json_kind(v) != JSON_STRING || !json_str(v, a, &s) || !read_text(k, s, a, out))
		return bad(e, cel_kind_name(k));
	return 0;
}

int cel_tagged_read(struct json_val v, struct arena *a, struct cel_value *out, struct err *e)
{
	struct json_iter it = json_each(v);
	struct json_val key, payload;

	if (json_kind(v) != JSON_OBJECT || json_count(v) != 1 || !json_next(&it, &key, &payload))
		return err_set(e, ERR_INVALID, "tagged value must be an object with one member");
	return read_tagged(kind_of_tag(key), payload, a, out, e);
}

int cel_tagged_bindings(struct json_val v, struct arena *a, const struct cel_binding **out,
			size_t *cnt, struct err *e)
{
	struct cel_binding *list = ARENA_NEW_N(a, struct cel_binding, json_count(v) + 1u);
	struct json_iter it = json_each(v);
	struct json_val key, value;
	size_t n = 0;

	if (json_kind(v) != JSON_OBJECT && json_kind(v) != JSON_NONE)
		return err_set(e, ERR_INVALID, "bindings must be an object");
	if (!list)
		return nomem(e);
	for (; json_next(&it, &key, &value); n++) {
		if (!json_str(key, a, &list[n].name))
			return nomem(e);
		if (cel_tagged_read(value, a, &list[n].value, e) < 0)
			return err_ctx(e, "variable \"" STR_FMT "\"", STR_ARG(list[n].name));
	}
	*out = list;
	*cnt = n;
	return 0;
}

/* ---- plain JSON ------------------------------------------------------------------------- */

static bool read_number(struct json_val v, struct cel_value *out)
{
	int64_t i;
	uint64_t u;
	double d;

	if (json_i64(v, INT64_MIN, INT64_MAX, &i))
		*out = cel_int(i);
	else if (json_u64(v, UINT64_MAX, &u))
		*out = cel_uint(u);
	else if (!json_double(v, &d))
		return false;
	else if (d == floor(d) && d > -0x1p63 && d < 0x1p63)	/* 1e3, 2.0 */
		*out = cel_int((int64_t)d);
	else if (d == floor(d) && d >= 0 && d < 0x1p64)
		*out = cel_uint((uint64_t)d);
	else
		*out = cel_double(d);
	return true;
}

static int read_plain_items(struct json_val v, struct arena *a, struct cel_value *out,
			    struct err *e)
{
	bool map = json_kind(v) == JSON_OBJECT;
	struct cel_value *items = ARENA_NEW_N(a, struct cel_value, 2 * (size_t)json_count(v) + 1);
	struct json_iter it = json_each(v);
	struct json_val key, item;
	struct str name;
	size_t n = 0;

	if (!items)
		return nomem(e);
	while (json_next(&it, &key, &item)) {
		if (map) {
			if (!json_str(key, a, &name))
				return nomem(e);
			items[n++] = cel_string(name);
		}
		if (cel_json_read(item, a, &items[n++], e) < 0)
			return -1;
	}
	*out = map ? cel_map(items, n / 2) : cel_list(items, n);
	return 0;
}

int cel_json_read(struct json_val v, struct arena *a, struct cel_value *out, struct err *e)
{
	struct str s;

	switch (json_kind(v)) {
	case JSON_NULL:
		*out = cel_null();
		return 0;
	case JSON_BOOL:
		*out = cel_bool(json_is_true(v));
		return 0;
	case JSON_NUMBER:
		return read_number(v, out) ? 0 : err_set(e, ERR_INVALID, "number is out of range");
	case JSON_STRING:
		if (!json_str(v, a, &s))
			return nomem(e);
		*out = cel_string(s);
		return 0;
	case JSON_ARRAY:
	case JSON_OBJECT:
		return read_plain_items(v, a, out, e);
	case JSON_NONE:
		break;
	}
	return err_set(e, ERR_INVALID, "value is missing");
}

/* ---- writing ---------------------------------------------------------------------------- */

static void write_double(struct jsonw *w, double d)
{
	char text[64];
	struct buf b = BUF_OF(text);

	if (isnan(d))
		buf_add_c(&b, "nan");
	else if (isinf(d))
		buf_add_c(&b, d < 0 ? "-inf" : "inf");
	else
		cel_double_text(d, &b);
	jsonw_str(w, buf_str(&b));
}

static void write_bytes(struct jsonw *w, struct str s)
{
	static const char hex[] = "0123456789abcdef";

	if (w->comma)
		buf_add_byte(w->b, ',');
	buf_add_byte(w->b, '"');
	for (size_t i = 0; i < s.len; i++) {
		buf_add_byte(w->b, (uint8_t)hex[(unsigned char)s.p[i] >> 4]);
		buf_add_byte(w->b, (uint8_t)hex[(unsigned char)s.p[i] & 15]);
	}
	buf_add_byte(w->b, '"');
	w->comma = true;
}

static void write_time(struct jsonw *w, int64_t sec, int64_t ns)
{
	jsonw_array(w);
	jsonw_i64(w, sec);
	jsonw_i64(w, ns);
	jsonw_array_end(w);
}

static void write_items(struct jsonw *w, struct cel_value v)
{
	jsonw_array(w);
	for (size_t i = 0; i < v.n; i++) {
		if (v.kind == CEL_LIST) {
			cel_tagged_write(w, cel_list_at(v, i));
			continue;
		}
		jsonw_array(w);
		cel_tagged_write(w, cel_map_key(v, i));
		cel_tagged_write(w, cel_map_val(v, i));
		jsonw_array_end(w);
	}
	jsonw_array_end(w);
}

/* Values that are written as a string of their text. */
static void write_text(struct jsonw *w, struct cel_value v)
{
	char text[IP_TEXT_LEN + 8];
	struct buf b = BUF_OF(text);

	if (v.kind == CEL_UINT)
		buf_add_u64(&b, v.u.u);
	else
		cel_value_text(v, &b);
	jsonw_str(w, buf_str(&b));
}

static void write_payload(struct jsonw *w, struct cel_value v)
{
	switch ((enum cel_kind)v.kind) {
	case CEL_BOOL:
		jsonw_bool(w, v.u.b);
		return;
	case CEL_DOUBLE:
		write_double(w, v.u.d);
		return;
	case CEL_STRING:
		jsonw_str(w, cel_str(v));
		return;
	case CEL_BYTES:
		write_bytes(w, cel_str(v));
		return;
	case CEL_LIST: case CEL_MAP:
		write_items(w, v);
		return;
	case CEL_TIMESTAMP:
		write_time(w, v.u.i, v.n);
		return;
	case CEL_DURATION:
		write_time(w, v.u.i / NS_PER_SEC, v.u.i % NS_PER_SEC);
		return;
	case CEL_TYPE:
		jsonw_c(w, cel_kind_name((enum cel_kind)v.u.u));
		return;
	case CEL_OPTIONAL:
		if (v.u.opt)
			cel_tagged_write(w, *v.u.opt);
		else
			jsonw_null(w);
		return;
	case CEL_INT: case CEL_UINT: case CEL_IP: case CEL_CIDR:
		write_text(w, v);
		return;
	case CEL_NULL: case CEL_ERROR: case CEL_DYN: case CEL_PARAM: case CEL_KIND_COUNT:
		break;
	}
	jsonw_null(w);
}

void cel_tagged_write(struct jsonw *w, struct cel_value v)
{
	const char *tag = "error";

	for (size_t i = 0; i < ARRAY_LEN(tags); i++)
		if (tags[i].kind == v.kind)
			tag = tags[i].tag;
	jsonw_object(w);
	jsonw_name(w, tag);
	write_payload(w, v);
	jsonw_object_end(w);
}
