/* cel_type.c - static types of CEL: sameness, fitting, joining, texts; nearest names
 *
 * Layer: policy.  Input: hostile (agents submit rules).  Memory: the arena of the compilation.
 * Threads: one compiles.
 * Spec: S003 section 3.3.
 *
 * dyn fits everything in both directions; where a known type meets dyn the result is dyn, so that a
 * static type is always a promise about the value.
 */
#include <string.h>

#include "policy/cel_comp.h"

#define SIMPLE(name, k) const struct cel_type name = { .kind = k }
#define OF1(name, k, a) const struct cel_type name = { .kind = k, .arg = { &a } }
#define OF2(name, k, a, b) const struct cel_type name = { .kind = k, .arg = { &a, &b } }

SIMPLE(cel_t_null, CEL_NULL);
SIMPLE(cel_t_bool, CEL_BOOL);
SIMPLE(cel_t_int, CEL_INT);
SIMPLE(cel_t_uint, CEL_UINT);
SIMPLE(cel_t_double, CEL_DOUBLE);
SIMPLE(cel_t_string, CEL_STRING);
SIMPLE(cel_t_bytes, CEL_BYTES);
SIMPLE(cel_t_timestamp, CEL_TIMESTAMP);
SIMPLE(cel_t_duration, CEL_DURATION);
SIMPLE(cel_t_type, CEL_TYPE);
SIMPLE(cel_t_ip, CEL_IP);
SIMPLE(cel_t_cidr, CEL_CIDR);
SIMPLE(cel_t_dyn, CEL_DYN);
const struct cel_type cel_t_a = { .kind = CEL_PARAM, .param = 0 };
const struct cel_type cel_t_b = { .kind = CEL_PARAM, .param = 1 };
OF1(cel_t_list_a, CEL_LIST, cel_t_a);
OF2(cel_t_map_a_b, CEL_MAP, cel_t_a, cel_t_b);
OF1(cel_t_opt_a, CEL_OPTIONAL, cel_t_a);
OF1(cel_t_opt_b, CEL_OPTIONAL, cel_t_b);
OF1(cel_t_list, CEL_LIST, cel_t_dyn);
OF2(cel_t_map, CEL_MAP, cel_t_dyn, cel_t_dyn);
OF1(cel_t_list_string, CEL_LIST, cel_t_string);
OF1(cel_t_list_int, CEL_LIST, cel_t_int);
OF1(cel_t_list_uint, CEL_LIST, cel_t_uint);
OF1(cel_t_list_double, CEL_LIST, cel_t_double);
OF2(cel_t_map_string, CEL_MAP, cel_t_string, cel_t_string);
static OF1(opt_dyn, CEL_OPTIONAL, cel_t_dyn);

bool type_is(const struct cel_type *t, enum cel_kind k)
{
	return t->kind == k;
}

bool type_same(const struct cel_type *a, const struct cel_type *b)
{
	if (a == b)
		return true;
	if (a->kind != b->kind || a->param != b->param)
		return false;
	for (int i = 0; i < 2; i++)
		if (a->arg[i] && (!b->arg[i] || !type_same(a->arg[i], b->arg[i])))
			return false;
	return true;
}

bool type_fits(const struct cel_type *want, const struct cel_type *have)
{
	if (want->kind == CEL_DYN || have->kind == CEL_DYN)
		return true;
	if (want->kind != have->kind)
		return false;
	for (int i = 0; i < 2; i++)
		if (want->arg[i] && have->arg[i] && !type_fits(want->arg[i], have->arg[i]))
			return false;
	return true;
}

const struct cel_type *type_new(struct cel_comp *c, enum cel_kind k, const struct cel_type *a,
				const struct cel_type *b)
{
	struct cel_type *t = ARENA_NEW(c->arena, struct cel_type);

	if (!t) {
		comp_nomem(c, 0);
		return &cel_t_dyn;
	}
	t->kind = k;
	t->arg[0] = a;
	t->arg[1] = b;
	return t;
}

const struct cel_type *type_join(struct cel_comp *c, const struct cel_type *a,
				 const struct cel_type *b)
{
	if (type_same(a, b))
		return a;
	if (a->kind != b->kind || !a->arg[0])
		return &cel_t_dyn;
	return type_new(c, a->kind, type_join(c, a->arg[0], b->arg[0]),
			a->arg[1] ? type_join(c, a->arg[1], b->arg[1]) : NULL);
}

const struct cel_type *type_of_value(struct cel_value v)
{
	static const struct cel_type *const simple[CEL_KIND_COUNT] = {
		[CEL_NULL] = &cel_t_null,	[CEL_BOOL] = &cel_t_bool,
		[CEL_INT] = &cel_t_int,		[CEL_UINT] = &cel_t_uint,
		[CEL_DOUBLE] = &cel_t_double,	[CEL_STRING] = &cel_t_string,
		[CEL_BYTES] = &cel_t_bytes,	[CEL_LIST] = &cel_t_list,
		[CEL_MAP] = &cel_t_map,		[CEL_TIMESTAMP] = &cel_t_timestamp,
		[CEL_DURATION] = &cel_t_duration, [CEL_TYPE] = &cel_t_type,
		[CEL_OPTIONAL] = &opt_dyn,	[CEL_IP] = &cel_t_ip,
		[CEL_CIDR] = &cel_t_cidr,
	};

	return v.kind < CEL_KIND_COUNT && simple[v.kind] ? simple[v.kind] : &cel_t_dyn;
}

void type_text(const struct cel_type *t, struct buf *out)
{
	buf_add_c(out, cel_kind_name(t->kind));
	if (!t->arg[0])
		return;
	buf_add_byte(out, '(');
	type_text(t->arg[0], out);
	if (t->arg[1]) {
		buf_add_c(out, ", ");
		type_text(t->arg[1], out);
	}
	buf_add_byte(out, ')');
}

/* ---- overloads -------------------------------------------------------------------------- */

struct bindings {
	struct cel_comp *c;
	const struct cel_type *of[2];
};

static bool match(struct bindings *b, const struct cel_type *want, const struct cel_type *have)
{
	if (want->kind == CEL_PARAM) {
		const struct cel_type **bound = &b->of[want->param];

		if (!*bound) {
			*bound = have;
			return true;
		}
		if (!type_fits(*bound, have))
			return false;
		*bound = type_join(b->c, *bound, have);
		return true;
	}
	if (want->kind == CEL_DYN || have->kind == CEL_DYN)
		return true;
	if (want->kind != have->kind)
		return false;
	for (int i = 0; i < 2; i++)
		if (want->arg[i] && have->arg[i] && !match(b, want->arg[i], have->arg[i]))
			return false;
	return true;
}

static const struct cel_type *substitute(const struct bindings *b, const struct cel_type *t)
{
	if (t->kind == CEL_PARAM)
		return b->of[t->param] ? b->of[t->param] : &cel_t_dyn;
	if (!t->arg[0])
		return t;
	return type_new(b->c, t->kind, substitute(b, t->arg[0]),
			t->arg[1] ? substitute(b, t->arg[1]) : NULL);
}

bool overload_fits(struct cel_comp *c, const struct cel_overload *o,
		   const struct cel_type *const *args, size_t n, const struct cel_type **result)
{
	struct bindings b = { .c = c };

	if (o->variadic ? n < o->arg_cnt : n != o->arg_cnt)
		return false;
	for (size_t i = 0; i < n; i++)
		if (!match(&b, o->args[MIN(i, (size_t)o->arg_cnt - 1)], args[i]))
			return false;
	*result = substitute(&b, o->result);
	return true;
}

/* ---- nearest names ---------------------------------------------------------------------- */

#define NEAR_MAX 48	/* longer names are not compared */

static unsigned edit_distance(struct str a, struct str b)
{
	unsigned char row[NEAR_MAX + 1];

	for (size_t j = 0; j <= b.len; j++)
		row[j] = (unsigned char)j;
	for (size_t i = 1; i <= a.len; i++) {
		unsigned char diagonal = row[0];

		row[0] = (unsigned char)i;
		for (size_t j = 1; j <= b.len; j++) {
			unsigned same = ascii_lower(a.p[i - 1]) == ascii_lower(b.p[j - 1]) ? 0 : 1;
			unsigned best = MIN(diagonal + same, MIN(row[j], row[j - 1]) + 1u);

			diagonal = row[j];
			row[j] = (unsigned char)best;
		}
	}
	return row[b.len];
}

void near_offer(struct near *n, struct str candidate)
{
	unsigned d;

	if (n->want.len > NEAR_MAX || candidate.len > NEAR_MAX)
		return;
	d = edit_distance(n->want, candidate);
	if (!n->best.p || d < n->distance) {
		n->best = candidate;
		n->distance = d;
	}
}

struct str near_best(const struct near *n)
{
	unsigned limit = MAX(2u, (unsigned)(n->want.len / 3));

	if (!n->best.p || n->distance > limit || n->distance >= n->want.len)
		return (struct str){ NULL, 0 };
	return n->best;
}
