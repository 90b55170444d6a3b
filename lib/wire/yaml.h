/* yaml.h - YAML text -> bounded tree of nodes with positions
 *
 * Layer: wire.  Memory: the caller's arena (libyaml itself uses the heap: control thread only).
 * Spec: S003 1.2, S003-FR-018, section 5.
 *
 * A strict subset: one document, UTF-8, no anchors, aliases or tags, mapping keys are scalars and
 * occur once.  Nothing is interpreted: a scalar is its text and whether it was written plain.
 */
#ifndef OC_WIRE_YAML_H
#define OC_WIRE_YAML_H

#include "base/arena.h"
#include "base/err.h"
#include "base/str.h"

#define YAML_MAX_DEPTH 128
#define YAML_MAX_EVENTS 1000000

enum yaml_kind { YAML_SCALAR = 0, YAML_SEQ, YAML_MAP };

struct yaml_node {
	enum yaml_kind kind;
	bool plain;		/* scalar written without quotes or block indicator */
	uint32_t line, col;	/* from 1 */
	uint32_t count;		/* items of a sequence, pairs of a mapping */
	struct str text;	/* of a scalar; a NUL stands behind it */
	const struct yaml_node *child;	/* first item; in a mapping keys and values alternate */
	const struct yaml_node *next;
};

/* Parses text into *root, which is NULL when the text holds no document. name is what messages call
 * the input: "YAML parse error in <name>: <what> at line <l> column <c>"; NULL for a text without a
 * name: "YAML parse error at line <l>: <what>". */
int yaml_parse(struct str text, const char *name, struct arena *a, const struct yaml_node **root,
	       struct err *e) NODISCARD;

/* The value of key in a mapping, or NULL. */
const struct yaml_node *yaml_get(const struct yaml_node *map, const char *key);
/* A plain scalar that is empty, "~", "null", "Null" or "NULL". */
bool yaml_is_null(const struct yaml_node *n);
/* Plain "true True TRUE false False FALSE" only. */
bool yaml_bool(const struct yaml_node *n, bool *out) NODISCARD;
/* Plain integer from min to max: optional sign, decimal without leading zeros, or 0x, 0o, 0b. */
bool yaml_int(const struct yaml_node *n, int64_t min, int64_t max, int64_t *out) NODISCARD;
/* What messages call the kind of n: "a mapping", "a sequence", "text", "nothing". */
const char *yaml_kind_text(const struct yaml_node *n);

/* Sets *e to a parse error at n in the form above, code ERR_INVALID. Returns -1. */
int yaml_fail(struct err *e, const char *name, const struct yaml_node *n, const char *fmt, ...)
	PRINTF(4, 5);

#endif

