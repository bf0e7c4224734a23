/*
 * snmp_ber.c — see snmp.h. Basic Encoding Rules (ITU-T X.690), written from the end, so that each
 * length is known when its head is written.
 *
 * Object identifiers stand below 1.3.6.1.4.1.32473.1, the number kept for examples (RFC 5612), as
 * Pelago has none of its own. Notifications: .0.1 raised .0.2 cleared .0.3 acknowledged .0.4 test.
 * Each carries, as octet strings, .1.N: the rows of `members`.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include <stdlib.h>
#include <string.h>

#include "pelago/json.h"
#include "snmp.h"

enum tag {
	INTEGER = 0x02,
	OCTETS = 0x04,
	OID = 0x06,
	SEQUENCE = 0x30,
	TIMETICKS = 0x43,
	RESPONSE = 0xa2,
	INFORM = 0xa6,
	TRAP = 0xa7,
};

static const char *const members[] = { "id",	  "key",   "severity", "state", "source",
				       "subject", "title", "reason",   "cause", "fix" };
static const char *const whats[] = { "raised", "cleared", "acknowledged", "test" };

/* 1.3.6.1.6.3.1.1.4.1.0 and 1.3.6.1.2.1.1.3.0 (RFC 3418), and ours without its last two numbers. */
static const unsigned char trap_oid[] = { 0x2b, 6, 1, 6, 3, 1, 1, 4, 1, 0 };
static const unsigned char uptime_oid[] = { 0x2b, 6, 1, 2, 1, 1, 3, 0 };
static const unsigned char own_oid[] = { 0x2b, 6, 1, 4, 1, 0x81, 0xfd, 0x59, 1 };

/* ---- writing ---- */

struct writer {
	struct snmp_message *m;
	size_t at; /* what is written begins here */
	bool is_full;
};

static void put(struct writer *w, const void *bytes, size_t len)
{
	if (w->at < len) {
		w->is_full = true;
		return;
	}
	w->at -= len;
	memcpy(w->m->bytes + w->at, bytes, len);
}

static void put_byte(struct writer *w, unsigned byte)
{
	const unsigned char one = (unsigned char)byte;

	put(w, &one, 1);
}

/* The head of what begins at w->at and ends at end. */
static void put_head(struct writer *w, enum tag tag, size_t end)
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

static void put_number(struct writer *w, enum tag tag, uint32_t n)
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
	put_head(w, tag, end);
}

static void put_octets(struct writer *w, const char *text)
{
	size_t end = w->at;

	put(w, text, strlen(text));
	put_head(w, OCTETS, end);
}

static void put_oid(struct writer *w, const unsigned char *oid, size_t len)
{
	size_t end = w->at;

	put(w, oid, len);
	put_head(w, OID, end);
}

static void put_own_oid(struct writer *w, unsigned arc, unsigned n)
{
	unsigned char oid[sizeof(own_oid) + 2];

	memcpy(oid, own_oid, sizeof(own_oid));
	oid[sizeof(own_oid)] = (unsigned char)arc;
	oid[sizeof(own_oid) + 1] = (unsigned char)n;
	put_oid(w, oid, sizeof(oid));
}

static unsigned number_of(const char *what)
{
	unsigned i = 0;

	while (i < 3 && strcmp(whats[i], what) != 0)
		i++;
	return i + 1;
}

/* From the last to the first. */
static void put_bindings(struct writer *w, uint32_t uptime, const json_t *notice)
{
	size_t all = w->at, end;

	for (unsigned i = sizeof(members) / sizeof(members[0]); i > 0; i--) {
		end = w->at;
		put_octets(w, pl_json_get_text(json_object_get(notice, "alarm"), members[i - 1]));
		put_own_oid(w, 1, i);
		put_head(w, SEQUENCE, end);
	}
	end = w->at;
	put_own_oid(w, 0, number_of(pl_json_get_text(notice, "what")));
	put_oid(w, trap_oid, sizeof(trap_oid));
	put_head(w, SEQUENCE, end);
	end = w->at;
	put_number(w, TIMETICKS, uptime);
	put_oid(w, uptime_oid, sizeof(uptime_oid));
	put_head(w, SEQUENCE, end);
	put_head(w, SEQUENCE, all);
}

bool snmp_encode(struct snmp_message *m, const char *community, int32_t request, bool confirm,
		 uint32_t uptime, const json_t *notice)
{
	struct writer w = { .m = m, .at = SNMP_MAX };

	put_bindings(&w, uptime, notice);
	put_number(&w, INTEGER, 0); /* error-index */
	put_number(&w, INTEGER, 0); /* error-status */
	put_number(&w, INTEGER, (uint32_t)request);
	put_head(&w, confirm ? INFORM : TRAP, SNMP_MAX);
	put_octets(&w, community);
	put_number(&w, INTEGER, 1); /* version 2c */
	put_head(&w, SEQUENCE, SNMP_MAX);
	m->at = w.at;
	m->len = SNMP_MAX - w.at;
	return !w.is_full;
}

/* ---- reading ---- */

struct reader {
	const unsigned char *at, *end;
};

/* Takes the head of a value with that tag; *bodyp is its content. False for anything else. */
static bool take(struct reader *body, struct reader *r, enum tag tag)
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

static bool take_number(int64_t *np, struct reader *r)
{
	struct reader body;

	if (!take(&body, r, INTEGER) || body.at == body.end || body.end - body.at > 4)
		return false;
	*np = *body.at & 0x80 ? -1 : 0;
	for (; body.at < body.end; body.at++)
		*np = (int64_t)((uint64_t)*np << 8 | *body.at);
	return true;
}

bool snmp_confirms(const unsigned char *bytes, size_t len, int32_t request)
{
	struct reader all = { bytes, bytes + len }, message, community, pdu;
	int64_t version, id, status;

	return take(&message, &all, SEQUENCE) && take_number(&version, &message) && version == 1 &&
	       take(&community, &message, OCTETS) && take(&pdu, &message, RESPONSE) &&
	       take_number(&id, &pdu) && id == request && take_number(&status, &pdu) && status == 0;
}
