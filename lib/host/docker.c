/* docker.c - the Docker Engine: blocking calls over its Unix socket, and its event stream
 *
 * Layer: host.  Input: the Engine's answers, hostile until parsed.  Memory: the caller's arena; a
 * mapping per exchange.  Threads: job threads only.
 * Spec: S008 (Docker Engine API calls, version negotiation, event stream), S008-FR-001,
 * S008-FR-036, S008-X-001.
 *
 * One connection per call.  The stream is cut into lines, never into chunks: a chunk may end
 * anywhere.
 */
#include "host/docker.h"

#include <limits.h>

#include "base/clock.h"
#include "base/log.h"
#include "base/num.h"
#include "proto/consts.h"
#include "wire/json.h"

#define PEER "the Docker Engine"
#define LIST_QUERY "all=1&filters=%7B%22label%22%3A%5B%22managed-by%3Doutcalld%22%5D%7D"
#define EVENTS_QUERY "filters=%7B%22type%22%3A%5B%22container%22%2C%22network%22%5D%7D"
#define TOKENS_MAX ((size_t)64 << 20)	/* of one line of a stream */
#define MESSAGE_SHOWN 512		/* of an error text of the Engine */

static struct uhttp_request request(const struct docker *d, const char *path, int timeout_s)
{
	return (struct uhttp_request){
		.socket = d->socket, .peer = PEER, .host = "docker", .method = "GET",
		.path = path, .minor = 1, .close = true, .wait_ms = timeout_s * 1000,
		.deadline_ms = clock_mono_ms() + (uint64_t)timeout_s * 1000,
		.stop_fd = d->stop_fd,
	};
}

/* ---- version ---- */

bool docker_parse_version(struct str text, unsigned *minor)
{
	uint64_t v;

	if (!str_starts(text, STR("1.")) || !num_u64(str_from(text, 2), 9999, &v))
		return false;
	*minor = (unsigned)v;
	return true;
}

int docker_negotiate(struct docker *d, struct err *e)
{
	const struct uhttp_request rq = request(d, "/_ping", DOCKER_PING_TIMEOUT_SECS);
	unsigned minor = 0;
	bool known;
	struct str version;
	struct uhttp x;
	int rc = 0;

	if (uhttp_open(&x, &rq, e) < 0)
		return -1;
	version = uhttp_field(&x, "Api-Version");
	known = docker_parse_version(version, &minor);
	if (x.status != 200)
		rc = err_set(e, ERR_UNAVAILABLE, "Docker ping failed with status code %u",
			     x.status);
	else if (!known)
		rc = err_set(e, ERR_PROTO, "malformed HTTP response from " PEER);
	else if (minor < DOCKER_API_MIN)
		rc = err_set(e, ERR_UNAVAILABLE,
			     "Docker Engine API 1.%u is too old; 1.%d or newer is required", minor,
			     DOCKER_API_MIN);
	else
		d->minor = MIN(minor, (unsigned)DOCKER_API_MAX);
	uhttp_close(&x);
	return rc;
}

/* An Engine that has given up our newest version names its oldest: the rest of this text. */
static bool wants_newer(struct str message, unsigned *minor)
{
	const struct str text = STR("Minimum supported API version is 1.");
	size_t at = str_find(message, text);
	struct str rest = str_from(message, at == SIZE_MAX ? message.len : at + text.len);
	size_t len = 0;
	uint64_t v;

	while (len < rest.len && ascii_is_digit(rest.p[len]))
		len++;
	if (!num_u64(str_first(rest, len), 9999, &v) || v < DOCKER_API_MIN)
		return false;
	*minor = (unsigned)v;
	return true;
}

/* ---- calls ---- */

static struct str message_of(struct str body, struct arena *a)
{
	struct json doc;
	struct str text;
	struct err ignored;

	if (json_parse(&doc, body, a, &ignored) == 0 &&
	    json_str(json_get(json_root(&doc), "message"), a, &text))
		return str_first(text, MESSAGE_SHOWN);
	return str_first(body, MESSAGE_SHOWN);
}

static int fail(const struct docker_call *c, uint16_t status, struct str message, struct err *e)
{
	char shown[4 * MESSAGE_SHOWN + 1];
	struct buf b = BUF_OF(shown);
	enum err_code code = ERR_PROTO;

	if (status == 404)
		code = ERR_NOT_FOUND;
	else if (status == 409)
		code = ERR_CONFLICT;
	buf_add_escaped(&b, message, MESSAGE_SHOWN);
	return err_set(e, code, "Docker %s failed: Docker responded with status code %u: %s",
		       c->what, status, buf_c(&b));
}

static int exchange(const struct docker *d, const struct docker_call *c, struct arena *a,
		    struct docker_reply *out, struct err *e)
{
	char path[1024];
	struct buf b = BUF_OF(path);
	struct uhttp_request rq;
	struct uhttp x;
	int rc;

	buf_printf(&b, "/v1.%u%s", d->minor, c->path);
	if (!buf_ok(&b))
		return err_set(e, ERR_INVALID, "Docker %s failed: the request is too long",
			       c->what);
	rq = request(d, buf_c(&b), c->timeout_s ? c->timeout_s : DOCKER_TIMEOUT_SECS);
	rq.method = c->method;
	rq.body = c->body;
	rc = uhttp_open(&x, &rq, e);
	if (rc == 0) {
		out->status = x.status;
		rc = uhttp_body(&x, DOCKER_BODY_MAX, a, &out->body, e);
		uhttp_close(&x);
	}
	if (rc < 0 && e->code == ERR_TIMEOUT)
		return err_set(e, ERR_TIMEOUT, "Docker %s timed out after %ds", c->what,
			       rq.wait_ms / 1000);
	return rc < 0 ? err_ctx(e, "Docker %s failed", c->what) : 0;
}

int docker_ask(struct docker *d, const struct docker_call *c, struct arena *a,
	       struct docker_reply *out, struct err *e)
{
	struct docker_reply answer;
	unsigned oldest;

	if (exchange(d, c, a, &answer, e) < 0)
		return -1;
	if (answer.status == 400 && wants_newer(message_of(answer.body, a), &oldest) &&
	    oldest > d->minor) {
		d->minor = oldest;
		if (exchange(d, c, a, &answer, e) < 0)
			return -1;
	}
	if (answer.status >= 400)
		return fail(c, answer.status, message_of(answer.body, a), e);
	*out = answer;
	return 0;
}

/* ---- containers ---- */

static int misshapen(struct err *e, const char *what)
{
	return err_set(e, ERR_PROTO, PEER " gave a container without a valid %s", what);
}

static bool is_id(struct str s)
{
	if (s.len != PROCID_LEN)
		return false;
	for (size_t i = 0; i < s.len; i++)
		if (!ascii_is_hex_lower(s.p[i]))
			return false;
	return true;
}

static bool take_id(struct json_val v, struct arena *a, char out[PROCID_LEN + 1])
{
	struct str s;

	return json_str(v, a, &s) && is_id(s) && str_to_c(out, PROCID_LEN + 1, s);
}

/* [A-Za-z0-9][A-Za-z0-9_.-]*, at most 128 bytes */
static bool take_name(struct str s, char out[AGENT_NAME_MAX + 1])
{
	for (size_t i = 0; i < s.len; i++) {
		char c = s.p[i];

		if (!ascii_is_alnum(c) && (i == 0 || (c != '.' && c != '_' && c != '-')))
			return false;
	}
	return s.len > 0 && str_to_c(out, AGENT_NAME_MAX + 1, s);
}

static int take_labels(struct json_val labels, struct arena *a, struct docker_container *c,
		       struct err *e)
{
	struct str network;

	c->managed = json_str_is(json_get(labels, MANAGED_BY_LABEL), STR(MANAGED_BY_VALUE));
	if (json_kind(json_get(labels, NETWORK_LABEL)) == JSON_NONE)
		return 0;
	if (!json_str(json_get(labels, NETWORK_LABEL), a, &network) ||
	    !take_name(network, c->network))
		return misshapen(e, "label " NETWORK_LABEL);
	return 0;
}

static int take_addr(struct json_val v, struct arena *a, struct docker_container *c, struct err *e)
{
	struct str text;
	struct ip addr;

	if (json_kind(v) == JSON_NONE || json_kind(v) == JSON_NULL)
		return 0;
	if (!json_str(v, a, &text))
		return misshapen(e, "address");
	if (!text.len)	/* a stopped one */
		return 0;
	if (!ip_parse(text, &addr) || ip_is_zero(addr))
		return misshapen(e, "address");
	c->addrs[c->addr_cnt++] = addr;
	return 0;
}

/* Addresses on the network of the label; every attachment is counted. */
static int take_networks(struct json_val settings, struct arena *a, struct docker_container *c,
			 struct err *e)
{
	struct json_val networks = json_get(settings, "Networks");
	struct json_val here = c->network[0] ? json_get(networks, c->network)
					     : (struct json_val){ NULL, 0 };

	c->network_cnt = json_count(networks);
	c->attached = json_kind(here) == JSON_OBJECT;
	if (!c->attached)
		return 0;
	if (take_addr(json_get(here, "IPAddress"), a, c, e) < 0)
		return -1;
	return take_addr(json_get(here, "GlobalIPv6Address"), a, c, e);
}

/* Of "/web" and "/other/alias" the one without a second slash. */
static bool take_names(struct json_val names, struct arena *a, char out[AGENT_NAME_MAX + 1])
{
	struct json_iter it = json_each(names);
	struct json_val key, v;
	struct str s;

	while (json_next(&it, &key, &v))
		if (json_str(v, a, &s) && s.len > 1 && s.p[0] == '/' &&
		    str_rfind_byte(s, '/') == 0)
			return take_name(str_from(s, 1), out);
	return false;
}

static int take_item(struct json_val v, struct arena *a, struct docker_container *out,
		     struct err *e)
{
	static const char *const alive[] = { "running", "paused", "restarting" };
	struct docker_container c = { .id = "" };

	if (!take_id(json_get(v, "Id"), a, c.id))
		return misshapen(e, "id");
	if (!take_names(json_get(v, "Names"), a, c.name))
		return misshapen(e, "name");
	for (size_t i = 0; i < ARRAY_LEN(alive); i++)
		c.running |= json_str_is(json_get(v, "State"), str_of(alive[i]));
	if (take_labels(json_get(v, "Labels"), a, &c, e) < 0 ||
	    take_networks(json_get(v, "NetworkSettings"), a, &c, e) < 0)
		return -1;
	*out = c;
	return 0;
}

int docker_parse_list(struct str body, struct arena *a, struct docker_list *out, struct err *e)
{
	struct docker_list list = { NULL, 0 };
	struct json_val key, item;
	struct json_iter it;
	struct json doc;
	struct err why;

	if (json_parse(&doc, body, a, e) < 0 || json_kind(json_root(&doc)) != JSON_ARRAY)
		return err_set(e, ERR_PROTO, "malformed list of containers from " PEER);
	it = json_each(json_root(&doc));
	if (it.left > DOCKER_CONTAINERS_MAX)
		return err_set(e, ERR_LIMIT, "more than %d managed containers",
			       DOCKER_CONTAINERS_MAX);
	list.v = ARENA_NEW_N(a, struct docker_container, it.left + 1);
	if (!list.v)
		return err_set(e, ERR_NOMEM, "no memory for the list of containers");
	while (json_next(&it, &key, &item)) {
		if (take_item(item, a, &list.v[list.cnt], &why) < 0)
			log_msg(LOG_WARN, LOG_DOCKER_MANAGER, "container left out: %s", why.msg);
		else if (list.v[list.cnt].managed)
			list.cnt++;
	}
	*out = list;
	return 0;
}

int docker_list(struct docker *d, struct arena *a, struct docker_list *out, struct err *e)
{
	const struct docker_call call = { .method = "GET",
					  .path = "/containers/json?" LIST_QUERY,
					  .what = "list managed containers" };
	struct docker_reply answer;

	if (docker_ask(d, &call, a, &answer, e) < 0)
		return -1;
	return docker_parse_list(answer.body, a, out, e);
}

int docker_parse_inspect(struct str body, struct arena *a, struct docker_container *out,
			 struct err *e)
{
	struct docker_container c = { .id = "" };
	struct json_val root, state;
	struct json doc;
	struct str name;
	uint64_t pid = 0;

	if (json_parse(&doc, body, a, e) < 0)
		return err_set(e, ERR_PROTO, "malformed description of a container from " PEER);
	root = json_root(&doc);
	state = json_get(root, "State");
	if (!take_id(json_get(root, "Id"), a, c.id))
		return misshapen(e, "id");
	if (!json_str(json_get(root, "Name"), a, &name) || !str_starts(name, STR("/")) ||
	    !take_name(str_from(name, 1), c.name))
		return misshapen(e, "name");
	if (json_kind(json_get(state, "Running")) != JSON_BOOL ||
	    !json_u64(json_get(state, "Pid"), INT_MAX, &pid))
		return misshapen(e, "state");
	c.running = json_is_true(json_get(state, "Running"));
	c.pid = (pid_t)pid;
	if (take_labels(json_get(json_get(root, "Config"), "Labels"), a, &c, e) < 0 ||
	    take_networks(json_get(root, "NetworkSettings"), a, &c, e) < 0)
		return -1;
	*out = c;
	return 0;
}

int docker_inspect(struct docker *d, const char *id, struct arena *a, struct docker_container *out,
		   struct err *e)
{
	char path[AGENT_NAME_MAX + 32], what[AGENT_NAME_MAX + 32], checked[AGENT_NAME_MAX + 1];
	struct buf p = BUF_OF(path), w = BUF_OF(what);
	struct docker_call call = { .method = "GET" };
	struct docker_reply answer;

	if (!take_name(str_of(id), checked))
		return err_set(e, ERR_INVALID, "\"%s\" is no id and no name of a container", id);
	buf_printf(&p, "/containers/%s/json", checked);
	buf_printf(&w, "inspect container %s", checked);
	call.path = buf_c(&p);
	call.what = buf_c(&w);
	if (docker_ask(d, &call, a, &answer, e) < 0)
		return -1;
	return docker_parse_inspect(answer.body, a, out, e);
}

/* ---- events ---- */

static enum docker_event_kind kind_of(struct json_val action)
{
	static const struct {
		const char *action;
		enum docker_event_kind kind;
	} kinds[] = {
		{ "start", DOCKER_EVENT_CHANGED },   { "restart", DOCKER_EVENT_CHANGED },
		{ "unpause", DOCKER_EVENT_CHANGED }, { "rename", DOCKER_EVENT_CHANGED },
		{ "kill", DOCKER_EVENT_DOUBT },	     { "oom", DOCKER_EVENT_DOUBT },
		{ "die", DOCKER_EVENT_ENDED },	     { "destroy", DOCKER_EVENT_ENDED },
	};

	for (size_t i = 0; i < ARRAY_LEN(kinds); i++)
		if (json_str_is(action, str_of(kinds[i].action)))
			return kinds[i].kind;
	return DOCKER_EVENT_OTHER;
}

static int bad_event(struct err *e)
{
	return err_set(e, ERR_PROTO, "malformed event from " PEER);
}

int docker_parse_event(struct str line, struct arena *a, struct docker_event *out, struct err *e)
{
	struct docker_event ev = { .kind = DOCKER_EVENT_OTHER };
	struct json_val root, type, action, actor, attributes, id;
	struct json doc;

	if (json_parse(&doc, line, a, e) < 0)
		return bad_event(e);
	root = json_root(&doc);
	type = json_get(root, "Type");
	action = json_get(root, "Action");
	actor = json_get(root, "Actor");
	attributes = json_get(actor, "Attributes");
	id = json_get(actor, "ID");
	if (json_kind(type) != JSON_STRING || json_kind(action) != JSON_STRING ||
	    json_kind(id) != JSON_STRING)
		return bad_event(e);
	if (json_str_is(type, STR("container"))) {
		if (json_str_is(json_get(attributes, MANAGED_BY_LABEL), STR(MANAGED_BY_VALUE)))
			ev.kind = kind_of(action);
	} else if (json_str_is(type, STR("network")) &&
		   (json_str_is(action, STR("connect")) ||
		    json_str_is(action, STR("disconnect")))) {
		ev.kind = DOCKER_EVENT_NETWORK;
		id = json_get(attributes, "container");
	}
	if (ev.kind != DOCKER_EVENT_OTHER && !take_id(id, a, ev.id))
		return bad_event(e);
	*out = ev;
	return 0;
}

int docker_events_open(const struct docker *d, struct docker_stream *s, struct err *e)
{
	struct buf path = BUF_OF(s->path);

	buf_printf(&path, "/v1.%u/events?", d->minor);
	buf_add_c(&path, EVENTS_QUERY);
	s->rq = request(d, buf_c(&path), DOCKER_TIMEOUT_SECS);
	s->piece = str_n(NULL, 0);
	if (uhttp_open(&s->x, &s->rq, e) < 0)
		return err_ctx(e, "Docker event stream");
	arena_init(&s->tokens, TOKENS_MAX);
	if (s->x.status != 200) {
		err_set(e, ERR_PROTO, "Docker event stream: status code %u", s->x.status);
	} else if (arena_init_fixed(&s->line_mem, DOCKER_LINE_MAX + 256) < 0) {
		err_set(e, ERR_NOMEM, "no memory for the Docker event stream");
	} else {
		s->line = buf_on(arena_alloc(&s->line_mem, DOCKER_LINE_MAX), DOCKER_LINE_MAX);
		s->rq.deadline_ms = 0;	/* silence is normal from now on */
		return 0;
	}
	uhttp_close(&s->x);
	return -1;
}

/* Moves bytes from the piece to the line; true when the line is complete. */
static bool complete(struct docker_stream *s)
{
	size_t at = str_find_byte(s->piece, '\n');

	buf_add_str(&s->line, str_first(s->piece, at));
	s->piece = str_from(s->piece, at == SIZE_MAX ? s->piece.len : at + 1);
	return at != SIZE_MAX;
}

/* A whole line without blanks around it. */
static int next_line(struct docker_stream *s, uint64_t until_ms, struct err *e)
{
	while (!complete(s)) {
		uint64_t now = clock_mono_ms();

		if (!buf_ok(&s->line))
			return err_set(e, ERR_LIMIT, "Docker event stream: an event is longer than %zu bytes",
				       DOCKER_LINE_MAX);
		s->rq.wait_ms = (int)MIN(until_ms - MIN(now, until_ms), (uint64_t)INT_MAX);
		if (uhttp_next(&s->x, &s->piece, e) < 0 && !s->x.ended)
			return -1;
		if (s->x.ended || !s->piece.p)
			return err_set(e, ERR_UNAVAILABLE, "the Docker event stream has ended");
	}
	return 0;
}

int docker_events_next(struct docker_stream *s, uint64_t until_ms, struct docker_event *out,
		       struct err *e)
{
	struct str text;

	do {
		if (next_line(s, until_ms, e) < 0)
			return -1;
		text = str_trim(buf_str(&s->line));
		if (text.len && text.p[text.len - 1] == '\r')
			text = str_first(text, text.len - 1);
		if (!text.len)
			buf_reset(&s->line);
	} while (!text.len);
	arena_reset(&s->tokens);
	if (docker_parse_event(text, &s->tokens, out, e) < 0)
		return -1;
	buf_reset(&s->line);
	return 0;
}

void docker_events_close(struct docker_stream *s)
{
	uhttp_close(&s->x);
	arena_fini(&s->line_mem);
	arena_fini(&s->tokens);
}
