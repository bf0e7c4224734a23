/*
 * phases.h — PHASE(name, text, runs): how a service is wished for in a cluster. The texts are
 * stored; runs: its processes shall run.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
/* clang-format off */
PHASE(STAGED,    "staged",    false) /* nodes hold its bundle */
PHASE(INSTALLED, "installed", true)
PHASE(DRAINING,  "draining",  true)  /* takes no new work */
PHASE(LEAVING,   "leaving",   false)
PHASE(KILLED,    "killed",    false) /* leaves without being waited for */
