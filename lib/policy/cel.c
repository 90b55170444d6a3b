/* cel.c - compiles an expression; positions, outcomes and texts for people
 *
 * Layer: policy.  Input: hostile (agents submit rules).  Memory: see cel.h.  Threads: see cel.h.
 * Spec: S003-FR-004, S003-FR-015, S003-FR-017; decision D4.
 */
#include "policy/cel.h"

#include "base/utf8.h"
#include "policy/cel_gen.h"

#define CARET_WIDTH 100	/* code points of the source line that are shown */

const struct cel_env *cel_env_facts(void)
{
	static const struct cel_env env = { .facts = true, .want_bool = true };

	return &env;
}

/* ---- positions -------------------------------------------------------------------------- */

static bool is_continuation(char c)
{
	return ((unsigned char)c & 0xc0) == 0x80;
}

static size_t line_start(struct str source, size_t offset)
{
	while (offset > 0 && source.p[offset - 1] != '\n')
		offset--;
	return offset;
}

void cel_position(struct str source, uint32_t offset, uint32_t *line, uint32_t *col)
{
	size_t at = MIN((size_t)offset, source.len);

	*line = *col = 1;
	for (size_t i = 0; i < at; i++)
		*line += source.p[i] == '\n';
	for (size_t i = line_start(source, at); i < at; i++)
		*col += !is_continuation(source.p[i]);
}

/* Moves i back over n code points, not before start. */
static size_t back(struct str s, size_t i, size_t start, size_t n)
{
	while (i > start && n > 0) {
		i--;
		n -= !is_continuation(s.p[i]);
	}
	return i;
}

void cel_caret(struct str source, uint32_t offset, struct buf *out)
{
	size_t at = MIN((size_t)offset, source.len);
	size_t start = back(source, at, line_start(source, at), CARET_WIDTH / 2);
	size_t indent = 0;
	size_t shown = 0;

	for (size_t i = start; i < source.len && source.p[i] != '\n' && source.p[i] != '\r'; i++) {
		bool lead = !is_continuation(source.p[i]);

		if (lead && ++shown > CARET_WIDTH)
			break;
		indent += lead && i < at;
		buf_add_byte(out, (unsigned char)source.p[i] < ' ' ? ' ' : (uint8_t)source.p[i]);
	}
	buf_add_byte(out, '\n');
	for (size_t i = 0; i < indent; i++)
		buf_add_byte(out, ' ');
	buf_add_byte(out, '^');
}

/* ---- compiling -------------------------------------------------------------------------- */

static int too_long(struct cel_diag *d)
{
	struct buf b = BUF_OF(d->msg);

	d->line = d->col = 1;
	buf_printf(&b, "expression is longer than %u bytes", CEL_SOURCE_MAX);
	buf_c(&b);
	return -1;
}

int cel_compile_diag(struct arena *a, const struct cel_env *env, struct str source,
		     const struct cel_prog **out, struct cel_diag *d)
{
	struct cel_comp c = { .arena = a, .env = env, .diag = d };
	struct cel_prog *p;
	struct cel_node *root;

	*d = (struct cel_diag){ .stage = CEL_STAGE_PARSE };
	if (source.len > CEL_SOURCE_MAX)
		return too_long(d);
	c.src = arena_str(a, source);
	p = ARENA_NEW(a, struct cel_prog);
	if (!c.src.p || !p)
		return comp_nomem(&c, 0);
	root = parse_source(&c);
	if (!root || check_tree(&c, root) < 0 || gen_program(&c, root, p) < 0)
		return -1;
	p->source = c.src;
	p->root = root;
	p->fields = c.fields;
	*out = p;
	return 0;
}

int cel_compile(struct arena *a, const struct cel_env *env, struct str source,
		const struct cel_prog **out, struct err *e)
{
	struct cel_diag d;

	if (cel_compile_diag(a, env, source, out, &d) == 0)
		return 0;
	return err_set(e, ERR_INVALID, "%u:%u: %s", (unsigned)d.line, (unsigned)d.col, d.msg);
}

int cel_compile_part(struct arena *a, const struct cel_prog *p, const struct cel_node *part,
		     const struct cel_prog **out, struct err *e)
{
	struct cel_diag d;
	struct cel_comp c = { .arena = a, .env = cel_env_facts(), .src = p->source, .diag = &d };
	struct cel_prog *sub = ARENA_NEW(a, struct cel_prog);

	CHECK(cel_node_is_closed(part));
	if (!sub || gen_program(&c, part, sub) < 0)
		return err_set(e, ERR_LIMIT, "part of the expression needs too much memory");
	sub->source = p->source;
	sub->root = part;
	sub->fields = p->fields;
	*out = sub;
	return 0;
}

/* ---- results ---------------------------------------------------------------------------- */

enum cel_outcome cel_outcome(struct cel_value v)
{
	if (v.kind == CEL_BOOL)
		return v.u.b ? CEL_OUT_TRUE : CEL_OUT_FALSE;
	if (v.kind != CEL_ERROR)
		return CEL_OUT_ERROR;
	if (cel_errk_of(v) == CEL_ERR_COST)
		return CEL_OUT_COST;
	return cel_errk_is_absence(cel_errk_of(v)) ? CEL_OUT_ABSENCE : CEL_OUT_ERROR;
}

void cel_outcome_text(const struct cel_prog *p, struct cel_value v, struct buf *out)
{
	uint32_t line, col;

	if (v.kind != CEL_ERROR) {	/* the value itself may be secret (S003 section 5) */
		buf_printf(out, "condition evaluated to non-bool: %s",
			   cel_kind_name((enum cel_kind)v.kind));
		return;
	}
	if (v.n) {
		cel_position(p->source, v.n - 1, &line, &col);
		buf_printf(out, "%u:%u: ", (unsigned)line, (unsigned)col);
	}
	cel_error_text(v, out);
}

uint32_t cel_prog_fields(const struct cel_prog *p)
{
	return p->fields;
}

unsigned cel_prog_namespaces(const struct cel_prog *p)
{
	unsigned mask = 0;

	for (unsigned i = 0; i < FACT_FIELD_COUNT; i++)
		if (p->fields >> i & 1)
			mask |= (unsigned)fact_table[i].ns_bit;
	return mask;
}

struct str cel_prog_source(const struct cel_prog *p)
{
	return p->source;
}

const struct cel_node *cel_prog_root(const struct cel_prog *p)
{
	return p->root;
}

enum cel_kind cel_prog_kind(const struct cel_prog *p)
{
	return p->root->type->kind;
}

bool cel_prog_can_fail(const struct cel_prog *p)
{
	return p->can_fail;
}
