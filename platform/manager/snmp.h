/*
 * snmp.h — SNMPv2c notifications as bytes (RFC 1901, RFC 3416): what snmp.c sends and gets.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef PELAGO_MANAGER_SNMP_H
#define PELAGO_MANAGER_SNMP_H

#include <jansson.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

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
/* snmp_confirms tells whether bytes are the Response to a request, without an error. Any bytes. */
bool snmp_confirms(const unsigned char *bytes, size_t len, int32_t request);

#endif
