/* trial.c - evaluates a block rule on an empty request of each layer, to warn about silent failures
 *
 * Layer: policy.  Input: rules.  Memory: scratch of the caller.  Threads: one owner.
 * Spec: S003-FR-016 (addition), D4.
 *
 * An error that stems from absence is no match (D4), so a block rule with an unguarded
 * http.headers["x"] silently says nothing about requests without that header.  That is often meant,
 * sometimes not: the load goes on with a warning.
 */
#include "policy/trial.h"

#define EXPR_LEN_MAX 120

static const struct {
	unsigned present;
	const char *text;
} layers[] = {
	[TRIAL_DNS] = { FACT_DNS | FACT_AGENT, "a dns" },
	[TRIAL_HTTP] = { FACT_NETWORK | FACT_HTTP | FACT_AGENT, "an http" },
	[TRIAL_AGENT] = { FACT_RUN | FACT_NETWORK | FACT_HTTP | FACT_AGENT, "an agent" },
};

static bool is_path_byte(char c)
{
	return ascii_is_alnum(c) || c == '_' || c == '.';
}

/* Index behind the ']' that closes the '[' at `at`; the end of the text if there is none. */
static size_t bracket_end(struct str s, size_t at)
{
	char quote = '\0';
	unsigned depth = 0;

	for (; at < s.len; at++) {
		char c = s.p[at];

		if (quote) {
			quote = c == quote ? '\0' : quote;
			continue;
		}
		if (c == '"' || c == '\'')
			quote = c;
		depth += c == '[';
		depth -= c == ']';
		if (depth == 0)
			return at + 1;
	}
	return s.len;
}

/* The operand and the selection or index at byte `at` of the source. */
static struct str expr_at(struct str source, size_t at)
{
	size_t from = MIN(at, source.len);
	size_t to = from;

	while (from > 0 && is_path_byte(source.p[from - 1]))
		from--;
	while (to < source.len && is_path_byte(source.p[to]))
		to++;
	if (to < source.len && source.p[to] == '[')
		to = bracket_end(source, to);
	return str_first(str_from(source, from), to - from);
}

static void name_absent(const struct rule *r, uint32_t absent, struct buf *expr)
{
	for (unsigned i = 0; i < FACT_FIELD_COUNT; i++) {
		if (!(absent & (UINT32_C(1) << i)))
			continue;
		buf_printf(expr, "%s.%s", fact_table[i].ns, fact_table[i].name);
		return;
	}
	buf_add_str(expr, str_first(r->condition, EXPR_LEN_MAX));
}

bool trial_fails(const struct rule *r, enum trial_layer layer, struct arena *scratch,
		 struct cel_budget *budget, struct buf *expr)
{
	struct facts f = { .present = layers[layer].present };
	size_t mark = arena_mark(scratch);
	uint32_t absent = r->fields & facts_absent(&f);
	enum cel_outcome outcome;
	struct cel_value v;

	if (r->action != VERDICT_BLOCK || !cel_prog_can_fail(r->prog) ||
	    !(r->namespaces & f.present & ~(unsigned)FACT_AGENT))
		return false;
	v = cel_eval_facts(r->prog, &f, scratch, budget);
	outcome = cel_outcome(v);
	arena_rewind(scratch, mark);
	if (outcome == CEL_OUT_ABSENCE && v.n > 0) {
		struct str where = expr_at(r->condition, v.n - 1);

		buf_add_str(expr, str_first(where.len > 0 ? where : r->condition, EXPR_LEN_MAX));
		return true;
	}
	if (outcome != CEL_OUT_ABSENCE && (outcome != CEL_OUT_ERROR || absent == 0))
		return false;
	name_absent(r, absent, expr);
	return true;
}

const char *trial_layer_text(enum trial_layer layer)
{
	return layers[layer].text;
}
