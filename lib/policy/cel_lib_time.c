/* cel_lib_time.c - timestamps and durations of CEL: conversions and accessors
 *
 * Layer: policy.  Input: hostile (values of requests).  Memory: scratch of the evaluation; zones
 * named by literals are read at load.  Threads: pure functions.
 * Spec: S003 3.9.
 */
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "policy/cel_text.h"
#include "policy/tz.h"

#define NS_PER_S 1000000000
#define DAY_S 86400

/* ---- texts -------------------------------------------------------------------------------- */

/* ".5" for 500000000, nothing for 0. */
static void add_fraction(struct buf *out, uint32_t ns)
{
	char digits[16];
	struct buf b = BUF_OF(digits);

	if (ns == 0)
		return;
	buf_printf(&b, ".%09u", (unsigned)ns);
	while (digits[b.len - 1] == '0')
		b.len--;
	buf_add_str(out, buf_str(&b));
}

static int64_t floor_div(int64_t a, int64_t b)
{
	return a / b - (a % b < 0);
}

void cel_timestamp_text(struct cel_value v, struct buf *out)
{
	int64_t days = floor_div(v.u.i, DAY_S);
	unsigned in_day = (unsigned)(v.u.i - days * DAY_S);
	int64_t year;
	unsigned month, day;

	clock_civil_from_days(days, &year, &month, &day);
	buf_printf(out, "%04d-%02u-%02uT%02u:%02u:%02u", (int)year, month, day, in_day / 3600,
		   in_day / 60 % 60, in_day % 60);
	add_fraction(out, v.n);
	buf_add_byte(out, 'Z');
}

void cel_duration_text(struct cel_value v, struct buf *out)
{
	uint64_t ns = v.u.i < 0 ? 0 - v.u.u : v.u.u;

	if (v.u.i < 0)
		buf_add_byte(out, '-');
	buf_add_u64(out, ns / NS_PER_S);
	add_fraction(out, (uint32_t)(ns % NS_PER_S));
	buf_add_byte(out, 's');
}

/* n digits at the beginning of *rest; -1 if they are not there. */
static int take_digits(struct str *rest, size_t n)
{
	int v = 0;

	for (size_t i = 0; i < n; i++) {
		if (i >= rest->len || !ascii_is_digit(rest->p[i]))
			return -1;
		v = v * 10 + (rest->p[i] - '0');
	}
	*rest = str_from(*rest, n);
	return v;
}

/* n digits between min and max; sets *bad otherwise. */
static int take_field(struct str *rest, size_t n, int min, int max, bool *bad)
{
	int v = take_digits(rest, n);

	*bad = *bad || v < min || v > max;
	return v < 0 ? 0 : v;
}

static void take_char(struct str *rest, char c, bool *bad)
{
	*bad = *bad || rest->len == 0 || rest->p[0] != c;
	*rest = str_from(*rest, 1);
}

static unsigned days_in(int year, int month)
{
	static const uint8_t days[] = { 31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31 };
	bool leap = (year % 4 == 0 && year % 100 != 0) || year % 400 == 0;

	return month < 1 || month > 12 ? 0 : days[month - 1] + (month == 2 && leap ? 1u : 0u);
}

/* "+hh:mm", "-hh:mm", and without sign if the caller allows it: seconds. */
static int take_offset(struct str *rest, int max_hours, bool sign_needed, bool *bad)
{
	bool minus = rest->len && rest->p[0] == '-';
	int hours, minutes;

	if (minus || (rest->len && rest->p[0] == '+'))
		*rest = str_from(*rest, 1);
	else if (sign_needed)
		*bad = true;
	hours = take_field(rest, 2, 0, max_hours, bad);
	take_char(rest, ':', bad);
	minutes = take_field(rest, 2, 0, 59, bad);
	return (hours * 3600 + minutes * 60) * (minus ? -1 : 1);
}

/* Digits behind the point as nanoseconds; more than nine are cut. */
static uint32_t take_fraction(struct str *rest, bool *bad)
{
	uint32_t ns = 0;
	size_t n = 1;

	if (rest->len == 0 || rest->p[0] != '.')
		return 0;
	for (; n < rest->len && ascii_is_digit(rest->p[n]); n++)
		ns = n <= 9 ? ns * 10 + (uint32_t)(rest->p[n] - '0') : ns;
	*bad = *bad || n == 1;
	*rest = str_from(*rest, n);
	for (; n <= 9; n++)
		ns *= 10;
	return ns;
}

/* RFC 3339. False: not one, or (range) outside of what a timestamp may be. */
static bool parse_timestamp(struct str s, int64_t *sec, uint32_t *ns, bool *range)
{
	bool bad = false;
	int year, month, day, hour, minute, second;

	year = take_field(&s, 4, 0, 9999, &bad);
	take_char(&s, '-', &bad);
	month = take_field(&s, 2, 1, 12, &bad);
	take_char(&s, '-', &bad);
	day = take_field(&s, 2, 1, (int)days_in(year, month), &bad);
	take_char(&s, 'T', &bad);
	hour = take_field(&s, 2, 0, 23, &bad);
	take_char(&s, ':', &bad);
	minute = take_field(&s, 2, 0, 59, &bad);
	take_char(&s, ':', &bad);
	second = take_field(&s, 2, 0, 59, &bad);
	if (bad)
		return false;
	*ns = take_fraction(&s, &bad);
	*sec = clock_days_from_civil(year, (unsigned)month, (unsigned)day) * DAY_S + hour * 3600 +
	       minute * 60 + second;
	if (s.len == 1 && s.p[0] == 'Z')
		s = str_from(s, 1);
	else
		*sec -= take_offset(&s, 23, true, &bad);
	*range = *sec < CEL_TIMESTAMP_MIN || *sec > CEL_TIMESTAMP_MAX;
	return !bad && s.len == 0 && !*range;
}

/* Nanoseconds of a unit at the beginning of *rest, 0 if there is none. */
static uint64_t take_unit(struct str *rest)
{
	static const struct {
		const char *name;
		uint64_t ns;
	} units[] = {
		{ "ns", 1 }, { "us", 1000 }, { "\xc2\xb5s", 1000 }, { "\xce\xbcs", 1000 },
		{ "ms", 1000000 }, { "s", NS_PER_S }, { "m", UINT64_C(60) * NS_PER_S },
		{ "h", UINT64_C(3600) * NS_PER_S },
	};

	for (size_t i = 0; i < ARRAY_LEN(units); i++) {
		if (!str_starts(*rest, str_of(units[i].name)))
			continue;
		*rest = str_from(*rest, str_of(units[i].name).len);
		return units[i].ns;
	}
	return 0;
}

enum part { PART_BAD = 0, PART_RANGE, PART_GOOD };

/* "<decimal><unit>" at the beginning of *rest, added to *total. */
static enum part take_part(struct str *rest, uint64_t *total)
{
	struct str digits = *rest;
	size_t whole = 0, n;
	uint64_t v = 0, fraction = 0, unit;
	bool over = false;

	for (; whole < digits.len && ascii_is_digit(digits.p[whole]); whole++) {
		over = over || MUL_OVERFLOWS(v, (uint64_t)10, &v) ||
		       ADD_OVERFLOWS(v, (uint64_t)(digits.p[whole] - '0'), &v);
	}
	n = whole;
	if (n < digits.len && digits.p[n] == '.')
		for (n++; n < digits.len && ascii_is_digit(digits.p[n]); n++)
			;
	if (n == whole ? n == 0 : n == 1)
		return PART_BAD;
	*rest = str_from(*rest, n);
	unit = take_unit(rest);
	if (unit == 0)
		return PART_BAD;
	/* From the last digit to the first: exact, because nested floors are one floor. */
	for (; n > whole + 1; n--)
		fraction = (fraction + (uint64_t)(digits.p[n - 1] - '0') * unit) / 10;
	over = over || MUL_OVERFLOWS(v, unit, &v) || ADD_OVERFLOWS(v, fraction, &v) ||
	       ADD_OVERFLOWS(*total, v, total);
	return over ? PART_RANGE : PART_GOOD;
}

static enum part parse_duration(struct str s, int64_t *out)
{
	bool minus = s.len && s.p[0] == '-';
	uint64_t total = 0;
	enum part p = PART_BAD;

	if (minus || (s.len && s.p[0] == '+'))
		s = str_from(s, 1);
	if (str_eq(s, STR("0"))) {
		*out = 0;
		return PART_GOOD;
	}
	while (s.len) {
		p = take_part(&s, &total);
		if (p != PART_GOOD)
			return p;
	}
	if (p == PART_GOOD && total > (uint64_t)INT64_MAX + minus)
		return PART_RANGE;
	*out = (int64_t)(minus ? 0 - total : total);
	return p;
}

/* ---- conversions -------------------------------------------------------------------------- */

#define FN(name) \
	static struct cel_value name(struct cel_ctx *ctx UNUSED, const struct cel_value *args, \
				     size_t n UNUSED)

FN(same)
{
	return args[0];
}

FN(timestamp_of_text)
{
	bool range = false;
	int64_t sec = 0;
	uint32_t ns = 0;

	if (parse_timestamp(cel_str(args[0]), &sec, &ns, &range))
		return cel_timestamp(sec, ns);
	return range ? cel_err(ctx, CEL_ERR_RANGE, "timestamp") :
		       cel_err(ctx, CEL_ERR_CONVERT, "string to timestamp");
}

FN(timestamp_of_int)
{
	if (args[0].u.i < CEL_TIMESTAMP_MIN || args[0].u.i > CEL_TIMESTAMP_MAX)
		return cel_err(ctx, CEL_ERR_RANGE, "timestamp");
	return cel_timestamp(args[0].u.i, 0);
}

FN(timestamp_to_int)
{
	return cel_int(args[0].u.i);
}

FN(duration_of_text)
{
	int64_t ns = 0;

	switch (parse_duration(cel_str(args[0]), &ns)) {
	case PART_GOOD:
		return cel_duration(ns);
	case PART_RANGE:
		return cel_err(ctx, CEL_ERR_RANGE, "duration");
	case PART_BAD:
		break;
	}
	return cel_err(ctx, CEL_ERR_CONVERT, "string to duration");
}

FN(timestamp_to_text)
{
	char room[64];
	struct buf b = BUF_OF(room);

	cel_timestamp_text(args[0], &b);
	return cel_string_copy(ctx, buf_str(&b));
}

FN(duration_to_text)
{
	char room[64];
	struct buf b = BUF_OF(room);

	cel_duration_text(args[0], &b);
	return cel_string_copy(ctx, buf_str(&b));
}

/* ---- zones -------------------------------------------------------------------------------- */

struct zone {
	int32_t fixed_s;
	const struct tz *tz;	/* NULL: fixed_s */
};

static int find_zone(struct arena *a, struct str name, bool run_time, struct zone *out,
		     struct err *e)
{
	struct str rest = name;
	bool bad = false;

	*out = (struct zone){ 0 };
	if (str_eq(name, STR("UTC")))
		return 0;
	if (str_find_byte(name, ':') == SIZE_MAX)
		return tz_load(a, name, run_time, &out->tz, e);
	out->fixed_s = take_offset(&rest, 14, false, &bad);
	if (bad || rest.len)
		return err_set(e, ERR_INVALID, "\"" STR_FMT "\" is not a time zone", STR_ARG(name));
	return 0;
}

static int prep_zone(struct arena *a, struct cel_value literal, const void **out, struct err *e)
{
	struct zone *z = ARENA_NEW(a, struct zone);

	if (!z)
		return err_set(e, ERR_NOMEM, "out of memory for a time zone");
	if (find_zone(a, cel_str(literal), false, z, e))
		return -1;
	*out = z;
	return 0;
}

/* Seconds since 1970 as the clock of args[1] shows them; without args[1]: UTC. */
static bool local_seconds(struct cel_ctx *ctx, const struct cel_value *args, size_t n, int64_t *out)
{
	const struct zone *z = cel_prep(ctx);
	struct zone found = { 0 };
	struct err e;

	if (n > 1 && !z) {
		if (find_zone(ctx->scratch, cel_str(args[1]), true, &found, &e))
			return false;
		z = &found;
	}
	*out = args[0].u.i;
	if (n > 1)
		*out += z->tz ? tz_offset(z->tz, args[0].u.i) : z->fixed_s;
	return true;
}

/* ---- accessors ---------------------------------------------------------------------------- */

struct parts {
	int64_t year, days;
	unsigned month, day;
	int64_t in_day;
};

static bool split(struct cel_ctx *ctx, const struct cel_value *args, size_t n, struct parts *p)
{
	int64_t sec;

	if (!local_seconds(ctx, args, n, &sec))
		return false;
	p->days = floor_div(sec, DAY_S);
	p->in_day = sec - p->days * DAY_S;
	clock_civil_from_days(p->days, &p->year, &p->month, &p->day);
	return true;
}

#define ACCESSOR(name, expr) \
	static struct cel_value name(struct cel_ctx *ctx, const struct cel_value *args, size_t n) \
	{ \
		struct parts p; \
\
		if (!split(ctx, args, n, &p)) \
			return cel_err(ctx, CEL_ERR_CONVERT, "string to time zone"); \
		return cel_int(expr); \
	}

ACCESSOR(full_year, p.year)
ACCESSOR(month, (int64_t)p.month - 1)
ACCESSOR(date, (int64_t)p.day)
ACCESSOR(day_of_month, (int64_t)p.day - 1)
ACCESSOR(day_of_week, (p.days % 7 + 11) % 7)
ACCESSOR(day_of_year, p.days - clock_days_from_civil(p.year, 1, 1))
ACCESSOR(hours, p.in_day / 3600)
ACCESSOR(minutes, p.in_day / 60 % 60)
ACCESSOR(seconds, p.in_day % 60)
ACCESSOR(milliseconds, (int64_t)args[0].n / 1000000)

FN(total_hours)
{
	return cel_int(args[0].u.i / (INT64_C(3600) * NS_PER_S));
}

FN(total_minutes)
{
	return cel_int(args[0].u.i / (INT64_C(60) * NS_PER_S));
}

FN(total_seconds)
{
	return cel_int(args[0].u.i / NS_PER_S);
}

FN(part_milliseconds)
{
	return cel_int(args[0].u.i / 1000000 % 1000);
}

#define I &cel_t_int
#define S &cel_t_string
#define T &cel_t_timestamp
#define D &cel_t_duration
#define CONVERT(name, from, to, fn) { name, CEL_GLOBAL, 1, false, 1, { from }, to, fn, NULL, 0 }
#define ZONED(name, fn) \
	{ name, CEL_RECEIVER, 1, false, 0, { T }, I, fn, NULL, 0 }, \
	{ name, CEL_RECEIVER, 2, false, 4, { T, S }, I, fn, prep_zone, 1 }
#define OF_DURATION(name, fn) { name, CEL_RECEIVER, 1, false, 0, { D }, I, fn, NULL, 0 }

static const struct cel_overload overloads[] = {
	CONVERT("timestamp", T, T, same),
	CONVERT("timestamp", S, T, timestamp_of_text),
	CONVERT("timestamp", I, T, timestamp_of_int),
	CONVERT("duration", D, D, same),
	CONVERT("duration", S, D, duration_of_text),
	CONVERT("int", T, I, timestamp_to_int),
	CONVERT("string", T, S, timestamp_to_text),
	CONVERT("string", D, S, duration_to_text),
	ZONED("getFullYear", full_year),
	ZONED("getMonth", month),
	ZONED("getDate", date),
	ZONED("getDayOfMonth", day_of_month),
	ZONED("getDayOfWeek", day_of_week),
	ZONED("getDayOfYear", day_of_year),
	ZONED("getHours", hours),
	ZONED("getMinutes", minutes),
	ZONED("getSeconds", seconds),
	ZONED("getMilliseconds", milliseconds),
	OF_DURATION("getHours", total_hours),
	OF_DURATION("getMinutes", total_minutes),
	OF_DURATION("getSeconds", total_seconds),
	OF_DURATION("getMilliseconds", part_milliseconds),
};

const struct cel_lib cel_lib_time = { overloads, ARRAY_LEN(overloads) };
