/* yaml.c - YAML text -> bounded tree of nodes with positions
 *
 * Layer: wire.  Input: hostile (agents submit rule files).  Memory: the caller's arena; libyaml
 * uses the heap and gives all of it back.  Threads: one caller each; not for workers, because of
 * the heap.
 * Spec: S003 1.2, S003-FR-018, S003-EC-018, section 5 (YAML rows).
 *
 * Theory of operation: libyaml's event parser is the only part of it that is used; its loader, with
 * anchors, tags and a schema, is not.  Events build the tree with an explicit stack of open
 * collections, so neither depth nor size of the input reaches our stack.  Whatever could multiply
 * (aliases) or change meaning (tags, repeated keys, a second document) is refused.
 */
#include <stdarg.h>
#include <stdlib.h>

#include <yaml.h>

#include "base/buf.h"
#include "wire/yaml.h"

#define FEW_KEYS 16	/* up to here repeated keys are found by comparing all pairs */
#define SHOWN_KEY_LEN 64

struct frame {		/* an open collection */
	struct yaml_node *node;
	struct yaml_node *last;
	uint32_t children;
};

struct build {
	yaml_parser_t parser;
	const char *name;
	struct arena *arena;
	struct err *e;
	struct yaml_node *root;
	struct frame stack[YAML_MAX_DEPTH];
	unsigned depth;
	uint32_t events;
	uint32_t documents;
};

static int set_error(struct err *e, const char *name, uint32_t line, uint32_t col, const char *what)
{
	if (!name)
		return err_set(e, ERR_INVALID, "YAML parse error at line %u: %s", line, what);
	return err_set(e, ERR_INVALID, "YAML parse error in %s: %s at line %u column %u", name,
		       what, line, col);
}

static int fail_at(struct build *b, uint32_t line, uint32_t col, const char *what)
{
	return set_error(b->e, b->name, line, col, what);
}

static int fail_mark(struct build *b, yaml_mark_t at, const char *what)
{
	return fail_at(b, (uint32_t)at.line + 1, (uint32_t)at.column + 1, what);
}

static int fail_nomem(struct build *b)
{
	return err_set(b->e, ERR_NOMEM, "out of memory while reading YAML");
}

/* libyaml's own complaint, in our form. */
static int fail_parser(struct build *b)
{
	const yaml_parser_t *p = &b->parser;
	const char *what = p->problem ? p->problem : "malformed text";

	if (p->error == YAML_MEMORY_ERROR)
		return fail_nomem(b);
	/* The reader has no mark of its own: it stands where the scanner has got to. */
	return fail_mark(b, p->error == YAML_READER_ERROR ? p->mark : p->problem_mark, what);
}

static int fail_repeated(struct build *b, const struct yaml_node *key)
{
	char shown[4 * SHOWN_KEY_LEN + 1];
	char text[sizeof(shown) + 32];
	struct buf s = BUF_OF(shown);
	struct buf t = BUF_OF(text);

	buf_add_escaped(&s, key->text, SHOWN_KEY_LEN);
	buf_printf(&t, "duplicate key \"%s\"", buf_c(&s));
	return fail_at(b, key->line, key->col, buf_c(&t));
}

/* By text, then by position, so that the later one of two equal keys comes second. */
static int key_cmp(const void *a, const void *b)
{
	const struct yaml_node *x = *(const struct yaml_node *const *)a;
	const struct yaml_node *y = *(const struct yaml_node *const *)b;
	int c = str_cmp(x->text, y->text);

	if (c != 0)
		return c;
	if (x->line != y->line)
		return x->line < y->line ? -1 : 1;
	return (x->col > y->col) - (x->col < y->col);
}

static int check_few_keys(struct build *b, const struct yaml_node *map)
{
	for (const struct yaml_node *k = map->child; k; k = k->next->next) {
		for (const struct yaml_node *o = map->child; o != k; o = o->next->next) {
			if (str_eq(o->text, k->text))
				return fail_repeated(b, k);
		}
	}
	return 0;
}

static int check_keys(struct build *b, const struct yaml_node *map)
{
	const struct yaml_node **keys;
	uint32_t n = 0;

	if (map->count <= FEW_KEYS)
		return check_few_keys(b, map);
	keys = ARENA_NEW_N(b->arena, const struct yaml_node *, map->count);
	if (!keys)
		return fail_nomem(b);
	for (const struct yaml_node *k = map->child; k; k = k->next->next)
		keys[n++] = k;
	qsort(keys, n, sizeof(*keys), key_cmp);
	for (uint32_t i = 1; i < n; i++) {
		if (str_eq(keys[i - 1]->text, keys[i]->text))
			return fail_repeated(b, keys[i]);
	}
	return 0;
}

static bool wants_key(const struct frame *f)
{
	return f->node->kind == YAML_MAP && f->children % 2 == 0;
}

/* A new node, hung into the innermost open collection. NULL: failed, error set. */
static struct yaml_node *add_node(struct build *b, enum yaml_kind kind, yaml_mark_t at)
{
	struct frame *f = b->depth > 0 ? &b->stack[b->depth - 1] : NULL;
	struct yaml_node *n;

	if (f && wants_key(f) && kind != YAML_SCALAR) {
		fail_mark(b, at, "mapping key must be a scalar");
		return NULL;
	}
	n = ARENA_NEW(b->arena, struct yaml_node);
	if (!n) {
		fail_nomem(b);
		return NULL;
	}
	n->kind = kind;
	n->line = (uint32_t)at.line + 1;
	n->col = (uint32_t)at.column + 1;
	if (!f) {
		b->root = n;
		return n;
	}
	if (f->last)
		f->last->next = n;
	else
		f->node->child = n;
	f->last = n;
	f->children++;
	return n;
}

static int open_collection(struct build *b, enum yaml_kind kind, yaml_mark_t at)
{
	struct yaml_node *n;

	if (b->depth == YAML_MAX_DEPTH)
		return fail_mark(b, at, "recursion limit exceeded");
	n = add_node(b, kind, at);
	if (!n)
		return -1;
	b->stack[b->depth++] = (struct frame){ .node = n };
	return 0;
}

static int close_collection(struct build *b)
{
	struct frame *f;

	CHECK(b->depth > 0);
	f = &b->stack[--b->depth];
	if (f->node->kind != YAML_MAP) {
		f->node->count = f->children;
		return 0;
	}
	CHECK(f->children % 2 == 0);
	f->node->count = f->children / 2;
	return check_keys(b, f->node);
}

static int add_scalar(struct build *b, const yaml_event_t *ev)
{
	struct yaml_node *n = add_node(b, YAML_SCALAR, ev->start_mark);

	if (!n)
		return -1;
	n->plain = ev->data.scalar.style == YAML_PLAIN_SCALAR_STYLE;
	n->text = arena_str(b->arena, str_n(ev->data.scalar.value, ev->data.scalar.length));
	return n->text.p ? 0 : fail_nomem(b);
}

static int check_properties(struct build *b, const yaml_event_t *ev, const yaml_char_t *anchor,
			    const yaml_char_t *tag)
{
	if (anchor && b->name)
		return err_set(b->e, ERR_INVALID,
			       "YAML anchors and aliases are not supported in %s at line %zu",
			       b->name, ev->start_mark.line + 1);
	if (anchor)
		return fail_mark(b, ev->start_mark, "YAML anchors and aliases are not supported");
	if (tag)
		return fail_mark(b, ev->start_mark, "unsupported tag");
	return 0;
}

static int on_event(struct build *b, const yaml_event_t *ev)
{
	switch (ev->type) {
	case YAML_DOCUMENT_START_EVENT:
		if (b->documents++ > 0)
			return fail_mark(b, ev->start_mark, "more than one document");
		return 0;
	case YAML_ALIAS_EVENT:
		return check_properties(b, ev, ev->data.alias.anchor, NULL);
	case YAML_SCALAR_EVENT:
		if (check_properties(b, ev, ev->data.scalar.anchor, ev->data.scalar.tag) < 0)
			return -1;
		return add_scalar(b, ev);
	case YAML_SEQUENCE_START_EVENT:
		if (check_properties(b, ev, ev->data.sequence_start.anchor,
				     ev->data.sequence_start.tag) < 0)
			return -1;
		return open_collection(b, YAML_SEQ, ev->start_mark);
	case YAML_MAPPING_START_EVENT:
		if (check_properties(b, ev, ev->data.mapping_start.anchor,
				     ev->data.mapping_start.tag) < 0)
			return -1;
		return open_collection(b, YAML_MAP, ev->start_mark);
	case YAML_SEQUENCE_END_EVENT:
	case YAML_MAPPING_END_EVENT:
		return close_collection(b);
	case YAML_NO_EVENT:
	case YAML_STREAM_START_EVENT:
	case YAML_STREAM_END_EVENT:
	case YAML_DOCUMENT_END_EVENT:
		return 0;
	}
	return fail_mark(b, ev->start_mark, "unknown event");
}

static int run(struct build *b)
{
	yaml_event_t ev;
	bool at_end = false;

	while (!at_end) {
		int rc;

		if (!yaml_parser_parse(&b->parser, &ev))
			return fail_parser(b);
		at_end = ev.type == YAML_STREAM_END_EVENT;
		if (++b->events > YAML_MAX_EVENTS)
			rc = fail_mark(b, ev.start_mark, "more than 1000000 events");
		else
			rc = on_event(b, &ev);
		yaml_event_delete(&ev);
		if (rc < 0)
			return -1;
	}
	return 0;
}

int yaml_parse(struct str text, const char *name, struct arena *a, const struct yaml_node **root,
	       struct err *e)
{
	struct build b = { .name = name, .arena = a, .e = e };
	int rc;

	if (!yaml_parser_initialize(&b.parser))
		return fail_nomem(&b);
	yaml_parser_set_encoding(&b.parser, YAML_UTF8_ENCODING);
	yaml_parser_set_input_string(&b.parser, (const unsigned char *)(text.p ? text.p : ""),
				     text.len);
	rc = run(&b);
	yaml_parser_delete(&b.parser);
	if (rc == 0)
		*root = b.root;
	return rc;
}

const struct yaml_node *yaml_get(const struct yaml_node *map, const char *key)
{
	if (map->kind != YAML_MAP)
		return NULL;
	for (const struct yaml_node *k = map->child; k; k = k->next->next) {
		if (str_eq_c(k->text, key))
			return k->next;
	}
	return NULL;
}

static bool is_plain_word(const struct yaml_node *n, const char *const *words, size_t cnt)
{
	if (n->kind != YAML_SCALAR || !n->plain)
		return false;
	for (size_t i = 0; i < cnt; i++) {
		if (str_eq_c(n->text, words[i]))
			return true;
	}
	return false;
}

bool yaml_is_null(const struct yaml_node *n)
{
	static const char *const words[] = { "", "~", "null", "Null", "NULL" };

	return is_plain_word(n, words, ARRAY_LEN(words));
}

bool yaml_bool(const struct yaml_node *n, bool *out)
{
	static const char *const yes[] = { "true", "True", "TRUE" };
	static const char *const no[] = { "false", "False", "FALSE" };

	if (is_plain_word(n, yes, ARRAY_LEN(yes))) {
		*out = true;
		return true;
	}
	if (is_plain_word(n, no, ARRAY_LEN(no))) {
		*out = false;
		return true;
	}
	return false;
}

/* Cuts "0x", "0o" or "0b" off; 10 without prefix. */
static int take_base(struct str *s)
{
	int base = 10;

	if (s->len < 2 || s->p[0] != '0')
		return 10;
	if (s->p[1] == 'x')
		base = 16;
	else if (s->p[1] == 'o')
		base = 8;
	else if (s->p[1] == 'b')
		base = 2;
	if (base != 10)
		*s = str_from(*s, 2);
	return base;
}

/* Digits of that base, at least one; the value is at most 2^63 - 1. */
static bool parse_digits(struct str s, int base, int64_t *out)
{
	int64_t v = 0;

	if (s.len == 0)
		return false;
	for (size_t i = 0; i < s.len; i++) {
		int d = ascii_hex_value(s.p[i]);

		if (d < 0 || d >= base || MUL_OVERFLOWS(v, base, &v) || ADD_OVERFLOWS(v, d, &v))
			return false;
	}
	*out = v;
	return true;
}

bool yaml_int(const struct yaml_node *n, int64_t min, int64_t max, int64_t *out)
{
	struct str s = n->text;
	bool minus;
	int64_t v;
	int base;

	if (n->kind != YAML_SCALAR || !n->plain || s.len == 0)
		return false;
	minus = s.p[0] == '-';
	if (minus || s.p[0] == '+')
		s = str_from(s, 1);
	base = take_base(&s);
	if (base == 10 && s.len > 1 && s.p[0] == '0')
		return false;
	if (!parse_digits(s, base, &v))
		return false;
	if (minus)
		v = -v;
	if (v < min || v > max)
		return false;
	*out = v;
	return true;
}

const char *yaml_kind_text(const struct yaml_node *n)
{
	switch (n->kind) {
	case YAML_SCALAR:
		return yaml_is_null(n) ? "nothing" : "text";
	case YAML_SEQ:
		return "a sequence";
	case YAML_MAP:
		return "a mapping";
	}
	return "nothing";
}

int yaml_fail(struct err *e, const char *name, const struct yaml_node *n, const char *fmt, ...)
{
	char text[ERR_MSG_LEN];
	struct buf b = BUF_OF(text);
	va_list ap;

	va_start(ap, fmt);
	buf_vprintf(&b, fmt, ap);
	va_end(ap);
	return set_error(e, name, n->line, n->col, buf_c(&b));
}
