/* opts.h - command-line options as tables: parsing, range checks, usage text, completion
 *
 * Layer: applets.  Memory: values point into argv.  Threads: start only.
 * Spec: S000 section 9 (a bad value or an option given twice is an error), D12.
 */
#ifndef OC_OPTS_H
#define OC_OPTS_H

#include <stdio.h>

#include "base/err.h"

enum opt_kind {
	OPT_FLAG = 0,	/* bool */
	OPT_TEXT,	/* const char * */
	OPT_NUMBER,	/* uint64_t, within [min, max] */
	OPT_CHOICE,	/* unsigned: index into choices */
};

struct opt {
	const char *name;		/* without the dashes */
	char letter;			/* 0: none */
	enum opt_kind kind;
	size_t offset;			/* of the value in the caller's struct */
	const char *arg;		/* name of the value in the help */
	const char *help;		/* the default stands in the text */
	uint64_t min, max;
	const char *const *choices;	/* NULL-terminated */
	const char *alias;		/* second name, not in the help */
};

#define OPTS_MAX 64

/* Which options of a table a verb takes: bit i = entry i. */
#define OPTS_ALL UINT64_MAX
#define OPTS_BIT(i) (UINT64_C(1) << (i))

struct opts_found {
	/* moved to the front of argv, behind the program name; NULL at the end */
	char **operands;
	int operand_cnt;
	int after_dashes;	/* index of the first operand behind "--", or -1 without "--" */
	uint64_t seen;		/* options that were given */
};

/* Parses argv[1..]. Options come before operands or between them; "--" ends them. Values that were
 * not given stay as they are. The error is a clause for the usage line. */
int opts_parse(const struct opt *table, size_t count, void *into, int argc, char **argv,
	       struct opts_found *found, struct err *e) NODISCARD;

/* "  --name <arg>   help" lines, aligned and wrapped. */
void opts_print(FILE *out, const struct opt *table, size_t count, uint64_t allowed);

/* The nearest of the given names if it is near enough to be a typing mistake, else NULL. */
const char *opts_nearest(const char *word, const char *const *names, size_t count);

#endif
