/* mbox.h - bounded mailbox between threads: fixed ring of fixed-size values and an eventfd
 *
 * Layer: sys.  Memory: one allocation at start.  Threads: many producers, one consumer.
 *
 * No pointers cross, except references that the message type documents.  A full ring is the
 * sender's problem: it gets false and denies or counts.
 */
#ifndef OC_SYS_MBOX_H
#define OC_SYS_MBOX_H

#include <pthread.h>

#include "base/err.h"

struct mbox {
	pthread_mutex_t lock;
	char *ring;
	size_t value_size;
	uint32_t cap, head, count;
	int fd;			/* eventfd: readable while messages wait */
};

int mbox_open(struct mbox *m, uint32_t cap, size_t value_size, struct err *e) NODISCARD;
void mbox_close(struct mbox *m);
bool mbox_post(struct mbox *m, const void *value) NODISCARD;
/* False when empty (the eventfd is drained then). */
bool mbox_take(struct mbox *m, void *value) NODISCARD;

#endif
