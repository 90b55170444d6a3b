/* fz_json.c - the JSON reader: what it accepts is written again and read to the same text
 *
 * Layer: tests.  Input: hostile.  Memory: an arena per run.  Threads: one.
 * Spec: S000 section 6.
 */
#include <stdlib.h>

#include "wire/json.h"
#include "wire/jsonw.h"

static char out[2][1 << 20];

static void write_value(struct jsonw *w, struct json_val v, struct arena *a)
{
	struct json_val key, item;
	struct json_iter it = json_each(v);
	struct str s;
	enum json_kind kind = json_kind(v);
	if (kind == JSON_STRING) {
		if (!json_str(v, a, &s))
			abort();
		jsonw_str(w, s);
	} else if (kind == JSON_ARRAY) {
		jsonw_array(w);
		while (json_next(&it, &key, &item))
			write_value(w, item, a);
		jsonw_array_end(w);
	} else if (kind == JSON_OBJECT) {
		jsonw_object(w);
		while (json_next(&it, &key, &item)) {
			if (!json_str(key, a, &s))
				abort();
			jsonw_key(w, s);
			write_value(w, item, a);
		}
		jsonw_object_end(w);
	} else {
		jsonw_raw(w, json_raw(v));
	}
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len)
{
	if (len > 65536)
		return 0;
	struct arena a;
	struct json first, second;
	struct err e;
	arena_init(&a, 64 << 20);
	if (json_parse(&first, str_n(data, len), &a, &e) == 0) {
		struct buf b1 = BUF_OF(out[0]);
		struct jsonw w1 = jsonw_on(&b1);
		write_value(&w1, json_root(&first), &a);
		if (!buf_ok(&b1) || json_parse(&second, buf_str(&b1), &a, &e) < 0)
			abort();
		struct buf b2 = BUF_OF(out[1]);
		struct jsonw w2 = jsonw_on(&b2);
		write_value(&w2, json_root(&second), &a);
		if (!str_eq(buf_str(&b1), buf_str(&b2)))
			abort();
	}
	arena_fini(&a);
	return 0;
}
