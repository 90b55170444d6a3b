/* router.c - method and path to route; query and path parameters
 *
 * Layer: api.  Input: hostile.  Memory: the caller's arena.  Threads: pure functions.
 * Spec: S000 section 7, operations section 4, S010-O-021.
 */
#include "api/router.h"

#include "base/buf.h"
#include "base/utf8.h"

/* ---- paths ---- */

/* Segment by segment; "{}" takes any one segment that is not empty. */
static bool path_matches(const char *pattern, struct str path, struct str *param)
{
	struct str want = str_of(pattern);
	struct str want_part, part;
	for (;;) {
		bool more = str_split(&want, '/', &want_part);
		if (more != str_split(&path, '/', &part))
			return false;
		if (!more)
			return true;
		if (!str_eq_c(want_part, "{}")) {
			if (!str_eq(want_part, part))
				return false;
		} else {
			if (!part.len)
				return false;
			*param = part;
		}
	}
}

static bool has_param(const struct api_route *r)
{
	return str_find(str_of(r->path), STR("{}")) != SIZE_MAX;
}

static void add_method(struct buf *allow, const char *method)
{
	if (str_find(buf_str(allow), str_of(method)) == SIZE_MAX)
		buf_printf(allow, "%s%s", allow->len ? ", " : "", method);
}

enum route_found route_find(const struct api_routes *routes, struct str method, struct str path,
			    const struct api_route **out, struct str *param, struct buf *allow)
{
	const struct api_route *best = NULL;
	struct str best_param = { NULL, 0 };
	for (size_t i = 0; i < routes->cnt; i++) {
		const struct api_route *r = &routes->v[i];
		struct str p = { NULL, 0 };
		if (!path_matches(r->path, path, &p))
			continue;
		add_method(allow, r->method);
		if (str_eq_c(method, r->method) && (!best || !has_param(r))) {
			best = r;
			best_param = p;
		}
	}
	if (!best)
		return allow->len ? ROUTE_OTHER_METHOD : ROUTE_UNKNOWN;
	*out = best;
	*param = best_param;
	return ROUTE_FOUND;
}

/* ---- decoding ---- */

bool percent_decode(struct str raw, struct arena *a, struct str *out)
{
	char *mem = arena_alloc(a, raw.len + 1);
	if (!mem)
		return false;
	struct buf b = buf_on(mem, raw.len + 1);
	for (size_t i = 0; i < raw.len; i++) {
		if (raw.p[i] != '%') {
			buf_add_byte(&b, (uint8_t)raw.p[i]);
			continue;
		}
		if (raw.len - i < 3)
			return false;
		int high = ascii_hex_value(raw.p[i + 1]);
		int low = ascii_hex_value(raw.p[i + 2]);
		if (high < 0 || low < 0 || (high == 0 && low == 0))
			return false;
		buf_add_byte(&b, (uint8_t)(high << 4 | low));
		i += 2;
	}
	if (!buf_ok(&b) || !utf8_valid(buf_str(&b)))
		return false;
	*out = buf_str(&b);
	return true;
}

/* ---- query ---- */

static int bad_parameter(struct str name, struct err *e)
{
	char text[96];
	struct buf b = BUF_OF(text);
	buf_add_escaped(&b, name, 64);
	return err_set(e, ERR_INVALID, "invalid query parameter \"%s\"", buf_c(&b));
}

static bool is_allowed(struct str name, const char *const *allowed)
{
	for (; allowed && *allowed; allowed++)
		if (str_eq_c(name, *allowed))
			return true;
	return false;
}

bool query_get(const struct api_query *q, const char *name, struct str *value)
{
	for (size_t i = 0; i < q->cnt; i++) {
		if (str_eq_c(q->v[i].name, name)) {
			*value = q->v[i].value;
			return true;
		}
	}
	return false;
}

int query_parse(struct str query, const char *const *allowed, struct arena *a,
		struct api_query *out, struct err *e)
{
	struct str part, seen;
	out->cnt = 0;
	while (query.len && str_split(&query, '&', &part)) {
		size_t eq = str_find_byte(part, '=');
		struct str name = str_first(part, eq);
		struct str value = str_from(part, eq == SIZE_MAX ? part.len : eq + 1);
		char c_name[64];
		if (!is_allowed(name, allowed) || !str_to_c(c_name, sizeof(c_name), name) ||
		    query_get(out, c_name, &seen) || out->cnt == API_QUERY_MAX ||
		    !percent_decode(value, a, &value))
			return bad_parameter(name, e);
		out->v[out->cnt].name = name;
		out->v[out->cnt++].value = value;
	}
	return 0;
}
