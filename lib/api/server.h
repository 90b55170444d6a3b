/* server.h - HTTP/1 over a Unix socket on the loop of the control thread
 *
 * Layer: api.  Input: hostile.  Memory: a fixed pool of connections; bodies and long answers in
 * mappings of their own while they last.  Threads: the control thread only.
 * Spec: S000 section 7 and 10, OPS-FR-020..022, S004-X-006.
 *
 * A handler ends its request with exactly one of api_ok, api_data, api_end, api_error, api_fail, or
 * keeps it open with api_later; then api_resume gives the request back, once, for one of the
 * former.
 */
#ifndef OC_API_SERVER_H
#define OC_API_SERVER_H

#include "api/router.h"
#include "base/pool.h"
#include "sys/ev.h"
#include "sys/sock.h"
#include "sys/tmo.h"

struct api_config {			/* constant while the server runs */
	struct api_routes routes;
	/* in the loop's table: api_on_listen, api_on_conn */
	unsigned kind_listen, kind_conn;
	/* connections at once; the next ones wait in the kernel's queue */
	uint32_t conns;
	size_t body_max;
	unsigned shape_status;		/* for JSON of the wrong shape: 422, or 400 (agent API) */
	/* Who may talk (S000 section 10): root and the daemon's own user, and ... */
	bool for_operators;		/* false: everybody, the handlers decide (agent API) */
	bool has_operator_uid, has_operator_gid;
	uid_t operator_uid;
	gid_t operator_gid;		/* members by group or supplementary groups */
	/* True: the peer sits in a container or a jail, whatever its user (S004-X-006). May be
	 * NULL. */
	bool (*is_confined)(void *world, int fd, const struct sock_peer *peer);
};

enum api_tmo {
	API_TMO_HEAD = 0,
	API_TMO_NEXT,
	API_TMO_BODY,
	API_TMO_WRITE,
	API_TMO_LINGER,
	API_TMO_PAUSE,
	API_TMO_COUNT
};

struct api_server;

struct api_request {
	struct api_server *server;
	void *world;
	struct api_ref ref;
	struct sock_peer peer;
	int fd;			/* the peer's socket, for questions about it */
	/* During the handler's run only: */
	struct str param;	/* the "{}" of the path, decoded */
	struct api_query query;
	void *body;		/* struct of the route's shape, NULL without a shape */
	struct arena *arena;	/* gone when the handler returns */
	/* The answer being composed. */
	struct buf out;
	struct jsonw w;
};

struct api_server {
	const struct api_config *cfg;
	void *world;			/* handlers find it in the request */
	struct ev_loop *loop;
	int listen_fd;
	bool paused;			/* no slot or no descriptor: the listener is not watched */
	struct tmo pause;
	struct pool conns;
	struct tmo_set tmo;
	char *out;			/* where answers are composed */
	struct api_request resumed;
};

/* Takes over listen_fd. */
int api_open(struct api_server *s, const struct api_config *cfg, void *world, struct ev_loop *loop,
	     int listen_fd, struct err *e) NODISCARD;
/* Stops accepting; requests that run go on (S000 section 11). */
void api_stop_accepting(struct api_server *s);
/* Requests that are not answered yet, or answers not yet taken. */
uint32_t api_busy(const struct api_server *s);
void api_close(struct api_server *s);

/* For the loop: reactions of the two kinds, with s found in the world by the caller's table. */
void api_on_listen(struct api_server *s);
void api_on_conn(struct api_server *s, uint32_t slot, uint32_t gen, uint32_t events);
/* Once per turn: the loop may sleep so long; then what is due. */
int api_wait_ms(const struct api_server *s);
void api_expire(struct api_server *s);

/* ---- for handlers ---- */

void api_ok(struct api_request *rq);				/* {"success":true} */
void api_data(struct api_request *rq, const struct json_shape *sh, const void *obj);
struct jsonw *api_begin(struct api_request *rq);		/* then one value, then */
void api_end(struct api_request *rq, unsigned status);		/* 200, 201, 503 of ready */
void api_error(struct api_request *rq, unsigned status, const char *fmt, ...) PRINTF(3, 4);
/* An operational failure: 200 with success false (S000 section 7). */
void api_fail(struct api_request *rq, const struct err *e);
/* The answer comes later: keep the result. */
struct api_ref api_later(struct api_request *rq);
/* Back to a request kept open; NULL when its peer has gone. Valid until the next call of the
 * server. */
struct api_request *api_resume(struct api_server *s, struct api_ref ref);
/* Before answering: the connection stays open behind the answer, and the route's gone function is
 * called when it ends (the life-line of a jail). */
void api_hold(struct api_request *rq);
/* Ends a held connection; its gone function is not called. */
void api_drop(struct api_server *s, struct api_ref ref);

#endif
