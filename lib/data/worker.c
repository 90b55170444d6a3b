/* worker.c - what every protocol of a worker shares: handing verdict events to the control thread
 *
 * Layer: data.  Input: trusted values.  Memory: values.  Threads: the worker's own.
 * Spec: S010-O-001, S010-O-003.
 */
#include "data/worker.h"

static void count_lost(struct worker *w)
{
	atomic_fetch_add_explicit(&w->events_lost, 1, memory_order_relaxed);
}

bool worker_wants_event(struct worker *w)
{
	const struct log_limit *lim = &w->event_limit;

	if (lim->count < WORKER_EVENTS_PER_SEC || w->loop.now_ms - lim->window_ms >= 1000)
		return true;
	count_lost(w);
	return false;
}

void worker_event(struct worker *w, const struct event *ev)
{
	struct control_msg msg = { .cmd = CONTROL_EVENT, .worker = w->index };

	if (log_limited(&w->event_limit, WORKER_EVENTS_PER_SEC)) {
		msg.u.event = *ev;
		if (mbox_post(w->control, &msg))
			return;
	}
	count_lost(w);
}
