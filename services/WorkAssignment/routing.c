/*
 * routing.c — see routing.h.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "routing.h"

#include <stdlib.h>
#include <string.h>

#include "engines/routing/hours.h"
#include "pelago/json.h"
#include "pelago/log.h"
#include "engines/routing/plan.h"

static json_t *services; /* name: definition */

const json_t *routing_find(const char *service)
{
	return json_object_get(services, service);
}

/* A definition that a plan can't be made of would refuse every contact: it is kept out. */
static enum pl_err check(const char *name, const json_t *definition)
{
	json_t *request = json_pack("{s:s}", "service", name), *plan = NULL;
	enum pl_err err = hours_check(json_object_get(definition, "hours"));

	if (!err)
		err = plan_new(&plan, request, definition);
	json_decref(request);
	json_decref(plan);
	return err;
}

enum pl_err on_service_set(struct pl_turn *turn, const struct pl_event *event)
{
	bool removed = json_is_true(json_object_get(event->body, "removed"));
	enum pl_err err = PL_OK;
	char *text;

	if (!*event->key || strlen(event->key) > PLAN_TEXT_MAX)
		return pl_fail(PL_INVALID, "a service's name is missing or longer than %d bytes",
			       PLAN_TEXT_MAX);
	if (!removed)
		err = check(event->key, event->body);
	if (err)
		return err;
	if (removed) {
		pl_exec(turn, "delete from service where name = $1", "s", event->key);
		json_object_del(services, event->key);
		return PL_OK;
	}
	text = pl_json_dump(event->body);
	if (!text)
		return PL_NOMEM;
	pl_exec(turn,
		"insert into service (name, definition) values ($1, $2)"
		" on conflict (name) do update set definition = excluded.definition",
		"ss", event->key, text);
	free(text);
	return json_object_set(services, event->key, (json_t *)(uintptr_t)event->body) ? PL_NOMEM
										       : PL_OK;
}

enum pl_err routing_load(struct pl_turn *turn)
{
	struct pl_rows *rows = pl_query(turn, "select name, definition from service", "");
	enum pl_err err;

	json_decref(services);
	services = json_object();
	while (pl_rows_next(rows)) {
		json_t *definition = json_loads(pl_rows_text(rows, 1), 0, NULL);

		if (definition)
			json_object_set_new(services, pl_rows_text(rows, 0), definition);
		else
			pl_log(ERROR, "service.unreadable", NULL, "service=%s",
			       pl_rows_text(rows, 0));
	}
	err = pl_rows_err(rows);
	pl_rows_free(rows);
	return err;
}

static json_t *time_or_null(int64_t at_ms)
{
	return at_ms ? json_integer((json_int_t)at_ms) : json_null();
}

/* {service} → {open, opensAtMs, closesAtMs, holiday}; a service of which nothing is said is open.
 */
enum pl_err op_hours(struct pl_turn *turn, const json_t *body, json_t **replyp)
{
	const char *service = NULL;
	struct hours_at at;
	enum pl_err err = pl_json_text(&service, body, "service", PLAN_TEXT_MAX, true);

	if (err)
		return err;
	hours_at(&at, json_object_get(routing_find(service), "hours"), pl_turn_now_ms(turn));
	*replyp = json_pack("{s:b, s:o, s:o, s:s?}", "open", at.open, "opensAtMs",
			    time_or_null(at.opens_ms), "closesAtMs", time_or_null(at.closes_ms),
			    "holiday", at.holiday);
	return PL_OK;
}
