/* risk.c - what an operator should think about before approving a proposed rule file
 *
 * Layer: policy.  Input: checked rules of an untrusted author.  Memory: the caller's.
 * Threads: pure functions.
 * Spec: S010-O-041.
 */
#include "policy/risk.h"

#include "policy/cel_ast.h"

#define FIELD(id) (UINT32_C(1) << FACT_FIELD_##id)
#define HOST_FIELDS (FIELD(HTTP_HOST) | FIELD(DNS_QUERY) | FIELD(NETWORK_HOSTNAME) | \
		     FIELD(NETWORK_IP))

struct pin {			/* what a condition must insist on */
	uint32_t fields;	/* one of these has a value that is written down */
	struct str value;	/* p NULL: any value */
};

static bool is_pinned_value(const struct pin *p, struct cel_value v)
{
	return v.kind == CEL_STRING && (!p->value.p || str_eq(cel_str(v), p->value));
}

static bool is_field(const struct pin *p, const struct cel_node *n)
{
	return n->op == CEL_N_FACT && (p->fields & (UINT32_C(1) << n->b.ref));
}

static bool pins_in(const struct pin *p, const struct cel_node *n)
{
	const struct cel_node *list = n->kid->next;

	if (!is_field(p, n->kid) || list->op != CEL_N_LIT || list->a.val.kind != CEL_LIST)
		return false;
	for (size_t i = 0; i < list->a.val.n; i++)
		if (!is_pinned_value(p, cel_list_at(list->a.val, i)))
			return false;
	return true;
}

/* Whether n can only be true where the field has such a value. Recursion is bounded by the depth of
 * the tree (CEL_DEPTH_MAX). */
static bool pins(const struct pin *p, const struct cel_node *n)
{
	const struct cel_node *left = n->kid;

	if (n->op == CEL_N_EQ)
		return (is_field(p, left) && left->next->op == CEL_N_LIT &&
			is_pinned_value(p, left->next->a.val)) ||
		       (is_field(p, left->next) && left->op == CEL_N_LIT &&
			is_pinned_value(p, left->a.val));
	if (n->op == CEL_N_IN)
		return pins_in(p, n);
	if (n->op != CEL_N_AND && n->op != CEL_N_OR)
		return false;
	for (; left; left = left->next)
		if (pins(p, left) != (n->op == CEL_N_OR))
			return n->op == CEL_N_AND;
	return n->op == CEL_N_OR;
}

/* A condition that names no field has one value. */
static bool is_always_true(const struct rule *r, struct arena *scratch)
{
	const struct facts none = { .present = 0 };
	struct cel_budget budget = CEL_BUDGET_INIT;
	size_t mark = arena_mark(scratch);
	enum cel_outcome outcome;

	if (r->fields)
		return false;
	outcome = cel_outcome(cel_eval_facts(r->prog, &none, scratch, &budget));
	arena_rewind(scratch, mark);
	return outcome == CEL_OUT_TRUE;
}

enum risk {
	RISK_ANY_AGENT = 0, RISK_ALWAYS, RISK_PRIORITY, RISK_DIRECT, RISK_PRIVATE, RISK_WILDCARD,
	RISK_BLOCKS_OTHERS, RISK_IN_USE, RISK_COUNT
};
STATIC_ASSERT((unsigned)RISK_COUNT <= RISK_MAX, "room for each risk once");

static unsigned risks_of(const struct rule *r, struct str agent, struct arena *scratch)
{
	const struct pin by_agent = { FIELD(AGENT_NAME), agent.p ? agent : STR("") };
	const struct pin by_host = { HOST_FIELDS, { NULL, 0 } };
	const struct cel_node *root = cel_prog_root(r->prog);
	bool allow = r->action == VERDICT_ALLOW;
	unsigned found = 0;

	if (!pins(&by_agent, root))
		found |= 1u << (allow ? RISK_ANY_AGENT : RISK_BLOCKS_OTHERS);
	if (is_always_true(r, scratch))
		found |= 1u << RISK_ALWAYS;
	if (r->priority < 100)
		found |= 1u << RISK_PRIORITY;
	if (r->egress.set && r->egress.mode == EGRESS_DIRECT_IP)
		found |= 1u << RISK_DIRECT;
	if (r->egress.allow_private_ips)
		found |= 1u << RISK_PRIVATE;
	if (allow && !pins(&by_host, root))
		found |= 1u << RISK_WILDCARD;
	return found;
}

void risk_judge(const struct ruleset *set, const struct ruleset *live, struct str agent,
		struct arena *scratch, struct risks *out)
{
	struct buf priority = BUF_OF(out->priority), in_use = BUF_OF(out->in_use);
	const struct str texts[RISK_COUNT] = {
		[RISK_ANY_AGENT] = STR("not limited to the requesting agent"),
		[RISK_ALWAYS] = STR("always true"),
		[RISK_DIRECT] = STR("direct_ip egress"),
		[RISK_PRIVATE] = STR("private addresses allowed"),
		[RISK_WILDCARD] = STR("wildcard host match"),
		[RISK_BLOCKS_OTHERS] = STR("blocks traffic of others"),
	};
	unsigned found = 0;

	out->cnt = 0;
	for (uint32_t i = 0; i < set->count; i++) {
		const struct rule *r = &set->rules[i];
		uint32_t at = live ? ruleset_find(live, r->id) : RULE_NONE;

		found |= risks_of(r, agent, scratch);
		if (at == RULE_NONE || in_use.len)
			continue;
		found |= 1u << RISK_IN_USE;
		buf_printf(&in_use, "id already in use (" STR_FMT ")",
			   STR_ARG(live->rules[at].file));
	}
	if (set->count)		/* sorted: the first has the lowest */
		buf_printf(&priority, "priority below 100 (%d)", set->rules[0].priority);
	for (unsigned i = 0; i < RISK_COUNT; i++) {
		if (!(found & (1u << i)))
			continue;
		out->v[out->cnt++] = i == RISK_PRIORITY ? buf_str(&priority)
			: i == RISK_IN_USE		 ? buf_str(&in_use)
							 : texts[i];
	}
}
