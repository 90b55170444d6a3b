/* handlers.h - the tables of a worker's reactions
 *
 * Layer: applets (outcalld).
 */
#ifndef OC_OUTCALLD_HANDLERS_H
#define OC_OUTCALLD_HANDLERS_H

#include "data/worker.h"

extern ev_fn *const worker_handlers[KIND_COUNT];
extern const struct tmo_class worker_timeouts[TMO_COUNT];

/* Messages from control wait (outcalld/worker.c). */
void worker_on_inbox(void *world, uint32_t slot, uint32_t gen, uint32_t events);

#endif
