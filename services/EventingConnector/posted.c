/* posted.c — see connector.h. SPDX-License-Identifier: Apache-2.0 */
#include <sodium.h>
#include <stdlib.h>
#include <string.h>

#include "connector.h"
#include "pelago/json.h"

enum { MEMBERS_MAX = 1000, VERSION_MAX = 1000000, KEEP_MAX_S = 604800 };

/* A misspelt member would be lost in silence. */
static enum pl_err check_members(const json_t *event)
{
	static const char *const known[] = { "family", "type",	      "version", "id",
					     "key",    "keepSeconds", "atMs",	 "payload" };
	const char *name;
	json_t *value;

	json_object_foreach((json_t *)event, name, value) {
		bool found = false;

		for (size_t i = 0; i < sizeof(known) / sizeof(known[0]); i++)
			found = found || strcmp(known[i], name) == 0;
		if (!found)
			return pl_fail(
				PL_INVALID,
				"an event has family, type, version, id, key, keepSeconds, atMs "
				"and payload, but no %.60s; what is its own belongs into payload",
				name);
	}
	return PL_OK;
}

static enum pl_err check_filled(const char *name, const char *text)
{
	return *text ? PL_OK : pl_fail(PL_INVALID, "%s is empty", name);
}

enum pl_err posted_read(struct posted *p, const json_t *http)
{
	json_t *event = NULL;
	enum pl_err err = pl_json_object(&event, http, "body", MEMBERS_MAX, true);

	*p = (struct posted){ 0 };
	if (!err)
		err = check_members(event);
	if (!err)
		err = pl_json_text(&p->sender, http, "user.sub", SENDER_MAX, true);
	if (!err)
		err = pl_json_text(&p->family, event, "family", WORD_MAX, true);
	if (!err)
		err = pl_json_text(&p->type, event, "type", WORD_MAX, true);
	if (!err)
		err = pl_json_int(&p->version, event, "version", 1, VERSION_MAX, false);
	if (!err)
		err = pl_json_text(&p->id, event, "id", GIVEN_ID_MAX, true);
	if (!err)
		err = check_filled("id", p->id);
	if (!err)
		err = pl_json_text(&p->key, event, "key", EVENT_KEY_MAX, false);
	if (!err)
		err = pl_json_int(&p->keep_s, event, "keepSeconds", 0, KEEP_MAX_S, false);
	if (!err)
		err = pl_json_int(&p->at_ms, event, "atMs", 1, 1LL << 53, false);
	if (!err)
		err = pl_json_object(&p->payload, event, "payload", MEMBERS_MAX, true);
	p->key = p->key ? p->key : "";
	return err;
}

enum pl_err posted_hash(char hash[HASH_ROOM], const struct posted *p)
{
	unsigned char sum[crypto_hash_sha256_BYTES];
	json_t *all = json_pack("[s, s, I, s, I, I, O]", p->family, p->type, (json_int_t)p->version,
				p->key, (json_int_t)p->keep_s, (json_int_t)p->at_ms, p->payload);
	char *text = all ? json_dumps(all, JSON_COMPACT | JSON_SORT_KEYS) : NULL;

	json_decref(all);
	if (!text)
		return pl_fail(PL_NOMEM, "out of memory");
	crypto_hash_sha256(sum, (const unsigned char *)text, strlen(text));
	sodium_bin2hex(hash, HASH_ROOM, sum, sizeof(sum));
	free(text);
	return PL_OK;
}

enum pl_err posted_check_age(struct pl_turn *turn, const struct posted *p)
{
	int64_t late_s = pl_attribute_get(pl_turn_service(turn), "late");
	int64_t age_ms = pl_turn_now_ms(turn) - p->at_ms;

	if (!p->at_ms)
		return PL_OK;
	if (late_s && age_ms > late_s * 1000)
		return pl_fail(PL_STATE,
			       "atMs: the event is %lld s old; older than %lld s it is too late",
			       (long long)(age_ms / 1000), (long long)late_s);
	if (age_ms < -POSTED_AHEAD_MS)
		return pl_fail(PL_INVALID,
			       "atMs: that is in %lld s; milliseconds since 1970 are wanted, and "
			       "clocks that agree",
			       (long long)(-age_ms / 1000));
	return PL_OK;
}
