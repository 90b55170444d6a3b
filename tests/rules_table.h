/* rules_table.h - tables of rule files: what a load makes of them, as text
 *
 * Form of the tables in tests/data/rules: a case starts with "=== <title>"; then
 *	+++ <option>...		ca no_proxy submission body_cap_zero
 *	--- <file name>		the lines up to the next mark are the file
 *	>>> <text>		refused.t: one line of the message starts so (of a single one the lines
 *				with the caret may follow); accepted.t: one warning, in order;
 *				lint.t: one finding starts so, in order
 *	??? <fact>... => <allow|block> <rule id or ->
 * In examples.t the title is the name of a shipped file.
 */
#ifndef OC_TESTS_RULES_TABLE_H
#define OC_TESTS_RULES_TABLE_H

#include "base/log.h"
#include "policy/load.h"
#include "policy/rule.h"
#include "t.h"

#define MAX_LINES 64

struct test_case {
	char title[128];
	struct load_opts opts;
	struct rule_source files[8];
	size_t file_cnt;
	struct str wanted[MAX_LINES], asked[MAX_LINES];
	size_t wanted_cnt, asked_cnt;
};

static struct arena arena;
static struct arena scratch;
static struct err err;

/* --- the tables ------------------------------------------------------------------------------- */

static struct str read_table(const char *path)
{
	static char text[128 * 1024];
	FILE *f = fopen(path, "rb");
	size_t n = f ? fread(text, 1, sizeof(text), f) : 0;

	if (!f || n == sizeof(text))
		FAIL("cannot read %s", path);
	(void)fclose(f);
	return str_n(text, n);
}

static bool is_mark(struct str s)
{
	return str_starts(s, STR("=== ")) || str_starts(s, STR("+++ ")) ||
	       str_starts(s, STR("--- ")) || str_starts(s, STR(">>> ")) ||
	       str_starts(s, STR("??? "));
}

static void set_options(struct load_opts *o, struct str words)
{
	struct str w;

	while (str_split(&words, ' ', &w)) {
		o->ca_loaded |= str_eq_c(w, "ca");
		o->no_proxy |= str_eq_c(w, "no_proxy");
		o->submission |= str_eq_c(w, "submission");
		o->body_cap_zero |= str_eq_c(w, "body_cap_zero");
	}
}

/* Takes the lines up to the next mark off *rest. */
static struct str take_file(struct str *rest)
{
	struct str from = *rest;
	struct str line, look = *rest;

	while (str_split(&look, '\n', &line) && !is_mark(line))
		*rest = look;
	return str_first(from, rest->p ? (size_t)(rest->p - from.p) : from.len);
}

static bool next_case(struct str *rest, struct test_case *c)
{
	struct str line, look;
	bool open = false;

	memset(c, 0, sizeof(*c));
	for (look = *rest; str_split(&look, '\n', &line); look = *rest) {
		struct str value = str_from(line, 4);

		if (open && str_starts(line, STR("=== ")))
			return true;
		*rest = look;
		if (str_starts(line, STR("=== "))) {
			open = true;
			snprintf(c->title, sizeof(c->title), STR_FMT, STR_ARG(value));
		} else if (str_starts(line, STR("+++ "))) {
			set_options(&c->opts, value);
		} else if (str_starts(line, STR(">>> ")) && c->wanted_cnt < MAX_LINES) {
			c->wanted[c->wanted_cnt++] = value;
		} else if (str_starts(line, STR("??? ")) && c->asked_cnt < MAX_LINES) {
			c->asked[c->asked_cnt++] = value;
		} else if (str_starts(line, STR("--- "))) {
			c->files[c->file_cnt].name = arena_str(&arena, value).p;
			c->files[c->file_cnt++].text = take_file(rest);
		} else if (line.len > 0 && line.p[0] != '#') {
			FAIL("%s: stray line " STR_FMT, c->title, STR_ARG(line));
		}
	}
	return open;
}

/* --- facts from words ------------------------------------------------------------------------- */

struct word {
	const char *key;
	size_t offset;
	enum fact_ns ns;
};

static const struct word words[] = {
	{ "network.hostname", offsetof(struct facts, network.hostname), FACT_NETWORK },
	{ "network.ip", offsetof(struct facts, network.ip), FACT_NETWORK },
	{ "network.protocol", offsetof(struct facts, network.protocol), FACT_NETWORK },
	{ "http.method", offsetof(struct facts, http.method), FACT_HTTP },
	{ "http.path", offsetof(struct facts, http.path), FACT_HTTP },
	{ "http.host", offsetof(struct facts, http.host), FACT_HTTP },
	{ "http.scheme", offsetof(struct facts, http.scheme), FACT_HTTP },
	{ "dns.query", offsetof(struct facts, dns.query), FACT_DNS },
	{ "dns.record_type", offsetof(struct facts, dns.record_type), FACT_DNS },
	{ "docker.image", offsetof(struct facts, docker.image), FACT_DOCKER },
	{ "run.tool", offsetof(struct facts, run.tool), FACT_RUN },
	{ "agent.name", offsetof(struct facts, agent.name), FACT_AGENT },
};

static struct fact_field header;

static void add_fact(struct facts *f, struct str word)
{
	size_t eq = str_find_byte(word, '=');
	struct str key = str_first(word, eq);
	struct str value = str_from(word, eq + 1);

	for (size_t i = 0; i < ARRAY_LEN(words); i++) {
		if (!str_eq_c(key, words[i].key))
			continue;
		memcpy((char *)f + words[i].offset, &value, sizeof(value));
		f->present |= words[i].ns;
		return;
	}
	if (str_eq_c(key, "network.port")) {
		f->network.port = (uint16_t)strtoul(value.p, NULL, 10);
		f->present |= FACT_NETWORK;
	} else if (str_starts(key, STR("header."))) {
		header = (struct fact_field){ str_from(key, 7), value };
		f->http.headers = &header;
		f->http.header_cnt = 1;
		f->present |= FACT_HTTP;
	} else {
		FAIL("no such fact: " STR_FMT, STR_ARG(word));
	}
}

T_MAYBE static void check_verdict(const struct test_case *c, const struct ruleset *set, struct str question)
{
	size_t arrow = str_find(question, STR(" => "));
	struct str facts_text = str_first(question, arrow);
	struct str want = str_from(question, arrow + 4);
	struct facts f = { 0 };
	struct verdict v;
	struct str w;
	char got[256];

	while (str_split(&facts_text, ' ', &w))
		add_fact(&f, w);
	ruleset_eval(set, &f, &scratch, &v);
	snprintf(got, sizeof(got), "%s %s", v.kind == VERDICT_ALLOW ? "allow" : "block",
		 v.rule_id[0] ? v.rule_id : "-");
	if (!str_eq_c(want, got))
		FAIL("%s: " STR_FMT " gave %s", c->title, STR_ARG(question), got);
}

/* --- loading ---------------------------------------------------------------------------------- */

static struct ruleset *load(const struct test_case *c)
{
	struct ruleset *set = NULL;

	memset(&err, 0, sizeof(err));
	return ruleset_load(c->files, c->file_cnt, &c->opts, &set, &err) < 0 ? NULL : set;
}

static void setup(void)
{
	arena_fini(&arena);
	arena_fini(&scratch);
	arena_init(&arena, (size_t)16 << 20);
	if (arena_init_fixed(&scratch, 256 * 1024) < 0 || log_set_levels(STR("error"), &err) < 0)
		FAIL("no memory");
}

#endif
