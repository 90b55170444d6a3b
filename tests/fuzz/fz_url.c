/* fz_url.c - authorities and paths: what comes out is canonical, and canonical stays as it is */
#include <string.h>

#include "wire/url.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void authority(struct str in)
{
	struct url_authority a, again;
	char text[300];
	struct buf b = BUF_OF(text);

	if (!url_authority_parse(in, 80, &a))
		return;
	CHECK(a.port != 0 && a.host.len == strlen(a.host.text) && a.host.len <= URL_HOST_MAX);
	url_authority_format(&b, &a, 0);
	CHECK(url_authority_parse(buf_str(&b), 0, &again) && url_authority_eq(&a, &again));
}

static void path(struct str in)
{
	static char text[65536], second[65536];
	struct buf b = BUF_OF(text), b2 = BUF_OF(second);

	if (!url_path_canonical(in, &b))
		return;
	CHECK(b.len && text[0] == '/' && b.len <= in.len + 1);
	CHECK(url_path_canonical(buf_str(&b), &b2) && str_eq(buf_str(&b), buf_str(&b2)));

	struct str p = str_first(buf_str(&b), str_find_byte(buf_str(&b), '?'));

	CHECK(str_find(p, STR("/../")) == SIZE_MAX && str_find(p, STR("/./")) == SIZE_MAX);
	CHECK(!str_ends(p, STR("/..")) && !str_ends(p, STR("/.")));
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct str in = { (const char *)data, size }, rest;
	struct url_authority a;

	authority(in);
	path(in);
	if (url_absolute_parse(in, &a, &rest))
		path(rest);
	return 0;
}
