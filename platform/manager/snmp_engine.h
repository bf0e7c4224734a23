/*
 * snmp_engine.h — who we are to receivers of SNMPv3 traps (RFC 3411 §5, RFC 3414 §2.2): an engine
 * id for ever, how often it began, and the time since.
 *
 * Turn thread.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef PELAGO_MANAGER_SNMP_ENGINE_H
#define PELAGO_MANAGER_SNMP_ENGINE_H

#include <jansson.h>

#include "pelago/service.h"

extern const char snmp_engine_tables[]; /* a migration */

/* snmp_engine_rebuild begins anew: boots rises, its time is 0. */
enum pl_err snmp_engine_rebuild(struct pl_turn *turn);
/* snmp_engine_get returns {"id":HEX, "boots":N, "sinceMs":N of manager_now_ms}, or NULL without
 * memory. The caller owns it. */
json_t *snmp_engine_get(void);
/* snmp_engine_id returns the id in hexadecimal. Borrowed. */
const char *snmp_engine_id(void);

#endif
