/* jail.h - what the two halves of `outcall jail` share: the supervisor outside, the init inside
 *
 * Layer: applets (outcall).  Memory: one plan on the supervisor's stack, inherited by the init.
 * Spec: operations section 16, D11.
 */
#ifndef OC_OUTCALL_JAIL_H
#define OC_OUTCALL_JAIL_H

#include <limits.h>
#include <sys/types.h>

#include "base/err.h"

#define JAIL_GROUPS_MAX 128
#define JAIL_PROXY_URL_MAX 64

#define JAIL_EXIT_FAILED 1		/* no jail; the command was not started */
#define JAIL_EXIT_NOT_EXECUTABLE 126
#define JAIL_EXIT_NOT_FOUND 127

struct jail_user {
	bool change;			/* switch to uid, gid, groups */
	uid_t uid;
	gid_t gid;
	gid_t groups[JAIL_GROUPS_MAX];
	int group_cnt;
	char name[64];			/* for USER, LOGNAME */
	char home[PATH_MAX];		/* for HOME */
};

struct jail_plan {
	char **command;
	struct jail_user user;
	char cwd[PATH_MAX];
	char agent_dir[PATH_MAX];	/* with agent.sock; need not exist */
	char dns[64];			/* address of the DNS filter */
	char proxy_url[JAIL_PROXY_URL_MAX];	/* "" without a proxy */
	int life_fd;			/* read end: end of file when the supervisor is gone */
	pid_t supervisor;
};

/* Body of PID 1 of the jail: makes the mounts, gives up all rights, runs the command, reaps, and
 * ends with its status. Never returns. */
NORETURN void jail_init_run(struct jail_plan *plan);

/* Fresh /run, /proc, /tmp, read-only /sys and resolver file in a mount namespace of our own
 * (operations section 16, "Inside"). */
int jail_mounts_make(const struct jail_plan *plan, struct err *e) NODISCARD;

/* uid, gid and groups of the plan; then no capability in any set, no new privileges, the
 * system-call filter. */
int jail_rights_drop(const struct jail_user *user, struct err *e) NODISCARD;

/* The proxy variables and what else the command's environment gets. */
int jail_environment_set(const struct jail_plan *plan, struct err *e) NODISCARD;

#endif
