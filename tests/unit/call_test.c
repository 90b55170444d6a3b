/* call_test.c - the client against a scripted daemon in a child process
 *
 * Spec: S000 section 8, S000-EC-X01, S000-EC-X02.
 */
#include "t.h"

#include <errno.h>
#include <poll.h>
#include <sys/socket.h>

#include "base/buf.h"
#include "client/call.h"
#include "client/http.h"
#include "proto/dns.h"
#include "sys/sock.h"

static char dir[64], path[96];
static char heard[4096];	/* the request as the daemon got it */
static struct arena arena;
static pid_t child;
static int script_pipe;

/* The daemon: one connection; reads until the empty line, reports what came, sends the answer. */
static void serve(int listen_fd, int report, const char *answer, size_t len, bool stay)
{
	int fd = -1;
	size_t have = 0;
	alarm(20);
	while (sock_accept(listen_fd, &fd, NULL) != SOCK_ACCEPT_ONE)
		;
	while (!memmem(heard, have, "\r\n\r\n", 4)) {
		ssize_t n = recv(fd, heard + have, sizeof(heard) - have, 0);
		if (n > 0)
			have += (size_t)n;
		else if (n == 0)
			break;
	}
	(void)!write(report, heard, have);
	while (len) {
		ssize_t n = send(fd, answer, len, MSG_NOSIGNAL);
		if (n > 0) {
			answer += n;
			len -= (size_t)n;
		} else if (errno != EAGAIN) {
			break;
		}
	}
	struct pollfd until_closed = { .fd = fd, .events = POLLRDHUP };
	if (stay)
		(void)poll(&until_closed, 1, 20000);
	_exit(0);
}

static void daemon_says(const char *answer, size_t len, bool stay)
{
	struct err e;
	int ends[2], fd;
	snprintf(dir, sizeof(dir), "/tmp/call_test.XXXXXX");
	OK(mkdtemp(dir) != NULL && pipe(ends) == 0);
	snprintf(path, sizeof(path), "%s/s", dir);
	struct sock_unix u = { .path = path, .uid = geteuid(), .gid = getegid(), .mode = 0600 };
	EQ(sock_unix_listen(&u, &fd, &e), 0);
	child = fork();
	if (child == 0)
		serve(fd, ends[1], answer, len, stay);
	close(fd);
	close(ends[1]);
	script_pipe = ends[0];
	arena_fini(&arena);
	arena_init(&arena, 64 << 20);
}

static void daemon_ends(void)
{
	waitpid(child, NULL, 0);
	ssize_t n = read(script_pipe, heard, sizeof(heard) - 1);
	heard[n > 0 ? n : 0] = '\0';
	close(script_pipe);
	sock_unix_remove(path);
	rmdir(dir);
}

static const char *outcome(const char *answer)
{
	static struct err e;
	struct call c = { .socket = path, .arena = &arena, .timeout_ms = 10000 };
	struct dns_flush_result out;
	struct json_val data = { NULL, 0 };
	daemon_says(answer, strlen(answer), false);
	snprintf(e.msg, sizeof(e.msg), "ok");
	if (call_get(&c, "/x", &data, &e) == 0)
		(void)!call_read(&c, data, &dns_flush_result_shape, &out, &e);
	daemon_ends();
	return e.msg;
}

T(every_text)
{
	static const struct {
		const char *answer, *text;
	} cases[] = {
		{ "HTTP/1.1 200 OK\r\n\r\n{\"success\":true,\"data\":{\"entries_flushed\":1}}",
		  "ok" },
		{ "HTTP/1.0 200 OK\r\nContent-Length: 47\r\n\r\n"
		  "{\"success\":true,\"data\":{\"entries_flushed\":1}}   ",
		  "ok" },
		{ "HTTP/1.1 201 Created\r\n\r\n"
		  "{\"success\":true,\"data\":{\"entries_flushed\":1,\"new\":[]},\"more\":0}",
		  "ok" },
		{ "HTTP/1.1 200 OK\r\n\r\n{\"success\":true}", "no data" },
		{ "HTTP/1.1 200 OK\r\n\r\n{\"success\":true,\"data\":null}", "no data" },
		{ "HTTP/1.1 200 OK\r\n\r\n{\"success\":true,\"data\":[]}",
		  "failed to parse response data" },
		{ "HTTP/1.1 200 OK\r\n\r\n{\"success\":true,\"data\":{\"entries_flushed\":-1}}",
		  "failed to parse response data" },
		{ "HTTP/1.1 200 OK\r\n\r\n{\"success\":false,\"error\":\"why not\"}", "why not" },
		{ "HTTP/1.1 200 OK\r\n\r\n{\"success\":false}", "unknown error" },
		{ "HTTP/1.1 200 OK\r\n\r\n{\"success\":1}", "failed to parse response" },
		{ "HTTP/1.1 200 OK\r\n\r\nhello", "failed to parse response" },
		{ "HTTP/1.1 200 OK\r\n\r\n", "failed to parse response" },
		{ "HTTP/1.1 409 Conflict\r\n\r\n{\"success\":false,\"error\":\"taken\"}", "taken" },
		{ "HTTP/1.1 500 Oops\r\n\r\nplain text",
		  "daemon API request failed with HTTP 500: plain text" },
		{ "HTTP/1.1 502 Bad\r\n\r\n",
		  "daemon API request failed with HTTP 502: empty response" },
		{ "HTTP/1.1 200 OK\r\n\r\n\xff\xfe", "daemon HTTP response is not valid UTF-8" },
		{ "HTTP/1.1 200 OK\r\nContent-Length: 99\r\n\r\n{\"success\":true}",
		  "malformed HTTP response from outcalld" },
		{ "HTTP/1.1 200 OK\r\nContent-Length: 99999999\r\n\r\n",
		  "daemon HTTP response exceeds 16777216 bytes" },
		{ "HTTP/1.1 200 OK", "malformed HTTP response from outcalld" },
		{ "SSH-2.0-x\r\n\r\n", "malformed HTTP response from outcalld" },
		{ "", "malformed HTTP response from outcalld" },
	};
	for (size_t i = 0; i < ARRAY_LEN(cases); i++)
		STR_EQ(outcome(cases[i].answer), cases[i].text);
}

T(requests_are_http_1_0)
{
	static const char answer[] = "HTTP/1.1 200 OK\r\n\r\n{\"success\":true}";
	struct call c = { .socket = path, .arena = &arena, .timeout_ms = 10000 };
	struct err e;
	daemon_says(answer, sizeof(answer) - 1, false);
	EQ(call_get(&c, "/api/v1/bridge", NULL, &e), 0);
	EQ(c.status, 200);
	daemon_ends();
	STR_EQ(heard, "GET /api/v1/bridge HTTP/1.0\r\nHost: localhost\r\n\r\n");
	daemon_says(answer, sizeof(answer) - 1, false);
	EQ(call_post(&c, "/p", str_n(NULL, 0), NULL, &e), 0);
	daemon_ends();
	STR_EQ(heard, "POST /p HTTP/1.0\r\nHost: localhost\r\nContent-Length: 0\r\n\r\n");
	daemon_says(answer, sizeof(answer) - 1, false);
	EQ(call_post(&c, "/p", STR("{}"), NULL, &e), 0);
	daemon_ends();
	HAS(heard, "POST /p HTTP/1.0\r\nHost: localhost\r\nContent-Type: application/json\r\n"
		   "Content-Length: 2\r\n\r\n");
}

T(limits_and_dead_sockets)
{
	static char long_body[1048577];
	struct call c = { .socket = "/nonexistent/outcall.sock", .arena = &arena };
	struct err e;
	memset(long_body, ' ', sizeof(long_body));
	EQ(call_get(&c, "/x", NULL, &e), -1);
	STR_EQ(e.msg, "cannot connect to outcalld at /nonexistent/outcall.sock -- is it running?");
	EQ(e.code, ERR_UNAVAILABLE);
	EQ(e.sys, ENOENT);
	EQ(call_post(&c, "/x", str_n(long_body, sizeof(long_body)), NULL, &e), -1);
	STR_EQ(e.msg, "daemon API request body exceeds 1048576 bytes");
}

T(silent_daemon_times_out)
{
	struct call c = { .socket = path, .arena = &arena, .timeout_ms = 50 };
	struct err e;
	daemon_says("", 0, true);
	EQ(call_get(&c, "/x", NULL, &e), -1);
	EQ(e.code, ERR_TIMEOUT);
	kill(child, SIGKILL);
	daemon_ends();
}

T(jail_line_stays_open)
{
	static const char body[] =
		"{\"success\":true,\"data\":{\"id\":\"jail-01234567\",\"name\":\"n\",\"network\":\"outcall-default\","
		"\"interface\":\"eth0\",\"address\":\"10.200.0.128\",\"gateway\":\"10.200.0.1\",\"dns\":\"10.200.0.1\","
		"\"proxy_url\":null,\"ca_pem\":null}}";
	const struct jail_start_request rq = { .name = "n" };
	struct jail_start_result got;
	struct err e;
	int fd = -1;
	char byte, answer[512];
	struct buf b = BUF_OF(answer);
	buf_printf(&b, "HTTP/1.1 200 OK\r\nContent-Length: %zu\r\n\r\n%s", sizeof(body) - 1, body);
	daemon_says(b.p, b.len, true);
	if (call_jail_start(path, &rq, &got, &fd, &e) < 0)
		FAIL("%s", e.msg);
	STR_EQ(got.id, "jail-01234567");
	STR_EQ(got.proxy_url, "");
	EQ(recv(fd, &byte, 1, MSG_DONTWAIT), -1);	/* open, and silent */
	close(fd);
	daemon_ends();
	HAS(heard, "POST /api/v1/jail HTTP/1.1\r\n");
	HAS(heard, "{\"name\":\"n\",\"network\":null}");
}

T(refused_jail_closes_the_line)
{
	static const char answer[] = "HTTP/1.1 409 Conflict\r\nContent-Length: 34\r\n\r\n"
				     "{\"success\":false,\"error\":\"taken\"}  ";
	const struct jail_start_request rq = { .name = "n" };
	struct jail_start_result got;
	struct err e;
	int fd = -1;
	daemon_says(answer, sizeof(answer) - 1, true);
	EQ(call_jail_start(path, &rq, &got, &fd, &e), -1);
	STR_EQ(e.msg, "taken");
	EQ(fd, -1);
	daemon_ends();
}

T(values_in_paths_are_escaped)
{
	char text[64];
	struct buf b = BUF_OF(text);
	call_escape(&b, STR("a-Z 9/\xc3\xa4%"));
	STR_EQ(buf_c(&b), "a%2DZ%209%2F%C3%A4%25");
}
