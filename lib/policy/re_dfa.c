/* re_dfa.c - complete deterministic tables for regular expressions that stay small
 *
 * Layer: policy.  Input: programs.  Memory: arenas of the caller.  Threads: one owner.
 * Spec: S003 3.10.
 *
 * A state is a set of waiting instructions and what stood before it.  All states are made at
 * load; the search is then one look-up per code point.  A state from which no match can be reached
 * becomes the answer no, so that hopeless texts end early.  An expression whose table would be
 * large has none and is run as a program.
 */
#include <string.h>

#include "policy/re_int.h"

#define MAX_CELLS 16384u	/* 32 KiB per expression */
#define MAX_STATES 1024u
#define MAX_WORK 400000u	/* instructions looked at: about 4 ms */
#define SLOTS (2 * MAX_STATES)

#define ANSWER_NO 0
#define ANSWER_YES 1
#define FIRST_STATE 2		/* raw values: FIRST_STATE + number of the state */

struct builder {
	struct re_threads t;
	const struct re_prog *p;
	uint32_t words;		/* of a set */
	uint32_t cols;		/* classes and the end of the text */
	uint32_t cap;		/* states */
	uint32_t cnt;
	uint64_t *sets;
	uint8_t *prev;		/* enum re_side of each state */
	uint16_t *raw;		/* cap rows of cols */
	uint16_t *slot;		/* hash table: number of a state + 1 */
	uint64_t work;
};

static uint64_t hash_set(const uint64_t *set, uint32_t words, uint8_t prev)
{
	uint64_t h = prev + UINT64_C(0x9e3779b97f4a7c15);
	uint32_t i;

	for (i = 0; i < words; i++) {
		h = (h ^ set[i]) * UINT64_C(0xff51afd7ed558ccd);
		h ^= h >> 32;
	}
	return h;
}

/* The raw value of the state for list `from` of the threads; false if there are too many states. */
static bool state_of(struct builder *b, unsigned from, uint8_t prev, uint16_t *out)
{
	uint64_t *set = b->sets + (size_t)b->cnt * b->words;
	bool looks = false;
	uint32_t i;
	uint64_t h;

	*out = b->t.matched ? ANSWER_YES : ANSWER_NO;
	if (b->t.matched || b->t.cnt[from] == 0)
		return true;
	memset(set, 0, b->words * sizeof(*set));
	for (i = 0; i < b->t.cnt[from]; i++) {
		uint16_t pc = b->t.pcs[from][i];

		set[pc >> 6] |= (uint64_t)1 << (pc & 63);
		looks = looks || b->p->inst[pc].op == RE_OP_LOOK;
	}
	if (!looks)
		prev = RE_SIDE_OTHER;
	for (h = hash_set(set, b->words, prev);; h++) {
		uint16_t s = b->slot[h % SLOTS];

		if (!s)
			break;
		*out = (uint16_t)(s - 1 + FIRST_STATE);
		if (b->prev[s - 1] == prev &&
		    memcmp(b->sets + (size_t)(s - 1) * b->words, set, b->words * sizeof(*set)) == 0)
			return true;
	}
	/* The last row of sets is only for looking up. */
	if (b->cnt + 1 >= b->cap)
		return false;
	b->prev[b->cnt] = prev;
	b->slot[h % SLOTS] = (uint16_t)++b->cnt;
	*out = (uint16_t)(b->cnt - 1 + FIRST_STATE);
	return true;
}

static uint32_t lowest_bit(uint64_t v)
{
	return (uint32_t)__builtin_ctzll(v);
}

static void load_state(struct builder *b, uint32_t state)
{
	const uint64_t *set = b->sets + (size_t)state * b->words;
	uint32_t w;

	b->t.cnt[0] = 0;
	b->t.matched = false;
	for (w = 0; w < b->words; w++) {
		uint64_t left = set[w];

		for (; left; left &= left - 1)
			b->t.pcs[0][b->t.cnt[0]++] = (uint16_t)(w * 64 + lowest_bit(left));
	}
}

/* Fills the cells of a state for the classes that are on one side. */
static bool fill_side(struct builder *b, uint32_t state, enum re_side side)
{
	uint16_t *row = b->raw + (size_t)state * b->cols;
	bool matched;
	uint32_t c;

	load_state(b, state);
	re_threads_look(&b->t, b->prev[state], side);
	matched = b->t.matched;
	if (side == RE_SIDE_EDGE)
		row[b->cols - 1] = matched ? ANSWER_YES : ANSWER_NO;
	for (c = 0; c + 1 < b->cols; c++) {
		if (b->p->side[c] != side)
			continue;
		row[c] = ANSWER_YES;
		if (matched)
			continue;
		b->t.matched = false;
		re_threads_step(&b->t, c);
		b->work += 1 + b->t.cnt[0] + b->t.cnt[1];
		if (b->work > MAX_WORK || !state_of(b, 1, (uint8_t)side, &row[c]))
			return false;
	}
	return true;
}

static bool builder_init(struct builder *b, const struct re_prog *p, struct arena *tmp)
{
	*b = (struct builder){ .p = p };
	b->words = (p->inst_cnt + 63) / 64;
	b->cols = p->alpha.cls_cnt + 1;
	b->cap = MIN(MAX_STATES, MAX_CELLS / b->cols);
	if (b->cap < 2 || !re_threads_init(&b->t, p, tmp))
		return false;
	b->sets = arena_array(tmp, (size_t)b->cap * b->words, sizeof(*b->sets));
	b->prev = ARENA_NEW_N(tmp, uint8_t, b->cap);
	b->raw = arena_array(tmp, (size_t)b->cap * b->cols, sizeof(*b->raw));
	b->slot = ARENA_NEW_N(tmp, uint16_t, SLOTS);
	return b->sets && b->prev && b->raw && b->slot;
}

static bool row_is_live(const struct builder *b, uint32_t state, const uint16_t *live)
{
	const uint16_t *row = b->raw + (size_t)state * b->cols;
	uint32_t c;

	for (c = 0; c < b->cols; c++) {
		if (row[c] == ANSWER_YES || (row[c] >= FIRST_STATE && live[row[c] - FIRST_STATE]))
			return true;
	}
	return false;
}

/* Marks the states that can reach a match; then numbers them from 1 in place. */
static uint32_t number_live(const struct builder *b, uint16_t *live)
{
	bool changed = true;
	uint16_t n = 0;
	uint32_t s;

	while (changed) {
		changed = false;
		for (s = b->cnt; s-- > 0;) {
			if (live[s] || !row_is_live(b, s, live))
				continue;
			live[s] = 1;
			changed = true;
		}
	}
	for (s = 0; s < b->cnt; s++) {
		if (live[s])
			live[s] = ++n;
	}
	return n;
}

static uint16_t offset_of(const struct builder *b, uint16_t raw, const uint16_t *live)
{
	if (raw < FIRST_STATE)
		return raw;
	raw = live[raw - FIRST_STATE];
	return raw ? (uint16_t)(FIRST_STATE + (raw - 1u) * b->cols) : ANSWER_NO;
}

static bool publish(const struct builder *b, uint16_t start, struct arena *tmp,
		    struct arena *out_mem, struct re_dfa *out)
{
	uint16_t *live = ARENA_NEW_N(tmp, uint16_t, b->cnt + 1);
	uint32_t n = live ? number_live(b, live) : 0;
	uint16_t *cell = live ? arena_array(out_mem, FIRST_STATE + (size_t)n * b->cols, 2) : NULL;
	uint32_t s, c;

	if (!cell)
		return false;
	for (s = 0; s < b->cnt; s++) {
		uint16_t *row;

		if (!live[s])
			continue;
		row = cell + FIRST_STATE + (size_t)(live[s] - 1) * b->cols;
		for (c = 0; c < b->cols; c++)
			row[c] = offset_of(b, b->raw[(size_t)s * b->cols + c], live);
	}
	out->cell = cell;
	out->cell_cnt = FIRST_STATE + n * b->cols;
	out->start = offset_of(b, start, live);
	return true;
}

bool re_dfa_make(const struct re_prog *p, struct arena *tmp, struct arena *out_mem,
		 struct re_dfa *out)
{
	const bool edge = (p->looks & (RE_LOOK_TEXT_BEGIN | RE_LOOK_LINE_BEGIN)) != 0;
	struct builder b;
	uint16_t start;
	uint32_t s;

	if (!builder_init(&b, p, tmp))
		return false;
	re_threads_start(&b.t, 0);
	if (!state_of(&b, 0, edge ? RE_SIDE_EDGE : RE_SIDE_OTHER, &start))
		return false;
	for (s = 0; s < b.cnt; s++) {
		unsigned side;

		for (side = 0; side < RE_SIDE_COUNT; side++) {
			if (!fill_side(&b, s, side))
				return false;
		}
	}
	return publish(&b, start, tmp, out_mem, out);
}
