/* resolver.c - the host's resolver file as a list of upstreams
 *
 * Layer: applets (outcalld).  Input: /etc/resolv.conf, bounded by the caller.  Memory: values.
 * Threads: control.
 * Spec: S007-FR-013, S007-X-006.
 */
#include "outcalld/resolver.h"

#define DOCKER_RESOLVER UINT32_C(0x7f00000b)	/* 127.0.0.11 */

static struct str next_word(struct str *line)
{
	size_t end = 0;
	struct str word;

	*line = str_trim(*line);
	while (end < line->len && line->p[end] != ' ' && line->p[end] != '\t')
		end++;
	word = str_first(*line, end);
	*line = str_from(*line, end);
	return word;
}

void resolver_parse(struct str text, struct endpoint own, struct upstreams *out)
{
	struct str line;

	*out = (struct upstreams){ 0 };
	while (str_split(&text, '\n', &line) && out->cnt < UPSTREAMS_MAX) {
		struct endpoint ep = { .port = 53 };

		if (line.len && line.p[line.len - 1] == '\r')
			line.len--;
		if (!str_eq_c(next_word(&line), "nameserver") ||
		    !ip_parse(next_word(&line), &ep.ip))
			continue;	/* comments, options, zones */
		if (ip_is_zero(ep.ip) || (ep.ip.v4 && ip_to_v4(ep.ip) == DOCKER_RESOLVER))
			continue;
		if (ip_eq(ep.ip, own.ip) && own.port == 53)
			continue;
		out->ep[out->cnt++] = ep;
	}
}
