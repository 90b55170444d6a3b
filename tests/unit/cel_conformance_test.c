/* The public conformance suite of CEL (S003 section 3.12): every case of every file must pass.
 * The data is not part of the project: ../shared/conformance, or the folder that OC_CONFORMANCE
 * names. */
#include "t.h"

#include <fcntl.h>
#include <sys/stat.h>

#include "policy/cel.h"
#include "policy/cel_tagged.h"
#include "sys/tzfile.h"

#define ARENA_BYTES (64u << 20)

static struct arena data, compiled, scratch;

static struct str load(const char *file)
{
	const char *dir = getenv("OC_CONFORMANCE");
	char path[512];
	struct stat st;
	char *text;
	int fd;

	snprintf(path, sizeof(path), "%s/cel/%s.jsonl", dir ? dir : "../shared/conformance", file);
	fd = open(path, O_RDONLY | O_CLOEXEC);
	if (fd < 0)
		SKIP("no conformance data here");
	OK(fstat(fd, &st) == 0);
	text = arena_alloc(&data, (size_t)st.st_size + 1);
	OK(text && read(fd, text, (size_t)st.st_size) == st.st_size);
	close(fd);
	return str_n(text, (size_t)st.st_size);
}

/* Equal in kind too, and NaN equals NaN; maps in any order. */
static bool same(struct cel_value a, struct cel_value b)
{
	if (a.kind != b.kind)
		return false;
	if (a.kind == CEL_DOUBLE)
		return memcmp(&a.u.d, &b.u.d, sizeof(double)) == 0 ||
		       (a.u.d != a.u.d && b.u.d != b.u.d);
	if (a.kind != CEL_LIST && a.kind != CEL_MAP)
		return cel_equal(a, b);
	if (a.n != b.n)
		return false;
	for (size_t i = 0; i < a.n; i++) {
		struct cel_value other;

		if (a.kind == CEL_LIST ? !same(cel_list_at(a, i), cel_list_at(b, i)) :
					 !cel_map_find(b, cel_map_key(a, i), &other) ||
						 !same(cel_map_val(a, i), other))
			return false;
	}
	return true;
}

static struct cel_value evaluate(struct json_val c, char *why, size_t why_len)
{
	struct buf w = buf_on(why, why_len);
	struct cel_budget budget = CEL_BUDGET_INIT;
	struct cel_env env = { .no_check = json_is_true(json_get(c, "disable_check")) };
	const struct cel_prog *p;
	struct cel_value v;
	struct str expr;
	struct err e;

	OK(json_str(json_get(c, "expr"), &data, &expr));
	if (cel_tagged_bindings(json_get(c, "bindings"), &data, &env.vars, &env.var_cnt, &e) < 0)
		FAIL("bindings: %s", e.msg);
	if (cel_compile(&compiled, &env, expr, &p, &e) < 0) {
		buf_printf(&w, "compile: %s", e.msg);
		buf_c(&w);
		return cel_error(CEL_ERR_INTERNAL);
	}
	v = cel_eval_vars(p, env.vars, &scratch, &budget);
	cel_value_text(v, &w);
	buf_c(&w);
	return v;
}

static bool passes(struct json_val c, char *why, size_t why_len)
{
	struct cel_value got = evaluate(c, why, why_len), want;
	struct err e;

	if (json_kind(json_get(c, "error")) != JSON_NONE)
		return got.kind == CEL_ERROR;
	if (cel_tagged_read(json_get(c, "value"), &data, &want, &e) < 0)
		FAIL("value: %s", e.msg);
	return same(got, want);
}

static bool knows(const char *expr)
{
	struct cel_env env = { .no_check = false };
	const struct cel_prog *p;
	struct err e;

	return cel_compile(&compiled, &env, str_of(expr), &p, &e) == 0;
}

/* probe: an expression that only compiles where the library is linked. */
static void run_file(const char *file, const char *probe)
{
	struct str rest, line;
	unsigned cases = 0, failed = 0;
	char why[512];

	arena_init(&data, ARENA_BYTES);
	arena_init(&compiled, ARENA_BYTES);
	OK(arena_init_fixed(&scratch, 16u << 20) == 0);
	rest = load(file);
	tzfile_use(true);
	if (!knows(probe))
		SKIP("library not linked");
	while (str_split(&rest, '\n', &line)) {
		struct json doc;
		struct err e;
		struct str name = { NULL, 0 }, expr = { NULL, 0 };

		if (line.len == 0)
			continue;
		if (json_parse(&doc, line, &data, &e) < 0)
			FAIL("%s: %s", file, e.msg);
		cases++;
		arena_reset(&scratch);
		arena_reset(&compiled);
		if (passes(json_root(&doc), why, sizeof(why)))
			continue;
		failed++;
		OK(json_str(json_get(json_root(&doc), "name"), &data, &name));
		OK(json_str(json_get(json_root(&doc), "expr"), &data, &expr));
		printf("# %s/" STR_FMT ": " STR_FMT " -> %s\n", file, STR_ARG(name), STR_ARG(expr),
		       why);
	}
	printf("# %s: %u of %u\n", file, cases - failed, cases);
	arena_fini(&data);
	arena_fini(&compiled);
	arena_fini(&scratch);
	OK(cases > 0);
	EQ(failed, 0);
}

#define FILE_TEST(name, probe) T(name) { run_file(#name, probe); }

FILE_TEST(basic, "1")
FILE_TEST(logic, "1")
FILE_TEST(plumbing, "1")
FILE_TEST(comparisons, "duration('1s') == timestamp(0) - timestamp(0)")
FILE_TEST(conversions, "timestamp(0)")
FILE_TEST(fp_math, "1")
FILE_TEST(integer_math, "1")
FILE_TEST(fields, "1")
FILE_TEST(lists, "1")
FILE_TEST(parse, "1")
FILE_TEST(string, "1")
FILE_TEST(macros, "1")
FILE_TEST(macros2, "1")
FILE_TEST(bindings_ext, "1")
FILE_TEST(optionals, "1")
FILE_TEST(timestamps, "timestamp(0).getHours()")
FILE_TEST(string_ext, "'a'.charAt(0)")
FILE_TEST(math_ext, "math.abs(1)")
FILE_TEST(encoders_ext, "base64.encode(b'')")
FILE_TEST(network_ext, "isIP('')")
