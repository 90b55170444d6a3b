/* grants_api.h - handlers of the dynamic rules, for the table of routes in host_api.c
 *
 * Layer: api.  Threads: the control thread only.
 * Spec: S009-IF-001 to -003.
 */
#ifndef OC_API_GRANTS_API_H
#define OC_API_GRANTS_API_H

#include "api/host_api.h"

void grants_api_active(struct api_request *rq);
void grants_api_flush(struct api_request *rq);
void grants_api_allow(struct api_request *rq);
/* The answer to an allow that had to wait: number of the grant, 0 with *e. */
void grants_api_answer(struct api_request *rq, uint64_t number, const struct err *e);

#endif
