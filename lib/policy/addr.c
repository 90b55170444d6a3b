/* addr.c - the one list of restricted addresses
 *
 * Layer: policy.  Input: hostile (addresses come from DNS answers).  Memory: none.  Threads: pure
 * functions.
 * Spec: D8; S006 Address policy (FR-026).
 */
#include <string.h>

#include "policy/addr.h"

struct range {
	uint8_t b[16];		/* mapped form for IPv4, as in struct ip */
	uint8_t bits;		/* compared bits of b */
	bool v4;
	enum addr_class class;
};

#define V4(a, b, c, d, len, class) \
	{ { 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xff, 0xff, a, b, c, d }, 96 + (len), true, class }
#define HI(w) (uint8_t)((w) >> 8)
#define LO(w) (uint8_t)((w) & 0xff)
/* The first three and the last 16-bit group; those between are zero in every row. */
#define V6(a, b, c, h, len, class) \
	{ { HI(a), LO(a), HI(b), LO(b), HI(c), LO(c), 0, 0, 0, 0, 0, 0, 0, 0, HI(h), LO(h) }, \
	  (len), false, class }

/* The first row that holds the address decides, so exceptions stand before their range. */
static const struct range ranges[] = {
	V4(0, 0, 0, 0, 8, ADDR_NEVER),
	V4(224, 0, 0, 0, 4, ADDR_NEVER),		/* multicast */
	V4(255, 255, 255, 255, 32, ADDR_NEVER),
	V4(169, 254, 169, 254, 32, ADDR_METADATA),	/* most clouds */
	V4(169, 254, 170, 2, 32, ADDR_METADATA),	/* container credentials */
	V4(168, 63, 129, 16, 32, ADDR_METADATA),	/* in a public range */
	V4(100, 100, 100, 200, 32, ADDR_METADATA),
	V4(192, 0, 0, 192, 32, ADDR_METADATA),
	V4(10, 0, 0, 0, 8, ADDR_RESTRICTED),
	V4(100, 64, 0, 0, 10, ADDR_RESTRICTED),		/* carrier-grade NAT */
	V4(127, 0, 0, 0, 8, ADDR_RESTRICTED),
	V4(169, 254, 0, 0, 16, ADDR_RESTRICTED),	/* link-local */
	V4(172, 16, 0, 0, 12, ADDR_RESTRICTED),
	V4(192, 0, 0, 9, 32, ADDR_PUBLIC),		/* anycast PCP */
	V4(192, 0, 0, 10, 32, ADDR_PUBLIC),		/* anycast TURN */
	V4(192, 0, 0, 0, 24, ADDR_RESTRICTED),
	V4(192, 0, 2, 0, 24, ADDR_RESTRICTED),		/* documentation */
	V4(192, 88, 99, 0, 24, ADDR_RESTRICTED),	/* 6to4 relays */
	V4(192, 168, 0, 0, 16, ADDR_RESTRICTED),
	V4(198, 18, 0, 0, 15, ADDR_RESTRICTED),		/* benchmarks */
	V4(198, 51, 100, 0, 24, ADDR_RESTRICTED),	/* documentation */
	V4(203, 0, 113, 0, 24, ADDR_RESTRICTED),	/* documentation */
	V4(240, 0, 0, 0, 4, ADDR_RESTRICTED),
	V4(0, 0, 0, 0, 0, ADDR_PUBLIC),

	V6(0, 0, 0, 0, 128, ADDR_NEVER),		/* :: */
	V6(0xff00, 0, 0, 0, 8, ADDR_NEVER),		/* multicast */
	V6(0xfd00, 0x0ec2, 0, 0x0254, 128, ADDR_METADATA),
	V6(0xfd20, 0x00ce, 0, 0x0254, 128, ADDR_METADATA),
	V6(0x0064, 0xff9b, 1, 0, 48, ADDR_RESTRICTED),	/* local-use NAT64 */
	V6(0x2001, 0, 0, 0, 23, ADDR_RESTRICTED),	/* IETF protocols, Teredo */
	V6(0x2001, 0x0db8, 0, 0, 32, ADDR_RESTRICTED),	/* documentation */
	V6(0x2002, 0, 0, 0, 16, ADDR_RESTRICTED),	/* 6to4 */
	V6(0x3fff, 0, 0, 0, 20, ADDR_RESTRICTED),	/* documentation */
	V6(0x2000, 0, 0, 0, 3, ADDR_PUBLIC),
	/* Everything else: ::1, ::/96, 100::/64, 5f00::/16, fc00::/7, fe80::/10, fec0::/10 ... */
	V6(0, 0, 0, 0, 0, ADDR_RESTRICTED),
};

static const uint8_t nat64_prefix[12] = { 0x00, 0x64, 0xff, 0x9b };
static const uint8_t mapped_prefix[12] = { [10] = 0xff, [11] = 0xff };

static bool range_has(const struct range *r, const struct ip *a)
{
	size_t whole = r->bits / 8;
	unsigned rest = r->bits % 8;

	if (r->v4 != a->v4 || memcmp(r->b, a->b, whole) != 0)
		return false;
	return rest == 0 || (unsigned)(r->b[whole] ^ a->b[whole]) >> (8 - rest) == 0;
}

enum addr_class addr_classify(struct ip a)
{
	if (!a.v4) {
		/* ::ffff:0:0/96, whatever IPv4 is inside: two spellings of one address. */
		if (memcmp(a.b, mapped_prefix, sizeof(mapped_prefix)) == 0)
			return ADDR_NEVER;
		/* 64:ff9b::/96 reaches the IPv4 inside, so it is what that is. */
		if (memcmp(a.b, nat64_prefix, sizeof(nat64_prefix)) == 0)
			a = ip_from_bytes4(a.b + 12);
	}
	for (size_t i = 0; i < ARRAY_LEN(ranges); i++) {
		if (range_has(&ranges[i], &a))
			return ranges[i].class;
	}
	return ADDR_NEVER;
}

bool addr_port_denied(uint16_t port, bool connect)
{
	static const uint16_t denied[] = {
		20,  21,  22,	23,   25,   53,	  110,	119,  143,  389,  445,	465,  587,   636,
		993, 995, 1433, 1521, 3306, 3389, 5432, 5672, 5900, 6379, 9200, 9300, 11211, 27017,
	};

	if (port == 9200 && !connect)	/* speaks HTTP itself: S006-WR-053 */
		return false;
	for (size_t i = 0; i < ARRAY_LEN(denied); i++)
		if (denied[i] == port)
			return true;
	return false;
}

bool addr_allowed(struct ip a, bool opt_in, bool literal, bool local)
{
	switch (addr_classify(a)) {
	case ADDR_NEVER:
		return false;
	case ADDR_METADATA:
		return opt_in && literal;
	case ADDR_RESTRICTED:
		return opt_in;
	case ADDR_PUBLIC:
		return opt_in || !local;
	}
	return false;
}
