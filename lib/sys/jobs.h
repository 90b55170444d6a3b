/* jobs.h - a bounded pool of threads for operations that must wait on somebody else
 *
 * Layer: sys.  Memory: fixed.  Threads: opened, submitted to, dispatched and closed by the control
 * thread; jobs run on the pool.
 * Spec: D10, design section 7.
 *
 * A job is straight-line blocking code with deadlines of its own.  It touches nothing that belongs
 * to the control thread; for that it asks (jobs_ask), and control runs the function and wakes it.
 */
#ifndef OC_SYS_JOBS_H
#define OC_SYS_JOBS_H

#include <pthread.h>

#include "base/err.h"
#include "sys/mbox.h"

#define JOBS_THREADS_MAX 16
#define JOBS_WAITING_MAX 64	/* submitted and not yet done */

typedef void job_fn(void *arg);

struct job {
	job_fn *work;	/* on a thread of the pool */
	job_fn *done;	/* then on the control thread; may be NULL */
	void *arg;
};

struct jobs {
	pthread_mutex_t lock;
	pthread_cond_t wanted;		/* a job waits, or the end has come */
	pthread_cond_t answered;	/* an ask was run, or the end has come */
	struct job queue[JOBS_WAITING_MAX];
	uint32_t head, count;
	uint32_t outstanding;		/* submitted, done not yet run */
	bool stopping;
	pthread_t threads[JOBS_THREADS_MAX];
	unsigned thread_cnt;
	/* its fd belongs into the control loop: readable -> jobs_dispatch */
	struct mbox to_control;
};

int jobs_open(struct jobs *j, unsigned threads, struct err *e) NODISCARD;
/* False: too many are waiting; nothing happens then. */
bool jobs_submit(struct jobs *j, const struct job *job) NODISCARD;
/* Runs what jobs and finished jobs want from the control thread. */
void jobs_dispatch(struct jobs *j);
/* From inside a job: has the control thread run fn(arg) and waits for it. False: the program is
 * ending, fn has not run and will not. */
bool jobs_ask(struct jobs *j, job_fn *fn, void *arg) NODISCARD;
/* Lets running jobs finish (their asks fail), drops the waiting ones. done functions that have not
 * run do not run any more. */
void jobs_close(struct jobs *j);

#endif
