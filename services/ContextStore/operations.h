/*
 * operations.h — what this service answers; see README.md.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef CONTEXTSTORE_OPERATIONS_H
#define CONTEXTSTORE_OPERATIONS_H

#include "pelago/service.h"

extern const struct pl_op operations[];

#endif
