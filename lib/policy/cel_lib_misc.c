/* cel_lib_misc.c - the encoders library of CEL: base64
 *
 * Layer: policy.  Input: hostile (values of requests).  Memory: scratch of the evaluation.
 * Threads: pure functions.
 * Spec: S003 3.9.
 */
#include "base/b64.h"
#include "policy/cel_lib.h"

static struct cel_value encode(struct cel_ctx *ctx, const struct cel_value *args, size_t n)
{
	size_t cap = ((size_t)args[0].n + 2) / 3 * 4;
	char *p = cel_alloc(ctx, cap);
	struct buf b;

	(void)n;
	if (!p)
		return cel_err_cost();
	b = buf_on(p, cap);
	b64_encode(&b, cel_str(args[0]));
	return buf_ok(&b) ? cel_string(buf_str(&b)) : cel_err(ctx, CEL_ERR_INTERNAL, NULL);
}

static struct cel_value decode(struct cel_ctx *ctx, const struct cel_value *args, size_t n)
{
	size_t cap = (size_t)args[0].n / 4 * 3 + 3;
	char *p = cel_alloc(ctx, cap);
	struct buf b;

	(void)n;
	if (!p)
		return cel_err_cost();
	b = buf_on(p, cap);
	if (!b64_decode(&b, cel_str(args[0])))
		return cel_err(ctx, CEL_ERR_CONVERT, "base64 to bytes");
	return cel_bytes(buf_str(&b));
}

#define B &cel_t_bytes
#define S &cel_t_string

static const struct cel_overload overloads[] = {
	{ "base64.encode", CEL_GLOBAL, 1, false, 1, { B }, S, encode, NULL, 0 },
	{ "base64.decode", CEL_GLOBAL, 1, false, 1, { S }, B, decode, NULL, 0 },
};

const struct cel_lib cel_lib_misc = { overloads, ARRAY_LEN(overloads) };
