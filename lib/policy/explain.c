/* explain.c - why a request gets its verdict: rules that came close, and what kept them away
 *
 * Layer: policy.  Input: rules trusted, facts of an operator's question.  Memory: the caller's
 * arena; a mapping of its own for evaluations.  Threads: pure functions.
 * Spec: S003 1.3 (rule/explain), 1.9.
 *
 * Theory of operation: the checked tree of a condition is walked.  Of && all operands count; of ||
 * the alternative that comes closest; what is neither is one test, evaluated by itself.  Tests of
 * fields that this layer does not fill make an alternative, or the rule, one that is not meant.
 */
#include "policy/explain.h"

#include "base/utf8.h"
#include "policy/cel_ast.h"

#define NEAR_TESTS 2		/* more that fail: the rule is about something else */
#define TEXT_MAX 400		/* of a test or a value */
#define SCRATCH_SIZE ((size_t)1 << 20)
#define TYPO_MAX 2		/* letters that a mistyped host may differ in */
#define TYPO_LEN_MAX 64
#define ELLIPSIS "\xe2\x80\xa6"	/* U+2026 */
/* For all rules of a layer: a fifth of a second at most, because the control thread waits. */
#define SEARCH_UNITS (UINT64_C(10) * CEL_UNITS_PER_EVALUATION)

enum distance {			/* of the names in a test from the target */
	DIST_SAME = 0,		/* a test of host, name or address holds */
	DIST_BELOW,		/* one of the two is below the other, or one letter differs */
	DIST_TYPO,
	DIST_FAR,
};

struct look {
	const struct ruleset *set;
	const struct facts *facts;
	struct arena *a;
	struct arena scratch;
	struct cel_budget budget;
	struct err *e;
	bool failed;		/* no memory; sticky */
};

struct closeness {
	unsigned held, failed;
	bool has_target;		/* some test is about host, name or address */
	bool off;			/* about a field that this layer does not fill */
	enum distance distance;
	const struct cel_node *first;	/* that failed */
};

/* ---- single tests ---- */

/* The caller rewinds the scratch. */
static struct cel_value evaluate(struct look *l, const struct cel_prog *p, const struct cel_node *n)
{
	const struct cel_prog *part;
	struct cel_value v = { .kind = CEL_ERROR };

	if (cel_compile_part(&l->scratch, p, n, &part, l->e) < 0) {
		l->failed = true;
		return v;
	}
	return cel_eval_facts(part, l->facts, &l->scratch, &l->budget);
}

static bool names_absent(const struct look *l, const struct cel_node *n)
{
	if (n->op == CEL_N_FACT && !(l->facts->present & fact_table[n->b.ref].ns_bit))
		return true;
	for (const struct cel_node *k = n->kid; k; k = k->next) {
		if (names_absent(l, k))
			return true;
	}
	return false;
}

/* ---- hosts that are nearly the same ---- */

/* Letters to add, remove or change; TYPO_MAX + 1: more than that. */
static unsigned count_typos(struct str a, struct str b)
{
	unsigned row[TYPO_LEN_MAX + 1];

	if (a.len > TYPO_LEN_MAX || b.len > TYPO_LEN_MAX || a.len + TYPO_MAX < b.len ||
	    b.len + TYPO_MAX < a.len)
		return TYPO_MAX + 1;
	for (unsigned j = 0; j <= b.len; j++)
		row[j] = j;
	for (size_t i = 1; i <= a.len; i++) {
		unsigned diagonal = row[0];

		row[0] = (unsigned)i;
		for (size_t j = 1; j <= b.len; j++) {
			unsigned swap = diagonal + (a.p[i - 1] != b.p[j - 1]);

			diagonal = row[j];
			row[j] = MIN(swap, MIN(row[j], row[j - 1]) + 1);
		}
	}
	return row[b.len];
}

static enum distance host_distance(struct str a, struct str b)
{
	struct str longer = a.len > b.len ? a : b, shorter = a.len > b.len ? b : a;
	unsigned typos;

	if (shorter.len < 3)
		return DIST_FAR;
	if (str_ends(longer, shorter) &&
	    (longer.len == shorter.len || shorter.p[0] == '.' ||
	     longer.p[longer.len - shorter.len - 1] == '.'))
		return DIST_BELOW;
	typos = count_typos(a, b);
	return typos > TYPO_MAX ? DIST_FAR : typos == TYPO_MAX ? DIST_TYPO : DIST_BELOW;
}

static enum distance value_distance(struct str host, struct cel_value v)
{
	enum distance d = DIST_FAR;

	if (v.kind == CEL_STRING)
		return host_distance(host, cel_str(v));
	for (size_t i = 0; v.kind == CEL_LIST && i < v.n; i++)
		d = MIN(d, value_distance(host, cel_list_at(v, i)));
	return d;
}

/* The smallest of the constants in a test. */
static enum distance test_distance(struct str host, const struct cel_node *n)
{
	enum distance d = n->op == CEL_N_LIT ? value_distance(host, n->a.val) : DIST_FAR;

	for (const struct cel_node *k = n->kid; k; k = k->next)
		d = MIN(d, test_distance(host, k));
	return d;
}

static bool names_target(const struct cel_node *n)
{
	if (n->op == CEL_N_FACT &&
	    (n->b.ref == FACT_FIELD_HTTP_HOST || n->b.ref == FACT_FIELD_DNS_QUERY ||
	     n->b.ref == FACT_FIELD_NETWORK_HOSTNAME || n->b.ref == FACT_FIELD_NETWORK_IP))
		return true;
	for (const struct cel_node *k = n->kid; k; k = k->next) {
		if (names_target(k))
			return true;
	}
	return false;
}

static struct str host_of(const struct facts *f)
{
	return f->present & FACT_DNS ? f->dns.query : f->http.host;
}

/* ---- whole conditions ---- */

static struct closeness look_at(struct look *l, const struct cel_prog *p,
				const struct cel_node *n);

static struct closeness look_at_test(struct look *l, const struct cel_prog *p,
				     const struct cel_node *n)
{
	struct closeness c = { .off = names_absent(l, n), .has_target = names_target(n) };
	size_t mark = arena_mark(&l->scratch);
	struct cel_value v = evaluate(l, p, n);

	arena_rewind(&l->scratch, mark);
	if (v.kind == CEL_BOOL && v.u.b) {
		c.held = n->op != CEL_N_LIT;
		c.distance = c.has_target ? DIST_SAME : DIST_FAR;
		c.off = false;
		return c;
	}
	c.failed = 1;
	c.first = n;
	c.distance = test_distance(host_of(l->facts), n);
	return c;
}

static bool is_closer(const struct closeness *a, const struct closeness *b)
{
	if (a->off != b->off)
		return !a->off;
	if (a->failed != b->failed)
		return a->failed < b->failed;
	if (a->distance != b->distance)
		return a->distance < b->distance;
	return a->held > b->held;
}

static struct closeness look_at(struct look *l, const struct cel_prog *p, const struct cel_node *n)
{
	struct closeness all = { .distance = DIST_FAR };
	bool is_or = n->op == CEL_N_OR;

	if (!is_or && n->op != CEL_N_AND)
		return look_at_test(l, p, n);
	for (const struct cel_node *k = n->kid; k; k = k->next) {
		struct closeness one = look_at(l, p, k);

		if (is_or) {
			if (k == n->kid || is_closer(&one, &all))
				all = one;
			continue;
		}
		all.held += one.held;
		all.failed += one.failed;
		all.off |= one.off;
		all.distance = MIN(all.distance, one.distance);
		all.has_target |= one.has_target;
		all.first = all.first ? all.first : one.first;
	}
	return all;
}

/* ---- what a failed test saw ---- */

/* Text of at most TEXT_MAX bytes; a longer one is cut between characters, and says so. */
static struct str keep_text(struct look *l, const struct buf *b)
{
	char text[TEXT_MAX + sizeof(ELLIPSIS)];
	struct buf out = BUF_OF(text);
	struct str whole = buf_str(b), s;

	buf_add_str(&out, buf_ok(b) ? whole : str_first(whole, utf8_valid_prefix(whole)));
	buf_add_c(&out, buf_ok(b) ? "" : ELLIPSIS);
	s = arena_str(l->a, buf_str(&out));
	if (!s.p)
		l->failed = true;
	return s;
}

static struct str node_text(struct look *l, const struct cel_node *n)
{
	char text[TEXT_MAX];
	struct buf b = BUF_OF(text);

	cel_node_text(n, &b);
	return keep_text(l, &b);
}

static struct str value_text(struct look *l, const struct cel_prog *p, const struct cel_node *n)
{
	char text[TEXT_MAX];
	struct buf b = BUF_OF(text);
	size_t mark = arena_mark(&l->scratch);
	struct cel_value v = evaluate(l, p, n);
	struct str s;

	if (cel_outcome(v) == CEL_OUT_ABSENCE) {
		buf_add_c(&b, "missing");
	} else if (v.kind == CEL_ERROR) {
		buf_add_c(&b, "an error: ");
		cel_error_text(v, &b);
	} else {
		cel_node_text(&(struct cel_node){ .op = CEL_N_LIT, .a.val = v }, &b);
	}
	s = keep_text(l, &b);
	arena_rewind(&l->scratch, mark);
	return s;
}

/* Fields, members of fields, and what functions make of them; not the tests around them. */
static bool is_shown(const struct cel_node *n)
{
	switch ((unsigned)n->op) {
	case CEL_N_FACT: case CEL_N_SELECT: case CEL_N_INDEX:
		return true;
	case CEL_N_CALL: case CEL_N_METHOD:
		return n->type && n->type->kind != CEL_BOOL;
	}
	return false;
}

static void add_value(struct look *l, const struct cel_prog *p, const struct cel_node *n,
		      struct explain_near *near)
{
	struct str expr = node_text(l, n);

	for (unsigned i = 0; i < near->value_cnt; i++) {
		if (str_eq(near->values[i].expr, expr))
			return;
	}
	if (near->value_cnt < EXPLAIN_VALUES_MAX)
		near->values[near->value_cnt++] =
			(struct explain_value){ expr, value_text(l, p, n) };
}

static void add_values(struct look *l, const struct cel_prog *p, const struct cel_node *n,
		       struct explain_near *near)
{
	bool shown = is_shown(n) && cel_node_is_closed(n);

	if (shown)
		add_value(l, p, n, near);
	if (shown && n->op != CEL_N_CALL && n->op != CEL_N_METHOD)
		return;		/* a member tells more than the map that it is in */
	for (const struct cel_node *k = n->kid; k; k = k->next)
		add_values(l, p, k, near);
}

/* ---- rules that came close ---- */

struct candidate {
	struct closeness c;
	const struct rule *rule;
};

static bool came_close(const struct closeness *c)
{
	if (c->off)
		return false;
	if (c->distance < DIST_FAR)
		return c->failed <= NEAR_TESTS;
	return c->failed == 0 || (c->failed == 1 && !c->has_target);
}

/* Keeps the EXPLAIN_NEAR_MAX closest; earlier rules first among equals. */
static unsigned keep_closest(struct candidate *list, unsigned cnt, struct candidate one)
{
	unsigned at = cnt;

	while (at > 0 && is_closer(&one.c, &list[at - 1].c))
		at--;
	if (at == EXPLAIN_NEAR_MAX)
		return cnt;
	cnt = MIN(cnt + 1, (unsigned)EXPLAIN_NEAR_MAX);
	for (unsigned i = cnt - 1; i > at; i--)
		list[i] = list[i - 1];
	list[at] = one;
	return cnt;
}

static void find_near(struct look *l, struct explain_layer *out)
{
	struct candidate list[EXPLAIN_NEAR_MAX];
	unsigned own = l->facts->present & ~(unsigned)FACT_AGENT;
	unsigned cnt = 0;

	l->budget.units = SEARCH_UNITS;
	for (uint32_t i = 0; i < l->set->count && !l->failed && l->budget.units; i++) {
		const struct rule *r = &l->set->rules[i];
		struct candidate one = { .rule = r };

		if (r == out->rule || r->action == out->kind || !(r->namespaces & own))
			continue;
		one.c = look_at(l, r->prog, cel_prog_root(r->prog));
		if (came_close(&one.c))
			cnt = keep_closest(list, cnt, one);
	}
	l->budget = CEL_BUDGET_INIT;
	for (unsigned i = 0; i < cnt && !l->failed; i++) {
		struct explain_near *near = &out->near[out->near_cnt++];

		near->rule = list[i].rule;
		if (!list[i].c.first)
			continue;
		near->failed = node_text(l, list[i].c.first);
		add_values(l, near->rule->prog, list[i].c.first, near);
	}
}

/* What a verdict has to say beside its rule; of an error also which, and where. */
static void add_reason(struct look *l, const struct verdict *v, struct buf *out)
{
	struct cel_budget budget = CEL_BUDGET_INIT;
	const struct cel_prog *prog;

	if (v->why == WHY_RULE)
		return;
	verdict_reason(v, out);
	if (v->why != WHY_RULE_ERROR)
		return;
	prog = l->set->rules[v->order].prog;
	buf_add_c(out, ": ");
	cel_outcome_text(prog, cel_eval_facts(prog, l->facts, &l->scratch, &budget), out);
}

int explain_facts(const struct ruleset *set, const struct facts *f, struct arena *a,
		  struct explain_layer *out, struct err *e)
{
	struct look l = { .set = set, .facts = f, .a = a, .e = e };
	char text[TEXT_MAX];
	struct buf reason = BUF_OF(text);
	struct verdict v;
	size_t mark;

	if (arena_init_fixed(&l.scratch, SCRATCH_SIZE) < 0)
		return err_set(e, ERR_NOMEM, "no memory for the evaluation");
	mark = arena_mark(&l.scratch);
	ruleset_probe(set, f, &l.scratch, &v);
	out->kind = v.kind;
	out->rule = v.order == RULE_NONE ? NULL : &set->rules[v.order];
	add_reason(&l, &v, &reason);
	arena_rewind(&l.scratch, mark);
	out->reason = keep_text(&l, &reason);
	if (set && v.why != WHY_COST)
		find_near(&l, out);
	arena_fini(&l.scratch);
	return l.failed ? err_set(e, ERR_NOMEM, "no memory for the explanation") : 0;
}
