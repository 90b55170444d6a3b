/* lint_clause.c - a formula as clauses, and what a clause needs to be true
 *
 * Layer: policy.  Input: trusted (checked trees).  Memory: the arena of the analysis.
 * Threads: one owner.
 * Spec: S003 1.9 (rules lint), S003 1.4.
 *
 * Clauses multiply where || stands below &&; a condition with too many has none, and what is said
 * about it comes from its formula alone.
 */
#include "policy/lint_int.h"

#define CLAUSES_MAX 512		/* of one condition */
#define CLAUSE_TESTS_MAX 65536	/* of all its clauses together */
#define COMPARED_MAX 256	/* tests of a clause that are compared with each other */

/* --- and over or ------------------------------------------------------------------------------ */

struct clauses {
	struct clause *v;
	uint32_t cnt;
	size_t tests;
	bool known;
};

/* How many clauses f has; more than CLAUSES_MAX is only known to be more. */
static size_t count_clauses(const struct formula *f)
{
	size_t cnt = f->kind == FORMULA_OR || f->kind == FORMULA_FALSE ? 0 : 1;

	for (const struct formula *k = f->kid; k && cnt <= CLAUSES_MAX; k = k->next)
		cnt = f->kind == FORMULA_OR ? cnt + count_clauses(k) : cnt * count_clauses(k);
	return cnt;
}

static struct clauses clauses_new(struct lint *l, size_t cnt)
{
	struct clauses out = { .v = ARENA_NEW_N(l->a, struct clause, cnt + 1), .known = true };

	if (!out.v) {
		l->failed = true;
		out.known = false;
	}
	return out;
}

/* Room for the tests of one more clause; NULL when there would be too many. */
static const struct lint_test **add_clause(struct lint *l, struct clauses *to, size_t tests)
{
	const struct lint_test **v = NULL;

	if (to->known && to->tests + tests <= CLAUSE_TESTS_MAX && lint_take(l, tests + 1))
		v = ARENA_NEW_N(l->a, const struct lint_test *, tests + 1);
	if (!v) {
		to->known = false;
		return NULL;
	}
	to->v[to->cnt++] = (struct clause){ .v = v, .cnt = (uint32_t)tests };
	to->tests += tests;
	return v;
}

static struct clauses product(struct lint *l, struct clauses a, struct clauses b)
{
	struct clauses out = clauses_new(l, (size_t)a.cnt * b.cnt);

	for (uint32_t i = 0; i < a.cnt * b.cnt && out.known; i++) {
		const struct clause *x = &a.v[i / b.cnt], *y = &b.v[i % b.cnt];
		const struct lint_test **v = add_clause(l, &out, x->cnt + (size_t)y->cnt);

		for (uint32_t k = 0; v && k < x->cnt; k++)
			v[k] = x->v[k];
		for (uint32_t k = 0; v && k < y->cnt; k++)
			v[x->cnt + k] = y->v[k];
	}
	return out;
}

/* The operands of an && that are tests, as one clause. */
static struct clauses clause_of_tests(struct lint *l, const struct formula *kids)
{
	struct clauses out = clauses_new(l, 1);
	const struct lint_test **v;
	size_t cnt = 0;

	for (const struct formula *k = kids; k; k = k->next)
		cnt += k->kind == FORMULA_TEST;
	v = add_clause(l, &out, cnt);
	for (const struct formula *k = kids; v && k; k = k->next)
		if (k->kind == FORMULA_TEST)
			*v++ = k->test;
	return out;
}

static struct clauses clauses_of(struct lint *l, const struct formula *f);

static struct clauses sum(struct lint *l, const struct formula *f)
{
	struct clauses out = clauses_new(l, count_clauses(f));

	for (const struct formula *k = f->kid; k && out.known; k = k->next) {
		struct clauses more = clauses_of(l, k);

		out.tests += more.tests;
		out.known = more.known && out.tests <= CLAUSE_TESTS_MAX;
		for (uint32_t i = 0; i < more.cnt && out.known; i++)
			out.v[out.cnt++] = more.v[i];
	}
	return out;
}

/* f has at most CLAUSES_MAX clauses. */
static struct clauses clauses_of(struct lint *l, const struct formula *f)
{
	struct formula alone = *f;
	struct clauses out;

	alone.next = NULL;
	switch (f->kind) {
	case FORMULA_FALSE:
		return clauses_new(l, 0);
	case FORMULA_TRUE:
		return clause_of_tests(l, NULL);
	case FORMULA_TEST:
		return clause_of_tests(l, &alone);
	case FORMULA_OR:
		return sum(l, f);
	case FORMULA_AND:
		break;
	}
	out = clause_of_tests(l, f->kid);
	for (const struct formula *k = f->kid; k && out.known; k = k->next) {
		struct clauses more;

		if (k->kind == FORMULA_TEST)
			continue;
		more = clauses_of(l, k);
		if (!more.known)
			return more;
		out = product(l, out, more);
	}
	return out;
}

/* --- what a clause needs ---------------------------------------------------------------------- */

/* The field that a selection or an index starts from, or NULL. */
static const struct cel_node *root_of(const struct cel_node *n)
{
	while ((n->op == CEL_N_SELECT || n->op == CEL_N_INDEX) && !n->opt)
		n = n->kid;
	return n->op == CEL_N_FACT ? n : NULL;
}

static bool fails_on_zero(struct lint *l, const struct lint_test *t, const struct fact_desc *d)
{
	if (d->storage == FACT_STR)
		return test_fails_for(l, t, cel_string(STR("")));
	if (d->storage == FACT_U16 || d->storage == FACT_U64)
		return test_fails_for(l, t, cel_int(0));
	return d->storage == FACT_BODY && t->kind != TEST_TRUE && !t->negated;
}

/* The field without which the test surely is not true, or NULL: an empty map has no keys, an empty
 * list no items. */
static const struct cel_node *needed_field(struct lint *l, const struct lint_test *t)
{
	const struct cel_node *n = t->subject;

	if (n->op == CEL_N_FACT)
		return fails_on_zero(l, t, &fact_table[n->b.ref]) ? n : NULL;
	if (root_of(n))
		return root_of(n);
	if (t->kind != TEST_TRUE || t->negated)
		return NULL;
	if (n->op == CEL_N_IN)
		return root_of(n->kid->next);
	return n->op == CEL_N_EXISTS ? root_of(n->kid) : NULL;
}

static void complete(struct lint *l, struct clause *c)
{
	for (uint32_t i = 0; i < c->cnt; i++) {
		const struct cel_node *field = needed_field(l, c->v[i]);

		if (field)
			c->needs |= (unsigned)fact_table[field->b.ref].ns_bit;
		for (uint32_t k = 0; k < i && i < COMPARED_MAX && !c->contradictory; k++)
			c->contradictory = test_same_subject(l, c->v[i], c->v[k]) &&
					   test_excludes(l, c->v[i], c->v[k]);
	}
}

void lint_clauses(struct lint *l, struct lint_rule *rule)
{
	struct clauses c = { .known = false };

	if (count_clauses(rule->formula) <= CLAUSES_MAX && l->room > 0)
		c = clauses_of(l, rule->formula);
	for (uint32_t i = 0; c.known && i < c.cnt; i++)
		complete(l, &c.v[i]);
	rule->known = c.known && l->room > 0;
	rule->clauses = c.v;
	rule->clause_cnt = rule->known ? c.cnt : 0;
}
