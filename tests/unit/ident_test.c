/* ident_test.c - the index of identities under scripted events
 *
 * Spec: S013 (IP -> container or jail) and its acceptance, S008-X-003, S008-X-005, S008-X-009, S013-EC-007,
 * S013-EC-009, S015-X-005.
 */
#include "t.h"

#include "base/log.h"
#include "host/ident.h"

static struct jails jails;
static struct ident_index ix;
static char gone[512];

static void note_gone(void *ctx, const struct ident_container *c)
{
	struct buf b = BUF_OF(gone);
	(void)ctx;
	b.len = strlen(gone);
	buf_printf(&b, "%s ", c->name);
	(void)buf_c(&b);
}

static void begin(void)
{
	struct err e;
	OK(log_set_levels(STR("error"), &e) == 0);
	memset(&jails, 0, sizeof(jails));
	ident_fini(&ix);
	EQ(ident_init(&ix, &jails, &e), 0);
	gone[0] = '\0';
}

/* A container on the network of its label, with the address 10.200.0.<last>; its id is made of one digit. */
static struct docker_container container(char digit, const char *name, uint32_t last)
{
	struct docker_container c = { .managed = true, .running = true, .attached = true, .network_cnt = 1 };
	memset(c.id, digit, PROCID_LEN);
	snprintf(c.name, sizeof(c.name), "%s", name);
	snprintf(c.network, sizeof(c.network), "outcall-default");
	if (last)
		c.addrs[c.addr_cnt++] = ip_v4(0x0ac80000 + last);
	return c;
}

static void jail(const char *name, uint32_t last)
{
	struct jail *j = &jails.slots[jails.cnt++];
	snprintf(j->id, sizeof(j->id), "jail-0000000%u", jails.cnt % 10);
	snprintf(j->name, sizeof(j->name), "%s", name);
	j->addr = ip_v4(0x0ac80000 + last);
}

static void replace(struct docker_container *v, size_t cnt)
{
	const struct docker_list l = { v, cnt };
	ident_replace(&ix, &l);
	ident_sweep(&ix, note_gone, NULL);
}

/* agent.name of 10.200.0.<last> by the index and by the table of the workers, which must agree; "-": nobody's,
 * "!": cannot be told, or claimed by two. */
static const char *who(uint32_t last)
{
	static char agent[AGENT_NAME_MAX + 1];
	struct ip addr = ip_v4(0x0ac80000 + last);
	struct idtab *t = ident_table(&ix);
	const struct ident *in_table = idtab_find(t, addr);
	struct ident owner;
	enum ident_result r = ident_owner(&ix, addr, &owner);
	EQ(r == IDENT_OWNER, in_table != NULL);
	if (in_table) {
		STR_EQ(owner.agent, in_table->agent);
		STR_EQ(owner.id, in_table->id);
		snprintf(agent, sizeof(agent), "%s", owner.agent);
	} else {
		snprintf(agent, sizeof(agent), "%s", r == IDENT_ERROR ? "!" : "-");
	}
	snap_put(&t->snap);
	return agent;
}

T(names_are_derived_for_containers_and_not_for_jails)	/* S013 AS-001, AS-002 */
{
	begin();
	struct docker_container v[] = { container('1', "foobar-1", 2), container('2', "foobar-2", 3),
					container('3', "bar-1", 4) };
	jail("ci-1", 130);
	replace(v, 3);
	STR_EQ(who(2), "foobar");
	STR_EQ(who(3), "foobar");
	STR_EQ(who(4), "bar");
	STR_EQ(who(130), "ci-1");
	STR_EQ(who(5), "-");
	EQ(ident_count(&ix), 3);
}

T(without_an_engine_jails_work)
{
	begin();
	jail("ci", 130);
	STR_EQ(who(130), "ci");
	STR_EQ(who(2), "-");	/* at once: S013-FR-007 */
	OK(!ident_begin_list(&ix, 5));
}

T(until_the_first_list_containers_are_refused)	/* S013-EC-009 */
{
	begin();
	jail("ci", 130);
	ident_reset(&ix, IDENT_CONNECTING, "");
	STR_EQ(who(2), "!");
	STR_EQ(who(130), "ci");
	ident_reset(&ix, IDENT_AWAY, "it hangs");
	STR_EQ(who(2), "!");
	STR_EQ(who(130), "ci");
	OK(!ident_begin_list(&ix, 5));
	struct docker_container v[] = { container('1', "a", 2) };
	replace(v, 1);
	STR_EQ(who(2), "a");
}

T(an_address_claimed_twice_is_nobodys)	/* S015-X-005, S008-X-009 */
{
	begin();
	struct docker_container v[] = { container('1', "a", 2), container('2', "b", 2), container('3', "c", 3),
					container('4', "d", 130) };
	jail("ci", 130);
	replace(v, 4);
	STR_EQ(who(2), "!");
	STR_EQ(who(3), "c");
	STR_EQ(who(130), "!");
	ident_remove(&ix, v[1].id);
	STR_EQ(who(2), "a");
}

T(faults_concern_one_container)
{
	begin();
	struct docker_container v[] = { container('1', "nolabel", 2), container('2', "elsewhere", 0),
					container('3', "two-nets", 4), container('4', "ci", 5),
					container('5', "good", 6), container('6', "stopped", 0) };
	jail("ci", 130);
	v[0].network[0] = '\0';
	v[1].attached = false;
	v[2].network_cnt = 2;
	v[5].running = false;
	replace(v, 6);
	STR_EQ(who(2), "-");
	STR_EQ(who(4), "-");
	STR_EQ(who(5), "-");	/* a jail has the name: a name means one of them */
	STR_EQ(who(6), "good");
	EQ(ident_count(&ix), 1);
	OK(ident_by_name(&ix, STR("two-nets")) != NULL);
	OK(ident_by_name(&ix, STR("stopped")) == NULL);
	STR_EQ(gone, "");
	v[2].network_cnt = 1;	/* disconnect */
	ident_update(&ix, &v[2]);
	ident_sweep(&ix, note_gone, NULL);
	STR_EQ(who(4), "two-nets");
}

T(starts_and_ends)
{
	begin();
	struct docker_container v[] = { container('1', "a-1", 2) };
	replace(v, 1);
	struct docker_container b = container('2', "b", 3);
	b.addrs[b.addr_cnt++] = ip_v4(0x0ac80004);
	ident_update(&ix, &b);
	STR_EQ(who(3), "b");
	STR_EQ(who(4), "b");
	STR_EQ(who(2), "a");
	ident_remove(&ix, b.id);	/* all its addresses */
	STR_EQ(who(3), "-");
	STR_EQ(who(4), "-");
	STR_EQ(gone, "");
	ident_sweep(&ix, note_gone, NULL);
	STR_EQ(gone, "b ");
	ident_sweep(&ix, note_gone, NULL);	/* once */
	STR_EQ(gone, "b ");
	v[0].running = false;		/* inspected, and not running any more */
	v[0].addr_cnt = 0;
	ident_update(&ix, &v[0]);
	ident_sweep(&ix, note_gone, NULL);
	STR_EQ(who(2), "-");
	STR_EQ(gone, "b a-1 ");
}

T(a_container_that_lost_its_label_is_dropped)
{
	begin();
	struct docker_container v[] = { container('1', "a", 2) };
	replace(v, 1);
	v[0].managed = false;
	ident_update(&ix, &v[0]);
	STR_EQ(who(2), "-");
}

T(the_same_name_or_id_replaces)
{
	begin();
	struct docker_container v[] = { container('1', "a", 2) };
	replace(v, 1);
	struct docker_container again = container('2', "a", 3);	/* made anew under its name */
	ident_update(&ix, &again);
	ident_sweep(&ix, note_gone, NULL);
	STR_EQ(who(2), "-");
	STR_EQ(who(3), "a");
	STR_EQ(gone, "a ");
	again = container('2', "renamed", 3);
	ident_update(&ix, &again);
	ident_sweep(&ix, note_gone, NULL);
	STR_EQ(who(3), "renamed");
	again = container('2', "renamed", 9);	/* restarted with another address */
	ident_update(&ix, &again);
	ident_sweep(&ix, note_gone, NULL);
	STR_EQ(who(3), "-");
	STR_EQ(who(9), "renamed");
	STR_EQ(gone, "a a renamed ");
	ident_update(&ix, &again);	/* no change: nothing ends */
	ident_sweep(&ix, note_gone, NULL);
	STR_EQ(gone, "a a renamed ");
}

T(after_a_loss_nothing_is_answered_from_memory)
{
	begin();
	struct docker_container v[] = { container('1', "a", 2), container('2', "b", 3) };
	jail("ci", 130);
	replace(v, 2);
	ident_reset(&ix, IDENT_AWAY, "gone");
	STR_EQ(who(2), "!");
	STR_EQ(who(3), "!");
	STR_EQ(who(130), "ci");
	EQ(ident_count(&ix), 0);
	ident_sweep(&ix, note_gone, NULL);
	STR_EQ(gone, "");
	replace(&v[1], 1);	/* a has ended meanwhile */
	STR_EQ(who(2), "-");
	STR_EQ(who(3), "b");
	STR_EQ(gone, "a ");
}

T(a_list_that_is_older_than_an_event_is_thrown_away)
{
	begin();
	struct docker_container v[] = { container('1', "a", 2), container('2', "b", 3) };
	const struct docker_list both = { v, 2 }, none = { v, 0 };
	replace(v, 2);
	OK(ident_begin_list(&ix, 10000));
	ident_remove(&ix, v[0].id);	/* while the call is under way */
	OK(!ident_take_list(&ix, &both, 10001));
	STR_EQ(who(2), "-");
	OK(ident_begin_list(&ix, 10002));
	ident_update(&ix, &v[0]);
	OK(!ident_take_list(&ix, &none, 10003));
	STR_EQ(who(2), "a");
	OK(ident_begin_list(&ix, 10004));
	ident_reset(&ix, IDENT_AWAY, "");
	OK(!ident_take_list(&ix, &both, 10005));
	STR_EQ(who(2), "!");
}

T(one_call_at_a_time_and_one_a_second)	/* S013-EC-007 */
{
	begin();
	struct docker_container v[] = { container('1', "a", 2) };
	const struct docker_list l = { v, 1 };
	replace(v, 0);
	OK(ident_begin_list(&ix, 5000));
	OK(!ident_begin_list(&ix, 5000));
	OK(!ident_begin_list(&ix, 9000));
	OK(ident_take_list(&ix, &l, 9000));
	STR_EQ(who(2), "a");
	OK(!ident_begin_list(&ix, 9999));	/* the answer holds for 1 s */
	OK(ident_begin_list(&ix, 10000));
	OK(ident_take_list(&ix, NULL, 10001));	/* failed: nothing changes, and not at once again */
	STR_EQ(who(2), "a");
	OK(!ident_begin_list(&ix, 10500));
	ident_remove(&ix, "other");		/* an event came: what was not there may be there now */
	OK(ident_begin_list(&ix, 10501));
}

T(the_index_has_a_limit)
{
	begin();
	struct docker_container c = container('0', "x", 2);
	const struct docker_list none = { &c, 0 };
	ident_replace(&ix, &none);
	for (unsigned i = 0; i < DOCKER_CONTAINERS_MAX + 1; i++) {
		snprintf(c.id, sizeof(c.id), "%064x", i);
		snprintf(c.name, sizeof(c.name), "c%u", i);
		c.addrs[0] = ip_v4(0x0ac80000 + i);
		ident_update(&ix, &c);
	}
	EQ(ident_count(&ix), DOCKER_CONTAINERS_MAX);
	STR_EQ(who(4095), "c4095");
	STR_EQ(who(4096), "-");
	for (unsigned i = 0; i < 10000; i++) {	/* warm look-ups ask nobody */
		struct ident owner;
		EQ(ident_owner(&ix, ip_v4(0x0ac80000 + i % 4096), &owner), IDENT_OWNER);
	}
}
