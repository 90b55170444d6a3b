/* shape_test.c - wire types by table, both directions, and the writer
 *
 * Spec: S000 sections 5 and 6, S000-EC-X01.
 */
#include "t.h"

#include <math.h>

#include "wire/shape.h"

struct inner {
	struct str name;
	uint16_t port;
	bool has_port;
};

static const struct json_field inner_fields[] = {
	JSON_REQ(struct inner, name),
	JSON_NUL_HAS(struct inner, port),
};
static const struct json_shape inner_shape = JSON_SHAPE(struct inner, inner_fields, true);

static const char *const colours[] = { "red", "green", NULL };

struct outer {
	bool up;
	unsigned colour;
	int32_t priority;
	uint64_t big;
	bool has_big;
	struct str note, text;
	struct json_strs args;
	struct json_pairs meta;
	struct json_val any;
	struct {
		const struct inner *v;
		size_t cnt;
	} items;
	struct inner one;
	const struct inner *maybe;
};

static const struct json_field outer_fields[] = {
	JSON_REQ(struct outer, up),
	JSON_REQ_ENUM(struct outer, colour, colours),
	JSON_REQ(struct outer, priority),
	JSON_OPT_HAS(struct outer, big),
	JSON_NUL(struct outer, note),
	JSON_OPT(struct outer, text),
	JSON_OPT(struct outer, args),
	JSON_OPT(struct outer, meta),
	JSON_OPT(struct outer, any),
	JSON_REQ_LIST(struct outer, items, &inner_shape),
	JSON_REQ_OBJECT(struct outer, one, &inner_shape),
	JSON_NUL_POINTER(struct outer, maybe, &inner_shape),
};
static const struct json_shape outer_shape = JSON_SHAPE(struct outer, outer_fields, true);

static struct arena arena;
static struct json doc;
static char text[4096];

static int read_c(const char *json, struct outer *out, struct err *e)
{
	arena_fini(&arena);
	arena_init(&arena, 1 << 20);
	if (json_parse(&doc, str_of(json), &arena, e) < 0)
		return -1;
	return shape_read(&outer_shape, json_root(&doc), &arena, out, e);
}

static const char *write_c(const struct outer *o)
{
	struct buf b = BUF_OF(text);
	struct jsonw w = jsonw_on(&b);
	shape_write(&w, &outer_shape, o);
	return buf_c(&b);
}

T(round_trip_of_a_full_value)
{
	static const char full[] =
		"{\"up\":true,\"colour\":\"green\",\"priority\":-7,\"big\":18446744073709551615,\"note\":\"n\","
		"\"text\":\"\",\"args\":[\"a\",\"\"],\"meta\":{\"k\":\"v\"},\"any\":{\"x\":[1,null]},"
		"\"items\":[{\"name\":\"i\",\"port\":443},{\"name\":\"j\",\"port\":null}],"
		"\"one\":{\"name\":\"o\",\"port\":null},\"maybe\":{\"name\":\"m\",\"port\":0}}";
	struct outer o;
	struct err e;
	EQ(read_c(full, &o, &e), 0);
	EQ(o.colour, 1);
	EQ(o.items.cnt, 2);
	OK(o.items.v[0].has_port && !o.items.v[1].has_port);
	STR_EQ(write_c(&o), full);
}

T(absent_members_are_left_out_or_null)
{
	struct outer o;
	struct err e;
	EQ(read_c("{\"items\":[],\"one\":{\"name\":\"o\"},\"up\":false,\"colour\":\"red\",\"priority\":0,"
		  "\"big\":null,\"text\":null,\"args\":null,\"any\":null}",
		  &o, &e),
	   0);
	STR_EQ(write_c(&o),
	       "{\"up\":false,\"colour\":\"red\",\"priority\":0,\"note\":null,\"items\":[],"
	       "\"one\":{\"name\":\"o\",\"port\":null},\"maybe\":null}");
}

T(refusals_name_the_field)
{
	static const struct {
		const char *json, *why;
	} bad[] = {
		{ "[]", "must be an object" },
		{ "{}", "missing field \"up\"" },
		{ "{\"up\":null}", "field \"up\" must be true or false" },
		{ "{\"up\":1}", "field \"up\" must be true or false" },
		{ "{\"upp\":true}", "unknown field \"upp\"" },
		{ "{\"colour\":\"blue\"}", "field \"colour\" must be one of \"red\", \"green\"" },
		{ "{\"priority\":2147483648}", "field \"priority\" must be an integer of 32 bits" },
		{ "{\"priority\":1.5}", "field \"priority\" must be an integer of 32 bits" },
		{ "{\"big\":-1}",
		  "field \"big\" must be an integer from 0 to 18446744073709551615" },
		{ "{\"note\":5}", "field \"note\" must be a string" },
		{ "{\"note\":\"a\\u0000b\"}",
		  "field \"note\" must be a string without NUL characters" },
		{ "{\"args\":[1]}", "field \"args\" must be a string" },
		{ "{\"args\":\"x\"}", "field \"args\" must be an array of strings" },
		{ "{\"meta\":{\"a\":1}}", "field \"meta\" must be a string" },
		{ "{\"items\":{}}", "field \"items\": must be an array" },
		{ "{\"items\":[{\"name\":\"a\"},{\"name\":\"b\",\"port\":65536}]}",
		  "field \"items\": element 1: field \"port\" must be an integer from 0 to 65535" },
		{ "{\"one\":{\"x\":1}}", "field \"one\": unknown field \"x\"" },
		{ "{\"maybe\":[]}", "field \"maybe\": must be an object" },
	};
	for (size_t i = 0; i < ARRAY_LEN(bad); i++) {
		struct outer o = { .up = true };
		struct err e;
		EQ(read_c(bad[i].json, &o, &e), -1);
		EQ(e.code, ERR_INVALID);
		STR_EQ(e.msg, bad[i].why);
		OK(!o.up);
	}
}

T(unknown_members_of_answers_are_ignored)
{
	struct json_shape loose = inner_shape;
	loose.strict = false;
	struct inner in;
	struct err e;
	arena_init(&arena, 1 << 16);
	EQ(json_parse(&doc, STR("{\"new\":[{}],\"name\":\"x\"}"), &arena, &e), 0);
	EQ(shape_read(&loose, json_root(&doc), &arena, &in, &e), 0);
	VIEW_EQ(in.name, "x");
}

T(writer_escapes_and_repairs)
{
	struct buf b = BUF_OF(text);
	struct jsonw w = jsonw_on(&b);
	jsonw_array(&w);
	jsonw_str(&w, str_n("a\"\\\b\f\n\r\t\x01\x1f\0z\x7f", 13));
	jsonw_str(&w, STR("\xc3\xa4\xff\xc3"));
	jsonw_str(&w, str_n(NULL, 0));
	jsonw_c(&w, NULL);
	jsonw_double(&w, 0.1);
	jsonw_double(&w, 3);
	jsonw_double(&w, HUGE_VAL);
	jsonw_i64(&w, INT64_MIN);
	jsonw_object(&w);
	jsonw_add_bool(&w, "k\"", false);
	jsonw_object_end(&w);
	jsonw_array_end(&w);
	STR_EQ(buf_c(&b), "[\"a\\\"\\\\\\b\\f\\n\\r\\t\\u0001\\u001f\\u0000z\x7f\","
			  "\"\xc3\xa4\xef\xbf\xbd\xef\xbf\xbd\",\"\",null,0.1,3.0,null,"
			  "-9223372036854775808,{\"k\\\"\":false}]");
}

T(writer_overflow_sticks)
{
	char small[8];
	struct buf b = BUF_OF(small);
	struct jsonw w = jsonw_on(&b);
	jsonw_str(&w, STR("longer than eight"));
	jsonw_null(&w);
	OK(!buf_ok(&b));
}
