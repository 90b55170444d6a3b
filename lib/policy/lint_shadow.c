/* lint_shadow.c - rules that never decide: no request fits them, or an earlier rule always does
 *
 * Layer: policy.  Input: trusted (a loaded set).  Memory: the arena of the analysis.
 * Threads: one owner.
 * Spec: S003 1.9 (rules lint), S003-FR-008; D4, D18.
 *
 * A rule is shadowed when each of its clauses implies the condition of one earlier rule.  Few are
 * compared: a clause implies a condition with keys (cel_keys.h) only by a test that implies one of
 * them, so such rules are found by their keys; those without keys are compared with all.
 */
#include <string.h>

#include "base/map.h"
#include "policy/cel_keys.h"
#include "policy/lint_int.h"

#define SHOWN_TEST 160		/* of a test in a finding */
#define KEY_TEXT_MAX 253	/* no host name is longer */

/* --- never-matches ---------------------------------------------------------------------------- */

static const unsigned layers[] = {
	LAYER_DNS,
	LAYER_HTTP | FACT_RUN,	/* the proxy; the agent API fills run.* too */
	FACT_DOCKER | FACT_AGENT,
};

static bool fits_a_layer(const struct clause *c)
{
	for (size_t i = 0; i < ARRAY_LEN(layers); i++)
		if ((c->needs & ~layers[i]) == 0)
			return true;
	return false;
}

/* Two tests that exclude each other. An error of the subject would decide in a block rule (D4), so
 * there only subjects count that never fail. */
static bool find_contradiction(struct lint *l, const struct rule *r, const struct clause *c,
			       const struct lint_test *pair[2])
{
	bool may_fail = r->action == VERDICT_ALLOW || !cel_prog_can_fail(r->prog);

	for (uint32_t i = 0; c->contradictory && i < c->cnt; i++)
		for (uint32_t k = 0; k < i; k++) {
			pair[0] = c->v[k];
			pair[1] = c->v[i];
			if (test_same_subject(l, pair[0], pair[1]) &&
			    test_excludes(l, pair[0], pair[1]) &&
			    (may_fail || !cel_node_can_fail(pair[0]->subject)))
				return true;
		}
	return false;
}

static bool is_dead(struct lint *l, const struct rule *r, const struct clause *c)
{
	const struct lint_test *pair[2];

	return !fits_a_layer(c) || find_contradiction(l, r, c, pair);
}

static bool never_matches(struct lint *l, const struct lint_rule *r)
{
	for (uint32_t i = 0; i < r->clause_cnt; i++)
		if (!is_dead(l, r->rule, &r->clauses[i]))
			return false;
	return r->known;
}

/* "dns.* and http.*" */
static void namespaces_text(unsigned needs, struct buf *out)
{
	unsigned named = 0;

	for (unsigned i = 0; i < FACT_FIELD_COUNT; i++) {
		unsigned bit = (unsigned)fact_table[i].ns_bit;

		if (!(needs & bit) || named & bit || bit == FACT_AGENT)
			continue;
		buf_printf(out, "%s%s.*", named ? " and " : "", fact_table[i].ns);
		named |= bit;
	}
}

static void say_never(struct lint *l, const struct lint_rule *r)
{
	const struct lint_test *pair[2];
	char texts[2][SHOWN_TEST];
	struct buf a = BUF_OF(texts[0]), b = BUF_OF(texts[1]);

	if (r->clause_cnt == 0) {
		lint_say(l, r->rule, LINT_NEVER_MATCHES,
			 "the condition is always false, as a constant or a search in an empty list "
			 "is; correct it or delete the rule");
	} else if (find_contradiction(l, r->rule, &r->clauses[0], pair)) {
		test_text(pair[0], &a);
		test_text(pair[1], &b);
		lint_say(l, r->rule, LINT_NEVER_MATCHES,
			 "%s and %s are never both true; join them with || if one of them is enough, "
			 "or correct one",
			 buf_c(&a), buf_c(&b));
	} else {
		namespaces_text(r->clauses[0].needs, &a);
		lint_say(l, r->rule, LINT_NEVER_MATCHES,
			 "%s are never known together, because each layer is judged by itself (first "
			 "the look-up of a name, then the request); join the tests with ||",
			 buf_c(&a));
	}
}

void lint_never_matches(struct lint *l)
{
	for (uint32_t i = 0; i < l->set->count; i++)
		if (never_matches(l, &l->rules[i]))
			say_never(l, &l->rules[i]);
}

/* --- implication ------------------------------------------------------------------------------ */

static bool clause_implies(struct lint *l, const struct clause *c, const struct formula *f)
{
	bool all = f->kind == FORMULA_AND;

	if (!lint_step(l) || f->kind == FORMULA_TRUE || f->kind == FORMULA_FALSE)
		return f->kind == FORMULA_TRUE;
	for (uint32_t i = 0; f->kind == FORMULA_TEST && i < c->cnt; i++)
		if (lint_step(l) && test_same_subject(l, c->v[i], f->test) &&
		    test_implies(l, c->v[i], f->test))
			return true;
	for (const struct formula *k = f->kid; k; k = k->next)
		if (clause_implies(l, c, k) != all)
			return !all;
	return all;
}

static bool implies(struct lint *l, const struct lint_rule *r, const struct lint_rule *earlier)
{
	for (uint32_t i = 0; i < r->clause_cnt; i++)
		if (!clause_implies(l, &r->clauses[i], earlier->formula))
			return false;
	return true;
}

/* Whether a request that r would decide is decided by the earlier rule before. */
static bool decides_before(struct lint *l, const struct lint_rule *r,
			   const struct lint_rule *earlier)
{
	bool block = r->rule->action == VERDICT_BLOCK;

	/* D4: a block rule decides by an error too; then the earlier one is not false, so it must
	 * not fail either */
	if (block && cel_prog_can_fail(r->rule->prog) && cel_prog_can_fail(earlier->rule->prog))
		return false;
	/* D18: only such rules are asked when a container is made */
	if (block && r->rule->namespaces & FACT_DOCKER &&
	    (earlier->rule->action != VERDICT_BLOCK ||
	     !(earlier->rule->namespaces & FACT_DOCKER)))
		return false;
	return implies(l, r, earlier);
}

/* --- finding earlier rules -------------------------------------------------------------------- */

struct entry {
	uint32_t rule;
	struct entry *next;
};

struct index {
	struct map map;			/* key as text -> index in lists */
	struct entry **lists;
	uint32_t list_cnt;
	uint32_t *keyless;		/* rules that must always be compared, in order */
	uint32_t keyless_cnt;
	bool kinds[CEL_KEY_NUMBER + 1];	/* that occur */
	uint32_t *seen;			/* by rule: 1 + the last one that it was compared with */
};

struct search {
	struct lint *l;
	struct index *index;
	const struct lint_rule *rule;
	uint32_t order;
	uint32_t found;			/* RULE_NONE: nothing yet */
};

static struct str key_text(const struct cel_key *k, char out[KEY_TEXT_MAX + 16])
{
	struct buf b = buf_on(out, KEY_TEXT_MAX + 16);

	buf_add_byte(&b, (uint8_t)k->kind);
	buf_add_byte(&b, (uint8_t)k->field);
	if (k->kind == CEL_KEY_NUMBER)
		buf_add(&b, &k->number, sizeof(k->number));
	else
		buf_add_str(&b, k->text);
	return buf_ok(&b) ? buf_str(&b) : STR("");
}

static void index_key(struct lint *l, struct index *ix, uint32_t rule, const struct cel_key *k)
{
	char mem[KEY_TEXT_MAX + 16];
	struct str text = key_text(k, mem);
	struct entry *e = ARENA_NEW(l->a, struct entry);
	uint32_t at;

	if (text.len == 0)	/* no host name is that long: no request fits */
		return;
	if (e && !map_get(&ix->map, text, &at)) {
		at = ix->list_cnt++;
		text = arena_str(l->a, text);
		if (!text.p || !map_put(&ix->map, text, at))
			e = NULL;
	}
	if (!e) {
		l->failed = true;
		return;
	}
	*e = (struct entry){ rule, ix->lists[at] };
	ix->lists[at] = e;
	ix->kinds[k->kind] = true;
}

static void index_build(struct lint *l, struct index *ix)
{
	uint32_t count = l->set->count;
	struct cel_keys *keys = ARENA_NEW_N(l->a, struct cel_keys, count + (size_t)1);
	size_t total = 0;

	ix->keyless = ARENA_NEW_N(l->a, uint32_t, count + (size_t)1);
	ix->seen = ARENA_NEW_N(l->a, uint32_t, count + (size_t)1);
	for (uint32_t i = 0; keys && i < count; i++)
		if (cel_keys_of(l->set->rules[i].prog, l->a, &keys[i]))
			total += keys[i].cnt;
	ix->lists = ARENA_NEW_N(l->a, struct entry *, total + 1);
	if (!keys || !ix->keyless || !ix->seen || !ix->lists || total > UINT32_MAX / 4 ||
	    map_init(&ix->map, (uint32_t)total + 1) < 0) {
		l->failed = true;
		return;
	}
	for (uint32_t i = 0; i < count && !l->failed; i++) {
		if (!keys[i].v)
			ix->keyless[ix->keyless_cnt++] = i;
		for (size_t k = 0; k < keys[i].cnt && !l->failed; k++)
			index_key(l, ix, i, &keys[i].v[k]);
	}
}

static void try_rule(struct search *s, uint32_t earlier)
{
	if (earlier >= s->order || earlier >= s->found || s->index->seen[earlier] == s->order + 1)
		return;
	s->index->seen[earlier] = s->order + 1;
	if (decides_before(s->l, s->rule, &s->l->rules[earlier]))
		s->found = earlier;
}

static void try_key(struct search *s, struct cel_key key)
{
	char mem[KEY_TEXT_MAX + 16];
	struct str text = key_text(&key, mem);
	uint32_t at;

	if (!lint_step(s->l) || !map_get(&s->index->map, text, &at))
		return;
	for (const struct entry *e = s->index->lists[at]; e; e = e->next)
		try_rule(s, e->rule);
}

/* Keys that hold for every text with that beginning. */
static void try_prefixes(struct search *s, enum fact_field_id field, struct str text)
{
	for (size_t n = 1; s->index->kinds[CEL_KEY_PREFIX] && n <= text.len; n++)
		try_key(s, (struct cel_key){ CEL_KEY_PREFIX, field, str_first(text, n), 0 });
}

static void try_suffixes(struct search *s, enum fact_field_id field, struct str text)
{
	for (size_t n = 0; s->index->kinds[CEL_KEY_SUFFIX] && n < text.len; n++)
		try_key(s, (struct cel_key){ CEL_KEY_SUFFIX, field, str_from(text, n), 0 });
}

/* The first of several values is enough: a rule that holds for all of them holds for it. */
static void try_value(struct search *s, enum fact_field_id field, struct cel_value v)
{
	struct cel_key key = { .kind = CEL_KEY_EQUAL, .field = field };

	if (v.kind == CEL_INT) {
		key.kind = CEL_KEY_NUMBER;
		key.number = v.u.i;
		try_key(s, key);
		return;
	}
	key.text = cel_str(v);
	if (key.text.len > KEY_TEXT_MAX)
		return;
	try_key(s, key);
	try_prefixes(s, field, key.text);
	try_suffixes(s, field, key.text);
}

static void try_test(struct search *s, const struct lint_test *t)
{
	enum fact_field_id field = test_field(t);

	if (field == FACT_FIELD_COUNT || t->negated)
		return;
	if (t->kind == TEST_ONE_OF)
		try_value(s, field, cel_list_at(t->values, 0));
	else if (t->kind == TEST_PREFIX && t->text.len <= KEY_TEXT_MAX)
		try_prefixes(s, field, t->text);
	else if (t->kind == TEST_SUFFIX && t->text.len <= KEY_TEXT_MAX)
		try_suffixes(s, field, t->text);
}

static void find_earlier(struct search *s)
{
	const struct clause *c = &s->rule->clauses[0];

	for (uint32_t i = 0; i < s->index->keyless_cnt && s->l->steps > 0; i++)
		try_rule(s, s->index->keyless[i]);
	for (uint32_t i = 0; i < c->cnt; i++)
		try_test(s, c->v[i]);
}

static void say_shadowed(struct lint *l, const struct rule *r, const struct rule *earlier)
{
	lint_say(l, r, LINT_SHADOWED,
		 "never decides, because rule \"%s\" (%s:%u), which %s, is judged before it and "
		 "matches whatever this rule matches; delete this rule, or give it a priority below "
		 "%d",
		 earlier->id.p, earlier->file.p, (unsigned)earlier->line,
		 earlier->action == VERDICT_ALLOW ? "allows" : "blocks", (int)earlier->priority);
}

void lint_shadowed(struct lint *l)
{
	struct index ix = { .list_cnt = 0 };

	index_build(l, &ix);
	for (uint32_t i = 0; i < l->set->count && !l->failed && l->steps > 0; i++) {
		struct search s = { .l = l, .index = &ix, .rule = &l->rules[i], .order = i,
				    .found = RULE_NONE };

		if (!l->rules[i].known || never_matches(l, &l->rules[i]))
			continue;
		find_earlier(&s);
		if (s.found != RULE_NONE)
			say_shadowed(l, &l->set->rules[i], &l->set->rules[s.found]);
	}
	map_fini(&ix.map);
}
