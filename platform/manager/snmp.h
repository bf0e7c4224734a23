/*
 * snmp.h — SNMP notifications as bytes, version 2c (RFC 1901) and 3 (RFC 3412): what snmp.c sends
 * and gets.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef PELAGO_MANAGER_SNMP_H
#define PELAGO_MANAGER_SNMP_H

#include <jansson.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "usm.h"

enum { SNMP_MAX = 4096 };

struct snmp_message {
	unsigned char bytes[SNMP_MAX];
	size_t at, len; /* the message is bytes[at], len long */
};

/*
 * snmp_encode makes an InformRequest or, without confirm, a Trap of a notice. uptime: hundredths of
 * a second. Returns false if it doesn't fit.
 */
bool snmp_encode(struct snmp_message *message, const char *community, int32_t request, bool confirm,
		 uint32_t uptime, const json_t *notice);
/*
 * snmp_encode_v3 makes an SNMPv2-Trap PDU in a message of version 3, encrypted and signed. The
 * engine is ours: who sends a trap is authoritative (RFC 3412 §3). False if it doesn't fit.
 */
bool snmp_encode_v3(struct snmp_message *message, const struct usm_user *user,
		    const struct usm_engine *engine, const struct usm_stamp *stamp, int32_t id,
		    uint32_t uptime, const json_t *notice);
/* snmp_confirms tells whether bytes are the Response to a request, without an error. Any bytes. */
bool snmp_confirms(const unsigned char *bytes, size_t len, int32_t request);

#endif
