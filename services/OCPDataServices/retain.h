/*
 * retain.h — what is kept for its time only, by kind of data: attributes keep_….
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef OCPDATA_RETAIN_H
#define OCPDATA_RETAIN_H

#include "pelago/service.h"

/* retain_some removes some of what is over its time; the mart keeps what it has. */
void retain_some(struct pl_turn *turn);

#endif
