/* fz_cgroup.c - texts of /proc/<pid>/cgroup: an id is one, the outermost of its path; below is below
 *
 * Layer: tests.  Input: hostile (a cgroup may have any name).  Memory: none.  Threads: one.
 * Spec: S013 (PID -> container id), D14.
 *
 * The input is two texts with a NUL between them: of a peer and of a container's init.
 */
#include <string.h>

#include "sys/procid.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len)
{
	char id[PROCID_LEN + 1] = "", twice[PROCID_LEN + 1] = "";
	struct str all = str_n(data, len), peer, init;
	size_t at = str_find_byte(all, '\0');
	peer = str_first(all, at);
	init = str_from(all, at == SIZE_MAX ? all.len : at + 1);
	enum procid_kind kind = procid_container(peer, id);
	if (kind == PROCID_CONTAINER)
		CHECK(strlen(id) == PROCID_LEN && strspn(id, "0123456789abcdef") == PROCID_LEN);
	else
		CHECK(id[0] == '\0');
	/* A peer below init is in init's container, if init's paths are well-formed. */
	if (procid_is_below(peer, init) && kind == PROCID_CONTAINER &&
	    procid_container(init, twice) == PROCID_CONTAINER)
		CHECK(strcmp(id, twice) == 0);
	return 0;
}
