/* requests_test.c - the queue of rule requests: limits, the state file, approve and reject, and what is left
 * when any step of them fails
 *
 * Spec: S003 1.1, 1.5, S003-FR-024..026, S004 "State file", operations section 11.
 */
#include "t.h"

#include <errno.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <sys/syscall.h>

#include "host/requests.h"
#include "policy/risk.h"

/* ---- faults: the next calls of these functions fail, after some that succeed ---- */

static struct fault {
	int after, times, error;
} f_fsync, f_link, f_rename, f_unlink, f_write;

static bool strikes(struct fault *f)
{
	if (f->times == 0 || f->after-- > 0)
		return false;
	f->after = 0;
	f->times--;
	errno = f->error;
	return true;
}

int fsync(int fd)
{
	return strikes(&f_fsync) ? -1 : (int)syscall(SYS_fsync, fd);
}

int linkat(int from, const char *a, int to, const char *b, int flags)
{
	return strikes(&f_link) ? -1 : (int)syscall(SYS_linkat, from, a, to, b, flags);
}

int renameat(int from, const char *a, int to, const char *b)
{
	return strikes(&f_rename) ? -1 : (int)syscall(SYS_renameat2, from, a, to, b, 0);
}

int unlinkat(int fd, const char *name, int flags)
{
	/* rule files only: temporary ones always go */
	bool rule = strncmp(name, "agent-", 6) == 0;

	return rule && strikes(&f_unlink) ? -1 : (int)syscall(SYS_unlinkat, fd, name, flags);
}

ssize_t write(int fd, const void *p, size_t n)
{
	return fd > 2 && strikes(&f_write) ? -1 : syscall(SYS_write, fd, p, n);
}

/* ---- a daemon in miniature ---- */

#define RULE(id) "version: \"1\"\nrules:\n  - {id: " id ", condition: dns.query == \"a.test\", action: allow}\n"
#define C1 "0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef"

static char dir[64];
static struct snap_box box;
static struct rules rules;
static struct requests rq;
static struct err err;
static unsigned reloads, restores;
static bool fail_restore;

static int reload(void *daemon, struct err *e)
{
	struct rules_fresh fresh;

	(void)daemon;
	if (rules_prepare(&rules, &fresh, e) < 0)
		return -1;
	(void)rules_publish(&rules, &fresh);
	reloads++;
	return 0;
}

static int restore(void *daemon, struct rules_saved *saved, struct err *e)
{
	(void)daemon;
	if (fail_restore)
		return err_set(e, ERR_IO, "cannot");
	(void)rules_restore(&rules, saved);
	restores++;
	return 0;
}

static const struct requests_policy policy = { reload, restore };
static struct requests_config cfg = {
	.state_dir = "state", .rules = &rules, .rules_dir = "rules", .policy = &policy,
	.rate = { 1000000, 60 },
};

static void put(const char *name, const char *text)
{
	FILE *f = fopen(name, "wb");

	if (!f || fputs(text, f) < 0 || fclose(f) != 0)
		FAIL("cannot write %s", name);
	OK(chmod(name, 0600) == 0);
}

static const char *content(const char *name)
{
	static char text[1 << 20];
	FILE *f = fopen(name, "rb");
	size_t n = f ? fread(text, 1, sizeof(text) - 1, f) : 0;

	if (!f)
		return NULL;
	(void)fclose(f);
	text[n] = '\0';
	return text;
}

static const char *refusal(void)	/* of a start */
{
	memset(&err, 0, sizeof(err));
	if (requests_open(&rq, &cfg, &err) < 0)
		return err.msg;
	requests_close(&rq);
	return "opened";
}

static void reopen(void)
{
	requests_close(&rq);
	if (requests_open(&rq, &cfg, &err) < 0)
		FAIL("%s", err.msg);
}

static void setup(void)
{
	struct load_opts opts = { 0 };
	char cmd[128];

	f_fsync = f_link = f_rename = f_unlink = f_write = (struct fault){ 0 };
	requests_close(&rq);
	if (dir[0]) {
		snap_box_fini(&box);
		snprintf(cmd, sizeof(cmd), "rm -rf %s", dir);
		OK(chdir("/") == 0 && system(cmd) == 0);
	}
	fail_restore = false;
	snprintf(dir, sizeof(dir), "/tmp/requests_test.XXXXXX");
	umask(022);
	OK(mkdtemp(dir) && chdir(dir) == 0 && mkdir("rules", 0755) == 0 && mkdir("state", 0700) == 0);
	OK(freopen("log", "w", stderr) != NULL);
	snap_box_init(&box);
	put("rules/10.yaml", RULE("base"));
	if (rules_init(&rules, "rules", &opts, &box, &err) < 0 || reload(NULL, &err) < 0)
		FAIL("%s", err.msg);
	reloads = restores = 0;
	reopen();
}

static struct request_receipt receipt;

static const char *submit_as(const char *container, const char *text)
{
	const struct request_submission s = { str_of(container), { NULL, 0 }, str_of(text) };

	memset(&err, 0, sizeof(err));
	return requests_submit(&rq, &s, &receipt, &err) < 0 ? err.msg : "pending";
}

static const char *submit(const char *text)
{
	return submit_as(C1, text);
}

static const char *approve(const char *id)
{
	static char text[64];
	uint32_t n;

	memset(&err, 0, sizeof(err));
	if (requests_approve(&rq, str_of(id), 7, &n, &err) < 0)
		return err.msg;
	snprintf(text, sizeof(text), "approved, %u", n);
	return text;
}

static const char *reject(const char *id, const char *reason)
{
	memset(&err, 0, sizeof(err));
	return requests_reject(&rq, str_of(id), 7, str_of(reason), &err) < 0 ? err.msg : "rejected";
}

static bool in_force(const char *id)
{
	struct ruleset *set = (struct ruleset *)(void *)snap_current(&box);
	bool found = ruleset_find(set, str_of(id)) != RULE_NONE;

	snap_put(&set->snap);
	return found;
}

static const char *rule_path(void)
{
	static char path[64];

	snprintf(path, sizeof(path), "rules/agent-%s.yaml", receipt.id);
	return path;
}

static const char *staged(void)
{
	return content(rule_path());
}

static unsigned status(void)
{
	const struct rule_request_entry *q = requests_get(&rq, str_of(receipt.id));

	return q ? q->status : 99;
}

/* Files of a directory, hidden ones too. */
static int files_in(const char *name)
{
	char cmd[128];
	FILE *p;
	int n = -1;

	snprintf(cmd, sizeof(cmd), "ls -A %s | wc -l", name);
	p = popen(cmd, "r");
	if (!p || fscanf(p, "%d", &n) != 1)
		FAIL("ls");
	(void)pclose(p);
	return n;
}

/* Nothing has happened: memory, state file, rules directory, rules in force, readiness. */
static void unchanged(void)
{
	EQ(status(), API_REQUEST_PENDING);
	OK(!staged());
	EQ(files_in("rules"), 1);
	EQ(files_in("state"), 1);
	OK(in_force("base") && !in_force("new"));
	STR_EQ(rules.error, "");
	reopen();
	EQ(status(), API_REQUEST_PENDING);
	STR_EQ(approve(receipt.id), "approved, 2");
	OK(in_force("new"));
}

/* ---- submitting ---- */

T(submission_is_on_disk_before_it_returns)	/* S003-FR-025, S003 1.1 */
{
	struct stat st;

	setup();
	STR_EQ(submit(RULE("new")), "pending");
	EQ(strlen(receipt.id), 15);
	OK(requests_is_id(str_of(receipt.id)));
	OK(stat("state/rule-requests.json", &st) == 0);
	EQ(st.st_mode & 07777, 0600);
	HAS(content("state/rule-requests.json"), receipt.id);
	OK(in_force("base") && !in_force("new"));
	EQ(reloads, 0);
	reopen();
	EQ(status(), API_REQUEST_PENDING);
	VIEW_EQ(requests_get(&rq, str_of(receipt.id))->rule_file, RULE("new"));
	VIEW_EQ(requests_get(&rq, str_of(receipt.id))->container_id, C1);
}

T(bad_submissions)	/* S003-FR-024, S004-IF-003 */
{
	static char big[REQUEST_RULE_FILE_MAX + 2];

	setup();
	STR_EQ(submit(""), "invalid rule file: rule file must contain 1 to 65536 bytes");
	memset(big, '#', sizeof(big) - 1);
	STR_EQ(submit(big), "invalid rule file: rule file must contain 1 to 65536 bytes");
	HAS(submit("version: \"2\"\n"), "invalid rule file: unsupported version \"2\"");
	EQ(err.code, ERR_INVALID);
	HAS(submit("version: \"1\"\nrules: [\n"), "invalid rule file: YAML parse error");
	HAS(submit("version: \"1\"\nrules: [{id: a, condition: http.hots == 'x', action: allow}]\n"),
	    "invalid rule file: CEL compile error in rule \"a\": 1:6: unknown field \"http.hots\"");
	HAS(submit("version: \"1\"\nrules:\n - {id: a, condition: 'true', action: allow}\n"
		   " - {id: a, condition: 'true', action: allow}\n"),
	    "duplicate rule ID \"a\"");
	STR_EQ(submit_as("a b", RULE("new")), "failed to persist rule request");
	const struct request_submission nul = { STR(C1), { NULL, 0 }, str_n("#\0x", 3) };
	OK(requests_submit(&rq, &nul, &receipt, &err) < 0);
	EQ(rq.cnt, 0);
	EQ(files_in("state"), 0);
}

T(submission_that_cannot_be_written)
{
	static struct fault *const faults[] = { &f_fsync, &f_write, &f_rename };

	for (size_t i = 0; i < ARRAY_LEN(faults); i++) {
		setup();
		STR_EQ(submit(RULE("first")), "pending");
		*faults[i] = (struct fault){ 0, 2, ENOSPC };
		STR_EQ(submit(RULE("new")), "failed to persist rule request");
		EQ(err.code, ERR_INTERNAL);
		HAS(content("log"), "No space left on device");
		EQ(rq.cnt, 1);
		EQ(files_in("state"), 1);
		reopen();
		EQ(rq.cnt, 1);
		STR_EQ(submit(RULE("new")), "pending");
	}
	/* the rename has happened, its directory is not synced: the old state comes back */
	setup();
	f_fsync = (struct fault){ 1, 1, EIO };
	STR_EQ(submit(RULE("new")), "failed to persist rule request");
	STR_EQ(content("state/rule-requests.json"), "{}\n");
}

T(rate_limit)	/* S004-FR-014, S003 1.6 */
{
	struct ratelimit l;
	uint32_t wait_s = 0;
	uint64_t t = 1000000;

	setup();
	cfg.rate = (struct rate){ 2, 60 };
	reopen();
	cfg.rate = (struct rate){ 1000000, 60 };
	STR_EQ(submit(RULE("a")), "pending");
	STR_EQ(submit(RULE("b")), "pending");
	STR_EQ(submit(RULE("c")), "rate limit exceeded for container " C1);
	EQ(err.code, ERR_LIMIT);
	OK(receipt.wait_s >= 58 && receipt.wait_s <= 61);
	STR_EQ(submit_as("jail-2", RULE("d")), "pending");

	OK(ratelimit_open(&l, (struct rate){ 10, 60 }) == 0);
	for (int i = 0; i < 10; i++, t += 1000)
		OK(ratelimit_take(&l, STR("a"), t, &wait_s));
	OK(!ratelimit_take(&l, STR("a"), t, &wait_s));
	OK(wait_s >= 50 && wait_s <= 51);
	OK(!ratelimit_take(&l, STR("a"), 1000000 + 60000 - 1, &wait_s));
	OK(ratelimit_take(&l, STR("a"), 1000000 + 61000, &wait_s));	/* one has left */
	OK(!ratelimit_take(&l, STR("a"), 1000000 + 61000, &wait_s));
	for (int i = 0; i < RATE_SOURCES_MAX - 1; i++) {
		char who[32];

		snprintf(who, sizeof(who), "s%d", i);
		OK(ratelimit_take(&l, str_of(who), 1000000 + 61000, &wait_s));
	}
	OK(!ratelimit_take(&l, STR("more"), 1000000 + 61000, &wait_s));
	OK(ratelimit_take(&l, STR("more"), 1000000 + 130000, &wait_s));	/* idle ones make room */
	ratelimit_close(&l);
}

/* ---- the state file ---- */

#define Q(id, members) "\"" id "\":{" members "}"
#define PENDING "\"container_id\":\"jail-1\",\"rule_file\":\"x\",\"status\":\"pending\",\"reason\":null"

#define ONE(container, file, status) \
	"{" Q("rr-0123456789ab", "\"container_id\":\"" container "\",\"rule_file\":\"" file \
	  "\",\"status\":\"" status "\"") "}"

static const char *state_refusal(const char *text)
{
	put("state/rule-requests.json", text);
	return refusal();
}

T(hostile_state_aborts)		/* S003 1.5, operations section 11 */
{
	static char big[REQUESTS_FILE_MAX + 2];

	setup();
	requests_close(&rq);
	STR_EQ(refusal(), "opened");
	STR_EQ(state_refusal("{" Q("rr-0123456789ab", PENDING) "}"), "opened");
	HAS(state_refusal(""), "state/rule-requests.json is damaged");
	HAS(state_refusal("{"), "is damaged (repair it, or move it away");
	HAS(state_refusal("[]"), "must be a JSON object");
	HAS(state_refusal("{" Q("rr-0123456789aB", PENDING) "}"), "is no rule request ID");
	HAS(state_refusal("{" Q("rr-0123456789ab", PENDING) "," Q("rr-0123456789ab", PENDING) "}"), "damaged");
	HAS(state_refusal("{\"rr-0123456789ab\":1}"), "must be an object");
	HAS(state_refusal("{" Q("rr-0123456789ab", PENDING ",\"x\":1") "}"), "damaged");
	HAS(state_refusal(ONE("../x", "x", "pending")),
	    "\"container_id\" must be");
	HAS(state_refusal(ONE("j", "", "pending")),
	    "must have 1 to 65536 bytes");
	HAS(state_refusal(ONE("j", "x", "approved")),
	    "must be empty");
	HAS(state_refusal(ONE("j", "", "done")),
	    "must be one of");
	HAS(state_refusal("{" Q("rr-0123456789ab",
		"\"container_id\":\"j\",\"rule_file\":\"\",\"status\":\"rejected\",\"reason\":\"a\\u001bb\"") "}"),
	    "control characters");
	HAS(state_refusal("{" Q("rr-0123456789ab", PENDING ",\"submitted_at\":\"today\"") "}"), "must be a time");
	memset(big, ' ', sizeof(big) - 1);
	HAS(state_refusal(big), "exceeds 16777216 bytes");
	OK(unlink("state/rule-requests.json") == 0 && symlink("/dev/null", "state/rule-requests.json") == 0);
	HAS(refusal(), "must be a real file");
	OK(unlink("state/rule-requests.json") == 0 && mkfifo("state/rule-requests.json", 0600) == 0);
	HAS(refusal(), "must be a real file");
	OK(unlink("state/rule-requests.json") == 0);
	put("state/rule-requests.json", "{}");
	OK(chmod("state/rule-requests.json", 0666) == 0);
	HAS(refusal(), "writable by nobody else");
	OK(chmod("state/rule-requests.json", 0600) == 0 && chmod("state", 0777) == 0);
	HAS(refusal(), "state must belong to root or the daemon's user");
	OK(chmod("state", 0700) == 0 && rename("state", "real") == 0 && symlink("real", "state") == 0);
	HAS(refusal(), "state must be a real directory");
}

static void fill(unsigned pending, unsigned decided)
{
	FILE *f = fopen("state/rule-requests.json", "wb");

	OK(f != NULL);
	fputc('{', f);
	for (unsigned i = 0; i < pending + decided; i++)
		fprintf(f, "%s\"rr-%012x\":{\"container_id\":\"jail-1\",\"rule_file\":\"%s\",\"status\":\"%s\",\"reason\":null}",
			i ? "," : "", i, i < pending ? "x" : "", i < pending ? "pending" : "rejected");
	fputc('}', f);
	OK(fclose(f) == 0 && chmod("state/rule-requests.json", 0600) == 0);
	reopen();
}

T(capacity)	/* S004 "State file" */
{
	setup();
	fill(9999, 1);
	EQ(rq.cnt, REQUESTS_MAX);
	STR_EQ(submit(RULE("new")), "pending");		/* the decided one made room */
	EQ(rq.cnt, REQUESTS_MAX);
	OK(!requests_get(&rq, STR("rr-00000000270f")));
	STR_EQ(submit(RULE("more")), "failed to persist rule request");
	HAS(content("log"), "the queue is full");
	EQ(rq.cnt, REQUESTS_MAX);
	for (uint32_t i = 1; i < rq.cnt; i++)
		OK(str_cmp(rq.v[i - 1].id, rq.v[i].id) < 0);
	STR_EQ(reject("rr-000000000000", "no"), "rejected");
	STR_EQ(submit(RULE("more")), "pending");
	OK(requests_get(&rq, STR("rr-000000000001")) && !requests_get(&rq, STR("rr-000000000000")));
	fill(REQUESTS_MAX, 0);
	fill(3, 5);
	STR_EQ(submit(RULE("new")), "pending");
	EQ(rq.cnt, 9);					/* nothing is pruned before it must be */
	requests_close(&rq);
	{
		FILE *f = fopen("state/rule-requests.json", "wb");

		fputc('{', f);
		for (unsigned i = 0; i <= REQUESTS_MAX; i++)
			fprintf(f, "%s\"rr-%012x\":{" PENDING "}", i ? "," : "", i);
		fputc('}', f);
		OK(fclose(f) == 0);
	}
	HAS(refusal(), "holds more than 10000 requests");
}

/* ---- approve ---- */

T(approve_puts_in_force)	/* S003-AS-013, S003 1.5 */
{
	struct rules_fresh fresh;
	const struct rule_request_entry *q;
	struct stat st;

	setup();
	submit(RULE("new"));
	STR_EQ(approve(receipt.id), "approved, 2");
	STR_EQ(staged(), RULE("new"));
	OK(stat(rule_path(), &st) == 0);
	EQ(st.st_mode & 07777, 0600);
	EQ(st.st_nlink, 1);
	OK(in_force("new"));
	EQ(reloads, 1);
	OK(rules_prepare_changed(&rules, &fresh, &err) == 0);
	PTR_EQ(fresh.set, NULL);	/* the watch has nothing to do */
	reopen();
	q = requests_get(&rq, str_of(receipt.id));
	EQ(q->status, API_REQUEST_APPROVED);
	EQ(q->rule_file.len, 0);
	OK(str_starts(q->reason, STR("operator approved at 20")));
	EQ(q->decided_by_uid, 7);
	OK(staged());
	HAS(content("log"), "status=approved uid=7");
	HAS(approve(receipt.id), "is already approved");
	EQ(err.code, ERR_CONFLICT);
	HAS(reject(receipt.id, NULL), "is not pending (status: Approved)");
	STR_EQ(approve("rr-000000000000"), "rule request \"rr-000000000000\" not found");
	EQ(err.code, ERR_NOT_FOUND);
}

T(approve_that_cannot_write)
{
	static const struct {
		struct fault *f;
		int after;
	} faults[] = { { &f_write, 0 }, { &f_fsync, 0 }, { &f_link, 0 }, { &f_fsync, 1 } };
	char want[256];

	for (size_t i = 0; i < ARRAY_LEN(faults); i++) {
		setup();
		submit(RULE("new"));
		*faults[i].f = (struct fault){ faults[i].after, 1, ENOSPC };
		snprintf(want, sizeof(want),
			 "failed to write rule file \"agent-%s.yaml\": failed to write rules/agent-%s.yaml: No space left on device",
			 receipt.id, receipt.id);
		STR_EQ(approve(receipt.id), want);
		EQ(err.code, ERR_INTERNAL);
		EQ(reloads, 0);
		unchanged();
	}
	setup();	/* never over an existing file */
	submit(RULE("new"));
	put(rule_path(), "version: \"1\"\n");
	HAS(approve(receipt.id), "already exists");
	STR_EQ(staged(), "version: \"1\"\n");
	EQ(status(), API_REQUEST_PENDING);
}

T(approve_whose_reload_fails)
{
	char want[128];

	setup();
	submit(RULE("base"));	/* taken by the operator */
	snprintf(want, sizeof(want), "rule engine reload failed after writing \"agent-%s.yaml\": agent-%s.yaml:3: duplicate rule ID \"base\"",
		 receipt.id, receipt.id);
	HAS(approve(receipt.id), want);
	EQ(err.code, ERR_INTERNAL);
	OK(!strstr(err.msg, "staged"));
	OK(!staged());
	EQ(reloads, 0);
	EQ(status(), API_REQUEST_PENDING);
	STR_EQ(rules.error, "");
	f_unlink = (struct fault){ 0, 1, EROFS };
	HAS(approve(receipt.id), "; failed to remove staged rule file: failed to remove rules/agent-");
	HAS(err.msg, "Read-only file system");
	OK(staged());
}

T(approve_that_cannot_be_persisted)
{
	struct rules_fresh fresh;

	setup();
	submit(RULE("new"));
	f_rename = (struct fault){ 0, 1, EIO };
	STR_EQ(approve(receipt.id), "failed to persist rule approval; previous policy was restored");
	EQ(restores, 1);
	EQ(err.code, ERR_INTERNAL);
	OK(!in_force("new"));
	OK(rules_prepare_changed(&rules, &fresh, &err) == 0);
	PTR_EQ(fresh.set, NULL);
	unchanged();

	setup();
	submit(RULE("new"));
	f_rename = (struct fault){ 0, 1, EIO };
	f_unlink = (struct fault){ 0, 1, EROFS };
	STR_EQ(approve(receipt.id),
	       "failed to persist rule approval and cleanup was incomplete; inspect daemon logs before retrying");
	OK(!in_force("new"));
	HAS(content("log"), "failed to remove staged rule file");

	setup();
	submit(RULE("new"));
	f_rename = (struct fault){ 0, 1, EIO };
	fail_restore = true;
	HAS(approve(receipt.id), "cleanup was incomplete");
	OK(!staged());
	EQ(status(), API_REQUEST_PENDING);

	/* the state was renamed, not synced: the old one is written back */
	setup();
	submit(RULE("new"));
	f_fsync = (struct fault){ 3, 1, EIO };
	STR_EQ(approve(receipt.id), "failed to persist rule approval; previous policy was restored");
	unchanged();
}

T(interrupted_approval_is_taken_back)
{
	setup();
	submit(RULE("new"));
	put(rule_path(), RULE("new"));	/* a crash between the rule file and the state */
	reopen();
	OK(!staged());
	EQ(status(), API_REQUEST_PENDING);
	put(rule_path(), RULE("other"));	/* not ours */
	reopen();
	STR_EQ(staged(), RULE("other"));
	put(rule_path(), RULE("new"));
	f_unlink = (struct fault){ 0, 1, EROFS };
	requests_close(&rq);
	HAS(refusal(), "was interrupted: failed to remove rules/agent-");
}

/* ---- reject ---- */

T(reject_keeps_status_and_reason)	/* S003-AS-014 */
{
	char text[REQUEST_REASON_MAX + 2];
	const struct rule_request_entry *q;

	setup();
	submit(RULE("new"));
	STR_EQ(reject(receipt.id, ""), "rejection reason must not be empty");
	EQ(err.code, ERR_INVALID);
	memset(text, 'a', sizeof(text));
	text[sizeof(text) - 1] = '\0';
	STR_EQ(reject(receipt.id, text), "rejection reason exceeds 1024 bytes");
	STR_EQ(reject(receipt.id, "a\nb"), "rejection reason must not contain control characters");
	STR_EQ(reject(receipt.id, "a\xc2\x85" "b"), "rejection reason must not contain control characters");
	f_rename = (struct fault){ 0, 1, EIO };
	STR_EQ(reject(receipt.id, "no"), "failed to persist rule rejection");
	EQ(err.code, ERR_INTERNAL);
	EQ(status(), API_REQUEST_PENDING);
	text[REQUEST_REASON_MAX] = '\0';
	STR_EQ(reject(receipt.id, text), "rejected");
	reopen();
	q = requests_get(&rq, str_of(receipt.id));
	EQ(q->status, API_REQUEST_REJECTED);
	VIEW_EQ(q->reason, text);
	EQ(q->rule_file.len, 0);
	EQ(files_in("rules"), 1);
	EQ(reloads, 0);
	HAS(approve(receipt.id), "has already been rejected");
	HAS(reject(receipt.id, "no"), "is not pending (status: Rejected)");
	submit(RULE("new"));
	STR_EQ(reject(receipt.id, NULL), "rejected");
	OK(!requests_get(&rq, str_of(receipt.id))->reason.p);
}

/* ---- risks ---- */

static const char *risks_of(const char *rule)	/* joined by "; " */
{
	static char text[1024];
	char file[512];
	struct buf b = BUF_OF(text);
	struct ruleset *set, *live;
	struct arena scratch;
	struct risks r;

	snprintf(file, sizeof(file), "version: \"1\"\nrules:\n  - {id: %s}\n", rule);
	if (rules_load_submission(&rules, str_of(file), &set, &err) < 0)
		FAIL("%s", err.msg);
	live = (struct ruleset *)(void *)snap_current(&box);
	OK(arena_init_fixed(&scratch, 1 << 20) == 0);
	risk_judge(set, live, STR("ci"), &scratch, &r);
	for (size_t i = 0; i < r.cnt; i++)
		buf_printf(&b, "%s" STR_FMT, i ? "; " : "", STR_ARG(r.v[i]));
	arena_fini(&scratch);
	snap_put(&set->snap);
	snap_put(&live->snap);
	return buf_c(&b);
}

T(risk_flags)	/* S010-O-041 */
{
	setup();
	STR_EQ(risks_of("a, action: allow, condition: \"agent.name == 'ci' && http.host == 'a.test'\""), "");
	STR_EQ(risks_of("a, action: allow, condition: \"'ci' == agent.name && (dns.query in ['a.test', 'b.test'] || http.host == 'a.test')\""),
	       "");
	STR_EQ(risks_of("a, action: allow, condition: \"http.host == 'a.test'\""),
	       "not limited to the requesting agent");
	STR_EQ(risks_of("a, action: allow, condition: \"agent.name in ['ci', 'you'] && http.host == 'a.test'\""),
	       "not limited to the requesting agent");
	STR_EQ(risks_of("a, action: allow, condition: \"(agent.name == 'ci' || http.path == '/x') && http.host == 'a.test'\""),
	       "not limited to the requesting agent");
	STR_EQ(risks_of("a, action: allow, condition: \"agent.name == 'ci' && http.host.endsWith('.test')\""),
	       "wildcard host match");
	STR_EQ(risks_of("a, action: allow, condition: \"agent.name == 'ci'\""), "wildcard host match");
	STR_EQ(risks_of("a, action: allow, condition: \"true\""),
	       "not limited to the requesting agent; always true; wildcard host match");
	STR_EQ(risks_of("a, action: allow, priority: 7, condition: \"agent.name == 'ci' && dns.query == 'a.test'\", egress: {mode: direct_ip, allow_private_ips: true}"),
	       "priority below 100 (7); direct_ip egress; private addresses allowed");
	STR_EQ(risks_of("a, action: block, condition: \"http.host == 'a.test'\""), "blocks traffic of others");
	STR_EQ(risks_of("a, action: block, condition: \"agent.name == 'ci'\""), "");
	STR_EQ(risks_of("base, action: block, condition: \"agent.name == 'ci'\""), "id already in use (10.yaml)");
}
