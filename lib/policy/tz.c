/* tz.c - time zones from TZif data (RFC 8536): transitions and the rule behind the last one
 *
 * Layer: policy.  Input: files of the operating system (checked all the same).  Memory: arena of
 * the caller.  Threads: parsed zones are immutable; the source is set before threads start.
 * Spec: S003 3.9 (accessors with a zone).
 */
#include <string.h>

#include "base/clock.h"
#include "base/cur.h"
#include "policy/tz.h"

#define HEADER_LEN 44
#define DAY_S 86400
#define OFFSET_MAX (26 * 3600)	/* RFC 8536: offsets stay below 26 hours */

/* A day of the year on which the rule changes the offset. */
struct tz_day {
	char form;	/* 'M' month, week, weekday; 'J' 1..365 without 29 February; 'D' 0..365 */
	uint8_t month, week, weekday;
	uint16_t day;
	int32_t time_s;		/* local time of the change */
};

/* The text behind the data: "CST6CDT,M3.2.0,M11.1.0". */
struct tz_rule {
	bool known;
	bool has_dst;
	int32_t std_s, dst_s;	/* east of UTC */
	struct tz_day begin, end;
};

struct tz {
	const uint8_t *times;	/* cnt big-endian moments of 8 bytes */
	const uint8_t *types;	/* cnt: index into offsets */
	uint32_t cnt;
	const int32_t *offsets;
	uint32_t type_cnt;
	struct tz_rule rule;
};

static const struct tz_source *zone_source;

/* ---- rule text ---------------------------------------------------------------------------- */

struct text {
	struct str s;
	bool bad;
};

static char peek(const struct text *t)
{
	return t->s.len ? t->s.p[0] : '\0';
}

static bool take(struct text *t, char c)
{
	if (peek(t) != c)
		return false;
	t->s = str_from(t->s, 1);
	return true;
}

static int32_t take_number(struct text *t, int32_t max)
{
	int32_t v = 0;

	if (!ascii_is_digit(peek(t)))
		t->bad = true;
	while (ascii_is_digit(peek(t)) && !t->bad) {
		v = v * 10 + (peek(t) - '0');
		t->s = str_from(t->s, 1);
		t->bad = v > max;
	}
	return v;
}

/* "CST" or "<+03>". */
static void skip_name(struct text *t)
{
	size_t n = 0;

	if (take(t, '<')) {
		n = str_find_byte(t->s, '>');
		t->bad = t->bad || n == SIZE_MAX;
		t->s = str_from(t->s, n == SIZE_MAX ? t->s.len : n + 1);
		return;
	}
	while (n < t->s.len && ascii_is_alpha(t->s.p[n]))
		n++;
	t->bad = t->bad || n < 3;
	t->s = str_from(t->s, n);
}

/* "[+-]hh[:mm[:ss]]" in seconds. */
static int32_t take_time(struct text *t)
{
	bool minus = take(t, '-');
	int32_t v;

	if (!minus)
		(void)take(t, '+');
	v = take_number(t, 167) * 3600;
	if (take(t, ':'))
		v += take_number(t, 59) * 60;
	if (take(t, ':'))
		v += take_number(t, 59);
	return minus ? -v : v;
}

static void need(struct text *t, char c)
{
	if (!take(t, c))
		t->bad = true;
}

static struct tz_day take_day(struct text *t)
{
	struct tz_day d = { .form = 'D', .time_s = 2 * 3600 };

	if (take(t, 'M')) {
		d.form = 'M';
		d.month = (uint8_t)take_number(t, 12);
		need(t, '.');
		d.week = (uint8_t)take_number(t, 5);
		need(t, '.');
		d.weekday = (uint8_t)take_number(t, 6);
		t->bad = t->bad || d.month == 0 || d.week == 0;
	} else {
		if (take(t, 'J'))
			d.form = 'J';
		d.day = (uint16_t)take_number(t, 365);
	}
	if (take(t, '/'))
		d.time_s = take_time(t);
	return d;
}

static struct tz_rule parse_rule(struct str s)
{
	struct text t = { s, false };
	struct tz_rule r = { 0 };

	skip_name(&t);
	r.std_s = -take_time(&t);
	if (t.s.len && !t.bad) {
		skip_name(&t);
		r.dst_s = peek(&t) == ',' ? r.std_s + 3600 : -take_time(&t);
		need(&t, ',');
		r.begin = take_day(&t);
		need(&t, ',');
		r.end = take_day(&t);
		r.has_dst = true;
	}
	r.known = !t.bad && t.s.len == 0 && r.std_s > -OFFSET_MAX && r.std_s < OFFSET_MAX &&
		  r.dst_s > -OFFSET_MAX && r.dst_s < OFFSET_MAX;
	return r;
}

static bool is_leap(int64_t year)
{
	return (year % 4 == 0 && year % 100 != 0) || year % 400 == 0;
}

/* The day as days since 1970. */
static int64_t day_in(const struct tz_day *d, int64_t year)
{
	int64_t first, first_weekday, day;

	if (d->form != 'M') {
		day = clock_days_from_civil(year, 1, 1) + d->day;
		if (d->form == 'J')
			day += (is_leap(year) && d->day >= 60) - 1;
		return day;
	}
	first = clock_days_from_civil(year, d->month, 1);
	first_weekday = ((first + 4) % 7 + 7) % 7;
	day = first + (d->weekday - first_weekday + 7) % 7 + (d->week - 1) * 7;
	/* Week 5 is the last one. */
	while (day >= (d->month == 12 ? clock_days_from_civil(year + 1, 1, 1) :
		       clock_days_from_civil(year, d->month + 1U, 1)))
		day -= 7;
	return day;
}

static int32_t rule_offset(const struct tz_rule *r, int64_t utc_s)
{
	int64_t local = utc_s + r->std_s;
	int64_t days = local >= 0 ? local / DAY_S : -((-local + DAY_S - 1) / DAY_S);
	int64_t year, begin, end;
	unsigned month, day;

	if (!r->has_dst)
		return r->std_s;
	clock_civil_from_days(days, &year, &month, &day);
	begin = day_in(&r->begin, year) * DAY_S + r->begin.time_s - r->std_s;
	end = day_in(&r->end, year) * DAY_S + r->end.time_s - r->dst_s;
	if (begin < end)
		return utc_s >= begin && utc_s < end ? r->dst_s : r->std_s;
	return utc_s >= begin || utc_s < end ? r->dst_s : r->std_s;
}

/* ---- data --------------------------------------------------------------------------------- */

struct header {
	uint8_t version;
	uint32_t utc_cnt, std_cnt, leap_cnt, time_cnt, type_cnt, char_cnt;
};

static bool take_header(struct cur *c, struct header *h)
{
	bool magic = str_eq(cur_take(c, 4), STR("TZif"));

	h->version = cur_u8(c);
	cur_skip(c, 15);
	h->utc_cnt = cur_be32(c);
	h->std_cnt = cur_be32(c);
	h->leap_cnt = cur_be32(c);
	h->time_cnt = cur_be32(c);
	h->type_cnt = cur_be32(c);
	h->char_cnt = cur_be32(c);
	return cur_ok(c) && magic && h->type_cnt >= 1 && h->type_cnt <= 256 &&
	       h->time_cnt <= 65536 && h->utc_cnt <= 256 && h->std_cnt <= 256 &&
	       h->leap_cnt <= 4096 && h->char_cnt <= 4096;
}

static size_t body_len(const struct header *h, size_t time_len)
{
	return h->time_cnt * (time_len + 1) + h->type_cnt * (size_t)6 + h->char_cnt +
	       h->leap_cnt * (time_len + 4) + h->std_cnt + h->utc_cnt;
}

static int bad_data(struct err *e)
{
	return err_set(e, ERR_INVALID, "not valid time zone data");
}

static bool take_offsets(struct arena *a, struct cur *c, struct tz *tz)
{
	int32_t *offsets = ARENA_NEW_N(a, int32_t, tz->type_cnt);
	uint32_t i;

	if (!offsets)
		return false;
	for (i = 0; i < tz->type_cnt; i++) {
		offsets[i] = (int32_t)cur_be32(c);
		cur_skip(c, 2);
		if (offsets[i] <= -OFFSET_MAX || offsets[i] >= OFFSET_MAX)
			return false;
	}
	tz->offsets = offsets;
	return cur_ok(c);
}

int tz_parse(struct arena *a, struct str tzif, const struct tz **out, struct err *e)
{
	struct cur c = cur_on(tzif.p, tzif.len);
	struct tz *tz = ARENA_NEW(a, struct tz);
	struct header h;
	struct cur body;
	uint32_t i;

	if (!tz)
		return err_set(e, ERR_NOMEM, "out of memory for a time zone");
	if (!take_header(&c, &h) || h.version < '2')
		return bad_data(e);
	/* The first block has 32-bit times; the second, with all of them, is the one to read. */
	cur_skip(&c, body_len(&h, 4));
	if (!take_header(&c, &h))
		return bad_data(e);
	body = cur_sub(&c, body_len(&h, 8));
	tz->cnt = h.time_cnt;
	tz->type_cnt = h.type_cnt;
	tz->times = (const uint8_t *)cur_take(&body, (size_t)tz->cnt * 8).p;
	tz->types = (const uint8_t *)cur_take(&body, tz->cnt).p;
	if (!take_offsets(a, &body, tz))
		return bad_data(e);
	for (i = 0; i < tz->cnt; i++) {
		if (tz->types[i] >= tz->type_cnt)
			return bad_data(e);
	}
	if (cur_left(&c) >= 2 && cur_u8(&c) == '\n') {
		struct str rest = cur_take(&c, cur_left(&c));

		tz->rule = parse_rule(str_first(rest, str_find_byte(rest, '\n')));
	}
	*out = tz;
	return 0;
}

static int64_t time_at(const struct tz *tz, uint32_t i)
{
	struct cur c = cur_on(tz->times + (size_t)i * 8, 8);
	uint64_t high = cur_be32(&c);

	return (int64_t)(high << 32 | cur_be32(&c));
}

int32_t tz_offset(const struct tz *tz, int64_t utc_s)
{
	uint32_t from = 0;
	uint32_t to = tz->cnt;

	/* Number of transitions at or before the moment. */
	while (from < to) {
		uint32_t mid = from + (to - from) / 2;

		if (time_at(tz, mid) <= utc_s)
			from = mid + 1;
		else
			to = mid;
	}
	if (from == tz->cnt && tz->rule.known)
		return rule_offset(&tz->rule, utc_s);
	return tz->offsets[from ? tz->types[from - 1] : 0];
}

/* ---- names and source --------------------------------------------------------------------- */

bool tz_name_ok(struct str s)
{
	size_t i;

	if (s.len == 0 || s.len > TZ_NAME_MAX || !ascii_is_alpha(s.p[0]))
		return false;
	for (i = 0; i < s.len; i++) {
		char c = s.p[i];

		if (c == '/' && (i + 1 == s.len || !ascii_is_alnum(s.p[i + 1])))
			return false;
		if (!ascii_is_alnum(c) && c != '/' && c != '_' && c != '+' && c != '-')
			return false;
	}
	return true;
}

void tz_source_set(const struct tz_source *source)
{
	zone_source = source;
}

int tz_load(struct arena *a, struct str name, bool run_time, const struct tz **out, struct err *e)
{
	struct str data;

	if (!tz_name_ok(name))
		return err_set(e, ERR_INVALID, "\"" STR_FMT "\" is not a time zone", STR_ARG(name));
	if (!zone_source || (run_time && !zone_source->at_run_time))
		return err_set(e, ERR_NOT_FOUND, "time zone \"" STR_FMT "\" is not available here",
			       STR_ARG(name));
	if (zone_source->read(a, name, &data, e) || tz_parse(a, data, out, e))
		return err_ctx(e, "time zone \"" STR_FMT "\"", STR_ARG(name));
	return 0;
}
