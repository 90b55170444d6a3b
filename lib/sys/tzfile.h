/* tzfile.h - time zones from the operating system's zone directory
 *
 * Layer: sys.  Threads: set up once, by the main thread.
 */
#ifndef OC_SYS_TZFILE_H
#define OC_SYS_TZFILE_H

#include "policy/tz.h"

#define TZFILE_DIR "/usr/share/zoneinfo"
#define TZFILE_MAX (256 * 1024)	/* bytes; the largest of today has 4 KiB */

/* Reads <TZFILE_DIR>/<name> into a. ERR_NOT_FOUND, ERR_INVALID (not a file, too large), ERR_IO. */
int tzfile_read(struct arena *a, struct str name, struct str *tzif, struct err *e);

/* Makes the zone directory the process's source of zones. at_run_time: also for names that are not
 * literals; never in the daemon, whose workers open no file. */
void tzfile_use(bool at_run_time);

#endif
