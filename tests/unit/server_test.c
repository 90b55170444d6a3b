/* server_test.c - the API server over real Unix sockets: statuses, framing, later answers, peers
 *
 * Spec: S000 section 7 (every status), S000-X-009, OPS-FR-020, OPS-FR-022.
 */
#include "t.h"

#include <grp.h>
#include <poll.h>

#include "bench.h"

static struct world {
	struct api_ref parked;
	bool confined;
	unsigned gone;
} w;

/* ---- routes ---- */

struct greet {
	struct str name;
	uint32_t times;
	bool has_times;
};
static const struct json_field greet_fields[] = {
	JSON_REQ(struct greet, name),
	JSON_OPT_HAS(struct greet, times),
};
static const struct json_shape greet_shape = JSON_SHAPE(struct greet, greet_fields, true);

static void greet(struct api_request *rq)
{
	const struct greet *g = rq->body;
	struct jsonw *j = api_begin(rq);
	jsonw_str(j, g->name);
	api_end(rq, 200);
}

static void ok(struct api_request *rq)
{
	api_ok(rq);
}

static void show(struct api_request *rq)
{
	struct str q = { NULL, 0 };
	struct jsonw *j = api_begin(rq);
	jsonw_object(j);
	jsonw_add_str(j, "param", rq->param);
	if (query_get(&rq->query, "q", &q))
		jsonw_add_str(j, "q", q);
	jsonw_object_end(j);
	api_end(rq, 200);
}

static void park(struct api_request *rq)
{
	((struct world *)rq->world)->parked = api_later(rq);
}

static void hold(struct api_request *rq)
{
	((struct world *)rq->world)->parked = rq->ref;
	api_hold(rq);
	api_ok(rq);
}

static void broken(struct api_request *rq)
{
	(void)rq;
}

static void big(struct api_request *rq)
{
	struct jsonw *j = api_begin(rq);
	jsonw_array(j);
	for (int i = 0; i < 100000; i++)
		jsonw_c(j, "0123456789");
	jsonw_array_end(j);
	api_end(rq, 200);
}

static void too_big(struct api_request *rq)
{
	struct jsonw *j = api_begin(rq);
	jsonw_array(j);
	for (int i = 0; i < 2000000; i++)
		jsonw_c(j, "0123456789");
	jsonw_array_end(j);
	api_end(rq, 200);
}

static void on_gone(void *world, struct api_ref ref)
{
	struct world *me = world;
	if (ref.slot == me->parked.slot && ref.gen == me->parked.gen)
		me->gone++;
}

static const char *const show_query[] = { "q", NULL };
static const struct api_route routes[] = {
	{ "GET", "/ok", ok, NULL, NULL, NULL },
	{ "POST", "/ok", ok, NULL, NULL, NULL },
	{ "POST", "/greet", greet, &greet_shape, NULL, NULL },
	{ "GET", "/thing/{}", show, NULL, show_query, NULL },
	{ "POST", "/thing/evaluate", ok, NULL, NULL, NULL },
	{ "GET", "/park", park, NULL, NULL, on_gone },
	{ "POST", "/hold", hold, NULL, NULL, on_gone },
	{ "GET", "/broken", broken, NULL, NULL, NULL },
	{ "GET", "/big", big, NULL, NULL, NULL },
	{ "GET", "/too-big", too_big, NULL, NULL, NULL },
};

static bool is_confined(void *world, int fd, const struct sock_peer *peer)
{
	(void)fd, (void)peer;
	return ((struct world *)world)->confined;
}

static struct api_config cfg = {
	.routes = { routes, ARRAY_LEN(routes) },
	.kind_listen = BENCH_LISTEN,
	.kind_conn = BENCH_CONN,
	.conns = 4,
	.body_max = 100000,
	.shape_status = 422,
	.for_operators = true,
	.is_confined = is_confined,
};

static void start(void)
{
	memset(&w, 0, sizeof(w));
	bench_start(&cfg, &w);
}

/* ---- tests ---- */

#define HTTP11(line, body) line " HTTP/1.1\r\nHost: x\r\n" body
#define POST_JSON(path, n, json) \
	HTTP11("POST " path, \
	       "Content-Type: application/json\r\nContent-Length: " #n "\r\n\r\n" json)

T(every_status)
{
	static const struct {
		unsigned status;
		const char *request, *body;
	} cases[] = {
		{ 200, HTTP11("GET /ok", "\r\n"), "{\"success\":true}" },
		{ 200, "GET /ok HTTP/1.0\r\n\r\n", "{\"success\":true}" },
		{ 200, "POST /ok HTTP/1.0\r\nContent-Length: 0\r\n\r\n", "{\"success\":true}" },
		{ 200, POST_JSON("/ok", 2, "{}"), "{\"success\":true}" },
		{ 200, POST_JSON("/greet", 17, "{\"name\":\"\\u0041\"}"), "" },
		{ 200, HTTP11("GET /thing/a%20b?q=x%3dy", "\r\n"),
		  "{\"success\":true,\"data\":{\"param\":\"a b\",\"q\":\"x=y\"}}" },
		{ 200, HTTP11("GET /thing/evaluate", "\r\n"), "\"param\":\"evaluate\"" },
		{ 400, "GET /ok HTTP/1.0\n\n", "bad HTTP request" },
		{ 400, "GET /ok HTTP/2.0\r\n\r\n", "bad HTTP request" },
		{ 400, "GET /ok HTTP/1.1\r\n\r\n", "bad HTTP framing" },
		{ 400, HTTP11("POST /ok", "Transfer-Encoding: chunked\r\n\r\n"),
		  "bad HTTP framing" },
		{ 400, HTTP11("POST /ok", "Content-Length: 1\r\nContent-Length: 1\r\n\r\n"),
		  "bad HTTP framing" },
		{ 400, HTTP11("POST /ok", "Content-Length: +1\r\n\r\n"), "bad HTTP framing" },
		{ 400,
		  HTTP11("GET /ok",
			 "Content-Length: 2\r\nContent-Type: application/json\r\n\r\n{}"),
		  "only POST" },
		{ 400, POST_JSON("/greet", 7, "{\"name\""), "invalid JSON at byte 7" },
		{ 400, POST_JSON("/greet", 21, "{\"name\":\"a\",\"name\":1}"), "invalid JSON" },
		{ 400, HTTP11("GET /ok?x=1", "\r\n"), "invalid query parameter \\\"x\\\"" },
		{ 400, HTTP11("GET /thing/a?q=%zz", "\r\n"), "invalid query parameter \\\"q\\\"" },
		{ 400, HTTP11("GET /thing/a?q=1&q=2", "\r\n"),
		  "invalid query parameter \\\"q\\\"" },
		{ 400, HTTP11("GET /thing/%00", "\r\n"), "bad escape" },
		{ 404, HTTP11("GET /nope", "\r\n"), "{\"success\":false,\"error\":\"not found\"}" },
		{ 404, HTTP11("GET //ok", "\r\n"), "not found" },
		{ 404, HTTP11("GET /%6fk", "\r\n"), "not found" },
		{ 404, HTTP11("GET /./ok", "\r\n"), "not found" },
		{ 404, HTTP11("GET /thing/", "\r\n"), "not found" },
		{ 405, HTTP11("DELETE /ok", "\r\n"), "Allow: GET, POST\r\n" },
		{ 405, HTTP11("POST /thing/x", "Content-Length: 0\r\n\r\n"), "Allow: GET\r\n" },
		{ 413,
		  HTTP11("POST /ok",
			 "Content-Type: application/json\r\nContent-Length: 100001\r\n\r\n"),
		  "request body too large" },
		{ 413,
		  HTTP11("POST /ok",
			 "Content-Type: application/json\r\nContent-Length: 999999999999999999\r\n\r\n"),
		  "" },
		{ 415, HTTP11("POST /ok", "Content-Length: 2\r\n\r\n{}"), "application/json" },
		{ 415,
		  HTTP11("POST /ok", "Content-Type: text/plain\r\nContent-Length: 2\r\n\r\n{}"),
		  "application/json" },
		{ 422, POST_JSON("/greet", 2, "{}"), "missing field \\\"name\\\"" },
		{ 422, "POST /greet HTTP/1.0\r\n\r\n", "missing field \\\"name\\\"" },
		{ 422, POST_JSON("/greet", 10, "{\"name\":1}"), "must be a string" },
		{ 422, POST_JSON("/greet", 18, "{\"name\":\"\",\"x\":{}}"),
		  "unknown field \\\"x\\\"" },
		{ 422, POST_JSON("/greet", 22, "{\"name\":\"\",\"times\":-1}"),
		  "must be an integer" },
		{ 422, POST_JSON("/ok", 7, "{\"a\":1}"), "unknown field \\\"a\\\"" },
		{ 422, POST_JSON("/ok", 2, "[]"), "must be an object" },
		{ 500, HTTP11("GET /broken", "\r\n"), "without an answer" },
		{ 500, HTTP11("GET /too-big", "\r\n"), "the answer is too large" },
	};
	start();
	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		ask(cases[i].request);
		if (status() != cases[i].status || !strstr(got, cases[i].body) ||
		    !strstr(got, "Content-Type: application/json\r\n"))
			FAIL("%s -> %s", cases[i].request, got);
	}
	EQ(bench.server.conns.used, 0);
}

T(head_over_16_kib_is_431)
{
	static char text[20000];
	start();
	memset(text, 'a', sizeof(text));
	memcpy(text, "GET /ok HTTP/1.1\r\nHost: x\r\nX: ", 30);
	text[sizeof(text) - 1] = '\0';
	ask(text);
	EQ(status(), 431);
	HAS(got, "\"success\":false");
}

T(http10_closes_and_http11_goes_on)
{
	start();
	int fd = peer();
	got[0] = '\0';
	say_c(fd, "GET /ok HTTP/1.0\r\n\r\n");
	OK(hear(fd));
	HAS(got, "Connection: close");
	close(fd);
	fd = peer();
	for (int i = 0; i < 3; i++) {
		got[0] = '\0';
		say_c(fd, HTTP11("GET /ok", "\r\n"));
		OK(!hear(fd));
		EQ(status(), 200);
	}
	got[0] = '\0';
	say_c(fd, HTTP11("GET /ok", "Connection: close\r\n\r\n"));
	OK(hear(fd));
	close(fd);
}

T(byte_by_byte_and_pipelined)
{
	static const char two[] = POST_JSON("/greet", 13, "{\"name\":\"ab\"}")
		HTTP11("GET /ok", "\r\n");
	start();
	int fd = peer();
	got[0] = '\0';
	for (size_t i = 0; i < sizeof(two) - 1; i++)
		say(fd, two + i, 1);
	OK(!hear(fd));
	HAS(got, "\"data\":\"ab\"}HTTP/1.1 200");
	got[0] = '\0';
	say(fd, two, sizeof(two) - 1);
	OK(!hear(fd));
	HAS(got, "\"data\":\"ab\"}HTTP/1.1 200");
	close(fd);
}

T(long_body_has_its_own_memory)
{
	static char text[90000];
	start();
	int n = snprintf(
		text, sizeof(text),
		HTTP11("POST /greet",
		       "Content-Type: application/json; charset=utf-8\r\n"
		       "Expect: 100-continue\r\nContent-Length: 80011\r\n\r\n") "{\"name\":\"");
	OK(n > 0);
	memset(text + n, 'x', 80000);
	memcpy(text + n + 80000, "\"}", 3);
	int fd = peer();
	got[0] = '\0';
	say(fd, text, 150);
	(void)hear(fd);
	STR_EQ(got, "HTTP/1.1 100 Continue\r\n\r\n");
	got[0] = '\0';
	say(fd, text + 150, (size_t)n + 80002 - 150);
	(void)hear(fd);
	HAS(got, "HTTP/1.1 200");
	HAS(got, "\"data\":\"xxxxx");
	got[0] = '\0';
	say_c(fd, HTTP11("GET /ok", "\r\n"));
	(void)hear(fd);
	EQ(status(), 200);
	close(fd);
}

T(long_answer_waits_for_a_slow_peer)
{
	start();
	int fd = peer();
	say_c(fd, HTTP11("GET /big", "\r\n"));
	turns(5);
	EQ(api_busy(&bench.server), 1);
	size_t total = 0;
	for (int idle = 0; idle < 20; idle++) {
		ssize_t n = recv(fd, got, sizeof(got), MSG_DONTWAIT);
		if (n > 0) {
			total += (size_t)n;
			idle = 0;
		}
		turns(1);
	}
	OK(total > 1300000);
	EQ(api_busy(&bench.server), 0);
	close(fd);
}

T(later_answer)
{
	start();
	int fd = peer();
	got[0] = '\0';
	say_c(fd, HTTP11("GET /park", "\r\n"));
	OK(!hear(fd));
	STR_EQ(got, "");
	struct api_request *rq = api_resume(&bench.server, w.parked);
	OK(rq != NULL);
	api_ok(rq);
	PTR_EQ(api_resume(&bench.server, w.parked), NULL);
	OK(!hear(fd));
	EQ(status(), 200);
	got[0] = '\0';
	say_c(fd, HTTP11("GET /ok", "\r\n"));
	OK(!hear(fd));
	EQ(status(), 200);
	close(fd);
	turns(3);
	EQ(w.gone, 0);
}

T(pipelined_request_behind_a_later_one)
{
	start();
	int fd = peer();
	got[0] = '\0';
	say_c(fd, HTTP11("GET /park", "\r\n") HTTP11("GET /nope", "\r\n"));
	OK(!hear(fd));
	api_ok(api_resume(&bench.server, w.parked));
	OK(!hear(fd));
	HAS(got, "{\"success\":true}HTTP/1.1 404");
	close(fd);
}

T(gone_peer_of_a_later_answer_is_reported)
{
	start();
	int fd = peer();
	say_c(fd, HTTP11("GET /park", "\r\n"));
	turns(3);
	close(fd);
	turns(3);
	EQ(w.gone, 1);
	PTR_EQ(api_resume(&bench.server, w.parked), NULL);
	EQ(bench.server.conns.used, 0);
}

T(held_connection_is_a_life_line)
{
	start();
	int fd = peer();
	got[0] = '\0';
	say_c(fd, "POST /hold HTTP/1.1\r\nHost: x\r\nContent-Length: 0\r\n\r\n");
	OK(!hear(fd));
	EQ(status(), 200);
	EQ(w.gone, 0);
	close(fd);
	turns(3);
	EQ(w.gone, 1);
	fd = peer();
	say_c(fd, "POST /hold HTTP/1.1\r\nHost: x\r\nContent-Length: 0\r\n\r\n");
	(void)hear(fd);
	api_drop(&bench.server, w.parked);
	OK(hear(fd));
	EQ(w.gone, 1);
	close(fd);
}

T(full_pool_lets_the_next_wait)
{
	start();
	int held[4], fd;
	for (int i = 0; i < 4; i++) {
		held[i] = peer();
		turns(2);
	}
	EQ(bench.server.conns.used, 4);
	fd = peer();
	got[0] = '\0';
	say_c(fd, HTTP11("GET /ok", "\r\n"));
	OK(!hear(fd));
	STR_EQ(got, "");
	close(held[0]);
	OK(!hear(fd));
	EQ(status(), 200);
	for (int i = 1; i < 4; i++)
		close(held[i]);
	close(fd);
}

/* A process of another user connects, asks, and writes what it got into the pipe. */
static unsigned status_for(uid_t uid, gid_t gid, gid_t extra)
{
	int ends[2];
	OK(pipe(ends) == 0);
	pid_t pid = fork();
	if (pid == 0) {
		struct err e;
		int fd;
		char text[512] = "";
		if (setgroups(extra ? 1 : 0, &extra) == 0 && setgid(gid) == 0 && setuid(uid) == 0 &&
		    sock_unix_connect(bench.path, 5000, &fd, &e) == 0) {
			(void)!send(fd, "GET /ok HTTP/1.0\r\n\r\n", 20, MSG_NOSIGNAL);
			for (ssize_t n, have = 0;
			     (n = read(fd, text + have, sizeof(text) - 1 - (size_t)have)) > 0;)
				have += n;
		}
		(void)!write(ends[1], text, strlen(text));
		_exit(0);
	}
	close(ends[1]);
	got[0] = '\0';
	struct pollfd p = { .fd = ends[0], .events = POLLIN };
	while (poll(&p, 1, 0) == 0)
		turns(1);
	ssize_t n = read(ends[0], got, sizeof(got) - 1);
	got[n > 0 ? n : 0] = '\0';
	close(ends[0]);
	waitpid(pid, NULL, 0);
	return status();
}

T(only_operators_are_served)	/* S000-X-009, OPS-FR-020 */
{
	if (geteuid() != 0)
		SKIP("needs root");
	start();
	EQ(status_for(0, 0, 0), 200);
	EQ(status_for(65534, 65534, 0), 403);
	HAS(got, "forbidden: host API requires root, daemon UID, or operator UID");
	cfg.has_operator_uid = true;
	cfg.operator_uid = 65534;
	EQ(status_for(65534, 65534, 0), 200);
	cfg.has_operator_uid = false;
	cfg.has_operator_gid = true;
	cfg.operator_gid = 4242;
	EQ(status_for(65534, 65534, 0), 403);
	EQ(status_for(65534, 4242, 0), 200);
	EQ(status_for(65534, 65534, 4242), 200);
	w.confined = true;	/* OPS-FR-021 */
	EQ(status_for(0, 0, 0), 403);
	HAS(got, "forbidden: host API is not available to containers");
	cfg.has_operator_gid = false;
}

T(zz_stop)
{
	start();
	int fd = peer();
	turns(2);
	api_stop_accepting(&bench.server);
	got[0] = '\0';
	say_c(fd, HTTP11("GET /ok", "\r\n"));
	(void)hear(fd);
	EQ(status(), 200);
	close(fd);
	bench_stop();
}
