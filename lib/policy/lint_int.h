/* lint_int.h - inside of the analysis of rules: conditions as formulas over tests, and as clauses
 *
 * Layer: policy.  Memory: the arena of the analysis.  Threads: one owner.
 *
 * A condition becomes a formula of AND, OR and tests, negations pushed down to the tests; then its
 * clauses: the condition is true when all tests of one clause are.  Both have exactly the outcomes
 * of the condition (true, false, error), because && and || of CEL obey the laws that are used.
 *
 * "Implies", of tests, clauses and formulas, always means both: where the first is true, so is the
 * second; where the second is false, so is the first.  An error of a test follows from its subject
 * alone, so what holds for values holds for errors too.
 */
#ifndef OC_POLICY_LINT_INT_H
#define OC_POLICY_LINT_INT_H

#include "policy/cel_ast.h"
#include "policy/lint.h"
#include "policy/re.h"

enum test_kind {
	TEST_ONE_OF = 0,	/* the subject is one of the values: strings, or integers */
	TEST_PREFIX,		/* it starts with text */
	TEST_SUFFIX,
	TEST_CONTAINS,
	TEST_MATCHES,		/* text: the pattern */
	TEST_MIN,		/* it is number or more */
	TEST_MAX,		/* it is number or less */
	TEST_TRUE,		/* it is true: everything that is not understood further */
};

struct lint_test {
	enum test_kind kind;
	bool negated;
	bool open;		/* the subject may hold a variable of an unrolled macro */
	const struct cel_node *subject;
	struct cel_value values;	/* a list, not empty */
	struct str text;
	const struct re *re;
	int64_t number;
};

enum formula_kind { FORMULA_FALSE = 0, FORMULA_TRUE, FORMULA_TEST, FORMULA_AND, FORMULA_OR };

struct formula {
	enum formula_kind kind;
	const struct lint_test *test;
	struct formula *kid;		/* first, linked by next */
	struct formula *next;
};

struct clause {
	const struct lint_test *const *v;
	uint32_t cnt;
	bool contradictory;	/* two of the tests exclude each other */
	unsigned needs;		/* mask of enum fact_ns: cannot be true when one is absent */
};

struct lint_rule {
	const struct rule *rule;
	struct formula *formula;
	const struct clause *clauses;
	uint32_t clause_cnt;
	bool known;		/* the clauses are; a huge condition has none */
};

struct lint {
	const struct ruleset *set;
	struct lint_rule *rules;	/* as in the set */
	struct arena *a;
	struct arena scratch;		/* fixed; for evaluations and searches */
	uint64_t steps;			/* comparisons left */
	size_t room;			/* for formulas and clauses, in about 8 bytes; 0: used up */
	bool failed;			/* out of memory; sticky */
	bool cut;			/* there are more findings */
	struct finding *findings, **tail;
	size_t finding_cnt;
};

/* Counts a comparison; false when no more are allowed. */
bool lint_step(struct lint *l);
/* Takes n of the room; false when no more may be made: the rest of the set is not understood. */
bool lint_take(struct lint *l, size_t n);
/* Adds a finding about a rule; a text that does not fit is cut. */
void lint_say(struct lint *l, const struct rule *r, enum lint_kind kind, const char *fmt, ...)
	PRINTF(4, 5);

/* lint_form.c */
struct formula *lint_formula(struct lint *l, const struct cel_node *root);
/* lint_clause.c: fills the clauses of a rule that has its formula. */
void lint_clauses(struct lint *l, struct lint_rule *rule);

/* lint_pair.c */
/* Whether both subjects always have the same value. */
bool test_same_subject(struct lint *l, const struct lint_test *a, const struct lint_test *b);
/* Of tests of one subject, or of subjects that have the same value. */
bool test_implies(struct lint *l, const struct lint_test *a, const struct lint_test *b);
bool test_excludes(struct lint *l, const struct lint_test *a, const struct lint_test *b);
/* Whether the test of a subject with that value is true for sure, or false for sure. */
bool test_holds_for(struct lint *l, const struct lint_test *t, struct cel_value v);
bool test_fails_for(struct lint *l, const struct lint_test *t, struct cel_value v);
/* The field that the test is about, or FACT_FIELD_COUNT. */
enum fact_field_id test_field(const struct lint_test *t);
/* Whether two expressions without variables of macros always have the same value. */
bool node_equal(struct lint *l, const struct cel_node *a, const struct cel_node *b);
bool field_is_host(enum fact_field_id f);	/* dns.query, http.host, network.hostname */
/* In CEL. */
void test_text(const struct lint_test *t, struct buf *out);

/* What a layer fills (S003 1.4). */
#define LAYER_DNS (FACT_DNS | FACT_AGENT)
#define LAYER_HTTP (FACT_NETWORK | FACT_HTTP | FACT_AGENT)
/* Whether the clause can be true in a request with these namespaces. */
static inline bool clause_fits(const struct clause *c, unsigned layer)
{
	return !c->contradictory && (c->needs & ~layer) == 0;
}

/* One file for each kind, or for two that belong together. */
void lint_shadowed(struct lint *l);
void lint_never_matches(struct lint *l);
void lint_layers(struct lint *l);	/* dns-without-http, http-without-dns */
void lint_suffixes(struct lint *l);
void lint_hosts(struct lint *l);	/* no-host-test */
void lint_failures(struct lint *l);	/* fails-when-absent, fails-when-malformed */

#endif
