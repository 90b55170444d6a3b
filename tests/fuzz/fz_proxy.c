/* fz_proxy.c - a whole proxied connection: hostile client and hostile upstream on real sockets
 *
 * The input is a script: one byte says who acts (client sends, upstream sends, either shuts down or
 * resets, time passes), one byte the length, then the bytes. "PPPPP" in them becomes the upstream's port.
 * Properties: what goes upstream in plain requests reads as one strict request after another, with one
 * Host and no framing but Content-Length; nothing goes upstream in a tunnel before a ClientHello; at the
 * end every slot, buffer and pipe is back.
 */
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "data/dnsup.h"
#include "data/pconn.h"
#include "policy/hosttab.h"
#include "sys/sock.h"
#include "wire/tlshello.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* ---- the world ---- */

void ruleset_eval(const struct ruleset *set, const struct facts *f, struct arena *scratch,
		  struct verdict *out)
{
	(void)set;
	(void)scratch;
	memset(out, 0, sizeof(*out));
	out->why = WHY_RULE;
	out->allow_private_ips = true;
	if (str_find(f->http.path, STR("..")) == SIZE_MAX &&
	    str_find(f->network.hostname, STR("bad")) == SIZE_MAX)
		out->kind = VERDICT_ALLOW;
}

void verdict_reason(const struct verdict *v, struct buf *out)
{
	(void)v;
	buf_add_c(out, "refused");
}

void verdict_log(const struct verdict *v, struct str agent)
{
	(void)v;
	(void)agent;
}

static struct {
	resolve_fn *fn;
	uint32_t slot, gen;
} asked[8];
static unsigned asked_cnt;

bool dnsup_resolve(struct worker *w, struct str host, resolve_fn *fn, uint32_t slot, uint32_t gen)
{
	(void)w;
	(void)host;
	if (asked_cnt == ARRAY_LEN(asked))
		return false;
	asked[asked_cnt].fn = fn;
	asked[asked_cnt].slot = slot;
	asked[asked_cnt++].gen = gen;
	return true;
}

static void on_inbox(void *world, uint32_t slot, uint32_t gen, uint32_t events)
{
	(void)world;
	(void)slot;
	(void)gen;
	(void)events;
}

static ev_fn *const table[KIND_COUNT] = {
	[KIND_INBOX] = on_inbox,
	[KIND_PROXY_LISTEN] = proxy_on_listen,
	[KIND_PROXY_CLIENT] = proxy_on_client,
	[KIND_PROXY_UPSTREAM] = proxy_on_upstream,
};

static struct tmo_class classes[TMO_COUNT];
static struct worker w;
static struct worker_stats stats;
static struct data_config cfg;
static struct snap_box rules, idents, hosts;
static int listener = -1, front;
static char port[8];
static struct endpoint front_ep;
static uint64_t skip_ms;	/* once: timers that run now are that much older */

static void no_destroy(struct snap *s)
{
	(void)s;
}

static void make_timers(void)
{
	static const struct {
		enum worker_tmo cls;
		tmo_fn *fn;
	} fns[] = {
		{ TMO_PROXY_IDENT, proxy_tmo_ident },
		{ TMO_PROXY_HEAD, proxy_tmo_head },	  { TMO_PROXY_NEXT, proxy_tmo_next },
		{ TMO_PROXY_CONNECT, proxy_tmo_connect }, { TMO_PROXY_ATTEMPT, proxy_tmo_attempt },
		{ TMO_PROXY_IDLE, proxy_tmo_idle },	  { TMO_PROXY_LINGER, proxy_tmo_linger },
		{ TMO_PROXY_PAUSE, proxy_tmo_pause }
	};

	for (unsigned i = 0; i < TMO_COUNT; i++)
		classes[i] = (struct tmo_class){ 1000, proxy_tmo_linger };
	for (size_t i = 0; i < ARRAY_LEN(fns); i++)
		classes[fns[i].cls] = (struct tmo_class){ 10000, fns[i].fn };
}

static int open_listener(struct endpoint *ep)
{
	struct err e;
	int fd;

	*ep = (struct endpoint){ .ip = ip_v4(0x7f000001) };
	CHECK(sock_tcp_listen(*ep, 0, &fd, &e) == 0 && sock_local(fd, ep, &e) == 0);
	return fd;
}

static void make_world(void)
{
	static struct ruleset set;
	static struct ident who = { .name = "box", .agent = "box" };
	struct endpoint up;
	struct err e;

	CHECK(log_set_levels(STR("error"), &e) == 0);
	make_timers();
	w.cfg = &cfg;
	w.stats = &stats;
	w.control = &w.inbox;
	snap_box_init(&rules);
	snap_box_init(&idents);
	snap_box_init(&hosts);
	set.snap.refs = 1;
	set.snap.destroy = no_destroy;
	snap_publish(&rules, &set.snap);
	who.addr = ip_v4(0x7f000001);
	snap_publish(&idents, &idtab_new(&who, 1)->snap);
	snap_publish(&hosts, &hosttab_new(STR(""), NULL, 0)->snap);
	snap_reader_init(&w.rules, &rules);
	snap_reader_init(&w.idents, &idents);
	snap_reader_init(&w.hosts, &hosts);
	CHECK(mbox_open(&w.inbox, 16, sizeof(struct control_msg), &e) == 0);
	CHECK(arena_init_fixed(&w.scratch, 262144) == 0);
	CHECK(ev_open(&w.loop, &w, table, KIND_COUNT, &e) == 0);
	tmo_init(&w.tmo, &w, classes, TMO_COUNT);
	front = open_listener(&front_ep);
	CHECK(proxy_open(&w, front, &e) == 0);
	listener = open_listener(&up);
	(void)snprintf(port, sizeof(port), "%05u", up.port);
}

static void turn(void)
{
	static struct resolve_result r = { .cnt = 1 };
	struct control_msg m;
	struct err e;

	r.addr[0] = ip_v4(0x7f000001);
	for (int i = 0; i < 4; i++) {
		CHECK(ev_turn(&w.loop, 0, &e) == 0);
		tmo_expire(&w.tmo, w.loop.now_ms + skip_ms);
		skip_ms = 0;

		unsigned n = asked_cnt;

		asked_cnt = 0;
		for (unsigned j = 0; j < n; j++)
			asked[j].fn(&w, asked[j].slot, asked[j].gen, &r);
	}
	while (mbox_take(&w.inbox, &m))
		continue;
}

/* ---- what the upstream sees ---- */

static char seen[1 << 18];
static size_t seen_len;
static bool tunnel;

static void check_plain(void)
{
	static struct http1_field fields[256];
	struct str rest = { seen, seen_len };
	struct http1_head h;
	uint64_t body = 0;

	while (rest.len) {
		http1_init(&h, fields, 256, 65536);
		enum parse r = http1_parse_request(&h, rest);

		CHECK(r != PARSE_BAD);
		if (r == PARSE_MORE)
			return;
		CHECK(h.minor == 1 && h.count[HTTP1_HOST] == 1 &&
		      h.count[HTTP1_TRANSFER_ENCODING] == 0);
		CHECK(!h.count[HTTP1_UPGRADE] && !h.count[HTTP1_PROXY_AUTHORIZATION] &&
		      !h.count[HTTP1_TE]);
		CHECK(h.target.p[0] == '/' && str_find(h.target, STR("/../")) == SIZE_MAX);
		body = 0;
		CHECK(http1_content_length(&h, false, &body) != HTTP1_LENGTH_BAD);
		rest = str_from(rest, h.len);
		rest = str_from(rest, MIN(body, rest.len));
	}
}

static void check_upstream(int fd)
{
	struct tlshello hello;
	ssize_t n = recv(fd, seen + seen_len, sizeof(seen) - seen_len, MSG_DONTWAIT);

	seen_len += n > 0 ? (size_t)n : 0;
	if (!seen_len)
		return;
	if (seen[0] == 0x16)
		tunnel = true;
	if (tunnel)
		CHECK(tlshello_parse((struct str){ seen, seen_len }, &hello) != PARSE_BAD);
	else
		check_plain();
}

/* ---- the script ---- */

/* libFuzzer's timer signal may interrupt connect(), which then goes on by itself. */
static int dial(void)
{
	struct sockaddr_storage sa;
	socklen_t len = sock_sockaddr(front_ep, &sa);
	int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
	struct pollfd made = { .fd = fd, .events = POLLOUT };

	CHECK(fd >= 0);
	if (connect(fd, (struct sockaddr *)&sa, len) == 0)
		return fd;
	CHECK(errno == EINTR);
	while (poll(&made, 1, 1000) < 0)
		CHECK(errno == EINTR);
	CHECK(made.revents == POLLOUT);
	return fd;
}

static void say(int fd, const uint8_t *p, size_t len)
{
	char text[256];

	if (fd < 0)
		return;
	memcpy(text, p, len);
	for (size_t i = 0; i + 5 <= len; i++)
		if (memcmp(text + i, "PPPPP", 5) == 0)
			memcpy(text + i, port, 5);
	(void)!send(fd, text, len, MSG_NOSIGNAL | MSG_DONTWAIT);
}

static void hush(int fd)
{
	char sink[4096];

	while (fd >= 0 && recv(fd, sink, sizeof(sink), MSG_DONTWAIT) > 0)
		continue;
}

static void end(int *fd, bool reset)
{
	struct linger now = { .l_onoff = 1 };

	if (*fd < 0)
		return;
	if (reset)
		(void)setsockopt(*fd, SOL_SOCKET, SO_LINGER, &now, sizeof(now));
	close(*fd);
	*fd = -1;
}

static void act(uint8_t op, const uint8_t *p, size_t len, int *client, int *up)
{
	switch (op % 8) {
	case 0: case 1: case 2:
		say(*client, p, len);
		break;
	case 3: case 4:
		say(*up, p, len);
		break;
	case 5:
		if (*client >= 0)
			(void)shutdown(*client, SHUT_WR);
		break;
	case 6:
		end(up, len & 1);
		break;
	default:
		skip_ms = (uint64_t)len * 100;
		break;
	}
	turn();
	if (*up < 0) {
		*up = accept4(listener, NULL, NULL, SOCK_CLOEXEC | SOCK_NONBLOCK);
		seen_len = 0;
	}
	if (*up >= 0)
		check_upstream(*up);
	hush(*client);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	int client, up = -1;

	if (listener < 0) {
		make_world();
		CHECK(fcntl(listener, F_SETFL, O_NONBLOCK) == 0);
	}
	tunnel = false;
	seen_len = 0;
	client = dial();
	turn();
	while (size >= 2) {
		size_t len = MIN(data[1], size - 2);

		act(data[0], data + 2, len, &client, &up);
		data += 2 + len;
		size -= 2 + len;
	}
	end(&client, false);
	end(&up, false);
	for (int i = 0; i < 50 && !proxy_idle(&w); i++) {
		skip_ms = 100000;
		turn();
	}
	CHECK(proxy_idle(&w) && stats.proxy_active == 0);
	CHECK(w.proxy->bufs.used == 0 && w.proxy->big.used == 0 && w.proxy->pipes_used == 0);
	while ((up = accept4(listener, NULL, NULL, SOCK_CLOEXEC)) >= 0)
		close(up);
	return 0;
}
