/* bench.h - an API server on a real Unix socket and one peer, in one thread, for unit tests
 *
 * The peer's calls turn the server's loop, so nothing ever waits: say() sends, hear() reads what has
 * come, ask() is one request with its answer.  Include after t.h.
 */
#ifndef OC_TESTS_BENCH_H
#define OC_TESTS_BENCH_H

#include <errno.h>
#include <sys/socket.h>
#include <sys/stat.h>

#include "api/server.h"

enum { BENCH_LISTEN = 0, BENCH_CONN, BENCH_KINDS };

static struct {
	struct ev_loop loop;
	struct api_server server;
	char dir[64], path[96];
} bench;

static char got[1 << 17];	/* what the peer received */

static void bench_on_listen(void *world, uint32_t slot, uint32_t gen, uint32_t events)
{
	(void)world, (void)slot, (void)gen, (void)events;
	api_on_listen(&bench.server);
}

static void bench_on_conn(void *world, uint32_t slot, uint32_t gen, uint32_t events)
{
	(void)world;
	api_on_conn(&bench.server, slot, gen, events);
}

static ev_fn *const bench_table[BENCH_KINDS] = { bench_on_listen, bench_on_conn };

T_MAYBE static void bench_stop(void)
{
	if (!bench.server.out)
		return;
	api_close(&bench.server);
	ev_close(&bench.loop);
	sock_unix_remove(bench.path);
	rmdir(bench.dir);
}

T_MAYBE static void bench_start(const struct api_config *cfg, void *world)
{
	struct err e;
	int fd;
	bench_stop();
	snprintf(bench.dir, sizeof(bench.dir), "/tmp/bench.XXXXXX");
	OK(mkdtemp(bench.dir) != NULL && chmod(bench.dir, 0755) == 0);
	snprintf(bench.path, sizeof(bench.path), "%s/s", bench.dir);
	struct sock_unix u = {
		.path = bench.path, .uid = geteuid(), .gid = getegid(), .mode = 0666
	};
	if (ev_open(&bench.loop, NULL, bench_table, BENCH_KINDS, &e) < 0 ||
	    sock_unix_listen(&u, &fd, &e) < 0 ||
	    api_open(&bench.server, cfg, world, &bench.loop, fd, &e) < 0)
		FAIL("%s", e.msg);
}

T_MAYBE static void turns(int n)
{
	struct err e;
	for (int i = 0; i < n; i++) {
		EQ(ev_turn(&bench.loop, 0, &e), 0);
		api_expire(&bench.server);
	}
}

T_MAYBE static int peer(void)
{
	struct err e;
	int fd;
	if (sock_unix_connect(bench.path, 1000, &fd, &e) < 0)
		FAIL("%s", e.msg);
	return fd;
}

T_MAYBE static void say(int fd, const char *text, size_t len)
{
	while (len) {
		ssize_t n = send(fd, text, len, MSG_NOSIGNAL | MSG_DONTWAIT);
		if (n > 0) {
			text += n;
			len -= (size_t)n;
		} else if (n < 0 && errno != EAGAIN) {
			return;
		}
		turns(1);
	}
}

T_MAYBE static void say_c(int fd, const char *text)
{
	say(fd, text, strlen(text));
}

/* Appends what is there to got; true when the server has closed its side. */
T_MAYBE static bool hear(int fd)
{
	size_t have = strlen(got);
	for (;;) {
		turns(3);
		ssize_t n = recv(fd, got + have, sizeof(got) - 1 - have, MSG_DONTWAIT);
		if (n <= 0)
			return n == 0;
		have += (size_t)n;
		got[have] = '\0';
	}
}

T_MAYBE static const char *ask(const char *request)
{
	int fd = peer();
	got[0] = '\0';
	say_c(fd, request);
	(void)hear(fd);
	close(fd);
	turns(3);
	return got;
}

T_MAYBE static unsigned status(void)
{
	unsigned n = 0;
	return sscanf(got, "HTTP/1.1 %u ", &n) == 1 ? n : 0;
}

/* GET or POST in HTTP/1.0; the status. */
T_MAYBE static unsigned get(const char *path)
{
	char text[1024];
	snprintf(text, sizeof(text), "GET %s HTTP/1.0\r\n\r\n", path);
	ask(text);
	return status();
}

T_MAYBE static unsigned post(const char *path, const char *json)
{
	char text[8192];
	snprintf(text, sizeof(text), "POST %s HTTP/1.0\r\nContent-Type: application/json\r\n"
		 "Content-Length: %zu\r\n\r\n%s", path, strlen(json), json);
	ask(text);
	return status();
}

#endif
