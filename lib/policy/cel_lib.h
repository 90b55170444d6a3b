/* cel_lib.h - how a function library offers overloads to the CEL checker and evaluator
 *
 * Layer: policy.  Memory: const tables.  Threads: pure functions.
 * Spec: S003 section 3.9.
 *
 * A library is one const array of struct cel_overload, wrapped in a struct cel_lib and named in
 * cel_libs.h (one line CEL_LIB(strings) makes `cel_lib_strings` known).  Checker and evaluator use
 * the same entries: the checker picks one by the static types (a dyn argument fits everything), the
 * evaluator by the kinds of the values, in the order of the tables.  Several libraries may add
 * overloads to one name (`string`, `int`).
 *
 * A function is called with arguments that are no errors and whose kinds fit the overload; the
 * parameters of list, map and optional types are not checked at run time: look at each element.
 * It returns its value, or one of the errors below; it allocates with cel_alloc() only.
 */
#ifndef OC_POLICY_CEL_LIB_H
#define OC_POLICY_CEL_LIB_H

#include "base/arena.h"
#include "base/err.h"
#include "policy/cel_value.h"

/* A static type: kind, and the parameters of list (1), map (2), optional (1), type (0). */
struct cel_type {
	enum cel_kind kind;
	uint8_t param;			/* CEL_PARAM: which, 0 = A, 1 = B */
	const struct cel_type *arg[2];
};

extern const struct cel_type cel_t_null, cel_t_bool, cel_t_int, cel_t_uint, cel_t_double,
	cel_t_string, cel_t_bytes, cel_t_timestamp, cel_t_duration, cel_t_type, cel_t_ip,
	cel_t_cidr, cel_t_dyn,
	cel_t_a, cel_t_b,			/* type parameters, bound per call */
	cel_t_list_a, cel_t_map_a_b, cel_t_opt_a, cel_t_opt_b,
	cel_t_list, cel_t_map,			/* of dyn */
	cel_t_list_string, cel_t_list_int, cel_t_list_uint, cel_t_list_double, cel_t_map_string;

enum cel_style {
	CEL_GLOBAL = 0,	/* f(a, b), and names with dots: "math.greatest" */
	CEL_RECEIVER,	/* a.f(b): args[0] is the receiver */
};

#define CEL_OVERLOAD_ARGS 4
/* Arguments of one call; more is a compile error. */
#define CEL_CALL_ARGS_MAX 32

struct cel_ctx;
typedef struct cel_value cel_fn(struct cel_ctx *ctx, const struct cel_value *args, size_t n);
/* Called once per call site at compile time when argument .prep_arg is a literal: whatever it
 * leaves in *out (in arena a, NULL allowed) is what cel_prep() gives at each call. -1 refuses the
 * program. */
typedef int cel_prep_fn(struct arena *a, struct cel_value literal, const void **out, struct err *e);

struct cel_overload {
	const char *name;
	uint8_t style;			/* enum cel_style */
	uint8_t arg_cnt;		/* receiver included */
	bool variadic;			/* the last argument may be repeated (at least once) */
	uint8_t cost;			/* units of a call beyond the 1 of every call */
	const struct cel_type *args[CEL_OVERLOAD_ARGS];
	const struct cel_type *result;
	cel_fn *fn;
	cel_prep_fn *prep;		/* may be NULL */
	uint8_t prep_arg;		/* index of the argument that is offered to prep */
};

struct cel_lib {
	const struct cel_overload *v;
	size_t cnt;
};

#define CEL_LIB(name) extern const struct cel_lib cel_lib_##name;
#include "policy/cel_libs.h"
#undef CEL_LIB

/* State of one evaluation as functions see it. */
struct cel_ctx {
	struct arena *scratch;
	uint64_t units;		/* left of this condition's units */
	size_t bytes;		/* left of the temporary memory */
	const void *prep;	/* of the call in progress: cel_prep() */
	uint32_t offset;	/* 1 + source offset of the call in progress */
};

static inline const void *cel_prep(const struct cel_ctx *ctx) { return ctx->prep; }

/* Takes units before the work: 1 per 16 bytes looked at or copied. False: return cel_err_cost() */
static inline bool cel_charge(struct cel_ctx *ctx, uint64_t units)
{
	if (units > ctx->units) {
		ctx->units = 0;
		return false;
	}
	ctx->units -= units;
	return true;
}

/* cel_equal() and cel_map_find() with charging; when the units run out they say false and the
 * evaluation ends at its next step. ctx NULL: free. */
bool cel_equal_in(struct cel_ctx *ctx, struct cel_value a, struct cel_value b);
bool cel_map_find_in(struct cel_ctx *ctx, struct cel_value map, struct cel_value key,
		     struct cel_value *out);

/* 16-byte aligned scratch memory, charged by size; NULL: return cel_err_cost(). */
void *cel_alloc(struct cel_ctx *ctx, size_t size) NODISCARD;
/* n * size, overflow checked. */
void *cel_alloc_n(struct cel_ctx *ctx, size_t n, size_t size) NODISCARD;
/* A value in scratch, for cel_optional(); NULL: return cel_err_cost(). */
const struct cel_value *cel_box(struct cel_ctx *ctx, struct cel_value v) NODISCARD;
/* A string or bytes value whose text is a copy in scratch (the text is valid UTF-8 for strings). */
struct cel_value cel_string_copy(struct cel_ctx *ctx, struct str s);
struct cel_value cel_bytes_copy(struct cel_ctx *ctx, struct str s);

struct cel_value cel_err_cost(void);
/* "range error: <what>", "conversion error: <what>", ...: what is static or lives in scratch. */
struct cel_value cel_err(struct cel_ctx *ctx, enum cel_errk k, const char *what);
/* The same with a value behind it: "index out of bounds: 7", "no such key: 'x'". */
struct cel_value cel_err_value(struct cel_ctx *ctx, enum cel_errk k, const char *what,
			       struct cel_value v);
/* "no such overload: <name>(<types>)", for arguments of the wrong kind inside lists and so on. */
struct cel_value cel_err_overload(struct cel_ctx *ctx, const char *name,
				  const struct cel_value *args, size_t n);

#endif
