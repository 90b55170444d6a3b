/* lint_fail.c - block rules whose condition fails: when a value is absent, when it is malformed
 *
 * Layer: policy.  Input: trusted (a loaded set).  Memory: the arena of the analysis.
 * Threads: one owner.
 * Spec: S003 section 2, S003-FR-016; D4.
 *
 * Absence is no match: such a rule silently does not concern some requests.  Any other error
 * blocks: whoever sends the value decides that the rule does.  The first is found by a trial
 * (trial.h); the second where a text of a request is converted and no test beside it has looked at
 * its form.
 */
#include <string.h>

#include "policy/lint_int.h"
#include "policy/trial.h"

#define EXPR_MAX 200			/* of an expression in a finding */
#define TRIAL_UNITS (UINT64_C(10) * CEL_UNITS_PER_EVALUATION)	/* for the trials of all rules */

/* --- absent ----------------------------------------------------------------------------------- */

static void say_fails(struct lint *l, const struct rule *r, const char *expr, const char *layers)
{
	if (strchr(expr, '['))
		lint_say(l, r, LINT_FAILS_WHEN_ABSENT,
			 "does not match when %s is absent in %s request, because the error counts as "
			 "no match; to say so in the rule test for the key first, as in \"x\" in "
			 "http.headers && ..., or give a default, as in "
			 "http.headers[?\"x\"].orValue(\"\")",
			 expr, layers);
	else
		lint_say(l, r, LINT_FAILS_WHEN_ABSENT,
			 "does not match when %s is absent in %s request, because the error counts as "
			 "no match; to say so in the rule test for it first, as in network.ip != \"\" "
			 "&& ...",
			 expr, layers);
}

/* D4: an error of absence is no match, so a block rule may silently not concern a request. */
static void fails_when_absent(struct lint *l, const struct rule *r, struct cel_budget *budget)
{
	char said[EXPR_MAX] = "", layers[EXPR_MAX];
	struct buf names = BUF_OF(layers);

	for (unsigned i = 0; i < TRIAL_LAYER_COUNT; i++) {
		char expr[EXPR_MAX];
		struct buf b = BUF_OF(expr);

		if (!trial_fails(r, (enum trial_layer)i, &l->scratch, budget, &b))
			continue;
		(void)buf_c(&b);
		if (said[0] && strcmp(said, expr) != 0) {
			say_fails(l, r, said, buf_c(&names));
			buf_reset(&names);
		}
		buf_add_c(&names, names.len ? " and " : "");
		buf_add_c(&names, trial_layer_text((enum trial_layer)i));
		memcpy(said, expr, sizeof(said));
	}
	if (said[0])
		say_fails(l, r, said, buf_c(&names));
}

/* --- malformed -------------------------------------------------------------------------------- */

/* Functions of one text that fail unless it has a certain form. */
static bool is_conversion(const struct cel_node *n)
{
	static const char *const names[] = { "int", "uint", "double", "bool", "timestamp",
					     "duration", "ip", "cidr", "base64.decode" };

	for (size_t i = 0; n->op == CEL_N_CALL && n->kid_cnt == 1 && i < ARRAY_LEN(names); i++)
		if (str_eq_c(n->a.name, names[i]))
			return n->kid->type && (n->kid->type->kind == CEL_STRING ||
						n->kid->type->kind == CEL_DYN);
	return false;
}

/* Whether whoever sends the request writes that text as he likes. */
static bool is_free_text(const struct cel_node *n)
{
	static const enum fact_field_id fields[] = {
		FACT_FIELD_HTTP_HEADERS, FACT_FIELD_HTTP_PATH,	FACT_FIELD_HTTP_BODY,
		FACT_FIELD_RUN_ARGS,	 FACT_FIELD_RUN_FLAGS, FACT_FIELD_RUN_CONTEXT,
	};

	for (size_t i = 0; n->op == CEL_N_FACT && i < ARRAY_LEN(fields); i++)
		if (n->b.ref == (uint32_t)fields[i])
			return true;
	for (const struct cel_node *k = n->kid; k; k = k->next)
		if (is_free_text(k))
			return true;
	return false;
}

/* A conversion of such a text in n, or NULL. */
static const struct cel_node *find_conversion(const struct cel_node *n)
{
	const struct cel_node *found = is_conversion(n) && is_free_text(n->kid) ? n : NULL;

	for (const struct cel_node *k = n->kid; k && !found; k = k->next)
		found = find_conversion(k);
	return found;
}

/* Whether another test of the clause is false for a text that is nothing. */
static bool is_guarded(struct lint *l, const struct clause *c, const struct cel_node *text)
{
	for (uint32_t i = 0; i < c->cnt; i++)
		if (!c->v[i]->open && node_equal(l, c->v[i]->subject, text) &&
		    test_fails_for(l, c->v[i], cel_string(STR("?"))))
			return true;
	return false;
}

static const struct cel_node *unguarded(struct lint *l, const struct clause *c)
{
	for (uint32_t i = 0; i < c->cnt; i++) {
		const struct cel_node *n = find_conversion(c->v[i]->subject);

		if (n && !is_guarded(l, c, n->kid))
			return n;
	}
	return NULL;
}

static void fails_when_malformed(struct lint *l, const struct lint_rule *r)
{
	const struct cel_node *found = NULL;
	char expr[EXPR_MAX], text[EXPR_MAX];
	struct buf b = BUF_OF(expr), t = BUF_OF(text);

	if (r->rule->action != VERDICT_BLOCK || !cel_prog_can_fail(r->rule->prog))
		return;
	for (uint32_t i = 0; i < r->clause_cnt && !found; i++)
		found = unguarded(l, &r->clauses[i]);
	if (!found)
		return;
	cel_node_text(found, &b);
	cel_node_text(found->kid, &t);
	lint_say(l, r->rule, LINT_FAILS_WHEN_MALFORMED,
		 "blocks when %s fails, because any error but absence blocks, and whoever sends the "
		 "request writes the text; if that is not meant test its form first, as in "
		 "%s.matches(\"^[0-9]{1,9}$\") && ...",
		 buf_c(&b), buf_c(&t));
}

void lint_failures(struct lint *l)
{
	struct cel_budget budget = { TRIAL_UNITS };

	for (uint32_t i = 0; i < l->set->count && !l->failed; i++) {
		if (budget.units > 0)
			fails_when_absent(l, &l->set->rules[i], &budget);
		fails_when_malformed(l, &l->rules[i]);
	}
}
