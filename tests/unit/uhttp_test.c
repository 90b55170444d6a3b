/* uhttp_test.c - HTTP over a Unix socket: framings, pieces, limits, deadlines, giving up
 *
 * Spec: S000 section 8, S008 (Docker Engine API calls: transport), S008-X-A3.
 */
#include "t.h"

#include <poll.h>
#include <pthread.h>
#include <errno.h>
#include <sys/eventfd.h>
#include <sys/ioctl.h>
#include <sys/socket.h>

#include "base/clock.h"
#include "sys/sock.h"
#include "sys/uhttp.h"

static char dir[64], path[96];
static struct arena arena;
static struct {
	int listener;
	const char *answer;
	size_t step;	/* bytes per send */
	bool stay;	/* leaves the connection open until the client closes it */
} engine;

static void *serve(void *arg)
{
	char request[4096];
	struct pollfd until_closed = { .events = POLLRDHUP };
	int fd = accept(engine.listener, NULL, NULL);
	(void)!read(fd, request, sizeof(request));
	for (size_t at = 0, len = strlen(engine.answer); at < len; at += engine.step)
		(void)!send(fd, engine.answer + at, MIN(engine.step, len - at), MSG_NOSIGNAL);
	until_closed.fd = fd;
	if (engine.stay)
		(void)poll(&until_closed, 1, 20000);
	close(fd);
	return arg;
}

static pthread_t thread;

static void engine_says(const char *answer, size_t step, bool stay)
{
	struct err e;
	struct sock_unix u = { .path = path, .uid = geteuid(), .gid = getegid(), .mode = 0600 };
	snprintf(dir, sizeof(dir), "/tmp/uhttp_test.XXXXXX");
	OK(mkdtemp(dir) != NULL);
	snprintf(path, sizeof(path), "%s/s", dir);
	EQ(sock_unix_listen(&u, &engine.listener, &e), 0);
	/* the listener is non-blocking; the thread wants to wait */
	struct pollfd ready = { .fd = engine.listener, .events = POLLIN };
	(void)poll(&ready, 1, 0);
	engine.answer = answer;
	engine.step = step;
	engine.stay = stay;
	arena_fini(&arena);
	arena_init(&arena, 1 << 20);
}

static void engine_starts(void)
{
	int on = 0;
	EQ(ioctl(engine.listener, FIONBIO, &on), 0);
	OK(pthread_create(&thread, NULL, serve, NULL) == 0);
}

static void engine_ends(void)
{
	pthread_join(thread, NULL);
	close(engine.listener);
	sock_unix_remove(path);
	rmdir(dir);
}

static struct uhttp_request request(void)
{
	return (struct uhttp_request){ .socket = path, .peer = "the engine", .host = "docker",
				       .method = "GET", .path = "/x", .minor = 1, .close = true,
				       .wait_ms = 10000 };
}

/* The body, or the message. */
static const char *body_of(const char *answer, size_t step)
{
	static struct err e;
	struct uhttp_request rq = request();
	struct str body = { NULL, 0 };
	struct uhttp x;
	engine_says(answer, step, false);
	engine_starts();
	if (uhttp_open(&x, &rq, &e) == 0) {
		if (uhttp_body(&x, 16, &arena, &body, &e) < 0)
			body.p = NULL;
		uhttp_close(&x);
	}
	engine_ends();
	return body.p ? body.p : e.msg;
}

#define OK_HEAD "HTTP/1.1 200 OK\r\n"

T(every_framing)
{
	static const char *const cases[][2] = {
		{ OK_HEAD "Content-Length: 5\r\n\r\nhello", "hello" },
		{ OK_HEAD "Content-Length: 0\r\n\r\n", "" },
		{ OK_HEAD "\r\nhello", "hello" },
		{ OK_HEAD "\r\n", "" },
		{ OK_HEAD "Transfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n6;x=y\r\n world\r\n0\r\n\r\n",
		  "hello world" },
		{ OK_HEAD "Transfer-Encoding: chunked\r\n\r\n0\r\n\r\n", "" },
		{ "HTTP/1.1 204 No Content\r\n\r\n", "" },
		{ "HTTP/1.1 304 Not Modified\r\nContent-Length: 9\r\n\r\n", "" },
		/* too short, too long */
		{ OK_HEAD "Content-Length: 6\r\n\r\nhello", "malformed HTTP response from the engine" },
		{ OK_HEAD "Transfer-Encoding: chunked\r\n\r\n5\r\nhel", "malformed HTTP response from the engine" },
		{ OK_HEAD "Transfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n",
		  "malformed HTTP response from the engine" },
		{ OK_HEAD "Transfer-Encoding: chunked\r\n\r\nxyz\r\n", "malformed HTTP response from the engine" },
		{ OK_HEAD "Content-Length: 17\r\n\r\n01234567890123456", "response of the engine exceeds 16 bytes" },
		{ OK_HEAD "\r\n01234567890123456", "response of the engine exceeds 16 bytes" },
		{ OK_HEAD "Transfer-Encoding: chunked\r\n\r\n11\r\n01234567890123456\r\n0\r\n\r\n",
		  "response of the engine exceeds 16 bytes" },
		/* two readings */
		{ OK_HEAD "Transfer-Encoding: chunked\r\nContent-Length: 5\r\n\r\nhello",
		  "malformed HTTP response from the engine" },
		{ OK_HEAD "Transfer-Encoding: gzip\r\n\r\nhello", "malformed HTTP response from the engine" },
		{ OK_HEAD "Content-Length: 5\r\nContent-Length: 4\r\n\r\nhello",
		  "malformed HTTP response from the engine" },
		{ "HTTP/1.1 200 OK\r\n", "malformed HTTP response from the engine" },
		{ "nonsense\r\n\r\n", "malformed HTTP response from the engine" },
	};
	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		STR_EQ(body_of(cases[i][0], 1 << 20), cases[i][1]);
		STR_EQ(body_of(cases[i][0], 1), cases[i][1]);
	}
}

T(a_stream_comes_in_pieces)
{
	struct uhttp_request rq = request();
	struct uhttp x;
	struct str piece;
	struct err e;
	engine_says(OK_HEAD "Api-Version: 1.41\r\nTransfer-Encoding: chunked\r\n\r\n3\r\none\r\n", 1 << 20, true);
	engine_starts();
	EQ(uhttp_open(&x, &rq, &e), 0);
	EQ(x.status, 200);
	VIEW_EQ(uhttp_field(&x, "api-version"), "1.41");
	OK(uhttp_field(&x, "other").p == NULL);
	EQ(uhttp_next(&x, &piece, &e), 0);
	VIEW_EQ(piece, "one");
	rq.wait_ms = 30;	/* silence is told, and does not end the stream */
	EQ(uhttp_next(&x, &piece, &e), -1);
	EQ(e.code, ERR_TIMEOUT);
	EQ(uhttp_next(&x, &piece, &e), -1);
	EQ(e.code, ERR_TIMEOUT);
	uhttp_close(&x);
	engine_ends();
}

T(the_deadline_is_for_all_of_it)
{
	struct uhttp_request rq = request();
	struct uhttp x;
	struct err e;
	engine_says("", 1, true);
	engine_starts();
	uint64_t begin = clock_mono_ms();
	rq.deadline_ms = begin + 40;
	EQ(uhttp_open(&x, &rq, &e), -1);
	EQ(e.code, ERR_TIMEOUT);
	OK(clock_mono_ms() - begin < 5000);	/* and not the 10 s of one read */
	engine_ends();
}

T(a_wait_can_be_given_up)
{
	struct uhttp_request rq = request();
	struct uhttp x;
	struct err e;
	engine_says("", 1, true);
	engine_starts();
	rq.stop_fd = eventfd(1, EFD_CLOEXEC);
	EQ(uhttp_open(&x, &rq, &e), -1);
	EQ(e.code, ERR_CONFLICT);
	close(rq.stop_fd);
	engine_ends();
}

T(nobody_listens)
{
	struct uhttp_request rq = request();
	struct uhttp x;
	struct err e;
	rq.socket = "/nonexistent/engine.sock";
	EQ(uhttp_open(&x, &rq, &e), -1);
	EQ(e.code, ERR_UNAVAILABLE);
	EQ(e.sys, ENOENT);
}
