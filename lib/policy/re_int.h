/* re_int.h - inside of the regular expression engine: sets, tree, program
 *
 * Layer: policy.  Memory: arenas of the caller.  Threads: one owner while compiling.
 *
 * Pattern --re_parse--> tree over sets of code points --re_prog--> program over classes of code
 * points (two code points that no set tells apart are one class) --re_dfa--> table, if small.
 */
#ifndef OC_POLICY_RE_INT_H
#define OC_POLICY_RE_INT_H

#include "base/arena.h"
#include "base/err.h"
#include "policy/re.h"

#define RE_RUNE_MAX 0x10ffffu
#define RE_MAX_REPEAT 1000	/* a count, and the product of nested counts */
#define RE_MAX_DEPTH 128	/* nested groups: bounds the recursion of parser and emitter */
#define RE_MAX_PROG 10000	/* instructions */
#define RE_MAX_SETS 4096	/* different sets of one pattern */
#define RE_MAX_RANGES 32768	/* ranges of all sets together, before and after merging */

struct re_range {
	uint32_t lo, hi;
};

/* Sorted, disjoint, not adjacent. */
struct re_set {
	const struct re_range *r;
	uint32_t n;
};

/* A set under construction: ranges in any order, overlapping. */
struct re_build {
	struct arena *tmp;
	struct re_range *r;
	uint32_t n, cap;
	uint32_t spent;		/* ranges added to all sets so far */
	bool fold;
	bool failed;		/* out of memory or over RE_MAX_RANGES; sticky */
};

void re_build_start(struct re_build *b, bool fold);
/* Adds a range and, when folding, everything that equals it without regard to case. */
void re_build_add(struct re_build *b, uint32_t lo, uint32_t hi);
/* Adds a set as it is, without folding. */
void re_build_add_set(struct re_build *b, struct re_set s);
/* Sorts and merges. The result lives until the next re_build_start. */
struct re_set re_build_finish(struct re_build *b, bool negate);

enum re_look {
	RE_LOOK_TEXT_BEGIN = 1,
	RE_LOOK_TEXT_END = 2,
	RE_LOOK_LINE_BEGIN = 4,
	RE_LOOK_LINE_END = 8,
	RE_LOOK_WORD = 16,
	RE_LOOK_NOT_WORD = 32,
};

enum re_node_kind { RE_EMPTY, RE_CHARS, RE_CAT, RE_ALT, RE_REPEAT, RE_LOOK };

struct re_node {
	enum re_node_kind kind;
	uint16_t set;			/* RE_CHARS */
	uint8_t look;			/* RE_LOOK */
	int16_t min, max;		/* RE_REPEAT; max -1: no bound */
	struct re_node *kids;		/* RE_CAT, RE_ALT, RE_REPEAT: the last one first */
	struct re_node *before;		/* sibling to the left */
};

#define RE_BUCKETS 256

/* Result of parsing. */
struct re_tree {
	struct arena *tmp;
	struct re_node *root;
	struct re_set *sets;		/* all different */
	uint32_t set_cnt, set_cap;
	uint16_t bucket[RE_BUCKETS];	/* of equal hash: 1 + number of a set, and ... */
	uint16_t *chain;		/* ... the same for the next one */
	uint32_t spent;			/* ranges that were added to sets */
	uint8_t looks;			/* every kind of look that occurs */
};

enum re_flag { RE_FLAG_FOLD = 1, RE_FLAG_LINES = 2, RE_FLAG_DOT_ALL = 4, RE_FLAG_LAZY = 8 };

struct re_name;

/* State of the parser; re_class.c reads escapes and brackets, re_parse.c the rest. */
struct re_parser {
	struct str s;
	size_t at;
	unsigned flags;		/* enum re_flag */
	unsigned depth;
	struct re_tree *t;
	struct re_build set;	/* the class being built */
	struct re_build part;	/* a negated part of it */
	struct re_name *names;
	struct err *e;
};

/* Sets the parser's error. Returns -1. */
int re_bad(struct re_parser *p, const char *detail);
/* "\..." at p->at that stands for one code point. */
int re_class_escape(struct re_parser *p, uint32_t *rune);
/* \d \D \s \S \w \W \pN \PN \p{..} \P{..} at p->at, added to p->set: 1; something else: 0;
 * an error: -1. */
int re_class_perl(struct re_parser *p);
/* "[...]" at p->at, left finished in *out. */
int re_class_bracket(struct re_parser *p, struct re_set *out);
/* Adds the ASCII class of that name ("alpha", "word", "perl space"). False if there is none. */
bool re_class_ascii(struct re_build *b, struct str name);

int re_parse(struct arena *tmp, struct str pattern, struct re_tree *out, struct err *e);

/* Classes of code points: class of c = cls[i] for the last i with lo[i] <= c. */
struct re_alpha {
	uint16_t ascii[128];
	const uint32_t *lo;
	const uint16_t *cls;
	uint32_t n;		/* intervals */
	uint32_t cls_cnt;
};

enum re_op { RE_OP_FAIL = 0, RE_OP_CHARS, RE_OP_SPLIT, RE_OP_LOOK, RE_OP_MATCH };

struct re_inst {
	uint8_t op;		/* enum re_op */
	uint8_t look;		/* RE_OP_LOOK: all these must hold */
	uint16_t set;		/* RE_OP_CHARS */
	uint16_t x, y;		/* successors; y only for RE_OP_SPLIT */
};

/* What stands next to a position, as far as the pattern's looks can tell. */
enum re_side { RE_SIDE_OTHER = 0, RE_SIDE_WORD, RE_SIDE_LINE, RE_SIDE_EDGE, RE_SIDE_COUNT };

struct re_prog {
	const struct re_inst *inst;
	uint32_t inst_cnt;
	uint16_t start;
	uint8_t looks;
	bool anchored;			/* every match begins at the beginning of the text */
	struct re_alpha alpha;
	const uint64_t *members;	/* set s holds class c: bit c of row s */
	uint32_t row_words;
	const uint8_t *side;		/* enum re_side of each class */
};

/* Fills alpha and members. False without memory. */
bool re_alpha_make(const struct re_tree *t, struct re_prog *out);
int re_prog_make(struct re_tree *t, struct re_prog *out, struct err *e);
uint16_t re_alpha_class(const struct re_alpha *a, uint32_t rune);

static inline bool re_prog_has(const struct re_prog *p, uint16_t set, uint32_t cls)
{
	return p->members[(size_t)set * p->row_words + (cls >> 6)] >> (cls & 63) & 1;
}

/* A set of program positions that is being followed; memory for one program. */
struct re_threads {
	const struct re_prog *p;
	uint16_t *stack;
	uint32_t *stamp;
	uint32_t gen;
	uint16_t *pcs[2];	/* consuming or waiting instructions: now and next */
	uint32_t cnt[2];
	bool matched;
};

/* False without memory. */
bool re_threads_init(struct re_threads *t, const struct re_prog *p, struct arena *tmp);
/* Forgets list `to` and puts the beginning of the program into it. */
void re_threads_start(struct re_threads *t, unsigned to);
/* Follows the looks of list 0 that hold between prev and next; the outcome replaces list 0.
 * Sets matched if the end is reached. */
void re_threads_look(struct re_threads *t, enum re_side prev, enum re_side next);
/* Consumes one code point of class cls: list 1 becomes what is reached from list 0. */
void re_threads_step(struct re_threads *t, uint32_t cls);

/* A complete deterministic table. Offsets into cell; 0 and 1 are the final answers no and yes. */
struct re_dfa {
	const uint16_t *cell;
	uint32_t cell_cnt;
	uint16_t start;
};

/* Builds the table in `out_mem`. False if it would be larger than wanted, or without memory. */
bool re_dfa_make(const struct re_prog *p, struct arena *tmp, struct arena *out_mem,
		 struct re_dfa *out);

#endif
