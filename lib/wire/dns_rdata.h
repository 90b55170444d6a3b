/* dns_rdata.h - RDATA of foreign records: checked by type, names decompressed, services scrubbed
 *
 * Layer: wire.  Input: hostile.  Memory: the caller's.  Threads: pure functions.
 * Spec: S007-W-32, W-38.  Private to the dns_*.c files.
 */
#ifndef OC_WIRE_DNS_RDATA_H
#define OC_WIRE_DNS_RDATA_H

#include "wire/dns.h"

struct dns_rdata {
	const uint8_t *msg;
	size_t msg_len;
	size_t at;		/* of the RDATA in msg; at + len <= msg_len */
	size_t len;
	uint16_t type;
};

enum dns_rdata_copied {
	DNS_RDATA_BAD = 0,	/* the message is malformed */
	DNS_RDATA_DROP,		/* this record must not be passed on */
	DNS_RDATA_CHANGED,	/* passed on in part: signatures do not hold any more */
	DNS_RDATA_SAME,
};

/* Appends the RDATA to out, without compression. On BAD and DROP out holds rubbish behind its
 * old end. */
enum dns_rdata_copied dns_rdata_copy(const struct dns_rdata *d, struct buf *out);

#endif
