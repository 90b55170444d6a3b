/* cel_fn.c - what CEL functions call: scratch, errors; and the look-up of overloads
 *
 * Layer: policy.  Input: hostile (values of requests).  Memory: scratch of the evaluation.
 * Threads: pure functions.
 * Spec: S003 sections 3.4, 3.9, 3.11.
 */
#include <string.h>

#include "policy/cel_comp.h"

static const struct cel_lib *const libs[] = {
#define CEL_LIB(name) &cel_lib_##name,
#include "policy/cel_libs.h"
#undef CEL_LIB
};

void *cel_alloc(struct cel_ctx *ctx, size_t size)
{
	void *p = NULL;

	if (size <= ctx->bytes && cel_charge(ctx, size / 16))
		p = arena_alloc(ctx->scratch, MAX(size, (size_t)1));
	if (p)
		ctx->bytes -= size;
	else
		ctx->units = 0;	/* ends the evaluation, whatever becomes of the error */
	return p;
}

void *cel_alloc_n(struct cel_ctx *ctx, size_t n, size_t size)
{
	size_t total;

	return cel_alloc(ctx, MUL_OVERFLOWS(n, size, &total) ? SIZE_MAX : total);
}

const struct cel_value *cel_box(struct cel_ctx *ctx, struct cel_value v)
{
	struct cel_value *box = cel_alloc(ctx, sizeof(*box));

	if (box)
		*box = v;
	return box;
}

static bool copy(struct cel_ctx *ctx, struct str s, struct str *out)
{
	char *p = s.len <= UINT32_MAX ? cel_alloc(ctx, s.len) : NULL;

	if (!p)
		return false;
	if (s.len)
		memcpy(p, s.p, s.len);
	*out = str_n(p, s.len);
	return true;
}

struct cel_value cel_string_copy(struct cel_ctx *ctx, struct str s)
{
	struct str c;

	return copy(ctx, s, &c) ? cel_string(c) : cel_err_cost();
}

struct cel_value cel_bytes_copy(struct cel_ctx *ctx, struct str s)
{
	struct str c;

	return copy(ctx, s, &c) ? cel_bytes(c) : cel_err_cost();
}

/* ---- errors ----------------------------------------------------------------------------- */

struct cel_value cel_err_cost(void)
{
	return cel_error(CEL_ERR_COST);
}

/* Without memory for the details the kind alone is the text. */
static struct cel_value with_info(struct cel_ctx *ctx, enum cel_errk k,
				  const struct cel_errinfo *info)
{
	struct cel_value v = cel_error(k);
	struct cel_errinfo *copied = arena_alloc(ctx->scratch, sizeof(*copied));

	v.n = ctx->offset;
	if (copied) {
		*copied = *info;
		v.u.err = copied;
	}
	return v;
}

struct cel_value cel_err(struct cel_ctx *ctx, enum cel_errk k, const char *what)
{
	struct cel_value v = cel_error(k);

	v.n = ctx->offset;
	return what ? with_info(ctx, k, &(struct cel_errinfo){ .what = what }) : v;
}

struct cel_value cel_err_value(struct cel_ctx *ctx, enum cel_errk k, const char *what,
			       struct cel_value arg)
{
	return with_info(ctx, k,
			 &(struct cel_errinfo){ .what = what, .arg = { arg }, .arg_cnt = 1 });
}

struct cel_value cel_err_overload(struct cel_ctx *ctx, const char *name,
				  const struct cel_value *args, size_t n)
{
	struct cel_errinfo info = { .what = name };

	while (info.arg_cnt < n && info.arg_cnt < ARRAY_LEN(info.arg)) {
		info.arg[info.arg_cnt] = args[info.arg_cnt];
		info.arg_cnt++;
	}
	return with_info(ctx, CEL_ERR_NO_OVERLOAD, &info);
}

/* ---- overloads -------------------------------------------------------------------------- */

const struct cel_overload *lib_next(size_t *lib, size_t *i)
{
	while (*lib < ARRAY_LEN(libs)) {
		if (*i < libs[*lib]->cnt)
			return &libs[*lib]->v[(*i)++];
		(*lib)++;
		*i = 0;
	}
	return NULL;
}

bool lib_has(struct str name, enum cel_style style)
{
	const struct cel_overload *o;

	for (size_t lib = 0, i = 0; (o = lib_next(&lib, &i));)
		if (o->style == style && word_is(name, o->name))
			return true;
	return false;
}

const struct cel_overload **lib_candidates(struct cel_comp *c, struct str name,
					   enum cel_style style, size_t *n)
{
	const struct cel_overload **found = NULL;
	const struct cel_overload *o;

	for (int pass = 0; pass < 2; pass++) {
		if (pass == 1)
			found = arena_array(c->arena, *n + 1, sizeof(*found));
		if (pass == 1 && !found) {
			comp_nomem(c, 0);
			return NULL;
		}
		*n = 0;
		for (size_t lib = 0, i = 0; (o = lib_next(&lib, &i));) {
			if (o->style != style || !word_is(name, o->name))
				continue;
			if (found)
				found[*n] = o;
			(*n)++;
		}
	}
	return found;
}
