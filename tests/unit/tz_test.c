/* tz_test.c - time zones: names, real files, rules beyond the table, broken data (S003 3.9) */
#include "t.h"

#include <unistd.h>

#include "base/buf.h"
#include "policy/tz.h"
#include "sys/tzfile.h"

static struct arena arena;

static const struct tz *zone(const char *name)
{
	const struct tz *tz = NULL;
	struct str data;
	struct err e;

	if (access(TZFILE_DIR "/UTC", R_OK) != 0)
		SKIP("no zone directory");
	arena_init(&arena, 1 << 20);
	EQ(tzfile_read(&arena, str_of(name), &data, &e), 0);
	data.p = (char *)t_guarded(data.p, data.len);
	EQ(tz_parse(&arena, data, &tz, &e), 0);
	return tz;
}

T(names)
{
	OK(tz_name_ok(STR("UTC")));
	OK(tz_name_ok(STR("America/Argentina/Buenos_Aires")));
	OK(tz_name_ok(STR("Etc/GMT+5")));
	OK(!tz_name_ok(STR("")));
	OK(!tz_name_ok(STR("../etc/passwd")));
	OK(!tz_name_ok(STR("/etc/passwd")));
	OK(!tz_name_ok(STR("Europe/../../etc/passwd")));
	OK(!tz_name_ok(STR("Europe//Vienna")));
	OK(!tz_name_ok(STR("Europe/")));
	OK(!tz_name_ok(STR("a.b")));
	OK(!tz_name_ok(str_n("UTC\0x", 5)));
	OK(!tz_name_ok(STR("aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa")));
}

T(files)
{
	const struct tz *vienna = zone("Europe/Vienna");
	const struct tz *chicago = zone("US/Central");
	const struct tz *india = zone("Asia/Kolkata");

	EQ(tz_offset(vienna, 1234567890), 3600);
	EQ(tz_offset(vienna, 1250000000), 7200);
	EQ(tz_offset(chicago, 1234567890), -6 * 3600);
	EQ(tz_offset(chicago, 1250000000), -5 * 3600);
	EQ(tz_offset(india, 0), 19800);
	EQ(tz_offset(zone("UTC"), 0), 0);
	/* The exact second: 2009-03-29T01:00:00Z. */
	EQ(tz_offset(vienna, 1238288399), 3600);
	EQ(tz_offset(vienna, 1238288400), 7200);
}

T(beyond_the_table)
{
	/* 2100-07-01 and 2100-12-31, by rule; south of the equator too. */
	EQ(tz_offset(zone("Europe/Vienna"), INT64_C(4118083200)), 7200);
	EQ(tz_offset(zone("Europe/Vienna"), INT64_C(4133894400)), 3600);
	EQ(tz_offset(zone("Australia/Sydney"), INT64_C(4118083200)), 36000);
	EQ(tz_offset(zone("Australia/Sydney"), INT64_C(4133894400)), 39600);
	EQ(tz_offset(zone("Asia/Kolkata"), INT64_C(4133894400)), 19800);
	/* Long before the table: local mean time. */
	OK(tz_offset(zone("Europe/Vienna"), INT64_C(-62135596800)) > 0);
}

/* A file without transitions and with this rule. */
static struct str made(char *room, size_t cap, const char *rule, uint32_t type_cnt,
		       uint32_t time_cnt)
{
	struct buf b = buf_on(room, cap);

	for (int block = 0; block < 2; block++) {
		buf_add(&b, "TZif2", 5);
		buf_pad(&b, '\0', b.len + 15);
		buf_add_be32(&b, 0);
		buf_add_be32(&b, 0);
		buf_add_be32(&b, 0);
		buf_add_be32(&b, block ? time_cnt : 0);
		buf_add_be32(&b, type_cnt);
		buf_add_be32(&b, 4);
		for (uint32_t i = 0; i < time_cnt && block; i++)
			buf_add(&b, "\0\0\0\0\0\0\0\0", 8);
		for (uint32_t i = 0; i < time_cnt && block; i++)
			buf_add_byte(&b, 7);
		buf_add(&b, "\0\0\0\0\0\0LMT\0", 10);
	}
	buf_add_byte(&b, '\n');
	buf_add_c(&b, rule);
	buf_add_byte(&b, '\n');
	return buf_str(&b);
}

static int32_t by_rule(const char *rule, int64_t when)
{
	char room[512];
	const struct tz *tz;
	struct err e;

	arena_init(&arena, 1 << 20);
	EQ(tz_parse(&arena, made(room, sizeof(room), rule, 1, 0), &tz, &e), 0);
	return tz_offset(tz, when);
}

T(rules)
{
	EQ(by_rule("UTC0", 0), 0);
	EQ(by_rule("CET-1", 0), 3600);
	EQ(by_rule("<+0330>-3:30", 0), 12600);
	EQ(by_rule("<-02>2<-01>,M3.5.0/-1,M10.5.0/0", 1719792000), -3600);
	EQ(by_rule("EST5EDT,M3.2.0,M11.1.0", 1719792000), -4 * 3600);
	EQ(by_rule("EST5EDT,M3.2.0,M11.1.0", 1704067200), -5 * 3600);
	EQ(by_rule("EST5EDT,0/0,J365/25", 1719792000), -4 * 3600);	/* all year */
	EQ(by_rule("IST-1GMT0,M10.5.0,M3.5.0/1", 1704067200), 0);	/* winter is the exception */
	EQ(by_rule("AAA0BBB-2,J60,J61", 1709251200), 0);		/* 2024-03-01 00:00: not yet 02:00 */
	EQ(by_rule("AAA0BBB-2,J60,J61", 1709258400), 7200);
	EQ(by_rule("AAA0BBB-2,J60,J61", 1677628800), 0);		/* 2023-03-01: no leap year */
	EQ(by_rule("AAA0BBB-2,J60,J61", 1677636000), 7200);
	/* The last Sunday of March 2010 is the fourth. */
	EQ(by_rule("CET-1CEST,M3.5.0,M10.5.0/3", 1269737999), 3600);
	EQ(by_rule("CET-1CEST,M3.5.0,M10.5.0/3", 1269738000), 7200);
	EQ(by_rule("CET-1CEST,M3.5.0,M10.5.0/3", 1269737999 - 7 * 86400), 3600);
	/* Not understood: the table alone counts. */
	EQ(by_rule("EST5EDT", 0), 0);
	EQ(by_rule("X", 0), 0);
	EQ(by_rule("EST5EDT,M13.2.0,M11.1.0", 0), 0);
	EQ(by_rule("EST99999999999", 0), 0);
}

T(broken_data)
{
	char room[512];
	struct str good = made(room, sizeof(room), "CET-1", 1, 0);
	const struct tz *tz;
	struct err e;

	for (size_t len = 0; len < good.len; len++) {
		arena_init(&arena, 1 << 20);
		struct str cut = str_n(t_guarded(good.p, len), len);
		if (tz_parse(&arena, cut, &tz, &e) == 0)
			(void)tz_offset(tz, 0);
		arena_fini(&arena);
	}
	arena_init(&arena, 1 << 20);
	/* A transition to a type that does not exist. */
	EQ(tz_parse(&arena, made(room, sizeof(room), "CET-1", 1, 2), &tz, &e), -1);
	EQ(tz_parse(&arena, STR("TZif"), &tz, &e), -1);
	memset(room, 0xff, sizeof(room));
	memcpy(room, "TZif2", 5);
	EQ(tz_parse(&arena, str_n(room, sizeof(room)), &tz, &e), -1);
}

T(source)	/* a worker opens no file */
{
	const struct tz *tz;
	struct err e;

	arena_init(&arena, 1 << 20);
	tz_source_set(NULL);
	EQ(tz_load(&arena, STR("Europe/Vienna"), false, &tz, &e), -1);
	EQ(e.code, ERR_NOT_FOUND);
	zone("UTC");
	tzfile_use(false);
	EQ(tz_load(&arena, STR("Europe/Vienna"), false, &tz, &e), 0);
	EQ(tz_load(&arena, STR("Europe/Vienna"), true, &tz, &e), -1);
	tzfile_use(true);
	EQ(tz_load(&arena, STR("Europe/Vienna"), true, &tz, &e), 0);
	EQ(tz_load(&arena, STR("Europe/Atlantis"), true, &tz, &e), -1);
	HAS(e.msg, "Atlantis");
	EQ(tz_load(&arena, STR("Europe"), true, &tz, &e), -1);
	EQ(tz_load(&arena, STR("../Vienna"), true, &tz, &e), -1);
}
