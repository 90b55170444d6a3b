/* bridgewatch.c - what happens to bridge and table from outside; counters; health
 *
 * Layer: host.  Input: trusted (kernel events).  Memory: stack.  Threads: control thread only.
 * Spec: S001-X-007, S001-X-008, S001-X-015, D27, OPS-EC-005, OPS-EC-006.
 *
 * Theory of operation.  Every change of nf_tables that is not ours is a reason to look.  Did it
 * name our table, is the table gone or its forward policy not drop?  When events were lost the
 * whole table is compared by its fingerprint, which was taken after our last change.  If something
 * is wrong the policy is put in place again, in one transaction, and the process that did it is
 * named in the log.  On kernels with table ownership this does not happen while we live.  The
 * quick look costs two queries, so that hosts whose firewall changes all the time do not pay.
 */
#include <linux/netfilter.h>
#include <string.h>

#include "base/clock.h"
#include "base/log.h"
#include "host/bridge.h"
#include "host/bridge_err.h"

#define RESTORE_LOGS_PER_S 20	/* a program that fights for the table must not fill the disk */

static void log_restored(const struct nft_foreign *f, uint64_t ms)
{
	struct log_line l;
	char text[160];
	struct buf b = BUF_OF(text);

	buf_printf(&b, "table inet %s was changed by ", BASETABLE_NAME);
	buf_add_escaped(&b, str_of(f->comm[0] ? f->comm : "an unknown process"), NFT_COMM_LEN);
	buf_printf(&b, " (pid %u); restored in %llu ms", f->pid, (unsigned long long)ms);
	if (!log_begin(&l, LOG_ERROR, LOG_BRIDGE, buf_c(&b)))
		return;
	log_bool(&l, "security_event", true);
	log_end(&l);
}

/* Two queries: the table is there and its forward chain drops. */
static int quick_look(struct bridge *b, bool *intact, struct err *e)
{
	uint32_t flags = 0, policy = NF_ACCEPT;
	bool present = false;

	*intact = false;
	if (nft_table_present(&b->nft, BASETABLE_NAME, &present, &flags, e) < 0)
		return bridge_nft_fail(e, "inspect table");
	if (present &&
	    nft_chain_policy(&b->nft, BASETABLE_NAME, BASETABLE_FORWARD, &policy, e) < 0 &&
	    e->code != ERR_NOT_FOUND)
		return bridge_nft_fail(e, "inspect table");
	*intact = present && policy == NF_DROP && flags == b->table.table_flags;
	return 0;
}

static int full_look(struct bridge *b, bool *intact, struct err *e)
{
	uint64_t now = 0;

	if (nft_fingerprint(&b->nft, BASETABLE_NAME, BASETABLE_BRIDGES, &now, e) < 0)
		return bridge_nft_fail(e, "inspect table");
	*intact = now != 0 && now == b->print;
	return 0;
}

int bridge_on_nft_event(struct bridge *b, bool *restored, struct err *e)
{
	uint64_t start = clock_mono_ms();
	bool intact = false;
	struct nft_foreign f;

	*restored = false;
	if (nft_events(&b->nft, BASETABLE_NAME, &f, e) < 0)
		return bridge_nft_fail(e, "read events");
	if (!b->applied || (!f.any && !f.lost && b->print))
		return 0;
	if (!f.touched && (f.lost || !b->print ? full_look : quick_look)(b, &intact, e) < 0)
		return -1;
	if (intact)
		return 0;
	b->print = 0;			/* until the policy is back, every call tries again */
	if (bridge_apply(b, b->table.drop_all, e) < 0)
		return -1;
	if (log_limited(&b->restore_log, RESTORE_LOGS_PER_S))
		log_restored(&f, clock_mono_ms() - start);
	*restored = true;
	return 0;
}

struct family {
	struct bridge *b;
	char fresh[8][RTNL_NAME_LEN];	/* new ones per event; a flood meets the prefix rows */
	unsigned cnt;
	bool configured;
};

static bool is_member(const struct basetable *t, const char *name)
{
	for (uint32_t i = 0; i < t->bridge_cnt; i++) {
		if (strcmp(t->bridges[i], name) == 0)
			return true;
	}
	return false;
}

static void look_at(void *ctx, const struct rtnl_link *l)
{
	struct family *f = ctx;

	if (!l) {
		f->cnt = 0;
		f->configured = false;
		return;
	}
	if (strcmp(l->kind, "bridge") != 0 || !bridge_is_family(f->b->conf.name, l->name))
		return;
	if (strcmp(l->name, f->b->conf.name) == 0)
		f->configured = true;
	if (!is_member(&f->b->table, l->name) && f->cnt < ARRAY_LEN(f->fresh))
		memcpy(f->fresh[f->cnt++], l->name, sizeof(l->name));
}

int bridge_on_link_event(struct bridge *b, unsigned *changed, struct err *e)
{
	struct family f = { .b = b };
	unsigned seen;

	if (rtnl_watch_read(&b->watch, &seen, e) < 0)
		return bridge_connect_fail(e);
	*changed = seen;
	if (!(seen & RTNL_LINKS_CHANGED) || !b->applied)
		return 0;
	if (rtnl_links(&b->rt, look_at, &f, e) < 0)
		return bridge_op_fail(e, "query links");
	if (b->was_up && !f.configured)
		log_msg(LOG_ERROR, LOG_BRIDGE,
			"bridge %s is gone; `outcall bridge up` makes it again", b->conf.name);
	b->was_up = f.configured;
	for (unsigned i = 0; i < f.cnt; i++) {
		if (bridge_member_add(b, f.fresh[i], e) < 0)
			return -1;
	}
	return 0;
}

static void add_counter(void *ctx, struct str comment, uint64_t packets, uint64_t bytes)
{
	struct bridge_blocked *sum = ctx;

	(void)bytes;
	if (!comment.p)
		*sum = (struct bridge_blocked){ { 0 } };
	else
		sum->count[basetable_class(comment)] += packets;
}

int bridge_blocked(struct bridge *b, struct bridge_blocked *out, struct err *e)
{
	struct bridge_blocked sum = { { 0 } };

	if (nft_counters(&b->nft, BASETABLE_NAME, add_counter, &sum, e) < 0)
		return bridge_nft_fail(e, "inspect table");
	*out = sum;
	return 0;
}

struct member_scan {
	const char *name;
	bool found;
};

static void find_member(void *ctx, struct str key)
{
	struct member_scan *s = ctx;

	if (!key.p)
		s->found = false;
	else if (key.len == RTNL_NAME_LEN && strncmp(key.p, s->name, RTNL_NAME_LEN) == 0)
		s->found = true;
}

int bridge_health(struct bridge *b, struct bridge_health *out, struct err *e)
{
	struct bridge_health h = { 0 };
	struct member_scan s = { b->conf.name, false };
	uint32_t policy = NF_ACCEPT;

	if (bridge_status(b, &h.state, e) < 0)
		return -1;
	brnf_read(&h.nf);
	if (h.state.nftables_active) {
		if (nft_chain_policy(&b->nft, BASETABLE_NAME, BASETABLE_FORWARD, &policy, e) == 0)
			h.forward_drop = policy == NF_DROP;
		if (nft_keys(&b->nft, BASETABLE_NAME, BASETABLE_BRIDGES, find_member, &s, e) == 0)
			h.member = s.found;
		h.source_check = b->applied && b->table.fib;
	}
	*out = h;
	return 0;
}
