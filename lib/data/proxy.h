/* proxy.h - the HTTP proxy of one worker: what the worker's thread body and handler table use
 *
 * Layer: data.  Memory: fixed pools made by proxy_open.  Threads: one worker; the connection counts
 * are shared by all workers (relaxed atomics).
 * Spec: S006.
 */
#ifndef OC_DATA_PROXY_H
#define OC_DATA_PROXY_H

#include "data/worker.h"

#define PROXY_MAX_CONNECTIONS 1024		/* all workers together */
#define PROXY_MAX_CONNECTIONS_PER_SOURCE 256	/* S006-WR-073 */
#define PROXY_MAX_HEADER_SIZE 8192
#define PROXY_MAX_FIELDS 128
#define PROXY_MAX_BODY 16777216

/* Makes w->proxy and starts accepting on listen_fd, which then belongs to the proxy (also on
 * failure). */
int proxy_open(struct worker *w, int listen_fd, struct err *e) NODISCARD;
/* Closes everything at once. Safe when it was never opened. */
void proxy_close(struct worker *w);
/* Accepts no more, closes what is idle, lets the rest finish (S006-FR-015). */
void proxy_drain(struct worker *w);
/* No connection is left. */
bool proxy_idle(const struct worker *w);
/* A new identity table was published: connections that wait for it are looked at again. */
void proxy_idents_changed(struct worker *w);
/* Closes every connection that came from ip (S006-WR-074). */
void proxy_drop_source(struct worker *w, struct ip ip);

/* Reactions: KIND_PROXY_LISTEN, KIND_PROXY_CLIENT, KIND_PROXY_UPSTREAM. */
void proxy_on_listen(void *world, uint32_t slot, uint32_t gen, uint32_t events);
void proxy_on_client(void *world, uint32_t slot, uint32_t gen, uint32_t events);
void proxy_on_upstream(void *world, uint32_t slot, uint32_t gen, uint32_t events);
/* TMO_PROXY_IDENT, _HEAD, _NEXT, _CONNECT, _ATTEMPT, _IDLE, _LINGER, _PAUSE. */
void proxy_tmo_ident(void *world, uint32_t slot, uint32_t gen);
void proxy_tmo_head(void *world, uint32_t slot, uint32_t gen);
void proxy_tmo_next(void *world, uint32_t slot, uint32_t gen);
void proxy_tmo_connect(void *world, uint32_t slot, uint32_t gen);
void proxy_tmo_attempt(void *world, uint32_t slot, uint32_t gen);
void proxy_tmo_idle(void *world, uint32_t slot, uint32_t gen);
void proxy_tmo_linger(void *world, uint32_t slot, uint32_t gen);
void proxy_tmo_pause(void *world, uint32_t slot, uint32_t gen);

#endif
