/* cmd_completion.c - outcall completion bash|zsh: a script made from the tables of verbs.c
 *
 * Layer: applets (outcall).  Input: argv.  Memory: static tables.  Threads: one.
 * Spec: operations section 3.
 */
#include <string.h>

#include "outcall/verbs.h"

static bool first_of_group(size_t i)
{
	for (size_t k = 0; k < i; k++)
		if (strcmp(cli_verbs[k].group, cli_verbs[i].group) == 0)
			return false;
	return true;
}

static void print_words(const char *group)
{
	for (size_t i = 0; i < cli_verb_count; i++) {
		const struct verb *v = &cli_verbs[i];

		if (!group && first_of_group(i))
			printf(" %s", v->group);
		else if (group && strcmp(v->group, group) == 0 && v->name)
			printf(" %s", v->name);
	}
}

static void print_options(const char *group)
{
	uint64_t options = CLI_GLOBAL;

	for (size_t i = 0; i < cli_verb_count; i++)
		if (strcmp(cli_verbs[i].group, group) == 0)
			options |= cli_verbs[i].options;
	for (unsigned i = 0; i < CLI_OPTION_COUNT; i++)
		if (options & OPTS_BIT(i))
			printf(" --%s", cli_options[i].name);
}

static void print_bash(void)
{
	printf("_outcall() {\n"
	       "\tlocal cur=${COMP_WORDS[COMP_CWORD]} words\n"
	       "\tcase ${COMP_CWORD}:${COMP_WORDS[1]} in\n"
	       "\t1:*) words=\"");
	print_words(NULL);
	printf(" --socket --help --version\" ;;\n");
	for (size_t i = 0; i < cli_verb_count; i++) {
		if (!first_of_group(i))
			continue;
		printf("\t*:%s) words=\"", cli_verbs[i].group);
		print_words(cli_verbs[i].group);
		print_options(cli_verbs[i].group);
		printf("\" ;;\n");
	}
	printf("\tesac\n"
	       "\tCOMPREPLY=($(compgen -W \"$words\" -- \"$cur\"))\n"
	       "}\n"
	       "complete -o default -F _outcall outcall\n");
}

int cmd_completion(struct cli *cli)
{
	if (strcmp(cli->operands[0], "zsh") == 0) {
		printf("#compdef outcall\nautoload -U +X bashcompinit && bashcompinit\n");
	} else if (strcmp(cli->operands[0], "bash") != 0) {
		fprintf(stderr, "Error: no completion for \"%s\"; there is one for bash and zsh\n",
			cli->operands[0]);
		return 2;
	}
	print_bash();
	return 0;
}
