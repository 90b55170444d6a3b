/* dnsup_list.c - the list of upstream resolvers: what is known of each, in which order to ask
 *
 * Layer: data.  Input: trusted.  Memory: the resolver's.  Threads: one worker.
 * Spec: S007-FR-012, FR-014, W-24, W-29, X-006.
 */
#include <string.h>

#include "data/dnsup_own.h"

static bool is_same(struct endpoint a, struct endpoint b)
{
	return a.port == b.port && ip_eq(a.ip, b.ip);
}

struct dnsup_upstream *dnsup_upstream_of(struct dnsup *up, struct endpoint ep)
{
	for (unsigned i = 0; i < up->cnt; i++)
		if (is_same(up->ups[i].ep, ep))
			return &up->ups[i];
	return NULL;
}

static bool is_loopback(struct ip a)
{
	static const uint8_t v6[16] = { [15] = 1 };

	return a.v4 ? ip_to_v4(a) >> 24 == 127 : ip_eq(a, ip_from_bytes16(v6));
}

bool dnsup_wants_mixed_case(struct worker *w, struct endpoint ep)
{
	const struct dnsup_upstream *u = dnsup_upstream_of(w->dnsup, ep);

	if (w->cfg->dns_0x20 == 2 || (u && w->loop.now_ms < u->mangles_until_ms))
		return false;
	return w->cfg->dns_0x20 == 1 || !is_loopback(ep.ip);
}

void dnsup_set_upstreams(struct worker *w, const struct upstreams *ups)
{
	struct dnsup *up = w->dnsup;
	struct dnsup_upstream fresh[UPSTREAMS_MAX] = { 0 };
	uint8_t cnt = 0;

	for (unsigned i = 0; i < ups->cnt && i < UPSTREAMS_MAX; i++) {
		const struct dnsup_upstream *old = dnsup_upstream_of(up, ups->ep[i]);

		if (is_same(ups->ep[i], w->cfg->dns))
			continue;	/* never a loop (S007-X-006) */
		if (old)
			fresh[cnt] = *old;
		fresh[cnt++].ep = ups->ep[i];
	}
	memcpy(up->ups, fresh, sizeof(fresh));
	up->cnt = cnt;
}

uint8_t dnsup_order(const struct worker *w, struct endpoint order[UPSTREAMS_MAX])
{
	const struct dnsup *up = w->dnsup;
	uint8_t cnt = 0;

	for (unsigned pass = 0; pass < 2; pass++)
		for (unsigned i = 0; i < up->cnt; i++)
			if ((w->loop.now_ms < up->ups[i].silent_until_ms) == (pass == 1))
				order[cnt++] = up->ups[i].ep;
	return cnt;
}
