/* facts.c - the schema of rule conditions: names, types and places of the facts (S003 section 1.4)
 *
 * Layer: policy.  Input: trusted table.  Memory: const.  Threads: pure functions.
 * Spec: S003-IF-013, S003-FR-005, decision D4.
 */
#include "policy/facts.h"

#define F(ns, name, bit, storage, form) \
	{ #ns, #name, bit, storage, form, (uint16_t)offsetof(struct facts, ns.name) }

const struct fact_desc fact_table[FACT_FIELD_COUNT] = {
	[FACT_FIELD_NETWORK_HOSTNAME] =
		F(network, hostname, FACT_NETWORK, FACT_STR, FACT_FORM_HOST),
	[FACT_FIELD_NETWORK_IP] = F(network, ip, FACT_NETWORK, FACT_STR, FACT_FORM_ANY),
	[FACT_FIELD_NETWORK_PORT] = F(network, port, FACT_NETWORK, FACT_U16, FACT_FORM_PORT),
	[FACT_FIELD_NETWORK_PROTOCOL] =
		F(network, protocol, FACT_NETWORK, FACT_STR, FACT_FORM_PROTOCOL),
	[FACT_FIELD_HTTP_METHOD] = F(http, method, FACT_HTTP, FACT_STR, FACT_FORM_UPPER),
	[FACT_FIELD_HTTP_PATH] = F(http, path, FACT_HTTP, FACT_STR, FACT_FORM_ANY),
	[FACT_FIELD_HTTP_HOST] = F(http, host, FACT_HTTP, FACT_STR, FACT_FORM_HOST),
	[FACT_FIELD_HTTP_SCHEME] = F(http, scheme, FACT_HTTP, FACT_STR, FACT_FORM_ANY),
	[FACT_FIELD_HTTP_HEADERS] = F(http, headers, FACT_HTTP, FACT_HEADERS, FACT_FORM_ANY),
	[FACT_FIELD_HTTP_BODY_SIZE] = F(http, body_size, FACT_HTTP, FACT_U64, FACT_FORM_ANY),
	[FACT_FIELD_HTTP_BODY] = F(http, body, FACT_HTTP, FACT_BODY, FACT_FORM_ANY),
	[FACT_FIELD_DNS_QUERY] = F(dns, query, FACT_DNS, FACT_STR, FACT_FORM_HOST),
	[FACT_FIELD_DNS_RECORD_TYPE] = F(dns, record_type, FACT_DNS, FACT_STR, FACT_FORM_UPPER),
	[FACT_FIELD_DOCKER_IMAGE] = F(docker, image, FACT_DOCKER, FACT_STR, FACT_FORM_ANY),
	[FACT_FIELD_DOCKER_COMMAND] = F(docker, command, FACT_DOCKER, FACT_STRS, FACT_FORM_ANY),
	[FACT_FIELD_DOCKER_VOLUMES] = F(docker, volumes, FACT_DOCKER, FACT_STRS, FACT_FORM_ANY),
	[FACT_FIELD_DOCKER_ENV_KEYS] = F(docker, env_keys, FACT_DOCKER, FACT_STRS, FACT_FORM_ANY),
	[FACT_FIELD_DOCKER_CAPABILITIES] =
		F(docker, capabilities, FACT_DOCKER, FACT_STRS, FACT_FORM_ANY),
	[FACT_FIELD_RUN_TOOL] = F(run, tool, FACT_RUN, FACT_STR, FACT_FORM_ANY),
	[FACT_FIELD_RUN_CWD] = F(run, cwd, FACT_RUN, FACT_STR, FACT_FORM_ANY),
	[FACT_FIELD_RUN_ARGS] = F(run, args, FACT_RUN, FACT_STRS, FACT_FORM_ANY),
	[FACT_FIELD_RUN_FLAGS] = F(run, flags, FACT_RUN, FACT_STRS, FACT_FORM_ANY),
	[FACT_FIELD_RUN_CONTEXT] = F(run, context, FACT_RUN, FACT_VALUE, FACT_FORM_ANY),
	[FACT_FIELD_AGENT_NAME] = F(agent, name, FACT_AGENT, FACT_STR, FACT_FORM_ANY),
};

STATIC_ASSERT(FACT_FIELD_COUNT <= 32, "masks of fields are 32 bits");

uint32_t facts_absent(const struct facts *f)
{
	uint32_t mask = 0;

	for (unsigned i = 0; i < FACT_FIELD_COUNT; i++)
		if (!(f->present & fact_table[i].ns_bit))
			mask |= UINT32_C(1) << i;
	if (f->network.hostname.len == 0)
		mask |= UINT32_C(1) << FACT_FIELD_NETWORK_HOSTNAME;
	if (f->network.ip.len == 0)
		mask |= UINT32_C(1) << FACT_FIELD_NETWORK_IP;
	if (!f->http.has_body)
		mask |= UINT32_C(1) << FACT_FIELD_HTTP_BODY;
	return mask;
}
