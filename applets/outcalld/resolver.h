/* resolver.h - the host's resolver file as a list of upstreams
 *
 * Layer: applets (outcalld).
 */
#ifndef OC_OUTCALLD_RESOLVER_H
#define OC_OUTCALLD_RESOLVER_H

#include "base/str.h"
#include "data/msg.h"

/* The nameserver lines of text, in order, at most UPSTREAMS_MAX. Left out: own (our listener),
 * 127.0.0.11 (Docker's resolver, which would ask us), addresses with a zone, and what does not
 * parse. */
void resolver_parse(struct str text, struct endpoint own, struct upstreams *out);

#endif
