/* jsonw.c - JSON writer on a bounded buffer
 *
 * Layer: wire.  Input: trusted structure, hostile string contents.  Memory: the caller's buffer.
 * Threads: one owner.
 * Spec: S000 section 6.
 */
#include "wire/jsonw.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/utf8.h"

struct jsonw jsonw_on(struct buf *b)
{
	return (struct jsonw){ .b = b };
}

static void before(struct jsonw *w)
{
	if (w->comma)
		buf_add_byte(w->b, ',');
	w->comma = true;
}

static void open_with(struct jsonw *w, uint8_t bracket)
{
	before(w);
	buf_add_byte(w->b, bracket);
	w->comma = false;
}

static void close_with(struct jsonw *w, uint8_t bracket)
{
	buf_add_byte(w->b, bracket);
	w->comma = true;
}

void jsonw_object(struct jsonw *w)
{
	open_with(w, '{');
}

void jsonw_object_end(struct jsonw *w)
{
	close_with(w, '}');
}

void jsonw_array(struct jsonw *w)
{
	open_with(w, '[');
}

void jsonw_array_end(struct jsonw *w)
{
	close_with(w, ']');
}

/* One run of bytes that need no escape, or one that does. Returns how many bytes of s are done. */
static size_t put_run(struct buf *b, struct str s)
{
	size_t plain = 0;
	while (plain < s.len && (unsigned char)s.p[plain] >= 0x20 && s.p[plain] != '"' &&
	       s.p[plain] != '\\')
		plain++;
	buf_add(b, s.p, plain);
	if (plain == s.len)
		return plain;
	char c = s.p[plain];
	static const char bytes[] = "\"\\\b\f\n\r\t";
	static const char letters[] = "\"\\bfnrt";
	const char *known = c ? strchr(bytes, c) : NULL;
	if (known)
		buf_printf(b, "\\%c", letters[known - bytes]);
	else
		buf_printf(b, "\\u%04x", (unsigned)(unsigned char)c);
	return plain + 1;
}

static void put_quoted(struct buf *b, struct str s)
{
	buf_add_byte(b, '"');
	while (s.len) {
		struct str valid = str_first(s, utf8_valid_prefix(s));
		s = str_from(s, valid.len);
		while (valid.len)
			valid = str_from(valid, put_run(b, valid));
		if (s.len) {
			buf_add_c(b, "\xef\xbf\xbd");	/* U+FFFD for each byte that is none */
			s = str_from(s, 1);
		}
	}
	buf_add_byte(b, '"');
}

void jsonw_key(struct jsonw *w, struct str name)
{
	before(w);
	put_quoted(w->b, name);
	buf_add_byte(w->b, ':');
	w->comma = false;
}

void jsonw_name(struct jsonw *w, const char *name)
{
	jsonw_key(w, str_of(name));
}

void jsonw_null(struct jsonw *w)
{
	jsonw_raw(w, STR("null"));
}

void jsonw_bool(struct jsonw *w, bool v)
{
	jsonw_raw(w, v ? STR("true") : STR("false"));
}

void jsonw_u64(struct jsonw *w, uint64_t v)
{
	before(w);
	buf_add_u64(w->b, v);
}

void jsonw_i64(struct jsonw *w, int64_t v)
{
	before(w);
	buf_printf(w->b, "%lld", (long long)v);
}

void jsonw_double(struct jsonw *w, double v)
{
	if (!isfinite(v)) {
		jsonw_null(w);
		return;
	}
	char text[32];
	for (int digits = 15; digits <= 17; digits++) {
		snprintf(text, sizeof(text), "%.*g", digits, v);
		if (!(strtod(text, NULL) < v) && !(strtod(text, NULL) > v))
			break;
	}
	before(w);
	buf_add_c(w->b, text);
	if (!strpbrk(text, ".e"))
		buf_add_c(w->b, ".0");
}

void jsonw_str(struct jsonw *w, struct str v)
{
	before(w);
	put_quoted(w->b, v);
}

void jsonw_c(struct jsonw *w, const char *v)
{
	if (v)
		jsonw_str(w, str_of(v));
	else
		jsonw_null(w);
}

void jsonw_raw(struct jsonw *w, struct str json)
{
	before(w);
	buf_add_str(w->b, json);
}

void jsonw_add_bool(struct jsonw *w, const char *name, bool v)
{
	jsonw_name(w, name);
	jsonw_bool(w, v);
}

void jsonw_add_u64(struct jsonw *w, const char *name, uint64_t v)
{
	jsonw_name(w, name);
	jsonw_u64(w, v);
}

void jsonw_add_i64(struct jsonw *w, const char *name, int64_t v)
{
	jsonw_name(w, name);
	jsonw_i64(w, v);
}

void jsonw_add_str(struct jsonw *w, const char *name, struct str v)
{
	jsonw_name(w, name);
	jsonw_str(w, v);
}

void jsonw_add_c(struct jsonw *w, const char *name, const char *v)
{
	jsonw_name(w, name);
	jsonw_c(w, v);
}
