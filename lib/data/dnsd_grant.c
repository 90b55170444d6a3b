/* dnsd_grant.c - answers of direct_ip rules wait until the kernel lets their flows through
 *
 * Layer: data.  Input: hostile (accepted answers).  Memory: the filter's pool of jobs.
 * Threads: one worker.
 * Spec: S007-FR-037, FR-038, FR-040, X-001, EC-017, EC-X01; S009 section 2; design section 7.
 *
 * Theory of operation.  Enforcement first, answer second: the job is parked, the control thread is
 * asked to open the addresses of the answer, and when it has done so, or refused, the answer is
 * built again, out of the cache and by the rules of that moment, and leaves.  No bytes of a reply
 * wait anywhere.  What the cache holds by then may be another answer, because the first one ended
 * or a reload emptied it: that one needs grants of its own, once more.  When control cannot be
 * asked, or is silent for 2 s, the answer leaves without grants: what it names stays closed.
 */
#include <string.h>

#include "data/dnsd_own.h"

#define LOGS_PER_S 5
#define GRANTS_ASKED_MAX 2	/* once more for an answer that changed, then it leaves without */

STATIC_ASSERT(GRANTS_WAITING_MAX > DNSGUARD_IN_FLIGHT_PER_SOURCE &&
		      GRANTS_WAITING_MAX < WORKER_INBOX_MAX,
	      "see msg.h");

static uint64_t end_ms(const struct worker *w, uint32_t ttl_s)
{
	return w->loop.now_ms + ttl_s * UINT64_C(1000);
}

static void warn(struct worker *w, const struct dnsd_job *job, const char *what)
{
	struct log_line l;

	if (!log_limited(&w->dnsd->grant_log, LOGS_PER_S) ||
	    !log_begin(&l, LOG_WARN, LOG_DNS, what))
		return;
	log_ip(&l, "src", job->peer.addr);
	log_c(&l, "rule", job->v.rule_id);
	log_end(&l);
}

/* What the answer names stays closed. */
static bool leave_without(struct worker *w, struct dnsd_job *job, const char *why)
{
	warn(w, job, why);
	job->is_ungranted = true;
	return false;
}

/* Sorted, no doubles. False: there is no room for one more. */
static bool add_addr(struct grant_request *g, uint32_t addr)
{
	uint8_t at = 0;

	while (at < g->addr_cnt && g->addrs[at] < addr)
		at++;
	if (at < g->addr_cnt && g->addrs[at] == addr)
		return true;
	if (g->addr_cnt == GRANT_ADDRS_MAX)
		return false;
	memmove(g->addrs + at + 1, g->addrs + at, (size_t)(g->addr_cnt - at) * sizeof(g->addrs[0]));
	g->addrs[at] = addr;
	g->addr_cnt++;
	return true;
}

static bool is_stripped(const uint64_t *strip, uint16_t i)
{
	return strip && strip[i / 64] >> (i % 64) & 1;
}

static bool add_addrs(struct grant_request *g, const struct dns_answer *a, const uint64_t *strip)
{
	bool all = true;
	struct dns_rr rr;
	struct ip addr;
	size_t pos = 0;

	for (uint16_t i = 0; dns_answer_next(a, &pos, i, &rr); i++) {
		if (!rr.authority && !is_stripped(strip, i) && dns_rr_addr(&rr, &addr) && addr.v4)
			all &= add_addr(g, ip_to_v4(addr));
	}
	return all;
}

/* From the cache it ends when the first one did, but for the rounding of ages to seconds. */
static bool is_granted(const struct dnsd_job *job, uint64_t until_ms)
{
	return job->granted_until_ms && until_ms < job->granted_until_ms + 1000;
}

/* Bridges carry IPv4 only (FR-037, EC-017). */
static void log_other_family(const struct dnsd_job *job)
{
	struct log_line l;

	if (!log_begin(&l, LOG_DEBUG, LOG_DNS, "IPv6 answers are never granted"))
		return;
	log_ip(&l, "src", job->peer.addr);
	log_c(&l, "rule", job->v.rule_id);
	log_end(&l);
}

bool dnsd_wants_grant(struct worker *w, const struct dnsd_job *job, const struct dns_answer *a,
		      const uint64_t *strip, uint32_t age_s)
{
	struct grant_request *g = &w->dnsd->grant;

	if (job->v.egress != EGRESS_DIRECT_IP || job->is_ungranted || !a->has_addrs ||
	    a->ttl_s <= age_s || is_granted(job, end_ms(w, a->ttl_s - age_s)))
		return false;
	if (job->q.type != DNS_TYPE_A) {
		log_other_family(job);
		return false;
	}
	*g = (struct grant_request){ .src = job->peer.addr, .generation = job->v.generation,
				     .ttl_s = a->ttl_s - age_s, .port_cnt = job->v.port_cnt };
	memcpy(g->ports, job->v.ports, sizeof(g->ports));
	if (dns_name_is_plain(&job->q.name)) {
		char text[DNS_NAME_TEXT_MAX + 1];
		struct str name = str_first(dns_name_text(&job->q.name, text),
					    sizeof(g->host) - 1);

		memcpy(g->host, name.p, name.len);
	}
	if (!add_addrs(g, a, strip))
		warn(w, job, "more addresses in an answer than direct grants are made for");
	return g->addr_cnt > 0 && g->port_cnt > 0;
}

bool dnsd_ask_grant(struct worker *w, uint32_t slot)
{
	struct dnsd *d = w->dnsd;
	struct dnsd_job *job = pool_peek(&d->jobs, slot);
	uint32_t gen = pool_gen(&d->jobs, slot);
	struct control_msg msg = { .cmd = CONTROL_GRANT, .worker = w->index };

	if (job->grants_asked == GRANTS_ASKED_MAX)
		return leave_without(w, job, "an answer changes too fast for direct grants; it leaves without");
	d->grant.slot = slot;
	d->grant.gen = gen;
	msg.u.grant = d->grant;
	if (d->granting == GRANTS_WAITING_MAX || !mbox_post(w->control, &msg))
		return leave_without(w, job, "too many answers wait for direct grants; one leaves without");
	d->granting++;
	job->grants_asked++;
	job->granted_until_ms = end_ms(w, d->grant.ttl_s);
	job->grant_tmo = (struct tmo){ .slot = slot };
	tmo_start(&w->tmo, TMO_DNS_GRANT, &job->grant_tmo, slot, gen, w->loop.now_ms);
	return true;
}

enum dnsd_done dnsd_await_grant(struct worker *w, struct dnsd_job *job, struct dnsd_out *out)
{
	struct dnsd *d = w->dnsd;
	uint32_t slot, gen;
	struct dnsd_job *parked = pool_get(&d->jobs, &slot, &gen);
	enum dnsd_done done;

	if (!parked) {
		dnsguard_query_end(w->guard, job->guard);
		return DNSD_DROP;	/* overload */
	}
	*parked = *job;
	if (dnsd_ask_grant(w, slot))
		return DNSD_GRANT;
	*job = *parked;
	pool_put(&d->jobs, slot);
	done = dnsd_judge_granted(w, job, out);
	if (done == DNSD_FORWARD)
		return dnsd_forward(w, job, out);
	return done == DNSD_REPLY ? DNSD_REPLY : DNSD_DROP;
}

/* The answer of a parked job leaves; it waits once more only when it has become another. */
static void leave(struct worker *w, uint32_t slot, struct dnsd_job *job)
{
	struct dnsd_out out = { w->dnsd->reply, DNS_MESSAGE_MAX, 0 };

	w->dnsd->granting--;
	dnsd_carry_on(w, slot, dnsd_judge_granted(w, job, &out), &out);
}

void dnsd_granted(struct worker *w, uint32_t slot, uint32_t gen)
{
	struct dnsd_job *job = w->dnsd ? pool_at(&w->dnsd->jobs, slot, gen) : NULL;

	if (!job || !tmo_active(&job->grant_tmo))
		return;
	tmo_stop(&job->grant_tmo);
	leave(w, slot, job);
}

void dnsd_on_grant_tmo(void *world, uint32_t slot, uint32_t gen)
{
	struct worker *w = world;
	struct dnsd_job *job = w->dnsd ? pool_at(&w->dnsd->jobs, slot, gen) : NULL;

	if (!job)
		return;
	(void)leave_without(w, job, "direct grants come too late; the answer leaves without");
	leave(w, slot, job);
}
