/* cel_lib_strings.c - the string library of CEL
 *
 * Layer: policy.  Input: hostile (values of requests).  Memory: scratch of the evaluation.
 * Threads: pure functions.
 * Spec: S003 3.9.
 *
 * Positions count code points; texts are valid UTF-8, so that searching may compare bytes.
 */
#include <string.h>

#include "base/utf8.h"
#include "policy/cel_text.h"

static bool is_continuation(char c)
{
	return ((uint8_t)c & 0xc0) == 0x80;
}

/* Byte offset of code point number index, index == count being the end; SIZE_MAX beyond. */
static size_t offset_of(struct str s, int64_t index)
{
	size_t at = 0;

	if (index < 0 || (uint64_t)index > s.len)
		return SIZE_MAX;
	for (; index > 0 && at < s.len; index--) {
		at++;
		while (at < s.len && is_continuation(s.p[at]))
			at++;
	}
	return index == 0 ? at : SIZE_MAX;
}

static int64_t count_before(struct str s, size_t at)
{
	return (int64_t)utf8_count(str_first(s, at));
}

static struct cel_value out_of_range(struct cel_ctx *ctx, int64_t index)
{
	return cel_err_value(ctx, CEL_ERR_RANGE, "index out of range", cel_int(index));
}

static bool charge_text(struct cel_ctx *ctx, struct str s)
{
	return cel_charge(ctx, s.len / 16);
}

static struct cel_value char_at(struct cel_ctx *ctx, const struct cel_value *args, size_t n)
{
	struct str s = cel_str(args[0]);
	size_t from = offset_of(s, args[1].u.i);

	(void)n;
	if (!charge_text(ctx, s))
		return cel_err_cost();
	if (from == SIZE_MAX)
		return out_of_range(ctx, args[1].u.i);
	s = str_from(s, from);
	return cel_string(s.len ? str_first(s, offset_of(s, 1)) : s);
}

static struct cel_value index_of(struct cel_ctx *ctx, const struct cel_value *args, size_t n)
{
	struct str s = cel_str(args[0]);
	int64_t offset = n > 2 ? args[2].u.i : 0;
	size_t from, at;

	if (!charge_text(ctx, s))
		return cel_err_cost();
	if (args[1].n == 0)
		return cel_int(offset);
	if (offset < 0)
		return out_of_range(ctx, offset);
	from = offset_of(s, offset);
	at = from == SIZE_MAX ? SIZE_MAX : str_find(str_from(s, from), cel_str(args[1]));
	return cel_int(at == SIZE_MAX ? -1 : count_before(s, from + at));
}

static struct cel_value last_index_of(struct cel_ctx *ctx, const struct cel_value *args, size_t n)
{
	struct str s = cel_str(args[0]);
	struct str sub = cel_str(args[1]);
	size_t last = s.len;	/* a match may not begin behind this */
	size_t at, found = SIZE_MAX;

	if (!charge_text(ctx, s))
		return cel_err_cost();
	if (sub.len == 0)
		return n > 2 ? args[2] : cel_int((int64_t)utf8_count(s));
	if (n > 2 && args[2].u.i < 0)
		return out_of_range(ctx, args[2].u.i);
	if (n > 2) {
		last = offset_of(s, args[2].u.i);
		if (last >= s.len)
			return cel_int(-1);
	}
	for (at = 0; at <= last && at < s.len; at++) {
		size_t step = str_find(str_from(s, at), sub);

		if (step == SIZE_MAX || at + step > last)
			break;
		if (!cel_charge(ctx, 1 + sub.len / 16))
			return cel_err_cost();
		at += step;
		found = at;
	}
	return cel_int(found == SIZE_MAX ? -1 : count_before(s, found));
}

static struct cel_value substring(struct cel_ctx *ctx, const struct cel_value *args, size_t n)
{
	struct str s = cel_str(args[0]);
	size_t from = offset_of(s, args[1].u.i);
	size_t to = n > 2 ? offset_of(s, args[2].u.i) : s.len;

	if (!charge_text(ctx, s))
		return cel_err_cost();
	if (from == SIZE_MAX)
		return out_of_range(ctx, args[1].u.i);
	if (to == SIZE_MAX)
		return out_of_range(ctx, args[2].u.i);
	if (from > to)
		return cel_err(ctx, CEL_ERR_RANGE, "substring ends before it begins");
	return cel_string(str_n(s.p ? s.p + from : NULL, to - from));
}

static struct cel_value lower_ascii(struct cel_ctx *ctx, const struct cel_value *args, size_t n)
{
	char *p = cel_alloc(ctx, args[0].n);

	(void)n;
	if (!p)
		return cel_err_cost();
	str_lower(p, cel_str(args[0]));
	return cel_string(str_n(p, args[0].n));
}

static struct cel_value upper_ascii(struct cel_ctx *ctx, const struct cel_value *args, size_t n)
{
	char *p = cel_alloc(ctx, args[0].n);

	(void)n;
	if (!p)
		return cel_err_cost();
	str_upper(p, cel_str(args[0]));
	return cel_string(str_n(p, args[0].n));
}

/* Where the next sep begins in rest, SIZE_MAX if nowhere. An empty sep stands behind every code
 * point but the last. */
static size_t next_separator(struct str rest, struct str sep)
{
	size_t at;

	if (sep.len)
		return str_find(rest, sep);
	at = offset_of(rest, 1);
	return at < rest.len ? at : SIZE_MAX;
}

/* Where `old` begins next; an empty one stands behind every code point. */
static size_t next_place(struct str rest, struct str old)
{
	if (old.len)
		return str_find(rest, old);
	return rest.len ? offset_of(rest, 1) : SIZE_MAX;
}

/* An empty `old` stands at the beginning too, as in the official library. */
static struct cel_value replace(struct cel_ctx *ctx, const struct cel_value *args, size_t n)
{
	struct str rest = cel_str(args[0]);
	struct str old = cel_str(args[1]);
	struct cel_text t = { .ctx = ctx };
	uint64_t left = n > 3 && args[3].u.i >= 0 ? args[3].u.u : UINT64_MAX;

	if (!charge_text(ctx, rest))
		return cel_err_cost();
	if (old.len == 0 && left) {
		cel_text_add(&t, cel_str(args[2]));
		left--;
	}
	while (left && !t.failed) {
		size_t at = next_place(rest, old);

		if (at == SIZE_MAX)
			break;
		cel_text_add(&t, str_first(rest, at));
		cel_text_add(&t, cel_str(args[2]));
		rest = str_from(rest, at + old.len);
		left--;
		if (!cel_charge(ctx, 1))
			return cel_err_cost();
	}
	cel_text_add(&t, rest);
	return cel_text_done(&t);
}

/* Pieces of s, at most limit (> 0), into out; out NULL only counts. */
static size_t split_into(struct str s, struct str sep, uint64_t limit, struct cel_value *out)
{
	size_t cnt = 0;

	if (s.len == 0 && sep.len == 0)
		return 0;
	for (;;) {
		size_t at = cnt + 1 < limit ? next_separator(s, sep) : SIZE_MAX;

		if (out)
			out[cnt] = cel_string(str_first(s, at));
		cnt++;
		if (at == SIZE_MAX)
			return cnt;
		s = str_from(s, at + sep.len);
	}
}

static struct cel_value split(struct cel_ctx *ctx, const struct cel_value *args, size_t n)
{
	struct str s = cel_str(args[0]);
	struct str sep = cel_str(args[1]);
	uint64_t limit = n > 2 && args[2].u.i >= 0 ? args[2].u.u : UINT64_MAX;
	struct cel_value *items;
	size_t cnt;

	if (limit == 0)
		return cel_list(NULL, 0);
	if (!cel_charge(ctx, s.len / 8))
		return cel_err_cost();
	cnt = split_into(s, sep, limit, NULL);
	items = cel_alloc_n(ctx, cnt, sizeof(*items));
	if (!items)
		return cel_err_cost();
	(void)split_into(s, sep, limit, items);
	return cel_list(items, cnt);
}

static struct cel_value join(struct cel_ctx *ctx, const struct cel_value *args, size_t n)
{
	struct cel_text t = { .ctx = ctx };
	size_t i;

	for (i = 0; i < args[0].n && !t.failed; i++) {
		struct cel_value v = cel_list_at(args[0], i);

		if (v.kind != CEL_STRING)
			return cel_err_overload(ctx, "join", &v, 1);
		if (!cel_charge(ctx, 1))
			return cel_err_cost();
		if (i && n > 1)
			cel_text_add(&t, cel_str(args[1]));
		cel_text_add(&t, cel_str(v));
	}
	return cel_text_done(&t);
}

static bool is_space(uint32_t c)
{
	return (c >= '\t' && c <= '\r') || c == ' ' || c == 0x85 || c == 0xa0 || c == 0x1680 ||
	       (c >= 0x2000 && c <= 0x200a) || c == 0x2028 || c == 0x2029 || c == 0x202f ||
	       c == 0x205f || c == 0x3000;
}

static struct cel_value trim(struct cel_ctx *ctx, const struct cel_value *args, size_t n)
{
	struct str s = cel_str(args[0]);
	size_t from = 0, to = 0, at = 0;
	bool text = false;
	uint32_t c;

	(void)n;
	if (!charge_text(ctx, s))
		return cel_err_cost();
	while (at < s.len) {
		size_t begin = at;

		if (!utf8_next(s, &at, &c))
			break;
		if (is_space(c))
			continue;
		from = text ? from : begin;
		text = true;
		to = at;
	}
	return cel_string(str_n(s.p ? s.p + from : NULL, to - from));
}

static struct cel_value reverse(struct cel_ctx *ctx, const struct cel_value *args, size_t n)
{
	struct str s = cel_str(args[0]);
	char *p = cel_alloc(ctx, s.len);
	size_t at = 0;

	(void)n;
	if (!p)
		return cel_err_cost();
	while (at < s.len) {
		size_t len = offset_of(str_from(s, at), 1);

		memcpy(p + s.len - at - len, s.p + at, len);
		at += len;
	}
	return cel_string(str_n(p, s.len));
}

static struct cel_value quote(struct cel_ctx *ctx, const struct cel_value *args, size_t n)
{
	static const char special[] = "\a\b\f\n\r\t\v\\\"";
	static const char letter[] = "abfnrtv\\\"";
	struct str s = cel_str(args[0]);
	struct cel_text t = { .ctx = ctx };
	size_t i;

	(void)n;
	if (!charge_text(ctx, s))
		return cel_err_cost();
	cel_text_byte(&t, '"');
	for (i = 0; i < s.len; i++) {
		const char *at = memchr(special, s.p[i], sizeof(special) - 1);

		if (at)
			cel_text_byte(&t, '\\');
		cel_text_byte(&t, at ? letter[at - special] : s.p[i]);
	}
	cel_text_byte(&t, '"');
	return cel_text_done(&t);
}

#define S &cel_t_string
#define I &cel_t_int

static const struct cel_overload overloads[] = {
	{ "charAt", CEL_RECEIVER, 2, false, 1, { S, I }, S, char_at, NULL, 0 },
	{ "indexOf", CEL_RECEIVER, 2, false, 1, { S, S }, I, index_of, NULL, 0 },
	{ "indexOf", CEL_RECEIVER, 3, false, 1, { S, S, I }, I, index_of, NULL, 0 },
	{ "lastIndexOf", CEL_RECEIVER, 2, false, 1, { S, S }, I, last_index_of, NULL, 0 },
	{ "lastIndexOf", CEL_RECEIVER, 3, false, 1, { S, S, I }, I, last_index_of, NULL, 0 },
	{ "lowerAscii", CEL_RECEIVER, 1, false, 1, { S }, S, lower_ascii, NULL, 0 },
	{ "upperAscii", CEL_RECEIVER, 1, false, 1, { S }, S, upper_ascii, NULL, 0 },
	{ "replace", CEL_RECEIVER, 3, false, 1, { S, S, S }, S, replace, NULL, 0 },
	{ "replace", CEL_RECEIVER, 4, false, 1, { S, S, S, I }, S, replace, NULL, 0 },
	{ "split", CEL_RECEIVER, 2, false, 1, { S, S }, &cel_t_list_string, split, NULL, 0 },
	{ "split", CEL_RECEIVER, 3, false, 1, { S, S, I }, &cel_t_list_string, split, NULL, 0 },
	{ "substring", CEL_RECEIVER, 2, false, 1, { S, I }, S, substring, NULL, 0 },
	{ "substring", CEL_RECEIVER, 3, false, 1, { S, I, I }, S, substring, NULL, 0 },
	{ "trim", CEL_RECEIVER, 1, false, 1, { S }, S, trim, NULL, 0 },
	{ "join", CEL_RECEIVER, 1, false, 1, { &cel_t_list_string }, S, join, NULL, 0 },
	{ "join", CEL_RECEIVER, 2, false, 1, { &cel_t_list_string, S }, S, join, NULL, 0 },
	{ "reverse", CEL_RECEIVER, 1, false, 1, { S }, S, reverse, NULL, 0 },
	{ "format", CEL_RECEIVER, 2, false, 4, { S, &cel_t_list }, S, cel_format, NULL, 0 },
	{ "strings.quote", CEL_GLOBAL, 1, false, 1, { S }, S, quote, NULL, 0 },
};

const struct cel_lib cel_lib_strings = { overloads, ARRAY_LEN(overloads) };
