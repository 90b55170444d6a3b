/* config.h - everything the daemon's flags decide, checked and derived
 *
 * Layer: applets (outcalld).  Memory: values point into argv.  Threads: read-only after start.
 * Spec: S000 section 9, operations section 2.
 */
#ifndef OC_OUTCALLD_CONFIG_H
#define OC_OUTCALLD_CONFIG_H

#include <stdio.h>

#include "base/err.h"
#include "base/ip.h"
#include "data/msg.h"

enum tunnel_guard { GUARD_OFF = 0, GUARD_WARN, GUARD_BLOCK };
enum case_mix { CASE_AUTO = 0, CASE_ON, CASE_OFF };

struct config {
	/* as given */
	const char *socket;
	const char *bridge;
	const char *rules_dir;
	const char *state_dir;
	const char *docker_socket;	/* NULL: $DOCKER_HOST or the default */
	const char *log_level;
	bool log_json, log_redact;
	bool no_proxy, check, version, help;
	unsigned on_exit;		/* enum on_exit_mode of host/bridge.h */
	unsigned blocked_packets;	/* 0 reject, 1 drop */
	unsigned transparent_off;	/* 0 on, 1 off */
	unsigned watch_off;		/* 0 on, 1 off */
	unsigned ech_block;		/* 0 allow, 1 block */
	unsigned dns_guard;		/* enum tunnel_guard */
	unsigned dns_0x20;		/* enum case_mix */
	unsigned log_format;		/* 0 text, 1 json */
	uint64_t operator_uid, operator_gid;	/* CONFIG_UNSET */
	uint64_t dns_port, event_ring, workers;

	/* texts that are parsed into the values below */
	const char *subnet_text, *dns_listen_text, *dns_upstream_text, *dns_rate_text, *proxy_text,
		*agent_rule_text;

	/* derived */
	struct cidr subnet_block;
	struct ip gateway;		/* first address of the block's first /24 */
	struct endpoint dns, proxy;
	struct upstreams upstreams;	/* cnt 0: from the host's resolver file */
	bool upstreams_given;
	uint32_t dns_qps, dns_burst;
	uint32_t agent_rule_cnt, agent_rule_secs;
};

#define CONFIG_UNSET UINT64_MAX

/* Parses and checks the command line. -1: *e holds the clause for the usage error (exit 2). */
int config_parse(struct config *c, int argc, char **argv, struct err *e) NODISCARD;

void config_usage(FILE *out);

#endif
