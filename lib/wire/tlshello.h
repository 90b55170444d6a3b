/* tlshello.h - the ClientHello of one TLS record: server name, ALPN, encrypted ClientHello
 *
 * Layer: wire.  Input: hostile.  Memory: views into the caller's input.  Threads: pure functions.
 * Spec: S006-FR-005, S006-WR-035..044.
 */
#ifndef OC_WIRE_TLSHELLO_H
#define OC_WIRE_TLSHELLO_H

#include "base/str.h"
#include "wire/parse.h"
#include "wire/url.h"

#define TLSHELLO_RECORD_MAX 16384	/* payload of the record */
#define TLSHELLO_MAX (5 + TLSHELLO_RECORD_MAX)

struct tlshello {
	size_t len;		/* of the record with its header */
	bool has_sni;
	struct url_host sni;	/* canonical */
	bool ech;		/* an encrypted_client_hello of outer type */
	struct str alpn;	/* the protocol list as sent; p NULL: no such extension */
};

/* One record that holds exactly one whole ClientHello. PARSE_MORE until the record is there;
 * refused as early as the bytes show that it cannot be one. Bytes behind the record are not looked
 * at. */
enum parse tlshello_parse(struct str in, struct tlshello *out);

#endif
