/* bridge.c - the managed bridge, its address, and the base packet policy in the kernel
 *
 * Layer: host.  Input: trusted.  Memory: the caller's struct.  Threads: control thread only.
 * Spec: S001-FR-001 ... FR-011, S001-FR-018, S001-FR-019, S001-X-001 ..., D16.
 *
 * Theory of operation.  `up` makes the link, its address, the br_netfilter switches and the table,
 * in this order; each step is repeatable, a step that fails leaves the earlier ones, and a table
 * that stands is only ever replaced by a whole new one in one transaction.  Names of bridges enter
 * the set before their link exists and leave it after the link is gone.  The way down is the other
 * way round: links first, table last, so that no live bridge is ever without a policy.
 */
#include "host/bridge.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/netfilter.h>
#include <net/if.h>
#include <string.h>
#include <unistd.h>

#include "base/log.h"
#include "host/bridge_err.h"
#include "sys/sandbox.h"

/* --- errors (S001 section 3) ------------------------------------------------------------- */

int bridge_connect_fail(struct err *e)
{
	return err_ctx(e, "netlink connection failed");
}

int bridge_op_fail(struct err *e, const char *step)
{
	int sys = e->sys;

	if (e->code == ERR_TIMEOUT)
		return err_set(e, ERR_TIMEOUT, "bridge operation failed: %s timed out", step);
	if (sys) {
		err_set(e, e->code, "bridge operation failed: %s: %s", step, strerror(sys));
		e->sys = sys;
		return -1;
	}
	return err_ctx(e, "bridge operation failed: %s", step);
}

int bridge_nft_fail(struct err *e, const char *step)
{
	if (e->code == ERR_TIMEOUT)
		return err_set(e, ERR_TIMEOUT, "nftables operation failed: %s timed out", step);
	if (e->sys == EPERM && !sandbox_has_cap(CAP_NET_ADMIN))
		return err_set(e, ERR_DENIED, "nftables operation failed: permission denied; "
			       "root or CAP_NET_ADMIN is required");
	if (e->sys == EPERM)
		return err_set(e, ERR_CONFLICT,
			       "nftables operation failed: table inet %s is owned by "
			       "another process; is another outcalld running?",
			       BASETABLE_NAME);
	/* Without nfnetlink there is no such socket; without nf_tables the batch has no taker. */
	if (e->sys == EPROTONOSUPPORT || e->sys == EOPNOTSUPP)
		return err_set(e, ERR_UNAVAILABLE,
			       "nftables operation failed: kernel has no nf_tables support");
	return err_ctx(e, "nftables operation failed: %s", step);
}

static void log_step(const struct bridge *b, const char *msg, const char *name, int index)
{
	struct log_line l;

	if (!log_begin(&l, LOG_INFO, LOG_BRIDGE, msg))
		return;
	log_c(&l, "bridge", name ? name : b->conf.name);
	if (index > 0)
		log_u64(&l, "index", (uint64_t)index);
	log_end(&l);
}

/* --- names and configuration ------------------------------------------------------------- */

int bridge_name_check(struct str name, struct err *e)
{
	if (name.len < 1 || name.len > RTNL_NAME_LEN - 1)
		return err_set(e, ERR_INVALID, "bridge operation failed: bridge name must contain "
			       "1 to 15 ASCII characters");
	for (size_t i = 0; i < name.len; i++) {
		char c = name.p[i];

		if (!ascii_is_alnum(c) && c != '-' && c != '_' && c != '.')
			return err_set(e, ERR_INVALID,
				       "bridge operation failed: bridge name contains "
				       "invalid characters (allowed: alphanumeric, -, _, .)");
	}
	if (str_eq_c(name, ".") || str_eq_c(name, "..") || str_eq_c(name, "br"))
		return err_set(e, ERR_INVALID, "bridge operation failed: bridge name \"" STR_FMT
			       "\" is reserved", STR_ARG(name));
	return 0;
}

static int listener_check(const char *what, const struct endpoint *ep, struct err *e)
{
	char text[IP_TEXT_LEN];

	if (!ep->ip.v4)
		return err_set(e, ERR_INVALID,
			       "%s listener %s is IPv6, but the managed bridge only "
			       "permits IPv4 host services",
			       what, ip_text(ep->ip, text));
	if (ep->port == 0)
		return err_set(e, ERR_INVALID, "%s listener must use a fixed, non-zero port", what);
	return 0;
}

int bridge_conf_check(const struct bridge_conf *c, struct err *e)
{
	if (bridge_name_check(str_of(c->name), e) < 0 || listener_check("DNS", &c->dns, e) < 0)
		return -1;
	return c->proxy.port ? listener_check("proxy", &c->proxy, e) : 0;
}

bool bridge_is_family(const char *configured, const char *name)
{
	char prefix[RTNL_NAME_LEN];
	size_t len;

	if (strcmp(configured, name) == 0)
		return true;
	basetable_prefix(configured, prefix);
	len = strlen(prefix);
	if (strncmp(name, prefix, len) != 0 || strlen(name) != len + 6)
		return false;
	for (const char *p = name + len; *p; p++) {
		if (!ascii_is_hex_lower(*p))
			return false;
	}
	return true;
}

/* --- the table --------------------------------------------------------------------------- */

static bool table_has(const struct basetable *t, const char *name)
{
	for (uint32_t i = 0; i < t->bridge_cnt; i++) {
		if (strcmp(t->bridges[i], name) == 0)
			return true;
	}
	return false;
}

/* False when the table of names is full: the prefix rows keep such a bridge closed. */
static bool table_put(struct basetable *t, const char *name)
{
	if (table_has(t, name))
		return true;
	if (t->bridge_cnt == BASETABLE_BRIDGES_MAX)
		return false;
	memset(t->bridges[t->bridge_cnt], 0, sizeof(t->bridges[0]));
	memcpy(t->bridges[t->bridge_cnt], name, strnlen(name, sizeof(t->bridges[0]) - 1));
	t->bridge_cnt++;
	return true;
}

static void table_drop(struct basetable *t, const char *name)
{
	for (uint32_t i = 0; i < t->bridge_cnt; i++) {
		if (strcmp(t->bridges[i], name) != 0)
			continue;
		t->bridge_cnt--;
		memmove(t->bridges[i], t->bridges[i + 1],
			(t->bridge_cnt - i) * sizeof(t->bridges[0]));
		return;
	}
}

struct family_scan {
	const char *configured;
	struct basetable *table;
};

static void scan_link(void *ctx, const struct rtnl_link *l)
{
	const struct family_scan *s = ctx;

	if (l && bridge_is_family(s->configured, l->name) && strcmp(l->kind, "bridge") == 0)
		(void)table_put(s->table, l->name);
}

/* S001-X-002: configured bridge, names known already, family bridges that exist. */
static int collect_members(struct bridge *b, struct err *e)
{
	struct family_scan s = { b->conf.name, &b->table };

	(void)table_put(&b->table, b->conf.name);
	if (rtnl_links(&b->rt, scan_link, &s, e) < 0)
		return bridge_op_fail(e, "query links");
	return 0;
}

static void table_of_conf(struct bridge *b, bool drop_all)
{
	struct basetable *t = &b->table;

	basetable_prefix(b->conf.name, t->prefix);
	t->dns[0] = b->conf.dns;
	t->dns_cnt = 1;
	t->proxy[0] = b->conf.proxy;
	t->proxy_cnt = b->conf.proxy.port != 0;
	if (ip_is_zero(t->dns[0].ip))
		t->dns[0].ip = b->conf.gateway;
	if (ip_is_zero(t->proxy[0].ip))
		t->proxy[0].ip = b->conf.gateway;
	t->transparent = b->conf.transparent;
	t->reject = b->conf.reject;
	t->drop_all = drop_all;
}

/* One attempt. False: the kernel lacks something, the table was adapted, try again. */
static bool try_apply(struct bridge *b, int *rc, struct err *e)
{
	struct nft_batch batch;

	nft_begin(&batch, &b->nft, NULL);
	basetable_build(&batch, &b->table);
	*rc = nft_commit(&batch, e);
	if (*rc == 0)
		return true;
	if (batch.failed_op < 0) {
		if (e->sys == EOPNOTSUPP)
			e->sys = EPROTONOSUPPORT;
		return true;
	}
	if (b->table.table_flags && (e->sys == EINVAL || e->sys == EOPNOTSUPP)) {
		b->table.table_flags = 0;
		return false;
	}
	if (b->table.fib && e->sys == ENOENT) {
		b->table.fib = false;
		return false;
	}
	return true;
}

static int refresh_print(struct bridge *b, struct err *e)
{
	return nft_fingerprint(&b->nft, BASETABLE_NAME, BASETABLE_BRIDGES, &b->print, e);
}

int bridge_apply(struct bridge *b, bool drop_all, struct err *e)
{
	struct nft_foreign before;
	int rc = -1;

	table_of_conf(b, drop_all);
	b->table.table_flags = NFT_TABLE_OWNED;
	b->table.fib = true;
	if (collect_members(b, e) < 0)
		return -1;
	/* What happened up to here is swept away by the batch: no news afterwards. */
	if (nft_events(&b->nft, BASETABLE_NAME, &before, e) < 0)
		return bridge_nft_fail(e, "apply base policy");
	for (int i = 0; i < 3 && !try_apply(b, &rc, e); i++)
		;
	if (rc < 0)
		return bridge_nft_fail(e, "apply base policy");
	b->applied = true;
	if (!b->table.fib && !b->fib_warned) {
		log_msg(LOG_WARN, LOG_BRIDGE,
			"kernel has no nft_fib: forged source addresses are not "
			"told apart");
		b->fib_warned = true;
	}
	log_step(b, drop_all ? "drop-all policy applied" : "base policy applied", NULL, 0);
	if (refresh_print(b, e) < 0)
		return bridge_nft_fail(e, "inspect table");
	return 0;
}

static int change_member(struct bridge *b, const char *name, bool add, struct err *e)
{
	struct nft_batch batch;

	if (!b->applied)
		return 0;
	nft_begin(&batch, &b->nft, NULL);
	basetable_member(&batch, name, add);
	if (nft_commit(&batch, e) < 0 && (add || e->sys != ENOENT))
		return bridge_nft_fail(e, "update interface set");
	log_step(b, add ? "bridge added to the policy" : "bridge removed from the policy", name, 0);
	if (refresh_print(b, e) < 0)
		return bridge_nft_fail(e, "inspect table");
	return 0;
}

int bridge_member_add(struct bridge *b, const char *name, struct err *e)
{
	if (table_has(&b->table, name))
		return 0;
	if (!table_put(&b->table, name))
		return err_set(e, ERR_LIMIT, "bridge operation failed: more than %d managed "
			       "bridges", BASETABLE_BRIDGES_MAX);
	if (change_member(b, name, true, e) < 0) {
		table_drop(&b->table, name);
		return -1;
	}
	return 0;
}

int bridge_member_del(struct bridge *b, const char *name, struct err *e)
{
	if (!table_has(&b->table, name) || strcmp(name, b->conf.name) == 0)
		return 0;
	if (change_member(b, name, false, e) < 0)
		return -1;
	table_drop(&b->table, name);
	return 0;
}

/* --- sockets ----------------------------------------------------------------------------- */

int bridge_open(struct bridge *b, const struct bridge_conf *c, struct err *e)
{
	*b = (struct bridge){ .conf = *c, .rt.nl.fd = -1, .watch.nl.fd = -1,
			      .nft.ctl.fd = -1, .nft.ev.fd = -1 };
	if (bridge_name_check(str_of(c->name), e) < 0)
		return -1;
	if (rtnl_open(&b->rt, e) < 0 || rtnl_watch_open(&b->watch, e) < 0) {
		bridge_close(b);
		return bridge_connect_fail(e);
	}
	if (nft_open(&b->nft, e) < 0) {
		bridge_close(b);
		return e->sys == EPROTONOSUPPORT ? bridge_nft_fail(e, "connect")
						 : bridge_connect_fail(e);
	}
	return 0;
}

void bridge_close(struct bridge *b)
{
	rtnl_close(&b->watch);
	rtnl_close(&b->rt);
	nft_close(&b->nft);
}

/* --- up ---------------------------------------------------------------------------------- */

struct port_scan {
	int bridge;
	char foreign[RTNL_NAME_LEN];
};

static void scan_port(void *ctx, const struct rtnl_link *l)
{
	struct port_scan *s = ctx;

	if (!l)
		s->foreign[0] = '\0';
	else if (l->master == s->bridge && strcmp(l->kind, "veth") != 0 &&
		 strcmp(l->kind, "tun") != 0)
		memcpy(s->foreign, l->name, sizeof(s->foreign));
}

/* S001-X-006: row I5 would cut the operator off from the host through such a bridge. */
static int refuse_foreign_port(struct bridge *b, int index, struct err *e)
{
	struct port_scan s = { .bridge = index };

	if (rtnl_links(&b->rt, scan_port, &s, e) < 0)
		return bridge_op_fail(e, "query link by name");
	if (s.foreign[0])
		return err_set(e, ERR_CONFLICT,
			       "bridge operation failed: interface \"%s\" has foreign "
			       "port \"%s\"; refusing to take it over",
			       b->conf.name, s.foreign);
	return 0;
}

static int create_link(struct bridge *b, struct rtnl_link *l, struct err *e)
{
	bool made = true;

	if (rtnl_bridge_add(&b->rt, b->conf.name, e) < 0) {
		if (e->sys != EEXIST)
			return bridge_op_fail(e, "create bridge");
		made = false;
	}
	if (rtnl_link_by_name(&b->rt, b->conf.name, l, e) < 0)
		return err_set(e, ERR_NOT_FOUND,
			       "bridge operation failed: bridge not found after creation");
	if (made)
		log_step(b, "bridge created", NULL, l->index);
	return 0;
}

static int find_or_create(struct bridge *b, struct rtnl_link *l, struct err *e)
{
	bool found = rtnl_link_by_name(&b->rt, b->conf.name, l, e) == 0;

	if (!found && e->code != ERR_NOT_FOUND)
		return bridge_op_fail(e, "query link by name");
	if (!found && create_link(b, l, e) < 0)
		return -1;
	if (strcmp(l->kind, "bridge") != 0)
		return err_set(e, ERR_CONFLICT,
			       "bridge operation failed: interface \"%s\" exists but is "
			       "not a Linux bridge",
			       b->conf.name);
	if (!found)
		return 0;
	log_step(b, "bridge attached", NULL, l->index);
	return refuse_foreign_port(b, l->index, e);
}

void bridge_forwarding(const char *name, bool on)
{
	char path[128];
	struct buf p = BUF_OF(path);
	int fd;

	buf_printf(&p, "/proc/sys/net/ipv4/conf/%s/forwarding", name);
	fd = open(buf_c(&p), O_WRONLY | O_CLOEXEC);
	if (fd < 0 || write(fd, on ? "1" : "0", 1) != 1)
		log_msg(LOG_DEBUG, LOG_BRIDGE, "cannot switch forwarding %s on %s",
			on ? "on" : "off", name);
	if (fd >= 0)
		close(fd);
}

static int assign_address(struct bridge *b, int index, struct err *e)
{
	if (rtnl_addr_add(&b->rt, index, b->conf.gateway, b->conf.gateway_bits, e) < 0)
		return bridge_op_fail(e, "assign bridge gateway address");
	return 0;
}

int bridge_assert_address(struct bridge *b, struct err *e)
{
	struct rtnl_link l;

	if (rtnl_link_by_name(&b->rt, b->conf.name, &l, e) < 0)
		return bridge_op_fail(e, "query link by name");
	return assign_address(b, l.index, e);
}

int bridge_up(struct bridge *b, struct err *e)
{
	struct rtnl_link l;
	struct err soft;

	if (find_or_create(b, &l, e) < 0)
		return -1;
	if (rtnl_pin_mac(&b->rt, &l, e) < 0 || rtnl_set_up(&b->rt, l.index, true, e) < 0)
		return bridge_op_fail(e, "bring bridge up");
	log_step(b, "bridge up", NULL, l.index);
	b->was_up = true;
	if (assign_address(b, l.index, e) < 0)
		return -1;
	log_step(b, "bridge gateway address set", NULL, l.index);
	if (brnf_enable(!b->module_tried, &soft) < 0)
		log_msg(LOG_WARN, LOG_BRIDGE, "%s", soft.msg);
	b->module_tried = true;
	bridge_forwarding(b->conf.name, false);
	return bridge_apply(b, false, e);
}

/* --- status ------------------------------------------------------------------------------ */

int bridge_status(struct bridge *b, struct bridge_state *out, struct err *e)
{
	struct bridge_state s = { 0 };
	struct rtnl_link l;
	uint32_t flags;

	if (rtnl_link_by_name(&b->rt, b->conf.name, &l, e) == 0) {
		s.index = l.index;
		s.up = strcmp(l.kind, "bridge") == 0 && (l.flags & IFF_UP);
	} else if (e->code != ERR_NOT_FOUND) {
		return bridge_op_fail(e, "query link by name");
	}
	if (nft_table_present(&b->nft, BASETABLE_NAME, &s.nftables_active, &flags, e) < 0)
		return bridge_nft_fail(e, "inspect table");
	*out = s;
	return 0;
}

/* --- lockdown ---------------------------------------------------------------------------- */

int bridge_lockdown(const char *name, struct err *e)
{
	struct bridge_conf c = { .dns.ip.v4 = true, .proxy.ip.v4 = true, .reject = true };
	struct bridge b;
	int rc;

	if (bridge_name_check(str_of(name), e) < 0)
		return -1;
	memcpy(c.name, name, strlen(name));
	if (bridge_open(&b, &c, e) < 0)
		return -1;
	rc = bridge_apply(&b, true, e);
	bridge_close(&b);
	return rc;
}
