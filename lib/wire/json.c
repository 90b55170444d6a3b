/* json.c - strict JSON reader: parsed texts and value walker
 *
 * Layer: wire.  Input: hostile.  Memory: the caller's arena.  Threads: pure functions.
 * Spec: S000 section 6.
 *
 * Theory of operation.  jsmn finds the tokens but lets much pass that is not JSON.  So the text is
 * judged first, by a checker that is nothing but the grammar of RFC 8259 plus our limits, and that
 * also counts the tokens.  What it accepts, jsmn splits without doubt into exactly that many
 * tokens. Then the parent link of each token, which nobody needs any more, is overwritten by the
 * index behind its subtree, so that walking over a value of any size is one step; and every object
 * is searched for duplicate members, keys compared without escapes.
 */
#include "wire/json.h"

#include <limits.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/buf.h"
#include "base/map.h"
#include "base/num.h"
#include "base/utf8.h"

#define JSMN_STATIC
#define JSMN_STRICT
#define JSMN_PARENT_LINKS
#include <jsmn.h>

#define TEXT_MAX ((size_t)64 << 20)	/* jsmn counts in int; nobody sends that much */
#define FEW_MEMBERS 16			/* up to here comparing all pairs is cheaper than a table */
#define AFTER parent			/* new meaning of the field once parsing is over */

/* ---- grammar ---- */

struct check {
	struct str s;
	size_t pos;
	uint32_t tokens;
	const char *why;
};

static bool bad(struct check *c, const char *why)
{
	if (!c->why)
		c->why = why;
	return false;
}

static int peek(const struct check *c)
{
	return c->pos < c->s.len ? (unsigned char)c->s.p[c->pos] : -1;
}

static void skip_space(struct check *c)
{
	for (;;) {
		int ch = peek(c);
		if (ch != ' ' && ch != '\t' && ch != '\n' && ch != '\r')
			return;
		c->pos++;
	}
}

static bool check_hex4(struct check *c, unsigned *unit)
{
	*unit = 0;
	for (int i = 0; i < 4; i++, c->pos++) {
		int digit = peek(c) < 0 ? -1 : ascii_hex_value((char)peek(c));
		if (digit < 0)
			return bad(c, "bad \\u escape");
		*unit = *unit << 4 | (unsigned)digit;
	}
	return true;
}

static bool check_escape(struct check *c)
{
	int ch = peek(c);
	if (ch <= 0 || !strchr("\"\\/bfnrtu", ch))	/* strchr finds the NUL */
		return bad(c, "bad escape");
	c->pos++;
	if (ch != 'u')
		return true;
	unsigned unit;
	if (!check_hex4(c, &unit))
		return false;
	if (unit >= 0xdc00 && unit <= 0xdfff)
		return bad(c, "unpaired surrogate");
	if (unit < 0xd800 || unit > 0xdbff)
		return true;
	if (c->s.len - c->pos < 2 || c->s.p[c->pos] != '\\' || c->s.p[c->pos + 1] != 'u')
		return bad(c, "unpaired surrogate");
	c->pos += 2;
	if (!check_hex4(c, &unit))
		return false;
	return (unit >= 0xdc00 && unit <= 0xdfff) || bad(c, "unpaired surrogate");
}

static bool check_string(struct check *c)
{
	c->tokens++;
	for (c->pos++;;) {
		int ch = peek(c);
		if (ch < 0)
			return bad(c, "unterminated string");
		if (ch < 0x20)
			return bad(c, "control character in a string");
		c->pos++;
		if (ch == '"')
			return true;
		if (ch == '\\' && !check_escape(c))
			return false;
	}
}

static size_t skip_digits(struct check *c)
{
	size_t from = c->pos;
	while (peek(c) >= '0' && peek(c) <= '9')
		c->pos++;
	return c->pos - from;
}

static bool check_number(struct check *c)
{
	c->tokens++;
	if (peek(c) == '-')
		c->pos++;
	bool zero = peek(c) == '0';
	size_t digits = skip_digits(c);
	if (!digits || (zero && digits > 1))
		return bad(c, "bad number");
	if (peek(c) == '.') {
		c->pos++;
		if (!skip_digits(c))
			return bad(c, "bad number");
	}
	if (peek(c) == 'e' || peek(c) == 'E') {
		c->pos++;
		if (peek(c) == '+' || peek(c) == '-')
			c->pos++;
		if (!skip_digits(c))
			return bad(c, "bad number");
	}
	return true;
}

static bool check_word(struct check *c)
{
	static const char *const words[] = { "true", "false", "null" };
	struct str rest = str_from(c->s, c->pos);
	for (size_t i = 0; i < ARRAY_LEN(words); i++) {
		if (str_starts(rest, str_of(words[i]))) {
			c->tokens++;
			c->pos += strlen(words[i]);
			return true;
		}
	}
	return bad(c, "unexpected character");
}

static bool check_value(struct check *c, unsigned depth);

/* The part of a member or element list up to its closing byte. */
static bool check_items(struct check *c, unsigned depth, char close)
{
	c->tokens++;
	c->pos++;
	skip_space(c);
	if (peek(c) == close) {
		c->pos++;
		return true;
	}
	for (;;) {
		skip_space(c);
		if (close == '}') {
			if (peek(c) != '"')
				return bad(c, "member name expected");
			if (!check_string(c))
				return false;
			skip_space(c);
			if (peek(c) != ':')
				return bad(c, "':' expected");
			c->pos++;
		}
		if (!check_value(c, depth))
			return false;
		skip_space(c);
		int ch = peek(c);
		if (ch != ',' && ch != close)
			return bad(c, "',' or closing bracket expected");
		c->pos++;
		if (ch == close)
			return true;
	}
}

static bool check_value(struct check *c, unsigned depth)
{
	skip_space(c);
	int ch = peek(c);
	if (ch < 0)
		return bad(c, "value expected");
	if (ch == '"')
		return check_string(c);
	if (ch == '-' || ascii_is_digit((char)ch))
		return check_number(c);
	if (ch != '{' && ch != '[')
		return check_word(c);
	if (depth == JSON_DEPTH_MAX)
		return bad(c, "nested too deeply");
	return check_items(c, depth + 1, ch == '{' ? '}' : ']');
}

static int check_text(struct str text, uint32_t *tokens, struct err *e)
{
	if (text.len > TEXT_MAX)
		return err_set(e, ERR_LIMIT, "JSON text of %zu bytes is too long", text.len);
	size_t valid = utf8_valid_prefix(text);
	if (valid < text.len)
		return err_set(e, ERR_INVALID, "invalid JSON at byte %zu: not UTF-8", valid);
	struct check c = { .s = text };
	if (check_value(&c, 0)) {
		skip_space(&c);
		if (c.pos < text.len)
			bad(&c, "unexpected text behind the value");
	}
	if (c.why)
		return err_set(e, ERR_INVALID, "invalid JSON at byte %zu: %s", c.pos, c.why);
	*tokens = c.tokens;
	return 0;
}

/* ---- tokens ---- */

/* Never NULL: no value is a token of no type. */
static const jsmntok_t *token(struct json_val v)
{
	static const jsmntok_t none = { .type = JSMN_UNDEFINED };
	return v.doc && v.at < v.doc->cnt ? (const jsmntok_t *)v.doc->tokens + v.at : &none;
}

static struct str token_text(const struct json *doc, const jsmntok_t *t)
{
	return str_n(doc->text.p + t->start, (size_t)(t->end - t->start));
}

/* jsmn insists on a delimiter behind a primitive; a text that is one number or word has none. */
static bool tokenize_primitive(struct str text, jsmntok_t *t)
{
	size_t start = 0;
	size_t end = text.len;
	while (strchr(" \t\r\n", text.p[start]))
		start++;
	while (strchr(" \t\r\n", text.p[end - 1]))
		end--;
	if (strchr("{[\"", text.p[start]))
		return false;
	*t = (jsmntok_t){ .type = JSMN_PRIMITIVE, .start = (int)start, .end = (int)end };
	return true;
}

/* Children come after their parents: from the last token to the first, every subtree below is
 * known. */
static void link_subtrees(jsmntok_t *t, uint32_t cnt)
{
	for (uint32_t i = cnt; i-- > 0;) {
		int after = (int)i + 1;
		for (int child = 0; child < t[i].size; child++)
			after = t[after].AFTER;
		t[i].AFTER = after;
	}
}

static bool append_escaped(struct str s, struct buf *out)
{
	for (size_t i = 0; i < s.len; i++) {
		if (s.p[i] != '\\') {
			buf_add_byte(out, (uint8_t)s.p[i]);
			continue;
		}
		static const char letters[] = "\"\\/bfnrt";
		static const char bytes[] = "\"\\/\b\f\n\r\t";
		const char *known = strchr(letters, s.p[++i]);
		if (known) {
			buf_add_byte(out, (uint8_t)bytes[known - letters]);
			continue;
		}
		uint64_t cp, low;
		if (!num_hex(str_n(s.p + i + 1, 4), 0xffff, &cp))
			return false;
		i += 4;
		if (cp >= 0xd800 && cp <= 0xdbff) {
			if (!num_hex(str_n(s.p + i + 3, 4), 0xffff, &low))
				return false;
			cp = 0x10000 + ((cp - 0xd800) << 10) + (low - 0xdc00);
			i += 6;
		}
		char utf8[4];
		buf_add(out, utf8, utf8_encode((uint32_t)cp, utf8));
	}
	return buf_ok(out);
}

/* The checker has seen every escape: they are complete and paired. Unescaping never lengthens. */
static bool unescape(struct str s, struct arena *a, struct str *out)
{
	if (str_find_byte(s, '\\') == SIZE_MAX) {
		*out = s;
		return true;
	}
	char *mem = arena_alloc(a, s.len + 1);
	if (!mem)
		return false;
	struct buf b = buf_on(mem, s.len + 1);
	if (!append_escaped(s, &b))
		return false;
	*out = buf_str(&b);
	return true;
}

/* ---- duplicates ---- */

static int duplicate(struct str name, struct err *e)
{
	char text[128];
	struct buf b = BUF_OF(text);
	buf_add_escaped(&b, name, 64);
	return err_set(e, ERR_INVALID, "invalid JSON: duplicate member \"%s\"", buf_c(&b));
}

static int check_few(const struct str *names, uint32_t cnt, struct err *e)
{
	for (uint32_t i = 1; i < cnt; i++)
		for (uint32_t k = 0; k < i; k++)
			if (str_eq(names[i], names[k]))
				return duplicate(names[i], e);
	return 0;
}

static int check_many(const struct str *names, uint32_t cnt, struct err *e)
{
	struct map m;
	if (map_init(&m, cnt) < 0)
		return err_set(e, ERR_NOMEM, "no memory for an object of %u members", cnt);
	int rc = 0;
	uint32_t seen;
	for (uint32_t i = 0; i < cnt && rc == 0; i++) {
		if (map_get(&m, names[i], &seen))
			rc = duplicate(names[i], e);
		else if (!map_put(&m, names[i], i))
			rc = err_set(e, ERR_INTERNAL, "member table is full");
	}
	map_fini(&m);
	return rc;
}

static int check_members(struct json_val object, struct arena *a, struct err *e)
{
	struct str few[FEW_MEMBERS];
	uint32_t cnt = json_count(object);
	struct str *names = cnt <= FEW_MEMBERS ? few : ARENA_NEW_N(a, struct str, cnt);
	if (!names)
		return err_set(e, ERR_LIMIT, "JSON object of %u members is too large", cnt);
	struct json_iter it = json_each(object);
	struct json_val key, value;
	for (uint32_t i = 0; json_next(&it, &key, &value); i++) {
		/* An empty name needs a pointer too: the map takes NULL for a free slot. */
		if (!json_str(key, a, &names[i]))
			return err_set(e, ERR_LIMIT, "JSON text is too large");
	}
	return cnt <= FEW_MEMBERS ? check_few(names, cnt, e) : check_many(names, cnt, e);
}

int json_parse(struct json *doc, struct str text, struct arena *a, struct err *e)
{
	uint32_t cnt = 0;
	if (check_text(text, &cnt, e) < 0)
		return -1;
	jsmntok_t *tokens = ARENA_NEW_N(a, jsmntok_t, cnt);
	if (!tokens)
		return err_set(e, ERR_LIMIT, "JSON text of %u values is too large", cnt);
	if (!tokenize_primitive(text, tokens)) {
		jsmn_parser parser;
		jsmn_init(&parser);
		if (jsmn_parse(&parser, text.p, text.len, tokens, cnt) < 0 || parser.toknext != cnt)
			return err_set(e, ERR_INTERNAL, "JSON reader disagrees with its grammar");
	}
	link_subtrees(tokens, cnt);
	struct json fresh = { .text = text, .tokens = tokens, .cnt = cnt };
	for (uint32_t i = 0; i < cnt; i++)
		if (tokens[i].type == JSMN_OBJECT &&
		    check_members((struct json_val){ &fresh, i }, a, e) < 0)
			return -1;
	*doc = fresh;
	return 0;
}

/* ---- walker ---- */

struct json_val json_root(const struct json *doc)
{
	return (struct json_val){ .doc = doc };
}

enum json_kind json_kind(struct json_val v)
{
	const jsmntok_t *t = token(v);
	switch (t->type) {
	case JSMN_UNDEFINED:
		return JSON_NONE;
	case JSMN_OBJECT:
		return JSON_OBJECT;
	case JSMN_ARRAY:
		return JSON_ARRAY;
	case JSMN_STRING:
		return JSON_STRING;
	case JSMN_PRIMITIVE:
		break;
	}
	char first = v.doc->text.p[t->start];
	if (first == 'n')
		return JSON_NULL;
	return first == 't' || first == 'f' ? JSON_BOOL : JSON_NUMBER;
}

uint32_t json_count(struct json_val v)
{
	enum json_kind kind = json_kind(v);
	return kind == JSON_OBJECT || kind == JSON_ARRAY ? (uint32_t)token(v)->size : 0;
}

struct json_iter json_each(struct json_val v)
{
	return (struct json_iter){
		.doc = v.doc,
		.next = v.at + 1,
		.left = json_count(v),
		.object = json_kind(v) == JSON_OBJECT,
	};
}

bool json_next(struct json_iter *it, struct json_val *key, struct json_val *value)
{
	if (!it->left)
		return false;
	it->left--;
	struct json_val item = { it->doc, it->next };
	it->next = (uint32_t)token(item)->AFTER;
	*key = it->object ? item : (struct json_val){ NULL, 0 };
	*value = it->object ? (struct json_val){ it->doc, item.at + 1 } : item;
	return true;
}

struct json_val json_get(struct json_val v, const char *name)
{
	if (json_kind(v) != JSON_OBJECT)
		return (struct json_val){ NULL, 0 };
	struct json_iter it = json_each(v);
	struct json_val key, value;
	while (json_next(&it, &key, &value))
		if (json_str_is(key, str_of(name)))
			return value;
	return (struct json_val){ NULL, 0 };
}

struct str json_raw(struct json_val v)
{
	const jsmntok_t *t = token(v);
	if (t->type == JSMN_UNDEFINED)
		return str_n(NULL, 0);
	struct str s = token_text(v.doc, t);
	if (t->type == JSMN_STRING)
		s = str_n(s.p - 1, s.len + 2);
	return s;
}

bool json_is_true(struct json_val v)
{
	return json_kind(v) == JSON_BOOL && json_raw(v).p[0] == 't';
}

bool json_str(struct json_val v, struct arena *a, struct str *out)
{
	return json_kind(v) == JSON_STRING && unescape(token_text(v.doc, token(v)), a, out);
}

bool json_str_is(struct json_val v, struct str name)
{
	if (json_kind(v) != JSON_STRING)
		return false;
	struct str s = token_text(v.doc, token(v));
	if (str_find_byte(s, '\\') == SIZE_MAX)
		return str_eq(s, name);
	char text[256];
	struct buf b = BUF_OF(text);
	/* A name that does not fit is longer than every name we ask for. */
	return append_escaped(s, &b) && str_eq(buf_str(&b), name);
}

bool json_is_integer(struct json_val v)
{
	if (json_kind(v) != JSON_NUMBER)
		return false;
	struct str s = json_raw(v);
	return str_find_byte(s, '.') == SIZE_MAX && str_find_byte(s, 'e') == SIZE_MAX &&
	       str_find_byte(s, 'E') == SIZE_MAX;
}

bool json_i64(struct json_val v, int64_t min, int64_t max, int64_t *out)
{
	return json_is_integer(v) && num_i64(json_raw(v), min, max, out);
}

bool json_u64(struct json_val v, uint64_t max, uint64_t *out)
{
	if (!json_is_integer(v))
		return false;
	struct str s = json_raw(v);
	return num_u64(str_eq_c(s, "-0") ? STR("0") : s, max, out);
}

bool json_double(struct json_val v, double *out)
{
	char text[512];
	if (json_kind(v) != JSON_NUMBER)
		return false;
	struct str s = json_raw(v);
	/* Digits beyond these change no double that a peer of ours would send. */
	if (!str_to_c(text, sizeof(text), s))
		return false;
	double d = strtod(text, NULL);
	if (!isfinite(d))
		return false;
	*out = d;
	return true;
}
