/* dyn.c - dynamic grants: single flows that the base policy lets through for a time
 *
 * Layer: host.  Input: trusted values (dynparse.c reads requests); addresses from DNS answers.
 * Memory: one mapping.  Threads: control thread only.
 * Spec: S009-FR-001 to -016, EC-001 to -008; S007-W-48, W-49; D8, D19.
 *
 * Theory of operation.  The records here and the elements in the kernel say the same; every step
 * changes the kernel first.  An insert whose outcome is unknown, or a grant that cannot be closed,
 * ends in the whole base policy being put in place again, which closes everything; only when that
 * succeeded are the records cleared.  A grant lives in the kernel for a lease at most and is
 * renewed while it shall live longer.  Whatever ends, ends its flows too: the base policy accepts
 * known flows.
 */
#include "host/dyn.h"

#include <netinet/in.h>
#include <string.h>

#include "base/clock.h"
#include "policy/addr.h"

#define CUT_BATCH 64		/* flows of so many grants are looked for at once */
#define REFUSED_LOGS_PER_S 20
#define ANSWER_MAX 512		/* grants of one answer: 32 addresses, 16 ports */

int dyn_init(struct dyn *d, const struct dyn_env *env, struct err *e)
{
	*d = (struct dyn){ .env = *env };
	if (arena_init_fixed(&d->mem, DYN_TOTAL_MAX * sizeof(*d->v) + 64) == 0)
		d->v = ARENA_NEW_N(&d->mem, struct dyn_grant, DYN_TOTAL_MAX);
	return d->v ? 0 : err_set(e, ERR_NOMEM, "no memory for dynamic grants");
}

void dyn_fini(struct dyn *d)
{
	if (d->v)
		arena_fini(&d->mem);
	*d = (struct dyn){ .cnt = 0 };
}

/* ---- records ---- */

static bool key_eq(const struct dyn_key *a, const struct dyn_key *b)
{
	return a->src == b->src && a->dst == b->dst && a->dst_bits == b->dst_bits &&
	       a->proto == b->proto && a->port == b->port;
}

static struct dyn_grant *find_key(const struct dyn *d, const struct dyn_key *k)
{
	for (uint32_t i = 0; i < d->cnt; i++) {
		if (key_eq(&d->v[i].key, k))
			return &d->v[i];
	}
	return NULL;
}

/* The same name, protocol and port: its address may be another by now (S009 5.3). */
static struct dyn_grant *find_name(const struct dyn *d, const struct dyn_wish *w)
{
	for (uint32_t i = 0; i < d->cnt; i++) {
		struct dyn_grant *g = &d->v[i];

		if (g->key.src == w->key.src && g->key.proto == w->key.proto &&
		    g->key.port == w->key.port && strcmp(g->destination, w->destination) == 0)
			return g;
	}
	return NULL;
}

const struct dyn_grant *dyn_find_name(const struct dyn *d, const struct dyn_wish *w)
{
	return find_name(d, w);
}

static unsigned count_of(const struct dyn *d, const char *container)
{
	unsigned n = 0;

	for (uint32_t i = 0; i < d->cnt; i++)
		n += strcmp(d->v[i].container, container) == 0;
	return n;
}

bool dyn_uses_bridge(const struct dyn *d, const char *bridge)
{
	for (uint32_t i = 0; i < d->cnt; i++) {
		if (strcmp(d->v[i].bridge, bridge) == 0)
			return true;
	}
	return false;
}

static void set_times(struct dyn_grant *g, uint32_t ttl_s, uint64_t now_ms)
{
	uint64_t lease_end = now_ms + DYN_LEASE_S * 1000;

	g->deadline_ms = ttl_s ? now_ms + ttl_s * UINT64_C(1000) : 0;
	g->lease_ms = g->deadline_ms ? MIN(g->deadline_ms, lease_end) : lease_end;
}

static int check_room(const struct dyn *d, const char *container, size_t more, struct err *e)
{
	if (count_of(d, container) + more > DYN_PER_CONTAINER)
		return err_set(e, ERR_LIMIT,
			       "dynamic rule cap exceeded for container '%s' (max %d)", container,
			       DYN_PER_CONTAINER);
	if (d->cnt + more > DYN_TOTAL_MAX)
		return err_set(e, ERR_LIMIT, "there are %d dynamic rules already", DYN_TOTAL_MAX);
	return 0;
}

/* ---- ends ---- */

static void cut(struct dyn *d, const struct dyn_key *v, size_t n)
{
	struct err e;

	if (n > 0 && d->env.cut(d->env.ctx, v, n, &e) < 0)
		log_msg(LOG_WARN, LOG_BRIDGE, "flows of ended grants may go on: %s", e.msg);
}

static void cut_all(struct dyn *d)
{
	struct dyn_key keys[CUT_BATCH];
	size_t n = 0;

	for (uint32_t i = 0; i < d->cnt; i++) {
		keys[n++] = d->v[i].key;
		if (n == CUT_BATCH || i + 1 == d->cnt) {
			cut(d, keys, n);
			n = 0;
		}
	}
}

void dyn_forget(struct dyn *d)
{
	cut_all(d);
	d->cnt = 0;
}

/* FR-014: nothing may stay open that is not wanted. why: what went wrong, for the message. */
static int emergency(struct dyn *d, const char *why, unsigned *removed, struct err *e)
{
	unsigned tracked = d->cnt;
	struct err cause;

	log_msg(LOG_ERROR, LOG_BRIDGE, "%s; the base policy is put in place again", why);
	if (d->env.reset(d->env.ctx, &cause) < 0)
		return err_set(e, cause.code,
			       "%s and emergency base-policy reset also failed: %s", why,
			       cause.msg);
	dyn_forget(d);
	*removed = tracked;
	return 0;
}

struct ending {
	bool (*ends)(const struct dyn_grant *g, const void *arg);
	const void *arg;
	const char *kind;	/* for the message: "", "expired " */
	bool tell_cause;
};

static int close_failed(struct dyn *d, const struct dyn_grant *g, const struct ending *end,
			unsigned *removed, struct err *e)
{
	unsigned long long number = g->number;
	char why[ERR_MSG_LEN];
	struct buf b = BUF_OF(why);

	log_msg(LOG_WARN, LOG_BRIDGE, "nft delete grant %llu failed: %s", number, e->msg);
	buf_printf(&b, "failed to delete %sdynamic rule %llu", end->kind, number);
	if (end->tell_cause)
		buf_printf(&b, " (%s)", e->msg);
	return emergency(d, buf_c(&b), removed, e);
}

/* Drops the records of grants that are closed, and ends their flows. */
static unsigned drop_records(struct dyn *d, const struct ending *end)
{
	struct dyn_key keys[CUT_BATCH];
	uint32_t kept = 0, before = d->cnt;
	size_t n = 0;

	for (uint32_t i = 0; i < d->cnt; i++) {
		if (!end->ends(&d->v[i], end->arg)) {
			d->v[kept++] = d->v[i];
			continue;
		}
		keys[n++] = d->v[i].key;
		if (n == CUT_BATCH) {
			cut(d, keys, n);
			n = 0;
		}
	}
	cut(d, keys, n);
	d->cnt = kept;
	return before - kept;
}

/* The grants that end are closed one by one; then their flows are cut and their records go. */
static int close_some(struct dyn *d, const struct ending *end, unsigned *removed, struct err *e)
{
	for (uint32_t i = 0; i < d->cnt; i++) {
		if (end->ends(&d->v[i], end->arg) &&
		    d->env.close(d->env.ctx, &d->v[i], e) < 0)
			return close_failed(d, &d->v[i], end, removed, e);
	}
	*removed = drop_records(d, end);
	return 0;
}

static bool is_of(const struct dyn_grant *g, const void *container)
{
	return strcmp(g->container, container) == 0;
}

int dyn_remove_container(struct dyn *d, const char *name, unsigned *removed, struct err *e)
{
	const struct ending end = { is_of, name, "", false };

	return close_some(d, &end, removed, e);
}

/* Of a source whose owner is another one than the grant's. What cannot be found out now stays. */
static bool is_stale(const struct dyn_grant *g, const void *arg)
{
	const struct dyn *d = arg;
	struct dyn_owned now;
	struct err e;

	switch (d->env.owner(d->env.ctx, ip_v4(g->key.src), &now, &e)) {
	case DYN_OWNER_ERROR:
		return false;
	case DYN_OWNER_NONE:
		return g->bridge[0] != '\0';
	case DYN_OWNER_NAMED:
		return strcmp(now.name, g->container) != 0;
	}
	return false;
}

int dyn_reconcile(struct dyn *d, unsigned *removed, struct err *e)
{
	const struct ending end = { is_stale, d, "", false };

	if (close_some(d, &end, removed, e) < 0)
		return -1;
	for (uint32_t i = 0; i < d->cnt; i++) {
		struct dyn_grant *g = &d->v[i];
		struct dyn_owned now;
		struct err ignored;

		if (!g->bridge[0] && d->env.owner(d->env.ctx, ip_v4(g->key.src), &now,
						  &ignored) == DYN_OWNER_NAMED)
			memcpy(g->bridge, now.bridge, sizeof(g->bridge));
	}
	return 0;
}

int dyn_flush(struct dyn *d, unsigned *removed, struct err *e)
{
	*removed = 0;
	if (d->cnt == 0)
		return 0;
	if (d->env.close_all(d->env.ctx, e) < 0) {
		log_msg(LOG_WARN, LOG_BRIDGE, "nft delete of all grants failed: %s", e->msg);
		return emergency(d, "failed to delete the dynamic rules", removed, e);
	}
	*removed = d->cnt;
	dyn_forget(d);
	return 0;
}

/* ---- one insert ---- */

static bool is_number(const struct dyn_grant *g, const void *number)
{
	return g->number == *(const uint64_t *)number;
}

/* Closes a grant that must not be: with the emergency when that fails. Returns -1. */
static int take_back(struct dyn *d, uint64_t number, struct err *e)
{
	const struct ending end = { is_number, &number, "unverified ", true };
	unsigned removed;
	struct err why = *e;
	struct err cause;

	if (close_some(d, &end, &removed, &cause) == 0) {
		*e = why;
		return -1;
	}
	return err_set(e, cause.code, "source ownership changed after nft insertion: %s: %s",
		       why.msg, cause.msg);
}

static bool leads_to(const struct dyn_key *k, uint32_t dst)
{
	uint32_t mask = k->dst_bits ? UINT32_MAX << (32 - k->dst_bits) : 0;

	return ((k->dst ^ dst) & mask) == 0;
}

bool dyn_opens_tcp(const struct dyn *d, struct str container, struct str host, uint16_t port)
{
	struct ip to;
	bool literal = ip_parse_v4(host, &to);

	for (uint32_t i = 0; i < d->cnt; i++) {
		const struct dyn_grant *g = &d->v[i];

		if (str_eq_c(container, g->container) &&
		    (!g->key.proto || g->key.proto == IPPROTO_TCP) &&
		    (!g->key.port || g->key.port == port) &&
		    (literal ? leads_to(&g->key, ip_to_v4(to))
			     : str_case_eq_c(host, g->destination)))
			return true;
	}
	return false;
}

static const struct dyn_grant *cover_of(const struct dyn *d, const struct dyn_key *k)
{
	for (uint32_t i = 0; i < d->cnt; i++) {
		const struct dyn_key *w = &d->v[i].key;

		if (dyn_key_is_wide(w) && w->src == k->src && w->dst_bits <= k->dst_bits &&
		    leads_to(w, k->dst) && (!w->proto || w->proto == k->proto) &&
		    (!w->port || w->port == k->port))
			return &d->v[i];
	}
	return NULL;
}

/* The kernel refused, or did not answer; *e says why. */
static int insert_failed(struct dyn *d, const struct dyn_grant *g, struct err *e)
{
	const struct dyn_grant *cover = cover_of(d, &g->key);
	unsigned removed;
	struct err cause;

	if (e->code == ERR_EXISTS && cover)
		return err_set(e, ERR_EXISTS,
			       "destination %s is already covered by active grant %llu (%s) of "
			       "container '%s'",
			       g->destination, (unsigned long long)cover->number,
			       cover->destination, cover->container);
	if (e->code != ERR_TIMEOUT)
		return err_ctx(e, "nft insert failed");
	/* EC-006: it may be open. */
	if (emergency(d, "insert dynamic nftables rule timed out after 10s", &removed, &cause) < 0)
		return err_set(e, ERR_TIMEOUT, "%s", cause.msg);
	return err_set(e, ERR_TIMEOUT, "insert dynamic nftables rule timed out after 10s");
}

static int check_owner_again(struct dyn *d, const struct dyn_grant *g, struct ip src,
			     struct err *e)
{
	char text[IP_TEXT_LEN];
	struct dyn_owned now;

	switch (d->env.owner(d->env.ctx, src, &now, e)) {
	case DYN_OWNER_ERROR:
		return -1;
	case DYN_OWNER_NONE:
		if (!g->bridge[0])
			return 0;	/* nobody's before, either */
		return err_set(e, ERR_CONFLICT,
			       "source IP %s became unassigned while inserting a rule for '%s'",
			       ip_text(src, text), g->container);
	case DYN_OWNER_NAMED:
		if (strcmp(now.name, g->container) == 0)
			return 0;
		return err_set(e, ERR_CONFLICT,
			       "src_ip %s does not belong to container '%s' (belongs to '%s')",
			       ip_text(src, text), g->container, now.name);
	}
	return -1;
}

static int renew(struct dyn *d, struct dyn_grant *g, uint32_t ttl_s, uint64_t now_ms,
		 struct err *e)
{
	struct dyn_grant fresh = *g;

	set_times(&fresh, ttl_s, now_ms);
	if (d->env.renew(d->env.ctx, &fresh, now_ms, e) < 0)
		return err_ctx(e, "nft insert failed");
	*g = fresh;
	return 0;
}

int dyn_insert(struct dyn *d, const struct dyn_wish *w, uint64_t now_ms, uint64_t *number,
	       struct err *e)
{
	uint32_t ttl_s = w->has_expires ? w->expires_s : 0;
	struct dyn_grant *g = find_name(d, w);
	struct dyn_grant fresh = { .key = w->key, .inserted_us = clock_wall_us() };
	const struct dyn_grant *one = &fresh;

	if (!g)
		g = find_key(d, &w->key);
	if (g && strcmp(g->container, w->container) != 0)
		return err_set(e, ERR_CONFLICT, "grant %llu of container '%s' opens this already",
			       (unsigned long long)g->number, g->container);
	if (g) {		/* FR-016: the operator's form wins */
		*number = g->number;
		return check_owner_again(d, g, w->src, e) < 0 ? -1 : renew(d, g, ttl_s, now_ms, e);
	}
	if (fresh.inserted_us <= 0)
		return err_set(e, ERR_UNAVAILABLE, "the system clock is not set");
	if (check_room(d, w->container, 1, e) < 0)
		return -1;
	memcpy(fresh.bridge, w->bridge, sizeof(fresh.bridge));
	memcpy(fresh.container, w->container, sizeof(fresh.container));
	memcpy(fresh.destination, w->destination, sizeof(fresh.destination));
	fresh.number = ++d->last_number;	/* used up even when the insert fails */
	set_times(&fresh, ttl_s, now_ms);
	if (d->env.open(d->env.ctx, &one, 1, now_ms, e) < 0)
		return insert_failed(d, &fresh, e);
	d->v[d->cnt++] = fresh;
	*number = fresh.number;
	if (check_owner_again(d, &fresh, w->src, e) < 0)
		return take_back(d, fresh.number, e);
	return 0;
}

/* ---- answers of the DNS filter ---- */

/* S007-W-48, W-49: what no rule can open directly. NULL: it may be. */
static const char *refusal_of(uint32_t dst, uint16_t port, struct ip gateway)
{
	static const uint32_t resolvers[] = {	/* DNS over HTTPS would pass the filter by */
		0x08080808, 0x08080404, 0x01010101, 0x01000001, 0x09090909, 0x95707070,
		0xd043dede, 0xd043dcdc, 0x5e8c0e0e, 0x5e8c0f0f,
	};
	static const uint16_t dns_ports[] = { 53, 853, 5353, 5355 };
	enum addr_class class = addr_classify(ip_v4(dst));

	if (class == ADDR_NEVER || class == ADDR_METADATA || dst >> 24 == 127 ||
	    dst >> 16 == 0xa9fe)
		return "this address is never granted";
	if (gateway.v4 && ip_to_v4(gateway) == dst)
		return "the managed gateway is never granted";
	for (size_t i = 0; i < ARRAY_LEN(dns_ports); i++) {
		if (dns_ports[i] == port)
			return "ports of name resolution are never granted";
	}
	for (size_t i = 0; port == 443 && i < ARRAY_LEN(resolvers); i++) {
		if (resolvers[i] == dst)
			return "DNS over HTTPS of a public resolver is never granted";
	}
	return NULL;
}

/* Rate-limited: whoever asks decides how often this happens. */
static void warn_refused(struct dyn *d, const struct dyn_answer *a, const struct dyn_key *key,
			 const char *why)
{
	struct log_line l;

	if (!log_limited(&d->refused_log, REFUSED_LOGS_PER_S) ||
	    !log_begin(&l, LOG_WARN, LOG_DNS, "direct grant refused"))
		return;
	log_host(&l, "hostname", str_of(a->host));
	log_c(&l, "container", a->container);
	log_ip(&l, "src", a->src);
	log_ip(&l, "dst", ip_v4(key->dst));
	log_u64(&l, "port", key->port);
	log_c(&l, "family", "ipv4");
	log_c(&l, "cause", why);
	log_end(&l);
}

struct answer_work {
	struct dyn *d;
	const struct dyn_answer *a;
	struct dyn_owned owned;
	uint64_t now_ms;
	unsigned fresh_cnt;	/* at d->v[d->cnt ...] */
	unsigned open;
};

static void add_fresh(struct answer_work *w, const struct dyn_key *key)
{
	struct dyn *d = w->d;
	struct dyn_grant *g = &d->v[d->cnt + w->fresh_cnt];
	char text[IP_TEXT_LEN] = "";
	struct err e;

	for (unsigned i = 0; i < w->fresh_cnt; i++) {
		if (key_eq(&d->v[d->cnt + i].key, key))
			return;
	}
	if (w->fresh_cnt == ANSWER_MAX ||
	    check_room(d, w->owned.name, w->fresh_cnt + (size_t)1, &e) < 0) {
		warn_refused(d, w->a, key,
			     w->fresh_cnt == ANSWER_MAX ? "too many at once" : e.msg);
		return;
	}
	*g = (struct dyn_grant){ .key = *key, .number = ++d->last_number,
				 .inserted_us = clock_wall_us() };
	memcpy(g->container, w->owned.name, sizeof(g->container));
	memcpy(g->bridge, w->owned.bridge, sizeof(g->bridge));
	memcpy(g->destination, ip_text(ip_v4(key->dst), text), sizeof(text));
	set_times(g, w->a->ttl_s, w->now_ms);
	w->fresh_cnt++;
}

/* FR-016: temporary ones get the new deadline, permanent ones stay. */
static void renew_known(struct answer_work *w, struct dyn_grant *g)
{
	uint64_t deadline_ms = w->now_ms + w->a->ttl_s * UINT64_C(1000);
	struct err e;

	/* An answer from the cache ends when the first one did. */
	if (g->deadline_ms == 0 || (g->deadline_ms <= deadline_ms + 1000 &&
				    deadline_ms <= g->deadline_ms + 1000) ||
	    renew(w->d, g, w->a->ttl_s, w->now_ms, &e) == 0)
		w->open++;
	else
		warn_refused(w->d, w->a, &g->key, e.msg);
}

static void open_fresh(struct answer_work *w)
{
	const struct dyn_grant *list[ANSWER_MAX];
	struct dyn *d = w->d;
	struct err e;

	if (w->fresh_cnt == 0)
		return;
	for (unsigned i = 0; i < w->fresh_cnt; i++)
		list[i] = &d->v[d->cnt + i];
	if (d->env.open(d->env.ctx, list, w->fresh_cnt, w->now_ms, &e) < 0) {
		(void)insert_failed(d, list[0], &e);
		for (unsigned i = 0; i < w->fresh_cnt; i++)
			warn_refused(d, w->a, &list[i]->key, e.msg);
		return;
	}
	d->cnt += w->fresh_cnt;
	w->open += w->fresh_cnt;
}

/* The source must be the asker's still, before and after (FR-012, S007-EC-X01). */
static bool owner_is(struct dyn *d, const struct dyn_answer *a, struct dyn_owned *out)
{
	struct err e;
	enum dyn_owner owner = d->env.owner(d->env.ctx, a->src, out, &e);

	return owner == DYN_OWNER_NAMED && strcmp(out->name, a->container) == 0;
}

unsigned dyn_insert_answer(struct dyn *d, const struct dyn_answer *a, struct ip gateway,
			   uint64_t now_ms)
{
	static const struct dyn_key none;
	struct answer_work w = { .d = d, .a = a, .now_ms = now_ms };
	struct dyn_owned again;
	unsigned removed;
	struct err e;

	if (a->ttl_s == 0 || !a->src.v4)
		return 0;
	if (clock_wall_us() <= 0) {
		warn_refused(d, a, &none, "the system clock is not set");
		return 0;
	}
	if (!owner_is(d, a, &w.owned)) {
		warn_refused(d, a, &none, "src_ip is not assigned to this managed container");
		return 0;
	}
	for (size_t i = 0; i < a->addr_cnt * a->port_cnt; i++) {
		struct dyn_key key = { ip_to_v4(a->src), a->addrs[i / a->port_cnt], 32, 6,
				       a->ports[i % a->port_cnt] };
		const char *why = refusal_of(key.dst, key.port, gateway);
		struct dyn_grant *known = find_key(d, &key);

		if (why)
			warn_refused(d, a, &key, why);
		else if (known && strcmp(known->container, w.owned.name) != 0)
			warn_refused(d, a, &key, "another container's grant opens this");
		else if (known)
			renew_known(&w, known);
		else
			add_fresh(&w, &key);
	}
	open_fresh(&w);
	if (w.open > 0 && !owner_is(d, a, &again)) {
		if (dyn_remove_container(d, a->container, &removed, &e) < 0)
			log_msg(LOG_ERROR, LOG_BRIDGE, "%s", e.msg);
		return 0;
	}
	return w.open;
}

/* ---- the sweep ---- */

static bool is_due(const struct dyn_grant *g, const void *now_ms)
{
	return g->lease_ms <= *(const uint64_t *)now_ms;
}

static void renew_leases(struct dyn *d, uint64_t now_ms)
{
	for (uint32_t i = 0; i < d->cnt; i++) {
		struct dyn_grant *g = &d->v[i];
		struct dyn_grant fresh = *g;
		struct err e;

		if (g->lease_ms == g->deadline_ms || g->lease_ms - now_ms >= DYN_RENEW_S * 1000)
			continue;
		fresh.lease_ms = now_ms + DYN_LEASE_S * 1000;
		if (g->deadline_ms)
			fresh.lease_ms = MIN(fresh.lease_ms, g->deadline_ms);
		if (d->env.renew(d->env.ctx, &fresh, now_ms, &e) == 0) {
			*g = fresh;
			continue;
		}
		/* Tried again by the next sweep; in the end the kernel closes it. */
		if (log_limited(&d->renew_log, 1))
			log_msg(LOG_WARN, LOG_BRIDGE, "grant %llu of %s is not renewed: %s",
				(unsigned long long)g->number, g->container, e.msg);
		if (e.code == ERR_TIMEOUT)
			return;
	}
}

int dyn_sweep(struct dyn *d, uint64_t now_ms, unsigned *removed, struct err *e)
{
	const struct ending end = { is_due, &now_ms, "expired ", false };

	if (close_some(d, &end, removed, e) < 0)
		return -1;
	renew_leases(d, now_ms);
	return 0;
}
