/* http1.h - heads of HTTP/1 requests and responses, strict (RFC 9112 without its tolerances)
 *
 * Layer: wire.  Input: hostile.  Memory: views into the caller's input, fields in the caller's
 * array. Threads: pure functions.
 * Spec: S006-WR-001..017, S006-WR-067.
 *
 * Refused where other parsers are kind: bare LF or CR, folded lines, white space before a colon,
 * empty lines before the head, control bytes, other versions.  Everything with two readings is no
 * message.
 */
#ifndef OC_WIRE_HTTP1_H
#define OC_WIRE_HTTP1_H

#include "base/str.h"
#include "wire/parse.h"

#define HTTP1_METHOD_MAX 32

/* Field names that some part of the program treats specially. */
enum http1_name {
	HTTP1_OTHER = 0,
	HTTP1_ACCEPT,
	HTTP1_AUTHORIZATION,
	HTTP1_CACHE_CONTROL,
	HTTP1_CONNECTION,
	HTTP1_CONTENT_ENCODING,
	HTTP1_CONTENT_LENGTH,
	HTTP1_CONTENT_TYPE,
	HTTP1_COOKIE,
	HTTP1_EXPECT,
	HTTP1_HOST,
	HTTP1_HTTP2_SETTINGS,
	HTTP1_KEEP_ALIVE,
	HTTP1_MAX_FORWARDS,
	HTTP1_ORIGIN,
	HTTP1_PROXY_AUTHENTICATE,
	HTTP1_PROXY_AUTHORIZATION,
	HTTP1_PROXY_CONNECTION,
	HTTP1_TE,
	HTTP1_TRAILER,
	HTTP1_TRANSFER_ENCODING,
	HTTP1_UPGRADE,
	HTTP1_NAME_COUNT
};

struct http1_field {
	struct str name;	/* as sent */
	struct str value;	/* without the white space around it */
	enum http1_name id;
};

enum http1_fault {
	HTTP1_FAULT_NONE = 0,
	HTTP1_FAULT_SYNTAX,
	HTTP1_FAULT_VERSION,	/* well-formed, but neither HTTP/1.0 nor HTTP/1.1 */
	HTTP1_FAULT_SIZE,	/* more than head_max bytes or field_max fields */
};

struct http1_head {
	/* Set by http1_init. */
	struct http1_field *fields;
	size_t field_max;
	size_t head_max;	/* first line up to and including the empty line */
	/* Set by the parser. */
	size_t field_cnt;
	size_t len;		/* bytes of the head when done */
	struct str method;	/* request: a token of at most 32 bytes, as sent */
	struct str target;	/* request: neither space nor control; may hold bytes >= 0x80 */
	uint16_t status;	/* response: 100..599 */
	struct str reason;	/* response */
	uint8_t minor;		/* HTTP/1.minor */
	enum http1_fault fault;	/* when the answer is PARSE_BAD */
	uint16_t count[HTTP1_NAME_COUNT];	/* how many fields have that id */
	uint16_t last[HTTP1_NAME_COUNT];	/* index of the last of them, if count is not 0 */
};

void http1_init(struct http1_head *h, struct http1_field *fields, size_t field_max,
		size_t head_max);

/* Parses the head at the start of in.  PARSE_MORE: call again from the start with more bytes (what
 * is there has been checked).  The results are views into in. */
enum parse http1_parse_request(struct http1_head *h, struct str in);
/* As above; values may hold bytes >= 0x80 that are no UTF-8, and the reason may be missing. */
enum parse http1_parse_response(struct http1_head *h, struct str in);

/* Value of the last field with that id; p is NULL when there is none. */
struct str http1_value(const struct http1_head *h, enum http1_name id);
/* Whether the comma-separated lists of all fields with that id hold token (letter case ignored). */
bool http1_list_has(const struct http1_head *h, enum http1_name id, struct str token);
enum http1_name http1_name_of(struct str name);
/* Whether Connection names a field that must reach the other end, such as Content-Length: taking it
 * away would turn the body into a second request (S006-WR-062). */
bool http1_names_end_to_end(const struct http1_head *h);

enum http1_length {
	HTTP1_LENGTH_BAD = 0,	/* not 1..19 digits, or several fields that differ */
	HTTP1_LENGTH_NONE,
	HTTP1_LENGTH_OK,
};

/* Content-Length. repeats: equal repetitions count as one (responses); else any is bad. */
enum http1_length http1_content_length(const struct http1_head *h, bool repeats, uint64_t *out);

#endif
