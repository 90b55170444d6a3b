/* lint_form.c - a condition as a formula over tests
 *
 * Layer: policy.  Input: trusted (checked trees).  Memory: the arena of the analysis.
 * Threads: one owner.
 * Spec: S003 1.9 (rules lint), S003 3.4.
 *
 * With errors as a third value, && and || of CEL are minimum and maximum of false < error < true,
 * and ! turns that order round: De Morgan's laws and distribution hold, a lone true or false
 * operand decides or falls away.  exists() and all() over literals are || and && with the variable
 * replaced.  What is not understood stays as one test, that it is true.
 */
#include "policy/cel_keys.h"
#include "policy/lint_int.h"

#define UNROLL_MAX 1024		/* literals that exists() and all() are replaced by */
#define FORMULA_ROOM 16		/* what a formula with its test takes of lint.room */

static struct formula *build(struct lint *l, const struct cel_node *n,
			     const struct cel_known *vars, bool negated);

static void *fail(struct lint *l)
{
	l->failed = true;
	return NULL;
}

static bool stopped(const struct lint *l)
{
	return l->failed || l->room == 0;
}

/* --- tests ------------------------------------------------------------------------------------ */

static struct formula *formula_new(struct lint *l, enum formula_kind kind)
{
	struct formula *f;

	if (!lint_take(l, FORMULA_ROOM))
		return NULL;
	f = ARENA_NEW(l->a, struct formula);
	if (!f)
		return fail(l);
	f->kind = kind;
	return f;
}

static struct formula *constant_formula(struct lint *l, bool value)
{
	return formula_new(l, value ? FORMULA_TRUE : FORMULA_FALSE);
}

/* Within an unrolled macro only a bare field surely has no variable in it. */
static struct formula *of_test(struct lint *l, const struct cel_known *vars, struct lint_test test)
{
	struct formula *f = formula_new(l, FORMULA_TEST);
	struct lint_test *t;

	if (!f)
		return NULL;
	t = ARENA_NEW(l->a, struct lint_test);
	if (!t)
		return fail(l);
	*t = test;
	t->open = vars && test.subject->op != CEL_N_FACT;
	f->test = t;
	return f;
}

static struct formula *opaque(struct lint *l, const struct cel_node *n,
			      const struct cel_known *vars, bool negated)
{
	struct lint_test t = { .kind = TEST_TRUE, .subject = n, .negated = negated };

	return of_test(l, vars, t);
}

static bool is_type(const struct cel_node *n, enum cel_kind k)
{
	return n->type && n->type->kind == k;
}

static bool constant(struct lint *l, const struct cel_node *n, const struct cel_known *vars,
		     struct cel_value *out)
{
	return cel_constant(n, vars, l->a, out);
}

/* Whether equality with v says all about the value: numbers only where the type is known, because
 * 1 equals 1.0. */
static bool is_plain(const struct cel_node *subject, struct cel_value v)
{
	if (v.kind == CEL_STRING)
		return is_type(subject, CEL_STRING) || is_type(subject, CEL_DYN);
	return v.kind == CEL_INT && is_type(subject, CEL_INT);
}

/* t: a test for values of a list, which may be anything. */
static struct formula *one_of(struct lint *l, const struct cel_node *n,
			      const struct cel_known *vars, struct lint_test t)
{
	for (size_t i = 0; i < t.values.n; i++)
		if (!is_plain(t.subject, cel_list_at(t.values, i)))
			return opaque(l, n, vars, t.negated);
	if (t.values.n > 0)
		return of_test(l, vars, t);
	return cel_node_can_fail(t.subject) ? opaque(l, n, vars, t.negated)
					    : constant_formula(l, t.negated);
}

static struct formula *build_equal(struct lint *l, const struct cel_node *n,
				   const struct cel_known *vars, bool negated)
{
	struct lint_test t = { .kind = TEST_ONE_OF, .subject = n->kid,
			       .negated = negated != (n->op == CEL_N_NE) };
	struct cel_value v, *item;

	if (!constant(l, n->kid->next, vars, &v)) {
		t.subject = n->kid->next;
		if (!constant(l, n->kid, vars, &v))
			return opaque(l, n, vars, negated);
	}
	if (v.kind == CEL_BOOL && is_type(t.subject, CEL_BOOL))
		return build(l, t.subject, vars, t.negated == v.u.b);
	if (!is_plain(t.subject, v))
		return opaque(l, n, vars, negated);
	item = ARENA_NEW(l->a, struct cel_value);
	if (!item)
		return fail(l);
	*item = v;
	t.values = cel_list(item, 1);
	return one_of(l, n, vars, t);
}

static struct formula *build_in(struct lint *l, const struct cel_node *n,
				const struct cel_known *vars, bool negated)
{
	struct lint_test t = { .kind = TEST_ONE_OF, .subject = n->kid, .negated = negated };

	if (!constant(l, n->kid->next, vars, &t.values) || t.values.kind != CEL_LIST)
		return opaque(l, n, vars, negated);
	return one_of(l, n, vars, t);
}

/* subject < k is "at most k - 1"; a negation is the opposite bound. */
static struct formula *build_order(struct lint *l, const struct cel_node *n,
				   const struct cel_known *vars, bool negated)
{
	const struct cel_node *subject = n->kid;
	bool is_min = n->op == CEL_N_GT || n->op == CEL_N_GE;
	bool is_open = n->op == CEL_N_GT || n->op == CEL_N_LT;
	struct lint_test t = { .kind = TEST_MIN };
	struct cel_value v;
	int64_t by;

	if (!constant(l, n->kid->next, vars, &v)) {
		subject = n->kid->next;
		is_min = !is_min;
		if (!constant(l, n->kid, vars, &v))
			return opaque(l, n, vars, negated);
	}
	if (negated) {
		is_min = !is_min;
		is_open = !is_open;
	}
	by = !is_open ? 0 : is_min ? 1 : -1;
	if (v.kind != CEL_INT || !is_type(subject, CEL_INT) ||
	    ADD_OVERFLOWS(v.u.i, by, &t.number))
		return opaque(l, n, vars, negated);
	t.kind = is_min ? TEST_MIN : TEST_MAX;
	t.subject = subject;
	return of_test(l, vars, t);
}

static bool kind_of_call(const struct cel_node *n, enum test_kind *kind)
{
	static const struct {
		const char *name;
		enum test_kind kind;
	} calls[] = { { "startsWith", TEST_PREFIX }, { "endsWith", TEST_SUFFIX },
		      { "contains", TEST_CONTAINS }, { "matches", TEST_MATCHES } };

	for (size_t i = 0; i < ARRAY_LEN(calls); i++) {
		if (!str_eq_c(n->a.name, calls[i].name))
			continue;
		*kind = calls[i].kind;
		return n->kid_cnt == 2 && (n->op == CEL_N_METHOD || *kind == TEST_MATCHES);
	}
	return false;
}

static struct formula *build_call(struct lint *l, const struct cel_node *n,
				  const struct cel_known *vars, bool negated)
{
	struct lint_test t = { .kind = TEST_TRUE, .subject = n->kid, .negated = negated };
	struct cel_value v;

	if (!kind_of_call(n, &t.kind) || !constant(l, n->kid->next, vars, &v) ||
	    v.kind != CEL_STRING)
		return opaque(l, n, vars, negated);
	t.text = cel_str(v);
	if (t.kind == TEST_MATCHES)
		t.re = n->b.call.prep;
	if (t.kind == TEST_MATCHES && !t.re)
		return opaque(l, n, vars, negated);
	if (t.text.len == 0 && t.kind != TEST_MATCHES && is_type(n->kid, CEL_STRING) &&
	    !cel_node_can_fail(n->kid))
		return constant_formula(l, !negated);
	return of_test(l, vars, t);
}

/* --- and, or ---------------------------------------------------------------------------------- */

struct kids {
	struct formula *first, **tail;
	size_t cnt;
};

/* Adds k, or its kids if it is of the same kind. */
static void add_kid(struct kids *to, enum formula_kind kind, struct formula *k)
{
	*to->tail = k->kind == kind ? k->kid : k;
	for (; *to->tail; to->tail = &(*to->tail)->next)
		to->cnt++;
}

/* Whether f is a test for one of several values that others beside it can join. */
static bool can_join(const struct formula *f, enum formula_kind around)
{
	return f->kind == FORMULA_TEST && f->test->kind == TEST_ONE_OF &&
	       f->test->subject->op == CEL_N_FACT &&
	       f->test->negated == (around == FORMULA_AND);
}

static bool joins(const struct formula *f, const struct formula *lead, enum formula_kind around)
{
	return can_join(f, around) && f->test->subject->b.ref == lead->test->subject->b.ref;
}

/* a == "x" || a == "y" is a in ["x", "y"]; so is a != "x" && a != "y", negated. */
static void join_values(struct lint *l, struct formula *lead, enum formula_kind around)
{
	struct formula *prev = lead;
	struct lint_test *t;
	struct cel_value *v;
	size_t total = 0, cnt = 0;

	for (const struct formula *f = lead; f; f = f->next)
		total += joins(f, lead, around) ? f->test->values.n : 0;
	if (total == lead->test->values.n)
		return;
	v = ARENA_NEW_N(l->a, struct cel_value, total);
	t = ARENA_NEW(l->a, struct lint_test);
	if (!v || !t) {
		l->failed = true;
		return;
	}
	*t = *lead->test;
	for (struct formula *f = lead; f; f = f->next) {
		if (!joins(f, lead, around)) {
			prev = f;
			continue;
		}
		for (size_t i = 0; i < f->test->values.n; i++)
			v[cnt++] = cel_list_at(f->test->values, i);
		if (f != lead)
			prev->next = f->next;
	}
	t->values = cel_list(v, cnt);
	lead->test = t;
}

/* Adds one operand; false when it decides alone. */
static bool add_operand(struct kids *kids, enum formula_kind kind, struct formula *k)
{
	enum formula_kind neutral = kind == FORMULA_AND ? FORMULA_TRUE : FORMULA_FALSE;

	if (!k)
		return true;
	if (k->kind == FORMULA_TRUE || k->kind == FORMULA_FALSE)
		return k->kind == neutral;
	add_kid(kids, kind, k);
	return true;
}

static struct formula *combine(struct lint *l, struct kids *kids, enum formula_kind kind)
{
	struct formula *f;

	if (stopped(l))
		return NULL;
	if (kids->cnt == 0)
		return constant_formula(l, kind == FORMULA_AND);
	for (struct formula *k = kids->first; k; k = k->next)
		if (can_join(k, kind))
			join_values(l, k, kind);
	if (!kids->first->next)
		return kids->first;
	f = formula_new(l, kind);
	if (f)
		f->kid = kids->first;
	return f;
}

static struct formula *build_logic(struct lint *l, const struct cel_node *n,
				   const struct cel_known *vars, bool negated)
{
	enum formula_kind kind = (n->op == CEL_N_AND) != negated ? FORMULA_AND : FORMULA_OR;
	struct kids kids = { .tail = &kids.first };

	for (const struct cel_node *k = n->kid; k && !stopped(l); k = k->next)
		if (!add_operand(&kids, kind, build(l, k, vars, negated)))
			return constant_formula(l, kind == FORMULA_OR);
	return combine(l, &kids, kind);
}

/* [".a", ".b"].exists(x, http.host.endsWith(x)) */
static struct formula *build_macro(struct lint *l, const struct cel_node *n,
				   const struct cel_known *vars, bool negated)
{
	enum formula_kind kind = (n->op == CEL_N_ALL) != negated ? FORMULA_AND : FORMULA_OR;
	struct kids kids = { .tail = &kids.first };
	struct cel_known inner = { .outer = vars, .number = n->var_number };
	struct cel_value range;

	if (n->var_cnt != 1 || !constant(l, n->kid, vars, &range) || range.kind != CEL_LIST ||
	    range.n > UNROLL_MAX)
		return opaque(l, n, vars, negated);
	for (size_t i = 0; i < range.n && !stopped(l); i++) {
		inner.value = cel_list_at(range, i);
		if (!add_operand(&kids, kind, build(l, n->kid->next, &inner, negated)))
			return constant_formula(l, kind == FORMULA_OR);
	}
	return combine(l, &kids, kind);
}

static struct formula *build(struct lint *l, const struct cel_node *n,
			     const struct cel_known *vars, bool negated)
{
	enum cel_node_op op = (enum cel_node_op)n->op;

	if (op == CEL_N_LIT && n->a.val.kind == CEL_BOOL)
		return constant_formula(l, n->a.val.u.b != negated);
	if (op == CEL_N_NOT)
		return build(l, n->kid, vars, !negated);
	if (op == CEL_N_AND || op == CEL_N_OR)
		return build_logic(l, n, vars, negated);
	if (op == CEL_N_EQ || op == CEL_N_NE)
		return build_equal(l, n, vars, negated);
	if (op == CEL_N_IN)
		return build_in(l, n, vars, negated);
	if (op >= CEL_N_LT && op <= CEL_N_GE)
		return build_order(l, n, vars, negated);
	if (op == CEL_N_CALL || op == CEL_N_METHOD)
		return build_call(l, n, vars, negated);
	if (op == CEL_N_EXISTS || op == CEL_N_ALL)
		return build_macro(l, n, vars, negated);
	return opaque(l, n, vars, negated);
}

struct formula *lint_formula(struct lint *l, const struct cel_node *root)
{
	static struct formula nothing = { .kind = FORMULA_FALSE };	/* implies, says nothing */
	struct formula *f = stopped(l) ? NULL : build(l, root, NULL, false);

	return f && !l->failed ? f : &nothing;
}
