/* dataplane.c - listeners and workers as one thing that is started, told and stopped
 *
 * Layer: applets (outcalld).  Input: trusted.  Memory: arrays made at start.  Threads: control.
 * Spec: design section 7, S007-FR-004, S007-EC-008, S006-FR-015, OPS-EC-001, OPS-EC-002.
 *
 * Theory of operation: control opens every listener (SO_REUSEPORT, one per worker) before the first
 * worker runs, after a probe without SO_REUSEPORT has shown that nobody else owns the ports.  A
 * command that must be acknowledged carries a sequence number; while control waits for the answers
 * it keeps emptying its mailbox, so that no worker is ever stopped by it.
 */
#include <errno.h>
#include <poll.h>
#include <string.h>
#include <unistd.h>

#include "base/clock.h"
#include "outcalld/daemon.h"

#define DRAIN_MS 5500		/* S006-FR-015, S007-FR-005: 5 s, and a turn */
#define STOP_MS 2000

static int probe(const struct daemon *d, struct err *e)
{
	char text[ENDPOINT_TEXT_LEN];

	if (sock_udp_probe(d->data.dns, e) < 0 || sock_tcp_probe(d->data.dns, e) < 0)
		return err_set(e, e->code, "DNS filter failed to bind %s: %s",
			       endpoint_text(d->data.dns, text), strerror(e->sys));
	if (d->data.proxy_on && sock_tcp_probe(d->data.proxy, e) < 0)
		return err_set(
			e, e->code,
			"HTTP proxy failed to bind %s: %s. "
			       "Set --no-proxy to run without the proxy.",
			endpoint_text(d->data.proxy, text), strerror(e->sys));
	return 0;
}

static void close_fd(int *fd)
{
	if (*fd >= 0)
		(void)close(*fd);
	*fd = -1;
}

/* All three or none. */
static int open_listeners(const struct daemon *d, struct worker_fds *fds, struct err *e)
{
	const unsigned flags = SOCK_SHARED | SOCK_FREEBIND;

	*fds = (struct worker_fds){ -1, -1, -1 };
	if (sock_udp_bind(d->data.dns, flags, &fds->dns_udp, e) == 0 &&
	    sock_tcp_listen(d->data.dns, flags, &fds->dns_tcp, e) == 0 &&
	    (!d->data.proxy_on || sock_tcp_listen(d->data.proxy, flags, &fds->proxy, e) == 0))
		return 0;
	close_fd(&fds->dns_udp);
	close_fd(&fds->dns_tcp);
	close_fd(&fds->proxy);
	return -1;
}

static void log_started(const struct daemon *d)
{
	char text[ENDPOINT_TEXT_LEN];
	struct log_line l;

	if (log_begin(&l, LOG_INFO, LOG_DNS, "DNS filter started")) {
		log_c(&l, "addr", endpoint_text(d->data.dns, text));
		log_u64(&l, "upstreams", d->upstreams.cnt);
		log_end(&l);
	}
	if (!d->data.proxy_on)
		log_msg(LOG_INFO, LOG_PROXY, "HTTP proxy disabled (--no-proxy)");
	else if (log_begin(&l, LOG_INFO, LOG_PROXY, "HTTP proxy started")) {
		log_c(&l, "addr", endpoint_text(d->data.proxy, text));
		log_end(&l);
	}
}

/* Stops the first made workers, without drain. */
static void join_workers(struct daemon *d, unsigned made)
{
	const struct worker_msg stop = { .cmd = WORKER_STOP };

	for (unsigned i = 0; i < made; i++)
		if (d->workers[i].running)
			while (!mbox_post(&d->workers[i].w.inbox, &stop))
				(void)poll(NULL, 0, 1);	/* full: the worker is emptying it */
	for (unsigned i = 0; i < made; i++)
		worker_join(&d->workers[i]);
}

int dataplane_start(struct daemon *d, struct err *e)
{
	const struct worker_shared shared = {
		.cfg = &d->data,
		.rules = &d->rules_box,
		.idents = &d->idents_box,
		.hosts = &d->hosts_box,
		.control = &d->inbox,
		.inboxes = d->inboxes,
		.cache = d->cache,
		.guard = d->guard,
		.stats = d->stats,
		.upstreams = d->upstreams,
	};
	unsigned made = 0;

	if (probe(d, e) < 0)
		return -1;
	for (; made < d->data.workers; made++) {
		struct worker_fds fds;

		if (open_listeners(d, &fds, e) < 0 ||
		    worker_make(&d->workers[made], made, &shared, &fds, e) < 0)
			goto failed;
		d->inboxes[made] = &d->workers[made].w.inbox;
	}
	for (unsigned i = 0; i < made; i++)
		if (worker_run(&d->workers[i], e) < 0)
			goto failed;
	d->workers_running = true;
	log_started(d);
	return 0;
failed:
	join_workers(d, made);
	return -1;
}

void dataplane_stop(struct daemon *d, bool at_once)
{
	struct err e;

	if (!d->workers_running)
		return;
	if (!at_once && dataplane_sync(d, WORKER_DRAIN, DRAIN_MS, &e) < 0)
		log_msg(LOG_INFO, LOG_DAEMON, "connections were cut at the end of the drain time");
	d->workers_running = false;
	join_workers(d, d->data.workers);
	dataplane_drain_inbox(d);
	log_msg(LOG_INFO, LOG_DNS, "DNS server stopped");
	if (d->data.proxy_on)
		log_msg(LOG_INFO, LOG_PROXY, "proxy stopped");
}

void dataplane_tell(struct daemon *d, const struct worker_msg *msg)
{
	if (!d->workers_running)
		return;
	for (unsigned i = 0; i < d->data.workers; i++)
		while (!mbox_post(&d->workers[i].w.inbox, msg))
			(void)poll(NULL, 0, 1);
}

void dataplane_drain_inbox(struct daemon *d)
{
	struct control_msg msg;

	while (mbox_take(&d->inbox, &msg)) {
		if (msg.cmd == CONTROL_EVENT)
			events_add(&d->events, &msg.u.event, clock_mono_ms());
		else if (msg.cmd == CONTROL_ACK && msg.u.seq == d->seq && d->acks_left > 0)
			d->acks_left--;
		else if (msg.cmd == CONTROL_GRANT)
			grants_on_request(d, &msg);
		else if (msg.cmd == CONTROL_RESOLVED)
			grants_on_resolved(d, &msg);
		else if (msg.cmd == CONTROL_IDENT_MISS)
			engine_on_miss(d);
	}
}

int dataplane_sync(struct daemon *d, enum worker_cmd cmd, int wait_ms, struct err *e)
{
	const struct worker_msg msg = { .cmd = cmd, .seq = ++d->seq };
	struct pollfd inbox = { .fd = d->inbox.fd, .events = POLLIN };
	uint64_t deadline = clock_mono_ms() + (uint64_t)wait_ms;

	if (!d->workers_running)
		return 0;
	d->acks_left = d->data.workers;
	dataplane_tell(d, &msg);
	while (d->acks_left > 0) {
		uint64_t now = clock_mono_ms();

		if (now >= deadline || d->stop_at_once)
			return err_set(e, ERR_TIMEOUT, "%u of %u workers did not answer",
				       d->acks_left, d->data.workers);
		if (poll(&inbox, 1, (int)MIN(deadline - now, (uint64_t)100)) > 0)
			dataplane_drain_inbox(d);
	}
	return 0;
}
