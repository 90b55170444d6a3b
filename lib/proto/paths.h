/* paths.h - files, sockets and directories of the product (S000 sections 3 and 10)
 *
 * Layer: proto.
 */
#ifndef OC_PROTO_PATHS_H
#define OC_PROTO_PATHS_H

#define DEFAULT_RUN_DIR "/run/outcall"
#define DEFAULT_HOST_SOCKET "/run/outcall/host.sock"
#define DEFAULT_AGENT_SOCKET "/run/outcall/agent.sock"	/* on the host a symlink (D2) */
#define AGENT_SOCKET_NAME "agent.sock"
#define AGENT_SOCKET_DIR "/run/outcall/agent"
#define AGENT_DIR_NAME "agent"				/* beside the host socket */
#define AGENT_SOCKET_CONTAINER_DIR "/run/outcall"
#define AGENT_SOCKET_CONTAINER_PATH "/run/outcall/agent.sock"
#define SHIM_CONTAINER_PATH "/usr/local/bin/outcall"
#define LOCK_FILE_NAME "outcalld.lock"
#define DEFAULT_STATE_DIR "/var/lib/outcall"
#define RULE_REQUESTS_FILE "rule-requests.json"
#define DEFAULT_DOCKER_SOCKET "/var/run/docker.sock"
#define DEFAULT_RULES_DIR "/etc/outcall/rules.d"

#define SOCKET_PATH_MAX 107	/* sun_path without its NUL (OPS-EC-011) */

#endif
