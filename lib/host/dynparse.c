/* dynparse.c - a grant that an operator asks for: every part checked, in the order of S009 1.3
 *
 * Layer: host.  Input: hostile.  Memory: values.  Threads: control thread only.
 * Spec: S009-FR-012, -FR-013, -FR-015, EC-005, EC-007; S009 1.2, 1.3.
 */
#include <string.h>

#include "base/num.h"
#include "host/dyn.h"
#include "host/jail.h"
#include "policy/addr.h"
#include "wire/url.h"

#define SHOWN_MAX 128

/* A value of the request as a message may show it. */
static const char *shown(struct str s, struct buf *b)
{
	buf_add_escaped(b, s, SHOWN_MAX);
	return buf_c(b);
}

static int parse_flow(const struct dyn_request *rq, struct dyn_wish *out, struct err *e)
{
	char text[4 * SHOWN_MAX + 1];
	struct buf b = BUF_OF(text);

	if (!jail_name_ok(rq->container))
		return err_set(e, ERR_INVALID, "invalid container name \"%s\"",
			       shown(rq->container, &b));
	if (rq->protocol.p && str_eq_c(rq->protocol, "tcp"))
		out->key.proto = 6;
	else if (rq->protocol.p && str_eq_c(rq->protocol, "udp"))
		out->key.proto = 17;
	else if (rq->protocol.p)
		return err_set(e, ERR_INVALID, "invalid protocol '%s': must be 'tcp' or 'udp'",
			       shown(rq->protocol, &b));
	if (rq->has_port && !rq->protocol.p)
		return err_set(e, ERR_INVALID,
			       "a destination port requires protocol 'tcp' or 'udp'");
	if (rq->has_port && (rq->port < 1 || rq->port > 65535))
		return err_set(e, ERR_INVALID, "port must be 1-65535");
	if (rq->has_expires && (rq->expires_s < 1 || rq->expires_s > DYN_TTL_MAX_S))
		return err_set(e, ERR_INVALID,
			       "expires_in_secs must be between 1 and %u seconds", DYN_TTL_MAX_S);
	out->key.port = rq->has_port ? (uint16_t)rq->port : 0;
	out->has_expires = rq->has_expires;
	out->expires_s = rq->has_expires ? (uint32_t)rq->expires_s : 0;
	return 0;
}

static int parse_source(struct dyn *d, const struct dyn_request *rq, struct dyn_wish *out,
			struct err *e)
{
	char text[4 * SHOWN_MAX + 1];
	struct buf b = BUF_OF(text);
	struct dyn_owned owned;

	if (!ip_parse(rq->src_ip, &out->src) ||
	    (out->src.v4 && addr_classify(out->src) == ADDR_NEVER))
		return err_set(e, ERR_INVALID, "invalid source IP address \"%s\"",
			       shown(rq->src_ip, &b));
	if (!str_to_c(out->container, sizeof(out->container), rq->container))
		return err_set(e, ERR_INVALID, "invalid container name \"%s\"",
			       shown(rq->container, &b));
	switch (d->env.owner(d->env.ctx, out->src, &owned, e)) {
	case DYN_OWNER_ERROR:
		return -1;
	case DYN_OWNER_NONE:
		break;
	case DYN_OWNER_NAMED:
		if (strcmp(owned.name, out->container) != 0)
			return err_set(e, ERR_CONFLICT,
				       "src_ip %s does not belong to container '%s' "
				       "(belongs to '%s')",
				       shown(rq->src_ip, &b), out->container, owned.name);
		memcpy(out->bridge, owned.bridge, sizeof(out->bridge));
		break;
	}
	if (out->src.v4)
		out->key.src = ip_to_v4(out->src);
	return 0;
}

static int check_family(const struct dyn_request *rq, const struct dyn_wish *w, bool v4,
			struct err *e)
{
	char source[4 * SHOWN_MAX + 1], destination[4 * SHOWN_MAX + 1];
	struct buf s = BUF_OF(source), d = BUF_OF(destination);

	if (w->src.v4 != v4)
		return err_set(e, ERR_INVALID,
			       "source address %s and destination %s use different address "
			       "families",
			       shown(rq->src_ip, &s), shown(rq->destination, &d));
	if (!v4)
		return err_set(e, ERR_INVALID,
			       "IPv6 grants are not possible: managed bridges carry IPv4 only");
	return 0;
}

static int parse_cidr(const struct dyn_request *rq, struct dyn_wish *out, struct err *e)
{
	char text[4 * SHOWN_MAX + 1], net_text[IP_TEXT_LEN];
	struct buf b = BUF_OF(text);
	struct cidr c;

	if (!cidr_parse(rq->destination, &c))
		return err_set(e, ERR_INVALID, "invalid destination CIDR \"%s\"",
			       shown(rq->destination, &b));
	if (!ip_eq(cidr_masked(c), c.net))
		return err_set(e, ERR_INVALID,
			       "destination CIDR must use its network address (got %s, expected "
			       "%s/%u)",
			       shown(rq->destination, &b), ip_text(cidr_masked(c), net_text),
			       c.bits);
	if (check_family(rq, out, c.net.v4, e) < 0)
		return -1;
	out->key.dst = ip_to_v4(c.net);
	out->key.dst_bits = c.bits;
	return str_to_c(out->destination, sizeof(out->destination), rq->destination)
		       ? 0
		       : err_set(e, ERR_INVALID, "invalid destination CIDR");
}

static bool looks_like_address(struct str s)
{
	bool digits_and_dots = s.len > 0;

	for (size_t i = 0; i < s.len; i++) {
		if (s.p[i] == ':' || s.p[i] == '%' || s.p[i] == '[')
			return true;
		digits_and_dots &= (s.p[i] >= '0' && s.p[i] <= '9') || s.p[i] == '.';
	}
	return digits_and_dots;
}

static int parse_destination(const struct dyn_request *rq, struct dyn_wish *out, struct err *e)
{
	char text[4 * SHOWN_MAX + 1];
	struct buf b = BUF_OF(text);
	struct url_host host;
	struct ip ip;

	if (str_find(rq->destination, STR("/")) != SIZE_MAX)
		return parse_cidr(rq, out, e);
	out->key.dst_bits = 32;
	if (ip_parse(rq->destination, &ip)) {
		if (check_family(rq, out, ip.v4, e) < 0)
			return -1;
		out->key.dst = ip_to_v4(ip);
		(void)ip_text(ip, out->destination);
		return 0;
	}
	if (looks_like_address(rq->destination))
		return err_set(e, ERR_INVALID, "invalid destination address \"%s\"",
			       shown(rq->destination, &b));
	if (!url_host_parse(rq->destination, &host) || host.literal)
		return err_set(e, ERR_INVALID, "invalid destination hostname \"%s\"",
			       shown(rq->destination, &b));
	if (check_family(rq, out, true, e) < 0)
		return -1;
	memcpy(out->destination, host.text, sizeof(out->destination));
	out->needs_address = true;
	return 0;
}

int dyn_parse(struct dyn *d, const struct dyn_request *rq, struct dyn_wish *out, struct err *e)
{
	*out = (struct dyn_wish){ .needs_address = false };
	if (parse_flow(rq, out, e) < 0 || parse_source(d, rq, out, e) < 0)
		return -1;
	return parse_destination(rq, out, e);
}
