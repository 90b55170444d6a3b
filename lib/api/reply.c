/* reply.c - composing and sending answers; requests that are answered later
 *
 * Layer: api.  Input: trusted.  Memory: the server's one composing area; a mapping for what a slow
 * peer does not take at once.  Threads: the control thread only.
 * Spec: S000 sections 4 and 7.
 */
#include <errno.h>
#include <stdarg.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/socket.h>

#include "api/conn.h"
#include "proto/envelope.h"

#define BIG_ANSWER ((size_t)256 << 10)	/* the pages go back after answers longer than this */

static const char *reason_of(unsigned status)
{
	static const struct {
		unsigned status;
		const char *text;
	} reasons[] = {
		{ 200, "OK" },
		{ 201, "Created" },
		{ 400, "Bad Request" },
		{ 401, "Unauthorized" },
		{ 403, "Forbidden" },
		{ 404, "Not Found" },
		{ 405, "Method Not Allowed" },
		{ 409, "Conflict" },
		{ 413, "Content Too Large" },
		{ 415, "Unsupported Media Type" },
		{ 422, "Unprocessable Content" },
		{ 429, "Too Many Requests" },
		{ 431, "Request Header Fields Too Large" },
		{ 500, "Internal Server Error" },
		{ 503, "Service Unavailable" },
	};
	for (size_t i = 0; i < ARRAY_LEN(reasons); i++)
		if (reasons[i].status == status)
			return reasons[i].text;
	return "Unknown";
}

/* Sends what the kernel takes at once; the rest moves to a mapping. False: the peer is gone. */
static bool send_answer(struct api_conn *c, struct str bytes)
{
	while (bytes.len) {
		ssize_t n = send(c->fd, bytes.p, bytes.len, MSG_NOSIGNAL | MSG_DONTWAIT);
		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0 && errno != EAGAIN)
			return false;
		if (n < 0)
			break;
		bytes = str_from(bytes, (size_t)n);
	}
	if (!bytes.len)
		return true;
	void *mem = mmap(NULL, bytes.len, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1,
			 0);
	if (mem == MAP_FAILED)
		return false;
	memcpy(mem, bytes.p, bytes.len);
	c->rest = mem;
	c->rest_len = bytes.len;
	c->rest_sent = 0;
	return true;
}

/* Puts the head right in front of the composed body and sends both. */
static void finish(struct api_request *rq, unsigned status, const char *allow)
{
	struct api_server *s = rq->server;
	struct api_conn *c = api_conn_at(s, rq->ref);
	char text[CONN_HEAD_ROOM];
	struct buf head = BUF_OF(text);
	if (!c)
		return;	/* the peer went while the handler turned the loop */
	CHECK(!c->answered);
	if (!buf_ok(&rq->out)) {
		status = 500;
		buf_reset(&rq->out);
		envelope_error(&rq->out, "the answer is too large");
	}
	buf_printf(&head,
		   "HTTP/1.1 %u %s\r\nContent-Type: application/json\r\nContent-Length: %zu\r\n",
		   status, reason_of(status), rq->out.len);
	if (allow)
		buf_printf(&head, "Allow: %s\r\n", allow);
	buf_printf(&head, "Cache-Control: no-store\r\nConnection: %s\r\n\r\n",
		   c->ends && !c->hold ? "close" : "keep-alive");
	CHECK(buf_ok(&head));
	char *start = rq->out.p - head.len;
	memcpy(start, head.p, head.len);
	if (!send_answer(c, str_n(start, head.len + rq->out.len)))
		c->ends = true;
	if (rq->out.len > BIG_ANSWER)
		(void)madvise(s->out, CONN_OUT_CAP, MADV_DONTNEED);
	c->answered = true;
	/* Answered from elsewhere: nobody up the stack does what follows. */
	if (!c->stepping && api_conn_after_answer(s, rq->ref) == STEP_AGAIN)
		api_conn_go_on(s, rq->ref);
}

static void compose(struct api_request *rq)
{
	rq->out = buf_on(rq->server->out + CONN_HEAD_ROOM, HOST_API_RESPONSE_LIMIT);
}

void api_ok(struct api_request *rq)
{
	compose(rq);
	envelope_ok(&rq->out);
	finish(rq, 200, NULL);
}

void api_data(struct api_request *rq, const struct json_shape *sh, const void *obj)
{
	compose(rq);
	envelope_data(&rq->out, sh, obj);
	finish(rq, 200, NULL);
}

struct jsonw *api_begin(struct api_request *rq)
{
	compose(rq);
	rq->w = envelope_begin(&rq->out);
	return &rq->w;
}

void api_end(struct api_request *rq, unsigned status)
{
	envelope_end(&rq->w);
	finish(rq, status, NULL);
}

void api_error(struct api_request *rq, unsigned status, const char *fmt, ...)
{
	char text[ERR_MSG_LEN + 64];
	struct buf b = BUF_OF(text);
	va_list ap;
	va_start(ap, fmt);
	buf_vprintf(&b, fmt, ap);
	va_end(ap);
	compose(rq);
	envelope_error(&rq->out, buf_c(&b));
	finish(rq, status, NULL);
}

void api_fail(struct api_request *rq, const struct err *e)
{
	api_error(rq, 200, "%s", e->msg);
}

void api_reply_refuse(struct api_request *rq, unsigned status, const char *text)
{
	api_conn_at(rq->server, rq->ref)->ends = true;
	api_error(rq, status, "%s", text);
}

void api_reply_methods(struct api_request *rq, const char *allow)
{
	compose(rq);
	envelope_error(&rq->out, "method not allowed");
	finish(rq, 405, allow);
}

struct api_request api_reply_request(struct api_server *s, struct api_ref ref)
{
	const struct api_conn *c = api_conn_at(s, ref);
	CHECK(c != NULL);
	return (struct api_request){
		.server = s, .world = s->world, .ref = ref, .peer = c->peer, .fd = c->fd,
	};
}

/* ---- requests that stay open ---- */

struct api_ref api_later(struct api_request *rq)
{
	api_conn_at(rq->server, rq->ref)->later = true;
	return rq->ref;
}

struct api_request *api_resume(struct api_server *s, struct api_ref ref)
{
	const struct api_conn *c = api_conn_at(s, ref);
	if (!c || c->state != CONN_RUN || c->answered)
		return NULL;
	s->resumed = api_reply_request(s, ref);
	return &s->resumed;
}

void api_hold(struct api_request *rq)
{
	api_conn_at(rq->server, rq->ref)->hold = true;
}

void api_drop(struct api_server *s, struct api_ref ref)
{
	api_conn_close(s, ref, false);
}
