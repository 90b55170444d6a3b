/* localrules.c - a rules directory that the command line loads itself, without a daemon
 *
 * Layer: applets (outcall).  Input: rule files.  Memory: the set's own.  Threads: one.
 * Spec: operations section 3 (--rules-dir of rules lint and explain).
 */
#include <unistd.h>

#include "host/rules.h"
#include "outcall/cli.h"
#include "sys/file.h"
#include "sys/tzfile.h"

/* A directory that is not there is no mistake of a rule, but here it is one of the command line. */
static int check_there(const char *dir, struct err *e)
{
	int fd = file_open_dir(dir, "rules directory", e);

	if (fd < 0)
		return -1;
	(void)close(fd);
	return 0;
}

int cli_load_rules(const char *dir, struct ruleset **out, struct err *e)
{
	struct load_opts opts = { .ca_loaded = true };	/* only the daemon knows of its CA */
	struct rules_fresh fresh;
	struct rules rules;

	tzfile_use(true);
	if (check_there(dir, e) < 0 || rules_init(&rules, dir, &opts, NULL, e) < 0)
		return -1;
	if (rules_prepare(&rules, &fresh, e) < 0)
		return -1;
	*out = fresh.set;
	return 0;
}
