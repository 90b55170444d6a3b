/* rtnl.c - links, bridge ports, addresses and routes of the network namespace we are in
 *
 * Layer: sys.  Input: trusted (the kernel), length-checked.  Memory: stack.  Threads: one owner.
 * Spec: S001-FR-001, S001-FR-002, S001-FR-003, S001-X-010, operations section 16.
 */
#include "sys/rtnl.h"

#include <errno.h>
#include <net/if.h>
#include <poll.h>
#include <string.h>
#include <sys/socket.h>

#include "base/clock.h"

#include <linux/if_addr.h>
#include <linux/if_link.h>
#include <linux/neighbour.h>
#include <linux/rtnetlink.h>
#include <linux/veth.h>

/* Payload of a request: aligned for netlink headers. */
union request {
	struct nlmsghdr nlh;
	char bytes[NL_REQUEST_LEN];
};

int rtnl_open(struct rtnl *r, struct err *e)
{
	return nl_open(&r->nl, NETLINK_ROUTE, e);
}

void rtnl_close(struct rtnl *r)
{
	nl_close(&r->nl);
}

static struct nlmsghdr *link_request(struct rtnl *r, union request *req, uint16_t type,
				     uint16_t flags, int index)
{
	struct nlmsghdr *nlh = nl_begin(&r->nl, req, type, flags);
	struct ifinfomsg *ifi = mnl_nlmsg_put_extra_header(nlh, sizeof(*ifi));

	ifi->ifi_index = index;
	return nlh;
}

/* The kind, and for a bridge port its isolated flag. */
static void parse_linkinfo(const struct nlattr *info, struct rtnl_link *l)
{
	const struct nlattr *tb[IFLA_INFO_MAX + 1];
	const struct nlattr *port[IFLA_BRPORT_MAX + 1];
	char slave_kind[RTNL_NAME_LEN];
	uint8_t isolated;

	if (!info || !nl_attrs_nested(info, tb, IFLA_INFO_MAX))
		return;
	if (!nl_get_name(tb[IFLA_INFO_KIND], l->kind, sizeof(l->kind)))
		l->kind[0] = '\0';
	if (!nl_get_name(tb[IFLA_INFO_SLAVE_KIND], slave_kind, sizeof(slave_kind)) ||
	    strcmp(slave_kind, "bridge") != 0)
		return;
	if (nl_attrs_nested(tb[IFLA_INFO_SLAVE_DATA], port, IFLA_BRPORT_MAX) &&
	    nl_get_u8(port[IFLA_BRPORT_ISOLATED], &isolated))
		l->isolated = isolated != 0;
}

static bool parse_link(const struct nlmsghdr *nlh, struct rtnl_link *l)
{
	const struct nlattr *tb[IFLA_MAX + 1];
	struct ifinfomsg ifi;
	uint32_t master;

	*l = (struct rtnl_link){ 0 };
	if (nlh->nlmsg_type != RTM_NEWLINK || mnl_nlmsg_get_payload_len(nlh) < sizeof(ifi))
		return false;
	memcpy(&ifi, mnl_nlmsg_get_payload(nlh), sizeof(ifi));
	if (!nl_attrs(nlh, sizeof(ifi), tb, IFLA_MAX))
		return false;
	if (!nl_get_name(tb[IFLA_IFNAME], l->name, sizeof(l->name)) || ifi.ifi_index <= 0)
		return false;
	l->index = ifi.ifi_index;
	l->flags = ifi.ifi_flags;
	if (nl_get_u32(tb[IFLA_MASTER], &master) && master <= INT32_MAX)
		l->master = (int)master;
	if (tb[IFLA_ADDRESS] && mnl_attr_get_payload_len(tb[IFLA_ADDRESS]) == sizeof(l->mac))
		memcpy(l->mac, mnl_attr_get_payload(tb[IFLA_ADDRESS]), sizeof(l->mac));
	parse_linkinfo(tb[IFLA_LINKINFO], l);
	return true;
}

static int take_link(void *ctx, const struct nlmsghdr *nlh, struct err *e)
{
	struct rtnl_link *out = ctx;

	if (!nlh) {
		*out = (struct rtnl_link){ 0 };
		return 0;
	}
	if (!parse_link(nlh, out))
		return err_set(e, ERR_PROTO, "malformed link message from the kernel");
	return 0;
}

static int get_link(struct rtnl *r, struct nlmsghdr *nlh, struct rtnl_link *out, struct err *e)
{
	struct rtnl_link l;

	if (nl_request(&r->nl, nlh, take_link, &l, e) < 0) {
		if (e->sys == ENODEV)
			e->code = ERR_NOT_FOUND;
		return -1;
	}
	if (l.index == 0)
		return err_set(e, ERR_PROTO, "no link in the kernel's answer");
	*out = l;
	return 0;
}

int rtnl_link_by_name(struct rtnl *r, const char *name, struct rtnl_link *out, struct err *e)
{
	union request req;
	struct nlmsghdr *nlh = link_request(r, &req, RTM_GETLINK, 0, 0);

	mnl_attr_put_strz(nlh, IFLA_IFNAME, name);
	mnl_attr_put_u32(nlh, IFLA_EXT_MASK, RTEXT_FILTER_SKIP_STATS);
	return get_link(r, nlh, out, e);
}

int rtnl_link_by_index(struct rtnl *r, int index, struct rtnl_link *out, struct err *e)
{
	union request req;

	return get_link(r, link_request(r, &req, RTM_GETLINK, 0, index), out, e);
}

struct link_dump {
	rtnl_link_fn *fn;
	void *ctx;
};

static int dump_link(void *ctx, const struct nlmsghdr *nlh, struct err *e)
{
	const struct link_dump *d = ctx;
	struct rtnl_link l;

	if (!nlh) {
		d->fn(d->ctx, NULL);
		return 0;
	}
	if (!parse_link(nlh, &l))
		return err_set(e, ERR_PROTO, "malformed link message from the kernel");
	d->fn(d->ctx, &l);
	return 0;
}

int rtnl_links(struct rtnl *r, rtnl_link_fn *fn, void *ctx, struct err *e)
{
	struct link_dump d = { fn, ctx };
	union request req;
	struct nlmsghdr *nlh = link_request(r, &req, RTM_GETLINK, NLM_F_DUMP, 0);

	mnl_attr_put_u32(nlh, IFLA_EXT_MASK, RTEXT_FILTER_SKIP_STATS);
	return nl_request(&r->nl, nlh, dump_link, &d, e);
}

struct addr_dump {
	rtnl_addr_fn *fn;
	void *ctx;
};

static int dump_addr(void *ctx, const struct nlmsghdr *nlh, struct err *e)
{
	const struct addr_dump *d = ctx;
	const struct nlattr *tb[IFA_MAX + 1];
	const struct nlattr *ip;
	struct ifaddrmsg ifa;
	struct rtnl_addr a = { 0 };

	if (!nlh) {
		d->fn(d->ctx, NULL);
		return 0;
	}
	if (nlh->nlmsg_type != RTM_NEWADDR || mnl_nlmsg_get_payload_len(nlh) < sizeof(ifa) ||
	    !nl_attrs(nlh, sizeof(ifa), tb, IFA_MAX))
		return err_set(e, ERR_PROTO, "malformed address message from the kernel");
	memcpy(&ifa, mnl_nlmsg_get_payload(nlh), sizeof(ifa));
	/* On a point-to-point link IFA_ADDRESS is the far end; IFA_LOCAL is ours. */
	ip = tb[IFA_LOCAL] ? tb[IFA_LOCAL] : tb[IFA_ADDRESS];
	if (ip && ifa.ifa_family == AF_INET && mnl_attr_get_payload_len(ip) == 4)
		a.ip = ip_from_bytes4(mnl_attr_get_payload(ip));
	else if (ip && ifa.ifa_family == AF_INET6 && mnl_attr_get_payload_len(ip) == 16)
		a.ip = ip_from_bytes16(mnl_attr_get_payload(ip));
	else
		return 0;
	a.index = (int)ifa.ifa_index;
	a.bits = ifa.ifa_prefixlen;
	d->fn(d->ctx, &a);
	return 0;
}

int rtnl_addrs(struct rtnl *r, rtnl_addr_fn *fn, void *ctx, struct err *e)
{
	struct addr_dump d = { fn, ctx };
	union request req;
	struct nlmsghdr *nlh = nl_begin(&r->nl, &req, RTM_GETADDR, NLM_F_DUMP);

	mnl_nlmsg_put_extra_header(nlh, sizeof(struct ifaddrmsg));
	return nl_request(&r->nl, nlh, dump_addr, &d, e);
}

/* Locally administered, made from the name: a bridge that is made again is the same neighbour. */
static void mac_of_name(const char *name, uint8_t mac[6])
{
	static const uint64_t seed[2] = { 0, 0 };	/* the name is no secret */
	uint64_t h = str_hash(str_of(name), seed);

	mac[0] = 0x02;
	for (unsigned i = 1; i < 6; i++)
		mac[i] = (uint8_t)(h >> (8 * i));
}

int rtnl_bridge_add(struct rtnl *r, const char *name, struct err *e)
{
	uint8_t mac[6];
	union request req;
	struct nlmsghdr *nlh = link_request(r, &req, RTM_NEWLINK, NLM_F_CREATE | NLM_F_EXCL, 0);
	struct nlattr *info;

	mnl_attr_put_strz(nlh, IFLA_IFNAME, name);
	mac_of_name(name, mac);
	mnl_attr_put(nlh, IFLA_ADDRESS, sizeof(mac), mac);
	info = mnl_attr_nest_start(nlh, IFLA_LINKINFO);
	mnl_attr_put_strz(nlh, IFLA_INFO_KIND, "bridge");
	mnl_attr_nest_end(nlh, info);
	return nl_request(&r->nl, nlh, NULL, NULL, e);
}

int rtnl_veth_add(struct rtnl *r, const struct rtnl_veth *v, struct err *e)
{
	union request req;
	struct nlmsghdr *nlh = link_request(r, &req, RTM_NEWLINK, NLM_F_CREATE | NLM_F_EXCL, 0);
	struct nlattr *info, *data, *peer;

	mnl_attr_put_strz(nlh, IFLA_IFNAME, v->name);
	info = mnl_attr_nest_start(nlh, IFLA_LINKINFO);
	mnl_attr_put_strz(nlh, IFLA_INFO_KIND, "veth");
	data = mnl_attr_nest_start(nlh, IFLA_INFO_DATA);
	peer = mnl_attr_nest_start(nlh, VETH_INFO_PEER);
	mnl_nlmsg_put_extra_header(nlh, sizeof(struct ifinfomsg));
	mnl_attr_put_strz(nlh, IFLA_IFNAME, v->peer_name);
	if (v->peer_ns_fd >= 0)
		mnl_attr_put_u32(nlh, IFLA_NET_NS_FD, (uint32_t)v->peer_ns_fd);
	else
		mnl_attr_put_u32(nlh, IFLA_NET_NS_PID, (uint32_t)v->peer_pid);
	mnl_attr_nest_end(nlh, peer);
	mnl_attr_nest_end(nlh, data);
	mnl_attr_nest_end(nlh, info);
	return nl_request(&r->nl, nlh, NULL, NULL, e);
}

int rtnl_link_del(struct rtnl *r, int index, struct err *e)
{
	union request req;

	return nl_request(&r->nl, link_request(r, &req, RTM_DELLINK, 0, index), NULL, NULL, e);
}

int rtnl_set_up(struct rtnl *r, int index, bool up, struct err *e)
{
	union request req;
	struct nlmsghdr *nlh = link_request(r, &req, RTM_NEWLINK, 0, index);
	struct ifinfomsg *ifi = mnl_nlmsg_get_payload(nlh);

	ifi->ifi_change = IFF_UP;
	ifi->ifi_flags = up ? IFF_UP : 0;
	return nl_request(&r->nl, nlh, NULL, NULL, e);
}

int rtnl_pin_mac(struct rtnl *r, const struct rtnl_link *l, struct err *e)
{
	union request req;
	struct nlmsghdr *nlh = link_request(r, &req, RTM_NEWLINK, 0, l->index);

	mnl_attr_put(nlh, IFLA_ADDRESS, sizeof(l->mac), l->mac);
	return nl_request(&r->nl, nlh, NULL, NULL, e);
}

int rtnl_set_master(struct rtnl *r, int index, int master, struct err *e)
{
	union request req;
	struct nlmsghdr *nlh = link_request(r, &req, RTM_NEWLINK, 0, index);

	mnl_attr_put_u32(nlh, IFLA_MASTER, (uint32_t)master);
	return nl_request(&r->nl, nlh, NULL, NULL, e);
}

int rtnl_set_isolated(struct rtnl *r, int index, struct err *e)
{
	union request req;
	struct nlmsghdr *nlh = link_request(r, &req, RTM_SETLINK, 0, index);
	struct ifinfomsg *ifi = mnl_nlmsg_get_payload(nlh);
	struct rtnl_link l;
	struct nlattr *port;

	ifi->ifi_family = AF_BRIDGE;
	port = mnl_attr_nest_start(nlh, IFLA_PROTINFO);
	mnl_attr_put_u8(nlh, IFLA_BRPORT_ISOLATED, 1);
	mnl_attr_nest_end(nlh, port);
	if (nl_request(&r->nl, nlh, NULL, NULL, e) < 0)
		return -1;
	if (rtnl_link_by_index(r, index, &l, e) < 0)
		return -1;
	if (!l.isolated) {
		err_set(e, ERR_UNAVAILABLE, "%s", strerror(EOPNOTSUPP));
		e->sys = EOPNOTSUPP;
		return -1;
	}
	return 0;
}

static void put_ip4(struct nlmsghdr *nlh, uint16_t type, struct ip ip)
{
	size_t len;
	const uint8_t *b = ip_bytes(&ip, &len);

	mnl_attr_put(nlh, type, len, b);
}

int rtnl_addr_add(struct rtnl *r, int index, struct ip ip, uint8_t bits, struct err *e)
{
	union request req;
	struct nlmsghdr *nlh = nl_begin(&r->nl, &req, RTM_NEWADDR, NLM_F_CREATE | NLM_F_REPLACE);
	struct ifaddrmsg *ifa = mnl_nlmsg_put_extra_header(nlh, sizeof(*ifa));

	if (!ip.v4 || bits > 32)
		return err_set(e, ERR_INVALID, "not an IPv4 address with prefix");
	ifa->ifa_family = AF_INET;
	ifa->ifa_prefixlen = bits;
	ifa->ifa_index = (uint32_t)index;
	put_ip4(nlh, IFA_LOCAL, ip);
	put_ip4(nlh, IFA_ADDRESS, ip);
	if (bits < 31) {
		uint32_t host = bits == 0 ? UINT32_MAX : UINT32_MAX >> bits;

		put_ip4(nlh, IFA_BROADCAST, ip_v4(ip_to_v4(ip) | host));
	}
	return nl_request(&r->nl, nlh, NULL, NULL, e);
}

static struct nlmsghdr *route_request(struct rtnl *r, union request *req, uint8_t bits,
				      uint8_t scope)
{
	struct nlmsghdr *nlh = nl_begin(&r->nl, req, RTM_NEWROUTE, NLM_F_CREATE | NLM_F_REPLACE);
	struct rtmsg *rtm = mnl_nlmsg_put_extra_header(nlh, sizeof(*rtm));

	rtm->rtm_family = AF_INET;
	rtm->rtm_dst_len = bits;
	rtm->rtm_table = RT_TABLE_MAIN;
	rtm->rtm_protocol = RTPROT_BOOT;
	rtm->rtm_scope = scope;
	rtm->rtm_type = RTN_UNICAST;
	return nlh;
}

int rtnl_route_link(struct rtnl *r, int index, struct ip dst, struct err *e)
{
	union request req;
	struct nlmsghdr *nlh = route_request(r, &req, 32, RT_SCOPE_LINK);

	if (!dst.v4)
		return err_set(e, ERR_INVALID, "not an IPv4 address");
	put_ip4(nlh, RTA_DST, dst);
	mnl_attr_put_u32(nlh, RTA_OIF, (uint32_t)index);
	return nl_request(&r->nl, nlh, NULL, NULL, e);
}

int rtnl_route_default(struct rtnl *r, int index, struct ip gateway, struct err *e)
{
	union request req;
	struct nlmsghdr *nlh = route_request(r, &req, 0, RT_SCOPE_UNIVERSE);

	if (!gateway.v4)
		return err_set(e, ERR_INVALID, "not an IPv4 address");
	put_ip4(nlh, RTA_GATEWAY, gateway);
	mnl_attr_put_u32(nlh, RTA_OIF, (uint32_t)index);
	return nl_request(&r->nl, nlh, NULL, NULL, e);
}

static struct nlmsghdr *neigh_request(struct rtnl *r, union request *req, uint16_t type,
				      uint16_t flags, int index)
{
	struct nlmsghdr *nlh = nl_begin(&r->nl, req, type, flags);
	struct ndmsg *nd = mnl_nlmsg_put_extra_header(nlh, sizeof(*nd));

	nd->ndm_family = AF_INET;
	nd->ndm_ifindex = index;
	return nlh;
}

static int take_neigh(void *ctx, const struct nlmsghdr *nlh, struct err *e)
{
	struct ndmsg nd;

	(void)e;
	if (nlh && mnl_nlmsg_get_payload_len(nlh) >= sizeof(nd)) {
		memcpy(&nd, mnl_nlmsg_get_payload(nlh), sizeof(nd));
		*(uint16_t *)ctx = nd.ndm_state;
	}
	return 0;
}

/* Has the kernel ask for the address now, and looks a moment later. */
static int ask_neighbour(struct rtnl *r, int index, struct ip ip, uint16_t *state, struct err *e)
{
	union request req;
	struct nlmsghdr *nlh = neigh_request(r, &req, RTM_NEWNEIGH, NLM_F_CREATE, index);

	((struct ndmsg *)mnl_nlmsg_get_payload(nlh))->ndm_flags = NTF_USE;
	put_ip4(nlh, NDA_DST, ip);
	if (nl_request(&r->nl, nlh, NULL, NULL, e) < 0)
		return -1;
	(void)poll(NULL, 0, 1);
	nlh = neigh_request(r, &req, RTM_GETNEIGH, 0, index);
	put_ip4(nlh, NDA_DST, ip);
	return nl_request(&r->nl, nlh, take_neigh, state, e);
}

int rtnl_wait_neighbour(struct rtnl *r, int index, struct ip ip, unsigned wait_ms, struct err *e)
{
	uint64_t deadline = clock_mono_ms() + wait_ms;
	union request req;

	while (clock_mono_ms() < deadline) {
		uint16_t state = NUD_NONE;
		struct nlmsghdr *nlh;

		if (ask_neighbour(r, index, ip, &state, e) < 0 && e->sys != ENOENT)
			return -1;
		if (state & (NUD_REACHABLE | NUD_STALE | NUD_DELAY | NUD_PROBE))
			return 0;
		/* The kernel repeats a lost question after a second: forget it, ask anew. */
		(void)poll(NULL, 0, 4);
		nlh = neigh_request(r, &req, RTM_DELNEIGH, 0, index);
		put_ip4(nlh, NDA_DST, ip);
		if (nl_request(&r->nl, nlh, NULL, NULL, e) < 0 && e->sys != ENOENT)
			return -1;
	}
	return err_set(e, ERR_TIMEOUT, "the gateway does not answer");
}

int rtnl_watch_open(struct rtnl *r, struct err *e)
{
	if (nl_open(&r->nl, NETLINK_ROUTE, e) < 0)
		return -1;
	if (nl_join(&r->nl, RTNLGRP_LINK, e) < 0 || nl_join(&r->nl, RTNLGRP_IPV4_IFADDR, e) < 0) {
		nl_close(&r->nl);
		return -1;
	}
	return 0;
}

static unsigned change_of(uint16_t type)
{
	if (type == RTM_NEWLINK || type == RTM_DELLINK)
		return RTNL_LINKS_CHANGED;
	if (type == RTM_NEWADDR || type == RTM_DELADDR)
		return RTNL_ADDRS_CHANGED;
	return 0;
}

int rtnl_watch_read(struct rtnl *r, unsigned *changed, struct err *e)
{
	unsigned seen = 0;

	for (;;) {
		const struct nlmsghdr *nlh;
		size_t got;
		int left;

		if (nl_recv(&r->nl, 0, &got, e) < 0) {
			if (e->sys != ENOBUFS)
				return -1;
			seen |= RTNL_LINKS_CHANGED | RTNL_ADDRS_CHANGED;
			continue;
		}
		if (got == 0)
			break;
		nlh = (const struct nlmsghdr *)(const void *)r->nl.rbuf;
		left = (int)got;
		for (; mnl_nlmsg_ok(nlh, left); nlh = mnl_nlmsg_next(nlh, &left))
			seen |= change_of(nlh->nlmsg_type);
	}
	*changed = seen;
	return 0;
}
