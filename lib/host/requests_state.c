/* requests_state.c - the state file of the rule requests: JSON to entries and back
 *
 * Layer: host.  Input: hostile (a damaged disk, an edited file).  Memory: the caller's arena.
 * Threads: pure functions.
 * Spec: S003 1.1, S004 "State file", operations section 11.
 */
#include <stdlib.h>

#include "base/utf8.h"
#include "host/requests.h"

/* Tokens and texts of the largest file that we write; one that needs more is refused. */
#define PARSE_MEMORY_MAX ((size_t)64 << 20)
#define TIME_LEN 20	/* 2026-04-21T14:32:01Z */

bool requests_is_id(struct str id)
{
	if (id.len != REQUEST_ID_LEN || !str_starts(id, STR("rr-")))
		return false;
	for (size_t i = 3; i < id.len; i++)
		if (!ascii_is_hex_lower(id.p[i]))
			return false;
	return true;
}

bool requests_is_container(struct str id)
{
	if (id.len == 0 || id.len > REQUEST_CONTAINER_MAX)
		return false;
	for (size_t i = 0; i < id.len; i++)
		if (!ascii_is_alnum(id.p[i]) && id.p[i] != '.' && id.p[i] != '_' && id.p[i] != '-')
			return false;
	return true;
}

const char *requests_reason_fault(struct str reason)
{
	size_t pos = 0;
	uint32_t cp;

	if (reason.len == 0)
		return "rejection reason must not be empty";
	if (reason.len > REQUEST_REASON_MAX)
		return "rejection reason exceeds 1024 bytes";
	while (utf8_next(reason, &pos, &cp))
		if (cp < 0x20 || (cp >= 0x7f && cp < 0xa0))
			return "rejection reason must not contain control characters";
	return NULL;
}

/* --- reading ---------------------------------------------------------------------------------- */

static bool is_time(struct str s)
{
	static const char form[] = "dddd-dd-ddTdd:dd:ddZ";

	if (s.len != TIME_LEN)
		return false;
	for (size_t i = 0; i < s.len; i++)
		if (form[i] == 'd' ? !ascii_is_digit(s.p[i]) : s.p[i] != form[i])
			return false;
	return true;
}

/* NULL, or what is wrong. */
static const char *fault_of(const struct rule_request_entry *q)
{
	bool pending = q->status == API_REQUEST_PENDING;

	if (!requests_is_container(q->container_id))
		return "\"container_id\" must be 1 to 128 of A-Z a-z 0-9 . _ -";
	if (q->container_name.p && !requests_is_container(q->container_name))
		return "\"container_name\" must be 1 to 128 of A-Z a-z 0-9 . _ -";
	if (pending && (q->rule_file.len == 0 || q->rule_file.len > REQUEST_RULE_FILE_MAX))
		return "\"rule_file\" of a pending request must have 1 to 65536 bytes";
	if (!pending && q->rule_file.len > 0)
		return "\"rule_file\" of a decided request must be empty";
	if (pending && q->reason.p)
		return "a pending request has no \"reason\"";
	if (q->reason.p && requests_reason_fault(q->reason))
		return requests_reason_fault(q->reason);
	if (q->submitted_at.p && !is_time(q->submitted_at))
		return "\"submitted_at\" must be a time such as 2026-04-21T14:32:01Z";
	if (q->decided_at.p && !is_time(q->decided_at))
		return "\"decided_at\" must be a time such as 2026-04-21T14:32:01Z";
	return NULL;
}

static int read_entry(struct json_val key, struct json_val value, struct arena *a,
		      struct rule_request_entry *out, struct err *e)
{
	char shown[64];
	struct buf b = BUF_OF(shown);
	const char *fault;
	struct str id;

	if (!json_str(key, a, &id))
		return err_set(e, ERR_LIMIT, "JSON text is too large");
	buf_add_escaped(&b, id, REQUEST_ID_LEN);
	if (!requests_is_id(id))
		return err_set(e, ERR_INVALID, "\"%s\" is no rule request ID", buf_c(&b));
	if (json_kind(value) != JSON_OBJECT)
		return err_set(e, ERR_INVALID, "request \"%s\": must be an object", buf_c(&b));
	if (shape_read(&rule_request_state_shape, value, a, out, e) < 0)
		return err_ctx(e, "request \"%s\"", buf_c(&b));
	fault = fault_of(out);
	if (fault)
		return err_set(e, ERR_INVALID, "request \"%s\": %s", buf_c(&b), fault);
	out->id = id;
	return 0;
}

bool requests_keep_texts(struct arena *a, struct rule_request_entry *q)
{
	struct str *const texts[] = { &q->id,	  &q->container_id, &q->container_name,
				      &q->rule_file, &q->reason,    &q->submitted_at,
				      &q->decided_at };

	for (size_t i = 0; i < ARRAY_LEN(texts); i++) {
		if (!texts[i]->p)
			continue;
		*texts[i] = arena_str(a, *texts[i]);
		if (!texts[i]->p)
			return false;
	}
	return true;
}

static int entry_cmp(const void *a, const void *b)
{
	const struct rule_request_entry *x = a, *y = b;

	return str_cmp(x->id, y->id);
}

static int read_all(struct json_val root, struct arena *parsed, struct arena *a,
		    struct rule_request_entry **out, struct err *e)
{
	struct json_iter it = json_each(root);
	struct rule_request_entry *v;
	struct json_val key, value;
	uint32_t cnt = json_count(root);

	if (json_kind(root) != JSON_OBJECT)
		return err_set(e, ERR_INVALID, "must be a JSON object");
	if (cnt > REQUESTS_MAX)
		return err_set(e, ERR_LIMIT, "holds more than %d requests", REQUESTS_MAX);
	v = ARENA_NEW_N(a, struct rule_request_entry, cnt + (size_t)1);
	if (!v)
		return err_set(e, ERR_NOMEM, "no memory for %u requests", cnt);
	for (uint32_t i = 0; json_next(&it, &key, &value); i++) {
		if (read_entry(key, value, parsed, &v[i], e) < 0)
			return -1;
		/* the parsed text and its tokens are as large again and go */
		if (!requests_keep_texts(a, &v[i]))
			return err_set(e, ERR_NOMEM, "no memory for %u requests", cnt);
	}
	qsort(v, cnt, sizeof(*v), entry_cmp);
	*out = v;
	return 0;
}

int requests_read(struct str text, struct arena *a, struct rule_request_entry **out, uint32_t *cnt,
		  struct err *e)
{
	struct arena parsed;
	struct json doc;
	int rc;

	arena_init(&parsed, PARSE_MEMORY_MAX);
	rc = json_parse(&doc, text, &parsed, e);
	if (rc == 0)
		rc = read_all(json_root(&doc), &parsed, a, out, e);
	if (rc == 0)
		*cnt = json_count(json_root(&doc));
	arena_fini(&parsed);
	return rc;
}

/* --- writing ---------------------------------------------------------------------------------- */

bool requests_write(const struct rule_request_entry *v, uint32_t cnt, struct buf *out)
{
	struct jsonw w = jsonw_on(out);

	jsonw_object(&w);
	for (uint32_t i = 0; i < cnt; i++) {
		jsonw_key(&w, v[i].id);
		shape_write(&w, &rule_request_state_shape, &v[i]);
	}
	jsonw_object_end(&w);
	buf_add_byte(out, '\n');
	return buf_ok(out);
}
