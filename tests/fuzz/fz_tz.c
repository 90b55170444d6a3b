/* fz_tz.c - time zone data: offsets stay in their range whatever the file says */
#include <stdlib.h>

#include "policy/tz.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static const int64_t moments[] = {
		INT64_C(-62135596800), -1, 0, 1234567890, INT64_C(4118083200), INT64_C(253402300799)
	};
	const struct tz *tz;
	struct arena a;
	struct err e;
	size_t i;

	arena_init(&a, 1 << 20);
	if (tz_parse(&a, str_n(data, size), &tz, &e) == 0) {
		for (i = 0; i < sizeof(moments) / sizeof(moments[0]); i++) {
			int32_t offset = tz_offset(tz, moments[i]);

			if (offset <= -26 * 3600 || offset >= 26 * 3600)
				abort();
		}
	}
	arena_fini(&a);
	return 0;
}
