/*
 * snmp_ber.h — Basic Encoding Rules (ITU-T X.690) as SNMP has them, written from the end, so that
 * each length is known when its head is written.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef PELAGO_MANAGER_SNMP_BER_H
#define PELAGO_MANAGER_SNMP_BER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum ber_tag {
	BER_INTEGER = 0x02,
	BER_OCTETS = 0x04,
	BER_OID = 0x06,
	BER_SEQUENCE = 0x30,
	BER_TIMETICKS = 0x43,
	BER_RESPONSE = 0xa2,
	BER_INFORM = 0xa6,
	BER_TRAP = 0xa7,
};

struct ber_writer {
	unsigned char *bytes;
	size_t at; /* what is written begins here; at first the size of bytes */
	bool is_full;
};

void ber_put(struct ber_writer *w, const void *bytes, size_t len);
/* ber_put_head writes the head of what begins at w->at and ends at end. */
void ber_put_head(struct ber_writer *w, enum ber_tag tag, size_t end);
void ber_put_number(struct ber_writer *w, enum ber_tag tag, uint32_t n);
void ber_put_octets(struct ber_writer *w, const void *bytes, size_t len);
void ber_put_oid(struct ber_writer *w, const uint32_t *numbers, size_t count);

struct ber_reader {
	const unsigned char *at, *end;
};

/* ber_take takes the head of a value with that tag; *body is its content. False for anything else.
 */
bool ber_take(struct ber_reader *body, struct ber_reader *r, enum ber_tag tag);
bool ber_take_number(int64_t *np, struct ber_reader *r);

#endif
