/* lockfile.h - one daemon per lock file, by flock; the PID stands inside
 *
 * Layer: sys.  Input: trusted (a directory of root).  Threads: one owner.
 * Spec: S000-X-004.
 */
#ifndef OC_SYS_LOCKFILE_H
#define OC_SYS_LOCKFILE_H

#include "base/err.h"

struct lockfile {
	int fd;			/* -1: not held */
};

/* Takes the lock for the life of the process (or until lockfile_drop). The parent directory must
 * exist (ERR_NOT_FOUND). Held by somebody else: ERR_CONFLICT, "another outcalld is running (pid
 * <n>)". `outcall lockdown` takes it too while it works, so that no daemon starts meanwhile: for it
 * ERR_CONFLICT means that a policy is in force, ERR_NOT_FOUND that no daemon can be running. */
int lockfile_take(struct lockfile *l, const char *path, struct err *e) NODISCARD;
void lockfile_drop(struct lockfile *l);

#endif
