/* cel_tagged.h - CEL values as tagged JSON ({"int":"7"}) and from plain JSON
 *
 * Layer: policy.  Memory: values read lie in the caller's arena and in the JSON text.
 * Threads: pure functions.
 * Spec: S003-IF-011 (cel eval), S003 section 3.12.
 *
 * Tags: null, bool, int, uint, double, string, bytes (hex), list, map ([[k, v], ...]), timestamp
 * and duration ([seconds, nanoseconds]), type; beyond the conformance data ip, cidr, optional (null
 * or value).
 */
#ifndef OC_POLICY_CEL_TAGGED_H
#define OC_POLICY_CEL_TAGGED_H

#include "policy/cel.h"
#include "wire/json.h"
#include "wire/jsonw.h"

int cel_tagged_read(struct json_val v, struct arena *a, struct cel_value *out,
		    struct err *e) NODISCARD;
/* An object: variable name to tagged value; JSON_NONE is none. */
int cel_tagged_bindings(struct json_val v, struct arena *a, const struct cel_binding **out,
			size_t *cnt, struct err *e) NODISCARD;
/* Plain JSON as run.context has it: null, bool, string, list, map; numbers become int when integral
 * and in range, else uint when they fit, else double (S003 section 1.4). */
int cel_json_read(struct json_val v, struct arena *a, struct cel_value *out,
		  struct err *e) NODISCARD;
/* v must not be an error. */
void cel_tagged_write(struct jsonw *w, struct cel_value v);

#endif
