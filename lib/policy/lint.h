/* lint.h - what is probably wrong with rules that load: mistakes that no error message shows
 *
 * Layer: policy.  Memory: the caller's arena.  Threads: pure functions.
 * Spec: S003 1.9 (rules lint), S003 section 2, D4.
 */
#ifndef OC_POLICY_LINT_H
#define OC_POLICY_LINT_H

#include "policy/rule.h"

enum lint_kind {
	LINT_SHADOWED = 0,	/* an earlier rule decides whenever this one could */
	LINT_NEVER_MATCHES,	/* no request makes the condition true */
	LINT_UNUSED_DEFINITION,	/* no rule leads to it */
	LINT_SUFFIX_WITHOUT_DOT,/* a test of a host that also holds for evil<host> */
	LINT_NO_HOST_TEST,	/* an allow rule that lets through every host */
	LINT_DNS_WITHOUT_HTTP,	/* a name may be looked up and then not be talked to */
	LINT_HTTP_WITHOUT_DNS,	/* the other way round */
	LINT_FAILS_WHEN_ABSENT,	/* a block rule that silently does not concern some requests */
	LINT_FAILS_WHEN_MALFORMED,	/* a block rule that decides by an error (D4) */
	LINT_KIND_COUNT
};

struct lint_finding {
	enum lint_kind kind;
	struct str file;	/* base name */
	uint32_t line;		/* where the rule or the definition begins */
	struct str name;	/* id of the rule, or name of the definition */
	struct str text;	/* what happens, and what to write instead */
};

struct lint_report {
	const struct lint_finding *v;	/* by file, line, kind */
	size_t cnt;
	bool partial;		/* the set is so large that there may be more */
};

/* Judges a loaded set. Everything in *out lies in a, the set or static memory. What is reported is
 * so; what is not reported may still be wrong. */
int lint_run(const struct ruleset *set, struct arena *a, struct lint_report *out,
	     struct err *e) NODISCARD;
/* "shadowed", "never-matches", ... */
const char *lint_kind_text(enum lint_kind kind);

#endif
