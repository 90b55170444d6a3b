/* agentname.h - agent.name of a container, from the container's name
 *
 * Layer: policy.  Memory: the caller's.  Threads: pure functions.  Spec: S013 section 1.2.
 */
#ifndef OC_POLICY_AGENTNAME_H
#define OC_POLICY_AGENTNAME_H

#include "base/str.h"

#define AGENT_NAME_MAX 128

/* The name without one trailing "-<digits>", so that replicas share their rules; names of the
 * generated form outcall-agent-<8 hex digits> stay whole. A jail's name is not derived: it is its
 * agent.name. A view into container. */
struct str agentname_of(struct str container);

#endif
