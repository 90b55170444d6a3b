/* requests.h - rule files that agents propose: the queue, its state file, approve and reject
 *
 * Layer: host.  Memory: one arena of at most twice the state file.  Threads: control thread.
 * Spec: S003 1.1, 1.5, S003-FR-024 to -026, S004-IF-003, S004 "State file", operations section 11.
 *
 * What is accepted or decided is on disk before the function returns, and memory follows the disk.
 */
#ifndef OC_HOST_REQUESTS_H
#define OC_HOST_REQUESTS_H

#include <limits.h>

#include "host/ratelimit.h"
#include "host/rules.h"
#include "proto/rule.h"

/* S003 1.1 */
#define REQUESTS_MAX 10000
#define REQUESTS_FILE_MAX ((size_t)16 << 20)
#define REQUEST_RULE_FILE_MAX 65536
#define REQUEST_REASON_MAX 1024
#define REQUEST_CONTAINER_MAX 128
#define REQUEST_ID_LEN 15	/* "rr-" and 12 hex digits */

/* How an approval reaches the live policy. */
struct requests_policy {
	/* S003 1.8: the whole directory, whatever has changed */
	int (*reload)(void *daemon, struct err *e);
	/* Puts the remembered set in force again and takes it over; derived state is flushed as by
	 * a reload. */
	int (*restore)(void *daemon, struct rules_saved *saved, struct err *e);
};

struct requests_config {
	const char *state_dir;		/* exists, is safe; see requests_open */
	struct rules *rules;		/* initialised before the first submission or decision */
	const char *rules_dir;
	const struct requests_policy *policy;
	void *daemon;
	struct rate rate;		/* submissions of one container */
};

struct requests {
	struct requests_config cfg;
	char path[PATH_MAX];		/* of the state file */
	struct arena arena;		/* holds v and its texts; replaced by every change */
	struct rule_request_entry *v;	/* sorted by id */
	uint32_t cnt;
	struct ratelimit limit;
	bool busy;			/* a decision is under way */
	bool opened;
};

/* Reads the state file; none is an empty queue. One that is malformed, oversized, no real file, or
 * writable by others is an error, as is an unsafe directory. Takes back approvals that a crash
 * interrupted: their rule file is removed, they stay pending. */
int requests_open(struct requests *r, const struct requests_config *cfg, struct err *e) NODISCARD;
void requests_close(struct requests *r);

struct request_submission {
	struct str container_id;	/* verified by the caller */
	struct str container_name;	/* agent.name of a jail; p NULL: not known */
	struct str rule_file;
};

struct request_receipt {
	char id[REQUEST_ID_LEN + 1];
	uint32_t wait_s;		/* ERR_LIMIT: for Retry-After */
};

/* Queues a rule file. ERR_LIMIT: too many of this container (429); ERR_INVALID: "invalid rule file:
 * ..." (422); everything else is ours (500). Message texts are those of S004-IF-003. */
int requests_submit(struct requests *r, const struct request_submission *s,
		    struct request_receipt *out, struct err *e) NODISCARD;

/* "rr-" and 12 lower-case hex digits. */
bool requests_is_id(struct str id);
/* Valid until the next change; NULL: unknown. */
const struct rule_request_entry *requests_get(const struct requests *r, struct str id);

/* Writes the rule file, reloads, marks and persists (S003 1.5); all of it is undone on failure.
 * ERR_NOT_FOUND, ERR_CONFLICT, otherwise ERR_INTERNAL (500). *rules: rules in force. */
int requests_approve(struct requests *r, struct str id, uint32_t by_uid, uint32_t *rules,
		     struct err *e) NODISCARD;
/* reason p NULL: none given. ERR_INVALID: the reason is bad (422); others as above. */
int requests_reject(struct requests *r, struct str id, uint32_t by_uid, struct str reason,
		    struct err *e) NODISCARD;

/* --- requests_state.c --- */

/* Parses the text of a state file; entries, sorted, and their texts lie in a. */
int requests_read(struct str text, struct arena *a, struct rule_request_entry **out, uint32_t *cnt,
		  struct err *e) NODISCARD;
/* The text of a state file; false when it would exceed REQUESTS_FILE_MAX. */
bool requests_write(const struct rule_request_entry *v, uint32_t cnt, struct buf *out) NODISCARD;
/* NULL, or what is wrong with a rejection reason (texts of S003 1.5). */
const char *requests_reason_fault(struct str reason);
bool requests_is_container(struct str id);
/* Texts become copies in a; false without memory. */
bool requests_keep_texts(struct arena *a, struct rule_request_entry *q) NODISCARD;

#endif
