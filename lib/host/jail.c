/* jail.c - registry and network side of jails: name, address, link, identity of the root process
 *
 * Layer: host.  Input: requests of operators.  Memory: the caller's struct.
 * Threads: control thread only.
 * Spec: operations section 16, S002-X-009, S004-X-009, S015-X-010, OPS-EC-015, D11.
 *
 * Theory of operation.  A jail is reserved (name, id, address; peer held by a pidfd and a
 * descriptor of its network namespace), then plugged (veth pair with the far end straight in that
 * namespace, near end an isolated port of the bridge), then runs until its connection ends.  The
 * namespace comes from the connection (SIOCGSKNS), so no reuse of a PID can put the link elsewhere;
 * the pidfd is looked at again after the link was made, and a root that has ended loses it.
 */
#include "host/jail.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/sockios.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/log.h"
#include "base/num.h"
#include "base/rnd.h"
#include "sys/procid.h"

#define LINK_PREFIX "ocj"
#define ID_HEX 8
#define CHAIN_MAX 4096			/* parents followed at most: S004-X-009 */

/* --- look-ups ---------------------------------------------------------------------------- */

static bool in_use(const struct jail *j)
{
	return j->id[0] != '\0';
}

const struct jail *jail_at(const struct jails *js, uint32_t slot)
{
	return slot < JAILS_MAX && in_use(&js->slots[slot]) ? &js->slots[slot] : NULL;
}

struct jail *jail_by_name(struct jails *js, struct str name)
{
	for (uint32_t i = 0; i < JAILS_MAX; i++) {
		if (in_use(&js->slots[i]) && str_eq_c(name, js->slots[i].name))
			return &js->slots[i];
	}
	return NULL;
}

struct jail *jail_by_addr(struct jails *js, struct ip addr)
{
	for (uint32_t i = 0; i < JAILS_MAX; i++) {
		if (in_use(&js->slots[i]) && ip_eq(js->slots[i].addr, addr))
			return &js->slots[i];
	}
	return NULL;
}

struct jail *jail_by_root(struct jails *js, pid_t pid)
{
	for (uint32_t i = 0; i < JAILS_MAX; i++) {
		if (in_use(&js->slots[i]) && js->slots[i].pid == pid)
			return &js->slots[i];
	}
	return NULL;
}

static bool same_file(int a, int b)
{
	struct stat sa, sb;

	return fstat(a, &sa) == 0 && fstat(b, &sb) == 0 && sa.st_dev == sb.st_dev &&
	       sa.st_ino == sb.st_ino;
}

struct jail *jail_by_netns(struct jails *js, int ns_fd)
{
	for (uint32_t i = 0; i < JAILS_MAX; i++) {
		if (in_use(&js->slots[i]) && same_file(js->slots[i].ns_fd, ns_fd))
			return &js->slots[i];
	}
	return NULL;
}

struct jail *jail_by_conn_netns(struct jails *js, int conn_fd)
{
	int fd = ioctl(conn_fd, SIOCGSKNS);
	struct jail *j = fd < 0 ? NULL : jail_by_netns(js, fd);

	if (fd >= 0)
		close(fd);
	return j;
}

/* --- processes --------------------------------------------------------------------------- */

bool jail_is_alive(const struct jail *j)
{
	const struct procid root = { .pid = j->pid, .pidfd = j->pidfd,
				     .start_ticks = j->start_ticks };

	return procid_is_alive(&root);
}

/* Follows the parents once. *sum: a number of the whole chain, to compare two readings. */
static struct jail *walk(struct jails *js, pid_t pid, uint64_t *sum)
{
	*sum = 0;
	for (unsigned i = 0; i < CHAIN_MAX && pid > 1; i++) {
		struct jail *j = jail_by_root(js, pid);
		struct procid_stat s;

		if (j)
			return j;
		if (!procid_stat(pid, &s))
			return NULL;
		*sum = (*sum ^ (uint64_t)pid ^ s.start_ticks << 24) * UINT64_C(0x100000001b3);
		pid = s.parent;
	}
	return NULL;
}

struct jail *jail_by_process(struct jails *js, pid_t pid)
{
	uint64_t first, second;
	struct jail *j = walk(js, pid, &first);

	if (!j || !jail_is_alive(j))
		return NULL;
	return walk(js, pid, &second) == j && first == second ? j : NULL;
}

/* #syscalls openat read close fstat ioctl getsockopt poll pidfd_open getrandom */
/* --- reservation ------------------------------------------------------------------------- */

bool jail_name_ok(struct str name)
{
	if (name.len < 1 || name.len > AGENT_NAME_MAX || !ascii_is_alnum(name.p[0]))
		return false;
	for (size_t i = 1; i < name.len; i++) {
		char c = name.p[i];

		if (!ascii_is_alnum(c) && c != '.' && c != '_' && c != '-')
			return false;
	}
	return true;
}

/* id "jail-<hex>" and link "ocj<hex>", drawn again while in use. */
static int draw_id(struct jails *js, struct jail *j, struct err *e)
{
	char hex[ID_HEX + 1];
	struct buf id = buf_on(j->id, sizeof(j->id));
	struct buf link = buf_on(j->link, sizeof(j->link));
	bool taken = true;

	while (taken) {
		taken = false;
		if (rnd_hex(hex, ID_HEX / 2, e) < 0)
			return -1;
		for (uint32_t i = 0; i < JAILS_MAX; i++)
			taken |= in_use(&js->slots[i]) &&
				 memcmp(js->slots[i].id + 5, hex, ID_HEX) == 0;
	}
	buf_printf(&id, "jail-%s", hex);
	buf_printf(&link, LINK_PREFIX "%s", hex);
	buf_c(&id);
	buf_c(&link);
	return 0;
}

/* S002-X-009: the lowest free address of the upper half, gateway and broadcast excluded. */
static int pick_address(struct jails *js, const struct jail_net *net, struct ip *out, struct err *e)
{
	uint32_t first, size;

	if (!net->subnet.net.v4 || net->subnet.bits > 28 || net->subnet.bits < 8)
		return err_set(e, ERR_INVALID, "network \"%s\" has no address range for jails",
			       net->name);
	size = 1U << (32 - net->subnet.bits);
	first = ip_to_v4(cidr_masked(net->subnet));
	for (uint32_t i = size / 2; i < size - 1; i++) {
		struct ip a = ip_v4(first + i);

		if (ip_eq(a, net->gateway) || jail_by_addr(js, a))
			continue;
		*out = a;
		return 0;
	}
	return err_set(e, ERR_LIMIT, "network \"%s\" has no free address for a jail", net->name);
}

/* pid, uid, pidfd, start time of the peer of a connection. */
static int hold_peer(struct jail *j, int conn_fd, struct err *e)
{
	struct procid p;

	if (procid_hold(conn_fd, &p, e) < 0)
		return -1;
	j->pid = p.pid;
	j->uid = p.uid;
	j->pidfd = p.pidfd;
	j->start_ticks = p.start_ticks;
	return 0;
}

static int hold_namespace(struct jails *js, struct jail *j, int conn_fd, struct err *e)
{
	int own = open("/proc/self/ns/net", O_RDONLY | O_CLOEXEC);
	bool refused;

	j->ns_fd = ioctl(conn_fd, SIOCGSKNS);
	if (own < 0 || j->ns_fd < 0) {
		err_sys(e, "cannot tell the network namespace of the jail");
		if (own >= 0)
			close(own);
		return -1;
	}
	refused = same_file(own, j->ns_fd) || jail_by_netns(js, j->ns_fd);
	close(own);
	if (refused)
		return err_set(e, ERR_CONFLICT, "jail needs a network namespace of its own");
	return 0;
}

static void free_slot(struct jail *j)
{
	if (j->pidfd >= 0)
		close(j->pidfd);
	if (j->ns_fd >= 0)
		close(j->ns_fd);
	*j = (struct jail){ .pidfd = -1, .ns_fd = -1 };
}

static int fill(struct jails *js, struct jail *j, const struct jail_request *rq, struct err *e)
{
	if (hold_peer(j, rq->conn_fd, e) < 0 || hold_namespace(js, j, rq->conn_fd, e) < 0 ||
	    pick_address(js, rq->net, &j->addr, e) < 0 || draw_id(js, j, e) < 0)
		return -1;
	if (!str_to_c(j->name, sizeof(j->name), rq->name.len ? rq->name : str_of(j->id)) ||
	    !str_to_c(j->network, sizeof(j->network), str_of(rq->net->name)) ||
	    !str_to_c(j->bridge, sizeof(j->bridge), str_of(rq->net->bridge)))
		return err_set(e, ERR_INVALID, "network name is too long");
	j->gateway = rq->net->gateway;
	j->started_us = clock_wall_us();
	return 0;
}

int jail_reserve(struct jails *js, const struct jail_request *rq, struct jail **out, struct err *e)
{
	struct jail fresh = { .pidfd = -1, .ns_fd = -1 };

	if (rq->name.len && !jail_name_ok(rq->name))
		return err_set(e, ERR_INVALID,
			       "jail name must contain 1-128 ASCII letters, numbers, "
			       "dots, underscores, or hyphens and start with a letter or number");
	if (rq->name.len && jail_by_name(js, rq->name))
		return err_set(e, ERR_EXISTS, "jail \"" STR_FMT "\" is already running",
			       STR_ARG(rq->name));
	if (fill(js, &fresh, rq, e) < 0) {
		free_slot(&fresh);
		return -1;
	}
	/* Somebody may have taken the drawn id for a name. */
	if (jail_by_name(js, str_of(fresh.name))) {
		err_set(e, ERR_EXISTS, "jail \"%s\" is already running", fresh.name);
		free_slot(&fresh);
		return -1;
	}
	for (uint32_t i = 0; i < JAILS_MAX; i++) {
		if (in_use(&js->slots[i]))
			continue;
		js->slots[i] = fresh;
		js->cnt++;
		*out = &js->slots[i];
		return 0;
	}
	free_slot(&fresh);
	return err_set(e, ERR_LIMIT, "more than %d jails", JAILS_MAX);
}

void jail_release(struct jails *js, struct jail *j)
{
	if (!in_use(j))
		return;
	free_slot(j);
	js->cnt--;
}

/* --- the link ---------------------------------------------------------------------------- */

/* Port of the bridge, isolated, UP last: no frame crosses before it is isolated. */
static int plug_port(struct jail *j, struct rtnl *rt, struct err *e)
{
	struct rtnl_link bridge;

	if (rtnl_link_by_name(rt, j->bridge, &bridge, e) < 0)
		return err_ctx(e, "bridge %s", j->bridge);
	if (rtnl_set_master(rt, j->link_index, bridge.index, e) < 0)
		return err_ctx(e, "cannot plug %s into %s", j->link, j->bridge);
	if (rtnl_set_isolated(rt, j->link_index, e) < 0)
		return err_ctx(e, "cannot isolate bridge port %s", j->link);
	if (rtnl_set_up(rt, j->link_index, true, e) < 0)
		return err_ctx(e, "cannot bring %s up", j->link);
	return 0;
}

static int make_link(struct jail *j, struct rtnl *rt, struct err *e)
{
	struct rtnl_veth v = { .name = j->link, .peer_name = JAIL_INTERFACE,
			       .peer_ns_fd = j->ns_fd };
	struct rtnl_link l;

	if (rtnl_veth_add(rt, &v, e) < 0)
		return err_ctx(e, "cannot make the network interface of the jail");
	if (rtnl_link_by_name(rt, j->link, &l, e) < 0)
		return err_ctx(e, "interface %s", j->link);
	j->link_index = l.index;
	if (!jail_is_alive(j))
		return err_set(e, ERR_CONFLICT, "the process of the jail has ended");
	return 0;
}

int jail_plug(struct jail *j, struct rtnl *rt, struct err *e)
{
	if (make_link(j, rt, e) < 0 || plug_port(j, rt, e) < 0) {
		jail_unplug(j, rt);
		return -1;
	}
	return 0;
}

void jail_unplug(struct jail *j, struct rtnl *rt)
{
	struct rtnl_link l;
	struct err e;

	/* By name, not by a remembered index: the kernel may have given that to another link. */
	if ((rtnl_link_by_name(rt, j->link, &l, &e) < 0 || rtnl_link_del(rt, l.index, &e) < 0) &&
	    e.sys != ENODEV)
		log_msg(LOG_ERROR, LOG_JAIL, "cannot remove interface %s: %s", j->link, e.msg);
	j->link_index = 0;
}

int jail_replug(struct jails *js, struct rtnl *rt, const char *bridge, struct err *e)
{
	for (uint32_t i = 0; i < JAILS_MAX; i++) {
		struct jail *j = &js->slots[i];

		if (!in_use(j) || j->link_index == 0 || strcmp(j->bridge, bridge) != 0)
			continue;
		if (plug_port(j, rt, e) < 0)
			return -1;
	}
	return 0;
}

/* --- leftovers --------------------------------------------------------------------------- */

struct leftover {
	int index;
	char name[RTNL_NAME_LEN];
};

static bool is_jail_link(const struct rtnl_link *l)
{
	size_t prefix = sizeof(LINK_PREFIX) - 1;
	uint64_t v;

	return strcmp(l->kind, "veth") == 0 && strlen(l->name) == prefix + ID_HEX &&
	       strncmp(l->name, LINK_PREFIX, prefix) == 0 &&
	       num_hex(str_of(l->name + prefix), UINT32_MAX, &v);
}

static void find_leftover(void *ctx, const struct rtnl_link *l)
{
	struct leftover *f = ctx;

	if (!l) {
		f->index = 0;
	} else if (f->index == 0 && is_jail_link(l)) {
		f->index = l->index;
		memcpy(f->name, l->name, sizeof(f->name));
	}
}

int jail_remove_leftovers(struct rtnl *rt, struct err *e)
{
	for (unsigned i = 0; i < 4 * JAILS_MAX; i++) {
		struct leftover f = { 0 };

		if (rtnl_links(rt, find_leftover, &f, e) < 0)
			return err_ctx(e, "cannot look for interfaces of earlier jails");
		if (f.index == 0)
			return 0;
		if (rtnl_link_del(rt, f.index, e) < 0 && e->sys != ENODEV)
			return err_ctx(e, "cannot remove interface %s", f.name);
		log_msg(LOG_INFO, LOG_JAIL, "removed interface %s of an earlier jail", f.name);
	}
	return err_set(e, ERR_LIMIT, "too many interfaces of earlier jails");
}

/* --- lists ------------------------------------------------------------------------------- */

struct ident jail_ident(const struct jail *j)
{
	struct ident i = { .addr = j->addr };

	memcpy(i.id, j->id, sizeof(j->id));
	memcpy(i.name, j->name, sizeof(j->name));
	memcpy(i.agent, j->name, sizeof(j->name));
	return i;
}

size_t jail_idents(const struct jails *js, struct ident *out, size_t cap)
{
	size_t n = 0;

	for (uint32_t i = 0; i < JAILS_MAX && n < cap; i++)
		if (in_use(&js->slots[i]))
			out[n++] = jail_ident(&js->slots[i]);
	return n;
}

void jail_names(const struct jails *js, const char *network, struct buf *out)
{
	bool first = true;

	for (uint32_t i = 0; i < JAILS_MAX; i++) {
		const struct jail *j = &js->slots[i];

		if (!in_use(j) || (network && strcmp(j->network, network) != 0))
			continue;
		if (!first)
			buf_add_c(out, ", ");
		buf_add_c(out, j->name);
		first = false;
	}
}
