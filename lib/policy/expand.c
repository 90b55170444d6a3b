/* expand.c - `definitions:` of one rule file and the expansion of $name in conditions
 *
 * Layer: policy.  Input: hostile (submitted rule files).  Memory: the caller's arena and buffer.
 * Threads: one owner.
 * Spec: S003-FR-006, S003-EC-009, S003-EC-010, decision 8.11.
 *
 * Theory of operation: a condition is cut into pieces by the lexical rules of CEL: literals,
 * comments, references, other text.  References are first checked by a depth-first walk that
 * colours each definition (new, open, done), so every definition is walked once whatever the number
 * of rules, and a reference to an open one is a cycle.  Only then text is copied, with the caller's
 * buffer as the limit.
 */
#include <stdlib.h>

#include "policy/expand.h"

#define SHOWN_NAME_LEN 128	/* of a name in a message */

/* --- pieces ----------------------------------------------------------------------------------- */

enum piece {
	PIECE_END = 0,
	PIECE_TEXT,
	PIECE_LITERAL,
	PIECE_COMMENT,
	PIECE_REF,	/* the text is the name without $ */
};

static bool is_name_byte(char c)
{
	return ascii_is_alnum(c) || c == '_';
}

static size_t name_len(struct str s)
{
	size_t n = 0;

	while (n < s.len && is_name_byte(s.p[n]))
		n++;
	return n;
}

static bool is_quote(char c)
{
	return c == '"' || c == '\'';
}

/* Length of the literal that starts with a quote. An unfinished one reaches to the end of the line
 * (of the text for triple quotes); the compiler complains about it later. */
static size_t literal_len(struct str s, bool raw)
{
	char q = s.p[0];
	bool triple = s.len >= 3 && s.p[1] == q && s.p[2] == q;
	size_t i = triple ? 3 : 1;

	while (i < s.len) {
		if (s.p[i] == '\\' && !raw && s.len - i >= 2) {
			i += 2;
			continue;
		}
		if (!triple && (s.p[i] == q || s.p[i] == '\n' || s.p[i] == '\r'))
			return i + 1;
		if (triple && s.len - i >= 3 && s.p[i] == q && s.p[i + 1] == q && s.p[i + 2] == q)
			return i + 3;
		i++;
	}
	return s.len;
}

/* Whether the identifier in front of a quote is a prefix of the literal: r, b, br in any case. */
static bool literal_prefix(struct str id, bool *raw)
{
	*raw = id.len > 0 && ascii_lower(id.p[id.len - 1]) == 'r';
	return str_case_eq(id, STR("r")) || str_case_eq(id, STR("b")) || str_case_eq(id, STR("br"));
}

static size_t comment_len(struct str s)
{
	return MIN(str_find_byte(s, '\n'), s.len);
}

static enum piece cut(struct str *rest, size_t len, enum piece kind, struct str *out)
{
	*out = str_first(*rest, len);
	*rest = str_from(*rest, len);
	return kind;
}

/* Cuts the next piece off *rest. */
static enum piece next_piece(struct str *rest, struct str *out)
{
	struct str s = *rest;
	bool raw = false;
	size_t n;

	if (s.len == 0)
		return PIECE_END;
	if (is_quote(s.p[0]))
		return cut(rest, literal_len(s, false), PIECE_LITERAL, out);
	if (s.p[0] == '/' && s.len >= 2 && s.p[1] == '/')
		return cut(rest, comment_len(s), PIECE_COMMENT, out);
	if (s.p[0] == '$') {
		n = name_len(str_from(s, 1));
		if (n == 0)
			return cut(rest, 1, PIECE_TEXT, out);
		*rest = str_from(s, 1);
		return cut(rest, n, PIECE_REF, out);
	}
	n = name_len(s);
	if (n == 0)
		return cut(rest, 1, PIECE_TEXT, out);
	if (n < s.len && is_quote(s.p[n]) && literal_prefix(str_first(s, n), &raw))
		n += literal_len(str_from(s, n), raw);
	else
		return cut(rest, n, PIECE_TEXT, out);
	return cut(rest, n, PIECE_LITERAL, out);
}

/* --- the table -------------------------------------------------------------------------------- */

static int def_cmp(const void *a, const void *b)
{
	const struct def *x = *(const struct def *const *)a;
	const struct def *y = *(const struct def *const *)b;

	return str_cmp(x->name, y->name);
}

int defs_init(struct defs *d, const char *file, const struct yaml_node *map, struct arena *a,
	      struct err *e)
{
	struct def *v = ARENA_NEW_N(a, struct def, map->count + (size_t)1);
	struct def **by_name = ARENA_NEW_N(a, struct def *, map->count + (size_t)1);
	uint32_t n = 0;

	if (!v || !by_name)
		return err_set(e, ERR_NOMEM, "out of memory while reading %s", file);
	for (const struct yaml_node *k = map->child; k; k = k->next->next) {
		v[n] = (struct def){ .name = k->text, .text = k->next->text, .line = k->line };
		by_name[n] = &v[n];
		n++;
	}
	qsort(by_name, n, sizeof(*by_name), def_cmp);
	*d = (struct defs){ .file = file, .v = v, .by_name = by_name, .cnt = n };
	return 0;
}

static struct def *find(const struct defs *d, struct str name)
{
	uint32_t lo = 0;
	uint32_t hi = d->cnt;

	while (lo < hi) {
		uint32_t mid = lo + (hi - lo) / 2;
		int c = str_cmp(d->by_name[mid]->name, name);

		if (c == 0)
			return d->by_name[mid];
		if (c < 0)
			lo = mid + 1;
		else
			hi = mid;
	}
	return NULL;
}

/* --- checks ----------------------------------------------------------------------------------- */

struct walk {
	struct defs *d;
	bool from_rule;
	struct def *open[MAX_DEFINITION_DEPTH];
	unsigned depth;
	struct err *e;
};

static int fail_undefined(const struct walk *w, struct str name)
{
	name = str_first(name, SHOWN_NAME_LEN);
	return err_set(w->e, ERR_INVALID, "undefined $name reference \"$" STR_FMT "\" in %s",
		       STR_ARG(name), w->d->file);
}

static int fail_depth(const struct walk *w)
{
	return err_set(w->e, ERR_LIMIT, "definition expansion exceeds depth %d in %s",
		       MAX_DEFINITION_DEPTH, w->d->file);
}

/* Names the whole chain: $a -> $b -> $a. */
static int fail_cycle(const struct walk *w, const struct def *again)
{
	char text[ERR_MSG_LEN];
	struct buf b = BUF_OF(text);
	unsigned from = 0;

	while (from < w->depth && w->open[from] != again)
		from++;
	for (unsigned i = from; i < w->depth; i++) {
		buf_add_byte(&b, '$');
		buf_add_str(&b, str_first(w->open[i]->name, SHOWN_NAME_LEN));
		buf_add_c(&b, " -> ");
	}
	buf_add_byte(&b, '$');
	buf_add_str(&b, str_first(again->name, SHOWN_NAME_LEN));
	return err_set(w->e, ERR_INVALID,
		       "circular definition reference \"$" STR_FMT "\" in %s: %s",
		       STR_ARG(str_first(again->name, SHOWN_NAME_LEN)), w->d->file, buf_c(&b));
}

static int walk_text(struct walk *w, struct str text, unsigned *height);

static int walk_def(struct walk *w, struct def *def)
{
	unsigned height = 0;

	if (w->from_rule)
		def->used = true;
	switch (def->state) {
	case DEF_DONE:
		return w->depth + 1 + def->height > MAX_DEFINITION_DEPTH ? fail_depth(w) : 0;
	case DEF_OPEN:
		return fail_cycle(w, def);
	case DEF_NEW:
		break;
	}
	if (w->depth == MAX_DEFINITION_DEPTH)
		return fail_depth(w);
	def->state = DEF_OPEN;
	w->open[w->depth++] = def;
	if (walk_text(w, def->text, &height) < 0)
		return -1;
	w->depth--;
	def->state = DEF_DONE;
	def->height = (uint16_t)height;
	return 0;
}

/* Walks what text refers to. *height: levels of definitions below text. Recurses at most
 * MAX_DEFINITION_DEPTH times. */
static int walk_text(struct walk *w, struct str text, unsigned *height)
{
	struct str piece;
	enum piece kind;

	while ((kind = next_piece(&text, &piece)) != PIECE_END) {
		struct def *def;

		if (kind != PIECE_REF)
			continue;
		def = find(w->d, piece);
		if (!def)
			return fail_undefined(w, piece);
		if (walk_def(w, def) < 0)
			return -1;
		*height = MAX(*height, def->height + 1u);
	}
	return 0;
}

int defs_check(struct defs *d, struct str text, bool from_rule, struct err *e)
{
	struct walk w = { .d = d, .from_rule = from_rule, .e = e };
	unsigned height = 0;

	return walk_text(&w, text, &height);
}

int defs_check_rest(struct defs *d, uint32_t *line, struct err *e)
{
	for (uint32_t i = 0; i < d->cnt; i++) {
		struct walk w = { .d = d, .e = e };

		if (walk_def(&w, &d->v[i]) < 0) {
			*line = d->v[i].line;
			return -1;
		}
	}
	return 0;
}

/* --- expansion -------------------------------------------------------------------------------- */

/* Returns the kind of the last piece. */
static enum piece expand(const struct defs *d, struct str text, struct buf *out)
{
	struct str piece;
	enum piece last = PIECE_END;
	enum piece kind;

	while (buf_ok(out) && (kind = next_piece(&text, &piece)) != PIECE_END) {
		last = kind;
		if (kind != PIECE_REF) {
			buf_add_str(out, piece);
			continue;
		}
		buf_add_byte(out, '(');
		if (expand(d, find(d, piece)->text, out) == PIECE_COMMENT)
			buf_add_byte(out, '\n');	/* or the comment would swallow the rest */
		buf_add_byte(out, ')');
	}
	return last;
}

int defs_expand(const struct defs *d, struct str text, struct buf *out)
{
	(void)expand(d, text, out);
	return buf_ok(out) ? 0 : -1;
}

static struct str ref_in(const struct defs *d, struct str literal)
{
	size_t at;

	while ((at = str_find_byte(literal, '$')) != SIZE_MAX) {
		struct str name;

		literal = str_from(literal, at + 1);
		name = str_first(literal, name_len(literal));
		if (name.len > 0 && find(d, name))
			return name;
	}
	return (struct str){ NULL, 0 };
}

struct str defs_in_literal(const struct defs *d, struct str text)
{
	struct str piece;
	enum piece kind;

	while (d->cnt > 0 && (kind = next_piece(&text, &piece)) != PIECE_END) {
		struct str name;

		if (kind != PIECE_LITERAL)
			continue;
		name = ref_in(d, piece);
		if (name.len > 0)
			return name;
	}
	return (struct str){ NULL, 0 };
}
