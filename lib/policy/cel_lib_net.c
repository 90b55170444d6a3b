/* cel_lib_net.c - the network library of CEL: addresses and prefixes
 *
 * Layer: policy.  Input: hostile (values of requests).  Memory: scratch of the evaluation; literals
 * are parsed at load into the program's arena.  Threads: pure functions.
 * Spec: S003 3.9, D22.
 *
 * A mapped address written with a dotted part is refused; written in hex it is the IPv4 address.
 */
#include <string.h>

#include "base/ip.h"
#include "policy/cel_lib.h"

static bool parse_ip(struct str s, struct ip *out)
{
	static const uint8_t mapped[12] = { [10] = 0xff, [11] = 0xff };

	if (!ip_parse(s, out))
		return false;
	if (out->v4 || memcmp(out->b, mapped, sizeof(mapped)) != 0)
		return true;
	if (str_find_byte(s, '.') != SIZE_MAX)
		return false;
	*out = ip_from_bytes4(out->b + 12);
	return true;
}

static bool parse_cidr(struct str s, struct cidr *out)
{
	struct ip addr;

	/* No mapped prefixes at all: their length would mean something else. */
	return cidr_parse(s, out) && parse_ip(str_first(s, str_find_byte(s, '/')), &addr) &&
	       addr.v4 == out->net.v4;
}

static int prep_ip(struct arena *a, struct cel_value literal, const void **out, struct err *e)
{
	struct ip *ip = ARENA_NEW(a, struct ip);

	if (!ip)
		return err_set(e, ERR_NOMEM, "out of memory for an address");
	if (!parse_ip(cel_str(literal), ip))
		return err_set(e, ERR_INVALID, "\"" STR_FMT "\" is not an IP address",
			       STR_ARG(cel_str(literal)));
	*out = ip;
	return 0;
}

static int prep_cidr(struct arena *a, struct cel_value literal, const void **out, struct err *e)
{
	struct cidr *c = ARENA_NEW(a, struct cidr);

	if (!c)
		return err_set(e, ERR_NOMEM, "out of memory for a prefix");
	if (!parse_cidr(cel_str(literal), c))
		return err_set(e, ERR_INVALID, "\"" STR_FMT "\" is not an IP prefix",
			       STR_ARG(cel_str(literal)));
	*out = c;
	return 0;
}

static struct cel_value new_ip(struct cel_ctx *ctx, struct ip ip)
{
	struct ip *p = cel_alloc(ctx, sizeof(*p));

	if (!p)
		return cel_err_cost();
	*p = ip;
	return cel_ip(p);
}

static struct cel_value new_cidr(struct cel_ctx *ctx, struct cidr c)
{
	struct cidr *p = cel_alloc(ctx, sizeof(*p));

	if (!p)
		return cel_err_cost();
	*p = c;
	return cel_cidr(p);
}

/* The address of a text that may have been parsed at load. */
static bool ip_of(struct cel_ctx *ctx, struct cel_value text, struct ip *out)
{
	if (cel_prep(ctx))
		memcpy(out, cel_prep(ctx), sizeof(*out));
	return cel_prep(ctx) || parse_ip(cel_str(text), out);
}

static bool cidr_of(struct cel_ctx *ctx, struct cel_value text, struct cidr *out)
{
	if (cel_prep(ctx))
		memcpy(out, cel_prep(ctx), sizeof(*out));
	return cel_prep(ctx) || parse_cidr(cel_str(text), out);
}

static struct cel_value not_ip(struct cel_ctx *ctx)
{
	return cel_err(ctx, CEL_ERR_CONVERT, "string to net.IP");
}

static struct cel_value not_cidr(struct cel_ctx *ctx)
{
	return cel_err(ctx, CEL_ERR_CONVERT, "string to net.CIDR");
}

#define FN(name) \
	static struct cel_value name(struct cel_ctx *ctx UNUSED, const struct cel_value *args, \
				     size_t n UNUSED)

FN(to_ip)
{
	struct ip ip;

	if (cel_prep(ctx))
		return cel_ip(cel_prep(ctx));
	return parse_ip(cel_str(args[0]), &ip) ? new_ip(ctx, ip) : not_ip(ctx);
}

FN(to_cidr)
{
	struct cidr c;

	if (cel_prep(ctx))
		return cel_cidr(cel_prep(ctx));
	return parse_cidr(cel_str(args[0]), &c) ? new_cidr(ctx, c) : not_cidr(ctx);
}

FN(is_ip)
{
	struct ip ip;

	return cel_bool(parse_ip(cel_str(args[0]), &ip));
}

FN(is_cidr)
{
	struct cidr c;

	return cel_bool(parse_cidr(cel_str(args[0]), &c));
}

FN(is_canonical)
{
	char text[IP_TEXT_LEN];
	struct ip ip;

	if (!parse_ip(cel_str(args[0]), &ip))
		return not_ip(ctx);
	return cel_bool(str_eq_c(cel_str(args[0]), ip_text(ip, text)));
}

FN(family)
{
	return cel_int(args[0].u.ip->v4 ? 4 : 6);
}

static bool all_zero(const struct ip *ip)
{
	return ip->v4 ? ip_to_v4(*ip) == 0 : ip_is_zero(*ip);
}

static bool loopback(const struct ip *ip)
{
	static const uint8_t one[16] = { [15] = 1 };

	return ip->v4 ? ip->b[12] == 127 : memcmp(ip->b, one, sizeof(one)) == 0;
}

static bool link_local(const struct ip *ip)
{
	if (ip->v4)
		return ip->b[12] == 169 && ip->b[13] == 254;
	return ip->b[0] == 0xfe && (ip->b[1] & 0xc0) == 0x80;
}

static bool multicast(const struct ip *ip)
{
	return ip->v4 ? (ip->b[12] & 0xf0) == 224 : ip->b[0] == 0xff;
}

FN(is_unspecified)
{
	return cel_bool(all_zero(args[0].u.ip));
}

FN(is_loopback)
{
	return cel_bool(loopback(args[0].u.ip));
}

FN(is_link_local_unicast)
{
	return cel_bool(link_local(args[0].u.ip));
}

FN(is_link_local_multicast)
{
	const struct ip *ip = args[0].u.ip;

	return cel_bool(ip->v4 ? ip->b[12] == 224 && ip->b[13] == 0 && ip->b[14] == 0 :
			ip->b[0] == 0xff && (ip->b[1] & 0x0f) == 2);
}

/* Private addresses are global unicast too, as in the official library. */
FN(is_global_unicast)
{
	const struct ip *ip = args[0].u.ip;
	bool broadcast = ip->v4 && ip_to_v4(*ip) == UINT32_MAX;

	return cel_bool(!all_zero(ip) && !broadcast && !loopback(ip) && !multicast(ip) &&
			!link_local(ip));
}

FN(ip_to_string)
{
	char text[IP_TEXT_LEN];

	return cel_string_copy(ctx, str_of(ip_text(*args[0].u.ip, text)));
}

FN(cidr_to_string)
{
	char text[IP_TEXT_LEN + 4];
	struct buf b = BUF_OF(text);

	ip_format(&b, args[0].u.cidr->net);
	buf_printf(&b, "/%u", (unsigned)args[0].u.cidr->bits);
	return cel_string_copy(ctx, buf_str(&b));
}

FN(contains_ip)
{
	return cel_bool(cidr_has(*args[0].u.cidr, *args[1].u.ip));
}

FN(contains_ip_text)
{
	struct ip ip;

	return ip_of(ctx, args[1], &ip) ? cel_bool(cidr_has(*args[0].u.cidr, ip)) : not_ip(ctx);
}

static struct cel_value holds(const struct cidr *outer, struct cidr inner)
{
	return cel_bool(outer->bits <= inner.bits && cidr_has(*outer, inner.net));
}

FN(contains_cidr)
{
	return holds(args[0].u.cidr, *args[1].u.cidr);
}

FN(contains_cidr_text)
{
	struct cidr c;

	return cidr_of(ctx, args[1], &c) ? holds(args[0].u.cidr, c) : not_cidr(ctx);
}

FN(cidr_ip)
{
	return cel_ip(&args[0].u.cidr->net);
}

FN(masked)
{
	struct cidr c = *args[0].u.cidr;

	c.net = cidr_masked(c);
	return new_cidr(ctx, c);
}

FN(prefix_length)
{
	return cel_int(args[0].u.cidr->bits);
}

#define S &cel_t_string
#define B &cel_t_bool
#define IP &cel_t_ip
#define CIDR &cel_t_cidr
#define GLOBAL(name, arg, result, fn, prep) \
	{ name, CEL_GLOBAL, 1, false, 1, { arg }, result, fn, prep, 0 }
#define OF_IP(name, result, fn) { name, CEL_RECEIVER, 1, false, 0, { IP }, result, fn, NULL, 0 }
#define OF_CIDR(name, result, fn) { name, CEL_RECEIVER, 1, false, 0, { CIDR }, result, fn, NULL, 0 }
#define CONTAINS(name, arg, fn, prep) \
	{ name, CEL_RECEIVER, 2, false, 1, { CIDR, arg }, B, fn, prep, 1 }

static const struct cel_overload overloads[] = {
	GLOBAL("ip", S, IP, to_ip, prep_ip),
	GLOBAL("cidr", S, CIDR, to_cidr, prep_cidr),
	GLOBAL("isIP", S, B, is_ip, NULL),
	GLOBAL("isCIDR", S, B, is_cidr, NULL),
	GLOBAL("ip.isCanonical", S, B, is_canonical, NULL),
	GLOBAL("string", IP, S, ip_to_string, NULL),
	GLOBAL("string", CIDR, S, cidr_to_string, NULL),
	OF_IP("family", &cel_t_int, family),
	OF_IP("isUnspecified", B, is_unspecified),
	OF_IP("isLoopback", B, is_loopback),
	OF_IP("isGlobalUnicast", B, is_global_unicast),
	OF_IP("isLinkLocalUnicast", B, is_link_local_unicast),
	OF_IP("isLinkLocalMulticast", B, is_link_local_multicast),
	OF_CIDR("ip", IP, cidr_ip),
	OF_CIDR("masked", CIDR, masked),
	OF_CIDR("prefixLength", &cel_t_int, prefix_length),
	CONTAINS("containsIP", IP, contains_ip, NULL),
	CONTAINS("containsIP", S, contains_ip_text, prep_ip),
	CONTAINS("containsCIDR", CIDR, contains_cidr, NULL),
	CONTAINS("containsCIDR", S, contains_cidr_text, prep_cidr),
};

const struct cel_lib cel_lib_net = { overloads, ARRAY_LEN(overloads) };
