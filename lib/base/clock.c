/* clock.c - monotonic and wall time
 *
 * Layer: base.  Input: none.  Memory: none.  Threads: any.
 * Spec: OPS-EC-009 (timers use the monotonic clock).
 */
#include <time.h>

#include "base/clock.h"

uint64_t clock_mono_ns(void)
{
	struct timespec ts;

	CHECK(clock_gettime(CLOCK_MONOTONIC, &ts) == 0);
	return (uint64_t)ts.tv_sec * 1000000000U + (uint64_t)ts.tv_nsec;
}

uint64_t clock_mono_ms(void)
{
	return clock_mono_ns() / 1000000U;
}

int64_t clock_wall_us(void)
{
	struct timespec ts;

	CHECK(clock_gettime(CLOCK_REALTIME, &ts) == 0);
	return (int64_t)ts.tv_sec * 1000000 + ts.tv_nsec / 1000;
}

/* Both conversions count years from March in eras of 400 years (146097 days). */
int64_t clock_days_from_civil(int64_t year, unsigned month, unsigned day)
{
	int64_t y = month <= 2 ? year - 1 : year;
	int64_t era = (y >= 0 ? y : y - 399) / 400;
	int64_t year_of_era = y - era * 400;
	int64_t day_of_year = (153 * ((int64_t)month + (month > 2 ? -3 : 9)) + 2) / 5 +
		(int64_t)day - 1;
	int64_t day_of_era = year_of_era * 365 + year_of_era / 4 - year_of_era / 100 + day_of_year;

	return era * 146097 + day_of_era - 719468;
}

void clock_civil_from_days(int64_t days, int64_t *year, unsigned *month, unsigned *day)
{
	int64_t z = days + 719468;
	int64_t era = (z >= 0 ? z : z - 146096) / 146097;
	int64_t doe = z - era * 146097;
	int64_t yoe = (doe - doe / 1460 + doe / 36524 - doe / 146096) / 365;
	int64_t doy = doe - (365 * yoe + yoe / 4 - yoe / 100);
	int64_t mp = (5 * doy + 2) / 153;

	*day = (unsigned)(doy - (153 * mp + 2) / 5 + 1);
	*month = (unsigned)(mp < 10 ? mp + 3 : mp - 9);
	*year = yoe + era * 400 + (*month <= 2);
}

void clock_format_utc(struct buf *b, int64_t wall_us, int frac)
{
	int64_t secs = wall_us / 1000000 - (wall_us % 1000000 < 0);
	int64_t us = wall_us - secs * 1000000;
	int64_t days = secs / 86400 - (secs % 86400 < 0);
	int64_t in_day = secs - days * 86400;
	int64_t year;
	unsigned month, day;

	clock_civil_from_days(days, &year, &month, &day);
	buf_printf(b, "%04d-%02u-%02uT%02d:%02d:%02d", (int)year, month, day, (int)(in_day / 3600),
		   (int)(in_day / 60 % 60), (int)(in_day % 60));
	if (frac)
		buf_printf(b, ".%06d", (int)us);
	buf_add_byte(b, 'Z');
}
