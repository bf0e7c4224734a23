/* subscription.c — see subscription.h. SPDX-License-Identifier: Apache-2.0 */
#include "subscription.h"

#include <curl/curl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "change.h"
#include "pelago/json.h"

enum { URL_BYTES = 2048 };

struct subscription subscriptions[SUBSCRIPTIONS];

static const char *const filters[] = { "groupId", "tenantId", "topic" };
static const char *const operations[] = { "create", "update", "renew", "delete", "expire" };

#define COUNT(list) (sizeof(list) / sizeof(list[0]))

struct subscription *subscription_find(const char *id)
{
	for (int i = 0; i < SUBSCRIPTIONS; i++)
		if (strcmp(subscriptions[i].id, id) == 0)
			return &subscriptions[i];
	return NULL;
}

static void forget(struct subscription *s)
{
	json_decref(s->body);
	memset(s, 0, sizeof(*s));
}

void subscriptions_forget(void)
{
	for (int i = 0; i < SUBSCRIPTIONS; i++)
		forget(&subscriptions[i]);
}

static int64_t count_waiting(struct pl_turn *turn, const char *id)
{
	struct pl_rows *rows =
		pl_query(turn, "select count(*) from notice where subscription = $1", "s", id);
	int64_t count = pl_rows_next(rows) ? pl_rows_int(rows, 0) : 0;

	pl_rows_free(rows);
	return count;
}

void subscriptions_load(struct pl_turn *turn)
{
	struct pl_rows *rows =
		pl_query(turn, "select id, body from subscription order by id limit $1", "i",
			 (int64_t)SUBSCRIPTIONS);

	subscriptions_forget();
	for (int i = 0; pl_rows_next(rows); i++) {
		snprintf(subscriptions[i].id, sizeof(subscriptions[i].id), "%s",
			 pl_rows_text(rows, 0));
		subscriptions[i].body = json_loads(pl_rows_text(rows, 1), 0, NULL);
	}
	pl_rows_free(rows);
	for (int i = 0; i < SUBSCRIPTIONS && subscriptions[i].id[0]; i++)
		subscriptions[i].waiting = count_waiting(turn, subscriptions[i].id);
}

/* ---- what may be written ---- */

static bool is_one_of(const char *text, const char *const *list, size_t count)
{
	for (size_t i = 0; text && i < count; i++)
		if (strcmp(text, list[i]) == 0)
			return true;
	return false;
}

static enum pl_err check_url(const json_t *body)
{
	static const char *const schemes[] = { "http", "https" };
	const char *url = NULL;
	char *scheme = NULL, *host = NULL;
	enum pl_err err = pl_json_text(&url, body, "url", URL_BYTES, true);
	CURLU *parsed;

	if (err)
		return err;
	parsed = curl_url();
	if (!parsed)
		return PL_NOMEM;
	if (curl_url_set(parsed, CURLUPART_URL, url, CURLU_NON_SUPPORT_SCHEME) ||
	    curl_url_get(parsed, CURLUPART_SCHEME, &scheme, 0) ||
	    curl_url_get(parsed, CURLUPART_HOST, &host, 0) || !*host)
		err = pl_fail(PL_INVALID, "url is no address of a receiver");
	else if (!is_one_of(scheme, schemes, COUNT(schemes)))
		err = pl_fail(PL_INVALID, "url is neither http nor https");
	curl_free(scheme);
	curl_free(host);
	curl_url_cleanup(parsed);
	return err;
}

static enum pl_err check_operations(const json_t *body)
{
	json_t *list = NULL, *one;
	enum pl_err err = pl_json_array(&list, body, "operations", COUNT(operations), false);
	size_t i;

	json_array_foreach(list, i, one)
		if (!err && !is_one_of(json_string_value(one), operations, COUNT(operations)))
			err = pl_fail(PL_INVALID,
				      "operations[%zu] is none of create, update, "
				      "renew, delete, expire",
				      i);
	return err;
}

static enum pl_err check_known(const json_t *body)
{
	static const char *const others[] = { "url", "enabled", "operations" };
	const char *name;
	json_t *value;

	json_object_foreach((json_t *)body, name, value)
		if (!is_one_of(name, others, COUNT(others)) &&
		    !is_one_of(name, filters, COUNT(filters)))
			return pl_fail(PL_INVALID, "%.60s is not known", name);
	return PL_OK;
}

enum pl_err subscription_check(const char *id, const json_t *body)
{
	static const char allowed[] = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ"
				      "0123456789-_";
	const char *text = NULL;
	bool enabled;
	enum pl_err err = PL_OK;

	if (!*id || strlen(id) > SUBSCRIPTION_ID_BYTES || id[strspn(id, allowed)])
		return pl_fail(PL_INVALID, "the id is not 1 to %d letters, digits, - and _",
			       SUBSCRIPTION_ID_BYTES);
	err = check_known(body);
	if (!err)
		err = check_url(body);
	if (!err)
		err = pl_json_bool(&enabled, body, "enabled", false);
	for (size_t i = 0; !err && i < COUNT(filters); i++)
		err = pl_json_text(&text, body, filters[i], 4 * ID_CHARS, false);
	return err ? err : check_operations(body);
}

/* ---- in the store ---- */

void subscription_write(struct pl_turn *turn, struct subscription *s, const char *id,
			const json_t *body)
{
	json_t *kept = json_copy((json_t *)body);
	char *text;

	if (!json_object_get(kept, "enabled"))
		json_object_set_new(kept, "enabled", json_true());
	text = pl_json_dump(kept);
	pl_exec(turn,
		"insert into subscription (id, body) values ($1, $2) "
		"on conflict (id) do update set body = excluded.body",
		"ss", id, text);
	free(text);
	if (!s->id[0])
		snprintf(s->id, sizeof(s->id), "%s", id);
	json_decref(s->body);
	s->body = kept;
	s->fails = 0;
	s->next_ms = 0;
	s->last_error[0] = '\0';
}

void subscription_enable(struct pl_turn *turn, struct subscription *s, bool on)
{
	json_t *body = json_copy(s->body);

	json_object_set_new(body, "enabled", json_boolean(on));
	subscription_write(turn, s, s->id, body);
	json_decref(body);
}

void subscription_remove(struct pl_turn *turn, struct subscription *s)
{
	pl_exec(turn, "delete from notice where subscription = $1", "s", s->id);
	pl_exec(turn, "delete from subscription where id = $1", "s", s->id);
	forget(s);
}

/* ---- what it says ---- */

bool subscription_is_on(const struct subscription *s)
{
	return s->id[0] && json_is_true(json_object_get(s->body, "enabled"));
}

bool subscription_wants(const struct subscription *s, const struct context *context,
			const struct touch *touch)
{
	json_t *list = json_object_get(s->body, "operations"), *one;
	bool wants = json_array_size(list) == 0;
	size_t i;

	json_array_foreach(list, i, one)
		wants = wants || strcmp(json_string_value(one), touch->operation) == 0;
	for (i = 0; wants && i < COUNT(filters); i++) {
		const char *text = pl_json_get_text(s->body, filters[i]);

		wants = !*text || strcmp(text, pl_json_get_text(context->entry, filters[i])) == 0;
	}
	return wants;
}

json_t *subscription_shown(const struct subscription *s)
{
	json_t *all = json_copy(s->body);

	json_object_set_new(all, "id", json_string(s->id));
	json_object_set_new(all, "waiting", json_integer(s->waiting));
	json_object_set_new(all, "sent", json_integer(s->sent));
	json_object_set_new(all, "failsInARow", json_integer(s->fails));
	json_object_set_new(all, "lastMs", json_integer(s->last_ms));
	json_object_set_new(all, "lastStatus", json_integer(s->last_status));
	json_object_set_new(all, "lastError", json_string(s->last_error));
	return all;
}
