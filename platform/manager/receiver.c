/*
 * receiver.c — who is told of alarms, and a queue of notices for each.
 *
 * Notices of a receiver go one after the other, in order; one that isn't taken is tried again, with
 * pauses that grow to PAUSE_MOST_MS, for as long as it takes. Only what an earlier turn has
 * committed is sent: `settled` is the last notice that was made before the last beat.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include <sodium.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "alarm.h"
#include "pelago/json.h"
#include "pelago/log.h"
#include "pelago/metric.h"
#include "pelago/page.h"
#include "seal.h"
#include "sender.h"
#include "snmp_engine.h"

enum {
	RECEIVERS_MAX = 20,
	NAME_MAX_BYTES = 64,
	WAITING_MAX = 10000, /* of one receiver; more aren't queued */
	PAUSE_MOST_MS = 60000,
	FAILS_ALARM = 3, /* in a row, then it is an alarm itself */
};

struct receiver {
	char name[NAME_MAX_BYTES + 1];
	const struct receiver_kind *kind;
	json_t *settings; /* without the secrets */
	char *sealed;	  /* see "secrets", or "" */
	bool is_enabled, is_busy;
	int severity; /* the least that it is told */
	int64_t waiting, sent_ms, next_ms, fails;
	char error[WHY_SIZE];
};

static const struct receiver_kind *const kinds[] = { &mail_kind, &webhook_kind, &snmp_kind,
						     &snmpv3_kind };
static const char *const severities[] = { "warning", "minor", "major", "critical" };

static struct pl_metric sent = { .name = "alarm_notices_sent_total", .text = "Notices taken" };
static struct pl_metric failed = { .name = "alarm_notices_failed_total",
				   .text = "Tries to send a notice that failed" };
static struct pl_metric waiting = { .name = "alarm_notices_waiting",
				    .text = "Notices that wait to be sent",
				    .kind = PL_GAUGE };

static struct receiver receivers[RECEIVERS_MAX];
static int receivers_count;
static struct pl_pool *sender; /* started when there is something to send */
static char newest[27], settled[27];
static int64_t generation; /* of what is in memory: an older result frees nobody */

static struct receiver *find(const char *name)
{
	for (int i = 0; i < receivers_count; i++)
		if (strcmp(receivers[i].name, name) == 0)
			return &receivers[i];
	return NULL;
}

static int severity_of(const char *text)
{
	for (int i = 0; i < 4; i++)
		if (strcmp(severities[i], text) == 0)
			return i;
	return 0;
}

static const struct receiver_kind *kind_of(const char *name)
{
	for (size_t i = 0; i < sizeof(kinds) / sizeof(kinds[0]); i++)
		if (strcmp(kinds[i]->name, name) == 0)
			return kinds[i];
	return NULL;
}

/* ---- from the database ---- */

static void receiver_fini(struct receiver *r)
{
	json_decref(r->settings);
	free(r->sealed);
	memset(r, 0, sizeof(*r));
}

/* Takes what the settings say beside the kind's own. Gives settings. */
static enum pl_err fill(struct receiver *r, json_t *settings, const char *sealed)
{
	char *copy = strdup(sealed);

	r->kind = kind_of(pl_json_get_text(settings, "kind"));
	if (!copy || !r->kind) {
		free(copy);
		json_decref(settings);
		return PL_NOMEM;
	}
	json_decref(r->settings);
	free(r->sealed);
	r->settings = settings;
	r->sealed = copy;
	r->is_enabled = !json_is_false(json_object_get(settings, "enabled"));
	r->severity = severity_of(pl_json_get_text(settings, "severity"));
	return PL_OK;
}

static void read_waiting(struct pl_turn *turn)
{
	struct pl_rows *rows = pl_query(
		turn, "select receiver, count(*), max(id) from alarm_notice group by receiver", "");

	newest[0] = '\0';
	while (pl_rows_next(rows)) {
		struct receiver *r = find(pl_rows_text(rows, 0));

		if (r)
			r->waiting = pl_rows_int(rows, 1);
		if (strcmp(pl_rows_text(rows, 2), newest) > 0)
			snprintf(newest, sizeof(newest), "%s", pl_rows_text(rows, 2));
	}
	pl_rows_free(rows);
	memcpy(settled, newest, sizeof(settled));
}

enum pl_err receiver_rebuild(struct pl_turn *turn)
{
	struct pl_rows *rows;
	enum pl_err err = PL_OK;

	while (receivers_count > 0)
		receiver_fini(&receivers[--receivers_count]);
	generation++;
	rows = pl_query(turn,
			"select name, settings, secret, sent_ms from alarm_receiver order by name",
			"");
	while (!err && receivers_count < RECEIVERS_MAX && pl_rows_next(rows)) {
		struct receiver *r = &receivers[receivers_count++];

		snprintf(r->name, sizeof(r->name), "%s", pl_rows_text(rows, 0));
		r->sent_ms = pl_rows_int(rows, 3);
		err = fill(r, json_loads(pl_rows_text(rows, 1), 0, NULL), pl_rows_text(rows, 2));
	}
	pl_rows_free(rows);
	read_waiting(turn);
	return err;
}

/* ---- secrets: sealed as the text itself where a kind has one, else as a JSON object ---- */

static enum pl_err secrets_open(json_t **secretsp, struct pl_turn *turn, const struct receiver *r)
{
	bool is_one = !r->kind->secrets[1];
	char *text = NULL;
	enum pl_err err = PL_OK;

	if (*r->sealed)
		err = unseal(&text, pl_service_data(pl_turn_service(turn)), r->sealed);
	if (err)
		return err;
	if (!text)
		*secretsp = json_object();
	else
		*secretsp = is_one ? json_pack("{s:s}", r->kind->secrets[0], text)
				   : json_loads(text, 0, NULL);
	if (text)
		sodium_memzero(text, strlen(text));
	free(text);
	return *secretsp ? PL_OK : PL_NOMEM;
}

static enum pl_err secrets_seal(char **sealedp, struct pl_turn *turn,
				const struct receiver_kind *kind, const json_t *secrets)
{
	char *text;
	enum pl_err err;

	if (json_object_size(secrets) == 0) {
		*sealedp = strdup("");
		return *sealedp ? PL_OK : PL_NOMEM;
	}
	text = kind->secrets[1] ? pl_json_dump(secrets)
				: strdup(pl_json_get_text(secrets, kind->secrets[0]));
	err = text ? seal(sealedp, pl_service_data(pl_turn_service(turn)), text) : PL_NOMEM;
	if (text)
		sodium_memzero(text, strlen(text));
	free(text);
	return err;
}

/* ---- queueing ---- */

static void queue(struct pl_turn *turn, struct receiver *r, const char *what, const json_t *alarm)
{
	json_t *notice;
	char *text;

	if (r->waiting >= WAITING_MAX) {
		snprintf(r->error, sizeof(r->error), "%d notices wait already: no more are queued",
			 WAITING_MAX);
		return;
	}
	pl_id(newest);
	notice = json_pack("{s:s, s:s, s:I, s:O}", "id", newest, "what", what, "atMs",
			   (json_int_t)pl_turn_now_ms(turn), "alarm", alarm);
	text = notice ? pl_json_dump(notice) : NULL;
	json_decref(notice);
	if (!text)
		return;
	pl_exec(turn, "insert into alarm_notice (id, receiver, body) values ($1, $2, $3)", "sss",
		newest, r->name, text);
	r->waiting++;
	free(text);
}

void receiver_tell(struct pl_turn *turn, const char *what, const json_t *alarm)
{
	int severity = severity_of(pl_json_get_text(alarm, "severity"));

	for (int i = 0; i < receivers_count; i++)
		if (receivers[i].is_enabled && severity >= receivers[i].severity)
			queue(turn, &receivers[i], what, alarm);
}

/* ---- sending ---- */

static void note_failure(struct pl_turn *turn, struct receiver *r, const char *why)
{
	const struct alarm_name name = { "alarm.undelivered", "Manager", r->name, false };
	int64_t pause_ms = 1000;

	snprintf(r->error, sizeof(r->error), "%s", why);
	for (int64_t i = 0; i < r->fails && pause_ms < PAUSE_MOST_MS; i++)
		pause_ms *= 2;
	r->next_ms = manager_now_ms() + (pause_ms < PAUSE_MOST_MS ? pause_ms : PAUSE_MOST_MS);
	pl_metric_add(&failed, 1);
	if (++r->fails == FAILS_ALARM) {
		pl_log(WARN, "alarm.undelivered", NULL, "receiver=%s: %s", r->name, why);
		if (!alarm_find(&name))
			alarm_raise(turn, &name, why);
	}
}

static void note_success(struct pl_turn *turn, struct receiver *r, const char *id)
{
	const struct alarm_name name = { "alarm.undelivered", "Manager", r->name, false };
	struct pl_rows *rows =
		pl_query(turn, "delete from alarm_notice where id = $1 returning id", "s", id);

	if (pl_rows_next(rows))
		r->waiting--;
	pl_rows_free(rows);
	r->sent_ms = pl_turn_now_ms(turn);
	pl_exec(turn, "update alarm_receiver set sent_ms = $1 where name = $2", "is", r->sent_ms,
		r->name);
	r->fails = r->next_ms = 0;
	r->error[0] = '\0';
	pl_metric_add(&sent, 1);
	alarm_clear(turn, &name);
}

static void send_next(struct pl_turn *turn, struct receiver *r);

enum pl_err receiver_done(struct pl_turn *turn, json_t *result, void *arg)
{
	struct receiver *r = find(pl_json_get_text(result, "context.receiver"));
	const char *error = pl_json_get_text(result, "error");

	if (r) {
		if (json_integer_value(pl_json_get(result, "context.generation")) == generation)
			r->is_busy = false;
		if (*error)
			note_failure(turn, r, error);
		else
			note_success(turn, r, pl_json_get_text(result, "context.id"));
		send_next(turn, r);
	}
	json_decref(result);
	return PL_OK;
}

/* The settings with the secrets in clear, for the sender alone. */
static enum pl_err settings_open(json_t **settingsp, struct pl_turn *turn, const struct receiver *r)
{
	json_t *secrets = NULL, *settings;
	enum pl_err err = secrets_open(&secrets, turn, r);

	if (err)
		return err;
	settings = json_deep_copy(r->settings);
	if (!settings || json_object_update(settings, secrets) ||
	    json_object_set_new(settings, "engine", snmp_engine_get()))
		err = PL_NOMEM;
	json_decref(secrets);
	if (err)
		json_decref(settings);
	else
		*settingsp = settings;
	return err;
}

static enum pl_err put(struct pl_turn *turn, struct receiver *r, const char *id, const char *text)
{
	json_t *settings = NULL;
	enum pl_err err = settings_open(&settings, turn, r);

	if (!err && !sender)
		err = sender_new(&sender, pl_turn_service(turn));
	if (err) {
		json_decref(settings);
		return err;
	}
	return sender_put(sender, r->kind, settings, json_loads(text, 0, NULL),
			  json_pack("{s:s, s:s, s:I}", "receiver", r->name, "id", id, "generation",
				    (json_int_t)generation));
}

static void send_next(struct pl_turn *turn, struct receiver *r)
{
	struct pl_rows *rows;
	enum pl_err err;

	if (!r->is_enabled || r->is_busy || r->waiting == 0 || manager_now_ms() < r->next_ms)
		return;
	rows = pl_query(turn,
			"select id, body from alarm_notice where receiver = $1 and id <= $2 "
			"order by id limit 1",
			"ss", r->name, settled);
	if (pl_rows_next(rows)) {
		err = put(turn, r, pl_rows_text(rows, 0), pl_rows_text(rows, 1));
		r->is_busy = !err;
		if (err)
			note_failure(turn, r, pl_err_detail(err));
	}
	pl_rows_free(rows);
}

void receiver_beat(struct pl_turn *turn)
{
	int64_t all = 0;

	for (int i = 0; i < receivers_count; i++) {
		send_next(turn, &receivers[i]);
		all += receivers[i].waiting;
	}
	pl_metric_set(&waiting, (double)all);
	memcpy(settled, newest, sizeof(settled)); /* for the next beat: another turn */
}

void receiver_stop(void)
{
	pl_pool_free(sender);
	sender = NULL;
	while (receivers_count > 0)
		receiver_fini(&receivers[--receivers_count]);
}

/* ---- operations ---- */

static json_t *view(const struct receiver *r)
{
	json_t *view = json_deep_copy(r->settings);

	json_object_set_new(view, "name", json_string(r->name));
	json_object_set_new(view, "enabled", json_boolean(r->is_enabled));
	json_object_set_new(view, "severity", json_string(severities[r->severity]));
	json_object_set_new(view, "hasSecret", json_boolean(*r->sealed));
	if (r->kind == &snmpv3_kind)
		json_object_set_new(view, "engineId", json_string(snmp_engine_id()));
	json_object_set_new(view, "waiting", json_integer(r->waiting));
	json_object_set_new(view, "sentMs", r->sent_ms ? json_integer(r->sent_ms) : json_null());
	json_object_set_new(view, "error", *r->error ? json_string(r->error) : json_null());
	return view;
}

static enum pl_err answer(json_t **replyp, int status, json_t *body)
{
	*replyp = json_pack("{s:i,s:o}", "status", status, "body", body);
	return *replyp ? PL_OK : PL_NOMEM;
}

enum pl_err op_receivers(struct pl_turn *turn, const json_t *body, json_t **replyp)
{
	struct pl_page page;
	enum pl_err err = pl_page_read(&page, json_object_get(body, "query"), "alarm-receivers");

	for (int i = 0; !err && i < receivers_count; i++)
		pl_page_keep(&page, view(&receivers[i]), "%s", receivers[i].name);
	return err ? err : answer(replyp, 200, pl_page_answer(&page));
}

static enum pl_err read_name(const char **namep, const json_t *body)
{
	enum pl_err err = pl_json_text(namep, body, "path.name", NAME_MAX_BYTES, true);

	if (err)
		return err;
	if (!**namep || strspn(*namep, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ"
				       "0123456789_-.") != strlen(*namep))
		return pl_fail(PL_INVALID, "name: must be letters, digits and _-.");
	if (!*asked_by(body))
		return pl_fail(PL_UNAUTHORIZED, "who asks isn't known");
	return PL_OK;
}

/* Whether the kind takes the settings, with the former secrets where none is given. */
static enum pl_err settings_check(const struct receiver_kind **kindp, const json_t *settings,
				  const json_t *former)
{
	const char *kind = NULL, *severity = NULL;
	bool enabled;
	json_t *whole;
	enum pl_err err;

	if ((err = pl_json_text(&kind, settings, "kind", 20, true)) ||
	    (err = pl_json_text(&severity, settings, "severity", 20, false)) ||
	    (err = pl_json_bool(&enabled, settings, "enabled", false)))
		return err;
	*kindp = kind_of(kind);
	if (!*kindp)
		return pl_fail(PL_INVALID, "kind: must be email, webhook, snmp or snmpv3");
	if (severity && strcmp(severities[severity_of(severity)], severity) != 0)
		return pl_fail(PL_INVALID, "severity: must be warning, minor, major or critical");
	whole = json_copy((json_t *)settings);
	if (whole && former && json_object_update_missing(whole, (json_t *)former))
		err = PL_NOMEM;
	else
		err = whole ? (*kindp)->check(whole) : PL_NOMEM;
	json_decref(whole);
	return err;
}

/* Moves the secrets of settings to *secretsp, which has the former ones. */
static void secrets_take(json_t *secrets, json_t *settings, const struct receiver_kind *kind)
{
	for (const char *const *name = kind->secrets; *name; name++) {
		if (*pl_json_get_text(settings, *name))
			json_object_set(secrets, *name, json_object_get(settings, *name));
		json_object_del(settings, *name);
	}
}

/* What is kept of it: the secrets apart, sealed; without a new one the former stays. Changes
 * former. */
static enum pl_err store(struct pl_turn *turn, struct receiver *r, const json_t *given,
			 json_t *former)
{
	json_t *settings = json_copy((json_t *)given);
	char *sealed = NULL, *text = NULL;
	enum pl_err err = settings ? PL_OK : PL_NOMEM;

	if (!err) {
		secrets_take(former, settings, r->kind);
		json_object_del(settings, "v");
		json_object_del(settings, "engine");
		text = pl_json_dump(settings);
		err = text ? secrets_seal(&sealed, turn, r->kind, former) : PL_NOMEM;
	}
	if (!err) {
		pl_exec(turn,
			"insert into alarm_receiver (name, settings, secret, sent_ms) "
			"values ($1, $2, $3, 0) on conflict (name) do update set "
			"settings = excluded.settings, secret = excluded.secret",
			"sss", r->name, text, sealed);
		err = fill(r, json_incref(settings), sealed);
	}
	json_decref(settings);
	free(sealed);
	free(text);
	return err;
}

enum pl_err op_receiver_set(struct pl_turn *turn, const json_t *body, json_t **replyp)
{
	const struct receiver_kind *kind = NULL;
	const char *name = NULL;
	json_t *given = NULL, *before;
	struct receiver *known, fresh = { 0 }, *r;
	json_t *former = NULL;
	char *was, *became;
	enum pl_err err = read_name(&name, body);

	if (!err)
		err = pl_json_object(&given, body, "body", 30, true);
	if (err)
		return err;
	known = find(name);
	if (known && known->kind == kind_of(pl_json_get_text(given, "kind")))
		err = secrets_open(&former, turn, known);
	else
		former = json_object();
	if (!err)
		err = settings_check(&kind, given, former);
	if (!err && !known && receivers_count == RECEIVERS_MAX)
		err = pl_fail(PL_STATE, "there are %d receivers already", RECEIVERS_MAX);
	if (err) {
		json_decref(former);
		return err;
	}
	before = known ? view(known) : json_null();
	r = known ? known : &fresh;
	snprintf(r->name, sizeof(r->name), "%s", name);
	r->kind = kind;
	err = store(turn, r, given, former);
	json_decref(former);
	if (!err && !known) {
		receivers[receivers_count] = fresh;
		r = &receivers[receivers_count++];
	}
	if (err) {
		json_decref(before);
		if (!known)
			receiver_fini(&fresh);
		return err;
	}
	r->fails = r->next_ms = 0;
	given = view(r);
	was = json_dumps(before, JSON_COMPACT | JSON_ENCODE_ANY);
	became = json_dumps(given, JSON_COMPACT);
	audit_add(turn, body, "alarm-receiver.set", name, was ? was : "", became ? became : "");
	free(was);
	free(became);
	json_decref(before);
	return answer(replyp, 200, given);
}

enum pl_err op_receiver_remove(struct pl_turn *turn, const json_t *body, json_t **replyp)
{
	const char *name = NULL;
	enum pl_err err = read_name(&name, body);
	struct receiver *r = err ? NULL : find(name);
	const struct alarm_name undelivered = { "alarm.undelivered", "Manager", name, false };
	json_t *gone;
	char *was;

	if (err)
		return err;
	if (!r)
		return pl_fail(PL_NOTFOUND, "there is no receiver '%s'", name);
	gone = view(r);
	was = json_dumps(gone, JSON_COMPACT);
	pl_exec(turn, "delete from alarm_receiver where name = $1", "s", name);
	pl_exec(turn, "delete from alarm_notice where receiver = $1", "s", name);
	audit_add(turn, body, "alarm-receiver.remove", name, was ? was : "", "");
	free(was);
	alarm_clear(turn, &undelivered);
	receiver_fini(r);
	memmove(r, r + 1, (size_t)(&receivers[--receivers_count] - r) * sizeof(*r));
	memset(&receivers[receivers_count], 0, sizeof(*r));
	return answer(replyp, 200, gone);
}

enum pl_err op_receiver_test(struct pl_turn *turn, const json_t *body, json_t **replyp)
{
	const char *name = NULL;
	enum pl_err err = read_name(&name, body);
	struct receiver *r = err ? NULL : find(name);
	json_t *alarm;

	if (err)
		return err;
	if (!r)
		return pl_fail(PL_NOTFOUND, "there is no receiver '%s'", name);
	if (!r->is_enabled)
		return pl_fail(PL_STATE, "the receiver '%s' isn't enabled", name);
	alarm = json_pack("{s:s, s:s, s:s, s:s, s:s, s:s, s:s, s:s, s:s, s:s, s:I}", "id", "",
			  "key", "test", "severity", "warning", "state", "raised", "title",
			  "A test of this receiver", "source", "Manager", "subject", "", "reason",
			  "an administrator asked for it", "cause", "", "fix", "", "raisedMs",
			  (json_int_t)pl_turn_now_ms(turn));
	queue(turn, r, "test", alarm);
	json_decref(alarm);
	r->fails = r->next_ms = 0;
	return answer(replyp, 202, view(r));
}
