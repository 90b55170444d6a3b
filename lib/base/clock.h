/* clock.h - monotonic and wall time; the one seam for a fake clock
 *
 * Layer: base.  Threads: any.
 */
#ifndef OC_BASE_CLOCK_H
#define OC_BASE_CLOCK_H

#include "base/buf.h"

uint64_t clock_mono_ms(void);
uint64_t clock_mono_ns(void);
int64_t clock_wall_us(void);	/* since 1970 UTC */

/* Proleptic Gregorian, any year; days since 1970-01-01. */
int64_t clock_days_from_civil(int64_t year, unsigned month, unsigned day);
void clock_civil_from_days(int64_t days, int64_t *year, unsigned *month, unsigned *day);

/* "2026-04-21T14:32:01Z" (frac 0) or with 6 digits of microseconds (frac 6). */
void clock_format_utc(struct buf *b, int64_t wall_us, int frac);

#endif
