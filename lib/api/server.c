/* server.c - HTTP/1 over a Unix socket on the loop of the control thread
 *
 * Layer: api.  Input: hostile.  Memory: a fixed pool; mappings for bodies and long answers.
 * Threads: the control thread only.
 * Spec: S000 section 7, OPS-FR-020..022, S004-X-006, design section 7.
 *
 * Theory of operation.  States of a connection:
 *
 *	HEAD	reading a request head into the slot (16 KiB, 10 s; 30 s between requests)
 *	BODY	reading the declared body into a mapping of its own (30 s)
 *	RUN	the handler runs, or has kept the request open (api_later): nothing is read,
 *		only the peer's going is watched, and reported to the route's gone function
 *	WRITE	the kernel did not take the whole answer: the rest waits in a mapping (30 s)
 *	HELD	answered, open until either side ends it: a jail's life-line
 *	LINGER	the last answer is sent: our side is shut, input is thrown away for at most a
 *		second, so that the peer can read the answer (closing over unread input would
 *		tear it away)
 *
 * A foreign peer is answered 403 before a byte of it is read.  When the pool is full the listener
 * rests until a connection ends; when the process is out of descriptors, for a second at most.
 */
#include <errno.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <unistd.h>

#include "api/conn.h"
#include "base/log.h"

struct api_conn *api_conn_at(const struct api_server *s, struct api_ref ref)
{
	return pool_at(&s->conns, ref.slot, ref.gen);
}

/* ---- states ---- */

static uint32_t wanted_events(const struct api_conn *c)
{
	switch (c->state) {
	case CONN_HEAD: case CONN_BODY: case CONN_LINGER:
		return EV_READ;
	case CONN_WRITE:
		return EV_WRITE;
	case CONN_RUN: case CONN_HELD:
		return EV_RDHUP;
	case CONN_FREE:
		break;
	}
	return 0;
}

static void unmap(char **mem, size_t len)
{
	if (*mem)
		munmap(*mem, len);
	*mem = NULL;
}

static void watch_listener(struct api_server *s, bool on)
{
	struct err ignored;
	if (s->listen_fd < 0 || s->paused != on)
		return;
	if (ev_mod(s->loop, s->listen_fd, s->cfg->kind_listen, 0, 0, on ? EV_READ : 0, &ignored) ==
	    0)
		s->paused = !on;
}

void api_conn_close(struct api_server *s, struct api_ref ref, bool tell)
{
	struct api_conn *c = api_conn_at(s, ref);
	if (!c)
		return;
	bool waited = c->hold || c->later;
	const struct api_route *route = c->route;
	tmo_stop(&c->tmo);
	ev_del(s->loop, c->fd);
	close(c->fd);
	unmap(&c->body, c->body_len);
	unmap(&c->rest, c->rest_len);
	pool_put(&s->conns, ref.slot);
	watch_listener(s, true);
	if (tell && waited && route && route->gone)
		route->gone(s->world, ref);
}

bool api_conn_enter(struct api_server *s, struct api_ref ref, enum conn_state state)
{
	static const int classes[] = {
		[CONN_HEAD] = API_TMO_HEAD,
		[CONN_BODY] = API_TMO_BODY,
		[CONN_WRITE] = API_TMO_WRITE,
		[CONN_LINGER] = API_TMO_LINGER,
		[CONN_RUN] = -1,
		[CONN_HELD] = -1,
	};
	struct api_conn *c = api_conn_at(s, ref);
	struct err ignored;
	if (!c)
		return false;
	c->state = state;
	int class = classes[state];
	if (class < 0)
		tmo_stop(&c->tmo);
	else
		tmo_start(&s->tmo, (unsigned)class, &c->tmo, ref.slot, ref.gen, s->loop->now_ms);
	if (ev_mod(s->loop, c->fd, s->cfg->kind_conn, ref.slot, ref.gen, wanted_events(c),
		   &ignored) < 0) {
		api_conn_close(s, ref, true);
		return false;
	}
	return true;
}

/* After RUN: the answer is sent or on its way. */
enum progress api_conn_after_answer(struct api_server *s, struct api_ref ref)
{
	struct api_conn *c = api_conn_at(s, ref);
	unmap(&c->body, c->body_len);
	/* answered: only a held connection is still of interest to others */
	c->later = false;
	if (c->rest)
		return api_conn_enter(s, ref, CONN_WRITE) ? STEP_WAIT : STEP_GONE;
	if (c->hold)
		return api_conn_enter(s, ref, CONN_HELD) ? STEP_WAIT : STEP_GONE;
	if (c->ends) {
		(void)shutdown(c->fd, SHUT_WR);
		return api_conn_enter(s, ref, CONN_LINGER) ? STEP_WAIT : STEP_GONE;
	}
	c->have -= c->used;
	memmove(c->head, c->head + c->used, c->have);
	c->used = 0;
	c->route = NULL;
	c->answered = false;
	if (!api_conn_enter(s, ref, CONN_HEAD))
		return STEP_GONE;
	if (!c->have)	/* between two requests silence may last longer */
		tmo_start(&s->tmo, API_TMO_NEXT, &c->tmo, ref.slot, ref.gen, s->loop->now_ms);
	return c->have ? STEP_AGAIN : STEP_WAIT;
}

/* ---- input and output ---- */

void api_conn_go_on(struct api_server *s, struct api_ref ref)
{
	while (api_conn_step(s, ref) == STEP_AGAIN)
		;
}

/* One read. False: the peer has nothing, or is gone (then the connection is closed). */
static bool read_some(struct api_server *s, struct api_ref ref, char *to, size_t room, size_t *have)
{
	struct api_conn *c = api_conn_at(s, ref);
	ssize_t n = recv(c->fd, to, room, MSG_DONTWAIT);
	if (n > 0) {
		*have += (size_t)n;
		return true;
	}
	if (n == 0 || (errno != EAGAIN && errno != EINTR))
		api_conn_close(s, ref, true);
	return false;
}

static void on_readable(struct api_server *s, struct api_ref ref)
{
	struct api_conn *c = api_conn_at(s, ref);
	char trash[4096];
	size_t thrown = 0;
	if (c->state == CONN_LINGER) {
		(void)read_some(s, ref, trash, sizeof(trash), &thrown);
		return;
	}
	bool first = c->state == CONN_HEAD && !c->have;
	bool got = c->state == CONN_BODY
		? read_some(s, ref, c->body + c->body_have, c->body_len - c->body_have,
			    &c->body_have)
		: read_some(s, ref, c->head + c->have, sizeof(c->head) - c->have, &c->have);
	if (!got)
		return;
	if (first)
		tmo_start(&s->tmo, API_TMO_HEAD, &c->tmo, ref.slot, ref.gen, s->loop->now_ms);
	api_conn_go_on(s, ref);
}

static void on_writable(struct api_server *s, struct api_ref ref)
{
	struct api_conn *c = api_conn_at(s, ref);
	ssize_t n = send(c->fd, c->rest + c->rest_sent, c->rest_len - c->rest_sent,
			 MSG_NOSIGNAL | MSG_DONTWAIT);
	if (n < 0 && (errno == EAGAIN || errno == EINTR))
		return;
	if (n < 0) {
		api_conn_close(s, ref, true);
		return;
	}
	c->rest_sent += (size_t)n;
	tmo_start(&s->tmo, API_TMO_WRITE, &c->tmo, ref.slot, ref.gen, s->loop->now_ms);
	if (c->rest_sent < c->rest_len)
		return;
	unmap(&c->rest, c->rest_len);
	if (api_conn_after_answer(s, ref) == STEP_AGAIN)
		api_conn_go_on(s, ref);
}

void api_on_conn(struct api_server *s, uint32_t slot, uint32_t gen, uint32_t events)
{
	struct api_ref ref = { slot, gen };
	const struct api_conn *c = api_conn_at(s, ref);
	if (!c)
		return;
	ref.gen = pool_gen(&s->conns, slot);	/* in full, for those who keep it */
	if (c->stepping)
		return;	/* its handler turns the loop; what follows the answer finds the rest */
	if (c->state == CONN_RUN || c->state == CONN_HELD)
		api_conn_close(s, ref, true);
	else if (c->state == CONN_WRITE)
		on_writable(s, ref);
	else if (events)
		on_readable(s, ref);
}

/* ---- accepting ---- */

/* S000 section 10: the kernel says who it is; the mode of the file is not relied on. */
static const char *refusal_of(const struct api_server *s, int fd, struct sock_peer *peer)
{
	static const char foreign[] =
		"forbidden: host API requires root, daemon UID, or operator UID";
	const struct api_config *cfg = s->cfg;
	struct err ignored;
	if (sock_peer(fd, peer, &ignored) < 0)
		return foreign;
	if (!cfg->for_operators)
		return NULL;
	if (peer->uid != 0 && peer->uid != geteuid() &&
	    !(cfg->has_operator_uid && peer->uid == cfg->operator_uid) &&
	    !(cfg->has_operator_gid && sock_peer_in_group(fd, cfg->operator_gid)))
		return foreign;
	if (cfg->is_confined && cfg->is_confined(s->world, fd, peer))
		return "forbidden: host API is not available to containers";
	return NULL;
}

static void turn_away(struct api_server *s, struct api_ref ref, const char *why)
{
	static struct log_limit limit;
	struct api_request rq = api_reply_request(s, ref);
	struct log_line l;
	if (log_limited(&limit, 10) && log_begin(&l, LOG_WARN, LOG_HOST_API, "peer refused")) {
		log_i64(&l, "uid", (int64_t)rq.peer.uid);
		log_i64(&l, "pid", rq.peer.pid);
		log_c(&l, "reason", why);
		log_end(&l);
	}
	api_reply_refuse(&rq, 403, why);
}

static void adopt(struct api_server *s, int fd)
{
	struct api_ref ref;
	struct err ignored;
	struct api_conn *c = pool_get(&s->conns, &ref.slot, &ref.gen);
	if (!c) {
		close(fd);
		return;
	}
	c->fd = fd;
	const char *why = refusal_of(s, fd, &c->peer);
	if (ev_add(s->loop, fd, s->cfg->kind_conn, ref.slot, ref.gen, 0, &ignored) < 0) {
		pool_put(&s->conns, ref.slot);
		close(fd);
		return;
	}
	if (why)
		turn_away(s, ref, why);
	else
		(void)api_conn_enter(s, ref, CONN_HEAD);
}

void api_on_listen(struct api_server *s)
{
	for (int budget = 16; budget > 0 && s->listen_fd >= 0; budget--) {
		int fd;
		if (s->conns.used == s->conns.cap) {
			watch_listener(s, false);
			return;
		}
		enum sock_accepted got = sock_accept(s->listen_fd, &fd, NULL);
		if (got == SOCK_ACCEPT_FULL) {
			watch_listener(s, false);
			tmo_start(&s->tmo, API_TMO_PAUSE, &s->pause, 0, 0, s->loop->now_ms);
		}
		if (got != SOCK_ACCEPT_ONE)
			return;
		adopt(s, fd);
	}
}

/* ---- life ---- */

static void on_deadline(void *world, uint32_t slot, uint32_t gen)
{
	api_conn_close(world, (struct api_ref){ slot, gen }, true);
}

static void on_pause_over(void *world, uint32_t slot, uint32_t gen)
{
	(void)slot, (void)gen;
	watch_listener(world, true);
}

static const struct tmo_class classes[API_TMO_COUNT] = {
	[API_TMO_HEAD] = { 10 * 1000, on_deadline },
	[API_TMO_NEXT] = { 30 * 1000, on_deadline },
	[API_TMO_BODY] = { 30 * 1000, on_deadline },
	[API_TMO_WRITE] = { 30 * 1000, on_deadline },
	[API_TMO_LINGER] = { 1000, on_deadline },
	[API_TMO_PAUSE] = { 1000, on_pause_over },
};

int api_open(struct api_server *s, const struct api_config *cfg, void *world, struct ev_loop *loop,
	     int listen_fd, struct err *e)
{
	*s = (struct api_server){
		.cfg = cfg, .world = world, .loop = loop, .listen_fd = listen_fd
	};
	tmo_init(&s->tmo, s, classes, API_TMO_COUNT);
	void *out = mmap(NULL, CONN_OUT_CAP, PROT_READ | PROT_WRITE,
			 MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
	if (out == MAP_FAILED)
		return err_sys(e, "memory for API answers");
	if (pool_init(&s->conns, cfg->conns, sizeof(struct api_conn)) < 0) {
		munmap(out, CONN_OUT_CAP);
		return err_set(e, ERR_NOMEM, "no memory for %u API connections", cfg->conns);
	}
	s->out = out;
	if (ev_add(loop, listen_fd, cfg->kind_listen, 0, 0, EV_READ, e) == 0)
		return 0;
	s->listen_fd = -1;	/* stays the caller's on failure */
	api_close(s);
	return -1;
}

void api_stop_accepting(struct api_server *s)
{
	if (s->listen_fd < 0)
		return;
	ev_del(s->loop, s->listen_fd);
	close(s->listen_fd);
	s->listen_fd = -1;
}

uint32_t api_busy(const struct api_server *s)
{
	uint32_t busy = 0;
	for (uint32_t slot = 0; slot < s->conns.cap; slot++) {
		const struct api_conn *c = pool_peek(&s->conns, slot);
		if (c && (c->state == CONN_RUN || c->state == CONN_WRITE || c->state == CONN_BODY))
			busy++;
	}
	return busy;
}

void api_close(struct api_server *s)
{
	if (!s->out)
		return;
	api_stop_accepting(s);
	for (uint32_t slot = 0; slot < s->conns.cap; slot++)
		if (pool_peek(&s->conns, slot))
			api_conn_close(s, (struct api_ref){ slot, pool_gen(&s->conns, slot) },
				       false);
	pool_fini(&s->conns);
	munmap(s->out, CONN_OUT_CAP);
	s->out = NULL;
}

int api_wait_ms(const struct api_server *s)
{
	return tmo_wait_ms(&s->tmo, s->loop->now_ms);
}

void api_expire(struct api_server *s)
{
	tmo_expire(&s->tmo, s->loop->now_ms);
}
