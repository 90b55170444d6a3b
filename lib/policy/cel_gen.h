/* cel_gen.h - from checked tree to program
 *
 * Layer: policy.  Memory: the arena of the compilation.  Threads: one compiles.
 */
#ifndef OC_POLICY_CEL_GEN_H
#define OC_POLICY_CEL_GEN_H

#include "policy/cel_comp.h"
#include "policy/cel_run.h"

/* Fills code, constants, calls, stack need and can_fail of p. -1 after an error (in c->diag). */
int gen_program(struct cel_comp *c, const struct cel_node *root, struct cel_prog *p) NODISCARD;

#endif
