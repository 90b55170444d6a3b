/* opts.c - command-line options as tables: parsing, range checks, usage text
 *
 * Layer: applets.  Input: the caller's argv.  Memory: values point into argv.  Threads: start only.
 * Spec: S000 section 9, D12.
 */
#include <string.h>

#include "base/buf.h"
#include "base/num.h"
#include "base/str.h"
#include "opts.h"

#define WORD_MAX 32

/* Edit distance of two short words, for suggestions; words beyond WORD_MAX are far from
 * everything. */
static unsigned distance(const char *a, const char *b)
{
	size_t n = strlen(a), m = strlen(b);
	unsigned row[WORD_MAX + 1];

	if (n > WORD_MAX || m > WORD_MAX)
		return UINT32_MAX;
	for (unsigned j = 0; j <= m; j++)
		row[j] = j;
	for (size_t i = 1; i <= n; i++) {
		unsigned diagonal = row[0];

		row[0] = (unsigned)i;
		for (size_t j = 1; j <= m; j++) {
			unsigned keep = diagonal + (a[i - 1] != b[j - 1]);

			diagonal = row[j];
			row[j] = MIN(keep, MIN(row[j], row[j - 1]) + 1);
		}
	}
	return row[m];
}

const char *opts_nearest(const char *word, const char *const *names, size_t count)
{
	const char *best = NULL;
	unsigned best_distance = 3;	/* more than two slips is another word */

	for (size_t i = 0; i < count; i++) {
		unsigned d = distance(word, names[i]);

		if (d < best_distance && d < strlen(names[i])) {
			best = names[i];
			best_distance = d;
		}
	}
	return best;
}

static int unknown_option(const struct opt *table, size_t count, const char *word, struct err *e)
{
	const char *names[OPTS_MAX];
	char name[WORD_MAX + 1];
	const char *near = NULL;

	for (size_t i = 0; i < count; i++)
		names[i] = table[i].name;
	if (str_starts(str_of(word), STR("--")) &&
	    str_to_c(name, sizeof(name),
		     str_first(str_from(str_of(word), 2), strcspn(word + 2, "="))))
		near = opts_nearest(name, names, count);
	if (near)
		return err_set(e, ERR_INVALID, "unknown option %s; did you mean --%s?", word, near);
	return err_set(e, ERR_INVALID, "unknown option %s", word);
}

/* The entry that word ("--name", "--name=value" or "-x") means. */
static const struct opt *match(const struct opt *table, size_t count, const char *word)
{
	struct str s = str_of(word);

	for (size_t i = 0; i < count; i++) {
		const struct opt *o = &table[i];
		struct str name;

		if (s.len == 2 && o->letter && s.p[1] == o->letter)
			return o;
		if (!str_starts(s, STR("--")))
			continue;
		name = str_from(s, 2);
		name = str_first(name, str_find_byte(name, '='));
		if (str_eq_c(name, o->name) || (o->alias && str_eq_c(name, o->alias)))
			return o;
	}
	return NULL;
}

static int store_choice(const struct opt *o, unsigned *at, const char *value, struct err *e)
{
	struct buf b;
	char list[128];

	for (unsigned i = 0; o->choices[i]; i++)
		if (strcmp(o->choices[i], value) == 0) {
			*at = i;
			return 0;
		}
	b = BUF_OF(list);
	for (unsigned i = 0; o->choices[i]; i++)
		buf_printf(&b, "%s%s", i ? ", " : "", o->choices[i]);
	return err_set(e, ERR_INVALID, "invalid --%s \"%s\": must be one of %s", o->name, value,
		       buf_c(&b));
}

static int store(const struct opt *o, void *into, const char *value, struct err *e)
{
	void *at = (char *)into + o->offset;
	uint64_t number;

	switch (o->kind) {
	case OPT_FLAG:
		*(bool *)at = true;
		return 0;
	case OPT_TEXT:
		*(const char **)at = value;
		return 0;
	case OPT_NUMBER:
		if (!num_u64(str_of(value), o->max, &number) || number < o->min)
			return err_set(e, ERR_INVALID,
				       "invalid --%s \"%s\": must be a number from %llu to %llu",
				       o->name, value, (unsigned long long)o->min,
				       (unsigned long long)o->max);
		*(uint64_t *)at = number;
		return 0;
	case OPT_CHOICE:
		return store_choice(o, at, value, e);
	}
	return err_set(e, ERR_INTERNAL, "option --%s has no kind", o->name);
}

/* Takes the option at argv[i] and its value; *used is how many words it took. */
static int take_option(const struct opt *o, void *into, char **argv, int left, int *used,
		       struct err *e)
{
	const char *value = str_starts(str_of(argv[0]), STR("--")) ? strchr(argv[0], '=') : NULL;

	*used = 1;
	if (o->kind == OPT_FLAG)
		return value ? err_set(e, ERR_INVALID, "option --%s takes no value", o->name)
			     : store(o, into, NULL, e);
	if (value)
		return store(o, into, value + 1, e);
	if (left < 2)
		return err_set(e, ERR_INVALID, "option --%s needs a value", o->name);
	*used = 2;
	return store(o, into, argv[1], e);
}

int opts_parse(const struct opt *table, size_t count, void *into, int argc, char **argv,
	       struct opts_found *found, struct err *e)
{
	struct opts_found f = { .operands = argv + 1, .after_dashes = -1 };
	int used;

	CHECK(count <= OPTS_MAX);
	for (int i = 1; i < argc; i += used) {
		const struct opt *o;

		used = 1;
		if (f.after_dashes >= 0 || argv[i][0] != '-' || argv[i][1] == '\0') {
			f.operands[f.operand_cnt++] = argv[i];
			continue;
		}
		if (strcmp(argv[i], "--") == 0) {
			f.after_dashes = f.operand_cnt;
			continue;
		}
		o = match(table, count, argv[i]);
		if (!o)
			return unknown_option(table, count, argv[i], e);
		if (f.seen & OPTS_BIT(o - table))
			return err_set(e, ERR_INVALID, "option --%s is given twice", o->name);
		f.seen |= OPTS_BIT(o - table);
		if (take_option(o, into, argv + i, argc - i, &used, e) < 0)
			return -1;
	}
	f.operands[f.operand_cnt] = NULL;	/* there is room: argv ends with one */
	*found = f;
	return 0;
}

/* Width of "  -x, --name <arg>". */
static int print_head(FILE *out, const struct opt *o)
{
	int n = 0;

	n += o->letter ? fprintf(out, "  -%c, --%s", o->letter, o->name)
		       : fprintf(out, "      --%s", o->name);
	if (o->kind == OPT_CHOICE) {
		n += fprintf(out, " ");
		for (unsigned i = 0; o->choices[i]; i++)
			n += fprintf(out, "%s%s", i ? "|" : "", o->choices[i]);
	} else if (o->kind != OPT_FLAG) {
		n += fprintf(out, " <%s>", o->arg ? o->arg : "value");
	}
	return n;
}

#define HELP_COLUMN 34
#define HELP_WIDTH 66

void opts_print(FILE *out, const struct opt *table, size_t count, uint64_t allowed)
{
	for (size_t i = 0; i < count; i++) {
		struct str rest = str_of(table[i].help);
		int at;

		if (!(allowed >> i & 1))
			continue;
		at = print_head(out, &table[i]);
		if (at >= HELP_COLUMN) {
			fprintf(out, "\n");
			at = 0;
		}
		while (rest.len) {
			struct str line = str_first(rest, HELP_WIDTH);
			size_t cut = rest.len > HELP_WIDTH ? str_rfind_byte(line, ' ') : SIZE_MAX;

			line = str_first(line, cut);
			fprintf(out, "%*s" STR_FMT "\n", HELP_COLUMN - at, "", STR_ARG(line));
			rest = str_from(rest, cut == SIZE_MAX ? line.len : cut + 1);
			at = 0;
		}
	}
}
