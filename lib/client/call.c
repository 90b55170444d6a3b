/* call.c - calls of the daemon's API: encode, send, judge status and envelope, decode
 *
 * Layer: client.  Input: the daemon's answers.  Memory: the caller's arena.  Threads: any.
 * Spec: S000 section 8, S000-EC-X01, S000-EC-X02.
 */
#include "client/call.h"

#include <unistd.h>

#include "client/http.h"
#include "proto/consts.h"
#include "proto/envelope.h"

#define JAIL_ARENA ((size_t)64 << 20)	/* holds the largest answer and its tokens */
#define BODY_SHOWN 4096

static enum err_code code_of_status(uint16_t status)
{
	switch (status) {
	case 401: case 403:
		return ERR_DENIED;
	case 404:
		return ERR_NOT_FOUND;
	case 409:
		return ERR_CONFLICT;
	case 413: case 429: case 431:
		return ERR_LIMIT;
	case 503:
		return ERR_UNAVAILABLE;
	case 504:
		return ERR_TIMEOUT;
	default:
		return status >= 500 ? ERR_INTERNAL : ERR_INVALID;
	}
}

static bool read_envelope(struct str body, struct arena *a, struct envelope *out)
{
	struct err ignored;
	struct json *doc = ARENA_NEW(a, struct json);	/* values point to it */
	return doc && json_parse(doc, body, a, &ignored) == 0 &&
	       shape_read(&envelope_shape, json_root(doc), a, out, &ignored) == 0;
}

static int judge(const struct http_answer *answer, struct arena *a, struct json_val *data,
		 struct err *e)
{
	struct envelope env;
	bool enveloped = read_envelope(answer->body, a, &env);
	/* "not ready" is 503 with data: operations section 4 */
	bool good = (answer->status >= 200 && answer->status <= 299) ||
		(answer->status == 503 && enveloped && env.success);
	enum err_code code = code_of_status(answer->status);
	if (good && !enveloped)
		return err_set(e, ERR_PROTO, "failed to parse response");
	if (enveloped && !env.success && env.error.p)
		return err_set(e, code, STR_FMT, STR_ARG(env.error));
	if (good && !env.success)
		return err_set(e, code, "unknown error");
	if (!good) {
		struct str body = str_first(answer->body, BODY_SHOWN);
		return err_set(e, code, "daemon API request failed with HTTP %u: " STR_FMT,
			       answer->status, STR_ARG(body.len ? body : STR("empty response")));
	}
	if (data)
		*data = env.data;
	return 0;
}

static int call(struct call *c, const char *method, const char *path, struct str body,
		struct json_val *data, struct err *e)
{
	struct http_request rq = {
		.socket = c->socket,
		.method = method,
		.path = path,
		.body = body,
		.token = c->token,
		.timeout_ms = c->timeout_ms ? c->timeout_ms : DEFAULT_REQUEST_TIMEOUT_SECS * 1000,
	};
	struct http_answer answer;
	c->status = 0;
	if (http_ask(&rq, c->arena, &answer, e) < 0)
		return -1;
	c->status = answer.status;
	return judge(&answer, c->arena, data, e);
}

int call_get(struct call *c, const char *path, struct json_val *data, struct err *e)
{
	return call(c, "GET", path, str_n(NULL, 0), data, e);
}

int call_post(struct call *c, const char *path, struct str body, struct json_val *data,
	      struct err *e)
{
	return call(c, "POST", path, body, data, e);
}

int call_read(struct call *c, struct json_val data, const struct json_shape *sh, void *out,
	      struct err *e)
{
	struct err ignored;
	if (json_kind(data) == JSON_NONE)
		return err_set(e, ERR_PROTO, "no data");	/* S000-EC-X02 */
	if (shape_read(sh, data, c->arena, out, &ignored) < 0)
		return err_set(e, ERR_PROTO, "failed to parse response data");
	return 0;
}

int call_read_list(struct call *c, struct json_val data, const struct json_shape *sh,
		   struct json_list *out, struct err *e)
{
	struct err ignored;
	if (json_kind(data) == JSON_NONE)
		return err_set(e, ERR_PROTO, "no data");
	if (shape_read_list(sh, data, c->arena, out, &ignored) < 0)
		return err_set(e, ERR_PROTO, "failed to parse response data");
	return 0;
}

static int jail_start(struct call *c, const struct jail_start_request *rq,
		      struct jail_start_result *out, int *line_fd, struct err *e)
{
	char text[1024];
	struct buf b = BUF_OF(text);
	struct jsonw w = jsonw_on(&b);
	shape_write(&w, &jail_start_request_shape, rq);
	if (!buf_ok(&b))
		return err_set(e, ERR_INVALID, "jail name or network name is too long");
	struct http_request ask = {
		.socket = c->socket,
		.method = "POST",
		.path = "/api/v1/jail",
		.body = buf_str(&b),
		.timeout_ms = DEFAULT_REQUEST_TIMEOUT_SECS * 1000,
	};
	struct http_answer answer;
	struct json_val data;
	return http_ask_held(&ask, c->arena, &answer, line_fd, e) < 0 ||
	       judge(&answer, c->arena, &data, e) < 0 ||
	       call_read(c, data, &jail_start_result_shape, out, e) < 0 ? -1 : 0;
}

int call_jail_start(const char *socket, const struct jail_start_request *rq,
		    struct jail_start_result *out, int *line_fd, struct err *e)
{
	struct arena a;
	struct jail_start_result result;
	int fd = -1;
	arena_init(&a, JAIL_ARENA);
	struct call c = { .socket = socket, .arena = &a };
	int rc = jail_start(&c, rq, &result, &fd, e);
	arena_fini(&a);
	if (rc < 0) {
		if (fd >= 0)
			close(fd);
		return -1;
	}
	result.ca_pem = str_n(NULL, 0);
	*out = result;
	*line_fd = fd;
	return 0;
}

void call_escape(struct buf *b, struct str value)
{
	for (size_t i = 0; i < value.len; i++) {
		if (ascii_is_alnum(value.p[i]))
			buf_add_byte(b, (uint8_t)value.p[i]);
		else
			buf_printf(b, "%%%02X", (unsigned)(unsigned char)value.p[i]);
	}
}
