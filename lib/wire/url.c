/* url.c - hosts, authorities, absolute-form targets and paths, each in one canonical spelling
 *
 * Layer: wire.  Input: hostile.  Memory: fixed fields, output of the caller.  Threads: pure
 * functions. Spec: S006-WR-020..034.
 *
 * A path is written out segment by segment; a dot segment takes back what stands before it.  The
 * result is then read as sloppy servers read it: escapes decoded up to three times, "%2f", "%5c"
 * and '\' as '/', parameters behind ';' cut off.  If a dot segment shows up in any of these
 * readings, rules on path prefixes would lie, and the path is refused.
 */
#include "wire/url.h"

#include <string.h>

#include "base/num.h"

#define LABEL_MAX 63
#define DECODE_ROUNDS 3

static bool is_host_byte(char c)
{
	return ascii_is_alnum(c) || c == '-' || c == '_';
}

/* All digits, or "0x" and anything: inet_aton() may see a number there. */
static bool looks_numeric(struct str label)
{
	if (label.len >= 2 && label.p[0] == '0' && ascii_lower(label.p[1]) == 'x')
		return true;
	for (size_t i = 0; i < label.len; i++)
		if (!ascii_is_digit(label.p[i]))
			return false;
	return true;
}

static bool name_is_valid(struct str s)
{
	struct str rest = s, label = { NULL, 0 };

	while (str_split(&rest, '.', &label)) {
		if (label.len == 0 || label.len > LABEL_MAX)	/* S006-WR-024 */
			return false;
		for (size_t i = 0; i < label.len; i++)
			if (!is_host_byte(label.p[i]))		/* S006-WR-025 */
				return false;
	}
	return !looks_numeric(label);				/* S006-WR-026 */
}

static void keep_literal(struct url_host *out, struct ip ip)
{
	struct buf b = buf_on(out->text, sizeof(out->text));

	ip_format(&b, ip);
	out->len = (uint8_t)b.len;
	out->ip = ip;
	out->literal = true;
}

bool url_host_parse(struct str s, struct url_host *out)
{
	struct ip ip;

	memset(out, 0, sizeof(*out));
	if (s.len == 0)
		return false;
	if (s.p[0] == '[') {	/* S006-WR-027 */
		if (s.len < 4 || s.p[s.len - 1] != ']' ||
		    !ip_parse_v6(str_n(s.p + 1, s.len - 2), &ip))
			return false;
		keep_literal(out, ip);
		return true;
	}
	if (s.p[s.len - 1] == '.')	/* S006-WR-023: one dot at the end is the root */
		s.len--;
	if (s.len == 0 || s.len > URL_HOST_MAX)
		return false;
	if (ip_parse_v4(s, &ip)) {
		keep_literal(out, ip);
		return true;
	}
	if (!name_is_valid(s))
		return false;
	str_lower(out->text, s);
	out->len = (uint8_t)s.len;
	return true;
}

static bool port_parse(struct str s, uint16_t *out)
{
	uint64_t v;

	/* S006-WR-022 */
	if (s.len == 0 || s.len > 5 || s.p[0] == '0' || !num_u64(s, 65535, &v))
		return false;
	*out = (uint16_t)v;
	return true;
}

bool url_authority_parse(struct str s, uint16_t default_port, struct url_authority *out)
{
	size_t host_end = s.len && s.p[0] == '[' ? str_find_byte(s, ']') : 0;
	struct str port = { NULL, 0 };

	out->port = default_port;
	if (host_end == SIZE_MAX)
		return false;

	size_t colon = str_find_byte(str_from(s, host_end), ':');

	if (colon != SIZE_MAX) {
		port = str_from(s, host_end + colon + 1);
		s = str_first(s, host_end + colon);
		if (!port_parse(port, &out->port))
			return false;
	} else if (default_port == 0) {
		return false;
	}
	return url_host_parse(s, &out->host);
}

bool url_host_eq(const struct url_host *a, const struct url_host *b)
{
	return a->literal == b->literal && str_eq(url_host_str(a), url_host_str(b));
}

bool url_authority_eq(const struct url_authority *a, const struct url_authority *b)
{
	return a->port == b->port && url_host_eq(&a->host, &b->host);
}

void url_authority_format(struct buf *b, const struct url_authority *a, uint16_t default_port)
{
	bool v6 = a->host.literal && !a->host.ip.v4;

	if (v6)
		buf_add_byte(b, '[');
	buf_add_str(b, url_host_str(&a->host));
	if (v6)
		buf_add_byte(b, ']');
	if (a->port != default_port) {
		buf_add_byte(b, ':');
		buf_add_u64(b, a->port);
	}
}

bool url_absolute_parse(struct str target, struct url_authority *out, struct str *rest)
{
	size_t end = 7;

	/* S006-WR-020 */
	if (target.len <= end || !str_case_eq(str_first(target, end), STR("http://")))
		return false;
	while (end < target.len && target.p[end] != '/' && target.p[end] != '?' &&
	       target.p[end] != '#')
		end++;
	if (!url_authority_parse(str_n(target.p + 7, end - 7), 80, out))
		return false;
	*rest = str_n(target.p + end, target.len - end);
	return true;
}

static bool is_target_byte(char c)
{
	/* S006-WR-031 */
	return c > 0x20 && c < 0x7f && c != '"' && c != '<' && c != '>' && c != '\\' && c != '#';
}

/* Value of the escape at s[i], or -1 when there is none. */
static int escape_at(struct str s, size_t i)
{
	if (s.len - i < 3 || s.p[i] != '%')
		return -1;

	int hi = ascii_hex_value(s.p[i + 1]), lo = ascii_hex_value(s.p[i + 2]);

	return hi < 0 || lo < 0 ? -1 : hi * 16 + lo;
}

static bool bytes_are_valid(struct str path, struct str query)
{
	for (size_t i = 0; i < path.len; i++) {
		if (!is_target_byte(path.p[i]))
			return false;
		if (path.p[i] == '%' && escape_at(path, i) <= 0)	/* S006-WR-033 */
			return false;
	}
	for (size_t i = 0; i < query.len; i++)
		if (!is_target_byte(query.p[i]))
			return false;
	return true;
}

/* Number of dots if the segment is "." or "..", escaped or not; else 0. */
static unsigned segment_dots(struct str seg)
{
	unsigned dots = 0;
	size_t i = 0;

	while (i < seg.len && dots < 3) {
		if (seg.p[i] == '.')
			i++;
		else if (escape_at(seg, i) == '.')
			i += 3;
		else
			return 0;
		dots++;
	}
	return i == seg.len && dots < 3 ? dots : 0;
}

/* path is "" or starts with '/'. out starts empty and holds '/' first ever after. */
static void remove_dot_segments(struct str path, struct buf *out)
{
	struct str rest = path.len ? str_from(path, 1) : path, seg;
	size_t base = out->len;
	bool open = true;	/* the last segment was a dot segment: it leaves a '/' */

	while (str_split(&rest, '/', &seg)) {
		unsigned dots = segment_dots(seg);

		open = dots > 0;
		if (dots == 2)
			while (out->len > base && out->p[--out->len] != '/')
				continue;
		if (dots)
			continue;
		buf_add_byte(out, '/');
		buf_add_str(out, seg);
	}
	if (open || out->len == base)
		buf_add_byte(out, '/');
}

static bool is_separator(char c)
{
	return c == '/' || c == '\\';
}

/* Whether a segment of s is "." or ".." once parameters are cut off. */
static bool has_dot_segment(struct str s)
{
	size_t from = 0;

	while (from < s.len) {
		size_t end = from;

		while (end < s.len && !is_separator(s.p[end]))
			end++;

		struct str seg = str_n(s.p + from, end - from);

		seg = str_first(seg, str_find_byte(seg, ';'));
		if (seg.len && segment_dots(seg))
			return true;
		from = end + 1;
	}
	return false;
}

/* Decodes one level in place. False when that yields a NUL. */
static bool decode(char *p, size_t *len)
{
	struct str s = { p, *len };
	size_t to = 0;

	for (size_t i = 0; i < s.len; i++) {
		int v = escape_at(s, i);

		if (v == 0)
			return false;
		p[to++] = v > 0 ? (char)v : p[i];
		if (v > 0)
			i += 2;
	}
	*len = to;
	return true;
}

/* S006-WR-033. Decodes the bytes at p, a copy that the caller gives up. */
static bool hides_dot_segment(char *p, size_t len)
{
	for (int round = 0; round < DECODE_ROUNDS; round++) {
		if (!decode(p, &len) || has_dot_segment((struct str){ p, len }))
			return true;
		if (!memchr(p, '%', len))
			break;
	}
	return false;
}

/* Paths without '%' and ';' read the same to everybody: '\' was refused before. */
static bool is_plain(struct str path)
{
	return str_find_byte(path, '%') == SIZE_MAX && str_find_byte(path, ';') == SIZE_MAX;
}

bool url_path_canonical(struct str raw, struct buf *out)
{
	size_t mark = str_find_byte(raw, '?');
	struct str path = str_first(raw, mark);
	struct str query = mark == SIZE_MAX ? str_n(NULL, 0) : str_from(raw, mark);
	size_t base = out->len;

	if (path.len && path.p[0] != '/')
		return false;
	if (!bytes_are_valid(path, query))
		return false;
	remove_dot_segments(path, out);
	if (!buf_ok(out))
		return false;

	/* The sloppy reading is made in the room behind the result, then given back. */
	struct str canonical = { out->p + base, out->len - base };

	if (!is_plain(canonical)) {
		size_t at = out->len;

		buf_add_str(out, canonical);
		if (!buf_ok(out) || hides_dot_segment(out->p + at, canonical.len))
			return false;
		out->len = at;
	}
	buf_add_str(out, query);
	return buf_ok(out);
}
