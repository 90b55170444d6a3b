/* docker_test.c - what the Engine says: lists, descriptions, events, versions; hostile forms of each; calls and
 * the stream against a scripted Engine
 *
 * Spec: S008 (Docker Engine API calls), S008-X-001, S008-X-005, S008-X-A1, S008-X-A3, S008-EC-003, S008-EC-020.
 */
#include "t.h"

#include <errno.h>
#include <poll.h>
#include <pthread.h>
#include <sys/ioctl.h>
#include <sys/socket.h>

#include "base/clock.h"
#include "host/docker.h"
#include "sys/sock.h"

#define A "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"
#define B "bbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbb"
#define LABELS "\"Labels\":{\"managed-by\":\"outcalld\",\"outcall.network\":\"outcall-default\",\"other\":\"x\"}"
#define ON(addr) \
	"\"NetworkSettings\":{\"Networks\":{\"outcall-default\":{\"IPAddress\":\"" addr \
	"\",\"GlobalIPv6Address\":\"\"}}}"
#define ITEM(id, name, more) "{\"Id\":\"" id "\",\"Names\":[\"" name "\"],\"State\":\"running\"," more "}"

static struct arena arena;
static struct err e;

static void fresh_arena(void)
{
	arena_fini(&arena);
	arena_init(&arena, DOCKER_ARENA);
	e.msg[0] = '\0';
}

/* ---- parsers ---- */

static struct docker_list list_of(const char *text)
{
	struct docker_list l = { NULL, 0 };
	fresh_arena();
	if (docker_parse_list(str_of(text), &arena, &l, &e) < 0)
		l.v = NULL;
	return l;
}

T(a_list_is_read)
{
	struct docker_list l = list_of(
		"[" ITEM(A, "/foobar-1", LABELS "," ON("10.200.0.2")) ","
		"{\"Id\":\"" B "\",\"Names\":[\"/x/alias\",\"/idle\"],\"State\":\"exited\",\"New\":[1,{}],"
		"\"Labels\":{\"managed-by\":\"outcalld\"},\"NetworkSettings\":{\"Networks\":{\"bridge\":{\"IPAddress\":\"\"}}}}]");
	EQ(l.cnt, 2);
	STR_EQ(l.v[0].id, A);
	STR_EQ(l.v[0].name, "foobar-1");
	STR_EQ(l.v[0].network, "outcall-default");
	OK(l.v[0].managed && l.v[0].running && l.v[0].attached);
	EQ(l.v[0].network_cnt, 1);
	EQ(l.v[0].addr_cnt, 1);
	OK(ip_eq(l.v[0].addrs[0], ip_v4(0x0ac80002)));
	STR_EQ(l.v[1].name, "idle");
	STR_EQ(l.v[1].network, "");
	OK(!l.v[1].running && !l.v[1].attached);
	EQ(l.v[1].addr_cnt, 0);
}

T(only_the_declared_network_counts)
{
	struct docker_list l = list_of(
		"[" ITEM(A, "/a", LABELS ",\"NetworkSettings\":{\"Networks\":{"
		"\"bridge\":{\"IPAddress\":\"172.17.0.2\"},"
		"\"outcall-default\":{\"IPAddress\":\"10.200.0.3\",\"GlobalIPv6Address\":\"2001:db8::3\"}}}") ","
		ITEM(B, "/b", LABELS
		     ",\"NetworkSettings\":{\"Networks\":{\"bridge\":{\"IPAddress\":\"172.17.0.3\"}}}") "]");
	EQ(l.cnt, 2);
	EQ(l.v[0].network_cnt, 2);
	EQ(l.v[0].addr_cnt, 2);
	OK(l.v[0].addrs[0].v4 && !l.v[0].addrs[1].v4);
	OK(!l.v[1].attached);
	EQ(l.v[1].addr_cnt, 0);
}

T(one_that_is_malformed_is_left_out)	/* S008-X-005 */
{
	static const char *const bad[] = {
		"7", "null", "{}", "[]",
		ITEM("aa", "/a", LABELS),
		ITEM("AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA", "/a", LABELS),
		ITEM(A, "a", LABELS), ITEM(A, "/a b", LABELS), ITEM(A, "/", LABELS), ITEM(A, "/a\\u0000b", LABELS),
		ITEM(A, "/../../x", LABELS),
		ITEM(A, "/a", "\"Labels\":{\"managed-by\":\"outcalld\",\"outcall.network\":7}"),
		ITEM(A, "/a", "\"Labels\":{\"managed-by\":\"outcalld\",\"outcall.network\":\"a/b\"}"),
		ITEM(A, "/a", LABELS "," ON("10.200.0.999")),
		ITEM(A, "/a", LABELS "," ON("0.0.0.0")),
		ITEM(A, "/a", LABELS ",\"NetworkSettings\":{\"Networks\":{\"outcall-default\":{\"IPAddress\":[]}}}"),
		/* not ours */
		ITEM(A, "/a", "\"Labels\":{\"managed-by\":\"other\"}"), ITEM(A, "/a", "\"Labels\":null"),
	};
	for (size_t i = 0; i < ARRAY_LEN(bad); i++) {
		static char text[4096];
		snprintf(text, sizeof(text), "[%s,%s]", bad[i], ITEM(B, "/good", LABELS "," ON("10.200.0.2")));
		struct docker_list l = list_of(text);
		OK(l.v != NULL);
		if (l.cnt != 1)
			FAIL("%s was taken", bad[i]);
		STR_EQ(l.v[0].name, "good");
	}
}

T(a_list_that_is_none)
{
	static const char *const bad[] = { "", "{", "{}", "null", "[", "[{}", "[] []", "\"\"", "[\"\xff\"]" };
	for (size_t i = 0; i < ARRAY_LEN(bad); i++) {
		OK(list_of(bad[i]).v == NULL);
		EQ(e.code, ERR_PROTO);
	}
	EQ(list_of("[]").cnt, 0);
}

T(more_containers_than_the_limit)
{
	static char text[2 * DOCKER_CONTAINERS_MAX + 16];
	struct buf b = BUF_OF(text);
	buf_add_c(&b, "[0");
	for (unsigned i = 0; i < DOCKER_CONTAINERS_MAX; i++)
		buf_add_c(&b, ",0");
	buf_add_c(&b, "]");
	OK(list_of(buf_c(&b)).v == NULL);
	EQ(e.code, ERR_LIMIT);
}

static int inspect_of(const char *text, struct docker_container *c)
{
	fresh_arena();
	return docker_parse_inspect(str_of(text), &arena, c, &e);
}

T(a_description_is_read)
{
	struct docker_container c;
	EQ(inspect_of("{\"Id\":\"" A "\",\"Name\":\"/web\",\"State\":{\"Running\":true,\"Pid\":4711},"
		      "\"Config\":{" LABELS "}," ON("10.200.0.9") "}", &c), 0);
	STR_EQ(c.id, A);
	STR_EQ(c.name, "web");
	EQ(c.pid, 4711);
	OK(c.managed && c.running && c.attached);
	EQ(c.addr_cnt, 1);
	static const char *const bad[] = {
		"", "{}", "[]", "{\"Id\":\"" A "\"}",
		"{\"Id\":\"" A "\",\"Name\":\"web\",\"State\":{\"Running\":true,\"Pid\":1}}",
		"{\"Id\":\"" A "\",\"Name\":\"/web\",\"State\":{\"Running\":1,\"Pid\":1}}",
		"{\"Id\":\"" A "\",\"Name\":\"/web\",\"State\":{\"Running\":true,\"Pid\":-1}}",
		"{\"Id\":\"" A "\",\"Name\":\"/web\",\"State\":{\"Running\":true,\"Pid\":99999999999}}",
		"{\"Id\":\"" A "\",\"Id\":\"" B "\",\"Name\":\"/web\",\"State\":{\"Running\":true,\"Pid\":1}}",
	};
	for (size_t i = 0; i < ARRAY_LEN(bad); i++) {
		EQ(inspect_of(bad[i], &c), -1);
		EQ(e.code, ERR_PROTO);
	}
	STR_EQ(c.name, "web");	/* untouched */
}

static int event_of(const char *text)
{
	struct docker_event ev = { .id = "" };
	fresh_arena();
	return docker_parse_event(str_of(text), &arena, &ev, &e) < 0 ? -1 : (int)ev.kind;
}

#define EVENT(type, action, attributes) \
	"{\"Type\":\"" type "\",\"Action\":\"" action "\"," \
	"\"Actor\":{\"ID\":\"" A "\",\"Attributes\":{" attributes "}}," \
	"\"time\":1,\"status\":\"old\",\"id\":\"old\"}"
#define OURS "\"managed-by\":\"outcalld\",\"name\":\"x\""

T(events_are_told_apart)
{
	EQ(event_of(EVENT("container", "start", OURS)), DOCKER_EVENT_CHANGED);
	EQ(event_of(EVENT("container", "restart", OURS)), DOCKER_EVENT_CHANGED);
	EQ(event_of(EVENT("container", "unpause", OURS)), DOCKER_EVENT_CHANGED);
	EQ(event_of(EVENT("container", "rename", OURS)), DOCKER_EVENT_CHANGED);
	EQ(event_of(EVENT("container", "kill", OURS)), DOCKER_EVENT_DOUBT);
	EQ(event_of(EVENT("container", "oom", OURS)), DOCKER_EVENT_DOUBT);
	EQ(event_of(EVENT("container", "die", OURS)), DOCKER_EVENT_ENDED);
	EQ(event_of(EVENT("container", "destroy", OURS)), DOCKER_EVENT_ENDED);
	EQ(event_of(EVENT("container", "pause", OURS)), DOCKER_EVENT_OTHER);
	EQ(event_of(EVENT("container", "exec_create: sh", OURS)), DOCKER_EVENT_OTHER);
	EQ(event_of(EVENT("container", "start", "\"managed-by\":\"other\"")), DOCKER_EVENT_OTHER);
	EQ(event_of(EVENT("container", "start", "")), DOCKER_EVENT_OTHER);
	EQ(event_of(EVENT("network", "connect", "\"container\":\"" B "\"")), DOCKER_EVENT_NETWORK);
	EQ(event_of(EVENT("network", "disconnect", "\"container\":\"" B "\"")), DOCKER_EVENT_NETWORK);
	EQ(event_of(EVENT("network", "create", "")), DOCKER_EVENT_OTHER);
	EQ(event_of(EVENT("image", "pull", "")), DOCKER_EVENT_OTHER);
}

T(malformed_events_are_refused)
{
	static const char *const bad[] = {
		"", "{", "{}", "[]", "7", "{\"Type\":\"container\"}",
		"{\"Type\":\"container\",\"Action\":\"start\",\"Actor\":{}}",
		"{\"Type\":\"container\",\"Action\":\"start\",\"Actor\":{\"ID\":\"../x\",\"Attributes\":{" OURS "}}}",
		EVENT("network", "connect", "\"container\":\"short\""), EVENT("network", "connect", ""),
		EVENT("container", "start", OURS) EVENT("container", "die", OURS),
	};
	for (size_t i = 0; i < ARRAY_LEN(bad); i++) {
		if (event_of(bad[i]) >= 0)
			FAIL("%s was taken", bad[i]);
		EQ(e.code, ERR_PROTO);
	}
}

T(versions)
{
	unsigned minor = 7;
	OK(docker_parse_version(STR("1.41"), &minor));
	EQ(minor, 41);
	OK(docker_parse_version(STR("1.9"), &minor));
	EQ(minor, 9);	/* as a number: older than 1.41 */
	OK(!docker_parse_version(STR("2.1"), &minor));
	OK(!docker_parse_version(STR("1."), &minor));
	OK(!docker_parse_version(STR("1.41x"), &minor));
	OK(!docker_parse_version(STR(""), &minor));
	OK(!docker_parse_version(STR("1.99999"), &minor));
	EQ(minor, 9);
}

/* ---- a scripted Engine: answers connection after connection, remembers the requests ---- */

static char dir[64], path[96];
static struct {
	int listener;
	const char *const *answers;	/* NULL at the end */
	size_t step;
	bool stay;			/* after the last answer the connection stays open */
	char requests[8192];
	pthread_t thread;
} engine;

static void *serve(void *arg)
{
	struct buf heard = BUF_OF(engine.requests);
	for (size_t i = 0; engine.answers[i]; i++) {
		struct pollfd until_closed = { .fd = accept(engine.listener, NULL, NULL), .events = POLLRDHUP };
		char text[2048];
		ssize_t n = read(until_closed.fd, text, sizeof(text));
		buf_add(&heard, text, n > 0 ? (size_t)n : 0);
		for (size_t at = 0, len = strlen(engine.answers[i]); at < len; at += engine.step)
			(void)!send(until_closed.fd, engine.answers[i] + at, MIN(engine.step, len - at), MSG_NOSIGNAL);
		if (engine.stay && !engine.answers[i + 1])
			(void)poll(&until_closed, 1, 20000);
		close(until_closed.fd);
	}
	(void)buf_c(&heard);
	return arg;
}

static struct docker engine_says(const char *const *answers, size_t step, bool stay)
{
	struct sock_unix u = { .path = path, .uid = geteuid(), .gid = getegid(), .mode = 0600 };
	int off = 0;
	fresh_arena();
	snprintf(dir, sizeof(dir), "/tmp/docker_test.XXXXXX");
	OK(mkdtemp(dir) != NULL);
	snprintf(path, sizeof(path), "%s/s", dir);
	EQ(sock_unix_listen(&u, &engine.listener, &e), 0);
	EQ(ioctl(engine.listener, FIONBIO, &off), 0);
	engine.answers = answers;
	engine.step = step;
	engine.stay = stay;
	OK(pthread_create(&engine.thread, NULL, serve, NULL) == 0);
	return (struct docker){ .socket = path };
}

static void engine_ends(void)
{
	pthread_join(engine.thread, NULL);
	close(engine.listener);
	sock_unix_remove(path);
	rmdir(dir);
}

#define PING(v) "HTTP/1.1 200 OK\r\nApi-Version: " v "\r\nContent-Length: 2\r\n\r\nOK"

static const char *negotiated(const char *answer)
{
	const char *const answers[] = { answer, NULL };
	static char text[64];
	struct docker d = engine_says(answers, 1 << 20, false);
	int rc = docker_negotiate(&d, &e);
	engine_ends();
	snprintf(text, sizeof(text), "1.%u", d.minor);
	return rc == 0 ? text : e.msg;
}

T(the_version_is_negotiated)	/* S008-X-A1 */
{
	STR_EQ(negotiated(PING("1.41")), "1.41");
	STR_EQ(negotiated(PING("1.44")), "1.44");
	STR_EQ(negotiated(PING("1.52")), "1.52");
	STR_EQ(negotiated(PING("1.60")), "1.52");
	STR_EQ(negotiated(PING("1.40")), "Docker Engine API 1.40 is too old; 1.41 or newer is required");
	STR_EQ(negotiated(PING("1.9")), "Docker Engine API 1.9 is too old; 1.41 or newer is required");
	STR_EQ(negotiated(PING("x")), "malformed HTTP response from the Docker Engine");
	STR_EQ(negotiated("HTTP/1.1 500 Oops\r\nApi-Version: 1.41\r\n\r\n"), "Docker ping failed with status code 500");
}

T(calls_and_their_failures)
{
	static const char *const answers[] = {
		"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n2\r\n[]\r\n0\r\n\r\n",
		"HTTP/1.1 404 Not Found\r\nContent-Length: 31\r\n\r\n{\"message\":\"No such container\"}\n",
		"HTTP/1.1 500 Oops\r\n\r\nplain\x1b text",
		"HTTP/1.1 400 Bad\r\n\r\n{\"message\":\"client version 1.41 is too old. Minimum supported API version is 1.44, please\"}",
		"HTTP/1.1 200 OK\r\n\r\n[]",
		NULL,
	};
	struct docker d = engine_says(answers, 3, false);
	struct docker_container c;
	struct docker_list l;
	d.minor = 41;
	EQ(docker_list(&d, &arena, &l, &e), 0);
	EQ(docker_inspect(&d, A, &arena, &c, &e), -1);
	EQ(e.code, ERR_NOT_FOUND);
	STR_EQ(e.msg, "Docker inspect container " A
		      " failed: Docker responded with status code 404: No such container");
	EQ(docker_list(&d, &arena, &l, &e), -1);
	STR_EQ(e.msg, "Docker list managed containers failed: Docker responded with status code 500: plain\\x1b text");
	EQ(docker_list(&d, &arena, &l, &e), 0);
	EQ(d.minor, 44);
	EQ(docker_inspect(&d, "a/../b", &arena, &c, &e), -1);	/* no call */
	EQ(e.code, ERR_INVALID);
	engine_ends();
	HAS(engine.requests, "GET /v1.41/containers/json?all=1&filters=%7B%22label%22%3A%5B%22managed-by%3Doutcalld%22%5D%7D "
			     "HTTP/1.1\r\nHost: docker\r\nConnection: close\r\n\r\n");
	HAS(engine.requests, "GET /v1.41/containers/" A "/json HTTP/1.1\r\n");
	HAS(engine.requests, "GET /v1.44/containers/json?");
}

T(a_silent_engine_is_given_up)	/* S008-EC-020 */
{
	static const char *const answers[] = { "", NULL };
	struct docker d = engine_says(answers, 1, true);
	const struct docker_call call = { .method = "GET", .path = "/info", .what = "look", .timeout_s = 1 };
	struct docker_reply got;
	d.minor = 41;
	EQ(docker_ask(&d, &call, &arena, &got, &e), -1);
	EQ(e.code, ERR_TIMEOUT);
	STR_EQ(e.msg, "Docker look timed out after 1s");
	engine_ends();
}

T(no_engine)
{
	struct docker d = { .socket = "/nonexistent/docker.sock" };
	EQ(docker_negotiate(&d, &e), -1);
	EQ(e.code, ERR_UNAVAILABLE);
	EQ(e.sys, ENOENT);
}

/* Kinds of all events until the stream ends, and its message. */
static const char *stream_of(const char *answer, size_t step)
{
	const char *const answers[] = { answer, NULL };
	static char text[512];
	struct buf b = BUF_OF(text);
	struct docker d = engine_says(answers, step, false);
	struct docker_stream s;
	struct docker_event ev;
	d.minor = 41;
	if (docker_events_open(&d, &s, &e) == 0) {
		while (docker_events_next(&s, clock_mono_ms() + 10000, &ev, &e) == 0)
			buf_printf(&b, "%d ", (int)ev.kind);
		docker_events_close(&s);
	}
	engine_ends();
	buf_add_c(&b, e.msg);
	return buf_c(&b);
}

#define STREAM "HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nTransfer-Encoding: chunked\r\n\r\n"

T(a_stream_is_cut_into_lines)	/* S008-X-A3 */
{
	static const char one[] = EVENT("container", "die", OURS) "\n";
	static const char two[] = "\r\n" EVENT("container", "start", OURS) "\r\n\n" EVENT("image", "pull", "");
	char chunks[4096];
	struct buf b = BUF_OF(chunks);
	buf_add_c(&b, STREAM);
	buf_printf(&b, "%zx\r\n%s\r\n", strlen(one), one);
	buf_printf(&b, "%zx\r\n%s\r\n", strlen(two), two);
	buf_add_c(&b, "1\r\n\n\r\n0\r\n\r\n");
	STR_EQ(stream_of(buf_c(&b), 1 << 20), "3 1 0 the Docker event stream has ended");
	STR_EQ(stream_of(buf_c(&b), 1), "3 1 0 the Docker event stream has ended");
}

T(streams_that_break)
{
	STR_EQ(stream_of(STREAM "5\r\n{\"Typ", 1 << 20), "the Docker event stream has ended");
	STR_EQ(stream_of(STREAM "nonsense\r\n", 1 << 20), "malformed HTTP response from the Docker Engine");
	STR_EQ(stream_of(STREAM "5\r\n{\"Ty\n\r\n", 1 << 20), "malformed event from the Docker Engine");
	STR_EQ(stream_of(STREAM "5\r\n{\"Typ\r\n0\r\n\r\n", 1 << 20), "the Docker event stream has ended");
	STR_EQ(stream_of("HTTP/1.1 400 Bad\r\n\r\n{}", 1 << 20), "Docker event stream: status code 400");
	/* 2 MiB without a newline */
	size_t len = (2 << 20) + 64;
	char *text = calloc(1, len + 1);
	memset(text, ' ', len);
	memcpy(text, "HTTP/1.1 200 OK\r\n\r\n", 19);
	STR_EQ(stream_of(text, 1 << 20), "Docker event stream: an event is longer than 1048576 bytes");
	free(text);
}

T(silence_is_no_fault_of_a_stream)
{
	static const char *const answers[] = { STREAM, NULL };
	struct docker d = engine_says(answers, 1 << 20, true);
	struct docker_stream s;
	struct docker_event ev;
	d.minor = 41;
	EQ(docker_events_open(&d, &s, &e), 0);
	for (unsigned i = 0; i < 3; i++) {
		EQ(docker_events_next(&s, clock_mono_ms() + 10, &ev, &e), -1);
		EQ(e.code, ERR_TIMEOUT);
	}
	docker_events_close(&s);
	engine_ends();
}
