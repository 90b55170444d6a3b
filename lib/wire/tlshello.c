/* tlshello.c - the ClientHello of one TLS record: server name, ALPN, encrypted ClientHello
 *
 * Layer: wire.  Input: hostile.  Memory: views into the caller's input.  Threads: pure functions.
 * Spec: S006-FR-005, S006-WR-035..044; RFC 8446 section 4.1.2, RFC 6066 section 3.
 *
 * Every length must add up to the last byte: two parsers that disagree about one byte could
 * disagree about the name.  Nothing is skipped that could hide a second server name.
 */
#include "wire/tlshello.h"

#include <string.h>

#include "base/cur.h"

#define RECORD_HANDSHAKE 0x16
#define HANDSHAKE_CLIENT_HELLO 1
#define RECORD_MIN 4
#define RANDOM_LEN 32
#define SESSION_ID_MAX 32
#define EXTENSIONS_MAX 128

enum extension {
	EXT_SERVER_NAME = 0,
	EXT_ALPN = 16,
	EXT_ECH = 0xfe0d,
};

#define NAME_TYPE_HOST 0
#define ECH_OUTER 0

static bool parse_server_name(struct cur body, struct tlshello *out)
{
	struct cur list = cur_sub(&body, cur_be16(&body));

	if (!cur_ok(&body) || cur_left(&body) != 0)
		return false;

	uint8_t type = cur_u8(&list);
	struct str name = cur_take(&list, cur_be16(&list));

	/* S006-WR-039: exactly one entry, and that is a host name */
	if (!cur_ok(&list) || cur_left(&list) != 0 || type != NAME_TYPE_HOST)
		return false;
	/* S006-WR-040, -041: a name, not a literal */
	if (!url_host_parse(name, &out->sni) || out->sni.literal)
		return false;
	out->has_sni = true;
	return true;
}

static bool parse_alpn(struct cur body, struct tlshello *out)
{
	struct str list = cur_take(&body, cur_be16(&body));

	if (!cur_ok(&body) || cur_left(&body) != 0 || list.len == 0)
		return false;

	struct cur names = cur_on(list.p, list.len);

	while (cur_left(&names) != 0) {
		struct str name = cur_take(&names, cur_u8(&names));

		if (!cur_ok(&names) || name.len == 0)
			return false;
	}
	out->alpn = list;
	return true;
}

static bool parse_extension(uint16_t type, struct cur body, struct tlshello *out)
{
	if (type == EXT_SERVER_NAME)
		return parse_server_name(body, out);
	if (type == EXT_ALPN)
		return parse_alpn(body, out);
	if (type == EXT_ECH) {	/* S006-WR-044 */
		out->ech = cur_u8(&body) == ECH_OUTER;
		return cur_ok(&body);
	}
	return true;
}

static bool parse_extensions(struct cur ext, struct tlshello *out)
{
	uint16_t seen[EXTENSIONS_MAX];
	size_t cnt = 0;

	while (cur_left(&ext) != 0) {
		uint16_t type = cur_be16(&ext);
		struct cur body = cur_sub(&ext, cur_be16(&ext));

		if (!cur_ok(&ext) || cnt == ARRAY_LEN(seen))
			return false;
		for (size_t i = 0; i < cnt; i++)
			if (seen[i] == type)	/* S006-WR-039 */
				return false;
		seen[cnt++] = type;
		if (!parse_extension(type, body, out))
			return false;
	}
	return true;
}

/* The body of the handshake message. */
static bool parse_body(struct cur c, struct tlshello *out)
{
	uint16_t version = cur_be16(&c);

	cur_skip(&c, RANDOM_LEN);

	uint8_t session_len = cur_u8(&c);

	cur_skip(&c, session_len);

	uint16_t ciphers_len = cur_be16(&c);

	cur_skip(&c, ciphers_len);

	struct str compression = cur_take(&c, cur_u8(&c));

	/* S006-WR-038 */
	if (!cur_ok(&c) || version >> 8 != 3 || session_len > SESSION_ID_MAX || ciphers_len == 0 ||
	    ciphers_len % 2 != 0 || compression.len == 0)
		return false;
	if (cur_left(&c) == 0)	/* no extensions: old, but whole */
		return true;

	struct cur ext = cur_sub(&c, cur_be16(&c));

	return cur_ok(&c) && cur_left(&c) == 0 && parse_extensions(ext, out);
}

/* What can be said about the first bytes, up to the length of the handshake message. */
static bool start_is_possible(struct str in, size_t *payload)
{
	struct cur c = cur_on(in.p, MIN(in.len, 9));

	/* S006-WR-037 */
	if (cur_u8(&c) != RECORD_HANDSHAKE)
		return false;
	if (cur_left(&c) >= 1 && in.p[1] != 3)
		return false;
	if (in.len < 5)
		return true;
	cur_skip(&c, 2);
	*payload = cur_be16(&c);
	if (*payload < RECORD_MIN || *payload > TLSHELLO_RECORD_MAX)
		return false;
	if (in.len >= 6 && cur_u8(&c) != HANDSHAKE_CLIENT_HELLO)
		return false;
	/* S006-WR-036, -038: one record, one message */
	return in.len < 9 || cur_be24(&c) == *payload - RECORD_MIN;
}

enum parse tlshello_parse(struct str in, struct tlshello *out)
{
	size_t payload = 0;

	memset(out, 0, sizeof(*out));
	if (in.len == 0)
		return PARSE_MORE;
	if (!start_is_possible(in, &payload))
		return PARSE_BAD;
	if (in.len < 5 || in.len - 5 < payload)
		return PARSE_MORE;
	out->len = 5 + payload;
	if (!parse_body(cur_on(in.p + 9, payload - RECORD_MIN), out)) {
		memset(out, 0, sizeof(*out));
		return PARSE_BAD;
	}
	return PARSE_DONE;
}
