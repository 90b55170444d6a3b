/* lint.c - what is probably wrong with rules that load: the run over a set, and its findings
 *
 * Layer: policy.  Input: trusted (a loaded set; its texts are shown).  Memory: the caller's arena.
 * Threads: one owner.
 * Spec: S003 1.9 (rules lint), S003 section 2, D4.
 *
 * Theory of operation: every condition becomes a formula (lint_form.c) and its clauses
 * (lint_clause.c), then each kind of finding has its pass over the rules.  Comparisons are counted:
 * a set that needs more than STEPS_MAX, or more memory than ROOM_MAX, is reported as only partly
 * judged, which leaves findings out and never adds one.
 */
#include <stdlib.h>

#include "policy/lint_int.h"

#define STEPS_MAX UINT64_C(100000000)	/* comparisons: some seconds */
#define ROOM_MAX ((size_t)32 << 20)	/* for formulas and clauses: up to 300 MB */
#define FINDINGS_MAX 10000		/* nobody reads more */
#define TEXT_MAX 700			/* of a finding */
#define SHOWN_CLAUSE 200		/* of a condition in a finding */
#define SCRATCH_SIZE ((size_t)256 * 1024)	/* as a worker has */

struct finding {
	struct lint_finding f;
	struct finding *next;
};

static const char *const kind_texts[LINT_KIND_COUNT] = {
	[LINT_SHADOWED] = "shadowed",
	[LINT_NEVER_MATCHES] = "never-matches",
	[LINT_UNUSED_DEFINITION] = "unused-definition",
	[LINT_SUFFIX_WITHOUT_DOT] = "suffix-without-dot",
	[LINT_NO_HOST_TEST] = "no-host-test",
	[LINT_DNS_WITHOUT_HTTP] = "dns-without-http",
	[LINT_HTTP_WITHOUT_DNS] = "http-without-dns",
	[LINT_FAILS_WHEN_ABSENT] = "fails-when-absent",
	[LINT_FAILS_WHEN_MALFORMED] = "fails-when-malformed",
};

const char *lint_kind_text(enum lint_kind kind)
{
	return kind < LINT_KIND_COUNT ? kind_texts[kind] : "?";
}

bool lint_step(struct lint *l)
{
	if (l->steps == 0)
		return false;
	l->steps--;
	return true;
}

bool lint_take(struct lint *l, size_t n)
{
	bool fits = n <= l->room;

	l->room = fits ? l->room - n : 0;
	return fits;
}

/* --- findings --------------------------------------------------------------------------------- */

PRINTF(3, 0) static void add(struct lint *l, struct lint_finding f, const char *fmt, va_list ap)
{
	struct finding *n;
	char text[TEXT_MAX];
	struct buf b = BUF_OF(text);

	l->cut |= l->finding_cnt == FINDINGS_MAX;
	if (l->cut)
		return;
	n = ARENA_NEW(l->a, struct finding);
	buf_vprintf(&b, fmt, ap);
	f.text = arena_str(l->a, str_of(buf_c(&b)));
	if (!n || !f.text.p) {
		l->failed = true;
		return;
	}
	n->f = f;
	*l->tail = n;
	l->tail = &n->next;
	l->finding_cnt++;
}

void lint_say(struct lint *l, const struct rule *r, enum lint_kind kind, const char *fmt, ...)
{
	struct lint_finding f = { .kind = kind, .file = r->file, .line = r->line, .name = r->id };
	va_list ap;

	va_start(ap, fmt);
	add(l, f, fmt, ap);
	va_end(ap);
}

PRINTF(3, 4)
static void say_unused(struct lint *l, const struct unused_def *d, const char *fmt, ...)
{
	struct lint_finding f = { .kind = LINT_UNUSED_DEFINITION, .file = d->file, .line = d->line,
				  .name = d->name };
	va_list ap;

	va_start(ap, fmt);
	add(l, f, fmt, ap);
	va_end(ap);
}

/* By file, line, kind; text last, so that the order never depends on how qsort works. */
static int finding_cmp(const void *a, const void *b)
{
	const struct lint_finding *x = a, *y = b;
	int c = str_cmp(x->file, y->file);

	if (c != 0)
		return c;
	if (x->line != y->line)
		return x->line < y->line ? -1 : 1;
	if (x->kind != y->kind)
		return x->kind < y->kind ? -1 : 1;
	return str_cmp(x->text, y->text);
}

static int report(struct lint *l, struct lint_report *out, struct err *e)
{
	struct lint_finding *v = ARENA_NEW_N(l->a, struct lint_finding, l->finding_cnt + 1);
	size_t cnt = 0;

	if (l->failed || !v)
		return err_set(e, ERR_NOMEM, "out of memory while judging rules");
	for (const struct finding *f = l->findings; f; f = f->next)
		v[cnt++] = f->f;
	qsort(v, cnt, sizeof(*v), finding_cmp);
	*out = (struct lint_report){ v, cnt, l->cut || l->steps == 0 || l->room == 0 };
	return 0;
}

/* --- what the load has found ------------------------------------------------------------------ */

static void unused_definitions(struct lint *l)
{
	const struct rule_warnings *w = l->set->warnings;

	for (uint32_t i = 0; i < w->unused_cnt; i++)
		say_unused(l, &w->unused[i],
			   "no rule uses it; delete it, or write $" STR_FMT " where it is meant",
			   STR_ARG(w->unused[i].name));
}

/* --- hosts ------------------------------------------------------------------------------------ */

static bool names_field(const struct cel_node *n, bool (*wanted)(enum fact_field_id f))
{
	if (n->op == CEL_N_FACT)
		return wanted((enum fact_field_id)n->b.ref);
	for (const struct cel_node *k = n->kid; k; k = k->next)
		if (names_field(k, wanted))
			return true;
	return false;
}

/* Fields that say where a request goes, or that it is not one for the network. */
static bool narrows(enum fact_field_id f)
{
	enum fact_ns ns = fact_table[f].ns_bit;

	return field_is_host(f) || f == FACT_FIELD_NETWORK_IP || ns == FACT_DOCKER ||
	       ns == FACT_RUN;
}

static void clause_text(const struct clause *c, struct buf *out)
{
	for (uint32_t i = 0; i < c->cnt; i++) {
		buf_add_c(out, i ? " && " : "");
		test_text(c->v[i], out);
	}
}

static bool is_open(const struct clause *c)
{
	if (!clause_fits(c, LAYER_DNS) && !clause_fits(c, LAYER_HTTP))
		return false;
	for (uint32_t i = 0; i < c->cnt; i++)
		if (names_field(c->v[i]->subject, narrows))
			return false;
	return true;
}

void lint_hosts(struct lint *l)
{
	for (uint32_t i = 0; i < l->set->count; i++) {
		const struct lint_rule *r = &l->rules[i];
		char text[SHOWN_CLAUSE];
		struct buf b = BUF_OF(text);
		uint32_t k = 0;

		while (k < r->clause_cnt && !is_open(&r->clauses[k]))
			k++;
		if (r->rule->action != VERDICT_ALLOW || k == r->clause_cnt)
			continue;
		clause_text(&r->clauses[k], &b);
		lint_say(l, r->rule, LINT_NO_HOST_TEST,
			 "allows every host%s%s; add a test of dns.query and http.host, as in "
			 "(dns.query == \"example.org\" || http.host == \"example.org\")",
			 b.len ? " when " : "", buf_c(&b));
	}
}

/* --- the run ---------------------------------------------------------------------------------- */

static int prepare(struct lint *l, struct err *e)
{
	l->rules = ARENA_NEW_N(l->a, struct lint_rule, l->set->count + (size_t)1);
	if (!l->rules || arena_init_fixed(&l->scratch, SCRATCH_SIZE) < 0)
		return err_set(e, ERR_NOMEM, "out of memory while judging rules");
	return 0;
}

int lint_run(const struct ruleset *set, struct arena *a, struct lint_report *out, struct err *e)
{
	struct lint l = { .set = set, .a = a, .steps = STEPS_MAX, .room = ROOM_MAX };
	int rc;

	l.tail = &l.findings;
	if (prepare(&l, e) < 0)
		return -1;
	for (uint32_t i = 0; i < set->count && !l.failed; i++) {
		l.rules[i].rule = &set->rules[i];
		l.rules[i].formula = lint_formula(&l, cel_prog_root(set->rules[i].prog));
		lint_clauses(&l, &l.rules[i]);
	}
	if (!l.failed) {
		unused_definitions(&l);
		lint_never_matches(&l);
		lint_suffixes(&l);
		lint_hosts(&l);
		lint_layers(&l);
		lint_shadowed(&l);
		lint_failures(&l);
	}
	rc = report(&l, out, e);
	arena_fini(&l.scratch);
	return rc;
}
