/* pconn.h - one proxied connection: its memory, its two sockets, its life cycle
 *
 * Layer: data.  Memory: slots of the worker's pools.  Threads: one worker.
 * Spec: S006-WR-049, -071..074.
 *
 * Only the files proxy*.c, relay.c and pconn.c include this header.
 */
#ifndef OC_DATA_PCONN_H
#define OC_DATA_PCONN_H

#include "base/log.h"
#include "base/pool.h"
#include "data/proxy.h"
#include "proto/event.h"
#include "wire/chunk.h"
#include "wire/http1.h"
#include "wire/url.h"

#define PCONN_READ_MAX 16384	/* relay buffer, bytes read at once */
#define PCONN_BUF_LEN 17408	/* the same and room for a rewritten head or chunk frames */
#define PCONN_BIG_LEN 98304	/* response head of 64 KiB and a full read behind it */
#define PCONN_BIG_CNT 16
#define PCONN_RESPONSE_HEAD_MAX 65536
#define PCONN_RESPONSE_FIELDS 256
#define PCONN_PIPES 32		/* idle pipes kept by a worker */
#define PCONN_PIPES_MAX 128	/* in use at once; further directions go through buffers */
#define PCONN_ADDRS_MAX 64

enum pconn_state {
	PCONN_HEAD = 0,	/* collects a request head; may keep an idle upstream connection */
	PCONN_HELLO,	/* collects a ClientHello: behind our 200, or redirected from port 443 */
	PCONN_RESOLVE,
	PCONN_CONNECT,
	PCONN_EXCHANGE,	/* one plain request and its response */
	PCONN_TUNNEL,
	PCONN_STRANGER,	/* nobody's address yet: waits for a fresh identity table, unread */
	PCONN_CLOSING,	/* the last bytes go out; then drains the client for a moment */
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

struct pconn {
	uint32_t slot, gen;
	enum pconn_state state;
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
	struct pbuf head;	/* of a response, until complete; of CONNECT, for judging again */
	struct exchange x;

	struct ip addrs[PCONN_ADDRS_MAX];	/* checked targets of the current request */
	uint8_t addr_cnt, addr_next;
	struct url_authority up_to;	/* what the upstream connection was made for */
	struct ip up_addr;

	struct event pending;		/* allowed requests of the same kind, counted */
	uint64_t pending_since_ms;
};

/* Work areas that live for one event. */
struct proxy_work {
	struct http1_head head;
	struct http1_field fields[PCONN_RESPONSE_FIELDS];
	struct fact_field facts[PROXY_MAX_FIELDS];
	char fact_text[4 * PROXY_MAX_HEADER_SIZE];
	char path[4 * PROXY_MAX_HEADER_SIZE];
	char raw[PCONN_READ_MAX];
	char out[PCONN_BIG_LEN];
	uint32_t judged_us;	/* time of the last verdict */
};

struct proxy {
	struct arena memory;		/* this struct */
	struct pool conns, bufs, big;
	int listen_fd;
	struct tmo pause;
	struct endpoint self;		/* where we listen: never a target */
	unsigned pipe_cnt;	/* in pipes[] */
	unsigned pipes_used;
	struct log_limit discard_limit;
	int pipes[PCONN_PIPES][2];
	struct proxy_work work;
};

static inline struct side *pconn_other(struct pconn *c, struct side *s)
{
	return s == &c->client ? &c->upstream : &c->client;
}

/* ---- pconn.c ---- */

/* Takes fd. NULL when no slot is left (fd is closed then). admitted: pconn_admit said so. */
struct pconn *pconn_open(struct worker *w, int fd, struct endpoint source, bool admitted);
void pconn_close(struct worker *w, struct pconn *c);
/* False when a limit is reached (S006-FR-012, -WR-073); else pconn_close gives it back. */
bool pconn_admit(struct ip source);
struct pconn *pconn_at(struct worker *w, uint32_t slot, uint32_t gen);

/* Tells the loop what to wait for. Interest in reading is only ever added here; pconn_mute takes it
 * away when an event comes at the wrong time. Saves two system calls per request. */
void pconn_watch(struct worker *w, struct pconn *c, struct side *s, bool read, bool write);
/* After an event of s that nobody wants now: no more of them until pconn_watch. */
void pconn_mute(struct worker *w, struct pconn *c, struct side *s, uint32_t events);
void pconn_deadline(struct worker *w, struct pconn *c, enum worker_tmo cls);

/* Closes the upstream socket; reset: with RST, so that truncation shows. */
void pconn_drop_upstream(struct worker *w, struct pconn *c, bool reset);
/* The same for the client, and the end of c. */
void pconn_abort(struct worker *w, struct pconn *c);

/* Gives b memory of at least need bytes, keeping what waits in it. */
bool pbuf_reserve(struct proxy *p, struct pbuf *b, size_t need) NODISCARD;
void pbuf_release(struct proxy *p, struct pbuf *b);

/* Sends bytes to side s, which has nothing waiting. What the socket does not take is kept in the
 * other side's buffer. False: the socket is dead or there is no memory. */
bool pconn_send(struct worker *w, struct pconn *c, struct side *s, struct str bytes) NODISCARD;
/* The same to the client, with pconn_finish() to follow: bytes and FIN leave in one packet, so that
 * a client never takes the connection for one that it may use again. */
bool pconn_send_last(struct worker *w, struct pconn *c, struct str bytes) NODISCARD;
/* All of it at once. False: the socket is dead or full. */
bool pconn_send_now(struct side *s, struct str bytes) NODISCARD;
/* Sends what waits for s. False: the socket is dead. */
bool pconn_flush(struct pconn *c, struct side *s) NODISCARD;
static inline bool pconn_waits(struct pconn *c, struct side *s)
{
	struct side *from = pconn_other(c, s);

	return from->in.len || from->pipe_len;
}

/* The last bytes for the client are queued: deliver them, send FIN, drain, close (S006-WR-071). */
void pconn_finish(struct worker *w, struct pconn *c);
void pconn_closing_event(struct worker *w, struct pconn *c, uint32_t events);

/* ---- relay.c ---- */

enum flow {
	FLOW_ERR_FROM = 0,	/* the source is dead */
	FLOW_ERR_TO,		/* the target is dead */
	FLOW_WAIT,		/* a socket has to become ready */
	FLOW_EOF,		/* the source has ended and everything is delivered */
	FLOW_DONE,		/* *left is 0 and everything is delivered */
};

/* Moves up to *left bytes from one side to the other, a bounded amount per call. */
enum flow relay_move(struct worker *w, struct pconn *c, struct side *from,
		     uint64_t *left) NODISCARD;
void relay_drop_pipe(struct proxy *p, struct side *s);
void relay_start(struct worker *w, struct pconn *c);
void relay_event(struct worker *w, struct pconn *c, struct side *s, uint32_t events);

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
bool judge_ask(struct worker *w, struct pconn *c, const struct question *q,
	       struct verdict *v) NODISCARD;
const struct ident *judge_who(struct worker *w, const struct pconn *c);
void judge_keep(struct pconn *c, const struct verdict *v);
void judge_reason(const struct verdict *v, struct buf *out);
/* Event, log line and counter of a refusal. v NULL: not by policy, reason says what. */
void judge_report_block(struct worker *w, struct pconn *c, const struct question *q,
			const struct verdict *v, const char *reason);
/* Event and log line of an allowed request. */
void judge_report_allow(struct worker *w, struct pconn *c, const struct question *q,
			const struct verdict *v);
void judge_flush_event(struct worker *w, struct pconn *c);
/* A breach of protocol by a client that may be up to something (security_event=true), counted as
 * blocked. */
void judge_report_breach(struct worker *w, struct pconn *c, enum event_layer layer,
			 const char *reason);
void judge_report_upstream(struct worker *w, struct pconn *c, const char *what, const char *detail);
/* The tunnel of c under the current rules (S006-WR-075). False: close it. */
bool judge_again(struct worker *w, struct pconn *c) NODISCARD;
void judge_count_blocked(struct worker *w);

/* ---- proxy_answer.c ---- */

enum answer_kind {
	ANSWER_MALFORMED = 0,
	ANSWER_CONNECT_TARGET,
	ANSWER_CONNECT_HEADERS,
	ANSWER_ABSOLUTE_FORM,
	ANSWER_HOST_MISMATCH,
	ANSWER_BODY_FRAMING,
	ANSWER_TRAILING_DATA,
	ANSWER_HEALTH_BODY,
	ANSWER_HEALTH_OK,
	ANSWER_IDENTITY,
	ANSWER_HEAD_TIMEOUT,
	ANSWER_BODY_SIZE,
	ANSWER_EXPECT,
	ANSWER_HEAD_SIZE,
	ANSWER_MAX_FORWARDS,
	ANSWER_UPSTREAM_FAILED,
	ANSWER_UPSTREAM_WRITE,
	ANSWER_UPSTREAM_INVALID,
	ANSWER_TOO_MANY,
	ANSWER_UPSTREAM_TIMEOUT,
	ANSWER_VERSION,
	ANSWER_COUNT
};

/* Sends a fixed answer and ends the connection. */
void answer_send(struct worker *w, struct pconn *c, enum answer_kind r);
/* 403 in the form of D29. v: the verdict, or NULL and reason is a text of the table. */
void answer_refuse(struct worker *w, struct pconn *c, const struct verdict *v, const char *reason);
/* TLS alert access_denied, then the end. */
void answer_alert(struct worker *w, struct pconn *c);
bool answer_wants_json(const struct http1_head *h);

/* ---- proxy_http.c, proxy_request.c, proxy_response.c ---- */

/* A complete plain request head stands in work.head. */
void plain_request(struct worker *w, struct pconn *c);
/* The upstream connection is there: send the request. */
void plain_start(struct worker *w, struct pconn *c);
void plain_client_event(struct worker *w, struct pconn *c, uint32_t events);
void plain_upstream_event(struct worker *w, struct pconn *c, uint32_t events);
void plain_timed_out(struct worker *w, struct pconn *c);
/* Reads and relays what the upstream has sent. */
void plain_response(struct worker *w, struct pconn *c);
/* Goes on to the next request, or ends. */
void plain_finish(struct worker *w, struct pconn *c);
/* The upstream connection broke before a response: again on a fresh one, or the answer r. */
void plain_retry_or(struct worker *w, struct pconn *c, enum answer_kind r, const char *detail);

/* ---- proxy_connect.c ---- */

void connect_request(struct worker *w, struct pconn *c);
/* The name of a tunnel through CONNECT is resolved: 200, then the ClientHello. */
void connect_established(struct worker *w, struct pconn *c);
void connect_hello(struct worker *w, struct pconn *c);

/* ---- proxy_target.c ---- */

/* Resolves c->to, checks the addresses, goes on. */
void target_resolve(struct worker *w, struct pconn *c);
void target_connect(struct worker *w, struct pconn *c);
void target_event(struct worker *w, struct pconn *c);
void target_attempt_over(struct worker *w, struct pconn *c);
void target_timed_out(struct worker *w, struct pconn *c);
bool target_may_use(struct worker *w, const struct pconn *c, struct ip a);

/* ---- proxy.c ---- */

/* Waits for the next request on a kept connection. */
void proxy_next_request(struct worker *w, struct pconn *c);

#endif
