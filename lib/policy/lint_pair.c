/* lint_pair.c - single tests of a value: which implies, which excludes which, and their text
 *
 * Layer: policy.  Input: trusted (checked trees).  Memory: scratch for searches.
 * Threads: one owner.
 * Spec: S003 1.9 (rules lint).
 */
#include "policy/lint_int.h"

static bool kids_equal(struct lint *l, const struct cel_node *a, const struct cel_node *b)
{
	const struct cel_node *x = a->kid, *y = b->kid;

	for (; x && y; x = x->next, y = y->next)
		if (x->opt_item != y->opt_item || !node_equal(l, x, y))
			return false;
	return !x && !y;
}

bool node_equal(struct lint *l, const struct cel_node *a, const struct cel_node *b)
{
	enum cel_node_op op = (enum cel_node_op)a->op;

	if (!lint_step(l) || a->op != b->op || a->var_cnt != b->var_cnt || a->opt != b->opt ||
	    a->kid_cnt != b->kid_cnt)
		return false;
	if (op == CEL_N_LIT)
		return a->a.val.kind == b->a.val.kind && cel_equal(a->a.val, b->a.val);
	if (op == CEL_N_FACT || op == CEL_N_LOCAL)
		return a->b.ref == b->b.ref;
	if (op >= CEL_N_ALL && op <= CEL_N_OPT_FLAT_MAP)
		return a->var_number == b->var_number && kids_equal(l, a, b);
	if ((op == CEL_N_SELECT || op == CEL_N_HAS || op == CEL_N_CALL || op == CEL_N_METHOD) &&
	    !str_eq(a->a.name, b->a.name))
		return false;
	return kids_equal(l, a, b);
}

bool test_same_subject(struct lint *l, const struct lint_test *a, const struct lint_test *b)
{
	return !a->open && !b->open &&
	       (a->subject == b->subject || node_equal(l, a->subject, b->subject));
}

enum fact_field_id test_field(const struct lint_test *t)
{
	return t->subject->op == CEL_N_FACT ? (enum fact_field_id)t->subject->b.ref
					    : FACT_FIELD_COUNT;
}

bool field_is_host(enum fact_field_id f)
{
	return f == FACT_FIELD_DNS_QUERY || f == FACT_FIELD_HTTP_HOST ||
	       f == FACT_FIELD_NETWORK_HOSTNAME;
}

/* --- tests and values ------------------------------------------------------------------------- */

enum answer { UNKNOWN = 0, NO, YES };

static enum answer answer(bool yes)
{
	return yes ? YES : NO;
}

static enum answer matches(struct lint *l, const struct lint_test *t, struct str text)
{
	uint64_t units = CEL_UNITS_PER_CONDITION;
	size_t mark = arena_mark(&l->scratch);
	enum re_answer found = re_search(t->re, text, &l->scratch, &units);

	arena_rewind(&l->scratch, mark);
	return found == RE_LIMIT ? UNKNOWN : answer(found == RE_YES);
}

static enum answer is_one_of(struct lint *l, const struct lint_test *t, struct cel_value v)
{
	for (size_t i = 0; i < t->values.n; i++) {
		if (!lint_step(l))
			return UNKNOWN;
		if (cel_equal(cel_list_at(t->values, i), v))
			return YES;
	}
	return NO;
}

/* The test without its negation. */
static enum answer accepts(struct lint *l, const struct lint_test *t, struct cel_value v)
{
	struct str s = v.kind == CEL_STRING ? cel_str(v) : STR("");

	if (!lint_step(l))
		return UNKNOWN;
	switch (t->kind) {
	case TEST_ONE_OF:
		return is_one_of(l, t, v);
	case TEST_PREFIX:
		return answer(str_starts(s, t->text));
	case TEST_SUFFIX:
		return answer(str_ends(s, t->text));
	case TEST_CONTAINS:
		return answer(str_find(s, t->text) != SIZE_MAX);
	case TEST_MATCHES:
		return matches(l, t, s);
	case TEST_MIN:
		return answer(v.u.i >= t->number);
	case TEST_MAX:
		return answer(v.u.i <= t->number);
	case TEST_TRUE:
		break;
	}
	return UNKNOWN;
}

bool test_holds_for(struct lint *l, const struct lint_test *t, struct cel_value v)
{
	return accepts(l, t, v) == (t->negated ? NO : YES);
}

bool test_fails_for(struct lint *l, const struct lint_test *t, struct cel_value v)
{
	return accepts(l, t, v) == (t->negated ? YES : NO);
}

/* --- two tests, their negations left aside ---------------------------------------------------- */

static bool all_values(struct lint *l, const struct lint_test *one_of, const struct lint_test *t,
		       enum answer want)
{
	for (size_t i = 0; i < one_of->values.n; i++)
		if (accepts(l, t, cel_list_at(one_of->values, i)) != want)
			return false;
	return true;
}

/* The same kind of test. */
static bool implies_alike(const struct lint_test *a, const struct lint_test *b)
{
	switch (a->kind) {
	case TEST_PREFIX:
		return str_starts(a->text, b->text);
	case TEST_SUFFIX:
		return str_ends(a->text, b->text);
	case TEST_CONTAINS:
		return str_find(a->text, b->text) != SIZE_MAX;
	case TEST_MATCHES:
		return str_eq(a->text, b->text);
	case TEST_MIN:
		return a->number >= b->number;
	case TEST_MAX:
		return a->number <= b->number;
	case TEST_TRUE:
		return true;
	case TEST_ONE_OF:
		break;
	}
	return false;
}

static bool implies(struct lint *l, const struct lint_test *a, const struct lint_test *b)
{
	if (a->kind == TEST_ONE_OF)
		return all_values(l, a, b, YES);
	if (a->kind == b->kind)
		return implies_alike(a, b);
	return (a->kind == TEST_PREFIX || a->kind == TEST_SUFFIX) && b->kind == TEST_CONTAINS &&
	       str_find(a->text, b->text) != SIZE_MAX;
}

static bool excludes(struct lint *l, const struct lint_test *a, const struct lint_test *b)
{
	if (a->kind == TEST_ONE_OF)
		return all_values(l, a, b, NO);
	if (b->kind == TEST_ONE_OF)
		return all_values(l, b, a, NO);
	if (a->kind == TEST_PREFIX && b->kind == TEST_PREFIX)
		return !str_starts(a->text, b->text) && !str_starts(b->text, a->text);
	if (a->kind == TEST_SUFFIX && b->kind == TEST_SUFFIX)
		return !str_ends(a->text, b->text) && !str_ends(b->text, a->text);
	return (a->kind == TEST_MIN && b->kind == TEST_MAX && a->number > b->number) ||
	       (a->kind == TEST_MAX && b->kind == TEST_MIN && a->number < b->number);
}

bool test_implies(struct lint *l, const struct lint_test *a, const struct lint_test *b)
{
	if (!a->negated)
		return b->negated ? excludes(l, a, b) : implies(l, a, b);
	return b->negated && implies(l, b, a);
}

bool test_excludes(struct lint *l, const struct lint_test *a, const struct lint_test *b)
{
	if (!a->negated)
		return b->negated ? implies(l, a, b) : excludes(l, a, b);
	return !b->negated && implies(l, b, a);
}

/* --- text ------------------------------------------------------------------------------------- */

#define SHOWN_VALUES 3

static void value_text(struct cel_value v, struct buf *out)
{
	const struct cel_node literal = { .op = CEL_N_LIT, .a.val = v };

	cel_node_text(&literal, out);
}

static void values_text(const struct lint_test *t, struct buf *out)
{
	if (t->values.n == 1) {
		buf_add_c(out, t->negated ? " != " : " == ");
		value_text(cel_list_at(t->values, 0), out);
		return;
	}
	buf_add_c(out, " in [");
	for (size_t i = 0; i < t->values.n && i < SHOWN_VALUES; i++) {
		buf_add_c(out, i ? ", " : "");
		value_text(cel_list_at(t->values, i), out);
	}
	buf_add_c(out, t->values.n > SHOWN_VALUES ? ", ...]" : "]");
}

static void bare_text(const struct lint_test *t, struct buf *out)
{
	static const char *const names[] = { [TEST_PREFIX] = "startsWith", [TEST_SUFFIX] = "endsWith",
					     [TEST_CONTAINS] = "contains",
					     [TEST_MATCHES] = "matches" };

	cel_node_text(t->subject, out);
	switch (t->kind) {
	case TEST_ONE_OF:
		values_text(t, out);
		return;
	case TEST_PREFIX:
	case TEST_SUFFIX:
	case TEST_CONTAINS:
	case TEST_MATCHES:
		buf_printf(out, ".%s(", names[t->kind]);
		value_text(cel_string(t->text), out);
		buf_add_byte(out, ')');
		return;
	case TEST_MIN:
	case TEST_MAX:
		buf_printf(out, " %s %lld", t->kind == TEST_MIN ? ">=" : "<=",
			   (long long)t->number);
		return;
	case TEST_TRUE:
		return;
	}
}

void test_text(const struct lint_test *t, struct buf *out)
{
	bool wrap = t->negated && !(t->kind == TEST_ONE_OF && t->values.n == 1);

	buf_add_c(out, wrap ? "!(" : "");
	bare_text(t, out);
	buf_add_c(out, wrap ? ")" : "");
}
