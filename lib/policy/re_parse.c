/* re_parse.c - reads a regular expression (RE2 syntax) into a tree over sets of code points
 *
 * Layer: policy.  Input: hostile patterns.  Memory: arena of the caller.  Threads: one owner.
 * Spec: S003 3.10.
 *
 * Groups only group and lazy equals greedy, because the one question is whether there is a match.
 * Recursion goes one level per open group, at most RE_MAX_DEPTH.
 */
#include <string.h>

#include "base/utf8.h"
#include "policy/re_int.h"

struct re_name {
	struct str name;
	struct re_name *next;
};

int re_bad(struct re_parser *p, const char *detail)
{
	return err_set(p->e, ERR_INVALID, "invalid regular expression: %s", detail);
}

static int too_large(struct re_parser *p)
{
	return err_set(p->e, ERR_LIMIT, "invalid regular expression: pattern too large");
}

static struct re_node *node_new(struct re_parser *p, enum re_node_kind kind)
{
	struct re_node *n = ARENA_NEW(p->t->tmp, struct re_node);

	if (!n) {
		(void)too_large(p);
		return NULL;
	}
	n->kind = kind;
	return n;
}

/* The concatenation being read: cat->kids is its last atom. */
struct sequence {
	struct re_node *cat;
	bool just_repeated;
};

static int append(struct sequence *q, struct re_node *n)
{
	if (!n)
		return -1;
	n->before = q->cat->kids;
	q->cat->kids = n;
	q->just_repeated = false;
	return 0;
}

static bool set_eq(struct re_set a, struct re_set b)
{
	return a.n == b.n && (a.n == 0 || (a.r[0].lo == b.r[0].lo &&
					  memcmp(a.r, b.r, a.n * sizeof(*a.r)) == 0));
}

static bool grow_sets(struct re_tree *t)
{
	uint32_t cap = t->set_cap ? t->set_cap * 2 : 16;
	struct re_set *sets = ARENA_NEW_N(t->tmp, struct re_set, cap);
	uint16_t *chain = ARENA_NEW_N(t->tmp, uint16_t, cap);

	if (!sets || !chain || cap > RE_MAX_SETS)
		return false;
	if (t->set_cnt) {
		memcpy(sets, t->sets, t->set_cnt * sizeof(*sets));
		memcpy(chain, t->chain, t->set_cnt * sizeof(*chain));
	}
	t->sets = sets;
	t->chain = chain;
	t->set_cap = cap;
	return true;
}

/* Number of the set among the different sets of the pattern, or -1. */
static int intern(struct re_parser *p, struct re_set s)
{
	struct re_tree *t = p->t;
	uint16_t *bucket = &t->bucket[s.n ? (s.r[0].lo * 31 + s.r[s.n - 1].hi) % RE_BUCKETS : 0];
	struct re_range *r;
	uint16_t i;

	for (i = *bucket; i; i = t->chain[i - 1]) {
		if (set_eq(t->sets[i - 1], s))
			return i - 1;
	}
	r = ARENA_NEW_N(t->tmp, struct re_range, s.n);
	if (!r || (t->set_cnt == t->set_cap && !grow_sets(t)))
		return too_large(p);
	if (s.n)
		memcpy(r, s.r, s.n * sizeof(*r));
	t->sets[t->set_cnt] = (struct re_set){ r, s.n };
	t->chain[t->set_cnt] = *bucket;
	*bucket = (uint16_t)++t->set_cnt;
	return (int)t->set_cnt - 1;
}

static int append_set(struct re_parser *p, struct sequence *q, struct re_set s)
{
	int id = p->set.failed || p->part.failed ? too_large(p) : intern(p, s);
	struct re_node *n = id < 0 ? NULL : node_new(p, RE_CHARS);

	if (!n)
		return -1;
	n->set = (uint16_t)id;
	return append(q, n);
}

static int append_rune(struct re_parser *p, struct sequence *q, uint32_t rune)
{
	re_build_start(&p->set, (p->flags & RE_FLAG_FOLD) != 0);
	re_build_add(&p->set, rune, rune);
	return append_set(p, q, re_build_finish(&p->set, false));
}

static int append_look(struct re_parser *p, struct sequence *q, enum re_look look)
{
	struct re_node *n = node_new(p, RE_LOOK);

	if (!n)
		return -1;
	n->look = (uint8_t)look;
	p->t->looks |= (uint8_t)look;
	return append(q, n);
}

static int append_dot(struct re_parser *p, struct sequence *q)
{
	re_build_start(&p->set, false);
	if (!(p->flags & RE_FLAG_DOT_ALL))
		re_build_add(&p->set, '\n', '\n');
	return append_set(p, q, re_build_finish(&p->set, true));
}

/* \Q...\E; p->at stands behind the Q. */
static int quoted(struct re_parser *p, struct sequence *q)
{
	while (p->at < p->s.len) {
		uint32_t rune;

		if (str_starts(str_from(p->s, p->at), STR("\\E"))) {
			p->at += 2;
			return 0;
		}
		if (!utf8_next(p->s, &p->at, &rune))
			return re_bad(p, "invalid UTF-8");
		if (append_rune(p, q, rune))
			return -1;
	}
	return 0;
}

static enum re_look look_of(char c)
{
	if (c == 'A')
		return RE_LOOK_TEXT_BEGIN;
	if (c == 'z')
		return RE_LOOK_TEXT_END;
	return c == 'b' ? RE_LOOK_WORD : RE_LOOK_NOT_WORD;
}

static int backslash(struct re_parser *p, struct sequence *q)
{
	char c = p->s.len - p->at >= 2 ? p->s.p[p->at + 1] : '\0';
	uint32_t rune;
	int found;

	if (c == 'Q') {
		p->at += 2;
		return quoted(p, q);
	}
	if (c == 'A' || c == 'z' || c == 'b' || c == 'B') {
		p->at += 2;
		return append_look(p, q, look_of(c));
	}
	re_build_start(&p->set, (p->flags & RE_FLAG_FOLD) != 0);
	found = re_class_perl(p);
	if (found > 0)
		return append_set(p, q, re_build_finish(&p->set, false));
	if (found < 0 || re_class_escape(p, &rune))
		return -1;
	return append_rune(p, q, rune);
}

/* Digits without leading zero; false if there are none. What is too large becomes 1001. */
static bool number(struct re_parser *p, int *out)
{
	size_t from = p->at;
	int v = 0;

	while (p->at < p->s.len && ascii_is_digit(p->s.p[p->at])) {
		v = MIN(v * 10 + (p->s.p[p->at] - '0'), RE_MAX_REPEAT + 1);
		p->at++;
	}
	*out = v;
	return p->at > from && (p->s.p[from] != '0' || p->at == from + 1);
}

/* "{n}", "{n,}", "{n,m}" at p->at; anything else is literal text: false, nothing consumed. */
static bool braces(struct re_parser *p, int *min, int *max)
{
	size_t from = p->at;
	bool good;

	p->at++;
	good = number(p, min);
	*max = *min;
	if (good && p->at < p->s.len && p->s.p[p->at] == ',') {
		p->at++;
		*max = -1;
		if (p->at < p->s.len && p->s.p[p->at] != '}')
			good = number(p, max);
	}
	good = good && p->at < p->s.len && p->s.p[p->at] == '}';
	p->at = good ? p->at + 1 : from;
	return good;
}

static int repeat(struct re_parser *p, struct sequence *q, int min, int max)
{
	struct re_node *n;

	if (min > RE_MAX_REPEAT || max > RE_MAX_REPEAT)
		return re_bad(p, "repetition count over 1000");
	if (max >= 0 && min > max)
		return re_bad(p, "repetition bounds out of order");
	if (q->just_repeated)
		return re_bad(p, "bad repetition operator");
	if (!q->cat->kids)
		return re_bad(p, "missing argument to repetition operator");
	if (p->at < p->s.len && p->s.p[p->at] == '?')
		p->at++;
	n = node_new(p, RE_REPEAT);
	if (!n)
		return -1;
	n->min = (int16_t)min;
	n->max = (int16_t)max;
	n->kids = q->cat->kids;
	n->before = n->kids->before;
	n->kids->before = NULL;
	q->cat->kids = n;
	q->just_repeated = true;
	return 0;
}

static int group_name(struct re_parser *p)
{
	size_t len = str_find_byte(str_from(p->s, p->at), '>');
	struct re_name *n;
	size_t i;

	if (len == SIZE_MAX || len == 0)
		return re_bad(p, "invalid group name");
	n = ARENA_NEW(p->t->tmp, struct re_name);
	if (!n)
		return too_large(p);
	*n = (struct re_name){ str_first(str_from(p->s, p->at), len), p->names };
	for (i = 0; i < len; i++) {
		if (!ascii_is_alnum(n->name.p[i]) && n->name.p[i] != '_')
			return re_bad(p, "invalid group name");
	}
	for (p->names = n; n->next; n = n->next) {
		if (str_eq(n->next->name, p->names->name))
			return re_bad(p, "duplicate group name");
	}
	p->at += len + 1;
	return 0;
}

static unsigned flag_of(char c)
{
	return c == 'i' ? RE_FLAG_FOLD : c == 'm' ? RE_FLAG_LINES : c == 's' ? RE_FLAG_DOT_ALL :
	       c == 'U' ? RE_FLAG_LAZY : 0;
}

/* "imsU-imsU" up to and with the ':' (1: a group follows) or the ')' (0). */
static int group_flags(struct re_parser *p)
{
	unsigned flags = p->flags;
	bool minus = false;
	bool pending = false;	/* a minus wants at least one flag */

	while (p->at < p->s.len) {
		char c = p->s.p[p->at++];
		unsigned f = flag_of(c);

		if (f) {
			flags = minus ? flags & ~f : flags | f;
			pending = false;
		} else if (c == '-' && !minus) {
			minus = true;
			pending = true;
		} else if ((c == ':' || c == ')') && !pending) {
			p->flags = flags;
			return c == ':';
		} else {
			break;
		}
	}
	return re_bad(p, "invalid or unsupported group syntax");
}

static struct re_node *parse_alternatives(struct re_parser *p);

/* "(" at p->at. */
static int group(struct re_parser *p, struct sequence *q)
{
	const unsigned outer = p->flags;
	struct str rest = str_from(p->s, p->at);
	struct re_node *n;
	int opens = 1;

	if (str_starts(rest, STR("(?P<")) || str_starts(rest, STR("(?<"))) {
		p->at += rest.p[2] == 'P' ? 4 : 3;
		opens = group_name(p) ? -1 : 1;
	} else if (str_starts(rest, STR("(?"))) {
		p->at += 2;
		opens = group_flags(p);
	} else {
		p->at++;
	}
	if (opens <= 0) {
		q->just_repeated = false;
		return opens;
	}
	if (++p->depth > RE_MAX_DEPTH)
		return re_bad(p, "groups nest too deeply");
	n = parse_alternatives(p);
	if (!n)
		return -1;
	if (p->at >= p->s.len)
		return re_bad(p, "missing closing )");
	p->at++;
	p->depth--;
	p->flags = outer;
	return append(q, n);
}

static int literal(struct re_parser *p, struct sequence *q)
{
	uint32_t rune;

	if (!utf8_next(p->s, &p->at, &rune))
		return re_bad(p, "invalid UTF-8");
	return append_rune(p, q, rune);
}

static int bracket(struct re_parser *p, struct sequence *q)
{
	struct re_set s;

	if (re_class_bracket(p, &s))
		return -1;
	return append_set(p, q, s);
}

/* One atom or one repetition operator behind it. */
static int element(struct re_parser *p, struct sequence *q)
{
	const bool lines = (p->flags & RE_FLAG_LINES) != 0;
	int min, max;

	switch (p->s.p[p->at]) {
	case '(':
		return group(p, q);
	case '[':
		return bracket(p, q);
	case '\\':
		return backslash(p, q);
	case '.':
		p->at++;
		return append_dot(p, q);
	case '^':
		p->at++;
		return append_look(p, q, lines ? RE_LOOK_LINE_BEGIN : RE_LOOK_TEXT_BEGIN);
	case '$':
		p->at++;
		return append_look(p, q, lines ? RE_LOOK_LINE_END : RE_LOOK_TEXT_END);
	case '*':
		p->at++;
		return repeat(p, q, 0, -1);
	case '+':
		p->at++;
		return repeat(p, q, 1, -1);
	case '?':
		p->at++;
		return repeat(p, q, 0, 1);
	case '{':
		return braces(p, &min, &max) ? repeat(p, q, min, max) : literal(p, q);
	default:
		return literal(p, q);
	}
}

static struct re_node *parse_sequence(struct re_parser *p)
{
	struct sequence q = { node_new(p, RE_CAT), false };

	if (!q.cat)
		return NULL;
	while (p->at < p->s.len && p->s.p[p->at] != '|' && p->s.p[p->at] != ')') {
		if (element(p, &q))
			return NULL;
	}
	return q.cat;
}

/* Up to the end or an unconsumed ')'. */
static struct re_node *parse_alternatives(struct re_parser *p)
{
	struct re_node *alt = NULL;
	struct re_node *n = parse_sequence(p);

	while (n && p->at < p->s.len && p->s.p[p->at] == '|') {
		if (!alt) {
			alt = node_new(p, RE_ALT);
			if (!alt)
				return NULL;
			alt->kids = n;
		}
		p->at++;
		n = parse_sequence(p);
		if (n) {
			n->before = alt->kids;
			alt->kids = n;
		}
	}
	return n && alt ? alt : n;
}

/* Nested counts multiply. */
static bool counts_fit(const struct re_node *n, int budget)
{
	const struct re_node *kid;

	if (n->kind == RE_REPEAT) {
		int count = n->max < 0 ? n->min : n->max;

		if (count > 0)
			budget /= count;
		if (budget == 0)
			return false;
	}
	for (kid = n->kids; kid; kid = kid->before) {
		if (!counts_fit(kid, budget))
			return false;
	}
	return true;
}

int re_parse(struct arena *tmp, struct str pattern, struct re_tree *out, struct err *e)
{
	struct re_parser p = { .s = pattern, .t = out, .e = e };

	*out = (struct re_tree){ .tmp = tmp };
	p.set.tmp = tmp;
	p.part.tmp = tmp;
	if (pattern.len > RE_MAX_PATTERN)
		return err_set(e, ERR_INVALID, "invalid regular expression: pattern over %d bytes",
			       RE_MAX_PATTERN);
	out->root = parse_alternatives(&p);
	out->spent = p.set.spent + p.part.spent;
	if (!out->root)
		return -1;
	if (p.at < pattern.len)
		return re_bad(&p, "unexpected )");
	if (!counts_fit(out->root, RE_MAX_REPEAT))
		return err_set(e, ERR_INVALID,
			       "invalid regular expression: nested repetition counts over %d",
			       RE_MAX_REPEAT);
	return 0;
}
