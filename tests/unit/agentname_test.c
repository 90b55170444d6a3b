/* agentname_test.c - agent.name of containers: the table of the specification
 *
 * Spec: S013 section 1.2, S013 AS-007/SC-006, S013-EC-003..005.
 */
#include "policy/agentname.h"
#include "t.h"

T(the_table_of_the_specification)
{
	static const char *const cases[][2] = {
		{ "foobar-1", "foobar" },
		{ "foobar-2", "foobar" },
		{ "my-agent-12", "my-agent" },
		{ "project-001", "project" },
		{ "agent-0", "agent" },
		{ "a-1-2", "a-1" },
		{ "standalone", "standalone" },
		{ "project-final", "project-final" },
		{ "project-", "project-" },
		{ "project-1x", "project-1x" },
		{ "project1", "project1" },
		{ "1-1", "1" },
		{ "42", "42" },
		{ "", "" },
		{ "outcall-agent-a3f7b201", "outcall-agent-a3f7b201" },
		{ "outcall-agent-12345678", "outcall-agent-12345678" },
		{ "outcall-agent-1234567", "outcall-agent" },
		{ "outcall-agent-123456789", "outcall-agent" },
		{ "outcall-agent-1", "outcall-agent" },
		{ "xoutcall-agent-12345678", "xoutcall-agent" },
	};

	for (size_t i = 0; i < ARRAY_LEN(cases); i++)
		VIEW_EQ(agentname_of(str_of(cases[i][0])), cases[i][1]);
}

T(other_digits_are_no_digits)
{
	VIEW_EQ(agentname_of(STR("a-\xd9\xa1")), "a-\xd9\xa1");	/* ARABIC-INDIC DIGIT ONE */
}

T(long_names_are_not_cut)	/* S013-EC-005 */
{
	char name[AGENT_NAME_MAX + 1];

	memset(name, 'n', sizeof(name));
	name[AGENT_NAME_MAX] = '\0';
	EQ(agentname_of(str_of(name)).len, AGENT_NAME_MAX);
	name[AGENT_NAME_MAX - 2] = '-';
	name[AGENT_NAME_MAX - 1] = '7';
	EQ(agentname_of(str_of(name)).len, AGENT_NAME_MAX - 2);
}
