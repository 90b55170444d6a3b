/* util.c - what every verb needs: asking the daemon, errors, printing foreign text
 *
 * Layer: applets (outcall).  Input: answers of the daemon, argv.  Memory: process-lifetime arena.
 * Threads: one.
 * Spec: S000 section 8, SEC-O08, D24.
 */
#include <string.h>

#include "base/utf8.h"
#include "client/call.h"
#include "outcall/cli.h"

int cli_fail(const struct err *e)
{
	fprintf(stderr, "Error: ");
	cli_print_text(stderr, str_of(e->msg));
	fprintf(stderr, "\n");
	if (e->code == ERR_UNAVAILABLE && e->sys)
		fprintf(stderr, "\nCaused by:\n    %s\n", strerror(e->sys));
	return 1;
}

/* Control characters, and those that reorder or hide text on a terminal. */
static bool is_harmless(uint32_t cp)
{
	if (cp == '\n' || cp == '\t')
		return true;
	return cp >= 0x20 && cp != 0x7f && !(cp >= 0x80 && cp < 0xa0) &&
		!(cp >= 0x200b && cp <= 0x200f) && !(cp >= 0x2028 && cp <= 0x202e) &&
		!(cp >= 0x2066 && cp <= 0x2069) && cp != 0xfeff;
}

void cli_print_text(FILE *out, struct str s)
{
	size_t pos = 0;

	while (pos < s.len) {
		size_t from = pos;
		uint32_t cp;

		if (!utf8_next(s, &pos, &cp))
			fprintf(out, "\\x%02x", (unsigned)(uint8_t)s.p[pos++]);
		else if (is_harmless(cp))
			(void)fwrite(s.p + from, 1, pos - from, out);
		else
			fprintf(out, "\\u{%x}", (unsigned)cp);
	}
}

int cli_ask(struct cli *cli, const char *path, const char *body, struct json_val *data,
	    struct err *e)
{
	struct call c = { .socket = cli->socket, .arena = &cli->arena };

	return body ? call_post(&c, path, str_of(body), data, e) : call_get(&c, path, data, e);
}

int cli_order(struct cli *cli, const char *path, struct json_val *data, struct err *e)
{
	struct call c = { .socket = cli->socket, .arena = &cli->arena };

	return call_post(&c, path, (struct str){ NULL, 0 }, data, e);
}

bool cli_printed_json(const struct cli *cli, struct json_val data)
{
	struct str raw = json_raw(data);

	if (!cli->json)
		return false;
	printf("%.*s\n", (int)raw.len, raw.p ? raw.p : "null");
	return true;
}

struct str cli_str(struct cli *cli, struct json_val v, const char *name)
{
	struct str s;

	return json_str(json_get(v, name), &cli->arena, &s) ? s : (struct str){ "", 0 };
}

uint64_t cli_u64(struct json_val v, const char *name)
{
	uint64_t n;

	return json_u64(json_get(v, name), UINT64_MAX, &n) ? n : 0;
}

bool cli_bool(struct json_val v, const char *name)
{
	return json_is_true(json_get(v, name));
}

void cli_print_cell(struct str s, size_t width)
{
	size_t shown = utf8_count(s);
	struct str line;

	while (s.len) {		/* a cell is one line */
		size_t end = str_find_byte(s, '\n');

		line = str_first(s, end);
		cli_print_text(stdout, line);
		s = str_from(s, line.len);
		if (s.len) {
			printf(" ");
			s = str_from(s, 1);
		}
	}
	printf("%*s", shown < width ? (int)(width - shown) : 1, "");
}
