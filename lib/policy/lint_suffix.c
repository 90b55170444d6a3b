/* lint_suffix.c - tests of a host that also hold for a host of somebody else with the same ending
 *
 * Layer: policy.  Input: trusted (a loaded set).  Memory: the arena of the analysis; a second one
 * for the trees of patterns.  Threads: one owner.
 * Spec: S003 1.9 (rules lint).
 *
 * endsWith("example.org") holds for evilexample.org.  For a regular expression the claim is proved:
 * a text that it matches is made from its tree, "evil" is put in front of a part that the pattern
 * spells out, and the expression is asked about the result.  Each alternation is followed several
 * times, another way each time.
 */
#include <string.h>

#include "policy/lint_int.h"
#include "policy/re_int.h"

#define HOST_MAX 253
#define ROUNDS 16		/* ways through the alternatives of one pattern, twice each */
#define TREE_MEMORY ((size_t)16 << 20)
#define EVIL "evil"

struct sample {			/* written from its end to its beginning */
	char text[HOST_MAX];
	bool literal[HOST_MAX];	/* the pattern allows nothing else there */
	size_t at;		/* of the first byte */
	unsigned round;
	const struct re_tree *tree;
	bool bad;		/* too long, or not a host name */
};

/* --- a text that a pattern matches ------------------------------------------------------------ */

static bool set_has(const struct re_set *s, uint32_t rune)
{
	for (uint32_t i = 0; i < s->n; i++)
		if (s->r[i].lo <= rune && rune <= s->r[i].hi)
			return true;
	return false;
}

/* One letter, in either case; or one other character. */
static bool is_literal(const struct re_set *s)
{
	uint32_t lo = s->n ? s->r[0].lo : 0;

	if (s->n == 1 && lo == s->r[0].hi)
		return true;
	return s->n == 2 && lo == s->r[0].hi && lo >= 'A' && lo <= 'Z' &&
	       s->r[1].lo == s->r[1].hi && s->r[1].lo == lo + ('a' - 'A');
}

static char pick(const struct re_set *s)
{
	static const char wanted[] = ".x-0abcdefghijklmnopqrstuvwyz123456789_";

	for (size_t i = 0; i + 1 < sizeof(wanted); i++)
		if (set_has(s, (uint32_t)wanted[i]))
			return wanted[i];
	return '\0';
}

static void put(struct sample *s, const struct re_set *set)
{
	char c = pick(set);

	if (s->at == 0 || c == '\0') {
		s->bad = true;
		return;
	}
	s->at--;
	s->text[s->at] = c;
	s->literal[s->at] = is_literal(set);
}

static void write_sample(struct sample *s, const struct re_node *n);

static void write_one_of(struct sample *s, const struct re_node *n)
{
	const struct re_node *k = n->kids;
	unsigned cnt = 0;

	for (const struct re_node *i = n->kids; i; i = i->before)
		cnt++;
	for (unsigned skip = cnt ? s->round % cnt : 0; skip > 0; skip--)
		k = k->before;
	write_sample(s, k);
}

static void write_sample(struct sample *s, const struct re_node *n)
{
	if (!n || s->bad)
		return;
	switch (n->kind) {
	case RE_EMPTY:
	case RE_LOOK:
		return;
	case RE_CHARS:
		put(s, &s->tree->sets[n->set]);
		return;
	case RE_CAT:
		for (const struct re_node *k = n->kids; k; k = k->before)
			write_sample(s, k);
		return;
	case RE_ALT:
		write_one_of(s, n);
		return;
	case RE_REPEAT:
		for (int i = 0; i < n->min && !s->bad; i++)
			write_sample(s, n->kids);
		return;
	}
}

/* --- the proof -------------------------------------------------------------------------------- */

/* front and the sample from i on, if a name of somebody else could begin so. */
static bool evil_name(const struct sample *s, size_t i, const char *front, struct buf *out)
{
	struct str rest = str_n(s->text + i, HOST_MAX - i);
	bool begins = i == s->at || !s->literal[i - 1] || s->text[i - 1] == '.';

	if (!s->literal[i] || !ascii_is_alnum(s->text[i]) || !begins ||
	    str_find_byte(rest, '.') == SIZE_MAX)
		return false;
	buf_reset(out);
	buf_add_c(out, front);
	buf_add_str(out, rest);
	return buf_ok(out);
}

static bool holds_for(struct lint *l, const struct lint_test *t, struct str name)
{
	struct lint_test positive = *t;

	positive.negated = false;
	return test_holds_for(l, &positive, cel_string(name));
}

/* Leaves in *out a name with "evil" in front that t matches. */
static bool find_evil(struct lint *l, const struct lint_test *t, const struct re_tree *tree,
		      struct buf *out)
{
	static const char *const fronts[] = { EVIL, EVIL "-" };	/* \b is no guard */

	for (unsigned round = 0; round < ROUNDS; round++) {
		const char *front = fronts[round % ARRAY_LEN(fronts)];
		struct sample s = { .at = HOST_MAX, .round = round / 2, .tree = tree };

		write_sample(&s, tree->root);
		for (size_t i = s.at; i < HOST_MAX && !s.bad && lint_step(l); i++)
			if (evil_name(&s, i, front, out) && holds_for(l, t, buf_str(out)))
				return true;
	}
	return false;
}

static bool pattern_is_open(struct lint *l, const struct lint_test *t, struct buf *out)
{
	struct re_tree tree;
	struct arena tmp;
	struct err e;
	bool open;

	arena_init(&tmp, TREE_MEMORY);
	open = re_parse(&tmp, t->text, &tree, &e) == 0 && find_evil(l, t, &tree, out);
	arena_fini(&tmp);
	return open;
}

/* --- findings --------------------------------------------------------------------------------- */

static bool suffix_is_open(struct str s)
{
	size_t dot = str_find_byte(s, '.');

	if (s.len == 0 || s.p[0] == '.')
		return false;
	if (s.p[0] != '-')
		return true;
	/* "-eu.example.org" ends within the names of one owner, "-example.org" does not */
	return dot == SIZE_MAX || str_find_byte(str_from(s, dot + 1), '.') == SIZE_MAX;
}

/* contains("example.org"): a name, not a word in one. */
static bool part_is_open(struct str s)
{
	return s.len > 0 && ascii_is_alnum(s.p[0]) && ascii_is_alnum(s.p[s.len - 1]) &&
	       str_find_byte(s, '.') != SIZE_MAX;
}

static void judge(struct lint *l, const struct rule *r, const struct lint_test *t)
{
	const struct fact_desc *d = &fact_table[test_field(t)];
	char shown[200], evil[HOST_MAX + sizeof(EVIL "-")];
	struct buf text = BUF_OF(shown), name = BUF_OF(evil);
	struct lint_test positive = *t;

	positive.negated = false;
	test_text(&positive, &text);
	if (t->kind == TEST_SUFFIX && suffix_is_open(t->text) && t->text.p[0] == '-')
		lint_say(l, r, LINT_SUFFIX_WITHOUT_DOT,
			 "%s also holds for " EVIL STR_FMT "; name the hosts, or test for an end that "
			 "begins with a dot",
			 buf_c(&text), STR_ARG(t->text));
	else if ((t->kind == TEST_SUFFIX && suffix_is_open(t->text)) ||
	    (t->kind == TEST_CONTAINS && part_is_open(t->text)))
		lint_say(l, r, LINT_SUFFIX_WITHOUT_DOT,
			 "%s also holds for " EVIL STR_FMT "; write (%s.%s == \"" STR_FMT "\" || "
			 "%s.%s.endsWith(\"." STR_FMT "\"))",
			 buf_c(&text), STR_ARG(t->text), d->ns, d->name, STR_ARG(t->text), d->ns,
			 d->name, STR_ARG(t->text));
	else if (t->kind == TEST_MATCHES && pattern_is_open(l, t, &name))
		lint_say(l, r, LINT_SUFFIX_WITHOUT_DOT,
			 "%s also holds for %s; begin the pattern with ^ and put (.+\\.)? in front of "
			 "the name if its sub-domains are meant too",
			 buf_c(&text), buf_c(&name));
}

static void walk(struct lint *l, const struct rule *r, const struct formula *f)
{
	if (f->kind == FORMULA_TEST && field_is_host(test_field(f->test)))
		judge(l, r, f->test);
	for (const struct formula *k = f->kid; k && !l->failed; k = k->next)
		walk(l, r, k);
}

void lint_suffixes(struct lint *l)
{
	for (uint32_t i = 0; i < l->set->count && !l->failed; i++)
		walk(l, &l->set->rules[i], l->rules[i].formula);
}
