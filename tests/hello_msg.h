/* hello_msg.h - builds ClientHello records for tests */
#ifndef OC_TESTS_HELLO_MSG_H
#define OC_TESTS_HELLO_MSG_H

#include "base/buf.h"

struct hello_spec {
	const char *sni;	/* NULL: no server_name */
	bool ech, no_extensions;
	size_t padding;		/* body of a padding extension; 0: none */
	const char *extra;	/* raw bytes of further extensions */
	size_t extra_len;
};

static inline size_t hello_open(struct buf *b)
{
	buf_add_be16(b, 0);
	return b->len;
}

static inline void hello_close(struct buf *b, size_t from)
{
	buf_put_be16(b, from - 2, (uint16_t)(b->len - from));
}

static inline void hello_sni(struct buf *b, const char *name)
{
	buf_add_be16(b, 0);
	size_t ext = hello_open(b), list = hello_open(b);
	buf_add_byte(b, 0);
	size_t text = hello_open(b);
	buf_add_c(b, name);
	hello_close(b, text);
	hello_close(b, list);
	hello_close(b, ext);
}

static inline void hello_extensions(struct buf *b, const struct hello_spec *s)
{
	size_t all = hello_open(b);
	if (s->sni)
		hello_sni(b, s->sni);
	buf_add(b, "\0\x10\0\x0e\0\x0c\x02h2\x08http/1.1", 18);
	if (s->ech)
		buf_add(b, "\xfe\x0d\0\x04\0\0\x01\0", 8);
	if (s->padding) {
		buf_add_be16(b, 21);
		size_t pad = hello_open(b);
		for (size_t i = 0; i < s->padding; i++)
			buf_add_byte(b, 0);
		hello_close(b, pad);
	}
	buf_add(b, s->extra, s->extra_len);
	hello_close(b, all);
}

static inline void hello_build(struct buf *b, const struct hello_spec *s)
{
	buf_add(b, "\x16\x03\x01", 3);
	size_t record = hello_open(b);
	buf_add(b, "\x01\0", 2);
	size_t msg = hello_open(b);
	buf_add(b, "\x03\x03", 2);
	for (int i = 0; i < 32; i++)
		buf_add_byte(b, (uint8_t)(i + 1));
	buf_add_byte(b, 32);
	for (int i = 0; i < 32; i++)
		buf_add_byte(b, 7);
	buf_add(b, "\0\x04\x13\x01\x13\x02", 6);
	buf_add(b, "\x01\0", 2);
	if (!s->no_extensions)
		hello_extensions(b, s);
	hello_close(b, msg);
	hello_close(b, record);
}

#endif
