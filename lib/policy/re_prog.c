/* re_prog.c - turns the tree of a regular expression into a program, and follows a program
 *
 * Layer: policy.  Input: parsed patterns.  Memory: arena of the caller.  Threads: one owner.
 * Spec: S003 3.10.
 *
 * The program is emitted from its end to its beginning: every node is told where to go on.
 * Following it means to keep the set of instructions that wait for a code point or for a look; each
 * instruction is in the set at most once, so a step costs at most the size of the program.
 */
#include <string.h>

#include "policy/re_int.h"

struct emitter {
	struct re_inst *inst;
	uint32_t n, cap;
};

/* Instructions that emit_node makes of n; anything above RE_MAX_PROG is RE_MAX_PROG + 1. */
static uint32_t size_of(const struct re_node *n)
{
	const struct re_node *kid;
	const uint32_t min = (uint16_t)n->min;
	const uint32_t max = (uint16_t)n->max;
	uint32_t total = n->kind == RE_CHARS || n->kind == RE_LOOK;

	for (kid = n->kids; kid && total <= RE_MAX_PROG; kid = kid->before)
		total += size_of(kid) + (n->kind == RE_ALT && kid->before);
	if (n->kind == RE_REPEAT && n->max < 0)
		total = total * (min ? min : 1) + 1;
	else if (n->kind == RE_REPEAT)
		total = total * max + (max - min);
	return MIN(total, RE_MAX_PROG + 1u);
}

static uint16_t emit(struct emitter *m, struct re_inst i)
{
	CHECK(m->n < m->cap);
	m->inst[m->n] = i;
	return (uint16_t)m->n++;
}

static uint16_t emit_split(struct emitter *m, uint16_t x, uint16_t y)
{
	return emit(m, (struct re_inst){ .op = RE_OP_SPLIT, .x = x, .y = y });
}

static uint16_t emit_node(struct emitter *m, const struct re_node *n, uint16_t next);

static uint16_t emit_repeat(struct emitter *m, const struct re_node *n, uint16_t next)
{
	uint16_t at = next;
	int i, copies = n->min;

	if (n->max < 0) {
		uint16_t loop = emit_split(m, next, next);
		uint16_t body = emit_node(m, n->kids, loop);

		m->inst[loop].x = body;
		at = n->min ? body : loop;
		copies = MAX(n->min - 1, 0);
	}
	for (i = n->min; i < n->max; i++)
		at = emit_split(m, emit_node(m, n->kids, at), next);
	for (i = 0; i < copies; i++) {
		uint32_t before = m->n;

		at = emit_node(m, n->kids, at);
		if (m->n == before)	/* a body without instructions needs no copies */
			break;
	}
	return at;
}

/* Emits n so that it goes on at next; the answer is where n begins. */
static uint16_t emit_node(struct emitter *m, const struct re_node *n, uint16_t next)
{
	const struct re_node *kid;
	uint16_t at = next;

	switch (n->kind) {
	case RE_EMPTY:
		break;
	case RE_CHARS:
		return emit(m, (struct re_inst){ .op = RE_OP_CHARS, .set = n->set, .x = next });
	case RE_LOOK:
		return emit(m, (struct re_inst){ .op = RE_OP_LOOK, .look = n->look, .x = next });
	case RE_CAT:
		for (kid = n->kids; kid; kid = kid->before)
			at = emit_node(m, kid, at);
		break;
	case RE_ALT:
		at = emit_node(m, n->kids, next);
		for (kid = n->kids->before; kid; kid = kid->before)
			at = emit_split(m, emit_node(m, kid, next), at);
		break;
	case RE_REPEAT:
		return emit_repeat(m, n, next);
	}
	return at;
}

/* True if nothing can match n but at the beginning of the text. */
static bool is_anchored(const struct re_node *n)
{
	const struct re_node *kid;

	switch (n->kind) {
	case RE_EMPTY:
	case RE_CHARS:
		return false;
	case RE_LOOK:
		return n->look == RE_LOOK_TEXT_BEGIN;
	case RE_REPEAT:
		return n->min > 0 && is_anchored(n->kids);
	case RE_CAT:
		for (kid = n->kids; kid && kid->before; kid = kid->before)
			;
		return kid && is_anchored(kid);
	case RE_ALT:
		for (kid = n->kids; kid; kid = kid->before) {
			if (!is_anchored(kid))
				return false;
		}
		return true;
	}
	return false;
}

/* Adds the sets that looks need to tell neighbours apart, so that classes respect them. */
static bool add_side_sets(struct re_tree *t)
{
	static const struct re_range word[] = {
		{ '0', '9' }, { 'A', 'Z' }, { '_', '_' }, { 'a', 'z' }
	};
	static const struct re_range line[] = { { '\n', '\n' } };
	struct re_set *sets = ARENA_NEW_N(t->tmp, struct re_set, t->set_cnt + 2);

	if (!sets)
		return false;
	if (t->set_cnt)
		memcpy(sets, t->sets, t->set_cnt * sizeof(*sets));
	t->sets = sets;
	if (t->looks & (RE_LOOK_WORD | RE_LOOK_NOT_WORD))
		t->sets[t->set_cnt++] = (struct re_set){ word, ARRAY_LEN(word) };
	if (t->looks & (RE_LOOK_LINE_BEGIN | RE_LOOK_LINE_END))
		t->sets[t->set_cnt++] = (struct re_set){ line, ARRAY_LEN(line) };
	return true;
}

/* Which side each class is on, as far as the pattern looks for it. */
static bool note_sides(const struct re_tree *t, struct re_prog *out)
{
	uint8_t *side = ARENA_NEW_N(t->tmp, uint8_t, out->alpha.cls_cnt);
	uint32_t c;

	if (!side)
		return false;
	for (c = 0; c < ARRAY_LEN(out->alpha.ascii); c++) {
		bool word = ascii_is_alnum((char)c) || c == '_';

		if (word && (t->looks & (RE_LOOK_WORD | RE_LOOK_NOT_WORD)))
			side[out->alpha.ascii[c]] = RE_SIDE_WORD;
		if (c == '\n' && (t->looks & (RE_LOOK_LINE_BEGIN | RE_LOOK_LINE_END)))
			side[out->alpha.ascii[c]] = RE_SIDE_LINE;
	}
	out->side = side;
	return true;
}

int re_prog_make(struct re_tree *t, struct re_prog *out, struct err *e)
{
	struct emitter m = { .cap = size_of(t->root) + 1 };
	uint16_t match;

	*out = (struct re_prog){ .looks = t->looks };
	if (m.cap > RE_MAX_PROG)
		return err_set(e, ERR_INVALID,
			       "invalid regular expression: program over %d instructions",
			       RE_MAX_PROG);
	m.inst = ARENA_NEW_N(t->tmp, struct re_inst, m.cap);
	if (!m.inst || !add_side_sets(t) || !re_alpha_make(t, out) || !note_sides(t, out))
		return err_set(e, ERR_LIMIT, "invalid regular expression: pattern too large");
	match = emit(&m, (struct re_inst){ .op = RE_OP_MATCH });
	out->start = emit_node(&m, t->root, match);
	out->inst = m.inst;
	out->inst_cnt = m.n;
	out->anchored = is_anchored(t->root);
	return 0;
}

bool re_threads_init(struct re_threads *t, const struct re_prog *p, struct arena *tmp)
{
	*t = (struct re_threads){ .p = p };
	/* Each instruction is followed once per generation, and that pushes two at most. */
	t->stack = ARENA_NEW_N(tmp, uint16_t, (size_t)2 * p->inst_cnt + 2);
	t->stamp = ARENA_NEW_N(tmp, uint32_t, p->inst_cnt);
	t->pcs[0] = ARENA_NEW_N(tmp, uint16_t, p->inst_cnt);
	t->pcs[1] = ARENA_NEW_N(tmp, uint16_t, p->inst_cnt);
	return t->stack && t->stamp && t->pcs[0] && t->pcs[1];
}

/* Adds what is reached from pc without consuming, passing the looks in `holds`, to list `to`. */
static void follow(struct re_threads *t, uint16_t pc, uint8_t holds, unsigned to)
{
	uint32_t depth = 0;

	t->stack[depth++] = pc;
	while (depth) {
		const struct re_inst *i;

		pc = t->stack[--depth];
		if (t->stamp[pc] == t->gen)
			continue;
		t->stamp[pc] = t->gen;
		i = &t->p->inst[pc];
		if (i->op == RE_OP_SPLIT) {
			t->stack[depth++] = i->y;
			t->stack[depth++] = i->x;
		} else if (i->op == RE_OP_LOOK && (i->look & holds)) {
			t->stack[depth++] = i->x;
		} else if (i->op == RE_OP_MATCH) {
			t->matched = true;
		} else if (i->op != RE_OP_FAIL) {
			t->pcs[to][t->cnt[to]++] = pc;
		}
	}
}

void re_threads_start(struct re_threads *t, unsigned to)
{
	t->gen++;
	t->cnt[to] = 0;
	follow(t, t->p->start, 0, to);
}

static uint8_t looks_between(enum re_side prev, enum re_side next)
{
	const bool edge_of_word = (prev == RE_SIDE_WORD) != (next == RE_SIDE_WORD);
	unsigned holds = edge_of_word ? RE_LOOK_WORD : RE_LOOK_NOT_WORD;

	if (prev == RE_SIDE_EDGE)
		holds |= RE_LOOK_TEXT_BEGIN | RE_LOOK_LINE_BEGIN;
	if (prev == RE_SIDE_LINE)
		holds |= RE_LOOK_LINE_BEGIN;
	if (next == RE_SIDE_EDGE)
		holds |= RE_LOOK_TEXT_END | RE_LOOK_LINE_END;
	if (next == RE_SIDE_LINE)
		holds |= RE_LOOK_LINE_END;
	return (uint8_t)holds;
}

void re_threads_look(struct re_threads *t, enum re_side prev, enum re_side next)
{
	uint8_t holds = looks_between(prev, next);
	uint16_t *done;
	uint32_t i;

	if (!(t->p->looks & holds))
		return;
	t->gen++;
	t->cnt[1] = 0;
	for (i = 0; i < t->cnt[0]; i++)
		follow(t, t->pcs[0][i], holds, 1);
	done = t->pcs[1];
	t->pcs[1] = t->pcs[0];
	t->pcs[0] = done;
	t->cnt[0] = t->cnt[1];
}

void re_threads_step(struct re_threads *t, uint32_t cls)
{
	uint32_t i;

	t->gen++;
	t->cnt[1] = 0;
	for (i = 0; i < t->cnt[0]; i++) {
		const struct re_inst *inst = &t->p->inst[t->pcs[0][i]];

		if (inst->op == RE_OP_CHARS && re_prog_has(t->p, inst->set, cls))
			follow(t, inst->x, 0, 1);
	}
	if (!t->p->anchored)
		follow(t, t->p->start, 0, 1);
}
