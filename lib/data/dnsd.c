/* dnsd.c - the DNS filter of one worker: datagrams in batches, parked queries, start and end
 *
 * Layer: data.  Input: hostile.  Memory: one arena and pools made at start; nothing per query.
 * Threads: one worker.
 * Spec: S007-FR-002, FR-005, FR-011, EC-012, W-01, W-02, W-44, W-62.
 *
 * #syscalls: recvmmsg sendmmsg sendmsg close epoll_ctl
 *
 * Theory of operation.  Up to 32 datagrams are taken by one system call, judged one after the other
 * (dnsd_judge.c), and their replies sent by one system call.  A query that must go upstream is
 * copied into a slot of the pool of jobs; dnsup.c calls back with that slot.  A job that lost its
 * asker (TCP connection closed, container gone) ends silently.  Draining stops reading; what is
 * parked is answered, and the filter is idle when nothing is parked and no connection is left.
 */
#include "data/dnsd.h"

#include <errno.h>
#include <string.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "data/dnsd_own.h"

#define BATCHES_PER_EVENT 4	/* then others have their turn */
#define CONTROL_LEN CMSG_SPACE(sizeof(struct in_pktinfo))

struct control {
	_Alignas(struct cmsghdr) char bytes[CONTROL_LEN];
};

struct dnsd_batch {
	struct mmsghdr in[DNSD_BATCH], out[DNSD_BATCH];
	struct iovec in_iov[DNSD_BATCH], out_iov[DNSD_BATCH];
	struct sockaddr_in from[DNSD_BATCH], to[DNSD_BATCH];
	struct control in_ctl[DNSD_BATCH], out_ctl[DNSD_BATCH];
	unsigned out_cnt;
	struct in_addr bound;	/* our own address */
	struct dnsd_job job;
	uint8_t out_buf[DNSD_BATCH][DNS_UDP_PAYLOAD_MAX];
	uint8_t in_buf[DNSD_BATCH][DNS_QUERY_MAX + 16];	/* longer ones show as too long */
};

/* ---- sending ---- */

/* The reply leaves from the address that was asked, whatever the routing table would choose. */
static void set_source(struct msghdr *m, struct control *ctl, const struct dnsd_peer *peer)
{
	struct in_pktinfo info = { .ipi_spec_dst = peer->local };
	struct cmsghdr *c;

	m->msg_control = NULL;
	m->msg_controllen = 0;
	if (!peer->has_local)
		return;
	m->msg_control = ctl->bytes;
	m->msg_controllen = sizeof(ctl->bytes);
	c = CMSG_FIRSTHDR(m);
	c->cmsg_level = IPPROTO_IP;
	c->cmsg_type = IP_PKTINFO;
	c->cmsg_len = CMSG_LEN(sizeof(info));
	memcpy(CMSG_DATA(c), &info, sizeof(info));
}

static struct sockaddr_in address_of(const struct dnsd_peer *peer)
{
	struct sockaddr_in sa = { .sin_family = AF_INET, .sin_port = htons(peer->port) };

	sa.sin_addr.s_addr = htonl(ip_to_v4(peer->addr));
	return sa;
}

/* One late reply. A datagram that cannot be sent is lost like any other. */
static void send_late(struct worker *w, const struct dnsd_peer *peer, const struct dnsd_out *out)
{
	struct sockaddr_in to = address_of(peer);
	struct iovec iov = { out->p, out->len };
	struct control ctl;
	struct msghdr m = { .msg_name = &to, .msg_namelen = sizeof(to), .msg_iov = &iov,
			    .msg_iovlen = 1 };

	set_source(&m, &ctl, peer);
	(void)!sendmsg(w->dnsd->udp_fd, &m, MSG_DONTWAIT | MSG_NOSIGNAL);
}

static void queue_reply(struct dnsd_batch *b, const struct dnsd_peer *peer, size_t len)
{
	unsigned i = b->out_cnt++;
	struct msghdr *m = &b->out[i].msg_hdr;

	b->to[i] = address_of(peer);
	b->out_iov[i] = (struct iovec){ b->out_buf[i], len };
	m->msg_name = &b->to[i];
	m->msg_namelen = sizeof(b->to[i]);
	m->msg_iov = &b->out_iov[i];
	m->msg_iovlen = 1;
	set_source(m, &b->out_ctl[i], peer);
}

static void send_batch(struct dnsd *d)
{
	struct dnsd_batch *b = d->batch;
	unsigned sent = 0;

	while (sent < b->out_cnt) {
		/* musl's sendmmsg() is a loop of sendmsg(). The kernel reads the padding of struct
		 * msghdr as the upper halves of lengths: it is zero, as the arena gave it. */
		long n = syscall(SYS_sendmmsg, d->udp_fd, b->out + sent, b->out_cnt - sent,
				 MSG_DONTWAIT | MSG_NOSIGNAL);

		if (n < 0 && (errno == EAGAIN || errno == ENOBUFS))
			break;		/* lost like any datagram */
		if (n < 0 && errno == EINTR)
			continue;
		/* one that is refused does not stop the rest */
		sent += n > 0 ? (unsigned)n : 1;
	}
	b->out_cnt = 0;
}

/* ---- parked queries ---- */

static void on_answer(struct worker *w, uint32_t slot, uint32_t gen, const struct dnsup_outcome *o);

static enum dnsup_asked ask(struct worker *w, uint32_t slot, const struct dnsd_job *job)
{
	struct dnsup_question q = { &job->key, job->v.generation, job->peer.addr };

	return dnsup_ask(w, &q, on_answer, slot, pool_gen(&w->dnsd->jobs, slot));
}

/* Ends a job that cannot be asked for. */
static enum dnsd_done give_up(struct worker *w, struct dnsd_job *job, enum dnsup_asked asked,
			      struct dnsd_out *out)
{
	static const struct dnsup_outcome failed = { DNSUP_FAILED, NULL, 0 };

	if (asked == DNSUP_ASKED_FAILED)
		return dnsd_conclude(w, job, &failed, out);
	dnsguard_query_end(w->guard, job->guard);	/* overload drops (W-44) */
	return DNSD_DROP;
}

enum dnsd_done dnsd_forward(struct worker *w, const struct dnsd_job *job, struct dnsd_out *out)
{
	uint32_t slot, gen;
	struct dnsd_job *parked = pool_get(&w->dnsd->jobs, &slot, &gen);
	enum dnsup_asked asked;
	enum dnsd_done done;

	if (!parked) {
		dnsguard_query_end(w->guard, job->guard);
		return DNSD_DROP;
	}
	*parked = *job;
	asked = ask(w, slot, parked);
	if (asked == DNSUP_ASKED_YES)
		return DNSD_FORWARD;
	done = give_up(w, parked, asked, out);
	pool_put(&w->dnsd->jobs, slot);
	return done;
}

static void on_answer(struct worker *w, uint32_t slot, uint32_t gen, const struct dnsup_outcome *o)
{
	struct dnsd *d = w->dnsd;
	struct dnsd_job *job = d ? pool_at(&d->jobs, slot, gen) : NULL;
	enum dnsd_done done;

	if (!job)
		return;
	struct dnsd_out out = { d->reply, DNS_MESSAGE_MAX, 0 };
	done = dnsd_conclude(w, job, o, &out);
	/* FORWARD: another worker's question has ended without an answer for us. */
	dnsd_carry_on(w, slot, done, &out);
}

void dnsd_carry_on(struct worker *w, uint32_t slot, enum dnsd_done done, struct dnsd_out *out)
{
	struct dnsd *d = w->dnsd;
	struct dnsd_job *job = pool_peek(&d->jobs, slot);

	if (done == DNSD_GRANT) {
		if (dnsd_ask_grant(w, slot))
			return;
		done = dnsd_judge_granted(w, job, out);
	}
	if (done == DNSD_FORWARD) {
		enum dnsup_asked asked = ask(w, slot, job);

		if (asked == DNSUP_ASKED_YES)
			return;
		done = give_up(w, job, asked, out);
	}
	struct dnsd_peer peer = job->peer;
	pool_put(&d->jobs, slot);
	if (done != DNSD_REPLY)
		out->len = 0;
	if (peer.tcp)
		dnsd_tcp_reply(w, peer.conn_slot, peer.conn_gen, out);
	else if (out->len)
		send_late(w, &peer, out);
}

/* ---- receiving ---- */

/* The kernel sends from the bound address anyway; another one must be named. */
static void take_local(const struct msghdr *m, struct in_addr bound, struct dnsd_peer *peer)
{
	const struct cmsghdr *c = CMSG_FIRSTHDR(m);	/* IP_PKTINFO is all that was asked for */
	struct in_pktinfo info;

	if (!c || c->cmsg_level != IPPROTO_IP || c->cmsg_type != IP_PKTINFO)
		return;
	memcpy(&info, CMSG_DATA(c), sizeof(info));
	peer->has_local = info.ipi_addr.s_addr != bound.s_addr;
	peer->local = info.ipi_addr;
	peer->if_idx = (int)info.ipi_ifindex;
}

static void take_datagram(struct worker *w, unsigned i)
{
	struct dnsd_batch *b = w->dnsd->batch;
	struct dnsd_job *job = &b->job;
	const struct msghdr *m = &b->in[i].msg_hdr;
	struct dnsd_out out = { b->out_buf[b->out_cnt], DNS_UDP_PAYLOAD_MAX, 0 };
	enum dnsd_done done;

	if (m->msg_namelen != sizeof(struct sockaddr_in))
		return;
	job->peer = (struct dnsd_peer){ .addr = ip_v4(ntohl(b->from[i].sin_addr.s_addr)),
					.port = ntohs(b->from[i].sin_port) };
	take_local(m, b->bound, &job->peer);
	done = dnsd_judge(w, job, b->in_buf[i], b->in[i].msg_len, &out);
	if (done == DNSD_FORWARD)
		done = dnsd_forward(w, job, &out);
	else if (done == DNSD_AWAIT)
		done = dnsd_await(w, job);
	else if (done == DNSD_GRANT)
		done = dnsd_await_grant(w, job, &out);
	if (done == DNSD_REPLY && out.len)
		queue_reply(b, &job->peer, out.len);
}

/* The kernel has written into the first used headers: made ready again. */
static void expect_datagrams(struct dnsd_batch *b, unsigned used)
{
	for (unsigned i = 0; i < used; i++) {
		b->in_iov[i] = (struct iovec){ b->in_buf[i], sizeof(b->in_buf[i]) };
		b->in[i].msg_hdr = (struct msghdr){
			.msg_name = &b->from[i],
			.msg_namelen = sizeof(b->from[i]),
			.msg_iov = &b->in_iov[i],
			.msg_iovlen = 1,
			.msg_control = b->in_ctl[i].bytes,
			.msg_controllen = sizeof(b->in_ctl[i].bytes),
		};
	}
}

void dnsd_on_udp(void *world, uint32_t slot, uint32_t gen, uint32_t events)
{
	struct worker *w = world;
	struct dnsd *d = w->dnsd;

	(void)slot;
	(void)gen;
	(void)events;
	for (unsigned turn = 0; d && turn < BATCHES_PER_EVENT; turn++) {
		int n = recvmmsg(d->udp_fd, d->batch->in, DNSD_BATCH, MSG_DONTWAIT, NULL);

		for (int i = 0; i < n; i++)
			take_datagram(w, (unsigned)i);
		send_batch(d);
		expect_datagrams(d->batch, n > 0 ? (unsigned)n : 0);
		if (n < DNSD_BATCH)
			return;	/* errors of a UDP socket are about datagrams that are gone */
	}
}

/* ---- start and end ---- */

static int open_pools(struct dnsd *d, struct err *e)
{
	d->body = arena_alloc(&d->mem, DNSCACHE_MESSAGE_MAX);
	d->reply = arena_alloc(&d->mem, DNS_MESSAGE_MAX);
	d->batch = arena_alloc(&d->mem, sizeof(*d->batch));
	if (!d->body || !d->reply || !d->batch ||
	    pool_init(&d->jobs, DNSGUARD_IN_FLIGHT_MAX, sizeof(struct dnsd_job)) < 0 ||
	    pool_init(&d->conns, DNSGUARD_TCP_MAX, dnsd_conn_size()) < 0)
		return err_set(e, ERR_NOMEM, "no memory for the DNS filter");
	return 0;
}

static int watch(struct worker *w, struct err *e)
{
	struct dnsd *d = w->dnsd;
	int on = 1;

	if (setsockopt(d->udp_fd, IPPROTO_IP, IP_PKTINFO, &on, sizeof(on)) < 0)
		return err_sys(e, "IP_PKTINFO on the DNS socket");
	if (ev_add(&w->loop, d->udp_fd, KIND_DNS_UDP, 0, 0, EV_READ, e) < 0)
		return -1;
	return ev_add(&w->loop, d->listen_fd, KIND_DNS_TCP_LISTEN, 0, 0, EV_READ, e);
}

int dnsd_open(struct worker *w, int udp_fd, int tcp_listen_fd, struct err *e)
{
	const size_t size = sizeof(struct dnsd) + sizeof(struct dnsd_batch) + DNSCACHE_MESSAGE_MAX +
			    DNS_MESSAGE_MAX + 512;
	struct arena mem;
	struct dnsd *d;

	if (arena_init_fixed(&mem, size) < 0) {
		(void)close(udp_fd);
		(void)close(tcp_listen_fd);
		return err_set(e, ERR_NOMEM, "no memory for the DNS filter");
	}
	d = arena_alloc(&mem, sizeof(*d));
	CHECK(d);
	d->mem = mem;
	d->udp_fd = udp_fd;
	d->listen_fd = tcp_listen_fd;
	w->dnsd = d;
	if (open_pools(d, e) < 0 || watch(w, e) < 0) {
		dnsd_close(w);
		return -1;
	}
	expect_datagrams(d->batch, DNSD_BATCH);
	d->batch->bound.s_addr = htonl(ip_to_v4(w->cfg->dns.ip));
	return 0;
}

static void close_fd(struct worker *w, int *fd)
{
	if (*fd < 0)
		return;
	ev_del(&w->loop, *fd);
	(void)close(*fd);
	*fd = -1;
}

void dnsd_close(struct worker *w)
{
	struct dnsd *d = w->dnsd;
	struct arena mem;

	if (!d)
		return;
	dnsd_tcp_close_all(w);
	close_fd(w, &d->udp_fd);
	close_fd(w, &d->listen_fd);
	for (uint32_t slot = 0; slot < d->jobs.cap && d->jobs.used; slot++) {
		struct dnsd_job *job = pool_peek(&d->jobs, slot);

		if (!job)
			continue;
		if (tmo_active(&job->ident_tmo))
			tmo_stop(&job->ident_tmo);
		else
			dnsguard_query_end(w->guard, job->guard);
		tmo_stop(&job->grant_tmo);
		pool_put(&d->jobs, slot);
	}
	pool_fini(&d->jobs);
	pool_fini(&d->conns);
	mem = d->mem;	/* d lies inside */
	w->dnsd = NULL;
	arena_fini(&mem);
}

void dnsd_drain(struct worker *w)
{
	struct dnsd *d = w->dnsd;

	if (!d)
		return;
	d->is_draining = true;
	ev_del(&w->loop, d->udp_fd);	/* kept open: answers still leave by it */
	close_fd(w, &d->listen_fd);
	dnsd_tcp_drain(w);
}

bool dnsd_idle(const struct worker *w)
{
	return !w->dnsd || (w->dnsd->jobs.used == 0 && w->dnsd->conns.used == 0);
}
