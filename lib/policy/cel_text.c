/* cel_text.c - growing text in scratch, and (string).format()
 *
 * Layer: policy.  Input: hostile (values of requests).  Memory: scratch of the evaluation.
 * Threads: pure functions.
 * Spec: S003 3.9 (string library).
 */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/utf8.h"
#include "policy/cel_text.h"

#define DEFAULT_PRECISION 6
#define MAX_PRECISION 100	/* digits behind the point; more is an error */
#define MAX_DEPTH 64		/* of lists in lists */
#define DOUBLE_TEXT_LEN 512	/* the largest double has 309 digits before the point */

/* ---- growing text ------------------------------------------------------------------------ */

static bool reserve(struct cel_text *t, size_t more)
{
	size_t cap = MAX(t->cap * 2, (size_t)64);
	char *p;

	if (t->failed)
		return false;
	if (more <= t->cap - t->len)
		return true;
	while (cap - t->len < more && cap < SIZE_MAX / 4)
		cap *= 2;
	p = cap <= UINT32_MAX ? cel_alloc(t->ctx, cap) : NULL;
	if (!p) {
		t->failed = true;
		return false;
	}
	if (t->len)
		memcpy(p, t->p, t->len);
	t->p = p;
	t->cap = cap;
	return true;
}

void cel_text_add(struct cel_text *t, struct str s)
{
	if (!s.len || !reserve(t, s.len))
		return;
	memcpy(t->p + t->len, s.p, s.len);
	t->len += s.len;
}

void cel_text_byte(struct cel_text *t, char c)
{
	if (reserve(t, 1))
		t->p[t->len++] = c;
}

void cel_text_printf(struct cel_text *t, const char *fmt, ...)
{
	char room[DOUBLE_TEXT_LEN];
	struct buf b = BUF_OF(room);
	va_list ap;

	va_start(ap, fmt);
	buf_vprintf(&b, fmt, ap);
	va_end(ap);
	if (!buf_ok(&b))
		t->failed = true;
	else
		cel_text_add(t, buf_str(&b));
}

struct cel_value cel_text_done(struct cel_text *t)
{
	return t->failed ? cel_err_cost() : cel_string(str_n(t->p, t->len));
}

/* ---- format ------------------------------------------------------------------------------ */

struct formatter {
	struct cel_text out;
	struct cel_value err;	/* the first error, if failed */
	bool failed;
	int depth;
};

static void refuse(struct formatter *f, struct cel_value err)
{
	if (!f->failed)
		f->err = err;
	f->failed = true;
}

static void wrong_type(struct formatter *f, struct cel_value v)
{
	refuse(f, cel_err_overload(f->out.ctx, "format", &v, 1));
}

static void add_zeros(struct formatter *f, int n)
{
	for (; n > 0; n--)
		cel_text_byte(&f->out, '0');
}

/* The shortest digits that read back as d, without exponent however large or small. */
static void add_plain_double(struct formatter *f, double d)
{
	char room[64], digits[32];
	struct buf b = BUF_OF(room);
	struct buf mantissa = BUF_OF(digits);
	size_t e;
	int exp, cnt;

	cel_double_text(d, &b);
	e = str_find_byte(buf_str(&b), 'e');
	if (e == SIZE_MAX) {
		cel_text_add(&f->out, buf_str(&b));
		return;
	}
	exp = (int)strtol(buf_c(&b) + e + 1, NULL, 10);
	for (size_t i = 0; i < e; i++) {
		if (ascii_is_digit(room[i]))
			buf_add_byte(&mantissa, (uint8_t)room[i]);
	}
	cnt = (int)mantissa.len;
	if (d < 0)
		cel_text_byte(&f->out, '-');
	if (exp < 0) {
		cel_text_add(&f->out, STR("0."));
		add_zeros(f, -1 - exp);
	}
	cel_text_add(&f->out, buf_str(&mantissa));
	add_zeros(f, exp + 1 - cnt);
}

static void add_double(struct formatter *f, double d, int precision, char conversion)
{
	if (isnan(d))
		cel_text_add(&f->out, STR("NaN"));
	else if (isinf(d))
		cel_text_add(&f->out, d < 0 ? STR("-Infinity") : STR("Infinity"));
	else if (conversion == 'e')
		cel_text_printf(&f->out, "%.*e", precision, d);
	else
		cel_text_printf(&f->out, "%.*f", precision, d);
}

static void add_value(struct formatter *f, struct cel_value v);

static void add_list(struct formatter *f, struct cel_value v)
{
	cel_text_byte(&f->out, '[');
	for (size_t i = 0; i < v.n && !f->failed && !f->out.failed; i++) {
		if (i)
			cel_text_add(&f->out, STR(", "));
		add_value(f, cel_list_at(v, i));
	}
	cel_text_byte(&f->out, ']');
}

struct entry {
	struct str key;
	size_t index;
};

static int cmp_entry(const void *a, const void *b)
{
	const struct entry *x = a;
	const struct entry *y = b;

	return str_cmp(x->key, y->key);
}

/* Entries ordered by the text of their keys. */
static void add_map(struct formatter *f, struct cel_value v)
{
	struct entry *entries = cel_alloc_n(f->out.ctx, v.n, sizeof(*entries));
	size_t i;

	if (!entries || !cel_charge(f->out.ctx, (uint64_t)v.n * 2)) {
		f->out.failed = true;
		return;
	}
	for (i = 0; i < v.n; i++) {
		struct formatter key = { .out = { .ctx = f->out.ctx }, .depth = f->depth };

		add_value(&key, cel_map_key(v, i));
		f->out.failed = f->out.failed || key.out.failed;
		entries[i] = (struct entry){ str_n(key.out.p, key.out.len), i };
	}
	if (v.n)
		qsort(entries, v.n, sizeof(*entries), cmp_entry);
	cel_text_byte(&f->out, '{');
	for (i = 0; i < v.n && !f->failed && !f->out.failed; i++) {
		if (i)
			cel_text_add(&f->out, STR(", "));
		cel_text_add(&f->out, entries[i].key);
		cel_text_add(&f->out, STR(": "));
		add_value(f, cel_map_val(v, entries[i].index));
	}
	cel_text_byte(&f->out, '}');
}

static void add_bytes(struct formatter *f, struct cel_value v)
{
	if (utf8_valid(cel_str(v)))
		cel_text_add(&f->out, cel_str(v));
	else
		refuse(f, cel_err(f->out.ctx, CEL_ERR_UTF8, NULL));
}

/* The kinds whose text is short. False: not one of them. */
static bool add_small(struct formatter *f, struct cel_value v)
{
	char room[64];
	struct buf b = BUF_OF(room);

	if (v.kind == CEL_NULL)
		buf_add_c(&b, "null");
	else if (v.kind == CEL_BOOL)
		buf_add_c(&b, v.u.b ? "true" : "false");
	else if (v.kind == CEL_INT)
		buf_printf(&b, "%lld", (long long)v.u.i);
	else if (v.kind == CEL_UINT)
		buf_add_u64(&b, v.u.u);
	else if (v.kind == CEL_TYPE)
		buf_add_c(&b, cel_kind_name(v.u.type));
	else if (v.kind == CEL_TIMESTAMP)
		cel_timestamp_text(v, &b);
	else if (v.kind == CEL_DURATION)
		cel_duration_text(v, &b);
	else if (v.kind == CEL_IP)
		ip_format(&b, *v.u.ip);
	else
		return false;
	cel_text_add(&f->out, buf_str(&b));
	return true;
}

/* %s of any value. */
static void add_value(struct formatter *f, struct cel_value v)
{
	if (!cel_charge(f->out.ctx, 1))
		f->out.failed = true;
	if (f->failed || f->out.failed || add_small(f, v))
		return;
	if (++f->depth > MAX_DEPTH)
		refuse(f, cel_err(f->out.ctx, CEL_ERR_RANGE, "format: too many nested lists"));
	else if (v.kind == CEL_STRING)
		cel_text_add(&f->out, cel_str(v));
	else if (v.kind == CEL_BYTES)
		add_bytes(f, v);
	else if (v.kind == CEL_DOUBLE && (isnan(v.u.d) || isinf(v.u.d)))
		add_double(f, v.u.d, 0, 'f');
	else if (v.kind == CEL_DOUBLE)
		add_plain_double(f, v.u.d);
	else if (v.kind == CEL_LIST)
		add_list(f, v);
	else if (v.kind == CEL_MAP)
		add_map(f, v);
	else
		wrong_type(f, v);
	f->depth--;
}

/* Digits of a number in base 2, 8 or 16. */
static void add_in_base(struct formatter *f, struct cel_value v, unsigned base, bool upper)
{
	const char *digit = upper ? "0123456789ABCDEF" : "0123456789abcdef";
	bool minus = v.kind == CEL_INT && v.u.i < 0;
	uint64_t u = minus ? 0 - v.u.u : v.u.u;
	char room[66];
	size_t at = sizeof(room);

	do {
		room[--at] = digit[u % base];
		u /= base;
	} while (u);
	if (minus)
		room[--at] = '-';
	cel_text_add(&f->out, str_n(room + at, sizeof(room) - at));
}

static void add_hex_bytes(struct formatter *f, struct str s, bool upper)
{
	const char *digit = upper ? "0123456789ABCDEF" : "0123456789abcdef";

	for (size_t i = 0; i < s.len && !f->out.failed; i++) {
		cel_text_byte(&f->out, digit[(uint8_t)s.p[i] >> 4]);
		cel_text_byte(&f->out, digit[(uint8_t)s.p[i] & 15]);
	}
}

static bool is_integer(struct cel_value v)
{
	return v.kind == CEL_INT || v.kind == CEL_UINT;
}

static double as_double(struct cel_value v)
{
	if (v.kind == CEL_DOUBLE)
		return v.u.d;
	return v.kind == CEL_INT ? (double)v.u.i : (double)v.u.u;
}

static void convert(struct formatter *f, char c, int precision, struct cel_value v)
{
	const bool number = is_integer(v) || v.kind == CEL_DOUBLE;

	if (c == 's' || (c == 'd' && number)) {
		add_value(f, v);
	} else if ((c == 'f' || c == 'e') && number) {
		add_double(f, as_double(v), precision, c);
	} else if (c == 'b' && v.kind == CEL_BOOL) {
		cel_text_byte(&f->out, v.u.b ? '1' : '0');
	} else if (c == 'b' && is_integer(v)) {
		add_in_base(f, v, 2, false);
	} else if (c == 'o' && is_integer(v)) {
		add_in_base(f, v, 8, false);
	} else if ((c == 'x' || c == 'X') && is_integer(v)) {
		add_in_base(f, v, 16, c == 'X');
	} else if ((c == 'x' || c == 'X') && (v.kind == CEL_STRING || v.kind == CEL_BYTES)) {
		add_hex_bytes(f, cel_str(v), c == 'X');
	} else {
		wrong_type(f, v);
	}
}

/* ".12" at *at, or nothing. -1: not a precision. */
static int take_precision(struct str s, size_t *at)
{
	int v = 0;

	if (*at >= s.len || s.p[*at] != '.')
		return DEFAULT_PRECISION;
	++*at;
	if (*at >= s.len || !ascii_is_digit(s.p[*at]))
		return -1;
	for (; *at < s.len && ascii_is_digit(s.p[*at]); ++*at)
		v = MIN(v * 10 + (s.p[*at] - '0'), MAX_PRECISION + 1);
	return v > MAX_PRECISION ? -1 : v;
}

/* The clause behind the % at *at; *next counts the arguments used. */
static void clause(struct formatter *f, struct str s, size_t *at, struct cel_value list,
		   size_t *next)
{
	int precision = take_precision(s, at);
	char c = *at < s.len ? s.p[(*at)++] : '\0';

	if (precision < 0 || c == '\0' || !strchr("sdfeboxX", c))
		refuse(f, cel_err(f->out.ctx, CEL_ERR_CONVERT, "format: bad clause"));
	else if (*next >= list.n)
		refuse(f, cel_err_value(f->out.ctx, CEL_ERR_RANGE, "format: no argument",
					cel_int((int64_t)*next)));
	else
		convert(f, c, precision, cel_list_at(list, (*next)++));
}

struct cel_value cel_format(struct cel_ctx *ctx, const struct cel_value *args, size_t n)
{
	struct formatter f = { .out = { .ctx = ctx } };
	struct str s = cel_str(args[0]);
	size_t next = 0;
	size_t at = 0;

	(void)n;
	if (!cel_charge(ctx, s.len / 16))
		return cel_err_cost();
	while (at < s.len && !f.failed && !f.out.failed) {
		size_t run = str_find_byte(str_from(s, at), '%');

		if (run == SIZE_MAX)
			run = s.len - at;
		cel_text_add(&f.out, str_first(str_from(s, at), run));
		at += run + 1;
		if (at > s.len)
			break;
		if (at < s.len && s.p[at] == '%') {
			cel_text_byte(&f.out, '%');
			at++;
		} else {
			clause(&f, s, &at, args[1], &next);
		}
	}
	return f.failed ? f.err : cel_text_done(&f.out);
}
