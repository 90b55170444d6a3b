/* docker.h - the Docker Engine: blocking calls over its Unix socket, and its event stream
 *
 * Layer: host.  Memory: the caller's arena.  Threads: job threads only; each has a struct docker of
 * its own (a value: copy it).
 * Spec: S008 (Docker Engine API calls, version negotiation, event stream), S008-FR-001,
 * S008-FR-036, S008-X-001.
 *
 * What the Engine says is hostile until parsed: bounded, typed, names and ids of their grammar.
 */
#ifndef OC_HOST_DOCKER_H
#define OC_HOST_DOCKER_H

#include <sys/types.h>

#include "base/ip.h"
#include "policy/agentname.h"
#include "sys/procid.h"
#include "sys/uhttp.h"

#define DOCKER_API_MIN 41		/* 1.41: Engine 20.10 */
#define DOCKER_API_MAX 52		/* the newest that was read */
#define DOCKER_BODY_MAX ((size_t)16 << 20)
#define DOCKER_LINE_MAX ((size_t)1 << 20)	/* one object of a stream */
#define DOCKER_ARENA ((size_t)512 << 20)	/* the longest body, its copy and its tokens */
#define DOCKER_CONTAINERS_MAX 4096	/* managed ones that a list may hold */
#define DOCKER_ADDRS_MAX 2		/* IPv4 and global IPv6 */

struct docker {
	const char *socket;
	int stop_fd;		/* readable: every call ends at once; 0: none */
	unsigned minor;		/* API 1.minor; 0: not negotiated yet */
};

/* Asks which API the Engine speaks, at most 3 s, and takes the newest that both know. */
int docker_negotiate(struct docker *d, struct err *e) NODISCARD;

struct docker_call {
	const char *method;
	const char *path;	/* behind the version prefix; values percent-encoded */
	struct str body;	/* JSON; p NULL: none */
	const char *what;	/* "inspect container web": for messages */
	int timeout_s;		/* 0: 15 s */
};

struct docker_reply {
	uint16_t status;	/* below 400 */
	struct str body;	/* in the arena; empty for 204 and 304 */
};

/* One call; negotiate first. A status of 400 and more is a failure: "Docker <what> failed: ..."
 * with ERR_NOT_FOUND for 404, ERR_CONFLICT for 409, ERR_PROTO for the rest. Others: ERR_TIMEOUT,
 * ERR_UNAVAILABLE, ERR_LIMIT. */
int docker_ask(struct docker *d, const struct docker_call *c, struct arena *a,
	       struct docker_reply *out, struct err *e) NODISCARD;

/* ---- containers ---- */

struct docker_container {
	char id[PROCID_LEN + 1];
	char name[AGENT_NAME_MAX + 1];
	char network[AGENT_NAME_MAX + 1];	/* of its label; "": without */
	bool managed;			/* has the label managed-by=outcalld */
	bool running;			/* has processes: running, paused, restarting */
	bool attached;			/* to the network of its label */
	uint32_t network_cnt;		/* attachments of any kind */
	pid_t pid;			/* of its init; only from an inspect, 0: none */
	struct ip addrs[DOCKER_ADDRS_MAX];	/* on the network of its label */
	uint8_t addr_cnt;
};

struct docker_list {
	struct docker_container *v;
	size_t cnt;
};

/* All managed containers, whatever their state. One that cannot be understood is left out, with a
 * warning in the log. */
int docker_list(struct docker *d, struct arena *a, struct docker_list *out,
		struct err *e) NODISCARD;
/* ERR_NOT_FOUND: there is none. */
int docker_inspect(struct docker *d, const char *id, struct arena *a, struct docker_container *out,
		   struct err *e) NODISCARD;

/* ---- events ---- */

enum docker_event_kind {
	DOCKER_EVENT_OTHER = 0,	/* nothing that concerns a managed container */
	DOCKER_EVENT_CHANGED,	/* start, restart, unpause, rename: inspect it */
	DOCKER_EVENT_DOUBT,	/* oom, kill: it may have ended; inspect it */
	DOCKER_EVENT_ENDED,	/* die, destroy */
	DOCKER_EVENT_NETWORK,	/* id was put on a network or taken off one; it may be anybody's */
};

struct docker_event {
	enum docker_event_kind kind;
	char id[PROCID_LEN + 1];
};

struct docker_stream {
	struct uhttp_request rq;
	struct uhttp x;
	char path[256];
	struct arena line_mem, tokens;
	struct buf line;	/* an object that is not complete yet */
	struct str piece;	/* received, not yet looked at */
};

/* From now on. The stream must stay where it is until docker_events_close. */
int docker_events_open(const struct docker *d, struct docker_stream *s, struct err *e) NODISCARD;
/* Waits for the next one until the monotonic clock says until_ms: ERR_TIMEOUT then, and it may be
 * called again. Any other failure, the end of the stream included, is final. */
int docker_events_next(struct docker_stream *s, uint64_t until_ms, struct docker_event *out,
		       struct err *e) NODISCARD;
void docker_events_close(struct docker_stream *s);

/* ---- parsers, for tests ---- */

/* "1.41" -> 41; false for another major version and for what is no version. */
bool docker_parse_version(struct str text, unsigned *minor) NODISCARD;
int docker_parse_list(struct str body, struct arena *a, struct docker_list *out,
		      struct err *e) NODISCARD;
int docker_parse_inspect(struct str body, struct arena *a, struct docker_container *out,
			 struct err *e) NODISCARD;
int docker_parse_event(struct str line, struct arena *a, struct docker_event *out,
		       struct err *e) NODISCARD;

#endif
