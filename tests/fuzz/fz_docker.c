/* fz_docker.c - what the Docker Engine says: lists, descriptions, events; what is taken keeps to its grammar
 *
 * Layer: tests.  Input: hostile.  Memory: an arena per run.  Threads: one.
 * Spec: S008 (Docker Engine API calls), S008-X-005.
 *
 * The first byte chooses the parser.
 */
#include <stdlib.h>
#include <string.h>

#include "base/log.h"
#include "host/ident.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len);

static void check_id(const char *id)
{
	CHECK(strlen(id) == PROCID_LEN && strspn(id, "0123456789abcdef") == PROCID_LEN);
}

static void check_container(const struct docker_container *c)
{
	static const char grammar[] =
		"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789_.-";
	check_id(c->id);
	CHECK(jail_name_ok(str_of(c->name)));
	CHECK(strspn(c->network, grammar) == strlen(c->network));
	CHECK(c->addr_cnt <= DOCKER_ADDRS_MAX && (c->addr_cnt == 0 || c->attached));
	for (uint8_t i = 0; i < c->addr_cnt; i++)
		CHECK(!ip_is_zero(c->addrs[i]));
}

static void forget(void *ctx, const struct ident_container *c)
{
	(void)ctx;
	check_id(c->id);
}

/* Whatever the list says, an address has at most one owner, and the two ways to ask agree. */
static void check_index(const struct docker_list *l)
{
	static struct jails jails;
	struct ident_index ix;
	struct ident owner;
	struct err e;
	if (ident_init(&ix, &jails, &e) < 0)
		abort();
	ident_replace(&ix, l);
	struct idtab *t = ident_table(&ix);
	CHECK(t);
	for (size_t i = 0; i < l->cnt; i++)
		for (uint8_t k = 0; k < l->v[i].addr_cnt; k++)
			CHECK((ident_owner(&ix, l->v[i].addrs[k], &owner) == IDENT_OWNER) ==
			      (idtab_find(t, l->v[i].addrs[k]) != NULL));
	snap_put(&t->snap);
	ident_replace(&ix, &(struct docker_list){ l->v, 0 });
	ident_sweep(&ix, forget, NULL);
	CHECK(ix.containers.used == 0);
	ident_fini(&ix);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len)
{
	struct docker_container c;
	struct docker_event ev;
	struct docker_list l;
	struct arena a;
	struct err e;
	if (len < 1 || len > 65536 || log_set_levels(STR("error"), &e) < 0)
		return 0;
	struct str text = str_n(data + 1, len - 1);
	arena_init(&a, (size_t)64 << 20);
	if (data[0] % 3 == 0 && docker_parse_list(text, &a, &l, &e) == 0) {
		for (size_t i = 0; i < l.cnt; i++)
			check_container(&l.v[i]);
		if (l.cnt <= 16)
			check_index(&l);
	} else if (data[0] % 3 == 1 && docker_parse_inspect(text, &a, &c, &e) == 0) {
		check_container(&c);
	} else if (data[0] % 3 == 2 && docker_parse_event(text, &a, &ev, &e) == 0) {
		if (ev.kind != DOCKER_EVENT_OTHER)
			check_id(ev.id);
	}
	arena_fini(&a);
	return 0;
}
