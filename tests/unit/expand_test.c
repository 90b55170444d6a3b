/* expand_test.c - definitions: token-aware expansion, undefined names, cycles, depth, size */
#include "policy/expand.h"
#include "t.h"

static struct arena arena;
static struct defs defs;
static struct err err;

static void define(const char *yaml)
{
	const struct yaml_node *root;

	arena_fini(&arena);
	arena_init(&arena, (size_t)64 << 20);
	memset(&err, 0, sizeof(err));
	if (yaml_parse(str_of(yaml), "f", &arena, &root, &err) < 0 ||
	    defs_init(&defs, "f", root, &arena, &err) < 0)
		FAIL("%s", err.msg);
}

/* Expanded text, or the error message. */
static const char *expanded(const char *text)
{
	static char out[4096];
	struct buf b = BUF_OF(out);
	size_t len = strlen(text);
	struct str s = str_n(t_guarded(text, len), len);

	if (defs_check(&defs, s, true, &err) < 0)
		return err.msg;
	if (defs_expand(&defs, s, &b) < 0)
		return "full";
	return buf_c(&b);
}

T(names_are_replaced_in_parentheses)	/* S003-FR-006 */
{
	define("{is_x: 'h == \"x\"', is_xy: '$is_x || h == \"y\"', a1_B: '1'}");
	STR_EQ(expanded("$is_x"), "(h == \"x\")");
	STR_EQ(expanded("$is_xy && p == 1"), "((h == \"x\") || h == \"y\") && p == 1");
	STR_EQ(expanded("!$is_x"), "!(h == \"x\")");
	STR_EQ(expanded("$a1_B+$a1_B"), "(1)+(1)");
	STR_EQ(expanded("x$a1_B"), "x(1)");
	STR_EQ(expanded("nothing"), "nothing");
	STR_EQ(expanded(""), "");
}

T(the_longest_name_counts)
{
	define("{a: '1', ab: '2'}");
	STR_EQ(expanded("$ab"), "(2)");
	STR_EQ(expanded("$a b"), "(1) b");
	STR_EQ(expanded("$a-b"), "(1)-b");
}

T(a_dollar_without_name_stays)
{
	define("{a: '1'}");
	STR_EQ(expanded("$ a"), "$ a");
	STR_EQ(expanded("$"), "$");
	STR_EQ(expanded("$$a"), "$(1)");
	STR_EQ(expanded("$-a"), "$-a");
}

T(literals_and_comments_are_not_expanded)	/* S003 2 Definitions, 8.11 */
{
	static const char *const same[] = {
		"\"a$a\"", "'$a'", "r'$a'", "b\"$a\"", "bR'$a'", "\"\"\"x\n$a \" \"\" \"\"\"",
			"'''$a'''",
		"\"\\\"$a\"", "r'\\' + '$a'", "// $a", "x // $a\ny", "\"^x$\"", "\"$a", "'a\\",
			"rb",
	};

	define("{a: '1'}");
	for (size_t i = 0; i < ARRAY_LEN(same); i++)
		STR_EQ(expanded(same[i]), same[i]);
	STR_EQ(expanded("\"$a\" + $a"), "\"$a\" + (1)");
	STR_EQ(expanded("x // $a\n$a"), "x // $a\n(1)");
	STR_EQ(expanded("r'\\' + $a"), "r'\\' + (1)");
	STR_EQ(expanded("'\\'' + $a"), "'\\'' + (1)");
	STR_EQ(expanded("'unfinished $a\n$a"), "'unfinished $a\n(1)");
	STR_EQ(expanded("''+$a"), "''+(1)");
	STR_EQ(expanded("a / $a"), "a / (1)");
	STR_EQ(expanded("bar'$a' + $a"), "bar'$a' + (1)");
}

T(a_comment_at_the_end_of_a_definition_ends_there)
{
	define("{a: 'x // why'}");
	STR_EQ(expanded("$a && y"), "(x // why\n) && y");
}

T(undefined_name)	/* S003-EC-009 */
{
	define("{a: '$nope'}");
	STR_EQ(expanded("$b"), "undefined $name reference \"$b\" in f");
	STR_EQ(expanded("$a"), "undefined $name reference \"$nope\" in f");
}

T(no_definitions_at_all)
{
	memset(&defs, 0, sizeof(defs));
	defs.file = "f";
	STR_EQ(expanded("x == 1"), "x == 1");
	STR_EQ(expanded("$b"), "undefined $name reference \"$b\" in f");
}

T(cycles_name_the_chain)	/* S003-EC-010 */
{
	define("{a: '$b', b: '$a', c: '$c', d: '$a'}");
	STR_EQ(expanded("$a"), "circular definition reference \"$a\" in f: $a -> $b -> $a");
	define("{a: '$b', b: '$a', c: '$c', d: '$a'}");
	STR_EQ(expanded("$c"), "circular definition reference \"$c\" in f: $c -> $c");
	define("{a: '$b', b: '$a', c: '$c', d: '$a'}");
	STR_EQ(expanded("$d"), "circular definition reference \"$a\" in f: $a -> $b -> $a");
}

T(a_name_in_a_literal_is_no_cycle)
{
	define("{a: '\"$a\"'}");
	STR_EQ(expanded("$a"), "(\"$a\")");
}

T(the_rest_is_checked_too)	/* S003-FR-006.c: also when no rule uses it */
{
	uint32_t line = 0;

	define("used: '1'\nbad: '$used && $loop'\nloop: '$bad'\n");
	STR_EQ(expanded("$used"), "(1)");
	EQ(defs_check_rest(&defs, &line, &err), -1);
	STR_EQ(err.msg, "circular definition reference \"$bad\" in f: $bad -> $loop -> $bad");
	EQ(line, 2);
	define("used: '1'\nbad: '$nope'\n");
	EQ(defs_check_rest(&defs, &line, &err), -1);
	STR_EQ(err.msg, "undefined $name reference \"$nope\" in f");
	EQ(line, 2);
}

T(used_means_reachable_from_a_rule)	/* S003-FR-016 */
{
	uint32_t line;

	define("{a: '$b', b: '1', c: '$b', d: '1'}");
	STR_EQ(expanded("$a"), "((1))");
	EQ(defs_check_rest(&defs, &line, &err), 0);
	OK(defs.v[0].used);
	OK(defs.v[1].used);
	OK(!defs.v[2].used);
	OK(!defs.v[3].used);
}

static void define_chain(unsigned levels)
{
	static char text[8192];
	struct buf b = BUF_OF(text);

	for (unsigned i = 1; i < levels; i++)
		buf_printf(&b, "d%u: '$d%u'\n", i, i + 1);
	buf_printf(&b, "d%u: '1'\n", levels);
	define(buf_c(&b));
}

T(depth_has_a_limit)	/* S003 1.1 MAX_DEFINITION_DEPTH */
{
	uint32_t line;

	define_chain(64);
	OK(strlen(expanded("$d1")) == 2 * 64 + 1);
	define_chain(65);
	STR_EQ(expanded("$d1"), "definition expansion exceeds depth 64 in f");
	/* also when the lower part was walked before */
	define_chain(65);
	OK(strlen(expanded("$d2")) == 2 * 64 + 1);
	STR_EQ(expanded("$d1"), "definition expansion exceeds depth 64 in f");
	define_chain(65);
	EQ(defs_check_rest(&defs, &line, &err), -1);
	HAS(err.msg, "exceeds depth 64");
}

T(size_is_the_buffers)	/* S003 1.1 MAX_EXPANDED_CONDITION_BYTES */
{
	static char text[2048];
	struct buf b = BUF_OF(text);

	for (int i = 0; i < 40; i++)
		buf_printf(&b, "d%d: '$d%d && $d%d'\n", i, i + 1, i + 1);
	buf_add_c(&b, "d40: 'true'\n");
	define(buf_c(&b));
	STR_EQ(expanded("$d0"), "full");
}

T(a_reference_in_a_literal_is_noticed)	/* warning of S003-FR-016 */
{
	define("{a: '1', bc: '2'}");
	VIEW_EQ(defs_in_literal(&defs, STR("x == \"$nope $bc\"")), "bc");
	EQ(defs_in_literal(&defs, STR("x == \"$nope $\" + $a // $a")).len, 0);
	arena_fini(&arena);
}
