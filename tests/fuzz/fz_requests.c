/* fz_requests.c - the state file of the rule requests: what is read is written again and read to
 * the same text
 *
 * Layer: tests.  Input: hostile.  Memory: an arena per run.  Threads: one.
 * Spec: operations section 11.
 *
 * Properties: ids are valid, ascending and unique; decided entries have no rule file; a refusal has
 * a text.
 */
#include <stdlib.h>

#include "host/requests.h"

static char out[2][1 << 20];

static void check(const struct rule_request_entry *v, uint32_t cnt)
{
	for (uint32_t i = 0; i < cnt; i++) {
		if (!requests_is_id(v[i].id) || !requests_is_container(v[i].container_id))
			abort();
		if (i > 0 && str_cmp(v[i - 1].id, v[i].id) >= 0)
			abort();
		if ((v[i].status == API_REQUEST_PENDING) != (v[i].rule_file.len > 0))
			abort();
	}
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len)
{
	struct rule_request_entry *v, *again;
	struct buf first = BUF_OF(out[0]), second = BUF_OF(out[1]);
	struct err e = { 0 };
	struct arena a;
	uint32_t cnt, cnt2;

	if (len > 65536)
		return 0;
	arena_init(&a, (size_t)64 << 20);
	if (requests_read(str_n(data, len), &a, &v, &cnt, &e) < 0) {
		if (e.code == ERR_NONE || e.msg[0] == '\0')
			abort();
	} else {
		check(v, cnt);
		if (!requests_write(v, cnt, &first) ||
		    requests_read(buf_str(&first), &a, &again, &cnt2, &e) < 0 || cnt2 != cnt ||
		    !requests_write(again, cnt2, &second) ||
		    !str_eq(buf_str(&first), buf_str(&second)))
			abort();
	}
	arena_fini(&a);
	return 0;
}
