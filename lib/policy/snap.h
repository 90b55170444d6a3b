/* snap.h - publish and read immutable snapshots without locks on the reading side
 *
 * Layer: policy.  Memory: the snapshot's own; freed by its last reader.  Threads: any number of
 * readers, one publisher at a time.
 *
 * A reader compares the box's generation with its own (one acquire load); only on change does it
 * take the mutex, take a reference to the new snapshot and drop the old one.
 */
#ifndef OC_POLICY_SNAP_H
#define OC_POLICY_SNAP_H

#include <pthread.h>
#include <stdatomic.h>

#include "base/defs.h"

/* Embed as first member of what is published. */
struct snap {
	atomic_uint refs;		/* 1 when made: the maker's */
	_Atomic uint64_t generation;	/* set by snap_publish, anew when published again */
	void (*destroy)(struct snap *self);
};

struct snap_box {
	pthread_mutex_t lock;
	struct snap *current;		/* under lock; may be NULL */
	_Atomic uint64_t generation;
};

struct snap_reader {
	struct snap_box *box;
	struct snap *held;
	uint64_t generation;
};

void snap_box_init(struct snap_box *b);
void snap_box_fini(struct snap_box *b);
void snap_get(struct snap *s);
void snap_put(struct snap *s);		/* NULL allowed */
/* Takes over the caller's reference; sets fresh->generation. Returns the new generation. */
uint64_t snap_publish(struct snap_box *b, struct snap *fresh);
/* The current snapshot with a reference of its own, or NULL. For occasional users. */
struct snap *snap_current(struct snap_box *b);
uint64_t snap_generation(const struct snap_box *b);

void snap_reader_init(struct snap_reader *r, struct snap_box *b);
void snap_reader_fini(struct snap_reader *r);
/* Valid until the reader's next snap_read. NULL when nothing was ever published. */
struct snap *snap_read(struct snap_reader *r);

#endif
