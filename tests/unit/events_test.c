/* events_test.c - the ring of verdicts: shares, merging, rates, filters, long poll
 *
 * Spec: S010-O-001, S010-O-003, S010 section 6.
 */
#include "t.h"

#include "api/events.h"
#include "bench.h"

static struct event_log verdicts;
static uint64_t now_ms;

static struct event event_of(const char *container, const char *host)
{
	struct event ev = {
		.layer = EVENT_HTTP, .port = 443, .wall_us = 1776781921123456, .micros = 7
	};
	snprintf(ev.container, sizeof(ev.container), "%s", container);
	snprintf(ev.source, sizeof(ev.source), "10.200.0.9");
	snprintf(ev.host, sizeof(ev.host), "%s", host);
	snprintf(ev.method, sizeof(ev.method), "GET");
	return ev;
}

static void add(const char *container, const char *host)
{
	struct event ev = event_of(container, host);
	events_add(&verdicts, &ev, now_ms);
}

/* n different events of one container, far enough apart for the rate. */
static void add_many(const char *container, int n)
{
	char host[64];
	for (int i = 0; i < n; i++) {
		snprintf(host, sizeof(host), "h%d.%s", i, container);
		now_ms += 10;
		add(container, host);
	}
}

static unsigned held_by(const char *container)
{
	unsigned n = 0;
	for (uint32_t i = verdicts.oldest; i != EVENTS_NONE; i = verdicts.slots[i].newer)
		n += strcmp(verdicts.slots[i].ev.container, container) == 0;
	return n;
}

static void get_events(struct api_request *rq)
{
	events_answer(&verdicts, rq, now_ms);
}

static void gone(void *world, struct api_ref ref)
{
	(void)world;
	events_gone(&verdicts, ref);
}

static const struct api_route routes[] = {
	{ "GET", "/e", get_events, NULL, events_query, gone },
};
static const struct api_config cfg = {
	.routes = { routes, 1 },
	.kind_listen = BENCH_LISTEN,
	.kind_conn = BENCH_CONN,
	.conns = 64,
	.body_max = 1000,
	.shape_status = 422,
};

static void open_log(uint32_t cap)
{
	struct err e;
	events_close(&verdicts);
	EQ(events_open(&verdicts, cap, &e), 0);
	verdicts.server = &bench.server;
	now_ms = 1000000;
}

T(ring_keeps_the_newest)
{
	open_log(8);
	add_many("a", 20);
	EQ(verdicts.count, 8);
	EQ(verdicts.slots[verdicts.oldest].ev.seq, 13);
	EQ(verdicts.slots[verdicts.newest].ev.seq, 20);
}

T(no_container_keeps_more_than_half_while_others_are_there)
{
	open_log(100);
	add_many("loud", 150);
	EQ(held_by("loud"), 100);	/* alone it may have everything */
	add_many("quiet", 1);
	EQ(held_by("loud"), 50);
	add_many("loud", 500);
	EQ(held_by("loud"), 50);
	EQ(held_by("quiet"), 1);
	add_many("quiet", 30);
	add_many("third", 30);
	EQ(verdicts.count, 100);
	OK(held_by("quiet") >= 20 && held_by("third") == 30 && held_by("loud") <= 50);
}

T(links_survive_everything)
{
	open_log(16);
	for (int i = 0; i < 2000; i++) {
		char name[16], host[32];
		snprintf(name, sizeof(name), "c%d", (i * 7 + i / 13) % 5);
		snprintf(host, sizeof(host), "h%d", i);
		now_ms += 3;
		add(name, host);
		uint32_t n = 0;
		uint64_t last = 0;
		for (uint32_t k = verdicts.oldest; k != EVENTS_NONE;
		     k = verdicts.slots[k].newer, n++) {
			OK(verdicts.slots[k].ev.seq > last);
			last = verdicts.slots[k].ev.seq;
		}
		EQ(n, verdicts.count);
		OK(n <= 16);
	}
}

T(equal_events_within_a_second_merge)
{
	open_log(16);
	for (int i = 0; i < 5; i++)
		add("a", "x");
	EQ(verdicts.count, 1);
	EQ(verdicts.slots[verdicts.newest].ev.count, 5);
	add("a", "y");
	add("b", "x");
	EQ(verdicts.count, 3);
	now_ms += 1000;
	add("a", "x");
	EQ(verdicts.count, 4);
	EQ(verdicts.slots[verdicts.newest].ev.count, 1);
}

T(more_than_200_a_second_are_only_counted)
{
	char host[32];
	open_log(4096);
	for (int i = 0; i < 300; i++) {
		snprintf(host, sizeof(host), "h%d", i);
		add("a", host);
	}
	EQ(verdicts.count, 200);
	EQ(verdicts.suppressed, 100);
	add("b", "x");
	EQ(verdicts.count, 201);
	now_ms += 1000;
	add("a", "next second");
	EQ(verdicts.count, 202);
}

T(many_containers_share_accounts)
{
	open_log(64);
	for (int i = 0; i < 3 * EVENTS_SOURCES_MAX; i++) {
		char name[32];
		snprintf(name, sizeof(name), "c%d", i);
		now_ms++;
		add(name, "x");
	}
	EQ(verdicts.count, 64);
	EQ(verdicts.source_cnt, EVENTS_SOURCES_MAX);
}

T(answer_has_all_members)
{
	bench_start(&cfg, NULL);
	open_log(16);
	struct event ev = event_of("agent-1", "api.example.com");
	snprintf(ev.rule, sizeof(ev.rule), "r-1");
	snprintf(ev.reason, sizeof(ev.reason), "no \"rule\"");
	events_add(&verdicts, &ev, now_ms);
	EQ(get("/e"), 200);
	HAS(got,
	    "\"enabled\":true,\"events\":[{\"seq\":1,\"ts\":\"2026-04-21T14:32:01.123Z\",\"layer\":\"http\","
	    "\"decision\":\"block\",\"container\":\"agent-1\",\"agent\":null,\"src_ip\":\"10.200.0.9\","
	    "\"host\":\"api.example.com\",");
	HAS(got, "\"port\":443");
	HAS(got, "\"method\":\"GET\"");
	HAS(got, "\"rule\":\"r-1\"");
	HAS(got, "\"reason\":\"no \\\"rule\\\"\"");
	HAS(got, "\"next_seq\":2,\"dropped\":0,\"suppressed\":0,\"reset\":false}");
	HAS(got, verdicts.boot_id);
}

T(filters_and_limits)
{
	bench_start(&cfg, NULL);
	open_log(64);
	add("a", "x.example.com");
	add("b", "example.com");
	struct event ev = event_of("b", "other.net");
	ev.layer = EVENT_DNS;
	ev.allowed = true;
	snprintf(ev.rule, sizeof(ev.rule), "r-1");
	events_add(&verdicts, &ev, now_ms);
	static const struct {
		const char *query;
		bool first, second, third;
	} cases[] = {
		{ "", true, true, true },
		{ "?container=a", true, false, false },
		{ "?host=example.com", false, true, false },
		{ "?host=.example.com", true, true, false },
		{ "?host=.ample.com", false, false, false },
		{ "?decision=allow", false, false, true },
		{ "?decision=block", true, true, false },
		{ "?layer=dns", false, false, true },
		{ "?layer=sni", false, false, false },
		{ "?rule=r-1", false, false, true },
		{ "?since=2", false, true, true },
		{ "?since=3", false, false, true },
		{ "?limit=1", true, false, false },
		{ "?since=2&limit=1", false, true, false },
	};
	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		char path[64];
		snprintf(path, sizeof(path), "/e%s", cases[i].query);
		EQ(get(path), 200);
		if (!strstr(got, "\"seq\":1,") == cases[i].first ||
		    !strstr(got, "\"seq\":2,") == cases[i].second ||
		    !strstr(got, "\"seq\":3,") == cases[i].third)
			FAIL("%s: %s", path, got);
	}
	get("/e?limit=1");
	HAS(got, "\"next_seq\":2,");
	get("/e?container=a");
	HAS(got, "\"next_seq\":4,");
}

T(bad_parameters_are_named)
{
	static const char *const bad[] = {
		"since=x",  "limit=0",	  "limit=501", "wait=21", "wait=-1", "decision=maybe",
		"layer=l9", "container=", "host=",     "rule=",	  "more=1",
	};
	bench_start(&cfg, NULL);
	open_log(4);
	for (size_t i = 0; i < ARRAY_LEN(bad); i++) {
		char path[64], text[96];
		struct buf want = BUF_OF(text);
		snprintf(path, sizeof(path), "/e?%s", bad[i]);
		EQ(get(path), 400);
		buf_add_c(&want, "invalid query parameter \\\"");
		buf_add(&want, bad[i], strcspn(bad[i], "="));
		buf_add_c(&want, "\\\"");
		HAS(got, buf_c(&want));
	}
}

T(dropped_and_reset_are_told)
{
	char path[64];
	bench_start(&cfg, NULL);
	open_log(8);
	add_many("a", 20);
	get("/e?since=5");
	HAS(got, "\"dropped\":8,");	/* 5..12 are gone */
	HAS(got, "\"reset\":false");
	get("/e?since=1000");
	HAS(got, "\"dropped\":0,");
	HAS(got, "\"reset\":true");
	HAS(got, "\"seq\":13,");
	get("/e?since=15&boot=0123456789abcdef");
	HAS(got, "\"reset\":true");
	HAS(got, "\"seq\":13,");
	snprintf(path, sizeof(path), "/e?since=15&boot=%s", verdicts.boot_id);
	get(path);
	HAS(got, "\"reset\":false");
	OK(!strstr(got, "\"seq\":14,"));
}

T(long_poll_ends_with_the_first_match)
{
	bench_start(&cfg, NULL);
	open_log(16);
	add("a", "old");
	int fd = peer();
	got[0] = '\0';
	say_c(fd, "GET /e?since=2&wait=20&container=b HTTP/1.1\r\nHost: x\r\n\r\n");
	OK(!hear(fd));
	add("a", "not this");
	OK(!hear(fd));
	STR_EQ(got, "");
	EQ(events_wait_ms(&verdicts, now_ms), 20000);
	add("b", "this");
	OK(!hear(fd));
	EQ(status(), 200);
	HAS(got, "\"host\":\"this\"");
	OK(!strstr(got, "not this"));
	EQ(events_wait_ms(&verdicts, now_ms), -1);
	got[0] = '\0';
	say_c(fd, "GET /e?since=4&wait=5 HTTP/1.1\r\nHost: x\r\n\r\n");
	OK(!hear(fd));
	now_ms += 4999;
	events_expire(&verdicts, now_ms);
	OK(!hear(fd));
	STR_EQ(got, "");
	now_ms += 1;
	events_expire(&verdicts, now_ms);
	OK(!hear(fd));
	HAS(got, "\"events\":[],\"next_seq\":4,");
	close(fd);
}

T(waiters_are_limited_and_forgotten)
{
	int fds[EVENTS_WAITERS_MAX];
	bench_start(&cfg, NULL);
	open_log(16);
	for (int i = 0; i < EVENTS_WAITERS_MAX; i++) {
		fds[i] = peer();
		say_c(fds[i], "GET /e?since=1&wait=20 HTTP/1.1\r\nHost: x\r\n\r\n");
		turns(2);
	}
	EQ(get("/e?since=1&wait=20"), 503);
	HAS(got, "too many event waiters");
	close(fds[0]);
	turns(3);
	fds[0] = peer();
	got[0] = '\0';
	say_c(fds[0], "GET /e?since=1&wait=20 HTTP/1.1\r\nHost: x\r\n\r\n");
	OK(!hear(fds[0]));
	STR_EQ(got, "");
	add("a", "wakes all");
	for (int i = 0; i < EVENTS_WAITERS_MAX; i++) {
		got[0] = '\0';
		OK(!hear(fds[i]));
		EQ(status(), 200);
		close(fds[i]);
	}
	turns(3);
	EQ(events_wait_ms(&verdicts, now_ms), -1);
}

T(ring_of_zero_is_off)
{
	bench_start(&cfg, NULL);
	open_log(0);
	add("a", "x");
	EQ(get("/e"), 200);
	HAS(got, "\"enabled\":false,\"events\":[],\"next_seq\":1,");
	bench_stop();
	events_close(&verdicts);
}
