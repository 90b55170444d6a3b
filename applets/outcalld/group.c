/* group.c - one look-up in /etc/group, without the name service switch that a static program lacks
 *
 * Layer: applets (outcalld).  Input: /etc/group, bounded.  Memory: an arena while reading.
 * Threads: start.
 * Spec: S000-X-009, D23.
 */
#include "base/num.h"
#include "outcalld/daemon.h"
#include "sys/file.h"

#define GROUP_FILE_MAX ((size_t)4 << 20)

/* name:password:gid:members */
static bool line_is(struct str line, struct str name, gid_t *out)
{
	struct str field, password, number;
	uint64_t gid;

	if (!str_split(&line, ':', &field) || !str_eq(field, name) ||
	    !str_split(&line, ':', &password) || !str_split(&line, ':', &number) ||
	    !num_u64(number, UINT32_MAX - 1, &gid))
		return false;
	*out = (gid_t)gid;
	return true;
}

bool group_find(const char *name, gid_t *out)
{
	struct str text, line;
	struct arena a;
	struct err e;
	bool found = false;

	arena_init(&a, GROUP_FILE_MAX * 2);
	if (file_read("/etc/group", GROUP_FILE_MAX, &a, &text, &e) == 0)
		while (!found && str_split(&text, '\n', &line))
			found = line_is(line, str_of(name), out);
	arena_fini(&a);
	return found;
}
