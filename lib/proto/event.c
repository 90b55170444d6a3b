/* event.c - one verdict as JSON
 *
 * Layer: proto.  Input: trusted structure, foreign texts.  Memory: none.  Threads: pure functions.
 * Spec: S010 section 6 (Event JSON), S010-O-002.
 */
#include "proto/event.h"

#include "base/clock.h"

const char *const event_layer_names[] = {
	"dns", "http", "connect", "sni", "agent", "direct", "docker", NULL,
};
STATIC_ASSERT(ARRAY_LEN(event_layer_names) == EVENT_LAYER_COUNT + 1, "one name per layer");

static void add_text(struct jsonw *w, const char *name, const char *text)
{
	jsonw_add_c(w, name, *text ? text : NULL);
}

static void add_time(struct jsonw *w, int64_t wall_us)
{
	char text[40];
	struct buf b = BUF_OF(text);
	clock_format_utc(&b, wall_us, 6);
	/* "...:01.123456Z" -> milliseconds */
	if (b.len > 4) {
		b.len -= 4;
		buf_add_byte(&b, 'Z');
	}
	jsonw_add_str(w, "ts", buf_str(&b));
}

/* ip, path and file are members of the contract that no enforcement point keeps: null. */
void event_write(struct jsonw *w, const struct event *ev)
{
	bool dns = ev->layer == EVENT_DNS;
	bool agent = ev->layer == EVENT_PERMISSION;
	jsonw_object(w);
	jsonw_add_u64(w, "seq", ev->seq);
	add_time(w, ev->wall_us);
	CHECK((unsigned)ev->layer < EVENT_LAYER_COUNT);
	jsonw_add_c(w, "layer", event_layer_names[ev->layer]);
	jsonw_add_c(w, "decision", ev->allowed ? "allow" : "block");
	add_text(w, "container", ev->container);
	add_text(w, "agent", ev->agent);
	jsonw_add_c(w, "src_ip", ev->source);
	add_text(w, "host", agent ? "" : ev->host);
	jsonw_add_c(w, "ip", NULL);
	jsonw_name(w, "port");
	if (ev->port)
		jsonw_u64(w, ev->port);
	else
		jsonw_null(w);
	jsonw_add_c(w, "protocol", dns ? "dns" : "tcp");
	add_text(w, "method", dns || agent ? "" : ev->method);
	jsonw_add_c(w, "path", NULL);
	add_text(w, "record_type", dns ? ev->method : "");
	add_text(w, "tool", agent ? ev->host : "");
	jsonw_add_u64(w, "micros", ev->micros);
	add_text(w, "rule", ev->rule);
	jsonw_add_c(w, "file", NULL);
	add_text(w, "reason", ev->reason);
	jsonw_add_bool(w, "security", ev->security);
	jsonw_add_bool(w, "redirected", ev->redirected);
	jsonw_add_bool(w, "cached", ev->cached);
	jsonw_add_u64(w, "count", ev->count);
	jsonw_object_end(w);
}
