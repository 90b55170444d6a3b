/* verbs.c - the grammar of the command line: every verb with its options, operands and help
 *
 * Layer: applets (outcall).  Input: argv.  Memory: static tables.  Threads: one.
 * Spec: operations section 3, D12.
 */
#include "outcall/verbs.h"
#include "proto/paths.h"

#define AT(member) .offset = offsetof(struct cli, member)

const struct opt cli_options[] = {
	[CLI_SOCKET] = { "socket", 0, OPT_TEXT, AT(socket), "path",
			 "host API socket of the daemon (default " DEFAULT_HOST_SOCKET ")" },
	[CLI_JSON] = { "json", 0, OPT_FLAG, AT(json), NULL, "print the answer as JSON, one line" },
	[CLI_HELP] = { "help", 'h', OPT_FLAG, AT(help), NULL,
		       "print help, of one command if it is named" },
	[CLI_VERSION] = { "version", 'V', OPT_FLAG, AT(version), NULL, "print the version" },
	[CLI_NAME] = { "name", 0, OPT_TEXT, AT(name), "name",
		       "name of the jail; rules know it as agent.name" },
	[CLI_NETWORK] = { "network", 0, OPT_TEXT, AT(network), "name",
			  "network to join (default outcall-default)" },
	[CLI_AS] = { "as", 0, OPT_TEXT, AT(as_user), "user",
		     "run the command as this user (root only)" },
	[CLI_BRIDGE] = { "bridge", 0, OPT_TEXT, AT(bridge), "name",
			 "bridge of the default network (default outcall0)" },
	[CLI_TYPE] = { "type", 0, OPT_TEXT, AT(type), "rr", "record type (default A)" },
	[CLI_ENTRIES] = { "entries", 0, OPT_FLAG, AT(entries), NULL, "list the entries too" },
	[CLI_EXPR] = { "expr", 0, OPT_TEXT, AT(expr), "cel", "expression to test" },
	[CLI_CONTEXT] = { "context", 0, OPT_TEXT, AT(context), "json",
			  "facts of the request (default {})" },
	[CLI_BINDINGS] = { "bindings", 0, OPT_TEXT, AT(bindings), "json",
			   "variables, name to tagged value" },
	[CLI_BATCH] = { "batch", 0, OPT_FLAG, AT(batch), NULL,
			"JSON lines {expr,bindings,disable_check} from stdin" },
	[CLI_FOLLOW] = { "follow", 'f', OPT_FLAG, AT(follow), NULL,
			 "go on with new verdicts as they happen" },
	[CLI_CONTAINER] = { "container", 0, OPT_TEXT, AT(container), "name",
			    "only of this container or jail" },
	[CLI_DECISION] = { "decision", 0, OPT_TEXT, AT(decision), "allow|block", "only these" },
	[CLI_HOST] = { "host", 0, OPT_TEXT, AT(host), "name", "target host of a request" },
	[CLI_DNS] = { "dns", 0, OPT_TEXT, AT(dns), "name", "a name that is looked up" },
	[CLI_METHOD] = { "method", 0, OPT_TEXT, AT(method), "method",
			 "HTTP method (default GET; CONNECT for port 443)" },
	[CLI_PATH] = { "path", 0, OPT_TEXT, AT(path), "path", "path of the request (default /)" },
	[CLI_PORT] = { "port", 0, OPT_NUMBER, AT(port), "port",
		       "port of the target (default 443, 80 with a --method other than CONNECT)", 1,
		       65535 },
	[CLI_AGENT] = { "agent", 0, OPT_TEXT, AT(agent), "name",
			"agent.name of the asking program" },
	[CLI_RULES_DIR] = { "rules-dir", 0, OPT_TEXT, AT(rules_dir), "path",
			    "directory of rule files (default " DEFAULT_RULES_DIR ")" },
};
STATIC_ASSERT(ARRAY_LEN(cli_options) == CLI_OPTION_COUNT, "an entry for each option");

#define B(option) OPTS_BIT(CLI_##option)
#define READ B(JSON)

const struct verb cli_verbs[] = {
	{ "jail", NULL, "-- COMMAND [ARG...]",
	  "run a command confined by the daemon's rules; exits with its status",
	  B(NAME) | B(NETWORK) | B(AS), 1, VERB_ANY, true, cmd_jail },
	{ "jail", "list", "", "running jails", READ, 0, 0, false, cmd_jail_list },
	{ "status", NULL, "", "one line per check of the daemon; exit 0 when ready", READ, 0, 0,
	  false, cmd_status },
	{ "events", NULL, "", "verdicts: time, who, layer, target, verdict, rule, microseconds",
	  READ | B(FOLLOW) | B(CONTAINER) | B(DECISION), 0, 0, false, cmd_events },
	{ "explain", NULL, "", "verdict of each layer for a host or a name, and which rule decides",
	  READ | B(HOST) | B(DNS) | B(METHOD) | B(PATH) | B(PORT) | B(AGENT) | B(TYPE), 0, 0, false,
	  cmd_explain },
	{ "bridge", "status", "", "bridge and packet policy", READ, 0, 0, false,
	  cmd_bridge_status },
	{ "bridge", "up", "", "make the bridge and apply the packet policy", 0, 0, 0, false,
	  cmd_bridge_up },
	{ "bridge", "down", "", "remove bridge and packet policy", 0, 0, 0, false,
	  cmd_bridge_down },
	{ "lockdown", NULL, "", "apply the drop-all policy without a daemon, for early boot",
	  B(BRIDGE), 0, 0, false, cmd_lockdown },
	{ "rules", "list", "", "rules in evaluation order", READ, 0, 0, false, cmd_rules_list },
	{ "rules", "show", "ID", "one rule, its condition expanded", READ, 1, 1, false,
	  cmd_rules_show },
	{ "rules", "test", "", "evaluate an expression against facts", READ | B(EXPR) | B(CONTEXT),
	  0, 0, false, cmd_rules_test },
	{ "rules", "reload", "", "load the rules directory again", READ, 0, 0, false,
	  cmd_rules_reload },
	{ "rules", "lint", "", "probable mistakes in the rules directory; needs no daemon; exit 1 if any",
	  READ | B(RULES_DIR), 0, 0, false, cmd_rules_lint },
	{ "rules", "active", "", "dynamic rules: flows that are open for a time", READ, 0, 0, false,
	  cmd_rules_active },
	{ "rules", "flush", "", "end every dynamic rule", 0, 0, 0, false, cmd_rules_flush },
	{ "dns", "status", "", "state and counters of the DNS filter", READ, 0, 0, false,
	  cmd_dns_status },
	{ "dns", "test", "HOST", "verdict for a name; sends no query", READ | B(TYPE), 1, 1, false,
	  cmd_dns_test },
	{ "dns", "cache", "", "cache counters", READ | B(ENTRIES), 0, 0, false, cmd_dns_cache },
	{ "dns", "flush", "", "empty the cache", 0, 0, 0, false, cmd_dns_flush },
	{ "proxy", "status", "", "state and counters of the proxy", READ, 0, 0, false,
	  cmd_proxy_status },
	{ "cel", "eval", "EXPR", "evaluate a CEL expression here; prints a tagged value",
	  B(BINDINGS) | B(BATCH), 0, 1, false, cmd_cel_eval },
	{ "completion", NULL, "bash|zsh", "print a completion script", 0, 1, 1, false,
	  cmd_completion },
};
const size_t cli_verb_count = ARRAY_LEN(cli_verbs);
