/* consts.h - names, exit codes, limits and defaults that several programs share (S000 section 3)
 *
 * Layer: proto.  Defined once (S000-FR-004); tests/unit/consts_test.c compares them with the list.
 */
#ifndef OC_PROTO_CONSTS_H
#define OC_PROTO_CONSTS_H

#include <stdint.h>

#include "gen/version.h"	/* OC_VERSION, written by the build from `git describe` */

#define UNREACHABLE_EXIT_CODE 5
#define USAGE_EXIT_CODE 2

#define DEFAULT_BRIDGE_NAME "outcall0"
#define DEFAULT_REQUEST_TIMEOUT_SECS 30
#define DEFAULT_HEARTBEAT_INTERVAL_SECS 10
#define NETWORK_PREFIX "outcall-"
#define DEFAULT_NETWORK_NAME "outcall-default"
#define SUBNET_BLOCK "10.200.0.0/16"
#define DEFAULT_SUBNET "10.200.0.0/24"
#define DEFAULT_GATEWAY "10.200.0.1"
#define OPERATOR_GROUP "outcall"

#define DNS_DEFAULT_PORT 53
#define PROXY_DEFAULT_PORT 8080

#define CONTAINER_PREFIX "outcall-agent-"
#define DEFAULT_STOP_TIMEOUT_SECS 10
#define MAX_STOP_TIMEOUT_SECS 300
#define DEFAULT_MEMORY_LIMIT INT64_C(536870912)
#define MIN_MEMORY_LIMIT INT64_C(6291456)
#define DEFAULT_CPU_SHARES 1024
#define MIN_CPU_SHARES 2
#define MAX_CPU_SHARES 262144
#define DEFAULT_PID_LIMIT 256
#define DEFAULT_CONTAINER_USER "65532:65532"
#define MANAGED_BY_LABEL "managed-by"
#define MANAGED_BY_VALUE "outcalld"
#define NETWORK_LABEL "outcall.network"
#define CREATED_AT_LABEL "outcall.created-at"
#define BRIDGE_LABEL "outcall.bridge"
#define MAX_DYNAMIC_RULE_TTL_SECS 86400
#define GRANT_LEASE_SECS 300
#define UNKNOWN_APPLET_EXIT_CODE 127
#define DOCKER_PING_TIMEOUT_SECS 3
#define DOCKER_TIMEOUT_SECS 15

#define HOST_API_BODY_LIMIT 1048576
#define HOST_API_HEAD_LIMIT 16384
#define HOST_API_RESPONSE_LIMIT 16777216

#define MAX_CONTAINER_NAME_BYTES 128
#define MAX_RULE_ID_BYTES 128
#define NETLINK_TIMEOUT_SECS 10

#endif
