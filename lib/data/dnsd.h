/* dnsd.h - the DNS filter of one worker: UDP and TCP service, order of work, answer policy
 *
 * Layer: data.  Memory: one arena and pools made at start.  Threads: one worker.
 * Spec: S007.
 */
#ifndef OC_DATA_DNSD_H
#define OC_DATA_DNSD_H

#include "data/worker.h"

/* Serves on a bound UDP socket and a listening TCP socket, both non-blocking, which belong to the
 * filter from now on (also on failure). w->cache, w->guard and w->dnsup must be there. */
int dnsd_open(struct worker *w, int udp_fd, int tcp_listen_fd, struct err *e) NODISCARD;
/* Drops what runs, closes every socket. */
void dnsd_close(struct worker *w);
/* Takes no new query; those under way are answered (S007-FR-005). */
void dnsd_drain(struct worker *w);
/* Nothing is under way (true without a filter). */
bool dnsd_idle(const struct worker *w);
/* Closes the TCP connections of a source that is no longer managed. */
void dnsd_drop_source(struct worker *w, struct ip addr);

/* The identity table may have changed: for WORKER_SYNC. */
void dnsd_idents_changed(struct worker *w);

/* The grants of a parked answer were made or refused (WORKER_GRANTED): it leaves. */
void dnsd_granted(struct worker *w, uint32_t slot, uint32_t gen);

/* ---- reactions, for the handler table ---- */

void dnsd_on_udp(void *world, uint32_t slot, uint32_t gen, uint32_t events);
void dnsd_on_listen(void *world, uint32_t slot, uint32_t gen, uint32_t events);
void dnsd_on_tcp(void *world, uint32_t slot, uint32_t gen, uint32_t events);
void dnsd_on_tcp_idle(void *world, uint32_t slot, uint32_t gen);
void dnsd_on_tcp_msg(void *world, uint32_t slot, uint32_t gen);
void dnsd_on_ident(void *world, uint32_t slot, uint32_t gen);
void dnsd_on_grant_tmo(void *world, uint32_t slot, uint32_t gen);

#endif
