/* re.h - regular expressions in RE2 syntax: does a text contain a match? (linear time)
 *
 * Layer: policy.  Memory: arenas of the caller.  Threads: a compiled expression may be shared.
 */
#ifndef OC_POLICY_RE_H
#define OC_POLICY_RE_H

#include "base/arena.h"
#include "base/err.h"

#define RE_MAX_PATTERN 4096	/* bytes */

struct re;

enum re_answer {
	RE_NO = 0,
	RE_YES,
	RE_LIMIT,	/* the cost or the scratch memory is used up: nothing is known */
};

/* Compiles pattern into a, for many searches. Working memory is mapped and given back.
 * ERR_INVALID: "invalid regular expression: <detail>", also of one beyond the limits of S003 3.10;
 * ERR_LIMIT: no memory left for it; ERR_NOMEM. */
int re_compile(struct arena *a, struct str pattern, const struct re **out, struct err *e);

/* Compiles into scratch for one search, maps nothing: quicker to make, slower to use. Its cost is
 * taken from *cost_left: that of the pattern before it begins, that of its classes and its program
 * behind; ERR_LIMIT when it is used up. */
int re_compile_once(struct arena *scratch, struct str pattern, uint64_t *cost_left,
		    const struct re **out, struct err *e);

/* Whether subject (UTF-8; a byte outside of a valid sequence counts as U+FFFD) contains a match.
 * Takes its cost from *cost_left before it begins: one unit per 16 bytes, or program size times
 * bytes / 64 for the few expressions without a table. scratch must be a fixed arena and is given
 * back. */
enum re_answer re_search(const struct re *re, struct str subject, struct arena *scratch,
			 uint64_t *cost_left);

/* Size of the program in instructions; 0 if none runs, for a literal or a table. */
uint32_t re_prog_len(const struct re *re);

#endif
