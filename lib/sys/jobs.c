/* jobs.c - a bounded pool of threads for operations that must wait on somebody else
 *
 * Layer: sys.  Input: trusted.  Memory: fixed.  Threads: see jobs.h.
 * Spec: D10, design section 7.
 *
 * Theory of operation.  One lock guards the queue and the answers.  The mailbox to the control
 * thread has room for every message that can exist at once: one per outstanding job (its end) and
 * one per thread (its question), so posting never fails.
 */
#include "sys/jobs.h"

#include <sys/prctl.h>

#define STACK_SIZE ((size_t)256 << 10)	/* musl's default is 128 KiB */

struct wait {
	bool ran;	/* under the lock */
};

struct message {
	job_fn *fn;
	void *arg;
	struct wait *wait;	/* of a question; NULL: a job has ended */
};

static void tell_control(struct jobs *j, struct message m)
{
	CHECK(mbox_post(&j->to_control, &m));
}

static bool next_job(struct jobs *j, struct job *out)
{
	pthread_mutex_lock(&j->lock);
	while (!j->count && !j->stopping)
		pthread_cond_wait(&j->wanted, &j->lock);
	bool found = !j->stopping;
	if (found) {
		*out = j->queue[j->head];
		j->head = (j->head + 1) % JOBS_WAITING_MAX;
		j->count--;
	}
	pthread_mutex_unlock(&j->lock);
	return found;
}

static void *run_thread(void *arg)
{
	struct jobs *j = arg;
	struct job job;
	(void)prctl(PR_SET_NAME, "job");
	while (next_job(j, &job)) {
		job.work(job.arg);
		tell_control(j, (struct message){ .fn = job.done, .arg = job.arg });
	}
	return NULL;
}

static int start_thread(struct jobs *j, struct err *e)
{
	pthread_attr_t attr;
	CHECK(pthread_attr_init(&attr) == 0);
	int rc = pthread_attr_setstacksize(&attr, STACK_SIZE);
	if (rc == 0)
		rc = pthread_create(&j->threads[j->thread_cnt], &attr, run_thread, j);
	pthread_attr_destroy(&attr);
	if (rc != 0)
		return err_set(e, ERR_NOMEM, "cannot start a job thread");
	j->thread_cnt++;
	return 0;
}

int jobs_open(struct jobs *j, unsigned threads, struct err *e)
{
	CHECK(threads > 0 && threads <= JOBS_THREADS_MAX);
	*j = (struct jobs){ .head = 0 };
	if (mbox_open(&j->to_control, JOBS_WAITING_MAX + JOBS_THREADS_MAX, sizeof(struct message),
		      e) < 0)
		return -1;
	CHECK(pthread_mutex_init(&j->lock, NULL) == 0);
	CHECK(pthread_cond_init(&j->wanted, NULL) == 0 &&
	      pthread_cond_init(&j->answered, NULL) == 0);
	for (unsigned i = 0; i < threads; i++) {
		if (start_thread(j, e) < 0) {
			jobs_close(j);
			return -1;
		}
	}
	return 0;
}

bool jobs_submit(struct jobs *j, const struct job *job)
{
	pthread_mutex_lock(&j->lock);
	bool fits = j->outstanding < JOBS_WAITING_MAX && !j->stopping;
	if (fits) {
		j->queue[(j->head + j->count) % JOBS_WAITING_MAX] = *job;
		j->count++;
		j->outstanding++;
		pthread_cond_signal(&j->wanted);
	}
	pthread_mutex_unlock(&j->lock);
	return fits;
}

void jobs_dispatch(struct jobs *j)
{
	struct message m;
	while (mbox_take(&j->to_control, &m)) {
		if (m.fn)
			m.fn(m.arg);
		pthread_mutex_lock(&j->lock);
		if (m.wait) {
			m.wait->ran = true;
			pthread_cond_broadcast(&j->answered);
		} else {
			j->outstanding--;
		}
		pthread_mutex_unlock(&j->lock);
	}
}

bool jobs_ask(struct jobs *j, job_fn *fn, void *arg)
{
	struct wait wait = { .ran = false };
	pthread_mutex_lock(&j->lock);
	if (!j->stopping) {
		tell_control(j, (struct message){ .fn = fn, .arg = arg, .wait = &wait });
		while (!wait.ran && !j->stopping)
			pthread_cond_wait(&j->answered, &j->lock);
	}
	bool ran = wait.ran;
	pthread_mutex_unlock(&j->lock);
	return ran;
}

void jobs_close(struct jobs *j)
{
	if (!j->to_control.ring)
		return;
	pthread_mutex_lock(&j->lock);
	j->stopping = true;
	pthread_cond_broadcast(&j->wanted);
	pthread_cond_broadcast(&j->answered);
	pthread_mutex_unlock(&j->lock);
	for (unsigned i = 0; i < j->thread_cnt; i++)
		pthread_join(j->threads[i], NULL);
	pthread_cond_destroy(&j->wanted);
	pthread_cond_destroy(&j->answered);
	pthread_mutex_destroy(&j->lock);
	mbox_close(&j->to_control);
}
