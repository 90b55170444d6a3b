/* idtab_test.c - identity table: look-up, doubles, sealing, references */
#include "policy/idtab.h"
#include "t.h"

static struct ident entry(uint32_t v4, const char *agent)
{
	struct ident i = { .addr = ip_v4(v4) };

	snprintf(i.agent, sizeof(i.agent), "%s", agent);
	return i;
}

T(finds_every_entry_and_nothing_else)
{
	struct ident v[100];
	struct idtab *t;

	for (uint32_t i = 0; i < 100; i++) {
		char name[16];

		snprintf(name, sizeof(name), "a%u", (i * 37) % 100);
		v[i] = entry(0x0a000000u + ((i * 37) % 100) * 2, name);
	}
	t = idtab_new(v, 100);
	OK(t != NULL);
	EQ(t->count, 100);
	for (uint32_t i = 0; i < 100; i++) {
		const struct ident *id = idtab_find(t, ip_v4(0x0a000000u + i * 2));
		char name[16];

		snprintf(name, sizeof(name), "a%u", i);
		OK(id != NULL);
		STR_EQ(id->agent, name);
		OK(!idtab_find(t, ip_v4(0x0a000001u + i * 2)));
	}
	snap_put(&t->snap);
}

T(an_address_claimed_twice_is_nobodys)	/* S015-X-005 */
{
	struct ident v[] = { entry(1, "a"), entry(2, "b"), entry(1, "c"), entry(3, "d"),
			     entry(1, "e") };
	struct idtab *t = idtab_new(v, ARRAY_LEN(v));

	OK(t != NULL);
	EQ(t->count, 2);
	OK(!idtab_find(t, ip_v4(1)));
	STR_EQ(idtab_find(t, ip_v4(2))->agent, "b");
	STR_EQ(idtab_find(t, ip_v4(3))->agent, "d");
	snap_put(&t->snap);
}

T(a_mapped_address_is_not_the_plain_one)
{
	struct ident v[] = { entry(0x01020304, "a") };
	struct idtab *t = idtab_new(v, 1);
	struct ip mapped = ip_v4(0x01020304);

	mapped.v4 = false;
	OK(t != NULL);
	OK(!idtab_find(t, mapped));
	snap_put(&t->snap);
}

T(empty_and_missing_tables_know_nobody)
{
	struct idtab *t = idtab_new(NULL, 0);

	OK(t != NULL);
	OK(!idtab_find(t, ip_v4(1)));
	OK(!idtab_find(NULL, ip_v4(1)));
	snap_put(&t->snap);
}

T(entries_are_read_only)
{
	struct ident v[] = { entry(1, "a") };
	struct idtab *t = idtab_new(v, 1);
	char *where;

	OK(t != NULL);
	where = (char *)(uintptr_t)t->sorted;
	DIES(SIGSEGV, where[0] = 1);
	snap_put(&t->snap);
}
