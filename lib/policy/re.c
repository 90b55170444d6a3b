/* re.c - regular expressions in RE2 syntax: compiling and searching (linear time)
 *
 * Layer: policy.  Input: hostile patterns and texts.  Memory: arenas of the caller.  Threads: a
 * compiled expression is immutable.
 * Spec: S003 3.10, S003 3.11, D9.
 *
 * Four ways to search, the first that fits: the pattern is a literal with or without anchors
 * (compare bytes); its table is small (one look-up per code point); otherwise the program is
 * followed with the set of all threads at once.  None goes back in the text.
 */
#include <string.h>

#include "base/utf8.h"
#include "policy/re_int.h"

#define TMP_MAX ((size_t)16 << 20)	/* working memory of re_compile; typical is 64 KiB */
#define REPLACEMENT 0xfffdu
/* What one unit pays for while compiling: about 100 ns. */
#define RANGES_PER_UNIT 4
#define INSTS_PER_UNIT 4
#define SPLITS_PER_UNIT 16	/* looks of one set at one interval of code points */

enum how { HOW_NEVER = 0, HOW_EQUAL, HOW_PREFIX, HOW_SUFFIX, HOW_WITHIN, HOW_TABLE, HOW_PROGRAM };

struct re {
	enum how how;
	struct str literal;
	struct re_dfa dfa;
	struct re_prog prog;	/* HOW_TABLE uses only its classes */
};

/* The code point of a set of exactly one, or UINT32_MAX. */
static uint32_t only_member(const struct re_tree *t, uint16_t set)
{
	const struct re_set *s = &t->sets[set];

	return s->n == 1 && s->r[0].lo == s->r[0].hi ? s->r[0].lo : UINT32_MAX;
}

/* If the whole pattern is a literal with optional anchors: sets how and literal. */
static bool find_literal(const struct re_tree *t, struct arena *a, struct re *re)
{
	const struct re_node *n = t->root->kind == RE_CAT ? t->root->kids : NULL;
	char text[RE_MAX_PATTERN];
	size_t at = sizeof(text);
	bool begin = false, end;

	end = n && n->kind == RE_LOOK && n->look == RE_LOOK_TEXT_END;
	if (end)
		n = n->before;
	for (; n && n->kind == RE_CHARS; n = n->before) {
		uint32_t rune = only_member(t, n->set);
		char enc[4];
		size_t len = rune <= RE_RUNE_MAX && (rune < 0xd800 || rune > 0xdfff) ?
			utf8_encode(rune, enc) : 0;

		if (len == 0 || len > at)
			return false;
		at -= len;
		memcpy(text + at, enc, len);
	}
	if (n && n->kind == RE_LOOK && n->look == RE_LOOK_TEXT_BEGIN && !n->before) {
		begin = true;
		n = NULL;
	}
	if (n || at == sizeof(text))
		return false;
	re->how = begin ? (end ? HOW_EQUAL : HOW_PREFIX) : end ? HOW_SUFFIX : HOW_WITHIN;
	re->literal = arena_str(a, str_n(text + at, sizeof(text) - at));
	return re->literal.p != NULL;
}

static const void *copy(struct arena *a, const void *p, size_t n, size_t size)
{
	void *c = arena_array(a, n, size);

	if (c && n)
		memcpy(c, p, n * size);
	return c;
}

/* Moves what the search needs from working memory into a. */
static bool keep(struct re *re, struct arena *a, uint32_t set_cnt)
{
	struct re_prog *p = &re->prog;

	p->alpha.lo = copy(a, p->alpha.lo, p->alpha.n, sizeof(*p->alpha.lo));
	p->alpha.cls = copy(a, p->alpha.cls, p->alpha.n, sizeof(*p->alpha.cls));
	if (!p->alpha.lo || !p->alpha.cls)
		return false;
	if (re->how == HOW_TABLE) {
		p->inst = NULL;
		p->members = NULL;
		p->side = NULL;
		p->inst_cnt = 0;
		return true;
	}
	p->inst = copy(a, p->inst, p->inst_cnt, sizeof(*p->inst));
	p->members = copy(a, p->members, (size_t)set_cnt * p->row_words, sizeof(*p->members));
	p->side = copy(a, p->side, p->alpha.cls_cnt, sizeof(*p->side));
	return p->inst && p->members && p->side;
}

static int out_of_memory(struct err *e)
{
	return err_set(e, ERR_NOMEM, "out of memory for a regular expression");
}

static int compile(struct arena *a, struct arena *tmp, struct str pattern, const struct re **out,
		   struct err *e)
{
	struct re *re = ARENA_NEW(a, struct re);
	struct re_tree t;

	if (!re)
		return out_of_memory(e);
	if (re_parse(tmp, pattern, &t, e))
		return -1;
	if (!find_literal(&t, a, re)) {
		if (re_prog_make(&t, &re->prog, e))
			return -1;
		re->how = HOW_PROGRAM;
		if (re_dfa_make(&re->prog, tmp, a, &re->dfa))
			re->how = HOW_TABLE;
		if (!keep(re, a, t.set_cnt))
			return out_of_memory(e);
	}
	*out = re;
	return 0;
}

int re_compile(struct arena *a, struct str pattern, const struct re **out, struct err *e)
{
	struct arena tmp;
	int rc;

	arena_init(&tmp, TMP_MAX);
	rc = compile(a, &tmp, pattern, out, e);
	arena_fini(&tmp);
	return rc;
}

static bool charge(uint64_t *left, uint64_t cost)
{
	bool enough = cost <= *left;

	*left = enough ? *left - cost : 0;
	return enough;
}

static uint64_t compile_cost(const struct re_tree *t, const struct re_prog *p)
{
	return t->spent / RANGES_PER_UNIT + p->inst_cnt / INSTS_PER_UNIT +
	       (uint64_t)t->set_cnt * p->alpha.n / SPLITS_PER_UNIT;
}

int re_compile_once(struct arena *scratch, struct str pattern, uint64_t *cost_left,
		    const struct re **out, struct err *e)
{
	struct re *re = ARENA_NEW(scratch, struct re);
	struct re_tree t;

	if (!re)
		return out_of_memory(e);
	if (!charge(cost_left, 16 + pattern.len))
		return err_set(e, ERR_LIMIT, "cost limit exceeded");
	if (re_parse(scratch, pattern, &t, e))
		return -1;
	if (!find_literal(&t, scratch, re)) {
		if (re_prog_make(&t, &re->prog, e))
			return -1;
		re->how = HOW_PROGRAM;
	}
	if (!charge(cost_left, compile_cost(&t, &re->prog)))
		return err_set(e, ERR_LIMIT, "cost limit exceeded");
	*out = re;
	return 0;
}

static bool literal_found(const struct re *re, struct str s)
{
	switch (re->how) {
	case HOW_EQUAL:
		return str_eq(s, re->literal);
	case HOW_PREFIX:
		return str_starts(s, re->literal);
	case HOW_SUFFIX:
		return str_ends(s, re->literal);
	case HOW_WITHIN:
		return str_find(s, re->literal) != SIZE_MAX;
	case HOW_NEVER:
	case HOW_TABLE:
	case HOW_PROGRAM:
		break;
	}
	return false;
}

/* Class of the code point at *at, which is not ASCII or does not belong to a valid sequence. */
static uint32_t wide_class(const struct re_alpha *a, struct str s, size_t *at)
{
	uint32_t rune;

	if (a->lo[a->n - 1] < ARRAY_LEN(a->ascii)) {
		/* All beyond ASCII is one class: only the length matters. */
		if (!utf8_next(s, at, &rune))
			++*at;
		return a->cls[a->n - 1];
	}
	if (!utf8_next(s, at, &rune)) {
		rune = REPLACEMENT;
		++*at;
	}
	return re_alpha_class(a, rune);
}

static enum re_answer table_search(const struct re *re, struct str s)
{
	const uint16_t *cell = re->dfa.cell;
	const struct re_alpha *a = &re->prog.alpha;
	uint32_t state = re->dfa.start;
	size_t at = 0;

	while (at < s.len && state > RE_YES) {
		uint8_t c = (uint8_t)s.p[at];
		uint32_t cls;

		if (c < ARRAY_LEN(a->ascii)) {
			cls = a->ascii[c];
			at++;
		} else {
			cls = wide_class(a, s, &at);
		}
		state = cell[state + cls];
	}
	if (state > RE_YES)
		state = cell[state + a->cls_cnt];
	return state == RE_YES ? RE_YES : RE_NO;
}

/* One step of the program over the code point at *at. */
static enum re_side advance(struct re_threads *t, enum re_side prev, struct str s, size_t *at)
{
	const struct re_alpha *a = &t->p->alpha;
	uint8_t c = (uint8_t)s.p[*at];
	uint32_t cls;
	enum re_side side;
	uint16_t *next;

	if (c < ARRAY_LEN(a->ascii)) {
		cls = a->ascii[c];
		++*at;
	} else {
		cls = wide_class(a, s, at);
	}
	side = t->p->side[cls];
	re_threads_look(t, prev, side);
	re_threads_step(t, cls);
	next = t->pcs[1];
	t->pcs[1] = t->pcs[0];
	t->pcs[0] = next;
	t->cnt[0] = t->cnt[1];
	return side;
}

static enum re_answer program_search(const struct re *re, struct str s, struct arena *scratch)
{
	const size_t mark = arena_mark(scratch);
	enum re_side prev = RE_SIDE_EDGE;
	struct re_threads t;
	size_t at = 0;

	if (!re_threads_init(&t, &re->prog, scratch)) {
		arena_rewind(scratch, mark);
		return RE_LIMIT;
	}
	re_threads_start(&t, 0);
	while (!t.matched && at < s.len && t.cnt[0])
		prev = advance(&t, prev, s, &at);
	if (!t.matched)
		re_threads_look(&t, prev, RE_SIDE_EDGE);
	arena_rewind(scratch, mark);
	return t.matched ? RE_YES : RE_NO;
}

enum re_answer re_search(const struct re *re, struct str subject, struct arena *scratch,
			 uint64_t *cost_left)
{
	uint64_t cost = 1 + subject.len / 16;

	if (re->how == HOW_PROGRAM)
		cost += (uint64_t)re->prog.inst_cnt * subject.len / 64;
	if (!charge(cost_left, cost))
		return RE_LIMIT;
	if (re->how == HOW_TABLE)
		return table_search(re, subject);
	if (re->how == HOW_PROGRAM)
		return program_search(re, subject, scratch);
	return literal_found(re, subject) ? RE_YES : RE_NO;
}

uint32_t re_prog_len(const struct re *re)
{
	return re->how == HOW_PROGRAM ? re->prog.inst_cnt : 0;
}
