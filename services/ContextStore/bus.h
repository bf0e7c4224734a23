/*
 * bus.h — the operations for other services: {contextId, data, groupId, …, touchpoint, lease,
 * version}.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef CONTEXTSTORE_BUS_H
#define CONTEXTSTORE_BUS_H

#include "pelago/service.h"

pl_op_fn bus_create, bus_get, bus_update, bus_upsert, bus_delete, bus_renew, bus_audit;

#endif
