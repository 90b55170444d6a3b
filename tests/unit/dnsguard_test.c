/* dnsguard_test.c - allowances of one container */
#include <pthread.h>

#include "t.h"
#include "data/dnsguard.h"

static struct err e;

static struct ip ip_of(unsigned n)
{
	return ip_v4(0x0ac80000U + n);
}

static struct dns_name name_of(const char *s)
{
	struct dns_name n;

	OK(dns_name_from_text(str_of(s), &n));
	return n;
}

T(rate_is_a_bucket)			// S007-W-44
{
	struct dnsguard *g = dnsguard_new(10, 5, &e);
	dnsguard_id a = dnsguard_source(g, ip_of(1), 1000);
	dnsguard_id b = dnsguard_source(g, ip_of(2), 1000);

	OK(a != b && a != DNSGUARD_NO_ID && b != DNSGUARD_NO_ID);
	for (unsigned i = 0; i < 5; i++)
		OK(dnsguard_rate(g, a, 1000));
	OK(!dnsguard_rate(g, a, 1000));
	OK(dnsguard_rate(g, b, 1000));
	OK(!dnsguard_rate(g, a, 1099));
	OK(dnsguard_rate(g, a, 1100));
	OK(!dnsguard_rate(g, a, 1100));
	EQ(dnsguard_source(g, ip_of(1), 1100), a);
	for (unsigned i = 0; i < 5; i++)
		OK(dnsguard_rate(g, a, 5000));
	OK(!dnsguard_rate(g, a, 5000));
	dnsguard_free(g);
	g = dnsguard_new(0, 0, &e);
	a = dnsguard_source(g, ip_of(1), 1000);
	for (unsigned i = 0; i < 5000; i++)
		OK(dnsguard_rate(g, a, 1000));
	dnsguard_free(g);
}

T(unmanaged_peers_share_ten)		// order of work, row 2
{
	struct dnsguard *g = dnsguard_new(10, 5, &e);

	for (unsigned i = 0; i < 10; i++)
		OK(dnsguard_unmanaged(g, 1000));
	OK(!dnsguard_unmanaged(g, 1000));
	OK(dnsguard_unmanaged(g, 1100));
	dnsguard_free(g);
}

T(in_flight_and_connections)		// S007-W-44 W-28
{
	struct dnsguard *g = dnsguard_new(10, 5, &e);
	dnsguard_id id = dnsguard_source(g, ip_of(1), 1000);
	unsigned n = 0;

	for (unsigned i = 0; i < 64; i++)
		OK(dnsguard_query_begin(g, id));
	OK(!dnsguard_query_begin(g, id));
	dnsguard_query_end(g, id);
	OK(dnsguard_query_begin(g, id));
	for (unsigned s = 2; s < 30; s++)
		for (unsigned i = 0; i < 64; i++)
			n += dnsguard_query_begin(g, dnsguard_source(g, ip_of(s), 1000));
	EQ(n, 1024 - 64);
	for (unsigned i = 0; i < 8; i++)
		OK(dnsguard_tcp_begin(g, id));
	OK(!dnsguard_tcp_begin(g, id));
	dnsguard_tcp_end(g, id);
	OK(dnsguard_tcp_begin(g, id));
	dnsguard_free(g);
}

T(places_of_idle_sources_are_reused)
{
	struct dnsguard *g = dnsguard_new(10, 5, &e);
	unsigned refused = 0;

	for (unsigned i = 0; i < 20000; i++) {
		dnsguard_id id = dnsguard_source(g, ip_of(i), 1000 + i * 100);

		refused += id == DNSGUARD_NO_ID;
		if (id != DNSGUARD_NO_ID)
			OK(dnsguard_rate(g, id, 1000 + i * 100));
	}
	EQ(refused, 0);
	for (unsigned i = 0; i < 20000; i++) {	/* all active at once: the table is a limit */
		dnsguard_id id = dnsguard_source(g, ip_of(30000 + i), 9000000);

		refused += id == DNSGUARD_NO_ID;
		if (id != DNSGUARD_NO_ID)
			(void)!dnsguard_rate(g, id, 9000000);
	}
	OK(refused > 15000);
	dnsguard_free(g);
}

T(tunnel_suspicious_names)		// S007-W-46 X-A11
{
	struct dnsguard *g = dnsguard_new(10, 5, &e);
	char text[128];

	for (unsigned i = 0; i < 60; i++) {
		snprintf(text, sizeof(text), "data%029u.t.example", i);
		struct dns_name n = name_of(text);
		EQ(dnsguard_tunnel(g, ip_of(1), STR("r"), &n, 1000), DNSGUARD_TUNNEL_FINE);
		EQ(dnsguard_tunnel(g, ip_of(1), STR("r"), &n, 1000), DNSGUARD_TUNNEL_FINE);
	}
	struct dns_name n = name_of("a.b.c.d.e.f.g.example");
	EQ(dnsguard_tunnel(g, ip_of(1), STR("r"), &n, 1000), DNSGUARD_TUNNEL_TRIPPED);
	EQ(dnsguard_tunnel(g, ip_of(1), STR("r"), &n, 1000), DNSGUARD_TUNNEL_OVER);
	n = name_of("short.example");
	EQ(dnsguard_tunnel(g, ip_of(1), STR("r"), &n, 1000), DNSGUARD_TUNNEL_OVER);
	EQ(dnsguard_tunnel(g, ip_of(1), STR("r2"), &n, 1000), DNSGUARD_TUNNEL_FINE);
	EQ(dnsguard_tunnel(g, ip_of(2), STR("r"), &n, 1000), DNSGUARD_TUNNEL_FINE);
	EQ(dnsguard_tunnel(g, ip_of(1), STR("r"), &n, 60999), DNSGUARD_TUNNEL_OVER);
	EQ(dnsguard_tunnel(g, ip_of(1), STR("r"), &n, 61000), DNSGUARD_TUNNEL_FINE);
	dnsguard_free(g);
}

T(tunnel_plain_names)			// S007-W-46 X-A11
{
	struct dnsguard *g = dnsguard_new(10, 5, &e);
	char text[128];

	for (unsigned round = 0; round < 2; round++) {
		for (unsigned i = 0; i <= 3000; i++) {
			snprintf(text, sizeof(text), "n%u.t.example", i);
			struct dns_name n = name_of(text);
			EQ(dnsguard_tunnel(g, ip_of(1), STR("r"), &n, 1000 + round * 60000),
			   i < 3000 ? DNSGUARD_TUNNEL_FINE : DNSGUARD_TUNNEL_TRIPPED);
		}
	}
	dnsguard_free(g);
}

static struct dnsguard *shared;

static void *hammer(void *arg)
{
	(void)arg;
	for (unsigned i = 0; i < 20000; i++) {
		dnsguard_id id = dnsguard_source(shared, ip_of(i % 100), 1000 + i);

		if (id == DNSGUARD_NO_ID)
			continue;
		if (dnsguard_rate(shared, id, 1000 + i) && dnsguard_query_begin(shared, id))
			dnsguard_query_end(shared, id);
		struct dns_name n = { .len = 6,
				      .wire = { 4, 'a', 'b', (uint8_t)('a' + i % 26), 'd', 0 } };
		(void)dnsguard_tunnel(shared, ip_of(i % 100), STR("r"), &n, 1000 + i * 10);
	}
	return NULL;
}

T(threads_share_it)
{
	pthread_t t[4];

	shared = dnsguard_new(10, 5, &e);
	for (unsigned i = 0; i < 4; i++)
		OK(pthread_create(&t[i], NULL, hammer, NULL) == 0);
	for (unsigned i = 0; i < 4; i++)
		OK(pthread_join(t[i], NULL) == 0);
	dnsguard_id id = dnsguard_source(shared, ip_of(1), 100000);
	for (unsigned i = 0; i < 64; i++)	/* nothing was left behind */
		OK(dnsguard_query_begin(shared, id));
	dnsguard_free(shared);
}

T(tunnel_never_goes_blind)
{
	struct dnsguard *g = dnsguard_new(10, 5, &e);
	char text[128];
	unsigned stopped = 0;

	for (unsigned s = 0; s < 2000; s++)	/* more sources than windows */
		for (unsigned i = 0; i < 3; i++) {
			snprintf(text, sizeof(text), "data%040u.t.example", i + 3 * s);
			struct dns_name n = name_of(text);
			stopped += dnsguard_tunnel(g, ip_of(s), STR("r"), &n, 1000) !=
				DNSGUARD_TUNNEL_FINE;
		}
	OK(stopped > 0);
	dnsguard_free(g);
}
