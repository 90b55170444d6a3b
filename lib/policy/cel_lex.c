/* cel_lex.c - tokens of CEL: names, numbers, strings and bytes with escapes (S003 section 3.2)
 *
 * Layer: policy.  Input: hostile (agents submit rules).  Memory: unescaped text in the arena.
 * Threads: one compiles.
 * Spec: S003-FR-017.
 */
#include <stdlib.h>
#include <string.h>

#include "base/num.h"
#include "base/utf8.h"
#include "policy/cel_comp.h"

static const char *const reserved_words[] = {
	"as", "break", "const", "continue", "else", "for", "function", "if", "import", "let",
	"loop", "package", "namespace", "return", "var", "void", "while",
};

bool lex_is_reserved(struct str s)
{
	for (size_t i = 0; i < ARRAY_LEN(reserved_words); i++)
		if (word_is(s, reserved_words[i]))
			return true;
	return false;
}

static bool is_ident_start(char c)
{
	return ascii_is_alpha(c) || c == '_';
}

static bool is_ident(char c)
{
	return ascii_is_alnum(c) || c == '_';
}

/* The byte at pos + ahead, NUL beyond the end (no token holds a NUL). */
static char at(const struct cel_comp *c, size_t ahead)
{
	return ahead < c->src.len - c->pos ? c->src.p[c->pos + ahead] : '\0';
}

static void skip_space(struct cel_comp *c)
{
	while (c->pos < c->src.len) {
		char ch = c->src.p[c->pos];

		if (ch == ' ' || (ch >= '\t' && ch <= '\r' && ch != '\v')) {
			c->pos++;
		} else if (ch == '/' && at(c, 1) == '/') {
			while (c->pos < c->src.len && c->src.p[c->pos] != '\n')
				c->pos++;
		} else {
			return;
		}
	}
}

/* ---- numbers ---------------------------------------------------------------------------- */

static size_t digits_at(const struct cel_comp *c, size_t ahead)
{
	size_t n = 0;

	while (ascii_is_digit(at(c, ahead + n)))
		n++;
	return n;
}

/* Length of a floating-point literal at pos, 0 when it is none. */
static size_t double_len(const struct cel_comp *c)
{
	size_t whole = digits_at(c, 0);
	size_t len = whole;
	bool is_double = false;

	if (at(c, len) == '.' && ascii_is_digit(at(c, len + 1))) {
		len += 1 + digits_at(c, len + 1);
		is_double = true;
	}
	if (len > 0 && (at(c, len) == 'e' || at(c, len) == 'E')) {
		size_t sign = at(c, len + 1) == '+' || at(c, len + 1) == '-' ? 1 : 0;
		size_t exp = digits_at(c, len + 1 + sign);

		if (exp > 0) {
			len += 1 + sign + exp;
			is_double = true;
		}
	}
	return is_double ? len : 0;
}

static int lex_double(struct cel_comp *c, size_t len)
{
	char small[64];
	char *text = small;

	if (len >= sizeof(small)) {
		text = arena_alloc(c->arena, len + 1);
		if (!text)
			return comp_nomem(c, c->tok.off);
	}
	memcpy(text, c->src.p + c->pos, len);
	text[len] = '\0';
	c->tok.kind = TOK_LITERAL;
	c->tok.value = cel_double(strtod(text, NULL));
	c->pos += len;
	return 0;
}

static int lex_number(struct cel_comp *c)
{
	size_t len = double_len(c);
	bool hex = at(c, 0) == '0' && (at(c, 1) == 'x' || at(c, 1) == 'X');
	uint64_t v;
	bool ok;

	if (len)
		return lex_double(c, len);
	if (hex) {
		while (ascii_hex_value(at(c, 2 + len)) >= 0)
			len++;
		ok = num_hex(str_n(c->src.p + c->pos + 2, len), UINT64_MAX, &v);
		len += 2;
	} else {
		len = digits_at(c, 0);
		ok = num_u64(str_n(c->src.p + c->pos, len), UINT64_MAX, &v);
	}
	bool is_uint = at(c, len) == 'u' || at(c, len) == 'U';

	if (!ok || (!is_uint && v > (uint64_t)INT64_MAX + 1))
		return comp_fail(c, c->tok.off, "integer literal is malformed or out of range");
	if (is_uint) {
		len++;
		c->tok.kind = TOK_LITERAL;
	} else {
		c->tok.kind = TOK_INT;
	}
	c->tok.value = cel_uint(v);
	c->pos += len;
	if (is_ident(at(c, 0)))
		return comp_fail(c, c->tok.off, "number runs into a name");
	return 0;
}

/* ---- strings ---------------------------------------------------------------------------- */

struct literal {
	bool bytes, raw, triple;
	char quote;
	size_t start, len;	/* of the text between the quotes */
	bool escaped;
};

static bool at_closing(const struct cel_comp *c, const struct literal *l)
{
	return at(c, 0) == l->quote &&
	       (!l->triple || (at(c, 1) == l->quote && at(c, 2) == l->quote));
}

/* Finds the end of the literal: pos moves from behind the opening to behind the closing quotes. */
static int scan_literal(struct cel_comp *c, struct literal *l)
{
	l->start = c->pos;
	for (;;) {
		if (c->pos >= c->src.len)
			return comp_fail(c, c->tok.off, "unterminated %s literal",
					 l->bytes ? "bytes" : "string");
		if (at_closing(c, l))
			break;
		char ch = at(c, 0);

		if (!l->triple && (ch == '\n' || ch == '\r'))
			return comp_fail(c, (uint32_t)c->pos, "line break in a string literal");
		if (ch == '\\' && !l->raw) {
			l->escaped = true;
			c->pos++;
			if (c->pos >= c->src.len)
				continue;
		}
		c->pos++;
	}
	l->len = c->pos - l->start;
	c->pos += l->triple ? 3 : 1;
	return 0;
}

/* Value of n hex digits at s[*i], which moves behind them; UINT32_MAX when there are fewer. */
static uint32_t take_hex(struct str s, size_t *i, size_t n)
{
	uint32_t v = 0;

	if (n > s.len - *i)
		return UINT32_MAX;
	for (size_t k = 0; k < n; k++) {
		int d = ascii_hex_value(s.p[*i + k]);

		if (d < 0)
			return UINT32_MAX;
		v = v << 4 | (uint32_t)d;
	}
	*i += n;
	return v;
}

static uint32_t take_octal(struct str s, size_t *i)
{
	uint32_t v = 0;

	if (s.len - *i < 3 || s.p[*i] > '3')
		return UINT32_MAX;
	for (size_t k = 0; k < 3; k++) {
		char ch = s.p[*i + k];

		if (ch < '0' || ch > '7')
			return UINT32_MAX;
		v = v << 3 | (uint32_t)(ch - '0');
	}
	*i += 3;
	return v;
}

/* One escape behind the backslash at s[*i]: its number, UINT32_MAX when it is none. *octet: \x or
 * octal, which name a byte in bytes literals; \u and \U are no escapes there. */
static uint32_t take_escape(struct str s, size_t *i, bool bytes, bool *octet)
{
	static const char from[] = "\\?\"'`abfnrtv";
	static const char to[] = "\\?\"'`\a\b\f\n\r\t\v";
	char ch = *i < s.len ? s.p[*i] : '\0';
	const char *simple = ch ? strchr(from, ch) : NULL;

	*octet = false;
	if (simple) {
		(*i)++;
		return (uint32_t)(unsigned char)to[simple - from];
	}
	if (ch >= '0' && ch <= '3') {
		*octet = true;
		return take_octal(s, i);
	}
	if (ch == 'x' || ch == 'X') {
		*octet = true;
		(*i)++;
		return take_hex(s, i, 2);
	}
	if ((ch == 'u' || ch == 'U') && !bytes) {
		(*i)++;
		return take_hex(s, i, ch == 'u' ? 4 : 8);
	}
	return UINT32_MAX;
}

/* The text is never longer than its escaped form. */
static int unescape(struct cel_comp *c, const struct literal *l, struct str *out)
{
	struct str s = { c->src.p + l->start, l->len };
	char *dst = arena_alloc(c->arena, s.len + 1);
	size_t n = 0;

	if (!dst)
		return comp_nomem(c, c->tok.off);
	for (size_t i = 0; i < s.len;) {
		bool octet;

		if (s.p[i] != '\\') {
			dst[n++] = s.p[i++];
			continue;
		}
		size_t backslash = i++;
		uint32_t cp = take_escape(s, &i, l->bytes, &octet);

		if (cp > 0x10ffff || (cp >= 0xd800 && cp <= 0xdfff))
			return comp_fail(c, (uint32_t)(l->start + backslash),
					 "invalid escape sequence");
		if (octet && l->bytes)
			dst[n++] = (char)(unsigned char)cp;
		else
			n += utf8_encode(cp, dst + n);
	}
	*out = str_n(dst, n);
	return 0;
}

static int lex_string(struct cel_comp *c, size_t prefix)
{
	struct literal l = { 0 };
	struct str text;

	for (size_t i = 0; i < prefix; i++) {
		char p = ascii_lower(at(c, i));

		l.bytes |= p == 'b';
		l.raw |= p == 'r';
	}
	c->pos += prefix;
	l.quote = at(c, 0);
	l.triple = at(c, 1) == l.quote && at(c, 2) == l.quote;
	c->pos += l.triple ? 3 : 1;
	if (scan_literal(c, &l) < 0)
		return -1;
	text = str_n(c->src.p + l.start, l.len);
	if (l.escaped && unescape(c, &l, &text) < 0)
		return -1;
	c->tok.kind = TOK_LITERAL;
	c->tok.value = l.bytes ? cel_bytes(text) : cel_string(text);
	return 0;
}

/* Length of the prefix of a string literal at pos (0..2), or -1 when no string starts here. */
static int string_prefix(const struct cel_comp *c)
{
	size_t n = 0;

	if (at(c, 0) == 'b' || at(c, 0) == 'B')
		n++;
	if (at(c, n) == 'r' || at(c, n) == 'R')
		n++;
	return at(c, n) == '"' || at(c, n) == '\'' ? (int)n : -1;
}

/* ---- names and signs -------------------------------------------------------------------- */

static int lex_quoted(struct cel_comp *c)
{
	size_t n = 0;

	c->pos++;
	for (;;) {
		char ch = at(c, n);

		if (ch == '`')
			break;
		if (!is_ident(ch) && (ch == '\0' || !strchr("./- ", ch)))
			return comp_fail(c, c->tok.off, "invalid character in a quoted field name");
		n++;
	}
	if (n == 0)
		return comp_fail(c, c->tok.off, "empty quoted field name");
	c->tok.kind = TOK_QUOTED;
	c->tok.text = str_n(c->src.p + c->pos, n);
	c->pos += n + 1;
	return 0;
}

static void lex_name(struct cel_comp *c)
{
	size_t n = 1;

	while (is_ident(at(c, n)))
		n++;
	struct str s = { c->src.p + c->pos, n };

	c->pos += n;
	c->tok.text = s;
	c->tok.kind = TOK_LITERAL;
	if (word_is(s, "true") || word_is(s, "false"))
		c->tok.value = cel_bool(s.len == 4);
	else if (word_is(s, "null"))
		c->tok.value = cel_null();
	else if (word_is(s, "in"))
		c->tok.kind = TOK_IN;
	else
		c->tok.kind = lex_is_reserved(s) ? TOK_RESERVED : TOK_IDENT;
}

static int lex_sign(struct cel_comp *c)
{
	static const struct {
		char text[3];
		enum cel_tok_kind kind;
	} signs[] = {
		{ "==", TOK_EQ }, { "!=", TOK_NE }, { "<=", TOK_LE }, { ">=", TOK_GE },
		{ "&&", TOK_AND }, { "||", TOK_OR }, { "<", TOK_LT }, { ">", TOK_GT },
		{ "(", TOK_LPAREN }, { ")", TOK_RPAREN }, { "[", TOK_LBRACKET },
		{ "]", TOK_RBRACKET }, { "{", TOK_LBRACE }, { "}", TOK_RBRACE },
		{ ".", TOK_DOT }, { ",", TOK_COMMA },
		{ ":", TOK_COLON }, { "?", TOK_QUESTION }, { "!", TOK_NOT }, { "-", TOK_MINUS },
		{ "+", TOK_PLUS }, { "*", TOK_STAR }, { "/", TOK_SLASH }, { "%", TOK_PERCENT },
	};

	for (size_t i = 0; i < ARRAY_LEN(signs); i++) {
		size_t n = strlen(signs[i].text);

		if (at(c, 0) == signs[i].text[0] && (n == 1 || at(c, 1) == signs[i].text[1])) {
			c->tok.kind = signs[i].kind;
			c->pos += n;
			return 0;
		}
	}
	return comp_fail(c, c->tok.off, "unexpected character");
}

int lex_next(struct cel_comp *c)
{
	skip_space(c);
	c->tok = (struct cel_tok){ .kind = TOK_END, .off = (uint32_t)c->pos };
	if (c->pos >= c->src.len)
		return 0;
	char ch = at(c, 0);
	int prefix = string_prefix(c);

	if (prefix >= 0)
		return lex_string(c, (size_t)prefix);
	if (ascii_is_digit(ch) || (ch == '.' && ascii_is_digit(at(c, 1))))
		return lex_number(c);
	if (ch == '`')
		return lex_quoted(c);
	if (!is_ident_start(ch))
		return lex_sign(c);
	lex_name(c);
	return 0;
}
