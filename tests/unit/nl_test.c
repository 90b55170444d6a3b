/* nl_test.c - attributes and errors of netlink messages, cut off at every place */
#include "t.h"

#include <errno.h>
#include <linux/netlink.h>

#include "sys/nl.h"

static struct err e;
static union {
	struct nlmsghdr nlh;
	char bytes[NL_REQUEST_LEN];
} msg;

/* As the kernel sends it: padded to a multiple of 4, so that headers are aligned. */
static struct nlmsghdr *guarded(void)
{
	return (struct nlmsghdr *)(void *)t_guarded(&msg, (msg.nlh.nlmsg_len + 3U) & ~3U);
}

T(attributes_of_every_length)
{
	const struct nlattr *tb[4];
	struct nlmsghdr *nlh = mnl_nlmsg_put_header(&msg);
	uint32_t v = 0;
	char name[8];

	mnl_attr_put_u32(nlh, 1, 7);
	mnl_attr_put_strz(nlh, 2, "veth0");
	mnl_attr_put_u8(nlh, 9, 1);			/* unknown: skipped */
	uint32_t full = nlh->nlmsg_len;
	nlh = guarded();
	OK(nl_attrs(nlh, 0, tb, 3));
	OK(nl_get_u32(tb[1], &v) && v == 7);
	OK(nl_get_name(tb[2], name, sizeof(name)));
	STR_EQ(name, "veth0");
	OK(!nl_get_name(tb[2], name, 5) && !nl_get_u32(tb[2], &v) && !nl_get_u32(tb[3], &v));
	for (uint32_t len = sizeof(*nlh); len < full; len++) {
		msg.nlh.nlmsg_len = len;
		nlh = guarded();
		if (nl_attrs(nlh, 0, tb, 3))
			(void)(nl_get_u32(tb[1], &v) && nl_get_name(tb[2], name, sizeof(name)));
	}
	OK(!nl_attrs(nlh, 4096, tb, 3));
}

T(attribute_that_claims_too_much)
{
	const struct nlattr *tb[4];
	struct nlmsghdr *nlh = mnl_nlmsg_put_header(&msg);
	struct nlattr *a = mnl_nlmsg_get_payload_tail(nlh);

	mnl_attr_put_u32(nlh, 1, 7);
	a->nla_len = 400;
	OK(!nl_attrs(guarded(), 0, tb, 3));
	a->nla_len = 2;
	OK(!nl_attrs(guarded(), 0, tb, 3));
	OK(!nl_attrs_nested(NULL, tb, 3));
}

T(lists)
{
	struct nlmsghdr *nlh = mnl_nlmsg_put_header(&msg);
	struct nlattr *nest = mnl_attr_nest_start(nlh, 1);
	const struct nlattr *el = NULL;
	unsigned n = 0;

	for (uint32_t i = 0; i < 3; i++)
		mnl_attr_put_u32(nlh, 1, i);
	mnl_attr_nest_end(nlh, nest);
	while ((el = nl_nest_next(nest, el)) != NULL)
		n++;
	EQ(n, 3);
	nest->nla_len = (uint16_t)(nest->nla_len - 3);			/* the last one is cut */
	n = 0;
	el = NULL;
	while ((el = nl_nest_next(nest, el)) != NULL)
		n++;
	EQ(n, 2);
}

static struct nlmsghdr *error_msg(int code, const char *text)
{
	struct nlmsghdr *nlh = mnl_nlmsg_put_header(&msg);
	struct nlmsgerr *ne = mnl_nlmsg_put_extra_header(nlh, sizeof(*ne));

	nlh->nlmsg_type = NLMSG_ERROR;
	ne->error = code;
	ne->msg.nlmsg_len = sizeof(ne->msg);
	if (text) {
		nlh->nlmsg_flags |= NLM_F_ACK_TLVS | NLM_F_CAPPED;
		mnl_attr_put_strz(nlh, NLMSGERR_ATTR_MSG, text);
	}
	return guarded();
}

T(errors_carry_errno_and_the_kernels_words)	// S001 section 3
{
	EQ(nl_error(error_msg(0, NULL), &e), 0);
	EQ(nl_error(error_msg(-EPERM, NULL), &e), -1);
	EQ(e.sys, EPERM);
	EQ(e.code, ERR_DENIED);
	STR_EQ(e.msg, strerror(EPERM));
	EQ(nl_error(error_msg(-EINVAL, "Unknown device type"), &e), -1);
	EQ(e.sys, EINVAL);
	STR_EQ(e.msg, "Unknown device type");
	msg.nlh.nlmsg_len = NLMSG_HDRLEN + 2;		/* cut */
	EQ(nl_error(guarded(), &e), -1);
	EQ(e.sys, EPROTO);
	error_msg(-EINVAL, NULL);
	msg.nlh.nlmsg_flags = NLM_F_ACK_TLVS;		/* uncapped, with a wrong inner length */
	((struct nlmsgerr *)mnl_nlmsg_get_payload(&msg.nlh))->msg.nlmsg_len = 3;
	EQ(nl_error(guarded(), &e), -1);
	EQ(e.sys, EINVAL);
}
