/* conn.h - one proxied connection: its memory, its two sockets, its life cycle
 *
 * Layer: data.  Memory: slots of the worker's pools.  Threads: one worker.
 * Spec: S006-WR-049, -071..074.
 *
 * Only the files proxy*.c, relay.c and conn.c include this header.
 */
#ifndef OC_DATA_CONN_H
#define OC_DATA_CONN_H

#include "base/pool.h"
#include "data/proxy.h"
#include "proto/event.h"
#include "wire/chunk.h"
#include "wire/http1.h"
#include "wire/url.h"

#define CONN_READ_MAX 16384	/* relay buffer, bytes read at once */
#define CONN_BUF_LEN 17408	/* the same and room for a rewritten head or chunk frames */
#define CONN_BIG_LEN 98304	/* response head of 64 KiB and a full read behind it */
#define CONN_BIG_CNT 16
#define CONN_RESPONSE_HEAD_MAX 65536
#define CONN_RESPONSE_FIELDS 256
#define CONN_PIPES 32		/* idle pipes kept by a worker */
#define CONN_ADDRS_MAX 64

enum conn_state {
	CONN_HEAD = 0,	/* collects a request head; may keep an idle upstream connection */
	CONN_HELLO,	/* collects a ClientHello: behind our 200, or redirected from port 443 */
	CONN_RESOLVE,
	CONN_CONNECT,
	CONN_EXCHANGE,	/* one plain request and its response */
	CONN_TUNNEL,
	CONN_CLOSING,	/* the last bytes go out; then drains the client for a moment */
};

/* Bytes [off, off + len) of p wait. No memory is held while nothing waits. */
struct pbuf {
	char *p;
	uint32_t slot;
	uint32_t cap;
	uint32_t off, len;
};

struct side {
	int fd;			/* -1: none */
	uint32_t mask;		/* interest that the loop knows */
	bool watched;		/* known to the loop at all */
	bool eof;		/* it has sent its FIN */
	bool shut;		/* we have sent ours */
	uint8_t full_reads;	/* in a row: time for a pipe */
	struct pbuf in;		/* read from this side, on its way to the other */
	int pipe[2];		/* the same by splice(); -1: none */
	uint32_t pipe_len;
};

enum body_framing { BODY_NONE = 0, BODY_LENGTH, BODY_CHUNKED, BODY_CLOSE };

struct exchange {
	uint64_t up_left;	/* request body that still has to be read from the client */
	uint64_t down_left;	/* response body, BODY_LENGTH */
	struct chunk chunk;
	enum body_framing framing;
	uint32_t head_len;	/* of the request as it stands in client.in, for one repetition */
	uint8_t interim_cnt;	/* 1xx responses so far */
	bool has_body;		/* the request has one */
	bool is_head;		/* HEAD: the response has no body */
	bool client_11;
	bool keep;		/* the client connection may carry another request */
	bool keep_up;		/* the upstream connection too */
	bool reused;		/* goes over a connection of an earlier request */
	bool up_broken;		/* the upstream stopped reading */
	bool responded;		/* a final response head has come */
	bool finished;		/* the response is complete */
};

/* What a verdict leaves behind. */
struct ruling {
	uint64_t generation;
	uint32_t order;
	bool allow_private_ips;
	char rule_id[RULE_ID_MAX + 1];
};

struct conn {
	uint32_t slot, gen;
	enum conn_state state;
	bool admitted;		/* counts against the limits */
	bool redirected;
	bool tunnel;		/* CONNECT, or redirected TLS */
	bool wants_json;	/* refusals as JSON (D29) */
	bool is_head;
	bool sni_judged;	/* sni differs from to.host and was judged as well */
	bool any_timed_out;	/* an address of this request did not answer */
	struct side client, upstream;
	struct tmo deadline, attempt;
	struct endpoint source;
	struct endpoint dialled;	/* redirected: where the client wanted to go */
	uint32_t requests;
	uint32_t drained;

	char method[HTTP1_METHOD_MAX + 1];
	struct url_authority to;	/* of the current request */
	struct url_host sni;
	struct ruling ruling;
	struct pbuf head;		/* head of the CONNECT request, for judging again */
	struct exchange x;

	struct ip addrs[CONN_ADDRS_MAX];	/* checked targets of the current request */
	uint8_t addr_cnt, addr_next;
	struct url_authority up_to;	/* what the upstream connection was made for */
	struct ip up_addr;

	struct event pending;		/* allowed requests of the same kind, counted */
	uint64_t pending_since_ms;
};

/* Work areas that live for one event. */
struct proxy_work {
	struct http1_head head;
	struct http1_field fields[CONN_RESPONSE_FIELDS];
	struct fact_field facts[PROXY_MAX_FIELDS];
	char fact_text[4 * PROXY_MAX_HEADER_SIZE];
	char path[4 * PROXY_MAX_HEADER_SIZE];
	char raw[CONN_READ_MAX];
	char out[CONN_BIG_LEN];
	uint32_t judged_us;	/* time of the last verdict */
};

struct proxy {
	struct arena memory;		/* this struct */
	struct pool conns, bufs, big;
	int listen_fd;
	struct tmo pause;
	struct endpoint self;		/* where we listen: never a target */
	unsigned pipe_cnt;
	int pipes[CONN_PIPES][2];
	struct proxy_work work;
};

static inline struct side *conn_other(struct conn *c, struct side *s)
{
	return s == &c->client ? &c->upstream : &c->client;
}

/* ---- conn.c ---- */

/* Takes fd. NULL when no slot is left (fd is closed then). admitted: conn_admit said so. */
struct conn *conn_open(struct worker *w, int fd, struct endpoint source, bool admitted);
void conn_close(struct worker *w, struct conn *c);
/* False when a limit is reached (S006-FR-012, -WR-073); else conn_close gives it back. */
bool conn_admit(struct ip source);
struct conn *conn_at(struct worker *w, uint32_t slot, uint32_t gen);

/* Tells the loop what to wait for. Interest in reading is only ever added here; conn_mute takes it
 * away when an event comes at the wrong time. Saves two system calls per request. */
void conn_watch(struct worker *w, struct conn *c, struct side *s, bool read, bool write);
/* After an event of s that nobody wants now: no more of them until conn_watch. */
void conn_mute(struct worker *w, struct conn *c, struct side *s, uint32_t events);
void conn_deadline(struct worker *w, struct conn *c, enum worker_tmo cls);

/* Closes the upstream socket; reset: with RST, so that truncation shows. */
void conn_drop_upstream(struct worker *w, struct conn *c, bool reset);
/* The same for the client, and the end of c. */
void conn_abort(struct worker *w, struct conn *c);

/* Gives b memory of at least need bytes, keeping what waits in it. */
bool pbuf_reserve(struct proxy *p, struct pbuf *b, size_t need) NODISCARD;
void pbuf_release(struct proxy *p, struct pbuf *b);

/* Sends bytes to side s, which has nothing waiting. What the socket does not take is kept in the
 * other side's buffer. False: the socket is dead or there is no memory. */
bool conn_send(struct worker *w, struct conn *c, struct side *s, struct str bytes) NODISCARD;
/* All of it at once. False: the socket is dead or full. */
bool conn_send_now(struct side *s, struct str bytes) NODISCARD;
/* Sends what waits for s. False: the socket is dead. */
bool conn_flush(struct conn *c, struct side *s) NODISCARD;
static inline bool conn_waits(struct conn *c, struct side *s)
{
	struct side *from = conn_other(c, s);

	return from->in.len || from->pipe_len;
}

/* The last bytes for the client are queued: deliver them, send FIN, drain, close (S006-WR-071). */
void conn_finish(struct worker *w, struct conn *c);
void conn_closing_event(struct worker *w, struct conn *c, uint32_t events);

/* ---- relay.c ---- */

enum flow {
	FLOW_ERR_FROM = 0,	/* the source is dead */
	FLOW_ERR_TO,		/* the target is dead */
	FLOW_WAIT,		/* a socket has to become ready */
	FLOW_EOF,		/* the source has ended and everything is delivered */
	FLOW_DONE,		/* *left is 0 and everything is delivered */
};

/* Moves up to *left bytes from one side to the other, a bounded amount per call. */
enum flow relay_move(struct worker *w, struct conn *c, struct side *from, uint64_t *left) NODISCARD;
void relay_drop_pipe(struct proxy *p, struct side *s);
void relay_start(struct worker *w, struct conn *c);
void relay_event(struct worker *w, struct conn *c, struct side *s, uint32_t events);

/* ---- proxy_judge.c ---- */

struct question {
	enum event_layer layer;
	const struct url_host *host;
	struct str path;
	const struct http1_head *head;	/* NULL: no fields */
	uint64_t body_size;
};

/* Asks the rules. False: refused (v says why), or who is NULL. An intercept rule refuses tunnels.
 * */
bool judge_ask(struct worker *w, struct conn *c, const struct question *q,
	       struct verdict *v) NODISCARD;
const struct ident *judge_who(struct worker *w, const struct conn *c);
void judge_keep(struct conn *c, const struct verdict *v);
void judge_reason(const struct verdict *v, struct buf *out);
/* Event, log line and counter of a refusal. v NULL: not by policy, reason says what. */
void judge_report_block(struct worker *w, struct conn *c, const struct question *q,
			const struct verdict *v, const char *reason);
/* Event and log line of an allowed request. */
void judge_report_allow(struct worker *w, struct conn *c, const struct question *q,
			const struct verdict *v);
void judge_flush_event(struct worker *w, struct conn *c);
/* A breach of protocol by a client that may be up to something (security_event=true), counted as
 * blocked. */
void judge_report_breach(struct worker *w, struct conn *c, enum event_layer layer,
			 const char *reason);
void judge_report_upstream(struct worker *w, struct conn *c, const char *what, const char *detail);
/* The tunnel of c under the current rules (S006-WR-075). False: close it. */
bool judge_again(struct worker *w, struct conn *c) NODISCARD;
void judge_count_blocked(struct worker *w);

/* ---- proxy_reply.c ---- */

enum reply {
	REPLY_MALFORMED = 0,
	REPLY_CONNECT_TARGET,
	REPLY_CONNECT_HEADERS,
	REPLY_ABSOLUTE_FORM,
	REPLY_HOST_MISMATCH,
	REPLY_BODY_FRAMING,
	REPLY_TRAILING_DATA,
	REPLY_HEALTH_BODY,
	REPLY_HEALTH_OK,
	REPLY_IDENTITY,
	REPLY_HEAD_TIMEOUT,
	REPLY_BODY_SIZE,
	REPLY_EXPECT,
	REPLY_HEAD_SIZE,
	REPLY_MAX_FORWARDS,
	REPLY_UPSTREAM_FAILED,
	REPLY_UPSTREAM_WRITE,
	REPLY_UPSTREAM_INVALID,
	REPLY_TOO_MANY,
	REPLY_UPSTREAM_TIMEOUT,
	REPLY_VERSION,
	REPLY_COUNT
};

/* Sends a fixed answer and ends the connection. */
void reply_send(struct worker *w, struct conn *c, enum reply r);
/* 403 in the form of D29. v: the verdict, or NULL and reason is a text of the table. */
void reply_refuse(struct worker *w, struct conn *c, const struct verdict *v, const char *reason);
/* TLS alert access_denied, then the end. */
void reply_alert(struct worker *w, struct conn *c);
bool reply_wants_json(const struct http1_head *h);

/* ---- proxy_http.c, proxy_request.c, proxy_response.c ---- */

/* A complete plain request head stands in work.head. */
void http_request(struct worker *w, struct conn *c);
/* The upstream connection is there: send the request. */
void http_start(struct worker *w, struct conn *c);
void http_client_event(struct worker *w, struct conn *c, uint32_t events);
void http_upstream_event(struct worker *w, struct conn *c, uint32_t events);
void http_timed_out(struct worker *w, struct conn *c);
/* Reads and relays what the upstream has sent. */
void http_response(struct worker *w, struct conn *c);
/* Goes on to the next request, or ends. */
void http_finish(struct worker *w, struct conn *c);
/* The upstream connection broke before a response: again on a fresh one, or the answer r. */
void http_retry_or(struct worker *w, struct conn *c, enum reply r, const char *detail);

/* ---- proxy_connect.c ---- */

void connect_request(struct worker *w, struct conn *c);
/* The name of a tunnel through CONNECT is resolved: 200, then the ClientHello. */
void connect_established(struct worker *w, struct conn *c);
void connect_hello(struct worker *w, struct conn *c);

/* ---- proxy_target.c ---- */

/* Resolves c->to, checks the addresses, goes on. */
void target_resolve(struct worker *w, struct conn *c);
void target_connect(struct worker *w, struct conn *c);
void target_event(struct worker *w, struct conn *c);
void target_attempt_over(struct worker *w, struct conn *c);
void target_timed_out(struct worker *w, struct conn *c);
bool target_may_use(struct worker *w, const struct conn *c, struct ip a);

/* ---- proxy.c ---- */

/* Waits for the next request on a kept connection. */
void proxy_next_request(struct worker *w, struct conn *c);

#endif
