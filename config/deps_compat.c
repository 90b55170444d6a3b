/* deps_compat.c - what the third-party archives need from us
 *
 * Layer: below base, built by scripts/deps.sh.  Input: trusted.  Memory: none.  Threads: any.
 * Spec: S000-X-002, S000-X-008.
 *
 * libmnl and libnftnl are archives made for glibc; with musl they miss two checked printf
 * functions.  mbedTLS asks for entropy: getrandom is the only source (it opens no file).
 */
#include <errno.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <sys/random.h>

int mbedtls_hardware_poll(void *data, unsigned char *out, size_t len, size_t *out_len);

int mbedtls_hardware_poll(void *data, unsigned char *out, size_t len, size_t *out_len)
{
	(void)data;
	size_t done = 0;
	while (done < len) {
		ssize_t n = getrandom(out + done, len - done, 0);
		if (n < 0 && errno == EINTR)
			continue;
		if (n <= 0)
			return -0x003C; /* MBEDTLS_ERR_ENTROPY_SOURCE_FAILED */
		done += (size_t)n;
	}
	*out_len = len;
	return 0;
}

#ifndef __GLIBC__
int __snprintf_chk(char *s, size_t n, int flag, size_t room, const char *fmt, ...);
int __fprintf_chk(FILE *f, int flag, const char *fmt, ...);

int __snprintf_chk(char *s, size_t n, int flag, size_t room, const char *fmt, ...)
{
	(void)flag;
	va_list ap;
	va_start(ap, fmt);
	int r = vsnprintf(s, n < room ? n : room, fmt, ap);
	va_end(ap);
	return r;
}

int __fprintf_chk(FILE *f, int flag, const char *fmt, ...)
{
	(void)flag;
	va_list ap;
	va_start(ap, fmt);
	int r = vfprintf(f, fmt, ap);
	va_end(ap);
	return r;
}
#endif
