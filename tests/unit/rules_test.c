/* rules_test.c - the rules directory: every file row of S003 section 5, publishing, reload by watch
 * */
#include <fcntl.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <sys/wait.h>

#include "base/clock.h"
#include "host/rules.h"
#include "policy/rule.h"
#include "t.h"

#define ONE_RULE(id) "version: 1\nrules: [{id: " id ", condition: 'true', action: allow}]\n"

static char dir[64];
static struct snap_box box;
static struct rules rules;
static struct rules_fresh fresh;
static struct err err;

static void write_file(const char *name, const char *text, size_t len)
{
	FILE *f = fopen(name, "wb");

	if (!f || fwrite(text, 1, len, f) != len || fclose(f) != 0)
		FAIL("cannot write %s", name);
}

static void put(const char *name, const char *text)
{
	write_file(name, text, strlen(text));
}

/* An empty rules directory "r" in a fresh working directory, and nothing published. */
static void setup(void)
{
	struct load_opts opts = { 0 };

	if (dir[0] == '\0')
		snap_box_init(&box);
	snap_box_fini(&box);
	snap_box_init(&box);
	snprintf(dir, sizeof(dir), "/tmp/rules_test.XXXXXX");
	if (!mkdtemp(dir) || chdir(dir) != 0 || mkdir("r", 0700) != 0)
		FAIL("no directory");
	if (rules_init(&rules, "r", &opts, &box, &err) < 0)
		FAIL("%s", err.msg);
}

static void clean(void)
{
	char cmd[128];

	snprintf(cmd, sizeof(cmd), "cd / && rm -rf %s", dir);
	if (system(cmd) != 0 || chdir("/") != 0)
		FAIL("cannot clean");
}

static const char *refusal(void)
{
	memset(&err, 0, sizeof(err));
	if (rules_prepare(&rules, &fresh, &err) == 0) {
		rules_discard(&fresh);
		return "loaded";
	}
	STR_EQ(rules.error, err.msg);
	return err.msg;
}

static struct ruleset *prepared(void)
{
	if (rules_prepare(&rules, &fresh, &err) < 0)
		FAIL("%s", err.msg);
	return fresh.set;
}

T(files_in_order_of_their_names)	/* S003-FR-001, -007 */
{
	static const char *const want[] = { "hidden", "ten", "two", "upper", "lower", "yml" };
	struct ruleset *set;

	setup();
	put("r/2-b.yaml", ONE_RULE("two"));
	put("r/10-a.yaml", ONE_RULE("ten"));
	put("r/Z.yaml", ONE_RULE("upper"));
	put("r/a.yaml", ONE_RULE("lower"));
	put("r/b.yml", ONE_RULE("yml"));
	put("r/.x.yaml", ONE_RULE("hidden"));
	put("r/.yaml", "not read");
	put("r/X.YAML", "not read");
	put("r/x.yaml.bak", "not read");
	put("r/README", "not read");
	OK(mkdir("r/sub", 0700) == 0);
	set = prepared();
	EQ(set->count, ARRAY_LEN(want));
	EQ(set->files, ARRAY_LEN(want));
	EQ(set->warnings->cnt, 0);
	for (size_t i = 0; i < ARRAY_LEN(want); i++)
		STR_EQ(set->rules[i].id.p, want[i]);
	STR_EQ(set->rules[1].file.p, "10-a.yaml");
	rules_discard(&fresh);
	clean();
}

T(a_missing_or_empty_directory_blocks_all)	/* S003-FR-038, S003-EC-006, -013 */
{
	struct ruleset *set;

	setup();
	set = prepared();
	EQ(set->count, 0);
	EQ(set->warnings->cnt, 1);
	VIEW_EQ(set->warnings->v[0], "no rules loaded; everything is blocked");
	rules_discard(&fresh);
	EQ(rmdir("r"), 0);
	set = prepared();
	EQ(set->count, 0);
	EQ(set->warnings->cnt, 2);
	VIEW_EQ(set->warnings->v[0], "rules directory r does not exist");
	rules_discard(&fresh);
	clean();
}

static void listen_at(const char *path)
{
	struct sockaddr_un at = { .sun_family = AF_UNIX };
	int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);

	snprintf(at.sun_path, sizeof(at.sun_path), "%s", path);
	OK(fd >= 0 && bind(fd, (struct sockaddr *)&at, sizeof(at)) == 0 && close(fd) == 0);
}

T(what_is_not_a_real_file_or_directory)	/* S003 section 5, file rows */
{
	setup();
	put("x", ONE_RULE("x"));
	EQ(symlink("../x", "r/a.yaml"), 0);
	STR_EQ(refusal(), "rule file r/a.yaml must be a real file");
	EQ(unlink("r/a.yaml"), 0);
	EQ(symlink("nowhere", "r/.#f.yaml"), 0);
	STR_EQ(refusal(), "rule file r/.#f.yaml must be a real file");
	EQ(unlink("r/.#f.yaml"), 0);
	EQ(mkdir("r/d.yaml", 0700), 0);
	STR_EQ(refusal(), "rule file r/d.yaml must be a real file");
	EQ(rmdir("r/d.yaml"), 0);
	EQ(mkfifo("r/f.yml", 0600), 0);
	STR_EQ(refusal(), "rule file r/f.yml must be a real file");
	EQ(unlink("r/f.yml"), 0);
	listen_at("r/s.yaml");
	STR_EQ(refusal(), "rule file r/s.yaml must be a real file");
	EQ(unlink("r/s.yaml"), 0);
	STR_EQ(refusal(), "loaded");
	EQ(rename("r", "real"), 0);
	EQ(symlink("real", "r"), 0);
	STR_EQ(refusal(), "rules directory r must be a real directory");
	EQ(unlink("r"), 0);
	put("r", "");
	STR_EQ(refusal(), "rules directory r must be a real directory");
	clean();
}

/* The refusal that somebody without privileges gets. */
static const char *refusal_of_nobody(void)
{
	static char text[256];
	int p[2], st;
	pid_t pid;
	ssize_t n;

	OK(pipe2(p, O_CLOEXEC) == 0);
	pid = t_fork();
	if (pid == 0) {
		if (geteuid() == 0 && (setgid(65534) != 0 || setuid(65534) != 0))
			_exit(1);
		(void)refusal();
		_exit(write(p[1], err.msg, strlen(err.msg)) < 0);
	}
	OK(pid > 0 && waitpid(pid, &st, 0) == pid && st == 0);
	close(p[1]);
	n = read(p[0], text, sizeof(text) - 1);
	close(p[0]);
	OK(n >= 0);
	text[n] = '\0';
	return text;
}

T(what_cannot_be_read)			/* S003-EC-014 */
{
	setup();
	put("r/a.yaml", ONE_RULE("a"));
	OK(chmod(".", 0755) == 0 && chmod("r", 0755) == 0 && chmod("r/a.yaml", 0) == 0);
	STR_EQ(refusal_of_nobody(), "failed to open r/a.yaml: Permission denied");
	OK(chmod("r", 0) == 0);
	STR_EQ(refusal_of_nobody(), "failed to read rules directory r: Permission denied");
	OK(chmod("r", 0700) == 0);
	clean();
}

T(a_file_that_disappears)		/* S003 section 5 */
{
	char name[32];
	bool seen = false;
	pid_t pid;

	setup();
	for (int i = 0; i < 300; i++) {		/* so that there is time between list and read */
		snprintf(name, sizeof(name), "r/%03d.yaml", i);
		put(name, "version: 1\n");
	}
	put("r/z.yaml", ONE_RULE("z"));
	pid = t_fork();
	while (pid == 0) {			/* ends with its parent, also when that fails */
		if (prctl(PR_SET_PDEATHSIG, SIGKILL) != 0 || getppid() == 1 ||
		    rename("r/z.yaml", "z") != 0 || rename("z", "r/z.yaml") != 0)
			_exit(0);
	}
	for (uint64_t end = clock_mono_ms() + 60000; !seen && clock_mono_ms() < end;) {
		const char *text = refusal();

		seen = strcmp(text, "rule file r/z.yaml disappeared while loading") == 0;
		OK(seen || strcmp(text, "loaded") == 0);
	}
	OK(pid > 0 && kill(pid, SIGKILL) == 0 && waitpid(pid, NULL, 0) == pid);
	OK(seen);
	clean();
}

T(limits_and_encodings)
{
	char *big = calloc(1, MAX_RULE_FILE_BYTES + 1);
	char name[32];

	setup();
	OK(big != NULL);
	write_file("r/a.yaml", big, MAX_RULE_FILE_BYTES + 1);
	STR_EQ(refusal(), "r/a.yaml exceeds 1048576 bytes");
	free(big);
	put("r/a.yaml", "version: \xff\n");
	STR_EQ(refusal(), "r/a.yaml must contain valid UTF-8");
	EQ(unlink("r/a.yaml"), 0);
	put("r/\xff.yaml", ONE_RULE("x"));
	STR_EQ(refusal(), "rule file name must be valid UTF-8");
	EQ(unlink("r/\xff.yaml"), 0);
	for (int i = 0; i <= MAX_RULE_FILES; i++) {
		snprintf(name, sizeof(name), "r/%d.yaml", i);
		put(name, "version: 1\n");
	}
	STR_EQ(refusal(), "rules directory exceeds 1024 rule files");
	clean();
}

T(all_files_together_have_a_limit)
{
	char name[32];

	setup();
	for (int i = 0; i < 65; i++) {
		int fd;

		snprintf(name, sizeof(name), "r/%d.yaml", i);
		fd = open(name, O_WRONLY | O_CREAT, 0600);
		OK(fd >= 0 && ftruncate(fd, MAX_RULE_FILE_BYTES) == 0 && close(fd) == 0);
	}
	STR_EQ(refusal(), "rule files exceed 67108864 bytes in total");
	clean();
}

T(publishing_and_the_old_set)	/* S003-FR-021, S003-EC-015, -016 */
{
	struct snap_reader reader;
	const struct snap *was;

	setup();
	put("r/a.yaml", ONE_RULE("one"));
	(void)prepared();
	EQ(rules_publish(&rules, &fresh), 1);
	OK(!fresh.set);
	snap_reader_init(&reader, &box);
	was = snap_read(&reader);
	put("r/a.yaml", "version: 7\n");
	HAS(refusal(), "unsupported version \"7\"");
	PTR_EQ(snap_read(&reader), was);
	put("r/a.yaml", ONE_RULE("two"));
	(void)prepared();
	STR_EQ(rules.error, "");
	PTR_EQ(snap_read(&reader), was);
	EQ(rules_publish(&rules, &fresh), 2);
	OK(snap_read(&reader) != was);
	STR_EQ(((const struct ruleset *)(const void *)snap_read(&reader))->rules[0].id.p, "two");
	snap_reader_fini(&reader);
	clean();
}

T(a_watch_reload_of_equal_files_does_nothing)	/* D21, S003-FR-022 */
{
	setup();
	put("r/a.yaml", ONE_RULE("one"));
	EQ(rules_prepare_changed(&rules, &fresh, &err), 0);
	OK(fresh.set != NULL);	/* nothing was published yet */
	(void)rules_publish(&rules, &fresh);
	put("r/a.yaml", ONE_RULE("one"));
	EQ(rules_prepare_changed(&rules, &fresh, &err), 0);
	OK(!fresh.set);
	EQ(rules_prepare(&rules, &fresh, &err), 0);	/* asked for, it is loaded whatever it is */
	OK(fresh.set != NULL);
	rules_discard(&fresh);
	put("r/a.yaml", "version: 3");
	EQ(rules_prepare_changed(&rules, &fresh, &err), -1);
	OK(rules.error[0] != '\0');
	put("r/a.yaml", ONE_RULE("one"));	/* back to what is live: healthy again */
	EQ(rules_prepare_changed(&rules, &fresh, &err), 0);
	OK(!fresh.set);
	STR_EQ(rules.error, "");
	EQ(rename("r/a.yaml", "r/b.yaml"), 0);	/* another name is another set */
	EQ(rules_prepare_changed(&rules, &fresh, &err), 0);
	OK(fresh.set != NULL);
	rules_discard(&fresh);
	clean();
}

T(submissions)	/* S003-FR-024, S004 */
{
	setup();
	EQ(rules_check_submission(&rules, STR(ONE_RULE("x")), &err), 0);
	EQ(rules_check_submission(&rules, STR("version: 9"), &err), -1);
	STR_EQ(err.msg, "unsupported version \"9\" in <input> (only \"1\" is supported)");
	clean();
}

T(names_of_rule_files)
{
	OK(rules_is_file_name(STR("a.yaml")));
	OK(rules_is_file_name(STR(".a.yml")));
	OK(!rules_is_file_name(STR(".yml")));
	OK(!rules_is_file_name(STR("a.YAML")));
	snap_box_fini(&box);
	snap_box_init(&box);
}
