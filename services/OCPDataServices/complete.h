/*
 * complete.h — what an older version didn't write, filled in bit by bit.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef OCPDATA_COMPLETE_H
#define OCPDATA_COMPLETE_H

#include "pelago/service.h"

/* complete_some takes some contacts and customers; none are left once it has seen all. */
void complete_some(struct pl_turn *turn);

#endif
