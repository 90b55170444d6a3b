/* grants_api.c - endpoints of the dynamic rules: active, flush, allow
 *
 * Layer: api.  Input: hostile (requests of operators).  Memory: the request's arena.
 * Threads: the control thread only.
 * Spec: S009-IF-001 to -003.
 */
#include "api/grants_api.h"

#include <netinet/in.h>
#include <stdlib.h>
#include <string.h>

#include "api/rules_api.h"
#include "base/clock.h"
#include "proto/grant.h"

static int by_container(const void *a, const void *b)
{
	const struct dyn_grant *x = *(const struct dyn_grant *const *)a;
	const struct dyn_grant *y = *(const struct dyn_grant *const *)b;
	int order = strcmp(x->container, y->container);

	return order ? order : (x->number > y->number) - (x->number < y->number);
}

static void write_grant(struct jsonw *w, const struct dyn_grant *g, uint64_t now_ms)
{
	struct active_rule out = { .port = g->key.port, .has_port = g->key.port > 0,
				   .nft_handle = g->number,
				   .has_expires_in_secs = g->deadline_ms > 0 };
	struct buf at = buf_on(out.inserted_at, sizeof(out.inserted_at));

	STATIC_ASSERT(sizeof(out.container) == sizeof(g->container), "one size of names");
	STATIC_ASSERT(sizeof(out.destination) == sizeof(g->destination), "one size of hosts");
	memcpy(out.container, g->container, sizeof(out.container));
	memcpy(out.destination, g->destination, sizeof(out.destination));
	(void)ip_text(ip_v4(g->key.src), out.src_ip);
	if (g->key.proto)
		out.protocol = g->key.proto == IPPROTO_TCP ? STR("tcp") : STR("udp");
	clock_format_utc(&at, g->inserted_us, 0);
	(void)buf_c(&at);
	if (g->deadline_ms > now_ms)
		out.expires_in_secs = (g->deadline_ms - now_ms + 999) / 1000;
	shape_write(w, &active_rule_shape, &out);
}

void grants_api_active(struct api_request *rq)
{
	const struct dyn *d = host_api_of(rq)->grants;
	const struct dyn_grant **sorted = ARENA_NEW_N(rq->arena, const struct dyn_grant *,
						      d->cnt + (size_t)1);
	uint64_t now_ms = clock_mono_ms();
	struct jsonw *w;

	if (!sorted) {
		api_error(rq, 500, "no memory for the list of dynamic rules");
		return;
	}
	for (uint32_t i = 0; i < d->cnt; i++)
		sorted[i] = &d->v[i];
	qsort(sorted, d->cnt, sizeof(*sorted), by_container);
	w = api_begin(rq);
	jsonw_array(w);
	for (uint32_t i = 0; i < d->cnt; i++)
		write_grant(w, sorted[i], now_ms);
	jsonw_array_end(w);
	api_end(rq, 200);
}

void grants_api_flush(struct api_request *rq)
{
	const struct host_api *h = host_api_of(rq);
	struct flush_rules_result out = { .removed = 0 };
	unsigned removed = 0;
	struct err e;

	if (h->ops->flush_grants(h->daemon, &removed, &e) < 0) {
		api_fail(rq, &e);
		return;
	}
	out.removed = removed;
	api_data(rq, &flush_rules_result_shape, &out);
}

void grants_api_answer(struct api_request *rq, uint64_t number, const struct err *e)
{
	const struct allow_rule_result out = { .nft_handle = number };

	if (number)
		api_data(rq, &allow_rule_result_shape, &out);
	else
		api_fail(rq, e);
}

void grants_api_allow(struct api_request *rq)
{
	const struct host_api *h = host_api_of(rq);
	const struct allow_rule_request *in = rq->body;
	const struct dyn_request ask = {
		.container = in->container,
		.src_ip = in->src_ip,
		.destination = in->destination,
		.protocol = in->protocol,
		.has_port = in->has_port,
		.port = in->port,
		.has_expires = in->has_expires_in_secs,
		.expires_s = in->expires_in_secs,
	};
	uint64_t number = 0;
	struct err e;

	switch (h->ops->grant(h->daemon, &ask, rq->ref, &number, &e)) {
	case HOST_API_REFUSED:
		grants_api_answer(rq, 0, &e);
		return;
	case HOST_API_DONE:
		grants_api_answer(rq, number, NULL);
		return;
	case HOST_API_LATER:
		(void)api_later(rq);
		return;
	}
}
