/* worker.c - body of a data-plane thread: its world, its turn, the commands of control
 *
 * Layer: applets (outcalld).  Input: trusted messages; the protocols read what is hostile.
 * Memory: fixed pools made before the thread starts.  Threads: control makes and joins, the thread
 * runs.
 * Spec: design section 7, S003 1.8, S000 section 11.
 *
 * Theory of operation: one turn = wait for events no longer than the next timeout, react by the
 * table of handlers.c, expire timeouts, forget the scratch.  Commands arrive through the inbox:
 * SYNC reads all snapshots anew before it is acknowledged, so that "reloaded" means that this
 * worker enforces it;  DRAIN is acknowledged when nothing is left to finish;  STOP ends the thread.
 */
#include <errno.h>
#include <signal.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "base/clock.h"
#include "data/dnscache.h"
#include "data/dnsd.h"
#include "data/dnsup.h"
#include "data/proxy.h"
#include "outcalld/handlers.h"
#include "outcalld/worker.h"
#include "sys/sandbox.h"

#define SCRATCH_SIZE ((size_t)256 * 1024)
#define STACK_SIZE ((size_t)256 * 1024)

static struct worker_thread *thread_of(struct worker *w)
{
	return container_of(w, struct worker_thread, w);
}

static void acknowledge(struct worker *w, uint64_t seq)
{
	struct control_msg msg = { .cmd = CONTROL_ACK, .worker = w->index, .u.seq = seq };

	/* The control mailbox has room kept for acknowledgements by the limit on events; a full one
	 * means that control is gone, and then nobody waits. */
	if (!mbox_post(w->control, &msg))
		log_msg(LOG_ERROR, LOG_DAEMON, "worker %u cannot answer the control thread",
			w->index);
}

static void drain(struct worker *w, uint64_t seq)
{
	w->draining = true;
	thread_of(w)->drain_seq = seq;
	dnsd_drain(w);
	proxy_drain(w);
}

static void on_resolved(struct worker *w, uint32_t slot, uint32_t gen,
			const struct resolve_result *r)
{
	struct control_msg msg = { .cmd = CONTROL_RESOLVED, .worker = w->index };

	msg.u.resolved.slot = slot;
	msg.u.resolved.gen = gen;
	msg.u.resolved.timed_out = r->timed_out;
	msg.u.resolved.found = r->cnt > 0;
	for (uint8_t i = 0; i < r->cnt && !msg.u.resolved.has_addr; i++) {
		msg.u.resolved.has_addr = r->addr[i].v4;
		msg.u.resolved.addr = r->addr[i];
	}
	if (!mbox_post(w->control, &msg))	/* control gives up at its own deadline */
		log_msg(LOG_WARN, LOG_DNS, "the address of a grant's destination is lost");
}

static void resolve(struct worker *w, const struct worker_msg *msg)
{
	static const struct resolve_result failed = { .cnt = 0 };

	if (!dnsup_resolve(w, str_of(msg->u.resolve.host), on_resolved, msg->u.resolve.slot,
			   msg->u.resolve.gen))
		on_resolved(w, msg->u.resolve.slot, msg->u.resolve.gen, &failed);
}

static void obey(struct worker *w, const struct worker_msg *msg)
{
	switch (msg->cmd) {
	case WORKER_SYNC:
		(void)snap_read(&w->rules);
		(void)snap_read(&w->idents);
		(void)snap_read(&w->hosts);
		dnsd_idents_changed(w);
		proxy_idents_changed(w);
		acknowledge(w, msg->seq);
		return;
	case WORKER_DRAIN:
		drain(w, msg->seq);
		return;
	case WORKER_STOP:
		thread_of(w)->stop = true;
		return;
	case WORKER_DROP_SOURCE:
		proxy_drop_source(w, msg->u.addr);
		dnsd_drop_source(w, msg->u.addr);
		return;
	case WORKER_UPSTREAMS:
		dnsup_set_upstreams(w, &msg->u.upstreams);
		return;
	case WORKER_DNS_WAKE:
		dnsup_wake(w, msg->u.dns_hash);
		return;
	case WORKER_RESOLVE:
		resolve(w, msg);
		return;
	case WORKER_GRANTED:
		dnsd_granted(w, msg->u.job.slot, msg->u.job.gen);
		return;
	}
}

void worker_on_inbox(void *world, uint32_t slot UNUSED, uint32_t gen UNUSED, uint32_t events UNUSED)
{
	struct worker *w = world;
	struct worker_msg msg;

	while (mbox_take(&w->inbox, &msg))
		obey(w, &msg);
}

static void finish_drain(struct worker_thread *t)
{
	if (t->drain_seq && dnsd_idle(&t->w) && proxy_idle(&t->w)) {
		acknowledge(&t->w, t->drain_seq);
		t->drain_seq = 0;
	}
}

/* What a worker needs once its world is made: descriptors that it has, sockets, memory, time. No
 * file, no program, no namespace, no other process. */
static const int worker_calls[] = {
	SYS_read, SYS_write, SYS_close, SYS_fcntl, SYS_pipe2, SYS_splice,
	SYS_socket, SYS_bind, SYS_connect, SYS_accept4, SYS_shutdown,
	SYS_getsockname, SYS_getpeername, SYS_getsockopt, SYS_setsockopt,
	SYS_recvfrom, SYS_recvmsg, SYS_recvmmsg, SYS_sendto, SYS_sendmsg, SYS_sendmmsg,
	SYS_epoll_ctl, SYS_epoll_pwait, SYS_ppoll, SYS_futex,
#ifdef SYS_epoll_wait	/* not on arm64 */
	SYS_epoll_wait, SYS_poll,
#endif
	SYS_mmap, SYS_munmap, SYS_mprotect, SYS_madvise, SYS_brk,
	SYS_clock_gettime, SYS_gettimeofday, SYS_getrandom,
	/* the end of the thread, and of the process by a broken invariant */
	SYS_exit, SYS_exit_group, SYS_set_robust_list, SYS_sigaltstack, SYS_sched_yield,
	SYS_rt_sigprocmask, SYS_rt_sigaction, SYS_gettid, SYS_getpid,
	SYS_tkill, SYS_tgkill, SYS_rt_sigreturn, SYS_restart_syscall,
};

/* Should: leave the thread that reads what strangers send without any capability and with the calls
 * above only; another one ends the process, and the policy in the kernel stands without it.
 * Mustn't: concern the control thread. */
static int enter_sandbox(struct err *e)
{
	if (sandbox_keep_caps(0, e) < 0)
		return -1;
	return sandbox_allow_only(worker_calls, ARRAY_LEN(worker_calls), SANDBOX_KILL, e);
}

static void *thread_body(void *arg)
{
	struct worker_thread *t = arg;
	struct worker *w = &t->w;
	struct err e;

	if (enter_sandbox(&e) < 0) {
		log_msg(LOG_ERROR, LOG_DAEMON, "worker %u: %s", w->index, e.msg);
		check_failed("a worker is confined", __FILE__, __LINE__);
	}
	while (!t->stop) {
		int wait_ms = tmo_wait_ms(&w->tmo, clock_mono_ms());

		if (ev_turn(&w->loop, wait_ms, &e) < 0) {
			log_msg(LOG_ERROR, LOG_DAEMON, "worker %u: %s", w->index, e.msg);
			check_failed("the event loop works", __FILE__, __LINE__);
		}
		tmo_expire(&w->tmo, w->loop.now_ms);
		finish_drain(t);
		arena_reset(&w->scratch);
	}
	return NULL;
}

static void close_fds(const struct worker_fds *fds)
{
	const int all[] = { fds->dns_udp, fds->dns_tcp, fds->proxy };

	for (size_t i = 0; i < ARRAY_LEN(all); i++)
		if (all[i] >= 0)
			(void)close(all[i]);
}

static int make_protocols(struct worker *w, const struct worker_shared *shared,
			  const struct worker_fds *fds, struct err *e)
{
	struct worker_fds left = *fds;

	if (dnsup_open(w, &shared->upstreams, e) < 0) {
		close_fds(&left);
		return -1;
	}
	left.dns_udp = left.dns_tcp = -1;
	if (dnsd_open(w, fds->dns_udp, fds->dns_tcp, e) < 0) {
		close_fds(&left);
		return -1;
	}
	return fds->proxy < 0 ? 0 : proxy_open(w, fds->proxy, e);
}

static void unmake(struct worker_thread *t)
{
	struct worker *w = &t->w;

	proxy_close(w);
	dnsd_close(w);
	dnsup_close(w);
	snap_reader_fini(&w->rules);
	snap_reader_fini(&w->idents);
	snap_reader_fini(&w->hosts);
	mbox_close(&w->inbox);
	ev_close(&w->loop);
	arena_fini(&w->scratch);
	t->made = false;
}

int worker_make(struct worker_thread *t, unsigned index, const struct worker_shared *shared,
		const struct worker_fds *fds, struct err *e)
{
	struct worker *w = &t->w;

	*t = (struct worker_thread){ .w = { .index = index,
					    .cfg = shared->cfg,
					    .control = shared->control,

					    .inboxes = shared->inboxes,
					    .cache = shared->cache,
					    .guard = shared->guard,
					    .stats = &shared->stats[index],
					    .loop.epfd = -1,
					    .inbox.fd = -1 } };
	snap_reader_init(&w->rules, shared->rules);
	snap_reader_init(&w->idents, shared->idents);
	snap_reader_init(&w->hosts, shared->hosts);
	t->made = true;
	if (arena_init_fixed(&w->scratch, SCRATCH_SIZE) < 0) {
		(void)err_set(e, ERR_NOMEM, "no memory for worker %u", index);
	} else if (ev_open(&w->loop, w, worker_handlers, KIND_COUNT, e) == 0 &&
		   mbox_open(&w->inbox, WORKER_INBOX_MAX, sizeof(struct worker_msg), e) == 0 &&
		   ev_add(&w->loop, w->inbox.fd, KIND_INBOX, 0, 0, EV_READ, e) == 0) {
		tmo_init(&w->tmo, w, worker_timeouts, TMO_COUNT);
		if (make_protocols(w, shared, fds, e) == 0)
			return 0;
		unmake(t);
		return -1;
	}
	close_fds(fds);
	unmake(t);
	return -1;
}

int worker_run(struct worker_thread *t, struct err *e)
{
	pthread_attr_t attr;
	int rc;

	CHECK(pthread_attr_init(&attr) == 0);
	CHECK(pthread_attr_setstacksize(&attr, STACK_SIZE) == 0);
	rc = pthread_create(&t->thread, &attr, thread_body, t);
	(void)pthread_attr_destroy(&attr);
	if (rc != 0) {
		errno = rc;
		return err_sys(e, "cannot start worker %u", t->w.index);
	}
	t->running = true;
	return 0;
}

void worker_join(struct worker_thread *t)
{
	if (t->running)
		CHECK(pthread_join(t->thread, NULL) == 0);
	t->running = false;
	if (t->made)
		unmake(t);
}
