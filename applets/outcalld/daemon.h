/* daemon.h - everything the control thread owns, and what it can be asked to do
 *
 * Layer: applets (outcalld).  Memory: one struct, zeroed, for the life of the process.
 * Threads: control only; workers see the snapshot boxes, the mailboxes and the counters.
 * Spec: design section 7, S000 section 11.
 */
#ifndef OC_OUTCALLD_DAEMON_H
#define OC_OUTCALLD_DAEMON_H

#include "api/events.h"
#include "api/host_api.h"
#include "api/server.h"
#include "data/dnscache.h"
#include "data/dnsguard.h"
#include "host/bridge.h"
#include "host/dynkern.h"
#include "host/ident.h"
#include "host/jail.h"
#include "host/requests.h"
#include "host/rules.h"
#include "outcalld/config.h"
#include "outcalld/worker.h"
#include "sys/jobs.h"
#include "sys/lockfile.h"

/* Event kinds of the control loop; control.c has one function for each. */
enum control_kind {
	CONTROL_SIGNAL = 0,
	CONTROL_INBOX,
	CONTROL_NFT,		/* somebody changed the rule set of the kernel */
	CONTROL_LINKS,		/* links or addresses changed */
	CONTROL_RULES_DIR,	/* inotify */
	CONTROL_API_LISTEN,
	CONTROL_API_CONN,
	CONTROL_JOBS,		/* a job has ended, or wants something done */
	CONTROL_KIND_COUNT
};

enum control_tmo {
	/* 5 s: resolver file, hosts file, a rules directory that is missing */
	CONTROL_TMO_TICK = 0,
	CONTROL_TMO_SETTLE,	/* 300 ms after the last change of a rule file (D21) */
	CONTROL_TMO_TABLE,	/* 50 ms: try again to restore the table (D27) */
	CONTROL_TMO_SWEEP,	/* 1 s: grants that have run out or must be renewed (S009) */
	CONTROL_TMO_COUNT
};

/* A file that is read again when it changes. */
struct watched_file {
	const char *path;
	int64_t mtime_ns, size;
	uint64_t inode;
};

/* A grant to a name that is being resolved (S009-IF-003). */
#define GRANT_WAITING_MAX 16
struct grant_waiting {
	bool used, repeated;
	uint32_t gen;
	uint64_t deadline_ms;
	struct api_ref ref;
	struct dyn_wish wish;
};

struct daemon {
	struct config cfg;
	struct data_config data;
	struct data_ifset ifs;
	struct lockfile lock;

	struct snap_box rules_box, idents_box, hosts_box;
	struct rules rules;
	struct requests requests;
	struct rules_fresh first_rules;		/* checked at start, before the kernel is touched */
	struct bridge bridge;
	bool bridge_open;
	struct jails jails;
	struct dynkern dynkern;
	struct dyn dyn;
	struct grant_waiting grant_waiting[GRANT_WAITING_MAX];
	unsigned sweeps;
	struct ident_index idents;

	struct jobs jobs;			/* what must wait for somebody else (D10) */
	int jobs_stop_fd;			/* readable when they shall end */
	struct docker docker;			/* copied by every job that calls the Engine */

	struct ev_loop loop;
	struct tmo_set tmo;
	struct tmo tick, settle, table_retry, sweep;
	struct mbox inbox;
	int signal_fd, inotify_fd, rules_watch;
	struct watched_file resolv_conf, hosts_file;
	struct upstreams upstreams;

	struct dnscache *cache;
	struct dnsguard *guard;
	struct worker_thread *workers;		/* cfg.workers of them */
	struct mbox **inboxes;
	struct worker_stats *stats;
	bool workers_running;
	uint64_t seq;				/* of the last command that is acknowledged */
	unsigned acks_left;

	int api_fd;
	struct api_config api_config;
	struct api_server api;
	bool api_open, socket_made;
	struct host_api host_api;
	struct event_log events;
	int64_t started_us;
	uint64_t started_ms;
	bool stop, stop_at_once;
};

/* ---- boot.c ---- */

struct daemon *daemon_new(const struct config *c) NODISCARD;	/* NULL without memory */
void daemon_free(struct daemon *d);

/* Start, loop, stop; the exit status. */
int daemon_run(struct daemon *d);
/* --check: flags and rules only. */
int daemon_check(struct daemon *d);

/* ---- dataplane.c ---- */

/* Opens the listeners of every worker, makes and starts the workers. Nothing is left on failure. */
int dataplane_start(struct daemon *d, struct err *e) NODISCARD;
/* Drains (unless at_once), stops, joins, closes. Safe when not running. */
void dataplane_stop(struct daemon *d, bool at_once);
/* Posts cmd to every worker and waits until all have acknowledged it, at most wait_ms. */
int dataplane_sync(struct daemon *d, enum worker_cmd cmd, int wait_ms, struct err *e) NODISCARD;
/* Posts without waiting. */
void dataplane_tell(struct daemon *d, const struct worker_msg *msg);
/* Takes what waits in the control mailbox. */
void dataplane_drain_inbox(struct daemon *d);

/* ---- state.c: what is published to the workers ---- */

int state_publish_idents(struct daemon *d, struct err *e) NODISCARD;
int state_publish_hosts(struct daemon *d, struct err *e) NODISCARD;
void state_refresh_interfaces(struct daemon *d);
/* Reads the resolver file anew when the flags name no resolver; true when the list changed. */
bool state_read_upstreams(struct daemon *d);
bool watched_file_changed(struct watched_file *f);

/* ---- control.c: operations; each leaves the state consistent on failure ---- */

int control_open(struct daemon *d, struct err *e) NODISCARD;
void control_close(struct daemon *d);
int control_loop(struct daemon *d, struct err *e) NODISCARD;
/* A set is in force: what it is, and its warnings, to the log. */
void control_log_rules(const struct daemon *d, uint64_t generation, unsigned revoked,
		       size_t cached);
/* S003 1.8. unchanged_ok: byte-identical files are no reload (D21); *done tells whether one was
 * made. */
int control_reload(struct daemon *d, bool unchanged_ok, bool *done, struct err *e) NODISCARD;
/* Puts a remembered set in force again (S003 1.5); -1: but grants of the other one may be open. */
int control_restore(struct daemon *d, struct rules_saved *saved, struct err *e) NODISCARD;

/* ---- grants.c: dynamic rules (S009) ---- */

int grants_open(struct daemon *d, struct err *e) NODISCARD;
void grants_close(struct daemon *d);
enum host_api_done grants_insert(void *daemon, const struct dyn_request *rq, struct api_ref ref,
				 uint64_t *number, struct err *e);
int grants_flush(void *daemon, unsigned *removed, struct err *e);
/* What workers say: the DNS filter wants grants; a name was resolved. */
void grants_on_request(struct daemon *d, const struct control_msg *msg);
void grants_on_resolved(struct daemon *d, const struct control_msg *msg);
/* A jail or container has ended. */
void grants_end_of(struct daemon *d, const char *container);
/* The Engine cannot be asked any more: jails keep theirs. */
void grants_end_of_containers(struct daemon *d, const char *why);
/* Identities were published: grants follow the addresses. */
void grants_follow_owners(struct daemon *d);
/* The table was made anew: nothing is open any more. */
void grants_forget(struct daemon *d);
/* Every second. */
void grants_sweep(struct daemon *d);

/* ---- engine.c: the Docker Engine ---- */

/* Starts the job threads, one of which follows the Engine; waits for nobody. */
int engine_open(struct daemon *d, struct err *e) NODISCARD;
/* Ends calls under way and the threads. Safe when not open. */
void engine_close(struct daemon *d);
/* A worker met a source that no table holds. */
void engine_on_miss(struct daemon *d);

/* ---- operations.c: what the host API asks for ---- */

/* How approvals reach the live policy. */
extern const struct requests_policy operations_policy;
/* Takes over api_fd and answers from now on. */
int operations_open(struct daemon *d, struct err *e) NODISCARD;
/* Finishes what runs (at most 5 s), then closes. */
void operations_close(struct daemon *d);
/* Long polls that wait for events: for the loop, as the functions of api/server.h. */
int operations_wait_ms(const struct daemon *d);
void operations_expire(struct daemon *d);

/* The group of that name in /etc/group, read by a bounded reader of our own (S000-X-009). */
bool group_find(const char *name, gid_t *out) NODISCARD;

#endif
