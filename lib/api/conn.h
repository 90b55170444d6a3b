/* conn.h - one connection of the API server; private to server.c, request.c and reply.c
 *
 * Layer: api.  Memory: slots of the server's pool.  Threads: the control thread only.
 */
#ifndef OC_API_CONN_H
#define OC_API_CONN_H

#include "api/server.h"
#include "proto/consts.h"
#include "wire/http1.h"

#define CONN_FIELD_MAX 64
#define CONN_HEAD_ROOM 512			/* in front of a composed answer, for its head */
#define CONN_OUT_CAP (CONN_HEAD_ROOM + (size_t)HOST_API_RESPONSE_LIMIT)

/* See the theory of operation in server.c. */
enum conn_state {
	CONN_FREE = 0,
	CONN_HEAD,
	CONN_BODY,
	CONN_RUN,
	CONN_WRITE,
	CONN_HELD,
	CONN_LINGER
};

struct api_conn {
	enum conn_state state;
	int fd;
	struct sock_peer peer;
	struct tmo tmo;
	const struct api_route *route;	/* of the request that runs, for its gone function */
	bool http11;
	bool ends;			/* close after the answer */
	bool hold;			/* stay open after the answer, for its own sake */
	bool later;			/* the handler has kept the request open */
	/* the answer is composed, and sent as far as the kernel took it */
	bool answered;
	/* api_conn_step() is on the stack and will do what follows the answer */
	bool stepping;
	size_t have;			/* bytes in head */
	size_t used;			/* of them: the request that runs */
	char *body;			/* mapping of body_len, or NULL */
	size_t body_len, body_have;
	char *rest;			/* mapping of rest_len: what the kernel did not take yet */
	size_t rest_len, rest_sent;
	char head[HOST_API_HEAD_LIMIT];
};

enum progress {
	STEP_WAIT = 0,	/* for an event */
	STEP_AGAIN,	/* the next request may be in the buffer */
	STEP_GONE,	/* the connection has been closed */
};

/* NULL: gone. */
struct api_conn *api_conn_at(const struct api_server *s, struct api_ref ref);
/* tell: the route's gone function hears of it. */
void api_conn_close(struct api_server *s, struct api_ref ref, bool tell);
/* What is watched and which deadline runs follow from the state. False: the connection is gone. */
bool api_conn_enter(struct api_server *s, struct api_ref ref, enum conn_state state);
/* What follows an answer. */
enum progress api_conn_after_answer(struct api_server *s, struct api_ref ref);
/* Runs requests as long as complete ones are in the buffer. */
void api_conn_go_on(struct api_server *s, struct api_ref ref);
/* One request, if it is complete (request.c). */
enum progress api_conn_step(struct api_server *s, struct api_ref ref);

/* A request for that connection, without head and body (reply.c). */
struct api_request api_reply_request(struct api_server *s, struct api_ref ref);
/* A refusal after which the input cannot be trusted: the connection ends. */
void api_reply_refuse(struct api_request *rq, unsigned status, const char *text);
/* 405 with its Allow field. */
void api_reply_methods(struct api_request *rq, const char *allow);

#endif
