/* tz.h - time zones: TZif data (RFC 8536) to offsets from UTC; where the data comes from
 *
 * Layer: policy.  Memory: arena of the caller.  Threads: a parsed zone is immutable.
 */
#ifndef OC_POLICY_TZ_H
#define OC_POLICY_TZ_H

#include "base/arena.h"
#include "base/err.h"

#define TZ_NAME_MAX 64	/* bytes of an IANA name */

struct tz;

/* Reads a TZif file (version 1 to 4), parts of which the result keeps referring to. ERR_INVALID. */
int tz_parse(struct arena *a, struct str tzif, const struct tz **out, struct err *e);
/* Seconds east of UTC at a moment in seconds since 1970. */
int32_t tz_offset(const struct tz *tz, int64_t utc_s);

/* Whether s looks like an IANA name and is safe as a path below the zone directory. */
bool tz_name_ok(struct str s);

/* This layer does no I/O: who can read files offers the zones. */
struct tz_source {
	/* The content of a zone's file, into a. name has passed tz_name_ok. ERR_NOT_FOUND. */
	int (*read)(struct arena *a, struct str name, struct str *tzif, struct err *e);
	/* May be called during an evaluation too; else only while a condition is compiled. */
	bool at_run_time;
};

/* Sets the source for the whole process, once, before a second thread or a condition exists.
 * Without it only UTC and fixed offsets are known. */
void tz_source_set(const struct tz_source *source);

/* Reads and parses the zone. run_time: called from an evaluation. */
int tz_load(struct arena *a, struct str name, bool run_time, const struct tz **out, struct err *e);

#endif
