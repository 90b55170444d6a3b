/* ratelimit.h - so many events per sliding window and source
 *
 * Layer: host.  Memory: one pool, sized when it is opened.  Threads: control thread.
 * Spec: S004-FR-014.
 */
#ifndef OC_HOST_RATELIMIT_H
#define OC_HOST_RATELIMIT_H

#include "base/map.h"
#include "base/pool.h"

#define RATE_SOURCES_MAX 4096	/* as many as sessions of the agent API */
#define RATE_SOURCE_LEN 128	/* longest name of a source, bytes */

struct rate {			/* count events per secs seconds */
	uint32_t count, secs;
};

struct ratelimit {
	struct rate rate;
	struct pool sources;
	struct map ids;
};

/* 0, or -1 without memory. */
int ratelimit_open(struct ratelimit *l, struct rate rate) NODISCARD;
void ratelimit_close(struct ratelimit *l);
/* True: counted. False: the window is full, or the table of sources is; *wait_s (at least 1) says
 * when it is worth to ask again. What is refused takes no place. who: 1 to RATE_SOURCE_LEN
 * bytes. */
bool ratelimit_take(struct ratelimit *l, struct str who, uint64_t now_ms, uint32_t *wait_s);

#endif
