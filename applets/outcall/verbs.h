/* verbs.h - the grammar of the command line as tables
 *
 * Layer: applets (outcall).  Dispatch, help, errors and completion come from these tables.
 */
#ifndef OC_OUTCALL_VERBS_H
#define OC_OUTCALL_VERBS_H

#include "opts.h"
#include "outcall/cli.h"

enum cli_option {
	CLI_SOCKET = 0,
	CLI_JSON,
	CLI_HELP,
	CLI_VERSION,
	CLI_NAME,
	CLI_NETWORK,
	CLI_AS,
	CLI_BRIDGE,
	CLI_TYPE,
	CLI_ENTRIES,
	CLI_EXPR,
	CLI_CONTEXT,
	CLI_BINDINGS,
	CLI_BATCH,
	CLI_FOLLOW,
	CLI_CONTAINER,
	CLI_DECISION,
	CLI_HOST,
	CLI_DNS,
	CLI_METHOD,
	CLI_PATH,
	CLI_PORT,
	CLI_AGENT,
	CLI_RULES_DIR,
	CLI_ALL,
	CLI_REASON,
	CLI_OPTION_COUNT
};

/* Taken by every verb. */
#define CLI_GLOBAL (OPTS_BIT(CLI_SOCKET) | OPTS_BIT(CLI_HELP) | OPTS_BIT(CLI_VERSION))

#define VERB_ANY INT32_MAX

struct verb {
	const char *group;
	const char *name;		/* NULL: the group alone is the verb */
	const char *operands;		/* for the usage line */
	const char *help;
	uint64_t options;		/* besides CLI_GLOBAL */
	int min_operands, max_operands;
	bool needs_dashes;		/* operands stand behind "--" */
	int (*run)(struct cli *cli);
};

extern const struct opt cli_options[CLI_OPTION_COUNT];
extern const struct verb cli_verbs[];
extern const size_t cli_verb_count;

#endif
