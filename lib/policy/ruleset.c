/* ruleset.c - one immutable, compiled set of rules and its evaluation
 *
 * Layer: policy.  Input: rules trusted, facts hostile.  Memory: one sealed arena per set; header
 * and counters in a small writable one.  Threads: any number of evaluators; no locks, no heap.
 * Spec: S003-FR-008 to -010, -019, -020, -029, -031, -032, -040; S010-O-030, -031; D4, D18, D29.
 *
 * Theory of operation: rules stand in evaluation order; the index (ruleidx.h) names the ones that
 * can decide about a request, judge() asks one.  The first that decides ends the evaluation:
 *	true				the rule's action
 *	error of absence		no match
 *	other error, allow rule		no match
 *	other error, block rule		block, by this rule
 *	cost limit			block, by no rule
 * Whatever is left undecided is blocked by the built-in default, which no rule set can change.
 */
#include <stdatomic.h>
#include <string.h>

#include "base/clock.h"
#include "base/log.h"
#include "policy/rule.h"
#include "policy/ruleidx.h"

#define HOLDER_SLACK 256		/* the arena's own header and alignment */
#define BUDGET_NS UINT64_C(50000000)	/* S003-FR-031: EVALUATION_TIMEOUT_MS */
#define WARN_BURST 5			/* lines per second and thread */

struct holder {
	struct ruleset set;	/* first: the snapshot is the holder */
	struct arena self;	/* the mapping that this struct and the counters lie in */
};

static void destroy(struct snap *s)
{
	struct holder *h = container_of(s, struct holder, set.snap);
	struct arena self = h->self;

	arena_fini(&h->set.arena);
	arena_fini(&self);
}

/* --- finding by id ---------------------------------------------------------------------------- */

static uint32_t id_slot(struct str id, uint32_t mask)
{
	static const uint64_t seed[2] = { 0 };	/* the operator's ids: not chosen to clash */

	return (uint32_t)str_hash(id, seed) & mask;
}

static int index_ids(struct arena *a, struct ruleset *set)
{
	uint32_t cap = 16;
	uint32_t *slots;

	while (cap < 2 * set->count)
		cap *= 2;
	slots = ARENA_NEW_N(a, uint32_t, cap);
	if (!slots)
		return -1;
	for (uint32_t i = 0; i < set->count; i++) {
		uint32_t at = id_slot(set->rules[i].id, cap - 1);

		while (slots[at])
			at = (at + 1) & (cap - 1);
		slots[at] = i + 1;
	}
	set->by_id = slots;
	set->by_id_mask = cap - 1;
	return 0;
}

uint32_t ruleset_find(const struct ruleset *set, struct str id)
{
	uint32_t at = id_slot(id, set->by_id_mask);

	for (; set->by_id[at]; at = (at + 1) & set->by_id_mask) {
		if (str_eq(set->rules[set->by_id[at] - 1].id, id))
			return set->by_id[at] - 1;
	}
	return RULE_NONE;
}

/* --- making ----------------------------------------------------------------------------------- */

struct ruleset *ruleset_new(struct arena *a, const struct rule *rules, uint32_t count,
			    uint32_t files, const struct rule_warnings *warnings)
{
	size_t counters_len = (count + (size_t)1) * sizeof(struct rule_counters);
	struct arena self;
	struct holder *h;
	struct ruleset *set;

	if (arena_init_fixed(&self, sizeof(*h) + counters_len + HOLDER_SLACK) < 0)
		return NULL;
	h = ARENA_NEW(&self, struct holder);
	if (!h)
		goto fail;
	set = &h->set;
	set->counters = ARENA_NEW_N(&self, struct rule_counters, count + (size_t)1);
	set->rules = rules;
	set->count = count;
	set->index = ruleidx_new(a, rules, count);
	if (!set->counters || !set->index || index_ids(a, set) < 0 || arena_seal(a) < 0)
		goto fail;
	set->snap.destroy = destroy;
	atomic_init(&set->snap.refs, 1);
	set->arena = *a;
	set->files = files;
	set->warnings = warnings;
	set->since_us = clock_wall_us();
	h->self = self;
	return set;
fail:
	arena_fini(&self);
	return NULL;
}

/* --- counters --------------------------------------------------------------------------------- */

static struct rule_counters *counters_of(const struct ruleset *set, uint32_t order)
{
	return &set->counters[order < set->count ? order : set->count];
}

const struct rule_counters *ruleset_counters(const struct ruleset *set, uint32_t order)
{
	return counters_of(set, order);
}

static uint64_t load(const _Atomic uint64_t *v)
{
	return atomic_load_explicit(v, memory_order_relaxed);
}

static void count_hit(struct rule_counters *c)
{
	atomic_fetch_add_explicit(&c->hits, 1, memory_order_relaxed);
	atomic_store_explicit(&c->last_hit_us, (uint64_t)clock_wall_us(), memory_order_relaxed);
}

/* The last error is kept as one word: kind of the value, kind of the error, place in the source. */
static uint64_t pack_error(struct cel_value v)
{
	uint32_t at = v.kind == CEL_ERROR ? v.n : 0;

	return (uint64_t)v.kind << 40 | (uint64_t)v.store << 32 | at;
}

static void count_error(struct rule_counters *c, struct cel_value v)
{
	atomic_fetch_add_explicit(&c->errors, 1, memory_order_relaxed);
	atomic_store_explicit(&c->last_error_us, (uint64_t)clock_wall_us(), memory_order_relaxed);
	atomic_store_explicit(&c->last_error, pack_error(v), memory_order_relaxed);
}

void ruleset_error_text(const struct ruleset *set, uint32_t order, struct buf *out)
{
	struct rule_counters *c = counters_of(set, order);
	uint64_t packed;
	struct cel_value v;

	if (order >= set->count || load(&c->errors) == 0)
		return;
	packed = load(&c->last_error);
	v = (struct cel_value){ .kind = (uint8_t)(packed >> 40), .store = (uint8_t)(packed >> 32) };
	if (v.kind == CEL_ERROR)
		v.n = (uint32_t)packed;
	cel_outcome_text(set->rules[order].prog, v, out);
}

static void copy_counters(struct rule_counters *to, const struct rule_counters *from)
{
	atomic_store_explicit(&to->hits, load(&from->hits), memory_order_relaxed);
	atomic_store_explicit(&to->errors, load(&from->errors), memory_order_relaxed);
	atomic_store_explicit(&to->last_hit_us, load(&from->last_hit_us), memory_order_relaxed);
	atomic_store_explicit(&to->last_error_us, load(&from->last_error_us), memory_order_relaxed);
	atomic_store_explicit(&to->last_error, load(&from->last_error), memory_order_relaxed);
}

void ruleset_adopt_counters(struct ruleset *fresh, const struct ruleset *old)
{
	copy_counters(counters_of(fresh, RULE_NONE), counters_of(old, RULE_NONE));
	fresh->since_us = old->since_us;
	for (uint32_t i = 0; i < fresh->count; i++) {
		const struct rule *r = &fresh->rules[i];
		uint32_t was = ruleset_find(old, r->id);

		if (was != RULE_NONE && str_eq(old->rules[was].condition, r->condition))
			copy_counters(counters_of(fresh, i), counters_of(old, was));
	}
}

uint32_t ruleset_reset_counters(const struct ruleset *set)
{
	struct rule_counters zero = { 0 };

	for (uint32_t i = 0; i <= set->count; i++)
		copy_counters(&set->counters[i], &zero);
	return set->count;
}

/* --- evaluation ------------------------------------------------------------------------------- */

struct eval {
	const struct ruleset *set;
	const struct facts *facts;
	struct arena *scratch;
	struct cel_budget budget;
	bool counting;
	struct verdict *out;
};

static void set_undecided(const struct ruleset *set, enum verdict_why why, struct verdict *out)
{
	out->kind = VERDICT_BLOCK;
	out->why = why;
	out->egress = EGRESS_PROXY;
	out->log = false;
	out->allow_private_ips = false;
	out->order = RULE_NONE;
	out->port_cnt = 0;
	out->generation = set ? set->snap.generation : 0;
	out->rule_id[0] = '\0';
	out->file[0] = '\0';
}

static void copy_text(char *to, size_t cap, struct str s)
{
	size_t n = MIN(s.len, cap - 1);

	memcpy(to, s.p, n);
	to[n] = '\0';
}

static void decide(struct eval *ev, uint32_t order, enum verdict_why why)
{
	const struct rule *r = &ev->set->rules[order];
	struct verdict *out = ev->out;

	out->kind = r->action;
	out->why = why;
	out->egress = r->egress.mode;
	out->log = r->log;
	out->allow_private_ips = r->egress.allow_private_ips;
	out->order = order;
	if (r->egress.mode == EGRESS_DIRECT_IP) {
		out->port_cnt = r->egress.port_cnt;
		memcpy(out->ports, r->egress.ports, sizeof(out->ports));
	}
	copy_text(out->rule_id, sizeof(out->rule_id), r->id);
	copy_text(out->file, sizeof(out->file), r->file);
	if (ev->counting)
		count_hit(counters_of(ev->set, order));
}

/* Rate-limited, because whoever sends the requests decides how often this happens. */
static void report(const struct rule *r, struct cel_value v, enum log_level level, const char *what)
{
	static _Thread_local struct log_limit limit;
	char text[LOG_VALUE_MAX];
	struct buf b = BUF_OF(text);
	struct log_line l;

	if (!log_wants(level, LOG_RULE_ENGINE) || !log_limited(&limit, WARN_BURST) ||
	    !log_begin(&l, level, LOG_RULE_ENGINE, what))
		return;
	cel_outcome_text(r->prog, v, &b);
	log_str(&l, "rule", r->id);
	log_str(&l, "file", r->file);
	log_u64(&l, "line", r->line);
	log_c(&l, "error", buf_c(&b));
	log_end(&l);
}

static void on_error(struct eval *ev, uint32_t order, struct cel_value v)
{
	if (!ev->counting)
		return;
	count_error(counters_of(ev->set, order), v);
	report(&ev->set->rules[order], v, LOG_WARN, "rule evaluation error");
}

/* Asks one rule; true when the evaluation is decided. */
static bool judge(struct eval *ev, uint32_t order)
{
	const struct rule *r = &ev->set->rules[order];
	struct cel_value v = cel_eval_facts(r->prog, ev->facts, ev->scratch, &ev->budget);

	switch (cel_outcome(v)) {
	case CEL_OUT_TRUE:
		decide(ev, order, WHY_RULE);
		return true;
	case CEL_OUT_FALSE:
		return false;
	case CEL_OUT_ABSENCE:
		on_error(ev, order, v);
		return false;
	case CEL_OUT_COST:
		if (ev->counting) {
			count_error(counters_of(ev->set, order), v);
			report(r, v, LOG_ERROR, "evaluation cost limit exceeded");
		}
		ev->out->why = WHY_COST;
		return true;
	case CEL_OUT_ERROR:
		on_error(ev, order, v);
		/* D4: what names a field that this layer does not fill fails because of that. */
		if (r->action == VERDICT_ALLOW || r->fields & facts_absent(ev->facts))
			return false;
		decide(ev, order, WHY_RULE_ERROR);
		return true;
	}
	return false;
}

static void evaluate(struct eval *ev)
{
	const struct ruleset *set = ev->set;
	size_t mark = arena_mark(ev->scratch);
	struct ruleidx_walk walk;
	uint32_t i;

	ruleidx_begin(set->index, ev->facts, set->count, &walk);
	while ((i = ruleidx_next(&walk)) < set->count) {
		bool decided = judge(ev, i);

		arena_rewind(ev->scratch, mark);
		if (decided)
			return;
	}
	if (ev->counting)
		count_hit(counters_of(set, RULE_NONE));
}

static void warn_slow(uint64_t ns)
{
	static _Thread_local struct log_limit limit;
	struct log_line l;

	if (!log_limited(&limit, WARN_BURST) ||
	    !log_begin(&l, LOG_WARN, LOG_RULE_ENGINE, "rule evaluation exceeded 50ms budget"))
		return;
	log_u64(&l, "elapsed_ms", ns / 1000000);
	log_end(&l);
}

static void run(const struct ruleset *set, const struct facts *f, struct arena *scratch,
		bool counting, struct verdict *out)
{
	struct eval ev = { .set = set, .facts = f, .scratch = scratch, .counting = counting,
			   .out = out, .budget = CEL_BUDGET_INIT };
	uint64_t start, took;

	set_undecided(set, set ? WHY_NO_RULE : WHY_ENGINE, out);
	if (!set)
		return;
	start = clock_mono_ns();
	evaluate(&ev);
	took = clock_mono_ns() - start;
	if (took > BUDGET_NS)
		warn_slow(took);
}

void ruleset_eval(const struct ruleset *set, const struct facts *f, struct arena *scratch,
		  struct verdict *out)
{
	run(set, f, scratch, true, out);
}

void ruleset_probe(const struct ruleset *set, const struct facts *f, struct arena *scratch,
		   struct verdict *out)
{
	run(set, f, scratch, false, out);
}

bool ruleset_refuses(const struct ruleset *set, const struct facts *f, struct arena *scratch,
		     struct verdict *out)
{
	struct eval ev = { .set = set, .facts = f, .scratch = scratch, .counting = true, .out = out,
			   .budget = CEL_BUDGET_INIT };
	size_t mark;

	set_undecided(set, set ? WHY_NO_RULE : WHY_ENGINE, out);
	if (!set)
		return true;
	mark = arena_mark(scratch);
	for (uint32_t i = 0; i < set->count; i++) {
		const struct rule *r = &set->rules[i];
		bool decided;

		if (r->action != VERDICT_BLOCK || !(r->namespaces & FACT_DOCKER))
			continue;
		decided = judge(&ev, i);
		arena_rewind(scratch, mark);
		if (decided)
			return true;
	}
	return false;
}

/* --- verdicts --------------------------------------------------------------------------------- */

void verdict_log(const struct verdict *v, struct str agent)
{
	struct log_line l;
	bool by_rule = v->order != RULE_NONE;

	if (!log_begin(&l, v->log ? LOG_INFO : LOG_DEBUG, LOG_RULE_ENGINE,
		       by_rule ? "rule matched" : "no rule matched"))
		return;
	if (by_rule) {
		log_c(&l, "rule", v->rule_id);
		log_c(&l, "file", v->file);
	}
	log_c(&l, "decision", v->kind == VERDICT_ALLOW ? "allow" : "block");
	log_str(&l, "agent", agent);
	log_end(&l);
}

void verdict_reason(const struct verdict *v, struct buf *out)
{
	switch (v->why) {
	case WHY_NO_RULE:
		buf_add_c(out, "no rule matched");
		return;
	case WHY_RULE:
		buf_add_c(out, v->rule_id);
		return;
	case WHY_RULE_ERROR:
		buf_printf(out, "rule \"%s\": evaluation error", v->rule_id);
		return;
	case WHY_COST:
		buf_add_c(out, "evaluation cost limit exceeded");
		return;
	case WHY_ENGINE:
		buf_add_c(out, "rule engine unavailable");
		return;
	}
}
