/* load_test.c - rule files: every refusal of S003 section 5, warnings, verdicts, by tables
 * (their form: tests/rules_table.h)
 */
#include <sys/resource.h>

#include "base/clock.h"
#include "base/log.h"
#include "host/rules.h"
#include "rules_table.h"

/* --- running the tables ----------------------------------------------------------------------- */

/* Line by line: the message has those lines, or begins so, and no more of them. */
static bool is_wanted(const struct test_case *c, struct str msg)
{
	struct str line;
	size_t i = 0;

	for (; str_split(&msg, '\n', &line); i++) {
		bool caret = i > 0 && c->wanted_cnt == 1;	/* of a case that does not ask */

		if (!caret && (i >= c->wanted_cnt || !str_starts(line, c->wanted[i])))
			return false;
	}
	return i >= c->wanted_cnt && c->wanted_cnt > 0;
}

T(refused_files)	/* S003 section 5, S003-FR-015, S003-EC-001, -007 to -010, S011 load errors */
{
	struct str rest = read_table("tests/data/rules/refused.t");
	struct test_case c;
	unsigned cases = 0;
	unsigned bad = 0;

	setup();
	for (; next_case(&rest, &c); cases++) {
		const struct ruleset *set = load(&c);

		if (!set && is_wanted(&c, str_of(err.msg)) &&
		    err.code != ERR_NONE && err.code != ERR_INTERNAL)
			continue;
		printf("# %s: %s (code %d)\n", c.title, set ? "was loaded" : err.msg,
		       (int)err.code);
		bad++;
	}
	EQ(bad, 0);
	OK(cases > 100);
}

static void check_warnings(const struct test_case *c, const struct ruleset *set)
{
	for (size_t i = 0; i < c->wanted_cnt || i < set->warnings->cnt; i++) {
		if (i >= set->warnings->cnt)
			FAIL("%s: no warning " STR_FMT, c->title, STR_ARG(c->wanted[i]));
		if (i >= c->wanted_cnt || !str_eq(c->wanted[i], set->warnings->v[i]))
			FAIL("%s: warning " STR_FMT, c->title, STR_ARG(set->warnings->v[i]));
	}
}

T(accepted_files)	/* S003-FR-006, -008, -009, -016, -032; D4 */
{
	struct str rest = read_table("tests/data/rules/accepted.t");
	struct test_case c;
	unsigned cases = 0;

	setup();
	for (; next_case(&rest, &c); cases++) {
		struct ruleset *set = load(&c);

		if (!set)
			FAIL("%s: %s", c.title, err.msg);
		check_warnings(&c, set);
		for (size_t i = 0; i < c.asked_cnt; i++)
			check_verdict(&c, set, c.asked[i]);
		snap_put(&set->snap);
	}
	OK(cases > 15);
}

T(shipped_rules)	/* S003 7.9: loaded without a warning, and they say what their comments say */
{
	struct str rest = read_table("tests/data/rules/shipped.t");
	struct load_opts opts = { 0 };
	struct test_case c = { .title = "config/rules.d" };
	struct rules_fresh fresh;
	struct snap_box box;
	struct rules rules;
	struct str line;
	unsigned rows = 0;

	setup();
	snap_box_init(&box);
	if (rules_init(&rules, "config/rules.d", &opts, &box, &err) < 0 ||
	    rules_prepare(&rules, &fresh, &err) < 0)
		FAIL("%s", err.msg);
	check_warnings(&c, fresh.set);
	for (; str_split(&rest, '\n', &line); rows += is_mark(line)) {
		if (is_mark(line))
			check_verdict(&c, fresh.set, str_from(line, 4));
	}
	OK(rows > 20);
	rules_discard(&fresh);
	snap_box_fini(&box);
}

/* --- limits ----------------------------------------------------------------------------------- */

static struct ruleset *load_one(const char *text, size_t len)
{
	struct rule_source src = { "f.yaml", str_n(text, len) };
	struct load_opts opts = { 0 };
	struct ruleset *set = NULL;

	memset(&err, 0, sizeof(err));
	return ruleset_load(&src, 1, &opts, &set, &err) < 0 ? NULL : set;
}

T(sizes_and_counts_have_limits)	/* S003 1.1 */
{
	static struct rule_source many[MAX_RULE_FILES + 1];
	struct load_opts opts = { 0 };
	struct ruleset *set;
	char *big = calloc(1, MAX_RULE_FILE_BYTES + 1);

	OK(big != NULL);
	memset(big, ' ', MAX_RULE_FILE_BYTES + 1);
	memcpy(big, "version: 1\n#", 12);
	OK(!load_one(big, MAX_RULE_FILE_BYTES + 1));
	STR_EQ(err.msg, "f.yaml exceeds 1048576 bytes");
	set = load_one(big, MAX_RULE_FILE_BYTES);
	OK(set != NULL);
	snap_put(&set->snap);
	for (size_t i = 0; i < ARRAY_LEN(many); i++)
		many[i] = (struct rule_source){ "f.yaml", str_n(big, MAX_RULE_FILE_BYTES) };
	EQ(ruleset_load(many, MAX_RULE_FILES + 1, &opts, &set, &err), -1);
	STR_EQ(err.msg, "rules directory exceeds 1024 rule files");
	EQ(ruleset_load(many, 65, &opts, &set, &err), -1);
	STR_EQ(err.msg, "rule files exceed 67108864 bytes in total");
	free(big);
}

/* A file of n rules with ids that start with prefix. */
static size_t write_rules(char *to, size_t cap, char prefix, unsigned n)
{
	struct buf b = buf_on(to, cap);

	buf_add_c(&b, "version: 1\nrules:\n");
	for (unsigned i = 0; i < n; i++)
		buf_printf(&b, "- {id: %c%u, condition: 'false', action: allow}\n", prefix, i);
	if (!buf_ok(&b))
		FAIL("too small");
	return b.len;
}

T(more_rules_than_the_limit)
{
	static char text[7][MAX_RULE_FILE_BYTES];
	struct rule_source files[7];
	struct load_opts opts = { 0 };
	struct ruleset *set;

	for (unsigned i = 0; i < 7; i++) {
		unsigned n = i < 6 ? 16666 : MAX_RULES - 6 * 16666 + 1;

		files[i].name = "f.yaml";
		files[i].text = str_n(text[i], write_rules(text[i], sizeof(text[i]),
							   (char)('a' + i), n));
	}
	EQ(ruleset_load(files, 7, &opts, &set, &err), -1);
	STR_EQ(err.msg, "rule set exceeds 100000 rules");
	EQ(ruleset_load(files, 6, &opts, &set, &err), 0);
	EQ(set->count, 6 * 16666);
	snap_put(&set->snap);
}

T(expansion_of_a_whole_file_is_bounded)	/* a submission cannot keep the control thread busy */
{
	static char text[60000];
	struct buf b = BUF_OF(text);
	struct rule_source src = { "f", { NULL, 0 } };
	struct load_opts opts = { .submission = true };
	struct ruleset *set;

	buf_add_c(&b, "version: 1\ndefinitions:\n");
	for (int i = 0; i < 12; i++)
		buf_printf(&b, "  d%d: $d%d || $d%d\n", i, i + 1, i + 1);
	buf_add_c(&b, "  d12: 'false'\nrules:\n");
	for (int i = 0; i < 500; i++)
		buf_printf(&b, "- {id: r%d, condition: $d0, action: allow}\n", i);
	src.text = buf_str(&b);
	EQ(ruleset_load(&src, 1, &opts, &set, &err), -1);
	if (strstr(err.msg, "takes more than"))	/* a slow build meets the limit on time first */
		SKIP("the clock was faster than the limit on size");
	STR_EQ(err.msg, "expanded conditions exceed 1048576 bytes in total");
}

T(checking_a_submission_is_bounded)	/* whatever a condition costs to compile */
{
	static char text[60000];
	struct buf b = BUF_OF(text);
	struct rule_source src = { "f", { NULL, 0 } };
	struct load_opts opts = { .submission = true };
	struct ruleset *set = NULL;
	uint64_t start = clock_mono_ms();

	buf_add_c(&b, "version: 1\nrules:\n");
	for (int i = 0; b.len < sizeof(text) - 100; i++)
		buf_printf(
			&b,
			"- {id: r%d, condition: 'dns.query.matches(\"\\\\pL{900}\")', action: block}\n",
			i);
	src.text = buf_str(&b);
	if (ruleset_load(&src, 1, &opts, &set, &err) == 0)
		snap_put(&set->snap);
	else
		STR_EQ(err.msg, "rule file takes more than 1000 ms to check");
	OK(clock_mono_ms() - start < 5000);
}

T(a_text_that_is_not_utf8)
{
	OK(!load_one("version: \xff", 10));
	STR_EQ(err.msg, "f.yaml must contain valid UTF-8");
}

/* Loads in a child that may map extra more bytes: 0 loaded, 1 refused for want of memory. */
T_MAYBE static int load_with(const char *text, size_t len, size_t extra)
{
	pid_t pid = t_fork();
	int st = 0;

	if (pid == 0) {
		struct rlimit lim;
		unsigned long pages = 0;
		FILE *f = fopen("/proc/self/statm", "r");
		struct ruleset *set;

		if (!f || fscanf(f, "%lu", &pages) != 1 || fclose(f) != 0)
			_exit(2);
		lim.rlim_cur = lim.rlim_max = pages * 4096 + extra;
		if (setrlimit(RLIMIT_AS, &lim) != 0)
			_exit(2);
		set = load_one(text, len);
		_exit(set ? 0 : err.code == ERR_NOMEM || err.code == ERR_INVALID ? 1 : 3);
	}
	if (pid < 0 || waitpid(pid, &st, 0) != pid || !WIFEXITED(st))
		FAIL("died with %zu bytes", extra);
	return WEXITSTATUS(st);
}

T(memory_may_run_out_anywhere)	/* design: on reload, keep the old set; never abort */
{
#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
	SKIP("a sanitizer maps terabytes");
#else
	static char text[200000];
	size_t len = write_rules(text, sizeof(text), 'r', 3000);
	unsigned loaded = 0;
	unsigned refused = 0;

	for (size_t extra = 0; extra < (size_t)24 << 20; extra += 180 * 1024) {
		int rc = load_with(text, len, extra);

		if (rc > 1)
			FAIL("code %d with %zu bytes", rc, extra);
		loaded += rc == 0;
		refused += rc == 1;
	}
	OK(loaded > 10);
	OK(refused > 10);
#endif
}

T(rules_and_texts_are_read_only)	/* design: sealed by the MMU */
{
	static const char text[] = "version: 1\nrules: [{id: a, condition: 'true', action: allow}]";
	struct ruleset *set = load_one(text, sizeof(text) - 1);
	char *rule, *id;

	OK(set != NULL);
	rule = (char *)(uintptr_t)set->rules;
	id = (char *)(uintptr_t)set->rules[0].id.p;
	DIES(SIGSEGV, rule[0] = 1);
	DIES(SIGSEGV, id[0] = 'b');
	snap_put(&set->snap);
	arena_fini(&arena);
	arena_fini(&scratch);
}
