/* bridgedown.c - the way down: refusals, links first, table last; what shutdown leaves behind
 *
 * Layer: host.  Input: trusted.  Memory: stack.  Threads: control thread only.
 * Spec: S001-FR-009, S001-FR-010, D16.
 */
#include <errno.h>
#include <string.h>

#include "base/log.h"
#include "host/bridge.h"
#include "host/bridge_err.h"

#define VICTIMS_MAX 64

/* The bridges of the family and what is plugged into them. */
struct survey {
	const struct bridge *b;
	struct {
		int index;
		char name[RTNL_NAME_LEN];
		unsigned ports;
	} bridges[VICTIMS_MAX];
	unsigned cnt;
	unsigned ports;
	bool count_ports;
};

static void survey_bridge(struct survey *s, const struct rtnl_link *l)
{
	if (strcmp(l->kind, "bridge") != 0 || !bridge_is_family(s->b->conf.name, l->name) ||
	    s->cnt == VICTIMS_MAX)
		return;
	s->bridges[s->cnt].index = l->index;
	s->bridges[s->cnt].ports = 0;
	memcpy(s->bridges[s->cnt].name, l->name, sizeof(l->name));
	s->cnt++;
}

static void survey_port(struct survey *s, const struct rtnl_link *l)
{
	for (unsigned i = 0; i < s->cnt; i++) {
		if (l->master != s->bridges[i].index)
			continue;
		s->bridges[i].ports++;
		s->ports++;
	}
}

static void survey_link(void *ctx, const struct rtnl_link *l)
{
	struct survey *s = ctx;

	if (!l && s->count_ports) {
		s->ports = 0;
		for (unsigned i = 0; i < s->cnt; i++)
			s->bridges[i].ports = 0;
	} else if (!l) {
		s->cnt = 0;
	} else if (s->count_ports) {
		survey_port(s, l);
	} else {
		survey_bridge(s, l);
	}
}

static int take_survey(struct bridge *b, struct survey *s, struct err *e)
{
	*s = (struct survey){ .b = b };
	if (rtnl_links(&b->rt, survey_link, s, e) < 0)
		return bridge_op_fail(e, "query links");
	s->count_ports = true;
	if (rtnl_links(&b->rt, survey_link, s, e) < 0)
		return bridge_op_fail(e, "query links");
	return 0;
}

static int remove_link(struct bridge *b, int index, struct err *e)
{
	if (rtnl_set_up(&b->rt, index, false, e) < 0 && e->sys != ENODEV)
		return bridge_op_fail(e, "bring bridge down");
	if (rtnl_link_del(&b->rt, index, e) < 0 && e->sys != ENODEV)
		return bridge_op_fail(e, "delete bridge link");
	return 0;
}

static int remove_table(struct bridge *b, struct err *e)
{
	struct nft_batch batch;

	b->applied = false;
	b->table.bridge_cnt = 0;
	nft_begin(&batch, &b->nft, NULL);
	/* The add makes the delete succeed where the table is missing. */
	nft_table_add(&batch, BASETABLE_NAME, 0);
	nft_table_del(&batch, BASETABLE_NAME);
	if (nft_commit(&batch, e) < 0)
		return bridge_nft_fail(e, "delete table");
	return 0;
}

static void log_port(void *ctx, const struct rtnl_link *l)
{
	const struct survey *s = ctx;

	for (unsigned i = 0; l && i < s->cnt; i++) {
		if (l->master == s->bridges[i].index)
			log_msg(LOG_WARN, LOG_BRIDGE, "port %s of %s is cut off", l->name,
				s->bridges[i].name);
	}
}

/* Links first, table last (D16). all: also bridges that something is plugged into. The configured
 * bridge always goes; a link that cannot be removed keeps the table. */
static int teardown(struct bridge *b, struct survey *s, bool all, struct err *e)
{
	struct err soft;

	log_msg(LOG_INFO, LOG_BRIDGE, "teardown begins: %s", b->conf.name);
	b->was_up = false;
	if (s->ports)
		(void)(rtnl_links(&b->rt, log_port, s, &soft) < 0);
	for (unsigned i = 0; i < s->cnt; i++) {
		bool own = strcmp(s->bridges[i].name, b->conf.name) == 0;

		if (s->bridges[i].ports && !own && !all)
			continue;
		if (remove_link(b, s->bridges[i].index, e) < 0)
			return -1;
	}
	if (remove_table(b, e) < 0)
		return -1;
	log_msg(LOG_INFO, LOG_BRIDGE, "teardown ended: %s", b->conf.name);
	return 0;
}

static const char *docker_cause(const struct bridge_users *u)
{
	return u->docker_cause ? u->docker_cause : "Docker does not answer";
}

static int refuse(const struct bridge_users *u, unsigned ports, struct err *e)
{
	if (u->jails.len)
		return err_set(e, ERR_CONFLICT, "cannot tear down bridge while jails are running: "
			       STR_FMT, STR_ARG(u->jails));
	if (u->docker == DOCKER_ANSWERED && u->containers.len)
		return err_set(e, ERR_CONFLICT, "cannot tear down bridge while managed containers "
			       "exist: " STR_FMT, STR_ARG(u->containers));
	if (u->docker == DOCKER_ANSWERED && u->networks.len)
		return err_set(e, ERR_CONFLICT,
			       "cannot tear down bridge while managed networks exist: " STR_FMT,
			       STR_ARG(u->networks));
	if (u->docker == DOCKER_UNKNOWN && ports)
		return err_set(e, ERR_CONFLICT, "cannot verify bridge teardown safety: %s",
			       docker_cause(u));
	return 0;
}

int bridge_down(struct bridge *b, const struct bridge_users *u, struct err *e)
{
	struct survey s;

	if (take_survey(b, &s, e) < 0 || refuse(u, s.ports, e) < 0)
		return -1;
	return teardown(b, &s, false, e);
}

int bridge_shutdown(struct bridge *b, enum on_exit_mode mode, const struct bridge_users *u,
		    struct err *e)
{
	bool nobody = u->docker == DOCKER_ANSWERED && !u->networks.len && !u->jails.len;
	struct survey s;

	if (take_survey(b, &s, e) < 0)
		return -1;
	if (mode == ON_EXIT_TEARDOWN || (mode == ON_EXIT_AUTO && nobody && s.ports == 0))
		return teardown(b, &s, true, e);
	return bridge_apply(b, true, e);
}
