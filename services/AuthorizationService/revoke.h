/*
 * revoke.h — tokens taken back (RFC 7009) and looked into (RFC 7662).
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef AUTHORIZATION_REVOKE_H
#define AUTHORIZATION_REVOKE_H

#include "pelago/service.h"

pl_op_fn op_revoke, op_introspect, op_http_introspect;

#endif
