/* requests.c - rule files that agents propose: the queue, its state file, approve and reject
 *
 * Layer: host.  Input: hostile (submissions, the state file).  Memory: one arena per state.
 * Threads: control thread.
 * Spec: S003 1.1, 1.5, S003-FR-024 to -026, S004-IF-003, S004 "State file", operations section 11.
 *
 * Theory of operation: every change makes a complete copy of the state, writes it, and only then
 * puts it in the place of the old one; whatever fails, memory is as before and the old state is
 * written back.  An approval is the one change of two files: rule file first, then the set is
 * loaded, then the state is written.  Each failure undoes the steps before it.  After a crash in
 * between, the request is pending and its rule file is there: the next start removes the file, so
 * that a rule decides for good only when its request is marked approved.
 */
#include <errno.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/log.h"
#include "base/rnd.h"
#include "host/requests.h"
#include "policy/ruleset.h"
#include "proto/paths.h"
#include "sys/file.h"

/* Entries and texts of the largest state; texts are shorter than their JSON form. */
#define STATE_MEMORY_MAX (REQUESTS_FILE_MAX + (size_t)(8 << 20))
#define ID_TRIES 8	/* two equal ids in 2^48 are luck enough */

struct change {			/* the state to be */
	struct arena arena;
	struct rule_request_entry *v;
	uint32_t cnt;
};

/* --- finding ---------------------------------------------------------------------------------- */

/* Where id is, or would be. */
static uint32_t place_of(const struct rule_request_entry *v, uint32_t cnt, struct str id)
{
	uint32_t low = 0, high = cnt;

	while (low < high) {
		uint32_t mid = low + (high - low) / 2;

		if (str_cmp(v[mid].id, id) < 0)
			low = mid + 1;
		else
			high = mid;
	}
	return low;
}

static struct rule_request_entry *find(struct rule_request_entry *v, uint32_t cnt, struct str id)
{
	uint32_t at = place_of(v, cnt, id);

	return at < cnt && str_eq(v[at].id, id) ? &v[at] : NULL;
}

const struct rule_request_entry *requests_get(const struct requests *r, struct str id)
{
	return find(r->v, r->cnt, id);
}

/* --- changing --------------------------------------------------------------------------------- */

static bool copy_entry(struct change *c, const struct rule_request_entry *from, uint32_t at)
{
	c->v[at] = *from;
	return requests_keep_texts(&c->arena, &c->v[at]);
}

/* A copy of the state with room for one more; without the decided entries if they must go. */
static int begin(const struct requests *r, bool prune, struct change *c, struct err *e)
{
	*c = (struct change){ .cnt = 0 };
	arena_init(&c->arena, STATE_MEMORY_MAX);
	c->v = ARENA_NEW_N(&c->arena, struct rule_request_entry, r->cnt + (size_t)1);
	for (uint32_t i = 0; c->v && i < r->cnt; i++) {
		if (prune && r->v[i].status != API_REQUEST_PENDING)
			continue;
		if (!copy_entry(c, &r->v[i], c->cnt++))
			c->v = NULL;
	}
	if (c->v)
		return 0;
	arena_fini(&c->arena);
	return err_set(e, ERR_NOMEM, "no memory for the rule requests");
}

static int save(const char *path, const struct rule_request_entry *v, uint32_t cnt, struct err *e)
{
	struct arena a;
	struct buf text;
	char *mem;
	int rc;

	if (arena_init_fixed(&a, REQUESTS_FILE_MAX + 64) < 0)
		return err_set(e, ERR_NOMEM, "no memory to write %s", path);
	mem = arena_alloc(&a, REQUESTS_FILE_MAX);
	CHECK(mem);
	text = buf_on(mem, REQUESTS_FILE_MAX);
	if (requests_write(v, cnt, &text))
		rc = file_replace(path, (struct file_text){ buf_str(&text), 0600 }, e);
	else
		rc = err_set(e, ERR_LIMIT, "%s would exceed %zu bytes", path, REQUESTS_FILE_MAX);
	arena_fini(&a);
	return rc;
}

/* Writes c and makes it the state. On failure the state is as before, on disk too: a rename that
 * could not be synced may have happened. */
static int commit(struct requests *r, struct change *c, struct err *e)
{
	struct err again;

	if (save(r->path, c->v, c->cnt, e) < 0) {
		if (e->code != ERR_LIMIT && save(r->path, r->v, r->cnt, &again) < 0)
			log_msg(LOG_ERROR, LOG_HOST_API, "%s", again.msg);
		arena_fini(&c->arena);
		return -1;
	}
	arena_fini(&r->arena);
	r->arena = c->arena;
	r->v = c->v;
	r->cnt = c->cnt;
	return 0;
}

static struct str now_text(struct arena *a)
{
	char text[40];
	struct buf b = BUF_OF(text);

	clock_format_utc(&b, clock_wall_us(), 0);
	return arena_str(a, buf_str(&b));
}

/* --- opening ---------------------------------------------------------------------------------- */

/* In a directory that only we and root can write to, nothing is swapped between look and use. */
static int check_safe(const char *path, mode_t type, struct err *e)
{
	const char *what = type == S_IFDIR ? "directory" : "file";
	struct stat st;

	if (lstat(path, &st) < 0)
		return err_sys(e, "cannot read %s", path);
	if ((st.st_mode & S_IFMT) != type)
		return err_set(e, ERR_INVALID, "%s must be a real %s", path, what);
	if ((st.st_uid != 0 && st.st_uid != geteuid()) || (st.st_mode & 0022))
		return err_set(e, ERR_DENIED,
			       "%s must belong to root or the daemon's user and be writable by "
			       "nobody else",
			       path);
	return 0;
}

static int rule_file_path(const struct requests *r, struct str id, char *out, struct err *e)
{
	struct buf b = buf_on(out, PATH_MAX);

	buf_printf(&b, "%s/agent-" STR_FMT ".yaml", r->cfg.rules_dir, STR_ARG(id));
	(void)buf_c(&b);
	return buf_ok(&b) ? 0 : err_set(e, ERR_INVALID, "%s is too long", r->cfg.rules_dir);
}

/* Of an approval that a crash interrupted. A file of other content is not ours. */
static int take_back(const struct requests *r, const struct rule_request_entry *q, struct err *e)
{
	char path[PATH_MAX];
	struct err none;
	struct arena a;
	struct str text;
	bool ours;

	if (q->status != API_REQUEST_PENDING)
		return 0;
	if (rule_file_path(r, q->id, path, e) < 0)
		return -1;
	arena_init(&a, (size_t)4 * REQUEST_RULE_FILE_MAX);
	ours = file_read(path, REQUEST_RULE_FILE_MAX, &a, &text, &none) == 0 &&
	       str_eq(text, q->rule_file);
	arena_fini(&a);
	if (!ours)
		return 0;
	if (file_remove(path, e) < 0)
		return err_ctx(e, "an approval of rule request \"" STR_FMT "\" was interrupted",
			       STR_ARG(q->id));
	log_msg(LOG_WARN, LOG_HOST_API,
		"an approval of rule request \"" STR_FMT "\" was interrupted; it is pending again",
		STR_ARG(q->id));
	return 0;
}

static int load(struct requests *r, struct err *e)
{
	struct arena a;
	struct str text;
	int rc = -1;

	if (check_safe(r->cfg.state_dir, S_IFDIR, e) < 0)
		return -1;
	if (check_safe(r->path, S_IFREG, e) < 0)
		return e->code == ERR_NOT_FOUND ? 0 : -1;
	arena_init(&a, 4 * REQUESTS_FILE_MAX);
	if (file_read(r->path, REQUESTS_FILE_MAX, &a, &text, e) == 0) {
		rc = requests_read(text, &r->arena, &r->v, &r->cnt, e);
		if (rc < 0)
			err_ctx(e, "%s is damaged (repair it, or move it away to start with an "
				   "empty queue)", r->path);
	}
	arena_fini(&a);
	return rc;
}

int requests_open(struct requests *r, const struct requests_config *cfg, struct err *e)
{
	struct buf path = buf_on(r->path, sizeof(r->path));
	int rc;

	*r = (struct requests){ .cfg = *cfg };
	buf_printf(&path, "%s/" RULE_REQUESTS_FILE, cfg->state_dir);
	(void)buf_c(&path);
	if (!buf_ok(&path))
		return err_set(e, ERR_INVALID, "%s is too long", cfg->state_dir);
	if (ratelimit_open(&r->limit, cfg->rate) < 0)
		return err_set(e, ERR_NOMEM, "no memory for the rule requests");
	arena_init(&r->arena, STATE_MEMORY_MAX);
	r->opened = true;
	rc = load(r, e);
	for (uint32_t i = 0; rc == 0 && i < r->cnt; i++)
		rc = take_back(r, &r->v[i], e);
	if (rc < 0)
		requests_close(r);
	return rc;
}

void requests_close(struct requests *r)
{
	if (!r->opened)
		return;
	ratelimit_close(&r->limit);
	arena_fini(&r->arena);
	r->v = NULL;
	r->cnt = 0;
	r->opened = false;
}

/* --- submitting ------------------------------------------------------------------------------- */

static int check_submission(struct requests *r, const struct request_submission *s, struct err *e)
{
	if (!requests_is_container(s->container_id) ||
	    (s->container_name.p && !requests_is_container(s->container_name)))
		return err_set(e, ERR_INTERNAL, "failed to persist rule request");
	if (s->rule_file.len == 0 || s->rule_file.len > REQUEST_RULE_FILE_MAX)
		err_set(e, ERR_INVALID, "rule file must contain 1 to 65536 bytes");
	else if (str_find_byte(s->rule_file, '\0') != SIZE_MAX)
		err_set(e, ERR_INVALID, "rule file must not contain NUL bytes");
	else if (rules_check_submission(r->cfg.rules, s->rule_file, e) == 0)
		return 0;
	e->code = ERR_INVALID;
	return err_ctx(e, "invalid rule file");
}

static int draw_id(const struct requests *r, char *id, struct err *e)
{
	struct err cause;

	memcpy(id, "rr-", 3);
	for (unsigned i = 0; i < ID_TRIES; i++) {
		if (rnd_hex(id + 3, 6, &cause) < 0)
			break;
		if (!requests_get(r, str_of(id)))
			return 0;
	}
	return err_set(e, ERR_INTERNAL, "secure request ID generation unavailable");
}

static int insert(struct requests *r, const struct rule_request_entry *q, bool prune, struct err *e)
{
	struct change c;
	uint32_t at;

	if (begin(r, prune, &c, e) < 0)
		return -1;
	at = place_of(c.v, c.cnt, q->id);
	memmove(&c.v[at + 1], &c.v[at], (c.cnt - at) * sizeof(*c.v));
	if (c.cnt >= REQUESTS_MAX || !copy_entry(&c, q, at)) {
		arena_fini(&c.arena);
		return err_set(e, ERR_LIMIT, "the queue is full (%d requests, %zu bytes)",
			       REQUESTS_MAX, REQUESTS_FILE_MAX);
	}
	c.cnt++;
	return commit(r, &c, e);
}

static void log_submitted(const struct rule_request_entry *q)
{
	struct log_line l;

	if (!log_begin(&l, LOG_INFO, LOG_AGENT_API, "rule request submitted"))
		return;
	log_str(&l, "container_id", q->container_id);
	log_str(&l, "request_id", q->id);
	log_c(&l, "status", "pending");
	log_end(&l);
}

int requests_submit(struct requests *r, const struct request_submission *s,
		    struct request_receipt *out, struct err *e)
{
	struct rule_request_entry q = { .container_id = s->container_id,
					.container_name = s->container_name,
					.rule_file = s->rule_file };
	char at[40];
	struct buf b = BUF_OF(at);
	struct err cause;

	if (s->container_id.len <= RATE_SOURCE_LEN &&
	    !ratelimit_take(&r->limit, s->container_id, clock_mono_ms(), &out->wait_s))
		return err_set(e, ERR_LIMIT, "rate limit exceeded for container " STR_FMT,
			       STR_ARG(s->container_id));
	if (check_submission(r, s, e) < 0 || draw_id(r, out->id, e) < 0)
		return -1;
	if (r->busy)	/* the state must not change under a decision */
		return err_set(e, ERR_INTERNAL, "failed to persist rule request");
	clock_format_utc(&b, clock_wall_us(), 0);
	q.id = str_of(out->id);
	q.submitted_at = buf_str(&b);
	if (insert(r, &q, false, &cause) < 0 &&
	    (cause.code != ERR_LIMIT || insert(r, &q, true, &cause) < 0)) {
		log_msg(LOG_ERROR, LOG_AGENT_API, "failed to persist rule request: %s", cause.msg);
		return err_set(e, ERR_INTERNAL, "failed to persist rule request");
	}
	log_submitted(&q);
	return 0;
}

/* --- deciding --------------------------------------------------------------------------------- */

struct decision {
	unsigned status;	/* enum api_request_status */
	struct str reason;
	uint32_t by_uid;
};

static void log_decision(struct str id, const struct decision *d)
{
	struct log_line l;

	if (!log_begin(&l, LOG_INFO, LOG_HOST_API, "rule request decided"))
		return;
	log_str(&l, "request_id", id);
	log_c(&l, "status", api_request_status_names[d->status]);
	log_u64(&l, "uid", d->by_uid);
	log_end(&l);
}

static int decide(struct requests *r, struct str id, const struct decision *d, struct err *e)
{
	struct rule_request_entry *q;
	struct change c;

	if (begin(r, false, &c, e) < 0)
		return -1;
	q = find(c.v, c.cnt, id);
	CHECK(q);
	q->status = d->status;
	q->rule_file = STR("");
	q->reason = d->reason.p ? arena_str(&c.arena, d->reason) : d->reason;
	q->decided_at = now_text(&c.arena);
	q->decided_by_uid = d->by_uid;
	q->has_decided_by_uid = true;
	if (!q->decided_at.p || (d->reason.p && !q->reason.p)) {
		arena_fini(&c.arena);
		return err_set(e, ERR_NOMEM, "no memory for the rule requests");
	}
	if (commit(r, &c, e) < 0)
		return -1;
	log_decision(q->id, d);	/* id may have been of the state that is gone */
	return 0;
}

static const struct rule_request_entry *known(struct requests *r, struct str id, struct err *e)
{
	const struct rule_request_entry *q = requests_get(r, id);

	if (!q)
		err_set(e, ERR_NOT_FOUND, "rule request \"" STR_FMT "\" not found", STR_ARG(id));
	else if (r->busy)	/* a pipelined request can come while a reload waits for workers */
		err_set(e, ERR_CONFLICT, "another rule request is being decided; try again");
	else
		return q;
	return NULL;
}

static int fail_reload(struct requests *r, const char *path, const struct rules_saved *saved,
		       const struct err *why, struct err *e)
{
	const char *name = strrchr(path, '/') + 1;
	struct err undo;
	bool removed = file_remove(path, &undo) == 0;

	if (removed)	/* the directory is as before, and so is what readiness says of it */
		memcpy(r->cfg.rules->error, saved->error, sizeof(saved->error));
	return err_set(e, ERR_INTERNAL,
		       "rule engine reload failed after writing \"%s\": %s%s%s", name, why->msg,
		       removed ? "" : "; failed to remove staged rule file: ",
		       removed ? "" : undo.msg);
}

static int fail_persist(struct requests *r, const char *path, struct rules_saved *saved,
			const struct err *why, struct err *e)
{
	bool clean = true;
	struct err undo;

	log_msg(LOG_ERROR, LOG_HOST_API, "failed to persist rule approval: %s", why->msg);
	if (file_remove(path, &undo) < 0) {
		log_msg(LOG_ERROR, LOG_HOST_API, "failed to remove staged rule file: %s", undo.msg);
		clean = false;
	}
	if (r->cfg.policy->restore(r->cfg.daemon, saved, &undo) < 0) {
		log_msg(LOG_ERROR, LOG_HOST_API, "failed to restore the previous rules: %s",
			undo.msg);
		clean = false;
	}
	return err_set(e, ERR_INTERNAL, "%s",
		       clean ? "failed to persist rule approval; previous policy was restored"
			     : "failed to persist rule approval and cleanup was incomplete; inspect "
			       "daemon logs before retrying");
}

static uint32_t rules_in_force(const struct rules *rules)
{
	struct ruleset *set = (struct ruleset *)(void *)snap_current(rules->box);
	uint32_t count = set ? set->count : 0;

	if (set)
		snap_put(&set->snap);
	return count;
}

static int put_in_force(struct requests *r, const struct rule_request_entry *q, const char *path,
			const struct rules_saved *saved, struct err *e)
{
	struct file_text text = { q->rule_file, 0600 };
	struct err cause;

	if (file_create(path, text, &cause) < 0)
		return err_set(e, ERR_INTERNAL, "failed to write rule file \"%s\": %s",
			       strrchr(path, '/') + 1, cause.msg);
	if (r->cfg.policy->reload(r->cfg.daemon, &cause) < 0)
		return fail_reload(r, path, saved, &cause, e);
	return 0;
}

static int approve(struct requests *r, const struct rule_request_entry *q, uint32_t by_uid,
		   struct err *e)
{
	char reason[64], path[PATH_MAX];
	struct buf b = BUF_OF(reason);
	struct decision d = { .status = API_REQUEST_APPROVED, .by_uid = by_uid };
	struct rules_saved saved;
	struct err cause;
	int rc;

	buf_add_c(&b, "operator approved at ");
	clock_format_utc(&b, clock_wall_us(), 0);
	d.reason = buf_str(&b);
	if (rule_file_path(r, q->id, path, e) < 0)
		return -1;
	rules_remember(r->cfg.rules, &saved);
	rc = put_in_force(r, q, path, &saved, e);
	if (rc == 0 && decide(r, q->id, &d, &cause) < 0)
		rc = fail_persist(r, path, &saved, &cause, e);
	rules_forget(&saved);
	return rc;
}

int requests_approve(struct requests *r, struct str id, uint32_t by_uid, uint32_t *rules,
		     struct err *e)
{
	const struct rule_request_entry *q = known(r, id, e);
	int rc;

	if (!q)
		return -1;
	if (q->status == API_REQUEST_APPROVED)
		return err_set(e, ERR_CONFLICT, "rule request \"" STR_FMT "\" is already approved",
			       STR_ARG(id));
	if (q->status == API_REQUEST_REJECTED)
		return err_set(e, ERR_CONFLICT,
			       "rule request \"" STR_FMT "\" has already been rejected",
			       STR_ARG(id));
	r->busy = true;
	rc = approve(r, q, by_uid, e);
	r->busy = false;
	if (rc == 0)
		*rules = rules_in_force(r->cfg.rules);
	return rc;
}

int requests_reject(struct requests *r, struct str id, uint32_t by_uid, struct str reason,
		    struct err *e)
{
	const struct rule_request_entry *q = known(r, id, e);
	struct decision d = { API_REQUEST_REJECTED, reason, by_uid };
	struct err cause;

	if (!q)
		return -1;
	if (q->status != API_REQUEST_PENDING)
		return err_set(e, ERR_CONFLICT,
			       "rule request \"" STR_FMT "\" is not pending (status: %s)",
			       STR_ARG(id),
			       q->status == API_REQUEST_APPROVED ? "Approved" : "Rejected");
	if (reason.p && requests_reason_fault(reason))
		return err_set(e, ERR_INVALID, "%s", requests_reason_fault(reason));
	if (decide(r, id, &d, &cause) == 0)
		return 0;
	log_msg(LOG_ERROR, LOG_HOST_API, "failed to persist rule rejection: %s", cause.msg);
	return err_set(e, ERR_INTERNAL, "failed to persist rule rejection");
}
