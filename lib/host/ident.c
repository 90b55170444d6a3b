/* ident.c - index of identities: source address -> managed container or jail
 *
 * Layer: host.  Input: what host/docker.c has parsed; the label of a container proves nothing about
 * its network, so both are compared.  Memory: a pool made at start.  Threads: control thread only.
 * Spec: S013 (IP -> container or jail), S008-X-003, S008-X-005, S008-X-009, S013-EC-007,
 * S013-EC-009, S015-X-005.
 *
 * Theory of operation.  A record is never changed: one that says something else than the Engine is
 * marked gone, and a new one is added.  What is gone is in no table any more and is reported once
 * by ident_sweep.  After the loss of the event stream the records stay, but answer nothing; the
 * next list tells which of them have ended.  Jails are not stored here: their registry is asked.
 */
#include "host/ident.h"

#include <string.h>

#include "base/log.h"

#define NO_LABEL "it has no network label"
#define NOT_ATTACHED "it is not attached to the network of its label"
#define TWO_NETWORKS "it is attached to more than one network"
#define NAME_OF_JAIL "a running jail has its name"

int ident_init(struct ident_index *ix, struct jails *jails, struct err *e)
{
	*ix = (struct ident_index){ .jails = jails };
	if (pool_init(&ix->containers, DOCKER_CONTAINERS_MAX, sizeof(struct ident_container)) < 0)
		return err_set(e, ERR_NOMEM, "no memory for the index of containers");
	return 0;
}

void ident_fini(struct ident_index *ix)
{
	pool_fini(&ix->containers);
}

/* ---- records ---- */

static struct ident_container *at(const struct ident_index *ix, uint32_t slot)
{
	return pool_peek(&ix->containers, slot);
}

/* The record of that slot if it is in force. */
static struct ident_container *live(const struct ident_index *ix, uint32_t slot)
{
	struct ident_container *c = at(ix, slot);

	return c && !c->gone ? c : NULL;
}

const struct ident_container *ident_by_name(const struct ident_index *ix, struct str name)
{
	for (uint32_t i = 0; i < ix->containers.fresh; i++) {
		const struct ident_container *c = live(ix, i);

		if (c && str_eq_c(name, c->name))
			return c;
	}
	return NULL;
}

const struct ident_container *ident_by_id(const struct ident_index *ix, const char *id)
{
	for (uint32_t i = 0; i < ix->containers.fresh; i++) {
		const struct ident_container *c = live(ix, i);

		if (c && strcmp(c->id, id) == 0)
			return c;
	}
	return NULL;
}

static bool has_addr(const struct ident_container *c, struct ip addr)
{
	for (uint8_t i = 0; i < c->addr_cnt; i++)
		if (ip_eq(c->addrs[i], addr))
			return true;
	return false;
}

static const char *fault_of(const struct ident_index *ix, const struct docker_container *c)
{
	if (!c->network[0])
		return NO_LABEL;
	if (!c->attached || c->addr_cnt == 0)
		return NOT_ATTACHED;
	if (c->network_cnt > 1)		/* it could go around us: S008-X-003 */
		return TWO_NETWORKS;
	return jail_by_name(ix->jails, str_of(c->name)) ? NAME_OF_JAIL : NULL;
}

static struct ident_container record_of(const struct ident_index *ix,
					const struct docker_container *c)
{
	struct ident_container r = { .addr_cnt = c->addr_cnt, .fault = fault_of(ix, c) };

	memcpy(r.id, c->id, sizeof(r.id));
	memcpy(r.name, c->name, sizeof(r.name));
	memcpy(r.addrs, c->addrs, sizeof(r.addrs));
	return r;
}

static bool same(const struct ident_container *a, const struct ident_container *b)
{
	if (strcmp(a->id, b->id) != 0 || strcmp(a->name, b->name) != 0 || a->fault != b->fault ||
	    a->addr_cnt != b->addr_cnt)
		return false;
	for (uint8_t i = 0; i < a->addr_cnt; i++)
		if (!ip_eq(a->addrs[i], b->addrs[i]))
			return false;
	return true;
}

/* An address that two claim is nobody's: idtab_new and ident_owner see to that; here it is told. */
static void tell_double(const struct ident_index *ix, const struct ident_container *fresh)
{
	struct log_line l;

	for (uint8_t a = 0; a < fresh->addr_cnt; a++) {
		const struct jail *j = jail_by_addr(ix->jails, fresh->addrs[a]);
		const char *other = j ? j->name : NULL;

		for (uint32_t i = 0; i < ix->containers.fresh && !other; i++) {
			const struct ident_container *c = live(ix, i);

			if (c && c != fresh && !c->fault && has_addr(c, fresh->addrs[a]))
				other = c->name;
		}
		if (!other || !log_begin(&l, LOG_ERROR, LOG_DOCKER_MANAGER,
					 "two claim one address: neither is served"))
			continue;
		log_ip(&l, "address", fresh->addrs[a]);
		log_c(&l, "container", fresh->name);
		log_c(&l, "other", other);
		log_end(&l);
	}
}

static void add(struct ident_index *ix, const struct ident_container *r)
{
	uint32_t slot, gen;
	struct ident_container *fresh = pool_get(&ix->containers, &slot, &gen);
	struct log_line l;

	if (!fresh) {
		log_msg(LOG_ERROR, LOG_DOCKER_MANAGER,
			"more than %d containers: \"%s\" is not served", DOCKER_CONTAINERS_MAX,
			r->name);
		return;
	}
	*fresh = *r;
	if (!r->fault)
		tell_double(ix, fresh);
	if (!log_begin(&l, r->fault ? LOG_WARN : LOG_INFO, LOG_DOCKER_MANAGER,
		       r->fault ? "container is not served" : "container is served"))
		return;
	log_c(&l, "container", r->name);
	log_c(&l, "id", r->id);
	for (uint8_t i = 0; i < r->addr_cnt; i++)
		log_ip(&l, "address", r->addrs[i]);
	if (r->fault)
		log_c(&l, "reason", r->fault);
	log_end(&l);
}

/* Names are unique with the Engine, so a record of the same name is older. */
static void put(struct ident_index *ix, const struct docker_container *c)
{
	const struct ident_container r = record_of(ix, c);
	bool known = false;

	for (uint32_t i = 0; i < ix->containers.fresh; i++) {
		struct ident_container *old = live(ix, i);

		if (!old || (strcmp(old->id, r.id) != 0 && strcmp(old->name, r.name) != 0))
			continue;
		if (same(old, &r))
			known = true;
		else
			old->gone = true;
	}
	/* A stopped one has no address, and is no fault. */
	if (!known && (c->running || c->addr_cnt > 0))
		add(ix, &r);
}

/* ---- what the Engine says ---- */

static bool is_listed(const struct docker_list *list, const char *id)
{
	for (size_t i = 0; i < list->cnt; i++)
		if (strcmp(list->v[i].id, id) == 0)
			return list->v[i].running || list->v[i].addr_cnt > 0;
	return false;
}

static void take(struct ident_index *ix, const struct docker_list *list)
{
	for (uint32_t i = 0; i < ix->containers.fresh; i++) {
		struct ident_container *c = live(ix, i);

		if (c && !is_listed(list, c->id))
			c->gone = true;
	}
	for (size_t i = 0; i < list->cnt; i++)
		put(ix, &list->v[i]);
}

void ident_replace(struct ident_index *ix, const struct docker_list *list)
{
	ix->generation++;
	ix->engine = IDENT_HEALTHY;
	take(ix, list);
}

void ident_update(struct ident_index *ix, const struct docker_container *c)
{
	ix->generation++;
	if (c->managed && (c->running || c->addr_cnt > 0))
		put(ix, c);
	else
		ident_remove(ix, c->id);
}

void ident_remove(struct ident_index *ix, const char *id)
{
	ix->generation++;
	for (uint32_t i = 0; i < ix->containers.fresh; i++) {
		struct ident_container *c = live(ix, i);

		if (c && strcmp(c->id, id) == 0)
			c->gone = true;
	}
}

void ident_reset(struct ident_index *ix, enum ident_engine state, const char *why)
{
	struct buf b = BUF_OF(ix->why);

	ix->generation++;
	ix->engine = state;
	buf_add_c(&b, why);
	(void)buf_c(&b);
}

/* ---- misses ---- */

bool ident_begin_list(struct ident_index *ix, uint64_t now_ms)
{
	bool holds = ix->list_ms && ix->list_generation == ix->generation &&
		     now_ms - ix->list_ms < IDENT_LIST_REUSE_MS;

	if (ix->engine != IDENT_HEALTHY || ix->listing || holds)
		return false;
	ix->listing = true;
	ix->list_generation = ix->generation;
	return true;
}

bool ident_take_list(struct ident_index *ix, const struct docker_list *list, uint64_t now_ms)
{
	bool fits = ix->engine == IDENT_HEALTHY && ix->list_generation == ix->generation;

	ix->listing = false;
	ix->list_ms = now_ms;
	if (fits && list)
		take(ix, list);
	return fits;
}

/* ---- who is it ---- */

static struct ident ident_of(const struct ident_container *c, struct ip addr)
{
	struct ident i = { .addr = addr };
	struct str agent = agentname_of(str_of(c->name));

	memcpy(i.id, c->id, sizeof(i.id));
	memcpy(i.name, c->name, sizeof(i.name));
	memcpy(i.agent, agent.p, agent.len);
	return i;
}

enum ident_result ident_owner(const struct ident_index *ix, struct ip addr, struct ident *out)
{
	const struct jail *j = jail_by_addr(ix->jails, addr);
	const struct ident_container *owner = NULL;
	unsigned claims = j ? 1 : 0;

	for (uint32_t i = 0; ix->engine == IDENT_HEALTHY && i < ix->containers.fresh; i++) {
		const struct ident_container *c = live(ix, i);

		if (!c || c->fault || !has_addr(c, addr))
			continue;
		claims++;
		owner = c;
	}
	if (claims == 1) {
		*out = j ? jail_ident(j) : ident_of(owner, addr);
		return IDENT_OWNER;
	}
	if (claims > 1 || ix->engine == IDENT_AWAY || ix->engine == IDENT_CONNECTING)
		return IDENT_ERROR;
	return IDENT_NOBODY;
}

unsigned ident_count(const struct ident_index *ix)
{
	unsigned n = 0;

	for (uint32_t i = 0; ix->engine == IDENT_HEALTHY && i < ix->containers.fresh; i++) {
		const struct ident_container *c = live(ix, i);

		n += c && !c->fault ? 1 : 0;
	}
	return n;
}

struct idtab *ident_table(const struct ident_index *ix)
{
	size_t cap = ix->jails->cnt + (size_t)ident_count(ix) * DOCKER_ADDRS_MAX;
	struct ident *v;
	struct idtab *t;
	struct arena a;
	size_t n;

	arena_init(&a, SIZE_MAX);
	v = ARENA_NEW_N(&a, struct ident, cap + 1);
	if (!v)
		return NULL;
	n = jail_idents(ix->jails, v, cap);
	for (uint32_t i = 0; ix->engine == IDENT_HEALTHY && i < ix->containers.fresh; i++) {
		const struct ident_container *c = live(ix, i);

		for (uint8_t k = 0; c && !c->fault && k < c->addr_cnt; k++)
			v[n++] = ident_of(c, c->addrs[k]);
	}
	t = idtab_new(v, n);
	arena_fini(&a);
	return t;
}

void ident_sweep(struct ident_index *ix, ident_gone_fn *fn, void *ctx)
{
	for (uint32_t i = 0; i < ix->containers.fresh; i++) {
		struct ident_container *c = at(ix, i);
		struct ident_container old;

		if (!c || !c->gone)
			continue;
		old = *c;
		pool_put(&ix->containers, i);
		fn(ctx, &old);
	}
}
