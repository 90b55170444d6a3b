/* http1.c - heads of HTTP/1 requests and responses, strict (RFC 9112 without its tolerances)
 *
 * Layer: wire.  Input: hostile.  Memory: views into the caller's input, fields in the caller's
 * array. Threads: pure functions.
 * Spec: S006-WR-001..016, S006-WR-067.
 *
 * One pass over the bytes, line by line; each byte is looked up once in a table of classes.  An
 * incomplete head is checked as far as it goes, so that garbage is refused at once and not when the
 * deadline ends.
 */
#include "wire/http1.h"

#include <string.h>

#include "base/num.h"
#include "base/utf8.h"

#define CLASS_TOKEN 1	/* RFC 9110 tchar */
#define CLASS_TARGET 2	/* neither control nor space nor DEL */
#define CLASS_VALUE 4	/* HTAB, SP, visible, >= 0x80 */

#define T (CLASS_TOKEN | CLASS_TARGET | CLASS_VALUE)
#define V (CLASS_TARGET | CLASS_VALUE)
#define S CLASS_VALUE
#define V16 V, V, V, V, V, V, V, V, V, V, V, V, V, V, V, V

static const uint8_t byte_class[256] = {
	['\t'] = S, [' '] = S,
	['!'] = T, ['"'] = V, ['#'] = T, ['$'] = T, ['%'] = T, ['&'] = T, ['\''] = T, ['('] = V,
	[')'] = V, ['*'] = T, ['+'] = T, [','] = V, ['-'] = T, ['.'] = T, ['/'] = V,
	['0'] = T, ['1'] = T, ['2'] = T, ['3'] = T, ['4'] = T, ['5'] = T, ['6'] = T, ['7'] = T,
	['8'] = T, ['9'] = T, [':'] = V, [';'] = V, ['<'] = V, ['='] = V, ['>'] = V, ['?'] = V,
	['@'] = V, ['A'] = T, ['B'] = T, ['C'] = T, ['D'] = T, ['E'] = T, ['F'] = T, ['G'] = T,
	['H'] = T, ['I'] = T, ['J'] = T, ['K'] = T, ['L'] = T, ['M'] = T, ['N'] = T, ['O'] = T,
	['P'] = T, ['Q'] = T, ['R'] = T, ['S'] = T, ['T'] = T, ['U'] = T, ['V'] = T, ['W'] = T,
	['X'] = T, ['Y'] = T, ['Z'] = T, ['['] = V, ['\\'] = V, [']'] = V, ['^'] = T, ['_'] = T,
	['`'] = T, ['a'] = T, ['b'] = T, ['c'] = T, ['d'] = T, ['e'] = T, ['f'] = T, ['g'] = T,
	['h'] = T, ['i'] = T, ['j'] = T, ['k'] = T, ['l'] = T, ['m'] = T, ['n'] = T, ['o'] = T,
	['p'] = T, ['q'] = T, ['r'] = T, ['s'] = T, ['t'] = T, ['u'] = T, ['v'] = T, ['w'] = T,
	['x'] = T, ['y'] = T, ['z'] = T, ['{'] = V, ['|'] = T, ['}'] = V, ['~'] = T,
	[0x80] = V16, V16, V16, V16, V16, V16, V16, V16,
};

#undef T
#undef V
#undef S
#undef V16

static const struct {
	struct str name;
	enum http1_name id;
} known_names[] = {
	{ { "te", 2 }, HTTP1_TE },
	{ { "host", 4 }, HTTP1_HOST },
	{ { "accept", 6 }, HTTP1_ACCEPT },
	{ { "cookie", 6 }, HTTP1_COOKIE },
	{ { "expect", 6 }, HTTP1_EXPECT },
	{ { "origin", 6 }, HTTP1_ORIGIN },
	{ { "trailer", 7 }, HTTP1_TRAILER },
	{ { "upgrade", 7 }, HTTP1_UPGRADE },
	{ { "connection", 10 }, HTTP1_CONNECTION },
	{ { "keep-alive", 10 }, HTTP1_KEEP_ALIVE },
	{ { "content-type", 12 }, HTTP1_CONTENT_TYPE },
	{ { "max-forwards", 12 }, HTTP1_MAX_FORWARDS },
	{ { "authorization", 13 }, HTTP1_AUTHORIZATION },
	{ { "cache-control", 13 }, HTTP1_CACHE_CONTROL },
	{ { "content-length", 14 }, HTTP1_CONTENT_LENGTH },
	{ { "http2-settings", 14 }, HTTP1_HTTP2_SETTINGS },
	{ { "content-encoding", 16 }, HTTP1_CONTENT_ENCODING },
	{ { "proxy-connection", 16 }, HTTP1_PROXY_CONNECTION },
	{ { "transfer-encoding", 17 }, HTTP1_TRANSFER_ENCODING },
	{ { "proxy-authenticate", 18 }, HTTP1_PROXY_AUTHENTICATE },
	{ { "proxy-authorization", 19 }, HTTP1_PROXY_AUTHORIZATION },
};

enum http1_name http1_name_of(struct str name)
{
	for (size_t i = 0; i < ARRAY_LEN(known_names); i++) {
		if (known_names[i].name.len > name.len)
			break;
		if (known_names[i].name.len == name.len &&
		    known_names[i].name.p[0] == ascii_lower(name.p[0]) &&
		    str_case_eq(known_names[i].name, name))
			return known_names[i].id;
	}
	return HTTP1_OTHER;
}

void http1_init(struct http1_head *h, struct http1_field *fields, size_t field_max, size_t head_max)
{
	CHECK(field_max <= UINT16_MAX);
	memset(h, 0, sizeof(*h));
	h->fields = fields;
	h->field_max = field_max;
	h->head_max = head_max;
}

static enum parse refuse(struct http1_head *h, enum http1_fault fault)
{
	h->fault = fault;
	return PARSE_BAD;
}

/* First position from at on whose byte is not of class c. */
static size_t skip_class(struct str in, size_t at, uint8_t c)
{
	while (at < in.len && byte_class[(uint8_t)in.p[at]] & c)
		at++;
	return at;
}

static struct str slice(struct str in, size_t from, size_t to)
{
	return (struct str){ in.p + from, to - from };
}

/* CR LF at *at, which then stands behind it. */
static enum parse line_end(struct http1_head *h, struct str in, size_t *at)
{
	if (*at == in.len)
		return PARSE_MORE;
	if (in.p[*at] != '\r')	/* S006-WR-001, -004 */
		return refuse(h, HTTP1_FAULT_SYNTAX);
	if (*at + 1 == in.len)
		return PARSE_MORE;
	if (in.p[*at + 1] != '\n')
		return refuse(h, HTTP1_FAULT_SYNTAX);
	*at += 2;
	return PARSE_DONE;
}

/* "HTTP/" and digits and dots: a version, though perhaps not ours. */
static bool is_some_version(struct str v)
{
	if (v.len < 6 || v.len > 16 || !str_starts(v, STR("HTTP/")) || !ascii_is_digit(v.p[5]))
		return false;
	for (size_t i = 5; i < v.len; i++)
		if (!ascii_is_digit(v.p[i]) && v.p[i] != '.')
			return false;
	return true;
}

static enum parse check_version(struct http1_head *h, struct str v)
{
	if (v.len == 8 && memcmp(v.p, "HTTP/1.", 7) == 0 && (v.p[7] == '0' || v.p[7] == '1')) {
		h->minor = (uint8_t)(v.p[7] - '0');
		return PARSE_DONE;
	}
	return refuse(h, is_some_version(v) ? HTTP1_FAULT_VERSION : HTTP1_FAULT_SYNTAX);
}

static enum parse request_line(struct http1_head *h, struct str in, size_t *at)
{
	size_t method_end = skip_class(in, 0, CLASS_TOKEN);

	if (method_end > HTTP1_METHOD_MAX)	/* S006-WR-007 */
		return refuse(h, HTTP1_FAULT_SYNTAX);
	if (method_end == in.len)
		return PARSE_MORE;
	if (method_end == 0 || in.p[method_end] != ' ')	/* S006-WR-005, -006 */
		return refuse(h, HTTP1_FAULT_SYNTAX);

	size_t target = method_end + 1;
	size_t target_end = skip_class(in, target, CLASS_TARGET);

	if (target_end == in.len)
		return PARSE_MORE;
	if (target_end == target || in.p[target_end] != ' ')	/* S006-WR-013: no version */
		return refuse(h, HTTP1_FAULT_SYNTAX);

	size_t version = target_end + 1;
	size_t end = skip_class(in, version, CLASS_TARGET);
	size_t next = end;
	enum parse r = line_end(h, in, &next);

	if (r == PARSE_MORE && end - version > 16)
		return refuse(h, HTTP1_FAULT_SYNTAX);
	if (r != PARSE_DONE)
		return r;
	h->method = slice(in, 0, method_end);
	h->target = slice(in, target, target_end);
	*at = next;
	return check_version(h, slice(in, version, end));
}

static enum parse status_line(struct http1_head *h, struct str in, size_t *at)
{
	static const char start[] = "HTTP/1.";

	if (memcmp(in.p, start, MIN(in.len, sizeof(start) - 1)) != 0)
		return refuse(h, HTTP1_FAULT_SYNTAX);

	size_t end = skip_class(in, 0, CLASS_VALUE);
	size_t next = end;
	enum parse r = line_end(h, in, &next);

	if (r != PARSE_DONE)
		return r;
	if (end < 12 || in.p[8] != ' ' || (end > 12 && in.p[12] != ' '))
		return refuse(h, HTTP1_FAULT_SYNTAX);

	uint64_t status;

	if (!num_u64(slice(in, 9, 12), 599, &status) || status < 100)
		return refuse(h, HTTP1_FAULT_SYNTAX);
	h->status = (uint16_t)status;
	h->reason = end > 12 ? slice(in, 13, end) : slice(in, 12, 12);
	*at = next;
	return check_version(h, slice(in, 0, 8));
}

static void keep_field(struct http1_head *h, struct str name, struct str value)
{
	enum http1_name id = http1_name_of(name);

	h->count[id]++;
	h->last[id] = (uint16_t)h->field_cnt;
	h->fields[h->field_cnt++] = (struct http1_field){ name, value, id };
}

static enum parse field_line(struct http1_head *h, struct str in, size_t *at, bool utf8)
{
	size_t name_end = skip_class(in, *at, CLASS_TOKEN);

	if (name_end == in.len)
		return PARSE_MORE;
	if (name_end == *at || in.p[name_end] != ':')	/* S006-WR-002, -003 */
		return refuse(h, HTTP1_FAULT_SYNTAX);

	size_t value_end = skip_class(in, name_end + 1, CLASS_VALUE);
	size_t next = value_end;
	enum parse r = line_end(h, in, &next);

	if (r != PARSE_DONE)
		return r;

	struct str value = str_trim(slice(in, name_end + 1, value_end));

	if (utf8 && !utf8_valid(value))	/* S006-WR-004 */
		return refuse(h, HTTP1_FAULT_SYNTAX);
	if (h->field_cnt == h->field_max)	/* S006-WR-011 */
		return refuse(h, HTTP1_FAULT_SIZE);
	keep_field(h, slice(in, *at, name_end), value);
	*at = next;
	return PARSE_DONE;
}

static enum parse fields(struct http1_head *h, struct str in, size_t at, bool utf8)
{
	while (at < in.len && in.p[at] != '\r') {
		enum parse r = field_line(h, in, &at, utf8);

		if (r != PARSE_DONE)
			return r;
	}

	enum parse r = line_end(h, in, &at);

	if (r == PARSE_DONE)
		h->len = at;
	return r;
}

static enum parse parse_head(struct http1_head *h, struct str in, bool request)
{
	struct str seen = str_first(in, h->head_max);
	size_t at = 0;

	http1_init(h, h->fields, h->field_max, h->head_max);
	if (seen.len == 0)
		return PARSE_MORE;

	enum parse r = request ? request_line(h, seen, &at) : status_line(h, seen, &at);

	if (r == PARSE_DONE)
		r = fields(h, seen, at, request);
	if (r == PARSE_MORE && in.len >= h->head_max)	/* S006-WR-011 */
		return refuse(h, HTTP1_FAULT_SIZE);
	return r;
}

enum parse http1_parse_request(struct http1_head *h, struct str in)
{
	return parse_head(h, in, true);
}

enum parse http1_parse_response(struct http1_head *h, struct str in)
{
	return parse_head(h, in, false);
}

struct str http1_value(const struct http1_head *h, enum http1_name id)
{
	return h->count[id] ? h->fields[h->last[id]].value : (struct str){ NULL, 0 };
}

bool http1_list_has(const struct http1_head *h, enum http1_name id, struct str token)
{
	if (!h->count[id])
		return false;
	for (size_t i = 0; i < h->field_cnt; i++) {
		struct str rest = h->fields[i].value, part;

		if (h->fields[i].id != id)
			continue;
		while (str_split(&rest, ',', &part))
			if (str_case_eq(str_trim(part), token))
				return true;
	}
	return false;
}

bool http1_names_end_to_end(const struct http1_head *h)
{
	static const struct str kept[] = {
		{ "host", 4 },		 { "content-length", 14 },
		{ "content-type", 12 },	 { "content-encoding", 16 },
		{ "authorization", 13 }, { "cookie", 6 },
		{ "cache-control", 13 },
	};

	for (size_t i = 0; i < ARRAY_LEN(kept); i++)
		if (http1_list_has(h, HTTP1_CONNECTION, kept[i]))
			return true;
	return false;
}

enum http1_length http1_content_length(const struct http1_head *h, bool repeats, uint64_t *out)
{
	unsigned cnt = h->count[HTTP1_CONTENT_LENGTH];
	struct str text = http1_value(h, HTTP1_CONTENT_LENGTH);

	if (cnt == 0)
		return HTTP1_LENGTH_NONE;
	if (text.len > 19 || !num_u64(text, INT64_MAX, out))	/* S006-WR-015 */
		return HTTP1_LENGTH_BAD;
	if (cnt > 1 && !repeats)
		return HTTP1_LENGTH_BAD;
	for (size_t i = 0; cnt > 1 && i < h->field_cnt; i++)
		if (h->fields[i].id == HTTP1_CONTENT_LENGTH && !str_eq(h->fields[i].value, text))
			return HTTP1_LENGTH_BAD;
	return HTTP1_LENGTH_OK;
}
