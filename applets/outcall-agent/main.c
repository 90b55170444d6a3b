/* main.c - the shim inside containers and jails: asks before it runs anything, refuses without a
 * verdict
 *
 * Layer: applets (outcall-agent).  Input: argv: hostile.  Memory: none.  Threads: one.
 * Spec: S005, S000 section 1.
 *
 * This daemon version answers no permission checks, so there is never a verdict, and without a
 * verdict nothing is run: status 5, enforcement unavailable.
 */
#include <stdio.h>
#include <string.h>

#include "applets.h"
#include "proto/consts.h"
#include "proto/paths.h"

static void usage(FILE *out)
{
	fprintf(out,
		"Usage: outcall-agent [--version] [--help] -- COMMAND [ARG...]\n"
		"\n"
		"Runs COMMAND if the daemon allows it (over %s).\n"
		"Exit status: that of COMMAND; 1 denied, 2 bad command line, 5 enforcement unavailable.\n",
		AGENT_SOCKET_CONTAINER_PATH);
}

int outcall_agent_main(int argc, char **argv)
{
	if (argc > 1 && (strcmp(argv[1], "--version") == 0 || strcmp(argv[1], "-V") == 0)) {
		printf("outcall-agent %s\n", OC_VERSION);
		return 0;
	}
	if (argc > 1 && (strcmp(argv[1], "--help") == 0 || strcmp(argv[1], "-h") == 0)) {
		usage(stdout);
		return 0;
	}
	if (argc < 2) {
		usage(stderr);
		return USAGE_EXIT_CODE;
	}
	fprintf(stderr,
		"outcall-agent: enforcement unavailable: %s answers no permission checks; \"%.64s\" was not run\n",
		AGENT_SOCKET_CONTAINER_PATH, argv[1]);
	return UNREACHABLE_EXIT_CODE;
}
