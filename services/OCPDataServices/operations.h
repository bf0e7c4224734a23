/*
 * operations.h — what this service answers; see README.md.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef OCPDATA_OPERATIONS_H
#define OCPDATA_OPERATIONS_H

#include "pelago/service.h"

extern const struct pl_op operations[];

#endif
