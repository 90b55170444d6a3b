/* config.c - the daemon's flags: one table, range checks, derived addresses
 *
 * Layer: applets (outcalld).  Input: the caller's argv.  Memory: values point into argv.
 * Threads: start only.
 * Spec: S000 section 9, operations section 2, D12.
 */
#include <string.h>
#include <unistd.h>

#include "base/num.h"
#include "opts.h"
#include "outcalld/config.h"
#include "proto/consts.h"
#include "proto/paths.h"

static const char *const on_exit_choices[] = { "auto", "keep", "teardown", NULL };
static const char *const blocked_choices[] = { "reject", "drop", NULL };
static const char *const on_off_choices[] = { "on", "off", NULL };
static const char *const ech_choices[] = { "allow", "block", NULL };
static const char *const guard_choices[] = { "off", "warn", "block", NULL };
static const char *const case_choices[] = { "auto", "on", "off", NULL };
static const char *const format_choices[] = { "text", "json", NULL };

#define AT(member) .offset = offsetof(struct config, member)

static const struct opt flags[] = {
	{ "socket", 0, OPT_TEXT, AT(socket), "path",
	  "host API socket (default /run/outcall/host.sock)" },
	{ "operator-uid", 0, OPT_NUMBER, AT(operator_uid), "uid",
	  "owner of the host socket, admitted besides root", 0, UINT32_MAX - 1 },
	{ "operator-gid", 0, OPT_NUMBER, AT(operator_gid), "gid",
	  "group of the host socket file; with neither flag, group outcall (if it exists) may use the socket",
	  0, UINT32_MAX - 1 },
	{ "bridge", 0, OPT_TEXT, AT(bridge), "name",
	  "bridge of the default network (default outcall0)" },
	{ "on-exit", 0, OPT_CHOICE, AT(on_exit), NULL,
	  "what a stop leaves: auto (default) keeps a drop-all policy while anything may hang on the bridge",
	  0, 0, on_exit_choices },
	{ "blocked-packets", 0, OPT_CHOICE, AT(blocked_packets), NULL,
	  "how a blocked packet ends for the confined side (default reject: programs fail at once)",
	  0, 0, blocked_choices },
	{ "transparent", 0, OPT_CHOICE, AT(transparent_off), NULL,
	  "redirect TCP 80 and 443 to the proxy and port 53 to the DNS filter (default on)", 0, 0,
	  on_off_choices },
	{ "subnet-block", 0, OPT_TEXT, AT(subnet_text), "cidr",
	  "addresses for networks (default 10.200.0.0/16)" },
	{ "rules-dir", 0, OPT_TEXT, AT(rules_dir), "path",
	  "rule files (default /etc/outcall/rules.d)" },
	{ "watch-rules", 0, OPT_CHOICE, AT(watch_off), NULL,
	  "reload when a file in the rules directory changes (default on)", 0, 0, on_off_choices },
	{ "dns-listen", 0, OPT_TEXT, AT(dns_listen_text), "ip",
	  "address of the DNS filter (default: first gateway of the subnet block)" },
	{ "dns-port", 0, OPT_NUMBER, AT(dns_port), "port", "port of the DNS filter (default 53)", 1,
	  65535 },
	{ "dns-upstream", 0, OPT_TEXT, AT(dns_upstream_text), "list",
	  "up to 8 resolvers, IP[:port] separated by commas (default: those of /etc/resolv.conf)" },
	{ "dns-rate-limit", 0, OPT_TEXT, AT(dns_rate_text), "qps/burst",
	  "queries per second and burst of one container or jail, 0 for none (default 200/1000)" },
	{ "dns-tunnel-guard", 0, OPT_CHOICE, AT(dns_guard), NULL,
	  "what to do with data tunnelled in names below an allowed suffix (default block)", 0, 0,
	  guard_choices },
	{ "dns-0x20", 0, OPT_CHOICE, AT(dns_0x20), NULL,
	  "random letter case in upstream questions (default auto: all but loopback resolvers)", 0,
	  0, case_choices },
	{ "proxy-addr", 0, OPT_TEXT, AT(proxy_text), "ip:port",
	  "address of the proxy (default: first gateway of the subnet block, port 8080)" },
	{ "no-proxy", 0, OPT_FLAG, AT(no_proxy), NULL, "run without the HTTP proxy" },
	{ "proxy-ech", 0, OPT_CHOICE, AT(ech_block), NULL,
	  "encrypted ClientHello whose outer name is the allowed one (default allow)", 0, 0,
	  ech_choices },
	{ "agent-rule-rate", 0, OPT_TEXT, AT(agent_rule_text), "count/secs",
	  "rule requests of one container or jail in a sliding window (default 10/60)" },
	{ "state-dir", 0, OPT_TEXT, AT(state_dir), "path",
	  "state of the daemon (default /var/lib/outcall)" },
	{ "docker-socket", 0, OPT_TEXT, AT(docker_socket), "path",
	  "socket of the Docker Engine (default: $DOCKER_HOST, or /var/run/docker.sock)" },
	{ "workers", 0, OPT_NUMBER, AT(workers), "n",
	  "data-plane threads (default: online CPUs, at most 4)", 1, 64 },
	{ "event-ring", 0, OPT_NUMBER, AT(event_ring), "n",
	  "verdicts kept for `outcall events` (default 4096)", 0, 65536 },
	{ "log-level", 0, OPT_TEXT, AT(log_level), "spec",
	  "error, warn, info, debug, trace, or target=level,... (default info, or $OUTCALL_LOG)" },
	{ "log-format", 0, OPT_CHOICE, AT(log_format), NULL, "form of the log lines (default text)",
	  0, 0, format_choices },
	{ "log-redact-hostnames", 0, OPT_FLAG, AT(log_redact), NULL,
	  "write keyed hashes instead of host names" },
	{ "check", 0, OPT_FLAG, AT(check), NULL,
	  "check flags and rules, change nothing, exit 0 or 1" },
	{ "version", 'V', OPT_FLAG, AT(version), NULL, "print the version" },
	{ "help", 'h', OPT_FLAG, AT(help), NULL, "print this text" },
};

void config_usage(FILE *out)
{
	fprintf(out,
		"Usage: outcalld [options]\n"
		"\n"
		"Decides what confined processes and containers may reach: makes the bridge and its\n"
		"packet policy, filters DNS, proxies HTTP and HTTPS, by the rules in --rules-dir.\n"
		"Nothing that no rule allows gets out.  Logs go to standard error.\n"
		"\n"
		"Options:\n");
	opts_print(out, flags, ARRAY_LEN(flags), OPTS_ALL);
	fprintf(out, "\n"
		     "Signals: TERM and INT stop, HUP reloads the rules.\n"
		     "Exit status: 0 stopped, 1 failed, 2 bad command line.\n"
		     "See also: outcall --help, outcall jail -- COMMAND\n");
}

static int parse_subnet(struct config *c, struct err *e)
{
	static const char *const private[] = { "10.0.0.0/8", "172.16.0.0/12", "192.168.0.0/16" };
	struct str text = str_of(c->subnet_text);
	struct cidr range;
	bool inside = false;

	if (!cidr_parse(text, &c->subnet_block) || !c->subnet_block.net.v4)
		return err_set(
			e, ERR_INVALID,
			"invalid --subnet-block \"%s\": must be an IPv4 prefix such as 10.200.0.0/16",
			c->subnet_text);
	if (c->subnet_block.bits > 24)
		return err_set(e, ERR_INVALID,
			       "invalid --subnet-block \"%s\": the prefix may be at most /24",
			       c->subnet_text);
	if (!ip_eq(cidr_masked(c->subnet_block), c->subnet_block.net))
		return err_set(e, ERR_INVALID, "invalid --subnet-block \"%s\": host bits are set",
			       c->subnet_text);
	for (size_t i = 0; i < ARRAY_LEN(private); i++)
		inside |= cidr_parse(str_of(private[i]), &range) &&
			range.bits <= c->subnet_block.bits && cidr_has(range, c->subnet_block.net);
	if (!inside)
		return err_set(
			e, ERR_INVALID,
			"invalid --subnet-block \"%s\": must lie in 10.0.0.0/8, 172.16.0.0/12 or "
			"192.168.0.0/16",
			c->subnet_text);
	c->gateway = ip_v4(ip_to_v4(c->subnet_block.net) + 1);
	return 0;
}

static int parse_upstreams(struct config *c, struct err *e)
{
	struct str rest = str_of(c->dns_upstream_text), part;

	if (!c->dns_upstream_text)
		return 0;
	c->upstreams_given = true;
	while (str_split(&rest, ',', &part)) {
		struct endpoint ep;

		if (!endpoint_parse(part, 53, &ep) || ip_is_zero(ep.ip))
			return err_set(e, ERR_INVALID,
				       "invalid --dns-upstream entry \"" STR_FMT "\"",
				       STR_ARG(part));
		if (c->upstreams.cnt == UPSTREAMS_MAX)
			return err_set(e, ERR_INVALID,
				       "invalid --dns-upstream \"%s\": at most %d resolvers",
				       c->dns_upstream_text, UPSTREAMS_MAX);
		c->upstreams.ep[c->upstreams.cnt++] = ep;
	}
	return 0;
}

static int parse_rate(struct config *c, struct err *e)
{
	struct str text = str_of(c->dns_rate_text);
	size_t slash = str_find_byte(text, '/');
	uint64_t qps, burst;

	if (str_eq_c(text, "0"))
		return 0;
	if (slash == SIZE_MAX || !num_u64(str_first(text, slash), 1000000, &qps) || qps == 0 ||
	    !num_u64(str_from(text, slash + 1), 1000000, &burst) || burst == 0)
		return err_set(e, ERR_INVALID,
			       "invalid --dns-rate-limit \"%s\": must be <qps>/<burst> or 0",
			       c->dns_rate_text);
	c->dns_qps = (uint32_t)qps;
	c->dns_burst = (uint32_t)burst;
	return 0;
}

/* S004, flags. */
static int parse_window(const char *text, uint32_t *cnt, uint32_t *secs, struct err *e)
{
	struct str s = str_of(text);
	size_t slash = str_find_byte(s, '/');
	uint64_t c, w;

	if (slash == SIZE_MAX)
		return err_set(e, ERR_INVALID,
			       "invalid rate limit \"%s\"; expected <count>/<seconds>", text);
	if (str_rfind_byte(s, '/') != slash)
		return err_set(e, ERR_INVALID,
			       "invalid rate limit \"%s\"; expected exactly one '/'", text);
	if (!num_u64(str_first(s, slash), UINT64_MAX, &c))
		return err_set(e, ERR_INVALID, "invalid rate-limit count in \"%s\"", text);
	if (!num_u64(str_from(s, slash + 1), UINT64_MAX, &w))
		return err_set(e, ERR_INVALID, "invalid rate-limit window in \"%s\"", text);
	if (c == 0 || c > 1000000)
		return err_set(e, ERR_INVALID, "rate-limit count must be between 1 and 1000000");
	if (w == 0 || w > 86400)
		return err_set(e, ERR_INVALID,
			       "rate-limit window must be between 1 and 86400 seconds");
	*cnt = (uint32_t)c;
	*secs = (uint32_t)w;
	return 0;
}

static int parse_listeners(struct config *c, struct err *e)
{
	c->dns = (struct endpoint){ c->gateway, (uint16_t)c->dns_port };
	c->proxy = (struct endpoint){ c->gateway, PROXY_DEFAULT_PORT };
	if (c->dns_listen_text && !ip_parse_v4(str_of(c->dns_listen_text), &c->dns.ip))
		return err_set(e, ERR_INVALID,
			       "invalid DNS listen address: \"%s\" is not an IPv4 address",
			       c->dns_listen_text);
	if (ip_is_zero(c->dns.ip))
		return err_set(e, ERR_INVALID,
			       "invalid DNS listen address: 0.0.0.0 is every address; name one");
	if (c->proxy_text &&
	    (!endpoint_parse(str_of(c->proxy_text), 0, &c->proxy) || !c->proxy.ip.v4))
		return err_set(e, ERR_INVALID, "invalid --proxy-addr: \"%s\" is not <ipv4>:<port>",
			       c->proxy_text);
	if (c->proxy.port == 0)
		return err_set(e, ERR_INVALID, "proxy listener must use a fixed, non-zero port");
	for (uint8_t i = 0; i < c->upstreams.cnt; i++)
		if (ip_eq(c->upstreams.ep[i].ip, c->dns.ip) &&
		    c->upstreams.ep[i].port == c->dns.port)
			return err_set(
				e, ERR_INVALID,
				"invalid --dns-upstream \"%s\": it names the DNS filter itself",
				c->dns_upstream_text);
	return 0;
}

static int check_paths(const struct config *c, struct err *e)
{
	if (c->socket[0] != '/')
		return err_set(e, ERR_INVALID, "host and agent socket paths must be absolute");
	if (strlen(c->socket) > SOCKET_PATH_MAX)
		return err_set(e, ERR_INVALID, "invalid --socket: the path is longer than %d bytes",
			       SOCKET_PATH_MAX);
	if (c->docker_socket && (c->docker_socket[0] != '/' ||
				 strlen(c->docker_socket) > SOCKET_PATH_MAX))
		return err_set(e, ERR_INVALID,
			       "invalid --docker-socket \"%s\": must be an absolute path of at most %d bytes",
			       c->docker_socket, SOCKET_PATH_MAX);
	if (c->rules_dir[0] == '\0')
		return err_set(e, ERR_INVALID, "invalid --rules-dir: the path is empty");
	return 0;
}

static uint64_t default_workers(void)
{
	long online = sysconf(_SC_NPROCESSORS_ONLN);

	return online < 1 ? 1 : MIN((uint64_t)online, (uint64_t)4);
}

int config_parse(struct config *c, int argc, char **argv, struct err *e)
{
	struct opts_found found;

	*c = (struct config){
		.socket = DEFAULT_HOST_SOCKET,
		.bridge = DEFAULT_BRIDGE_NAME,
		.rules_dir = DEFAULT_RULES_DIR,
		.state_dir = DEFAULT_STATE_DIR,
		.subnet_text = SUBNET_BLOCK,
		.dns_rate_text = "200/1000",
		.agent_rule_text = "10/60",
		.dns_guard = GUARD_BLOCK,
		.operator_uid = CONFIG_UNSET,
		.operator_gid = CONFIG_UNSET,
		.dns_port = DNS_DEFAULT_PORT,
		.event_ring = 4096,
		.workers = default_workers(),
	};
	if (opts_parse(flags, ARRAY_LEN(flags), c, argc, argv, &found, e) < 0)
		return -1;
	if (c->help || c->version)
		return 0;
	if (found.operand_cnt > 0)
		return err_set(e, ERR_INVALID, "unexpected argument \"%s\"", found.operands[0]);
	if (check_paths(c, e) < 0 || parse_subnet(c, e) < 0 || parse_upstreams(c, e) < 0 ||
	    parse_rate(c, e) < 0 ||
	    parse_window(c->agent_rule_text, &c->agent_rule_cnt, &c->agent_rule_secs, e) < 0)
		return -1;
	return parse_listeners(c, e);
}
