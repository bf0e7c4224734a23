/*
 * snmp_message.c — see snmp.h. What notifications carry is described by
 * docs/monitoring/PELAGO-MIB.txt.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include <string.h>

#include "pelago/json.h"
#include "snmp.h"
#include "snmp_ber.h"

enum { NOTIFICATIONS = 0, OBJECTS = 1 };

static const char *const members[] = { "id",	  "key",   "severity", "state", "source",
				       "subject", "title", "reason",   "cause", "fix" };
static const char *const whats[] = { "raised", "cleared", "acknowledged", "test" };

/* snmpTrapOID.0, sysUpTime.0 (RFC 3418), and ours: see docs/decisions/0019. */
static const uint32_t trap_oid[] = { 1, 3, 6, 1, 6, 3, 1, 1, 4, 1, 0 };
static const uint32_t uptime_oid[] = { 1, 3, 6, 1, 2, 1, 1, 3, 0 };
#define OWN 1, 2, 840, 113556, 1, 8000, 2554, 40444, 3606, 45918, 19140, 40373, 4414936, 6454600

static uint32_t number_of(const char *what)
{
	uint32_t i = 0;

	while (i < 3 && strcmp(whats[i], what) != 0)
		i++;
	return i + 1;
}

static void put_text(struct ber_writer *w, const char *text)
{
	ber_put_octets(w, text, strlen(text));
}

/* From the last to the first. */
static void put_bindings(struct ber_writer *w, uint32_t uptime, const json_t *notice)
{
	const uint32_t what[] = { OWN, NOTIFICATIONS, number_of(pl_json_get_text(notice, "what")) };
	size_t all = w->at, end;

	for (uint32_t i = sizeof(members) / sizeof(members[0]); i > 0; i--) {
		const uint32_t object[] = { OWN, OBJECTS, i, 0 };

		end = w->at;
		put_text(w, pl_json_get_text(json_object_get(notice, "alarm"), members[i - 1]));
		ber_put_oid(w, object, sizeof(object) / sizeof(object[0]));
		ber_put_head(w, BER_SEQUENCE, end);
	}
	end = w->at;
	ber_put_oid(w, what, sizeof(what) / sizeof(what[0]));
	ber_put_oid(w, trap_oid, sizeof(trap_oid) / sizeof(trap_oid[0]));
	ber_put_head(w, BER_SEQUENCE, end);
	end = w->at;
	ber_put_number(w, BER_TIMETICKS, uptime);
	ber_put_oid(w, uptime_oid, sizeof(uptime_oid) / sizeof(uptime_oid[0]));
	ber_put_head(w, BER_SEQUENCE, end);
	ber_put_head(w, BER_SEQUENCE, all);
}

static void put_pdu(struct ber_writer *w, enum ber_tag tag, int32_t request, uint32_t uptime,
		    const json_t *notice)
{
	size_t end = w->at;

	put_bindings(w, uptime, notice);
	ber_put_number(w, BER_INTEGER, 0); /* error-index */
	ber_put_number(w, BER_INTEGER, 0); /* error-status */
	ber_put_number(w, BER_INTEGER, (uint32_t)request);
	ber_put_head(w, tag, end);
}

static bool finish(struct snmp_message *m, const struct ber_writer *w)
{
	m->at = w->at;
	m->len = SNMP_MAX - w->at;
	return !w->is_full;
}

bool snmp_encode(struct snmp_message *m, const char *community, int32_t request, bool confirm,
		 uint32_t uptime, const json_t *notice)
{
	struct ber_writer w = { .bytes = m->bytes, .at = SNMP_MAX };

	put_pdu(&w, confirm ? BER_INFORM : BER_TRAP, request, uptime, notice);
	put_text(&w, community);
	ber_put_number(&w, BER_INTEGER, 1); /* version 2c */
	ber_put_head(&w, BER_SEQUENCE, SNMP_MAX);
	return finish(m, &w);
}

bool snmp_confirms(const unsigned char *bytes, size_t len, int32_t request)
{
	struct ber_reader all = { bytes, bytes + len }, message, community, pdu;
	int64_t version, id, status;

	return ber_take(&message, &all, BER_SEQUENCE) && ber_take_number(&version, &message) &&
	       version == 1 && ber_take(&community, &message, BER_OCTETS) &&
	       ber_take(&pdu, &message, BER_RESPONSE) && ber_take_number(&id, &pdu) &&
	       id == request && ber_take_number(&status, &pdu) && status == 0;
}

/* ---- version 3 (RFC 3412 §6) ---- */

enum { USM = 3, AUTHENTICATED_AND_PRIVATE = 3 }; /* security model; flags: not reportable */

/* The ScopedPDU at w->at, to the end, becomes its encryption. */
static bool encrypt(struct ber_writer *w, const struct usm_user *user,
		    const struct usm_stamp *stamp)
{
	size_t end = SNMP_MAX;

	if (w->is_full || !usm_encrypt(w->bytes + w->at, end - w->at, user->privacy_key, stamp))
		return false;
	ber_put_head(w, BER_OCTETS, end);
	return true;
}

/* UsmSecurityParameters (RFC 3414 §2.4). Returns where the signature goes. */
static size_t put_security(struct ber_writer *w, const struct usm_user *user,
			   const struct usm_engine *engine, const struct usm_stamp *stamp)
{
	static const unsigned char zeros[USM_MAC_MAX];
	size_t end = w->at, mac_at;

	ber_put_octets(w, stamp->salt, sizeof(stamp->salt));
	mac_at = w->at - user->hash->mac_len;
	ber_put_octets(w, zeros, user->hash->mac_len);
	put_text(w, user->name);
	ber_put_number(w, BER_INTEGER, stamp->time_s);
	ber_put_number(w, BER_INTEGER, stamp->boots);
	ber_put_octets(w, engine->id, engine->id_len);
	ber_put_head(w, BER_SEQUENCE, end);
	ber_put_head(w, BER_OCTETS, end);
	return mac_at;
}

static void put_global_data(struct ber_writer *w, int32_t id)
{
	static const unsigned char flags = AUTHENTICATED_AND_PRIVATE;
	size_t end = w->at;

	ber_put_number(w, BER_INTEGER, USM);
	ber_put_octets(w, &flags, 1);
	ber_put_number(w, BER_INTEGER, SNMP_MAX); /* the largest that we'd take */
	ber_put_number(w, BER_INTEGER, (uint32_t)id);
	ber_put_head(w, BER_SEQUENCE, end);
}

bool snmp_encode_v3(struct snmp_message *m, const struct usm_user *user,
		    const struct usm_engine *engine, const struct usm_stamp *stamp, int32_t id,
		    uint32_t uptime, const json_t *notice)
{
	struct ber_writer w = { .bytes = m->bytes, .at = SNMP_MAX };
	size_t mac_at;

	put_pdu(&w, BER_TRAP, id, uptime, notice);
	put_text(&w, ""); /* contextName */
	ber_put_octets(&w, engine->id, engine->id_len);
	ber_put_head(&w, BER_SEQUENCE, SNMP_MAX);
	if (!encrypt(&w, user, stamp))
		return false;
	mac_at = put_security(&w, user, engine, stamp);
	put_global_data(&w, id);
	ber_put_number(&w, BER_INTEGER, 3);
	ber_put_head(&w, BER_SEQUENCE, SNMP_MAX);
	return finish(m, &w) && usm_sign(m->bytes + mac_at, user, m->bytes + m->at, m->len);
}
