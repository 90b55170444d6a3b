/* mbox.c - bounded mailbox between threads: fixed ring of fixed-size values and an eventfd
 *
 * Layer: sys.  Input: trusted.  Memory: one mapping at start.  Threads: many producers, one
 * consumer.
 * Spec: design section 7 (a full ring is the sender's problem).
 *
 * Theory of operation.  The producer that finds the ring empty writes the eventfd, after the lock
 * is released.  The consumer reads it only when it finds the ring empty, under the lock.  A write
 * that comes late therefore wakes the consumer once too often, never once too seldom: a post after
 * the reading sees an empty ring and writes again.
 */
#include "sys/mbox.h"

#include <string.h>
#include <sys/eventfd.h>
#include <sys/mman.h>
#include <unistd.h>

int mbox_open(struct mbox *m, uint32_t cap, size_t value_size, struct err *e)
{
	size_t size;
	if (!cap || !value_size || MUL_OVERFLOWS((size_t)cap, value_size, &size))
		return err_set(e, ERR_INVALID, "mailbox of %u values of %zu bytes", cap,
			       value_size);
	void *ring = mmap(NULL, size, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	if (ring == MAP_FAILED)
		return err_sys(e, "mapping a mailbox of %zu bytes", size);
	int fd = eventfd(0, EFD_NONBLOCK | EFD_CLOEXEC);
	if (fd < 0) {
		int rc = err_sys(e, "eventfd");
		munmap(ring, size);
		return rc;
	}
	*m = (struct mbox){ .ring = ring, .value_size = value_size, .cap = cap, .fd = fd };
	CHECK(pthread_mutex_init(&m->lock, NULL) == 0);
	return 0;
}

void mbox_close(struct mbox *m)
{
	if (!m->ring)
		return;
	munmap(m->ring, m->cap * m->value_size);
	m->ring = NULL;
	close(m->fd);
	m->fd = -1;
	pthread_mutex_destroy(&m->lock);
}

bool mbox_post(struct mbox *m, const void *value)
{
	pthread_mutex_lock(&m->lock);
	bool fits = m->count < m->cap;
	bool was_empty = m->count == 0;
	if (fits) {
		uint32_t at = m->count < m->cap - m->head ? m->head + m->count
							   : m->count - (m->cap - m->head);
		memcpy(m->ring + at * m->value_size, value, m->value_size);
		m->count++;
	}
	pthread_mutex_unlock(&m->lock);
	if (fits && was_empty) {
		uint64_t one = 1;
		ssize_t n = write(m->fd, &one, sizeof(one));
		(void)n;	/* EAGAIN: the counter is full, so the consumer is awake anyway */
	}
	return fits;
}

bool mbox_take(struct mbox *m, void *value)
{
	pthread_mutex_lock(&m->lock);
	bool found = m->count > 0;
	if (found) {
		memcpy(value, m->ring + m->head * m->value_size, m->value_size);
		m->head = m->head + 1 == m->cap ? 0 : m->head + 1;
		m->count--;
	} else {
		uint64_t drained;
		ssize_t n = read(m->fd, &drained, sizeof(drained));
		(void)n;	/* EAGAIN: nobody has written yet */
	}
	pthread_mutex_unlock(&m->lock);
	return found;
}
