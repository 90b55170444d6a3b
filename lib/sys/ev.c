/* ev.c - level-triggered epoll loop with {kind, slot, generation} cookies and a const handler table
 *
 * Layer: sys.  Input: trusted (the kernel's event list).  Memory: the caller's struct.
 * Threads: one loop per thread.
 * Spec: S015 (an event never carries a pointer), design section 7.
 */
#include "sys/ev.h"

#include <errno.h>
#include <unistd.h>

#include "base/clock.h"

#define TURN_EVENTS 128	/* per epoll_wait; more wait for the next turn, nobody starves */

static uint64_t cookie_of(unsigned kind, uint32_t slot, uint32_t gen)
{
	return (uint64_t)kind << 56 | (uint64_t)ev_gen(gen) << 32 | slot;
}

int ev_open(struct ev_loop *l, void *world, ev_fn *const table[], unsigned kinds, struct err *e)
{
	CHECK(kinds > 0 && kinds <= EV_KINDS_MAX);
	int fd = epoll_create1(EPOLL_CLOEXEC);
	if (fd < 0)
		return err_sys(e, "epoll_create1");
	*l = (struct ev_loop){
		.epfd = fd,
		.world = world,
		.table = table,
		.kinds = kinds,
		.now_ms = clock_mono_ms(),
	};
	return 0;
}

void ev_close(struct ev_loop *l)
{
	if (l->epfd >= 0)
		close(l->epfd);
	l->epfd = -1;
}

static int control(struct ev_loop *l, int op, int fd, struct epoll_event *ev, struct err *e)
{
	if (epoll_ctl(l->epfd, op, fd, ev) < 0)
		return err_sys(e, "epoll_ctl on descriptor %d", fd);
	return 0;
}

int ev_add(struct ev_loop *l, int fd, unsigned kind, uint32_t slot, uint32_t gen, uint32_t events,
	   struct err *e)
{
	CHECK(kind < l->kinds);
	struct epoll_event ev = { .events = events, .data.u64 = cookie_of(kind, slot, gen) };
	return control(l, EPOLL_CTL_ADD, fd, &ev, e);
}

int ev_mod(struct ev_loop *l, int fd, unsigned kind, uint32_t slot, uint32_t gen, uint32_t events,
	   struct err *e)
{
	CHECK(kind < l->kinds);
	struct epoll_event ev = { .events = events, .data.u64 = cookie_of(kind, slot, gen) };
	return control(l, EPOLL_CTL_MOD, fd, &ev, e);
}

void ev_del(struct ev_loop *l, int fd)
{
	struct epoll_event unused = { .events = 0 };
	/* ENOENT is fine: the descriptor may never have been added. */
	(void)epoll_ctl(l->epfd, EPOLL_CTL_DEL, fd, &unused);
}

int ev_turn(struct ev_loop *l, int wait_ms, struct err *e)
{
	struct epoll_event fired[TURN_EVENTS];
	int n = epoll_wait(l->epfd, fired, TURN_EVENTS, wait_ms);
	l->now_ms = clock_mono_ms();
	if (n < 0)
		return errno == EINTR ? 0 : err_sys(e, "epoll_wait");
	for (int i = 0; i < n; i++) {
		uint64_t c = fired[i].data.u64;
		unsigned kind = (unsigned)(c >> 56);
		CHECK(kind < l->kinds && l->table[kind]);
		l->table[kind](l->world, (uint32_t)c, (uint32_t)(c >> 32) & EV_GEN_MASK,
			       fired[i].events);
	}
	return 0;
}
