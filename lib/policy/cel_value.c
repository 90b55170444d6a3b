/* cel_value.c - access, equality, order and texts of CEL values
 *
 * Layer: policy.  Input: hostile (values of requests).  Memory: none.  Threads: pure functions.
 * Spec: S003 sections 3.4, 3.5, 3.7; S003-FR-017.
 *
 * Nested values are walked recursively; their depth is bounded where they arise (128 levels of
 * run.context, CEL_DEPTH_MAX of literals).
 */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/utf8.h"
#include "policy/cel_lib.h"
#include "policy/facts.h"

static const char *const kind_names[CEL_KIND_COUNT] = {
	[CEL_ERROR] = "error",
	[CEL_NULL] = "null_type",
	[CEL_BOOL] = "bool",
	[CEL_INT] = "int",
	[CEL_UINT] = "uint",
	[CEL_DOUBLE] = "double",
	[CEL_STRING] = "string",
	[CEL_BYTES] = "bytes",
	[CEL_LIST] = "list",
	[CEL_MAP] = "map",
	[CEL_TIMESTAMP] = "google.protobuf.Timestamp",
	[CEL_DURATION] = "google.protobuf.Duration",
	[CEL_TYPE] = "type",
	[CEL_OPTIONAL] = "optional_type",
	[CEL_IP] = "net.IP",
	[CEL_CIDR] = "net.CIDR",
	[CEL_DYN] = "dyn",
	[CEL_PARAM] = "param",
};

const char *cel_kind_name(enum cel_kind k)
{
	return k < CEL_KIND_COUNT ? kind_names[k] : "error";
}

enum cel_kind cel_kind_named(struct str s)
{
	for (unsigned k = CEL_NULL; k < CEL_DYN; k++)
		if (str_eq_c(s, kind_names[k]))
			return (enum cel_kind)k;
	return CEL_ERROR;
}

struct cel_value cel_list_at(struct cel_value list, size_t i)
{
	return list.store == CEL_STORE_STRS ? cel_string(list.u.strs[i]) : list.u.items[i];
}

struct cel_value cel_map_key(struct cel_value map, size_t i)
{
	return map.store == CEL_STORE_FIELDS ? cel_string(map.u.fields[i].name)
					     : map.u.items[2 * i];
}

struct cel_value cel_map_val(struct cel_value map, size_t i)
{
	return map.store == CEL_STORE_FIELDS ? cel_string(map.u.fields[i].value)
					     : map.u.items[2 * i + 1];
}

/* ---- equality and order ----------------------------------------------------------------- */

static bool is_number(struct cel_value v)
{
	return v.kind == CEL_INT || v.kind == CEL_UINT || v.kind == CEL_DOUBLE;
}

static double as_double(struct cel_value v)
{
	if (v.kind == CEL_INT)
		return (double)v.u.i;
	return v.kind == CEL_UINT ? (double)v.u.u : v.u.d;
}

static int order_u64(uint64_t a, uint64_t b)
{
	return a < b ? -1 : a > b;
}

static int order_i64(int64_t a, int64_t b)
{
	return a < b ? -1 : a > b;
}

/* Integers exactly; against a double both as doubles, which the conformance data demands. */
static int order_numbers(struct cel_value a, struct cel_value b)
{
	if (a.kind == CEL_DOUBLE || b.kind == CEL_DOUBLE) {
		double x = as_double(a), y = as_double(b);

		if (isnan(x) || isnan(y))
			return 2;
		return x < y ? -1 : x > y;
	}
	if (a.kind == b.kind)
		return a.kind == CEL_INT ? order_i64(a.u.i, b.u.i) : order_u64(a.u.u, b.u.u);
	if (a.kind == CEL_INT)
		return a.u.i < 0 ? -1 : order_u64(a.u.u, b.u.u);
	return b.u.i < 0 ? 1 : order_u64(a.u.u, b.u.u);
}

static int order_bytes(struct cel_value a, struct cel_value b)
{
	size_t n = MIN(a.n, b.n);
	int d = n ? memcmp(a.u.s, b.u.s, n) : 0;

	if (d)
		return d < 0 ? -1 : 1;
	return order_u64(a.n, b.n);
}

int cel_compare(struct cel_value a, struct cel_value b)
{
	if (is_number(a) && is_number(b))
		return order_numbers(a, b);
	if (a.kind != b.kind)
		return CEL_CMP_NONE;
	if (a.kind == CEL_STRING || a.kind == CEL_BYTES)
		return order_bytes(a, b);
	if (a.kind == CEL_BOOL)
		return (int)a.u.b - (int)b.u.b;
	if (a.kind == CEL_DURATION)
		return order_i64(a.u.i, b.u.i);
	if (a.kind == CEL_TIMESTAMP)
		return a.u.i != b.u.i ? order_i64(a.u.i, b.u.i) : order_u64(a.n, b.n);
	return CEL_CMP_NONE;
}

static bool text_equal(struct cel_ctx *ctx, struct cel_value a, struct cel_value b)
{
	if (a.n != b.n)
		return false;
	if (ctx && !cel_charge(ctx, a.n / 16))
		return false;
	return a.n == 0 || memcmp(a.u.s, b.u.s, a.n) == 0;
}

static bool lists_equal(struct cel_ctx *ctx, struct cel_value a, struct cel_value b)
{
	if (a.n != b.n)
		return false;
	for (size_t i = 0; i < a.n; i++)
		if (!cel_equal_in(ctx, cel_list_at(a, i), cel_list_at(b, i)))
			return false;
	return true;
}

static bool maps_equal(struct cel_ctx *ctx, struct cel_value a, struct cel_value b)
{
	if (a.n != b.n)
		return false;
	for (size_t i = 0; i < a.n; i++) {
		struct cel_value other;

		if (!cel_map_find_in(ctx, b, cel_map_key(a, i), &other) ||
		    !cel_equal_in(ctx, cel_map_val(a, i), other))
			return false;
	}
	return true;
}

static bool optionals_equal(struct cel_ctx *ctx, struct cel_value a, struct cel_value b)
{
	if (!a.u.opt || !b.u.opt)
		return a.u.opt == b.u.opt;
	return cel_equal_in(ctx, *a.u.opt, *b.u.opt);
}

/* An IPv4 address and its mapped IPv6 form name the same host. */
static bool ips_equal(const struct ip *a, const struct ip *b)
{
	return memcmp(a->b, b->b, sizeof(a->b)) == 0;
}

static bool same_kind_equal(struct cel_ctx *ctx, struct cel_value a, struct cel_value b)
{
	switch ((enum cel_kind)a.kind) {
	case CEL_NULL:
		return true;
	case CEL_BOOL:
		return a.u.b == b.u.b;
	case CEL_STRING:
	case CEL_BYTES:
		return text_equal(ctx, a, b);
	case CEL_LIST:
		return lists_equal(ctx, a, b);
	case CEL_MAP:
		return maps_equal(ctx, a, b);
	case CEL_DURATION:
		return a.u.i == b.u.i;
	case CEL_TIMESTAMP:
		return a.u.i == b.u.i && a.n == b.n;
	case CEL_TYPE:
		return a.u.u == b.u.u;
	case CEL_OPTIONAL:
		return optionals_equal(ctx, a, b);
	case CEL_IP:
		return ips_equal(a.u.ip, b.u.ip);
	case CEL_CIDR:
		return a.u.cidr->bits == b.u.cidr->bits && a.u.cidr->net.v4 == b.u.cidr->net.v4 &&
		       ips_equal(&a.u.cidr->net, &b.u.cidr->net);
	case CEL_INT: case CEL_UINT: case CEL_DOUBLE:	/* handled before */
	case CEL_ERROR: case CEL_DYN: case CEL_PARAM: case CEL_KIND_COUNT:
		break;
	}
	return false;
}

bool cel_equal_in(struct cel_ctx *ctx, struct cel_value a, struct cel_value b)
{
	if (ctx && !cel_charge(ctx, 1))
		return false;
	if (is_number(a) && is_number(b))
		return order_numbers(a, b) == 0;
	return a.kind == b.kind && same_kind_equal(ctx, a, b);
}

bool cel_equal(struct cel_value a, struct cel_value b)
{
	return cel_equal_in(NULL, a, b);
}

/* A double is the key that it equals exactly; the lossy == of numbers must not find another. False:
 * it equals none. */
static bool whole_key(struct cel_value *key)
{
	double d = key->u.d;

	if (key->kind != CEL_DOUBLE)
		return key->kind == CEL_STRING || key->kind == CEL_BOOL || is_number(*key);
	if (d != floor(d))
		return false;
	if (d >= -0x1p63 && d < 0x1p63)
		*key = cel_int((int64_t)d);
	else if (d >= 0x1p63 && d < 0x1p64)
		*key = cel_uint((uint64_t)d);
	else
		return false;
	return true;
}

bool cel_map_find_in(struct cel_ctx *ctx, struct cel_value map, struct cel_value key,
		     struct cel_value *out)
{
	if (!whole_key(&key))
		return false;
	for (size_t i = 0; i < map.n; i++) {
		if (!cel_equal_in(ctx, cel_map_key(map, i), key))
			continue;
		*out = cel_map_val(map, i);
		return true;
	}
	return false;
}

bool cel_map_find(struct cel_value map, struct cel_value key, struct cel_value *out)
{
	return cel_map_find_in(NULL, map, key, out);
}

/* ---- texts ------------------------------------------------------------------------------ */

/* The shortest digits that read back as d (finite, not negative); returns the exponent. */
static int shortest_digits(double d, char digits[40])
{
	char text[40];
	size_t n = 0;
	char *e;

	for (int precision = 0; precision < 17; precision++) {
		snprintf(text, sizeof(text), "%.*e", precision, d);
		if (strtod(text, NULL) == d)
			break;
	}
	e = strchr(text, 'e');
	for (const char *p = text; p < e; p++)
		if (ascii_is_digit(*p))
			digits[n++] = *p;
	while (n > 1 && digits[n - 1] == '0')
		n--;
	digits[n] = '\0';
	return (int)strtol(e + 1, NULL, 10);
}

static void plain_double(const char *digits, int exp, struct buf *out)
{
	int n = (int)strlen(digits);

	if (exp < 0) {
		buf_add_c(out, "0.");
		for (int i = -1; i > exp; i--)
			buf_add_byte(out, '0');
		buf_add_c(out, digits);
		return;
	}
	for (int i = 0; i <= exp || i < n; i++) {
		if (i == exp + 1)
			buf_add_byte(out, '.');
		buf_add_byte(out, (uint8_t)(i < n ? digits[i] : '0'));
	}
}

void cel_double_text(double d, struct buf *out)
{
	char digits[40];
	int exp;

	if (isnan(d)) {
		buf_add_c(out, "NaN");
		return;
	}
	if (signbit(d))
		buf_add_byte(out, '-');
	if (isinf(d)) {
		buf_add_c(out, "Infinity");
		return;
	}
	exp = shortest_digits(fabs(d), digits);
	if (exp >= -4 && exp < 21) {
		plain_double(digits, exp, out);
		return;
	}
	buf_add_byte(out, (uint8_t)digits[0]);
	if (digits[1]) {
		buf_add_byte(out, '.');
		buf_add_c(out, digits + 1);
	}
	buf_printf(out, "e%c%02d", exp < 0 ? '-' : '+', abs(exp));
}

static void quoted_text(struct cel_value v, struct buf *out)
{
	buf_add_c(out, v.kind == CEL_BYTES ? "b\"" : "\"");
	buf_add_escaped(out, cel_str(v), 256);
	buf_add_c(out, v.n > 256 ? "\"..." : "\"");
}

static void items_text(struct cel_value v, struct buf *out)
{
	bool map = v.kind == CEL_MAP;

	buf_add_byte(out, map ? '{' : '[');
	for (size_t i = 0; i < v.n && buf_ok(out); i++) {
		if (i)
			buf_add_c(out, ", ");
		if (map) {
			cel_value_text(cel_map_key(v, i), out);
			buf_add_c(out, ": ");
		}
		cel_value_text(map ? cel_map_val(v, i) : cel_list_at(v, i), out);
	}
	buf_add_byte(out, map ? '}' : ']');
}

static void optional_text(struct cel_value v, struct buf *out)
{
	if (!v.u.opt) {
		buf_add_c(out, "optional.none()");
		return;
	}
	buf_add_c(out, "optional.of(");
	cel_value_text(*v.u.opt, out);
	buf_add_byte(out, ')');
}

void cel_value_text(struct cel_value v, struct buf *out)
{
	switch ((enum cel_kind)v.kind) {
	case CEL_NULL:
		buf_add_c(out, "null");
		return;
	case CEL_BOOL:
		buf_add_c(out, v.u.b ? "true" : "false");
		return;
	case CEL_INT:
		buf_printf(out, "%lld", (long long)v.u.i);
		return;
	case CEL_UINT:
		buf_printf(out, "%lluu", (unsigned long long)v.u.u);
		return;
	case CEL_DOUBLE:
		cel_double_text(v.u.d, out);
		return;
	case CEL_STRING:
	case CEL_BYTES:
		quoted_text(v, out);
		return;
	case CEL_LIST:
	case CEL_MAP:
		items_text(v, out);
		return;
	case CEL_TIMESTAMP:
		buf_printf(out, "timestamp(%lld.%09u)", (long long)v.u.i, (unsigned)v.n);
		return;
	case CEL_DURATION:
		buf_printf(out, "duration(\"%lldns\")", (long long)v.u.i);
		return;
	case CEL_TYPE:
		buf_add_c(out, cel_kind_name((enum cel_kind)v.u.u));
		return;
	case CEL_OPTIONAL:
		optional_text(v, out);
		return;
	case CEL_IP:
		ip_format(out, *v.u.ip);
		return;
	case CEL_CIDR:
		ip_format(out, v.u.cidr->net);
		buf_printf(out, "/%u", (unsigned)v.u.cidr->bits);
		return;
	case CEL_ERROR:
		cel_error_text(v, out);
		return;
	case CEL_DYN: case CEL_PARAM: case CEL_KIND_COUNT:
		break;
	}
}

static const char *const error_texts[CEL_ERRK_COUNT] = {
	[CEL_ERR_INTERNAL] = "internal error",
	[CEL_ERR_NO_OVERLOAD] = "no such overload",
	[CEL_ERR_UNDECLARED] = "undeclared reference to",
	[CEL_ERR_NO_KEY] = "no such key",
	[CEL_ERR_INDEX] = "index out of bounds",
	[CEL_ERR_NONE_VALUE] = "value of optional.none()",
	[CEL_ERR_DIV_ZERO] = "division by zero",
	[CEL_ERR_MOD_ZERO] = "modulus by zero",
	[CEL_ERR_OVERFLOW] = "integer overflow",
	[CEL_ERR_RANGE] = "range error",
	[CEL_ERR_CONVERT] = "conversion error",
	[CEL_ERR_KEY_TYPE] = "unsupported key type",
	[CEL_ERR_REPEATED_KEY] = "repeated key",
	[CEL_ERR_UTF8] = "invalid UTF-8",
	[CEL_ERR_REGEX] = "invalid regular expression",
	[CEL_ERR_COST] = "cost limit exceeded",
};

static void overload_text(const struct cel_errinfo *info, struct buf *out)
{
	buf_printf(out, ": %s(", info->what ? info->what : "");
	for (size_t i = 0; i < info->arg_cnt; i++) {
		if (i)
			buf_add_c(out, ", ");
		buf_add_c(out, cel_kind_name((enum cel_kind)info->arg[i].kind));
	}
	buf_add_byte(out, ')');
}

void cel_error_text(struct cel_value v, struct buf *out)
{
	enum cel_errk k = cel_errk_of(v);
	const struct cel_errinfo *info = v.u.err;

	buf_add_c(out, k < CEL_ERRK_COUNT ? error_texts[k] : error_texts[CEL_ERR_INTERNAL]);
	if (!info)
		return;
	if (k == CEL_ERR_NO_OVERLOAD) {
		overload_text(info, out);
		return;
	}
	if (k == CEL_ERR_UNDECLARED && info->arg_cnt) {
		buf_printf(out, " '" STR_FMT "'", STR_ARG(cel_str(info->arg[0])));
		return;
	}
	if (info->what)
		buf_printf(out, ": %s", info->what);
	for (size_t i = 0; i < info->arg_cnt; i++) {
		buf_add_c(out, i ? ", " : ": ");
		cel_value_text(info->arg[i], out);
	}
}
