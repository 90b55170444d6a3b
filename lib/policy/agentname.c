/* agentname.c - agent.name of a container, from the container's name
 *
 * Layer: policy.  Input: names of containers.  Memory: none.  Threads: pure functions.
 * Spec: S013 section 1.2, S013-FR-004, S013-EC-004, S013 6.3.
 */
#include "policy/agentname.h"

#include "proto/consts.h"

#define GENERATED_HEX 8

/* Some of the generated names are all digits at their end; cutting it would part them from the rest
 * of their kind. */
static bool is_generated(struct str name)
{
	const struct str prefix = STR(CONTAINER_PREFIX);

	if (!str_starts(name, prefix) || name.len != prefix.len + GENERATED_HEX)
		return false;
	for (size_t i = prefix.len; i < name.len; i++)
		if (ascii_hex_value(name.p[i]) < 0)
			return false;
	return true;
}

struct str agentname_of(struct str name)
{
	size_t at = name.len;

	while (at > 0 && ascii_is_digit(name.p[at - 1]))
		at--;
	if (at == name.len || at == 0 || name.p[at - 1] != '-' || is_generated(name))
		return name;
	return str_first(name, at - 1);
}
