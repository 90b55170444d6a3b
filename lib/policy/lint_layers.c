/* lint_layers.c - names that may be looked up but not talked to, and the other way round
 *
 * Layer: policy.  Input: trusted (a loaded set).  Memory: the arena of the analysis.
 * Threads: one owner.
 * Spec: S003 1.9 (rules lint), S003 7.7.
 *
 * A name must be allowed twice, and the two rules may stand far apart: a name that one allow rule
 * lets through in one layer is searched among the clauses of all allow rules that fit the other.
 * Only when surely none of them can be true for it there is a finding.
 */
#include "base/ip.h"
#include "base/map.h"
#include "policy/lint_int.h"

#define SHOWN_NAMES 3
#define SHOWN_TEXT 300

enum side_id { SIDE_DNS = 0, SIDE_HTTP, SIDE_COUNT };

static const struct side_desc {
	unsigned layer;
	unsigned ns;		/* a clause that is about the layer needs one of these */
	enum lint_kind lonely;	/* allowed in this layer only */
} descs[SIDE_COUNT] = {
	[SIDE_DNS] = { LAYER_DNS, FACT_DNS, LINT_DNS_WITHOUT_HTTP },
	[SIDE_HTTP] = { LAYER_HTTP, FACT_HTTP | FACT_NETWORK, LINT_HTTP_WITHOUT_DNS },
};

struct entry {
	const struct clause *clause;
	struct entry *next;
};

/* The clauses of allow rules that fit one layer. */
struct side {
	bool unknown;		/* an allow rule has no clauses: it may fit everything */
	struct map map;		/* host -> index in lists */
	struct entry **lists;
	uint32_t list_cnt;
	struct entry *all, *wide;	/* wide: those that are not for listed hosts */
};

struct layers {
	struct lint *l;
	struct side sides[SIDE_COUNT];
};

static bool field_is_of(enum fact_field_id f, enum side_id side)
{
	return f == FACT_FIELD_DNS_QUERY ? side == SIDE_DNS
					 : field_is_host(f) && side == SIDE_HTTP;
}

/* The test that says which hosts a clause is for: a list of them if there is one. */
static const struct lint_test *host_test(const struct clause *c, enum side_id side)
{
	const struct lint_test *found = NULL;

	for (uint32_t i = 0; i < c->cnt; i++) {
		const struct lint_test *t = c->v[i];

		if (t->negated || t->kind == TEST_TRUE || !field_is_of(test_field(t), side))
			continue;
		if (t->kind == TEST_ONE_OF)
			return t;
		found = t;
	}
	return found;
}

/* --- the clauses of a layer ------------------------------------------------------------------- */

static void push(struct lint *l, struct entry **list, const struct clause *c)
{
	struct entry *e = ARENA_NEW(l->a, struct entry);

	if (!e) {
		l->failed = true;
		return;
	}
	*e = (struct entry){ c, *list };
	*list = e;
}

static void push_host(struct lint *l, struct side *s, struct str host, const struct clause *c)
{
	uint32_t at;

	if (!map_get(&s->map, host, &at)) {
		at = s->list_cnt++;
		if (!map_put(&s->map, host, at)) {
			l->failed = true;
			return;
		}
	}
	push(l, &s->lists[at], c);
}

static void add_clause(struct lint *l, struct side *s, enum side_id id, const struct clause *c)
{
	const struct lint_test *t = host_test(c, id);

	push(l, &s->all, c);
	if (!t || t->kind != TEST_ONE_OF) {
		push(l, &s->wide, c);
		return;
	}
	for (size_t i = 0; i < t->values.n && !l->failed; i++)
		push_host(l, s, cel_str(cel_list_at(t->values, i)), c);
}

static size_t count_hosts(const struct lint_rule *r, enum side_id id)
{
	size_t cnt = 0;

	for (uint32_t i = 0; i < r->clause_cnt; i++) {
		const struct lint_test *t = host_test(&r->clauses[i], id);

		cnt += t && t->kind == TEST_ONE_OF ? t->values.n : 0;
	}
	return cnt;
}

static void open_side(struct lint *l, struct side *s, enum side_id id)
{
	size_t hosts = 0;

	for (uint32_t i = 0; i < l->set->count; i++)
		hosts += count_hosts(&l->rules[i], id);
	s->lists = ARENA_NEW_N(l->a, struct entry *, hosts + 1);
	if (!s->lists || hosts > UINT32_MAX / 4 || map_init(&s->map, (uint32_t)hosts + 1) < 0) {
		l->failed = true;
		return;
	}
	for (uint32_t i = 0; i < l->set->count; i++) {
		const struct lint_rule *r = &l->rules[i];

		if (r->rule->action != VERDICT_ALLOW)
			continue;
		s->unknown |= !r->known;
		for (uint32_t k = 0; k < r->clause_cnt && !l->failed; k++)
			if (clause_fits(&r->clauses[k], descs[id].layer))
				add_clause(l, s, id, &r->clauses[k]);
	}
}

/* --- searching the other layer ---------------------------------------------------------------- */

/* Whether both clauses can be true for requests of one program to one host: t or a value of it. */
static bool agree(struct lint *l, const struct clause *c, const struct lint_test *t,
		  const struct clause *other)
{
	for (uint32_t i = 0; i < other->cnt; i++) {
		const struct lint_test *o = other->v[i];

		if (field_is_host(test_field(o)) && test_excludes(l, t, o))
			return false;
		for (uint32_t k = 0; k < c->cnt; k++)
			if (c->v[k] != t && test_same_subject(l, c->v[k], o) &&
			    test_excludes(l, c->v[k], o))
				return false;
	}
	return true;
}

static bool any_agrees(struct lint *l, const struct clause *c, const struct lint_test *t,
		       const struct entry *list)
{
	for (; list; list = list->next)
		if (!lint_step(l) || agree(l, c, t, list->clause))
			return true;
	return false;
}

static bool own_agrees(struct lint *l, const struct lint_rule *r, const struct clause *c,
		       const struct lint_test *t, unsigned layer)
{
	for (uint32_t i = 0; i < r->clause_cnt; i++)
		if (clause_fits(&r->clauses[i], layer) && agree(l, c, t, &r->clauses[i]))
			return true;
	return false;
}

static bool is_met(struct layers *ls, const struct lint_rule *r, const struct clause *c,
		   const struct lint_test *t, enum side_id other)
{
	const struct side *s = &ls->sides[other];
	uint32_t at;

	if (own_agrees(ls->l, r, c, t, descs[other].layer))
		return true;
	if (t->kind != TEST_ONE_OF)
		return any_agrees(ls->l, c, t, s->all);
	return (map_get(&s->map, cel_str(cel_list_at(t->values, 0)), &at) &&
		any_agrees(ls->l, c, t, s->lists[at])) ||
	       any_agrees(ls->l, c, t, s->wide);
}

/* --- findings --------------------------------------------------------------------------------- */

struct lonely {		/* what one rule allows in one layer only */
	struct buf text;
	size_t cnt;
};

static void note(struct lonely *n, const struct lint_test *t)
{
	if (n->cnt++ >= SHOWN_NAMES)
		return;
	buf_add_c(&n->text, n->cnt > 1 ? ", " : "");
	if (t->kind == TEST_ONE_OF)
		cel_value_text(cel_list_at(t->values, 0), &n->text);
	else
		test_text(t, &n->text);
}

static bool is_address(struct cel_value v)
{
	struct ip ip;

	return ip_parse(cel_str(v), &ip);
}

static void search_clause(struct layers *ls, const struct lint_rule *r, const struct clause *c,
			  enum side_id id, struct lonely *out)
{
	enum side_id other = id == SIDE_DNS ? SIDE_HTTP : SIDE_DNS;
	const struct lint_test *t = host_test(c, id);
	struct lint_test one;

	if (!t)
		return;
	if (t->kind != TEST_ONE_OF) {
		if (!is_met(ls, r, c, t, other))
			note(out, t);
		return;
	}
	one = *t;
	for (size_t i = 0; i < t->values.n; i++) {
		struct cel_value v = cel_list_at(t->values, i);

		one.values = cel_list(&v, 1);
		if (!(id == SIDE_HTTP && is_address(v)) && !is_met(ls, r, c, &one, other))
			note(out, &one);
	}
}

/* Records that no program connects to, and addresses that nobody looks up. */
static bool stands_alone(struct lint *l, const struct clause *c)
{
	for (uint32_t i = 0; i < c->cnt; i++) {
		const struct lint_test *t = c->v[i];
		enum fact_field_id f = test_field(t);

		if (f == FACT_FIELD_NETWORK_IP && !t->negated)
			return true;
		if (f == FACT_FIELD_DNS_RECORD_TYPE && test_fails_for(l, t, cel_string(STR("A"))) &&
		    test_fails_for(l, t, cel_string(STR("AAAA"))))
			return true;
	}
	return false;
}

static void say_lonely(struct layers *ls, const struct rule *r, enum side_id id,
		       struct lonely *n)
{
	if (n->cnt > SHOWN_NAMES)
		buf_printf(&n->text, " and %zu more", n->cnt - SHOWN_NAMES);
	if (id == SIDE_DNS)
		lint_say(ls->l, r, descs[id].lonely,
			 "allows the look-up of %s, but no rule allows a request to it; test both "
			 "layers, as in (dns.query == \"example.org\" || http.host == "
			 "\"example.org\")",
			 buf_c(&n->text));
	else
		lint_say(ls->l, r, descs[id].lonely,
			 "allows requests to %s, but no rule allows its look-up, so that only programs "
			 "that use the proxy get there; test both layers, as in (dns.query == "
			 "\"example.org\" || http.host == \"example.org\")",
			 buf_c(&n->text));
}

static void search_rule(struct layers *ls, const struct lint_rule *r, enum side_id id)
{
	char text[SHOWN_TEXT];
	struct lonely found = { .text = BUF_OF(text) };

	if (r->rule->action != VERDICT_ALLOW ||
	    (id == SIDE_DNS && r->rule->egress.mode == EGRESS_DIRECT_IP))
		return;
	for (uint32_t i = 0; i < r->clause_cnt; i++) {
		const struct clause *c = &r->clauses[i];

		if (clause_fits(c, descs[id].layer) && c->needs & descs[id].ns &&
		    !stands_alone(ls->l, c))
			search_clause(ls, r, c, id, &found);
	}
	if (found.cnt > 0)
		say_lonely(ls, r->rule, id, &found);
}

void lint_layers(struct lint *l)
{
	struct layers ls = { .l = l };

	for (unsigned id = 0; id < SIDE_COUNT && !l->failed; id++)
		open_side(l, &ls.sides[id], (enum side_id)id);
	for (unsigned id = 0; id < SIDE_COUNT; id++) {
		bool unknown = ls.sides[SIDE_COUNT - 1 - id].unknown;

		for (uint32_t i = 0; i < l->set->count && !unknown && !l->failed; i++)
			search_rule(&ls, &l->rules[i], (enum side_id)id);
	}
	for (unsigned id = 0; id < SIDE_COUNT; id++)
		map_fini(&ls.sides[id].map);
}
