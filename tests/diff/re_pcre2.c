/* re_pcre2.c - generated regular expressions: our answer against PCRE2's
 *
 * Layer: tests.  usage: re_pcre2 COUNT SEED        compare, exit 1 on a difference
 *                       re_pcre2 COUNT SEED write  print rows for tests/data/re/generated.t
 *
 * Where the two dialects mean different things, options make PCRE2 follow RE2: `$` is the end of
 * the text, `^` after a last newline counts in (?m).  Left out: VT in subjects (\s of RE2 does not
 * have it); \p{Lu} and, in subjects, U+017F and U+212A (RE2 folds classes and categories, \w
 * included, and negates then); `{0}` beside an anchor (PCRE2 10.42 takes a\A that is repeated no
 * times for an anchor of the whole).
 */
#define PCRE2_CODE_UNIT_WIDTH 8
#include <pcre2.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "policy/re.h"

/* PCRE2 does not repeat `^`, `$`, `\b` and the like; RE2 does. */
#define REPEATS_A_LOOK PCRE2_ERROR_QUANTIFIER_INVALID

/* Its optimisations err in 10.42: a\PN+?\p{^L} does not match "aa." with possessive quantifiers. */
#define OPTIONS (PCRE2_UTF | PCRE2_DOLLAR_ENDONLY | PCRE2_ALT_CIRCUMFLEX | \
		 PCRE2_NO_AUTO_POSSESS | PCRE2_NO_START_OPTIMIZE)

static uint32_t seed;

static uint32_t rnd(uint32_t n)
{
	seed = seed * 1664525u + 1013904223u;
	return (seed >> 8) % n;
}

struct gen {
	char p[400];
	size_t len;
};

static void put(struct gen *g, const char *s)
{
	size_t n = strlen(s);

	if (g->len + n < sizeof(g->p)) {
		memcpy(g->p + g->len, s, n);
		g->len += n;
	}
}

static void gen_alternatives(struct gen *g, unsigned depth);

static void gen_atom(struct gen *g, unsigned depth)
{
	static const char *const plain[] = { "a", "b", "c", ".", "[ab]", "[^a]", "A", "\\." };
	static const char *const all[] = { "\\d",
					   "\\D",
					   "\\w",
					   "\\W",
					   "\\b",
					   "\\B",
					   "^",
					   "$",
					   "\\A",
					   "\\z",
					   "[a-c]",
					   "[^b-z]",
					   "[\\d.]",
					   "[[:alpha:]]",
					   "[^[:digit:]]",
					   "\\x{e9}",
					   "\xc3\xa9",
					   "[\xc3\xa0-\xc3\xbf]",
					   "\\n",
					   "[^\\n]",
					   "\\x41",
					   "\\101",
					   "\\Qa.b\\E",
					   "\\pL",
					   "\\PN",
					   "[\\p{Greek}b]",
					   "\\p{^L}",
					   "[]a]",
					   "[^]a]",
					   "[a-]",
					   "\xf0\x9f\x90\xb1",
					   "{",
					   "a{,2}",
					   "\\s",
					   "\\S",
					   "[^\\s\\w]",
					   "\\t",
					   "\\07",
					   "\\x{1f431}",
					   "[[:^alpha:]]",
					   "[[:punct:][:space:]]",
					   "[[:alnum:]_]",
					   "[[:xdigit:]]",
					   "[[:upper:]]",
					   "\\p{Cyrillic}",
					   "[^\\pL\\d]",
					   "\\P{Greek}",
					   "\\Q*+\\\\E",
					   "k",
					   "[r-t]",
					   "\xc3\x9f",
					   "[\xce\xb1-\xcf\x89]",
					   "\\.\\-",
					   "[--/]",
					   "[\\]\\-b]" };
	static const char *const groups[] = {
		"(", "(?:", "(?i:", "(?s:", "(?m:", "(?-i:", "(?im-s:", "((?i)", "((?s-m)"
	};

	if (depth && rnd(3) == 0) {
		put(g, groups[rnd(rnd(2) ? 2 : ARRAY_LEN(groups))]);
		gen_alternatives(g, depth - 1);
		put(g, ")");
	} else if (rnd(3)) {
		put(g, plain[rnd(sizeof(plain) / sizeof(plain[0]))]);
	} else {
		put(g, all[rnd(sizeof(all) / sizeof(all[0]))]);
	}
}

static void gen_alternatives(struct gen *g, unsigned depth)
{
	static const char *const ops[] = { "*",	 "+",  "?",  "{2}",  "{1,2}", "{0,3}",
					   "*?", "+?", "??", "{2,}", "{0}",   "{1,3}?",
					   "{0,}", "{1}", "{2,3}", "{2,}?" };
	unsigned alts = 1 + rnd(3) / 2;

	for (unsigned i = 0; i < alts; i++) {
		unsigned n = 1 + rnd(4);

		if (i)
			put(g, "|");
		for (unsigned k = 0; k < n; k++) {
			size_t before = g->len;

			gen_atom(g, depth);
			if (g->len > before && rnd(3) == 0 && g->p[g->len - 1] != '{' &&
			    g->p[g->len - 1] != '}')
				put(g, ops[rnd(sizeof(ops) / sizeof(ops[0]))]);
		}
	}
}

static void gen_subject(struct gen *g)
{
	static const char *const pieces[] = { "a",
					      "b",
					      "c",
					      "A",
					      "B",
					      "z",
					      "1",
					      ".",
					      "\n",
					      " ",
					      "_",
					      "]",
					      "-",
					      "{",
					      "\xc3\xa9",
					      "\xc3\x89",
					      "\xce\xb1",
					      "\xce\xa9",
					      "\t",
					      "\a",
					      "s",
					      "K",
					      "\xd0\x96",
					      "\xc3\x9f",
					      "*",
					      "/",
					      "\xf0\x9f\x90\xb1" };
	unsigned n = rnd(10);

	for (unsigned i = 0; i < n; i++)
		put(g, pieces[rnd(rnd(2) ? 4 : (uint32_t)(sizeof(pieces) / sizeof(pieces[0])))]);
}

static int ours(const struct re *re, const struct gen *s)
{
	struct arena scratch;
	uint64_t left = UINT64_MAX;
	enum re_answer a;

	if (arena_init_fixed(&scratch, 1 << 20))
		exit(2);
	a = re_search(re, str_n(s->p, s->len), &scratch, &left);
	arena_fini(&scratch);
	return a == RE_YES;
}

static void print_escaped(const struct gen *g)
{
	for (size_t i = 0; i < g->len; i++) {
		if (g->p[i] == '\n')
			fputs("\\n", stdout);
		else
			putchar(g->p[i]);
	}
}

/* Subjects of one pattern. The number of differences. */
static unsigned compare(const struct gen *p, const struct re *re, pcre2_code *code, int write)
{
	pcre2_match_data *md = pcre2_match_data_create_from_pattern(code, NULL);
	unsigned bad = 0;

	for (unsigned k = 0; k < (write ? 2 : 8); k++) {
		struct gen s = { .len = 0 };
		int rc, mine;

		gen_subject(&s);
		rc = pcre2_match(code, (PCRE2_SPTR)s.p, s.len, 0, 0, md, NULL);
		if (rc < -2)	/* gave up */
			continue;
		mine = ours(re, &s);
		if (write) {
			print_escaped(p);
			putchar('\t');
			print_escaped(&s);
			printf("\t%s\n", rc >= 0 ? "yes" : "no");
		}
		if (mine == (rc >= 0))
			continue;
		bad++;
		fprintf(stderr, "differs: /%.*s/ on \"%.*s\": ours %d, PCRE2 %d\n", (int)p->len,
			p->p, (int)s.len, s.p, mine, rc >= 0);
	}
	pcre2_match_data_free(md);
	return bad;
}

/* See the head. */
static bool is_misread(const struct gen *p)
{
	struct str s = str_n(p->p, p->len);

	return str_find(s, STR("{0}")) != SIZE_MAX &&
	       (str_find(s, STR("^")) != SIZE_MAX || str_find(s, STR("\\A")) != SIZE_MAX);
}

static unsigned one(int write)
{
	struct gen p = { .len = 0 };
	const struct re *re;
	struct arena keep;
	struct err e = { 0 };
	int error;
	PCRE2_SIZE at;
	pcre2_code *code;
	unsigned bad = 0;
	int rc;

	gen_alternatives(&p, 3);
	arena_init(&keep, 1 << 24);
	rc = re_compile(&keep, str_n(p.p, p.len), &re, &e);
	code = pcre2_compile((PCRE2_SPTR)p.p, p.len, OPTIONS,
			     &error, &at, NULL);
	if (rc == 0 && code && !is_misread(&p)) {
		bad = compare(&p, re, code, write);
	} else if ((code != NULL) != (rc == 0) && (code || error != REPEATS_A_LOOK)) {
		bad = 1;
		fprintf(stderr, "only %s compiles /%.*s/ %s\n", code ? "PCRE2" : "ours", (int)p.len,
			p.p, e.msg);
	}
	if (code)
		pcre2_code_free(code);
	arena_fini(&keep);
	return bad;
}

int main(int argc, char **argv)
{
	unsigned long count = argc > 1 ? strtoul(argv[1], NULL, 10) : 100000;
	int write = argc > 3 && strcmp(argv[3], "write") == 0;
	unsigned long bad = 0;

	seed = argc > 2 ? (uint32_t)strtoul(argv[2], NULL, 10) : 1;
	for (unsigned long i = 0; i < count && bad < 20; i++)
		bad += one(write);
	fprintf(stderr, "%lu patterns, %lu differences\n", count, bad);
	return bad != 0;
}
