/* bridge_err.h - the error sentences of S001 section 3, shared by the bridge*.c files
 *
 * Layer: host.  Threads: values only.
 */
#ifndef OC_HOST_BRIDGE_ERR_H
#define OC_HOST_BRIDGE_ERR_H

#include "base/err.h"

/* Put "<kind> operation failed: <step>: " in front of what netlink said. All return -1. */
int bridge_connect_fail(struct err *e);
int bridge_op_fail(struct err *e, const char *step);
int bridge_nft_fail(struct err *e, const char *step);

#endif
