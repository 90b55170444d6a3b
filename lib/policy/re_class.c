/* re_class.c - escapes, named classes and bracket expressions of regular expressions
 *
 * Layer: policy.  Input: hostile patterns.  Memory: arena of the caller.  Threads: one owner.
 * Spec: S003 3.10.
 */
#include "base/utf8.h"
#include "policy/re_int.h"
#include "policy/re_uni.h"

#define LIT(text) { (text), sizeof(text) - 1 }

/* Pairs of first and last byte. */
static const struct {
	struct str name;
	struct str pairs;
} ascii_class[] = {
	{ LIT("alnum"), LIT("09AZaz") },
	{ LIT("alpha"), LIT("AZaz") },
	{ LIT("ascii"), LIT("\x00\x7f") },
	{ LIT("blank"), LIT("\t\t  ") },
	{ LIT("cntrl"), LIT("\x00\x1f\x7f\x7f") },
	{ LIT("digit"), LIT("09") },
	{ LIT("graph"), LIT("!~") },
	{ LIT("lower"), LIT("az") },
	{ LIT("print"), LIT(" ~") },
	{ LIT("punct"), LIT("!/:@[`{~") },
	{ LIT("space"), LIT("\t\r  ") },
	{ LIT("upper"), LIT("AZ") },
	{ LIT("word"), LIT("09AZ__az") },
	{ LIT("xdigit"), LIT("09AFaf") },
	{ LIT("perl space"), LIT("\t\n\f\r  ") },	/* \s has no vertical tab */
};

bool re_class_ascii(struct re_build *b, struct str name)
{
	size_t i, k;

	for (i = 0; i < ARRAY_LEN(ascii_class); i++) {
		struct str pairs = ascii_class[i].pairs;

		if (!str_eq(ascii_class[i].name, name))
			continue;
		for (k = 0; k < pairs.len; k += 2)
			re_build_add(b, (uint8_t)pairs.p[k], (uint8_t)pairs.p[k + 1]);
		return true;
	}
	return false;
}

static bool has_fold(const struct re_parser *p)
{
	return (p->flags & RE_FLAG_FOLD) != 0;
}

/* Adds p->part, or what is outside it, to p->set. */
static void add_part(struct re_parser *p, bool negate)
{
	re_build_add_set(&p->set, re_build_finish(&p->part, negate));
}

static void add_range(void *arg, uint32_t lo, uint32_t hi)
{
	re_build_add(arg, lo, hi);
}

/* The name of \pN, \p{Name}, \p{^Name}; p->at stands behind the p. */
static int unicode_name(struct re_parser *p, struct str *name, bool *negate)
{
	struct str rest = str_from(p->s, p->at);
	size_t end;
	uint32_t rune;

	if (rest.len == 0)
		return re_bad(p, "invalid character class range");
	if (rest.p[0] != '{') {
		if (!utf8_next(p->s, &p->at, &rune))
			return re_bad(p, "invalid UTF-8");
		*name = str_first(rest, 1);
		return 0;
	}
	end = str_find_byte(rest, '}');
	if (end == SIZE_MAX)
		return re_bad(p, "invalid character class range");
	p->at += end + 1;
	*name = str_from(str_first(rest, end), 1);
	if (name->len && name->p[0] == '^') {
		*negate = !*negate;
		*name = str_from(*name, 1);
	}
	return 0;
}

static int unicode_class(struct re_parser *p, bool negate)
{
	struct str name;

	if (unicode_name(p, &name, &negate))
		return -1;
	re_build_start(&p->part, has_fold(p));
	if (!re_uni_class(name, add_range, &p->part))
		return re_bad(p, "unknown Unicode class");
	add_part(p, negate);
	return 1;
}

int re_class_perl(struct re_parser *p)
{
	struct str rest = str_from(p->s, p->at);
	struct str name;
	char c;

	if (rest.len < 2 || rest.p[0] != '\\')
		return 0;
	c = rest.p[1];
	if (c == 'd' || c == 'D')
		name = STR("digit");
	else if (c == 's' || c == 'S')
		name = STR("perl space");
	else if (c == 'w' || c == 'W')
		name = STR("word");
	else if (c == 'p' || c == 'P')
		name = STR("");
	else
		return 0;
	p->at += 2;
	if (name.len == 0)
		return unicode_class(p, c == 'P');
	re_build_start(&p->part, has_fold(p));
	(void)re_class_ascii(&p->part, name);
	add_part(p, ascii_upper(c) == c);
	return 1;
}

/* Two digits, or any number of them in braces; p->at stands behind the x. */
static int hex_escape(struct re_parser *p, uint32_t *rune)
{
	struct str rest = str_from(p->s, p->at);
	size_t n = 2;
	size_t i = 0;
	uint32_t v = 0;

	if (rest.len && rest.p[0] == '{') {
		i = 1;
		n = str_find_byte(rest, '}');
	}
	if (n > rest.len || n == i)
		return re_bad(p, "invalid escape sequence");
	p->at += n + i;
	for (; i < n; i++) {
		int digit = ascii_hex_value(rest.p[i]);

		if (digit < 0)
			return re_bad(p, "invalid escape sequence");
		v = v * 16 + (uint32_t)digit;
		if (v > RE_RUNE_MAX)
			return re_bad(p, "escape sequence above \\x{10FFFF}");
	}
	*rune = v;
	return 0;
}

/* c is the first digit. One digit other than 0 would be a back-reference. */
static int octal_escape(struct re_parser *p, char c, uint32_t *rune)
{
	uint32_t v = (uint32_t)(c - '0');
	unsigned i;

	for (i = 0; i < 2 && p->at < p->s.len; i++) {
		char d = p->s.p[p->at];

		if (d < '0' || d > '7')
			break;
		v = v * 8 + (uint32_t)(d - '0');
		p->at++;
	}
	if (i == 0 && c != '0')
		return re_bad(p, "back-references are not supported");
	if (v > 0377)
		return re_bad(p, "octal escape above \\377");
	*rune = v;
	return 0;
}

int re_class_escape(struct re_parser *p, uint32_t *rune)
{
	static const char letters[] = "afnrtv";
	static const char values[] = "\a\f\n\r\t\v";
	unsigned i;
	char c;

	p->at++;
	if (p->at >= p->s.len)
		return re_bad(p, "trailing \\");
	c = p->s.p[p->at++];
	if (c >= '0' && c <= '7')
		return octal_escape(p, c, rune);
	if (c == 'x')
		return hex_escape(p, rune);
	for (i = 0; letters[i]; i++) {
		if (letters[i] == c) {
			*rune = (uint8_t)values[i];
			return 0;
		}
	}
	if ((uint8_t)c >= 0x80 || ascii_is_alnum(c))
		return re_bad(p, "invalid escape sequence");
	*rune = (uint8_t)c;
	return 0;
}

/* One end of a range inside brackets. */
static int bracket_char(struct re_parser *p, uint32_t *rune)
{
	if (p->at >= p->s.len)
		return re_bad(p, "missing closing ]");
	if (p->s.p[p->at] == '\\')
		return re_class_escape(p, rune);
	if (!utf8_next(p->s, &p->at, rune))
		return re_bad(p, "invalid UTF-8");
	return 0;
}

static int bracket_range(struct re_parser *p)
{
	uint32_t lo, hi;

	if (bracket_char(p, &lo))
		return -1;
	hi = lo;
	if (p->s.len - p->at >= 2 && p->s.p[p->at] == '-' && p->s.p[p->at + 1] != ']') {
		p->at++;
		if (bracket_char(p, &hi))
			return -1;
		if (hi < lo)
			return re_bad(p, "invalid character class range");
	}
	re_build_add(&p->set, lo, hi);
	return 0;
}

/* "[:name:]" or "[:^name:]": 1, something else: 0, unknown name: -1. */
static int bracket_posix(struct re_parser *p)
{
	struct str rest = str_from(p->s, p->at);
	struct str name;
	bool negate;
	size_t end;

	if (!str_starts(rest, STR("[:")))
		return 0;
	end = str_find(str_from(rest, 2), STR(":]"));
	if (end == SIZE_MAX)
		return 0;
	name = str_first(str_from(rest, 2), end);
	negate = name.len > 0 && name.p[0] == '^';
	name = str_from(name, negate ? 1 : 0);
	re_build_start(&p->part, has_fold(p));
	if (str_find_byte(name, ' ') != SIZE_MAX || !re_class_ascii(&p->part, name))
		return re_bad(p, "invalid character class range");
	add_part(p, negate);
	p->at += end + 4;
	return 1;
}

int re_class_bracket(struct re_parser *p, struct re_set *out)
{
	bool negate;
	bool first = true;

	p->at++;
	negate = p->at < p->s.len && p->s.p[p->at] == '^';
	if (negate)
		p->at++;
	re_build_start(&p->set, has_fold(p));
	for (;; first = false) {
		int found;

		if (p->at >= p->s.len)
			return re_bad(p, "missing closing ]");
		if (p->s.p[p->at] == ']' && !first)
			break;
		found = bracket_posix(p);
		if (found == 0)
			found = re_class_perl(p);
		if (found < 0 || (found == 0 && bracket_range(p)))
			return -1;
	}
	p->at++;
	*out = re_build_finish(&p->set, negate);
	return 0;
}
