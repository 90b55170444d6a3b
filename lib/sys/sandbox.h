/* sandbox.h - giving up rights: descriptors, limits, capabilities, system calls
 *
 * Layer: sys.  Input: trusted.  Memory: stack.  Threads: see each function.
 * Spec: operations sections 13 and 16, design section 7 (sandbox stages).
 *
 * Raw system calls only: no libcap, no libseccomp.
 */
#ifndef OC_SYS_SANDBOX_H
#define OC_SYS_SANDBOX_H

#include <linux/capability.h>

#include "base/err.h"

#define SANDBOX_MIN_FILES 4096
#define SANDBOX_CAP(cap) ((uint64_t)1 << (cap))

/* First thing in main(), before any descriptor is opened or thread exists.
 * Should: leave 0, 1, 2 open (on /dev/null where they are missing), close the rest, set
 * no-new-privs, umask 077, no core dumps, at least SANDBOX_MIN_FILES descriptors.
 * Mustn't: drop capabilities (the listeners and the bridge need them). */
int sandbox_early(struct err *e) NODISCARD;
/* Closes every descriptor from first upwards. */
void sandbox_close_from(unsigned first);

/* Does this thread hold the capability effectively? */
bool sandbox_has_cap(unsigned cap);
/* Keeps only the capabilities of mask (SANDBOX_CAP bits) that are held, in permitted and effective;
 * clears inheritable, ambient and, where CAP_SETPCAP is held, the whole bounding set: no program
 * that we start shall have any. Of the calling
 * thread only: call it before the first thread is made, then all inherit it. mask 0 drops all. */
int sandbox_keep_caps(uint64_t mask, struct err *e) NODISCARD;

/* --- system calls ------------------------------------------------------------------------ */
enum sandbox_action { SANDBOX_KILL = 0, SANDBOX_ERRNO };	/* process, or EPERM */

/* Installs a filter for the calling thread that allows the listed numbers only. A foreign ABI
 * always kills. Needs no-new-privs. cnt <= 200. */
int sandbox_allow_only(const int *numbers, unsigned cnt, enum sandbox_action otherwise,
		       struct err *e) NODISCARD;
/* The filter of a jail (operations section 16), for the calling thread and all that it starts:
 * socket() and socketpair() of AF_UNIX, AF_INET, AF_INET6, AF_NETLINK only; no io_uring; no
 * TIOCSTI, no TIOCLINUX; no foreign ABI. Everything refused gives EPERM, a foreign ABI ENOSYS. */
int sandbox_jail_filter(struct err *e) NODISCARD;

#endif
