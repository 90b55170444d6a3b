/* main.c - the operator's command line: finds the verb, checks its options, runs it
 *
 * Layer: applets (outcall).  Input: argv.  Memory: one process-lifetime arena.  Threads: one.
 * Spec: S000 section 8, operations section 3, D12.
 */
#include <stdlib.h>
#include <string.h>

#include "applets.h"
#include "outcall/verbs.h"
#include "proto/consts.h"
#include "proto/paths.h"

#define ARENA_MAX ((size_t)256 << 20)

static void print_verb_line(FILE *out, const struct verb *v)
{
	char text[64];
	struct buf b = BUF_OF(text);

	buf_printf(&b, "%s%s%s%s%s", v->group, v->name ? " " : "", v->name ? v->name : "",
		   v->operands[0] ? " " : "", v->operands);
	fprintf(out, "  %-32s %s\n", buf_c(&b), v->help);
}

static void usage(FILE *out)
{
	fprintf(out,
		"Usage: outcall [--socket PATH] COMMAND [OPTIONS]\n"
		"\n"
		"Confines programs and lets out only what the rules allow.  First steps:\n"
		"  sudo outcalld &                          start the daemon (rules: /etc/outcall/rules.d)\n"
		"  sudo outcall jail --name ci -- npm ci    run a program confined, as yourself\n"
		"  sudo outcall events --follow             watch what it may and may not reach\n"
		"\n"
		"Commands:\n");
	for (size_t i = 0; i < cli_verb_count; i++)
		print_verb_line(out, &cli_verbs[i]);
	fprintf(out, "\nOptions of every command:\n");
	opts_print(out, cli_options, CLI_OPTION_COUNT, CLI_GLOBAL);
	fprintf(out,
		"\nExit status: 0 done, 1 failed, 2 bad command line; jail: that of the command.\n"
		"outcall COMMAND --help shows the options of one command.\n");
}

static void usage_of(FILE *out, const struct verb *v)
{
	fprintf(out, "Usage: outcall %s%s%s%s%s%s\n\n%s.\n\nOptions:\n", v->group,
		v->name ? " " : "", v->name ? v->name : "", v->options ? " [OPTIONS]" : "",
		v->operands[0] ? " " : "", v->operands, v->help);
	opts_print(out, cli_options, CLI_OPTION_COUNT, v->options | CLI_GLOBAL);
}

/* A bad command line: the reason, where to read on, exit status 2. */
static int refuse(const struct verb *v, const char *text)
{
	fprintf(stderr, "Error: %s\n", text);
	if (v)
		usage_of(stderr, v);
	else
		fprintf(stderr,
			"Usage: outcall [--socket PATH] COMMAND [OPTIONS]; outcall --help lists the commands.\n");
	return USAGE_EXIT_CODE;
}

/* The verb that the operands name, and how many of them it takes. */
static const struct verb *find_verb(const struct opts_found *f, int *words)
{
	const struct verb *alone = NULL;

	for (size_t i = 0; i < cli_verb_count; i++) {
		const struct verb *v = &cli_verbs[i];

		if (f->operand_cnt == 0 || f->after_dashes == 0 ||
		    strcmp(f->operands[0], v->group) != 0)
			continue;
		if (!v->name) {
			alone = v;
			continue;
		}
		if (f->operand_cnt > 1 && f->after_dashes != 1 &&
		    strcmp(f->operands[1], v->name) == 0) {
			*words = 2;
			return v;
		}
	}
	*words = 1;
	return alone;
}

static int unknown_verb(const struct opts_found *f)
{
	const char *names[64];
	char text[256];
	struct buf b = BUF_OF(text);
	const char *near;
	size_t n = 0;
	bool group = false;

	for (size_t i = 0; i < cli_verb_count && n < ARRAY_LEN(names); i++)
		if (strcmp(cli_verbs[i].group, f->operands[0]) == 0)
			group = true;
	for (size_t i = 0; i < cli_verb_count && n < ARRAY_LEN(names); i++)
		if (!group ||
		    (strcmp(cli_verbs[i].group, f->operands[0]) == 0 && cli_verbs[i].name))
			names[n++] = group ? cli_verbs[i].name : cli_verbs[i].group;
	if (group && f->operand_cnt < 2) {
		buf_printf(&b, "%s needs a subcommand:", f->operands[0]);
		for (size_t i = 0; i < n; i++)
			buf_printf(&b, "%s %s", i ? "," : "", names[i]);
		return refuse(NULL, buf_c(&b));
	}
	near = opts_nearest(f->operands[group], names, n);
	buf_printf(&b, "unknown command \"%.60s%s%.60s\"", f->operands[0], group ? " " : "",
		   group ? f->operands[1] : "");
	if (near)
		buf_printf(&b, "; did you mean %s%s%s?", group ? f->operands[0] : "",
			   group ? " " : "", near);
	return refuse(NULL, buf_c(&b));
}

/* NULL, or why the options and operands do not fit the verb. */
static const char *misfit(const struct verb *v, const struct opts_found *f, int words, char *text,
			  size_t cap)
{
	uint64_t extra = f->seen & ~(v->options | CLI_GLOBAL);
	struct buf b = buf_on(text, cap);
	int given = f->operand_cnt - words;

	for (unsigned i = 0; i < CLI_OPTION_COUNT; i++)
		if (extra & OPTS_BIT(i)) {
			buf_printf(&b, "%s%s%s takes no option --%s", v->group, v->name ? " " : "",
				   v->name ? v->name : "", cli_options[i].name);
			return buf_c(&b);
		}
	if (v->needs_dashes && f->after_dashes != words)
		return given || f->after_dashes >= 0 ? "the command to run stands behind --"
						     : "no command to run; it stands behind --";
	if (given < v->min_operands) {
		buf_printf(&b, "%s is missing", v->operands);
		return buf_c(&b);
	}
	if (given > v->max_operands) {
		buf_printf(&b, "unexpected argument \"%.60s\"",
			   f->operands[words + v->max_operands]);
		return buf_c(&b);
	}
	return NULL;
}

int outcall_main(int argc, char **argv)
{
	struct cli cli = { .socket = DEFAULT_HOST_SOCKET };
	struct opts_found found;
	const struct verb *v;
	const char *why;
	char text[256];
	struct err e;
	int words;

	if (opts_parse(cli_options, CLI_OPTION_COUNT, &cli, argc, argv, &found, &e) < 0)
		return refuse(NULL, e.msg);
	if (cli.version) {
		printf("outcall %s\n", OC_VERSION);
		return 0;
	}
	v = find_verb(&found, &words);
	if (cli.help || found.operand_cnt == 0) {
		if (v)
			usage_of(stdout, v);
		else
			usage(stdout);
		return 0;
	}
	if (!v)
		return unknown_verb(&found);
	why = misfit(v, &found, words, text, sizeof(text));
	if (why)
		return refuse(v, why);
	cli.operands = found.operands + words;
	cli.operand_cnt = found.operand_cnt - words;
	arena_init(&cli.arena, ARENA_MAX);
	return v->run(&cli);
}
