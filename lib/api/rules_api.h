/* rules_api.h - handlers of the rule engine's endpoints, for the table of routes in host_api.c
 *
 * Layer: api.  Threads: the control thread only.
 * Spec: S003-IF-001..005, S010-O-030.
 */
#ifndef OC_API_RULES_API_H
#define OC_API_RULES_API_H

#include "api/host_api.h"

static inline struct host_api *host_api_of(const struct api_request *rq)
{
	return rq->world;
}

/* The first 80 code points of a condition, then an ellipsis if it is longer (S003 1.1). */
void rules_api_add_preview(struct jsonw *w, const char *name, struct str condition);

void rules_api_evaluate(struct api_request *rq);
void rules_api_test(struct api_request *rq);
void rules_api_explain(struct api_request *rq);
void rules_api_list(struct api_request *rq);
void rules_api_show(struct api_request *rq);
void rules_api_reload(struct api_request *rq);
void rules_api_counters(struct api_request *rq);
void rules_api_reset_counters(struct api_request *rq);

#endif
