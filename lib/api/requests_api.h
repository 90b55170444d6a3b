/* requests_api.h - handlers of the rule-request queue, for the table of routes in host_api.c
 *
 * Layer: api.  Threads: the control thread only.
 * Spec: S003-IF-007..009, S003 1.5, S010 section 6, S010-O-041.
 */
#ifndef OC_API_REQUESTS_API_H
#define OC_API_REQUESTS_API_H

#include "api/host_api.h"

extern const char *const requests_api_query[];

void requests_api_list(struct api_request *rq);
/* One request with its analysis: the list has none, because a queue of large files would take
 * seconds to compile. */
void requests_api_show(struct api_request *rq);
void requests_api_approve(struct api_request *rq);
void requests_api_reject(struct api_request *rq);

#endif
