/* cli.h - the operator's command line: its options, its verbs, what they share
 *
 * Layer: applets (outcall).  Memory: one process-lifetime arena.  Threads: one.
 * Spec: S000 section 8, operations section 3.
 */
#ifndef OC_OUTCALL_CLI_H
#define OC_OUTCALL_CLI_H

#include <stdio.h>

#include "base/arena.h"
#include "base/buf.h"
#include "base/err.h"
#include "wire/json.h"

struct cli {
	/* options; what a verb does not take was not given */
	const char *socket;
	const char *name, *network, *as_user, *bridge, *type, *expr, *context, *bindings;
	const char *container, *decision, *rules_dir;
	const char *host, *dns, *method, *path, *agent;
	uint64_t port;
	const char *reason;
	bool json, all, entries, batch, follow, help, version;
	/* operands behind the verb */
	char **operands;
	int operand_cnt;
	struct arena arena;
};

/* Prints "Error: <message>" (and the system's reason behind an unreachable daemon) on stderr; 1. */
int cli_fail(const struct err *e);

/* Prints a text from outside with control and bidirectional characters escaped (SEC-O08). */
void cli_print_text(FILE *out, struct str s);

/* GET, or POST of body; *data is the member `data` of the answer. */
int cli_ask(struct cli *cli, const char *path, const char *body, struct json_val *data,
	    struct err *e) NODISCARD;

/* POST without a body. */
int cli_order(struct cli *cli, const char *path, struct json_val *data, struct err *e) NODISCARD;

/* Reads and checks a rules directory as the daemon would; one reference. A directory that is
 * missing is an error. */
struct ruleset;
int cli_load_rules(const char *dir, struct ruleset **out, struct err *e) NODISCARD;

/* With --json: prints the value on one line and returns true. */
bool cli_printed_json(const struct cli *cli, struct json_val data);

/* Members of an answer, for printing; "" and 0 when absent. */
struct str cli_str(struct cli *cli, struct json_val v, const char *name);
uint64_t cli_u64(struct json_val v, const char *name);
bool cli_bool(struct json_val v, const char *name);

/* Colours only on a terminal and never with NO_COLOR (D24). */
bool cli_colour(void);

/* One column of a table: padded to width, at least one space behind it, line breaks as spaces. */
void cli_print_cell(struct str s, size_t width);

/* One function per verb; they return the exit status. */
int cmd_bridge_status(struct cli *cli);
int cmd_bridge_up(struct cli *cli);
int cmd_bridge_down(struct cli *cli);
int cmd_lockdown(struct cli *cli);
int cmd_jail(struct cli *cli);
int cmd_jail_list(struct cli *cli);
int cmd_dns_status(struct cli *cli);
int cmd_dns_test(struct cli *cli);
int cmd_dns_cache(struct cli *cli);
int cmd_dns_flush(struct cli *cli);
int cmd_proxy_status(struct cli *cli);
int cmd_rules_list(struct cli *cli);
int cmd_rules_show(struct cli *cli);
int cmd_rules_test(struct cli *cli);
int cmd_rules_reload(struct cli *cli);
int cmd_rules_counters(struct cli *cli);
int cmd_rules_lint(struct cli *cli);
int cmd_rules_active(struct cli *cli);
int cmd_rules_flush(struct cli *cli);
int cmd_requests_list(struct cli *cli);
int cmd_requests_show(struct cli *cli);
int cmd_requests_approve(struct cli *cli);
int cmd_requests_reject(struct cli *cli);
int cmd_cel_eval(struct cli *cli);
int cmd_events(struct cli *cli);
int cmd_status(struct cli *cli);
int cmd_explain(struct cli *cli);
int cmd_completion(struct cli *cli);

#endif
