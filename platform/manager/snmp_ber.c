/*
 * snmp_ber.c — see snmp_ber.h.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "snmp_ber.h"

#include <string.h>

/* ---- writing ---- */

void ber_put(struct ber_writer *w, const void *bytes, size_t len)
{
	if (w->at < len) {
		w->is_full = true;
		return;
	}
	w->at -= len;
	memcpy(w->bytes + w->at, bytes, len);
}

static void put_byte(struct ber_writer *w, unsigned byte)
{
	const unsigned char one = (unsigned char)byte;

	ber_put(w, &one, 1);
}

void ber_put_head(struct ber_writer *w, enum ber_tag tag, size_t end)
{
	size_t len = end - w->at;

	if (len >= 0x80) {
		put_byte(w, len & 0xff);
		if (len >= 0x100)
			put_byte(w, (unsigned)(len >> 8));
		put_byte(w, len >= 0x100 ? 0x82 : 0x81);
	} else {
		put_byte(w, (unsigned)len);
	}
	put_byte(w, tag);
}

void ber_put_number(struct ber_writer *w, enum ber_tag tag, uint32_t n)
{
	size_t end = w->at;
	unsigned byte;

	do {
		byte = n & 0xff;
		put_byte(w, byte);
		n >>= 8;
	} while (n);
	if (byte & 0x80)
		put_byte(w, 0); /* it would be negative */
	ber_put_head(w, tag, end);
}

void ber_put_octets(struct ber_writer *w, const void *bytes, size_t len)
{
	size_t end = w->at;

	ber_put(w, bytes, len);
	ber_put_head(w, BER_OCTETS, end);
}

void ber_put_oid(struct ber_writer *w, const uint32_t *numbers, size_t count)
{
	size_t end = w->at;

	for (size_t i = count; i-- > 1;) {
		uint32_t n = i == 1 ? numbers[0] * 40 + numbers[1] : numbers[i];

		put_byte(w, n & 0x7f);
		while (n >>= 7)
			put_byte(w, (n & 0x7f) | 0x80);
	}
	ber_put_head(w, BER_OID, end);
}

/* ---- reading ---- */

bool ber_take(struct ber_reader *body, struct ber_reader *r, enum ber_tag tag)
{
	size_t len, count;

	if (r->end - r->at < 2 || *r->at++ != tag)
		return false;
	len = *r->at++;
	if (len & 0x80) {
		count = len & 0x7f;
		if (count == 0 || count > 2 || (size_t)(r->end - r->at) < count)
			return false;
		for (len = 0; count > 0; count--)
			len = len << 8 | *r->at++;
	}
	if ((size_t)(r->end - r->at) < len)
		return false;
	body->at = r->at;
	body->end = r->at = r->at + len;
	return true;
}

bool ber_take_number(int64_t *np, struct ber_reader *r)
{
	struct ber_reader body;

	if (!ber_take(&body, r, BER_INTEGER) || body.at == body.end || body.end - body.at > 4)
		return false;
	*np = *body.at & 0x80 ? -1 : 0;
	for (; body.at < body.end; body.at++)
		*np = (int64_t)((uint64_t)*np << 8 | *body.at);
	return true;
}
