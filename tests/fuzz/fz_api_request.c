/* fz_api_request.c - the API server: whatever a peer sends, each answer is one well-formed envelope
 *
 * Layer: tests.  Input: hostile.  Memory: the server's.  Threads: one.
 * Spec: S000 section 7.
 */
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "api/server.h"
#include "proto/envelope.h"
#include "proto/jail.h"
#include "proto/rule.h"
#include "wire/http1.h"

enum { KIND_LISTEN = 0, KIND_CONN };

static struct ev_loop loop;
static struct api_server server;
static char path[64];

static void ok(struct api_request *rq)
{
	api_ok(rq);
}

static void echo(struct api_request *rq)
{
	struct jsonw *w = api_begin(rq);
	struct str v = { NULL, 0 };
	(void)query_get(&rq->query, "entries", &v);
	jsonw_array(w);
	jsonw_str(w, rq->param);
	jsonw_str(w, v);
	jsonw_array_end(w);
	api_end(rq, 200);
}

static void evaluate(struct api_request *rq)
{
	const struct evaluate_request *in = rq->body;
	struct jsonw *w = api_begin(rq);
	shape_write(w, &eval_context_shape, &in->context);
	api_end(rq, 200);
}

static void jail(struct api_request *rq)
{
	api_hold(rq);
	api_data(rq, &jail_start_request_shape, rq->body);
}

static const char *const query[] = { "entries", NULL };
static const struct api_route routes[] = {
	{ "GET", "/ok", ok, NULL, NULL, NULL },
	{ "POST", "/ok", ok, NULL, NULL, NULL },
	{ "GET", "/r/{}", echo, NULL, query, NULL },
	{ "POST", "/e", evaluate, &evaluate_request_shape, NULL, NULL },
	{ "POST", "/j", jail, &jail_start_request_shape, NULL, NULL },
};
static const struct api_config cfg = {
	.routes = { routes, ARRAY_LEN(routes) },
	.kind_listen = KIND_LISTEN,
	.kind_conn = KIND_CONN,
	.conns = 4,
	.body_max = 65536,
	.shape_status = 422,
};

static void on_listen(void *world, uint32_t slot, uint32_t gen, uint32_t events)
{
	(void)world, (void)slot, (void)gen, (void)events;
	api_on_listen(&server);
}

static void on_conn(void *world, uint32_t slot, uint32_t gen, uint32_t events)
{
	(void)world;
	api_on_conn(&server, slot, gen, events);
}

static ev_fn *const table[] = { on_listen, on_conn };

static void remove_socket(void)
{
	sock_unix_remove(path);
}

static void start(void)
{
	struct err e;
	int fd;
	snprintf(path, sizeof(path), "/tmp/fz_api_request.%d", (int)getpid());
	struct sock_unix u = { .path = path, .uid = geteuid(), .gid = getegid(), .mode = 0600 };
	if (ev_open(&loop, NULL, table, 2, &e) < 0 || sock_unix_listen(&u, &fd, &e) < 0 ||
	    api_open(&server, &cfg, NULL, &loop, fd, &e) < 0)
		abort();
	atexit(remove_socket);
}

static void check_answers(struct str in)
{
	while (in.len) {
		struct http1_field fields[16];
		struct http1_head h;
		uint64_t len = 0;
		struct arena a;
		struct json doc;
		struct envelope env;
		struct err e;
		http1_init(&h, fields, 16, 4096);
		if (http1_parse_response(&h, in) != PARSE_DONE)
			abort();
		in = str_from(in, h.len);
		if (h.status == 100)
			continue;
		if (http1_content_length(&h, false, &len) != HTTP1_LENGTH_OK || len > in.len)
			abort();
		arena_init(&a, 64 << 20);
		if (json_parse(&doc, str_first(in, (size_t)len), &a, &e) < 0 ||
		    shape_read(&envelope_shape, json_root(&doc), &a, &env, &e) < 0 ||
		    env.success != (h.status == 200))
			abort();
		arena_fini(&a);
		in = str_from(in, (size_t)len);
	}
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len)
{
	static char answers[1 << 20];
	struct err e;
	int fd;
	size_t have = 0;
	if (!server.out)
		start();
	if (len > 65536 || sock_unix_connect(path, 1000, &fd, &e) < 0)
		return 0;
	for (int idle = 0; idle < 3; idle++) {
		ssize_t sent = send(fd, data, len, MSG_NOSIGNAL | MSG_DONTWAIT);
		if (sent > 0) {
			data += sent;
			len -= (size_t)sent;
			idle = 0;
		}
		if (ev_turn(&loop, 0, &e) < 0)
			abort();
		ssize_t n = recv(fd, answers + have, sizeof(answers) - have, MSG_DONTWAIT);
		if (n > 0) {
			have += (size_t)n;
			idle = 0;
		}
	}
	close(fd);
	if (have < sizeof(answers))
		check_answers(str_n(answers, have));
	while (server.conns.used)
		if (ev_turn(&loop, 0, &e) < 0)
			abort();
	return 0;
}
