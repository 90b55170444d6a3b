/* worker.h - the threads of the data plane: start, command, stop
 *
 * Layer: applets (outcalld).  Memory: one array made at start.  Threads: called by control only.
 * Spec: design section 7.
 */
#ifndef OC_OUTCALLD_WORKER_H
#define OC_OUTCALLD_WORKER_H

#include <pthread.h>

#include "data/worker.h"

/* Descriptors that control opened for one worker; they belong to the worker from its start on. */
struct worker_fds {
	int dns_udp, dns_tcp, proxy;	/* proxy -1: none */
};

struct worker_thread {
	struct worker w;
	pthread_t thread;
	bool made;			/* the world exists */
	bool running;			/* the thread exists */
	bool stop;			/* own thread only */
	uint64_t drain_seq;		/* to be acknowledged when idle; 0: none */
};

/* What all workers share; lives as long as they do. */
struct worker_shared {
	const struct data_config *cfg;
	struct snap_box *rules, *idents, *hosts;
	struct mbox *control;
	struct mbox *const *inboxes;	/* of all workers */
	struct dnscache *cache;
	struct dnsguard *guard;
	struct worker_stats *stats;	/* one per worker */
	struct upstreams upstreams;
};

/* Makes the world of worker index. On failure nothing is left and the descriptors are closed. */
int worker_make(struct worker_thread *t, unsigned index, const struct worker_shared *shared,
		const struct worker_fds *fds, struct err *e) NODISCARD;
int worker_run(struct worker_thread *t, struct err *e) NODISCARD;
/* Joins a thread that was told WORKER_STOP, and unmakes its world. */
void worker_join(struct worker_thread *t);

#endif
