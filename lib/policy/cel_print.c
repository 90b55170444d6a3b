/* cel_print.c - a CEL tree as text again, for explanations and tests
 *
 * Layer: policy.  Input: trusted (checked trees).  Memory: the caller's buffer.
 * Threads: pure functions.
 * Spec: S003 section 1.9 (outcall explain).
 *
 * What was not folded reads back as the same tree.
 */
#include <math.h>
#include <string.h>

#include "policy/cel_ast.h"
#include "policy/facts.h"

enum {
	PREC_COND = 0,
	PREC_OR,
	PREC_AND,
	PREC_RELATION,
	PREC_ADD,
	PREC_MUL,
	PREC_UNARY,
	PREC_MEMBER
};

static void print(const struct cel_node *n, int around, struct buf *out);

static int prec_of(const struct cel_node *n)
{
	enum cel_node_op op = (enum cel_node_op)n->op;

	if (op == CEL_N_COND)
		return PREC_COND;
	if (op == CEL_N_OR || op == CEL_N_AND)
		return op == CEL_N_OR ? PREC_OR : PREC_AND;
	if (op >= CEL_N_EQ && op <= CEL_N_IN)
		return PREC_RELATION;
	if (op == CEL_N_ADD || op == CEL_N_SUB)
		return PREC_ADD;
	if (op >= CEL_N_MUL && op <= CEL_N_MOD)
		return PREC_MUL;
	if (op == CEL_N_NOT || op == CEL_N_NEG)
		return PREC_UNARY;
	return PREC_MEMBER;
}

/* ---- literals ---------------------------------------------------------------------------- */

static void print_text(struct cel_value v, struct buf *out)
{
	bool bytes = v.kind == CEL_BYTES;

	buf_add_c(out, bytes ? "b\"" : "\"");
	for (size_t i = 0; i < v.n; i++) {
		unsigned char c = (unsigned char)v.u.s[i];

		if (c == '"' || c == '\\')
			buf_printf(out, "\\%c", c);
		else if (c < ' ' || c == 0x7f || (bytes && c > 0x7f))
			buf_printf(out, "\\x%02x", c);
		else
			buf_add_byte(out, c);
	}
	buf_add_byte(out, '"');
}

static void print_double(double d, struct buf *out)
{
	size_t start = out->len;

	if (isnan(d) || isinf(d)) {
		buf_add_c(out, isnan(d) ? "(0.0 / 0.0)" : d < 0 ? "-1e999" : "1e999");
		return;
	}
	cel_double_text(d, out);
	if (buf_ok(out) && !memchr(out->p + start, '.', out->len - start) &&
	    !memchr(out->p + start, 'e', out->len - start))
		buf_add_c(out, ".0");
}

static void print_value(struct cel_value v, struct buf *out)
{
	bool map = v.kind == CEL_MAP;

	if (v.kind == CEL_STRING || v.kind == CEL_BYTES) {
		print_text(v, out);
		return;
	}
	if (v.kind == CEL_DOUBLE) {
		print_double(v.u.d, out);
		return;
	}
	if (v.kind != CEL_LIST && !map) {
		cel_value_text(v, out);
		return;
	}
	buf_add_byte(out, map ? '{' : '[');
	for (size_t i = 0; i < v.n && buf_ok(out); i++) {
		buf_add_c(out, i ? ", " : "");
		if (map) {
			print_value(cel_map_key(v, i), out);
			buf_add_c(out, ": ");
		}
		print_value(map ? cel_map_val(v, i) : cel_list_at(v, i), out);
	}
	buf_add_byte(out, map ? '}' : ']');
}

/* ---- nodes -------------------------------------------------------------------------------- */

static void print_field(const struct cel_node *n, struct buf *out)
{
	buf_add_byte(out, '.');
	if (n->opt && n->op == CEL_N_SELECT)
		buf_add_byte(out, '?');
	buf_add_c(out, n->root ? "`" : "");
	buf_add_str(out, n->a.name);
	buf_add_c(out, n->root ? "`" : "");
}

static void print_items(const struct cel_node *k, struct buf *out)
{
	for (const char *comma = ""; k; k = k->next, comma = ", ") {
		buf_add_c(out, comma);
		print(k, PREC_COND, out);
	}
}

static void print_list(const struct cel_node *n, struct buf *out)
{
	bool map = n->op == CEL_N_MAP;

	buf_add_byte(out, map ? '{' : '[');
	for (const struct cel_node *k = n->kid; k; k = k->next) {
		buf_add_c(out, k == n->kid ? "" : ", ");
		buf_add_c(out, k->opt_item ? "?" : "");
		print(k, PREC_COND, out);
		if (map) {
			k = k->next;
			buf_add_c(out, ": ");
			print(k, PREC_COND, out);
		}
	}
	buf_add_byte(out, map ? '}' : ']');
}

static void print_infix(const struct cel_node *n, int prec, struct buf *out)
{
	for (const struct cel_node *k = n->kid; k; k = k->next) {
		if (k != n->kid)
			buf_printf(out, " %s ", cel_node_op_text((enum cel_node_op)n->op));
		print(k, k == n->kid ? prec : prec + 1, out);
	}
}

static void print_unary(const struct cel_node *n, struct buf *out)
{
	buf_add_byte(out, n->op == CEL_N_NOT ? '!' : '-');
	if (n->op == CEL_N_NEG && n->kid->op == CEL_N_LIT) {	/* not the sign of the literal */
		buf_add_byte(out, '(');
		print(n->kid, PREC_COND, out);
		buf_add_byte(out, ')');
		return;
	}
	print(n->kid, PREC_UNARY, out);
}

static void print_cond(const struct cel_node *n, struct buf *out)
{
	print(n->kid, PREC_OR, out);
	buf_add_c(out, " ? ");
	print(n->kid->next, PREC_OR, out);
	buf_add_c(out, " : ");
	print(n->kid->next->next, PREC_COND, out);
}

/* The name a macro is written with depends on its variables. */
static const char *macro_name(const struct cel_node *n)
{
	if (n->op == CEL_N_MAP_LIST && n->var_cnt == 2)
		return "transformList";
	return cel_node_op_text((enum cel_node_op)n->op);
}

static void print_macro(const struct cel_node *n, struct buf *out)
{
	if (n->op == CEL_N_BIND) {
		buf_add_c(out, "cel.bind(");
	} else {
		print(n->kid, PREC_MEMBER, out);
		buf_printf(out, ".%s(", macro_name(n));
	}
	buf_add_str(out, n->a.name);
	if (n->var_cnt == 2) {
		buf_add_c(out, ", ");
		buf_add_str(out, n->b.name2);
	}
	buf_add_c(out, ", ");
	print_items(n->op == CEL_N_BIND ? n->kid : n->kid->next, out);
	buf_add_byte(out, ')');
}

static void print_call(const struct cel_node *n, struct buf *out)
{
	const struct cel_node *args = n->kid;

	if (n->op == CEL_N_METHOD) {
		print(args, PREC_MEMBER, out);
		buf_add_byte(out, '.');
		args = args->next;
	}
	buf_add_str(out, n->a.name);
	buf_add_byte(out, '(');
	print_items(args, out);
	buf_add_byte(out, ')');
}

static void print_member(const struct cel_node *n, struct buf *out)
{
	if (n->op == CEL_N_HAS)
		buf_add_c(out, "has(");
	print(n->kid, PREC_MEMBER, out);
	if (n->op == CEL_N_INDEX) {
		buf_add_c(out, n->opt ? "[?" : "[");
		print(n->kid->next, PREC_COND, out);
		buf_add_byte(out, ']');
		return;
	}
	print_field(n, out);
	if (n->op == CEL_N_HAS)
		buf_add_byte(out, ')');
}

static void print_leaf(const struct cel_node *n, struct buf *out)
{
	if (n->op == CEL_N_LIT)
		print_value(n->a.val, out);
	else if (n->op == CEL_N_FACT)
		buf_printf(out, "%s.%s", fact_table[n->b.ref].ns, fact_table[n->b.ref].name);
	else
		buf_add_str(out, n->a.name);
}

static void print_bare(const struct cel_node *n, struct buf *out)
{
	enum cel_node_op op = (enum cel_node_op)n->op;

	if (op == CEL_N_COND)
		print_cond(n, out);
	else if (op == CEL_N_NOT || op == CEL_N_NEG)
		print_unary(n, out);
	else if (op >= CEL_N_MUL && op <= CEL_N_OR)
		print_infix(n, prec_of(n), out);
	else if (op == CEL_N_LIST || op == CEL_N_MAP)
		print_list(n, out);
	else if (op == CEL_N_CALL || op == CEL_N_METHOD)
		print_call(n, out);
	else if (op == CEL_N_SELECT || op == CEL_N_INDEX || op == CEL_N_HAS)
		print_member(n, out);
	else if (op >= CEL_N_ALL && op <= CEL_N_OPT_FLAT_MAP)
		print_macro(n, out);
	else
		print_leaf(n, out);
}

static bool is_negative(const struct cel_node *n)
{
	const struct cel_value *v = &n->a.val;

	return n->op == CEL_N_LIT && ((v->kind == CEL_INT && v->u.i < 0) ||
				      (v->kind == CEL_DOUBLE && signbit(v->u.d)));
}

/* In parentheses where the operator around binds more strongly; -1.5.f() would be -(1.5.f()). */
static void print(const struct cel_node *n, int around, struct buf *out)
{
	bool close = prec_of(n) < around || (around == PREC_MEMBER && is_negative(n));

	if (!buf_ok(out))
		return;
	if (close)
		buf_add_byte(out, '(');
	print_bare(n, out);
	if (close)
		buf_add_byte(out, ')');
}

void cel_node_text(const struct cel_node *n, struct buf *out)
{
	print(n, PREC_COND, out);
}

const struct cel_node *cel_node_at(const struct cel_node *root, uint32_t off)
{
	const struct cel_node *found = root->off == off ? root : NULL;

	for (const struct cel_node *k = root->kid; k && !found; k = k->next)
		found = cel_node_at(k, off);
	return found;
}

/* ---- variables ---------------------------------------------------------------------------- */

/* free_from: variables with this number and above are declared inside. */
static bool is_closed(const struct cel_node *n, uint32_t free_from)
{
	if (n->op == CEL_N_LOCAL)
		return n->b.ref >= free_from;
	if (n->op >= CEL_N_ALL && n->op <= CEL_N_OPT_FLAT_MAP)
		free_from = MIN(free_from, (uint32_t)n->var_number);
	for (const struct cel_node *k = n->kid; k; k = k->next)
		if (!is_closed(k, free_from))
			return false;
	return true;
}

bool cel_node_is_closed(const struct cel_node *n)
{
	return is_closed(n, UINT32_MAX);
}
