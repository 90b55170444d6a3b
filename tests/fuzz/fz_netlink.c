/* fz_netlink.c - attributes, lists and errors of netlink messages never read outside the message */
#include <string.h>

#include "sys/nl.h"

#define ATTRS 16

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void look(const struct nlattr *const tb[ATTRS + 1], unsigned depth)
{
	for (unsigned i = 0; i <= ATTRS; i++) {
		const struct nlattr *inner[ATTRS + 1];
		const struct nlattr *el = NULL;
		uint32_t v32;
		uint8_t v8;
		char name[16];

		(void)(nl_get_u32(tb[i], &v32) && nl_get_u8(tb[i], &v8));
		if (nl_get_name(tb[i], name, sizeof(name)) && strlen(name) >= sizeof(name))
			__builtin_trap();
		if (!tb[i] || depth == 3)
			continue;
		while ((el = nl_nest_next(tb[i], el)) != NULL)
			(void)nl_get_u32(el, &v32);
		if (nl_attrs_nested(tb[i], inner, ATTRS))
			look(inner, depth + 1);
	}
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	const struct nlattr *tb[ATTRS + 1];
	uint32_t aligned[1024];
	struct nlmsghdr *nlh = (struct nlmsghdr *)(void *)aligned;
	struct err e;

	if (size < 1 || size > sizeof(aligned) - sizeof(*nlh))
		return 0;
	memset(nlh, 0, sizeof(*nlh));
	memcpy(aligned + sizeof(*nlh) / 4, data, size);
	nlh->nlmsg_len = (uint32_t)(sizeof(*nlh) + size);
	nlh->nlmsg_type = NLMSG_ERROR;
	nlh->nlmsg_flags = (uint16_t)((data[0] & 1 ? NLM_F_ACK_TLVS : 0) |
				      (data[0] & 2 ? NLM_F_CAPPED : 0));
	(void)nl_error(nlh, &e);
	if (nl_attrs(nlh, data[0] & 0x3c, tb, ATTRS))
		look(tb, 0);
	return 0;
}
