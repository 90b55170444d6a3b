/* dnsd_wait.c - queries of sources that are not known yet wait for a fresh identity table
 *
 * Layer: data.  Input: addresses.  Memory: the filter's pool of jobs.  Threads: one worker.
 * Spec: S007-X-003.
 *
 * Theory of operation.  A container may ask before its start is registered.  Where an Engine can be
 * asked (cfg->ident_wait), the query is parked, and control is told once per source; what it does
 * about that is its own business (one list call at a time).  When a table is published the query is
 * judged again; after 3 s it is refused, and the source is a stranger for 1 s or until the next
 * table: its queries are then refused at once, so that they cannot cause a call per packet.
 */
#include "data/dnsd_own.h"

#define STRANGER_MS 1000

static struct dnsd_stranger *stranger_at(struct dnsd *d, struct ip addr)
{
	return &d->strangers[addr.b[15] % DNSD_STRANGERS];
}

bool dnsd_may_await(struct worker *w, struct ip addr)
{
	struct dnsd *d = w->dnsd;
	const struct dnsd_stranger *s = stranger_at(d, addr);

	return w->cfg->ident_wait && !d->is_draining && d->awaiting < DNSD_AWAITING_MAX &&
	       !(w->loop.now_ms < s->until_ms && ip_eq(s->addr, addr));
}

static bool is_awaited(struct dnsd *d, struct ip addr)
{
	for (uint32_t slot = 0; d->awaiting && slot < d->jobs.cap; slot++) {
		struct dnsd_job *job = pool_peek(&d->jobs, slot);

		if (job && tmo_active(&job->ident_tmo) && ip_eq(job->peer.addr, addr))
			return true;
	}
	return false;
}

enum dnsd_done dnsd_await(struct worker *w, const struct dnsd_job *job)
{
	struct dnsd *d = w->dnsd;
	struct control_msg msg = { .cmd = CONTROL_IDENT_MISS,
				   .worker = w->index,
				   .u.addr = job->peer.addr };
	bool told = is_awaited(d, job->peer.addr);
	uint32_t slot, gen;
	struct dnsd_job *parked = pool_get(&d->jobs, &slot, &gen);

	if (!parked)
		return DNSD_DROP;	/* overload */
	if (!told && !mbox_post(w->control, &msg)) {
		pool_put(&d->jobs, slot);
		return DNSD_DROP;
	}
	*parked = *job;
	parked->ident_tmo = (struct tmo){ .slot = slot };
	tmo_start(&w->tmo, TMO_DNS_IDENT, &parked->ident_tmo, slot, gen, w->loop.now_ms);
	d->awaiting++;
	return DNSD_AWAIT;
}

static void judge_again(struct worker *w, uint32_t slot, struct dnsd_job *job, bool is_over)
{
	struct dnsd *d = w->dnsd;
	struct dnsd_out out = { d->reply, DNS_MESSAGE_MAX, 0 };
	enum dnsd_done done = dnsd_judge_again(w, job, is_over, &out);

	if (done == DNSD_AWAIT)
		return;
	tmo_stop(&job->ident_tmo);
	d->awaiting--;
	dnsd_carry_on(w, slot, done, &out);
}

void dnsd_idents_changed(struct worker *w)
{
	struct dnsd *d = w->dnsd;

	if (!d)
		return;
	for (unsigned i = 0; i < DNSD_STRANGERS; i++)
		d->strangers[i].until_ms = 0;
	for (uint32_t slot = 0; d->awaiting && slot < d->jobs.cap; slot++) {
		struct dnsd_job *job = pool_peek(&d->jobs, slot);

		if (job && tmo_active(&job->ident_tmo))
			judge_again(w, slot, job, false);
	}
}

void dnsd_on_ident(void *world, uint32_t slot, uint32_t gen)
{
	struct worker *w = world;
	struct dnsd_job *job = w->dnsd ? pool_at(&w->dnsd->jobs, slot, gen) : NULL;

	if (!job)
		return;
	*stranger_at(w->dnsd, job->peer.addr) =
		(struct dnsd_stranger){ job->peer.addr, w->loop.now_ms + STRANGER_MS };
	judge_again(w, slot, job, true);
}
