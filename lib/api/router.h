/* router.h - method and path to route; query and path parameters
 *
 * Layer: api.  Input: hostile.  Memory: the caller's.  Threads: pure functions.
 * Spec: S000 section 7, operations section 4 (routes are matched per method), S010-O-021.
 */
#ifndef OC_API_ROUTER_H
#define OC_API_ROUTER_H

#include "base/err.h"
#include "wire/shape.h"

#define API_QUERY_MAX 12	/* parameters of one request */

struct api_request;

/* A stable name of a request that is answered later; stale when the connection is gone. */
struct api_ref {
	uint32_t slot, gen;
};

typedef void api_fn(struct api_request *rq);
typedef void api_gone_fn(void *world, struct api_ref ref);

struct api_route {
	const char *method;		/* "GET", "POST" */
	/* the last or an inner segment may be "{}": one parameter */
	const char *path;
	api_fn *run;
	const struct json_shape *body;	/* of a POST; NULL: no members allowed */
	const char *const *query;	/* names allowed, NULL at the end; NULL: none */
	/* the peer of a pending or held request went away; may be NULL */
	api_gone_fn *gone;
};

struct api_routes {
	const struct api_route *v;
	size_t cnt;
};

enum route_found { ROUTE_UNKNOWN = 0, ROUTE_OTHER_METHOD, ROUTE_FOUND };

/* Looks path up as it was sent: no decoding, no normalisation. Among the routes of the method a
 * fixed path wins over a parameter. *param is the raw segment. allow (for 405) lists the methods
 * that the path has, comma separated. */
enum route_found route_find(const struct api_routes *routes, struct str method, struct str path,
			    const struct api_route **out, struct str *param, struct buf *allow);

struct api_query {
	struct {
		struct str name, value;
	} v[API_QUERY_MAX];
	size_t cnt;
};

/* Splits and decodes a query string into memory of out; every name must be in allowed, none twice.
 * The message of *e is `invalid query parameter "<name>"`. */
int query_parse(struct str query, const char *const *allowed, struct arena *a,
		struct api_query *out, struct err *e) NODISCARD;
/* False when absent. */
bool query_get(const struct api_query *q, const char *name, struct str *value);

/* Percent-decodes into the arena: broken escapes, NUL and bytes that are no UTF-8 are refused. */
bool percent_decode(struct str raw, struct arena *a, struct str *out) NODISCARD;

#endif
