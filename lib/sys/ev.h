/* ev.h - level-triggered epoll loop with {kind, slot, generation} cookies and a const handler table
 *
 * Layer: sys.  Memory: the caller's struct.  Threads: one loop per thread.
 *
 * An event never carries a pointer.  The handler looks its object up by slot and generation
 * (pool_at()); an event that was queued before its object died finds NULL and is dropped.
 */
#ifndef OC_SYS_EV_H
#define OC_SYS_EV_H

#include <sys/epoll.h>

#include "base/err.h"

#define EV_READ EPOLLIN
#define EV_WRITE EPOLLOUT
#define EV_HUP (EPOLLHUP | EPOLLERR)	/* always reported */
#define EV_RDHUP EPOLLRDHUP

#define EV_KINDS_MAX 256
#define EV_GEN_MASK 0xffffffu	/* a cookie has room for 24 bits of a generation */

/* The generation as a handler gets it. Pools count within this mask, so pool_at() just works. */
static inline uint32_t ev_gen(uint32_t gen) { return gen & EV_GEN_MASK; }

/* world is what the loop was made with; events is a mask of EV_*. */
typedef void ev_fn(void *world, uint32_t slot, uint32_t gen, uint32_t events);

struct ev_loop {
	int epfd;		/* -1 when closed */
	void *world;
	ev_fn *const *table;	/* indexed by kind; the whole list of reactions */
	unsigned kinds;
	uint64_t now_ms;	/* monotonic, read once per turn */
};

int ev_open(struct ev_loop *l, void *world, ev_fn *const table[], unsigned kinds,
	    struct err *e) NODISCARD;
void ev_close(struct ev_loop *l);
/* kind < kinds <= 256; the low 24 bits of gen are kept, which is what pool_at() compares. */
int ev_add(struct ev_loop *l, int fd, unsigned kind, uint32_t slot, uint32_t gen, uint32_t events,
	   struct err *e) NODISCARD;
int ev_mod(struct ev_loop *l, int fd, unsigned kind, uint32_t slot, uint32_t gen, uint32_t events,
	   struct err *e) NODISCARD;
/* Before close(fd). */
void ev_del(struct ev_loop *l, int fd);
/* Waits at most wait_ms (-1: for ever), dispatches what fired. now_ms is fresh afterwards and
 * during dispatch. EINTR is no error. */
int ev_turn(struct ev_loop *l, int wait_ms, struct err *e) NODISCARD;

#endif
