/* relay.c - moves bytes between the two sockets of a connection; tunnels
 *
 * Layer: data.  Input: opaque bytes.  Memory: one buffer or pipe per direction while bytes wait.
 * Threads: one worker.
 * Spec: S006-FR-011, S006-EC-004, S006-EC-005, S006-WR-047, S006-WR-049, S006-WR-075.
 * #syscalls: recvfrom sendto splice pipe2 fcntl shutdown close
 *
 * Theory of operation.  A direction reads only when nothing of it waits, so a slow target stops its
 * source (back-pressure) and at most one read is ever held.  When reads come back full, the
 * direction changes to splice(): the bytes then go from socket to socket through a pipe without
 * being copied. The pipe is given back when the source falls silent.
 *
 * A FIN is passed on once everything before it is delivered; the tunnel ends when both FINs have
 * been. A reset of either side resets the other.
 */
#include <errno.h>
#include <fcntl.h>
#include <sys/socket.h>
#include <unistd.h>

#include "data/pconn.h"

#define ROUNDS_MAX 8			/* per call: others want their turn */
#define FULL_READS_FOR_PIPE 2
#define PIPE_LEN (1u << 19)
#define SPLICE_FLAGS (SPLICE_F_NONBLOCK | SPLICE_F_MOVE)

/* ---- pipes ---- */

static void take_pipe(struct proxy *p, struct side *s)
{
	if (p->pipes_used == PCONN_PIPES_MAX)
		return;
	p->pipes_used++;
	if (p->pipe_cnt) {
		p->pipe_cnt--;
		s->pipe[0] = p->pipes[p->pipe_cnt][0];
		s->pipe[1] = p->pipes[p->pipe_cnt][1];
		return;
	}
	if (pipe2(s->pipe, O_NONBLOCK | O_CLOEXEC) < 0) {
		s->pipe[0] = s->pipe[1] = -1;	/* no descriptors: buffers do as well */
		p->pipes_used--;
		return;
	}
	(void)fcntl(s->pipe[1], F_SETPIPE_SZ, PIPE_LEN);
}

void relay_drop_pipe(struct proxy *p, struct side *s)
{
	if (s->pipe[0] < 0)
		return;
	p->pipes_used--;
	if (s->pipe_len == 0 && p->pipe_cnt < PCONN_PIPES) {
		p->pipes[p->pipe_cnt][0] = s->pipe[0];
		p->pipes[p->pipe_cnt][1] = s->pipe[1];
		p->pipe_cnt++;
	} else {
		close(s->pipe[0]);
		close(s->pipe[1]);
	}
	s->pipe[0] = s->pipe[1] = -1;
	s->pipe_len = 0;
}

/* ---- one direction ---- */

static bool flush_pipe(struct side *from, struct side *to)
{
	ssize_t n;

	if (!from->pipe_len)
		return true;
	n = splice(from->pipe[0], NULL, to->fd, NULL, from->pipe_len, SPLICE_FLAGS);
	if (n < 0)
		return errno == EAGAIN || errno == EINTR;
	from->pipe_len -= (uint32_t)n;
	return true;
}

/* Bytes read, 0 at the end, -1 with errno. */
static ssize_t fill(struct proxy *p, struct side *from, uint64_t left)
{
	size_t want;
	ssize_t n;

	if (from->pipe[0] >= 0) {
		want = left < PIPE_LEN ? (size_t)left : PIPE_LEN;
		n = splice(from->fd, NULL, from->pipe[1], NULL, want, SPLICE_FLAGS);
		if (n > 0)
			from->pipe_len = (uint32_t)n;
		return n;
	}
	want = left < PCONN_READ_MAX ? (size_t)left : PCONN_READ_MAX;
	if (!pbuf_reserve(p, &from->in, PCONN_BUF_LEN)) {
		errno = ENOMEM;
		return -1;
	}
	n = recv(from->fd, from->in.p, want, MSG_DONTWAIT);
	if (n > 0) {
		from->in.off = 0;
		from->in.len = (uint32_t)n;
	}
	return n;
}

/* After a read of n bytes: true when the source may have more right now. */
static bool adapt(struct proxy *p, struct side *from, size_t n)
{
	if (from->pipe[0] >= 0)
		return true;	/* a splice is short for many reasons; the next one tells */
	if (n < PCONN_READ_MAX) {
		from->full_reads = 0;
		return false;
	}
	if (++from->full_reads >= FULL_READS_FOR_PIPE) {
		from->full_reads = 0;
		take_pipe(p, from);
	}
	return true;
}

enum flow relay_move(struct worker *w, struct pconn *c, struct side *from, uint64_t *left)
{
	struct side *to = pconn_other(c, from);
	struct proxy *p = w->proxy;
	bool silent = false;

	for (int round = 0; round < ROUNDS_MAX; round++) {
		if (!pconn_flush(c, to) || !flush_pipe(from, to))
			return FLOW_ERR_TO;
		if (from->in.len || from->pipe_len)
			return FLOW_WAIT;
		if (silent || *left == 0 || from->eof)
			break;

		ssize_t n = fill(p, from, *left);

		if (n < 0 && errno != EAGAIN && errno != EINTR)
			return FLOW_ERR_FROM;
		from->eof = n == 0;
		silent = n < 0 || (n > 0 && !adapt(p, from, (size_t)n));
		*left -= n > 0 ? (uint64_t)n : 0;
	}
	if (!from->in.len)
		pbuf_release(p, &from->in);
	if (from->in.len || from->pipe_len)
		return FLOW_WAIT;
	if (silent || *left == 0 || from->eof)
		relay_drop_pipe(p, from);
	if (*left == 0)
		return FLOW_DONE;
	return from->eof ? FLOW_EOF : FLOW_WAIT;
}

/* ---- tunnels ---- */

/* One direction of a tunnel. False: c is gone. */
static bool step(struct worker *w, struct pconn *c, struct side *from)
{
	struct side *to = pconn_other(c, from);
	uint64_t left = UINT64_MAX;
	enum flow f = relay_move(w, c, from, &left);

	switch (f) {
	case FLOW_ERR_FROM:
	case FLOW_ERR_TO:
		pconn_abort(w, c);
		return false;
	case FLOW_EOF:
		if (!to->shut)	/* S006-WR-047 */
			(void)shutdown(to->fd, SHUT_WR);
		to->shut = true;
		pconn_mute(w, c, from, 0);
		break;
	case FLOW_WAIT:
	case FLOW_DONE:
		break;
	}
	pconn_watch(w, c, from, !from->eof && !pconn_waits(c, to), pconn_waits(c, from));
	pconn_watch(w, c, to, false, pconn_waits(c, to));
	return true;
}

void relay_event(struct worker *w, struct pconn *c, struct side *s, uint32_t events)
{
	struct side *other = pconn_other(c, s);

	if (events & EPOLLERR) {
		pconn_abort(w, c);
		return;
	}
	if (snap_generation(w->rules.box) != c->ruling.generation && !judge_again(w, c)) {
		pconn_abort(w, c);
		return;
	}
	if (events & (EV_READ | EV_HUP)) {
		if (s->eof || pconn_waits(c, other))
			pconn_mute(w, c, s, events);
		else if (!step(w, c, s))
			return;
	}
	if (events & EV_WRITE && !step(w, c, other))
		return;
	if (s->eof && other->eof && !pconn_waits(c, s) && !pconn_waits(c, other))
		pconn_close(w, c);
	else
		pconn_deadline(w, c, TMO_PROXY_IDLE);
}

void relay_start(struct worker *w, struct pconn *c)
{
	c->state = PCONN_TUNNEL;
	pconn_deadline(w, c, TMO_PROXY_IDLE);
	pconn_watch(w, c, &c->upstream, true, false);
	(void)step(w, c, &c->client);
}
