/* yaml_test.c - YAML reader: trees, positions, every refusal */
#include "base/buf.h"
#include "wire/yaml.h"
#include "t.h"

static struct arena arena;
static struct err err;

static const struct yaml_node *parse_as(const char *name, const char *text)
{
	const struct yaml_node *root = NULL;
	size_t len = strlen(text);

	arena_fini(&arena);
	arena_init(&arena, (size_t)256 << 20);
	memset(&err, 0, sizeof(err));
	if (yaml_parse(str_n(t_guarded(text, len), len), name, &arena, &root, &err) < 0)
		return NULL;
	return root;
}

static const struct yaml_node *parse(const char *text)
{
	const struct yaml_node *root = parse_as("f", text);

	if (!root)
		FAIL("%s", err.msg);
	return root;
}

T(tree_with_positions)	/* S003-FR-018 */
{
	const struct yaml_node *root = parse(
		"# c\nversion: \"1\"\nrules:\n  - id: a\n    ports: [1, 2]\n");
	const struct yaml_node *v = yaml_get(root, "version");
	const struct yaml_node *rule, *ports;

	EQ(root->kind, YAML_MAP);
	EQ(root->count, 2);
	VIEW_EQ(v->text, "1");
	OK(!v->plain);
	EQ(v->line, 2);
	EQ(v->col, 10);
	EQ(yaml_get(root, "rules")->kind, YAML_SEQ);
	EQ(yaml_get(root, "rules")->count, 1);
	rule = yaml_get(root, "rules")->child;
	EQ(rule->line, 4);
	EQ(rule->col, 5);
	OK(yaml_get(rule, "id")->plain);
	ports = yaml_get(rule, "ports");
	EQ(ports->count, 2);
	VIEW_EQ(ports->child->next->text, "2");
	OK(!ports->child->next->next);
	OK(!yaml_get(root, "rule"));
	OK(!yaml_get(v, "x"));
}

T(no_document)
{
	OK(!parse_as("f", ""));
	EQ(err.code, ERR_NONE);
	OK(!parse_as("f", "# only a comment\n"));
	EQ(err.code, ERR_NONE);
	OK(yaml_is_null(parse("---\n")));
}

struct refusal {
	const char *text, *message;
};

static const struct refusal refusals[] = {
	{ "a: 1\na: 2\n", "YAML parse error in f: duplicate key \"a\" at line 2 column 1" },
	{ "a: {x: 1, \"x\": 2}", "YAML parse error in f: duplicate key \"x\" at line 1 column 11" },
	{ "a: &b 1", "YAML anchors and aliases are not supported in f at line 1" },
	{ "x: 1\na: *b", "YAML anchors and aliases are not supported in f at line 2" },
	{ "a: &b [1]", "YAML anchors and aliases are not supported in f at line 1" },
	{ "a: &b {c: 1}", "YAML anchors and aliases are not supported in f at line 1" },
	{ "a: !x 1", "YAML parse error in f: unsupported tag at line 1 column 4" },
	{ "a: !!str 1", "YAML parse error in f: unsupported tag at line 1 column 4" },
	{ "a: ! 1", "YAML parse error in f: unsupported tag at line 1 column 4" },
	{ "a: !!map {}", "YAML parse error in f: unsupported tag at line 1 column 4" },
	{ "a: !<tag:yaml.org,2002:seq> []",
	  "YAML parse error in f: unsupported tag at line 1 column 4" },
	{ "a: 1\n---\nb: 2\n", "YAML parse error in f: more than one document at line 2 column 1" },
	{ "? [a]\n: 1\n",
	  "YAML parse error in f: mapping key must be a scalar at line 1 column 3" },
	{ "? {a: 1}\n: 1\n",
	  "YAML parse error in f: mapping key must be a scalar at line 1 column 3" },
	{ "a: \"x\n", "YAML parse error in f: found unexpected end of stream at line 2 column 1" },
	{ "a: [1", "YAML parse error in f: did not find expected ',' or ']' at line 2 column 1" },
	{ "a: b: c",
	  "YAML parse error in f: mapping values are not allowed in this context at line 1 column 5" },
	{ "a:\n\t- b",
	  "YAML parse error in f: found character that cannot start any token at line 2 column 1" },
	{ "a: \x01",
	  "YAML parse error in f: control characters are not allowed at line 1 column " },
	{ "a: \xff", "YAML parse error in f: invalid leading UTF-8 octet at line 1 column " },
	{ "\xff\xfe"
	  "a",
	  "YAML parse error in f: invalid leading UTF-8 octet at line 1 column 1" },
};

T(refused_texts)	/* S003 section 5, YAML rows; S003-EC-018 */
{
	for (size_t i = 0; i < ARRAY_LEN(refusals); i++) {
		OK(!parse_as("f", refusals[i].text));
		if (strncmp(err.msg, refusals[i].message, strlen(refusals[i].message)) != 0)
			FAIL("row %zu: %s", i, err.msg);
		EQ(err.code, ERR_INVALID);
	}
}

T(a_text_without_name)	/* S004: YAML parse error at line <n>: <text> */
{
	OK(!parse_as(NULL, "a: 1\na: 2\n"));
	STR_EQ(err.msg, "YAML parse error at line 2: duplicate key \"a\"");
	OK(!parse_as(NULL, "a: *x\n"));
	STR_EQ(err.msg, "YAML parse error at line 1: YAML anchors and aliases are not supported");
}

T(escapes_in_keys_do_not_reach_messages)
{
	OK(!parse_as("f", "\"\\x1b[2J\": 1\n\"\\x1b[2J\": 2\n"));
	OK(!strchr(err.msg, '\x1b'));
	HAS(err.msg, "duplicate key");
}

static void repeat(char *to, const char *what, size_t n)
{
	for (size_t i = 0; i < n; i++)
		memcpy(to + i * strlen(what), what, strlen(what));
	to[n * strlen(what)] = '\0';
}

T(depth_has_a_limit)	/* S003 section 5 */
{
	static char text[4096];
	const struct yaml_node *n;
	unsigned depth = 0;

	repeat(text, "[", YAML_MAX_DEPTH);
	repeat(text + strlen(text), "]", YAML_MAX_DEPTH);
	for (n = parse(text); n; n = n->child)
		depth++;
	EQ(depth, YAML_MAX_DEPTH);
	repeat(text, "[", YAML_MAX_DEPTH + 1);
	repeat(text + strlen(text), "]", YAML_MAX_DEPTH + 1);
	OK(!parse_as("f", text));
	HAS(err.msg, "YAML parse error in f: recursion limit exceeded at line 1 column 129");
	repeat(text, "- ", YAML_MAX_DEPTH + 1);
	OK(!parse_as("f", text));
	HAS(err.msg, "recursion limit exceeded");
}

T(events_have_a_limit)
{
	size_t n = YAML_MAX_EVENTS + 10;
	char *text = malloc(2 * n + 2);

	OK(text != NULL);
	text[0] = '[';
	repeat(text + 1, "a,", n);
	text[2 * n] = ']';
	OK(!parse_as("f", text));
	free(text);
	HAS(err.msg, "more than 1000000 events");
}

T(many_keys_are_checked_too)
{
	static char text[64 * 1024];
	struct buf b = BUF_OF(text);

	for (int i = 0; i < 2000; i++)
		buf_printf(&b, "k%d: x\n", (i * 7919) % 2000);
	EQ(parse(buf_c(&b))->count, 2000);
	buf_add_c(&b, "k77: again\n");
	OK(!parse_as("f", buf_c(&b)));
	HAS(err.msg, "duplicate key \"k77\" at line 2001 column 1");
}

T(a_byte_order_mark_is_skipped)
{
	OK(yaml_get(parse("\xef\xbb\xbfversion: 1\n"), "version") != NULL);
}

struct scalar {
	const char *text;
	bool is_null, is_bool, is_int;
	int64_t value;
};

static const struct scalar scalars[] = {	/* S003 1.2 scalar typing */
	{ "", true, false, false, 0 },		{ "~", true, false, false, 0 },
	{ "null", true, false, false, 0 },	{ "Null", true, false, false, 0 },
	{ "NULL", true, false, false, 0 },	{ "nULL", false, false, false, 0 },
	{ "\"\"", false, false, false, 0 },	{ "'null'", false, false, false, 0 },
	{ "true", false, true, false, 1 },	{ "True", false, true, false, 1 },
	{ "TRUE", false, true, false, 1 },	{ "false", false, true, false, 0 },
	{ "False", false, true, false, 0 },	{ "FALSE", false, true, false, 0 },
	{ "yes", false, false, false, 0 },	{ "on", false, false, false, 0 },
	{ "'true'", false, false, false, 0 },	{ "tRue", false, false, false, 0 },
	{ "0", false, false, true, 0 },		{ "-0", false, false, true, 0 },
	{ "7", false, false, true, 7 },		{ "+7", false, false, true, 7 },
	{ "-7", false, false, true, -7 },	{ "0x1F", false, false, true, 31 },
	{ "0o17", false, false, true, 15 },	{ "0b101", false, false, true, 5 },
	{ "-0x10", false, false, true, -16 },	{ "010", false, false, false, 0 },
	{ "-010", false, false, false, 0 },	{ "1.0", false, false, false, 0 },
	{ "1e3", false, false, false, 0 },	{ "1_000", false, false, false, 0 },
	{ "'7'", false, false, false, 0 },	{ "0x", false, false, false, 0 },
	{ "0b2", false, false, false, 0 },	{ "0o8", false, false, false, 0 },
	{ "--1", false, false, false, 0 },	{ "+", false, false, false, 0 },
	{ "9223372036854775808", false, false, false, 0 },
	{ "9223372036854775807", false, false, true, INT64_MAX },
	{ "1001", false, false, false, 0 },	/* out of the range asked for, see below */
};

T(scalar_typing)
{
	for (size_t i = 0; i < ARRAY_LEN(scalars); i++) {
		const struct scalar *s = &scalars[i];
		char text[64];
		const struct yaml_node *n;
		int64_t max = strcmp(s->text, "1001") == 0 ? 1000 : INT64_MAX;
		int64_t v = 0;
		bool b = false;

		snprintf(text, sizeof(text), "k: %s", s->text);
		n = yaml_get(parse(text), "k");
		if (yaml_is_null(n) != s->is_null || yaml_bool(n, &b) != s->is_bool ||
		    yaml_int(n, INT64_MIN, max, &v) != s->is_int)
			FAIL("row %s", s->text);
		if (s->is_bool)
			EQ(b, s->value);
		if (s->is_int)
			EQ(v, s->value);
	}
	arena_fini(&arena);
}
