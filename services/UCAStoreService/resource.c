/*
 * resource.c — resources as rows, and over HTTP; see resource.h.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "resource.h"

#include <stdlib.h>
#include <string.h>

#include "access.h"
#include "pelago/json.h"
#include "pelago/page.h"

json_t *resource_list(struct pl_turn *turn, const char *kind, const char *after, int64_t limit)
{
	json_t *list = json_array();
	struct pl_rows *rows =
		pl_query(turn,
			 "select body from resource where kind = $1 and name > $2 order by name"
			 " limit $3",
			 "ssi", kind, after, limit);

	while (pl_rows_next(rows))
		json_array_append_new(list, json_loads(pl_rows_text(rows, 0), 0, NULL));
	pl_rows_free(rows);
	return list;
}

json_t *resource_codes(struct pl_turn *turn, const char *kind)
{
	json_t *list = json_array();
	struct pl_rows *rows = pl_query(
		turn, "select name from resource where kind = $1 order by name", "s", kind);

	while (pl_rows_next(rows))
		json_array_append_new(list, json_string(pl_rows_text(rows, 0)));
	pl_rows_free(rows);
	return list;
}

static enum pl_err resource_read(struct pl_turn *turn, const char *kind, const char *name,
				 json_t **objectp)
{
	struct pl_rows *rows = pl_query(
		turn, "select body from resource where kind = $1 and name = $2", "ss", kind, name);

	*objectp = pl_rows_next(rows) ? json_loads(pl_rows_text(rows, 0), 0, NULL) : NULL;
	pl_rows_free(rows);
	if (!*objectp)
		return pl_fail(PL_NOTFOUND, "there is no %.100s among %s", name, kind);
	return PL_OK;
}

static int64_t count(struct pl_turn *turn, const char *kind)
{
	struct pl_rows *rows =
		pl_query(turn, "select count(*) from resource where kind = $1", "s", kind);
	int64_t n = pl_rows_next(rows) ? pl_rows_int(rows, 0) : 0;

	pl_rows_free(rows);
	return n;
}

json_t *resource_removed(void)
{
	return json_pack("{s:b}", "removed", 1);
}

static void tell(struct pl_turn *turn, const struct resource_kind *kind, const char *name,
		 json_t *body)
{
	if (kind->noun)
		pl_emit(turn, kind->noun, "set", name, body);
	else
		json_decref(body);
}

static enum pl_err resource_write(struct pl_turn *turn, const struct resource_kind *kind,
				  const char *name, json_t *object)
{
	char *text = pl_json_dump(object);

	if (!text)
		return PL_NOMEM;
	pl_exec(turn,
		"insert into resource (kind, name, body, changed_ms) values ($1, $2, $3, $4)"
		" on conflict (kind, name) do update set body = excluded.body,"
		" changed_ms = excluded.changed_ms",
		"sssi", kind->kind, name, text, pl_turn_now_ms(turn));
	free(text);
	tell(turn, kind, name, json_incref(object));
	return PL_OK;
}

void resource_demo(struct pl_turn *turn)
{
	static const char *const services[] = { "Billing", "Sales", "Support" };
	const struct resource_kind *kind = NULL;

	if (resource_kind_find(&kind, "services") || count(turn, kind->kind))
		return;
	for (size_t i = 0; i < sizeof(services) / sizeof(services[0]); i++) {
		json_t *object = json_pack("{s:s, s:s, s:b}", "name", services[i], "title",
					   services[i], "survey", 1);

		(void)resource_write(turn, kind, services[i], object);
		json_decref(object);
	}
}

/* ---- HTTP ---- */

static enum pl_err asked(const struct resource_kind **kindp, const char **namep, const json_t *body)
{
	const char *kind = NULL;
	enum pl_err err = pl_json_text(&kind, body, "path.kind", 40, true);

	if (!err)
		err = resource_kind_find(kindp, kind);
	if (!err)
		err = pl_json_text(namep, body, "path.name", RESOURCE_NAME_MAX, true);
	return err;
}

static json_t *ok(json_t *body)
{
	return json_pack("{s:i, s:o}", "status", 200, "body", body);
}

enum pl_err http_resources(struct pl_turn *turn, const json_t *body, json_t **replyp)
{
	const struct resource_kind *kind = NULL;
	const char *name = NULL;
	struct pl_page page;
	json_t *list, *object;
	enum pl_err err = access_check(turn, body);
	size_t i;

	if (!err)
		err = pl_json_text(&name, body, "path.kind", 40, true);
	if (!err)
		err = pl_page_read(&page, json_object_get(body, "query"), name);
	if (!err)
		err = resource_kind_find(&kind, name);
	if (err)
		return err;
	list = resource_list(turn, kind->kind, page.after, page.limit + 1);
	json_array_foreach(list, i, object)
		pl_page_add(&page, json_incref(object), "%s", pl_json_get_text(object, kind->name));
	json_decref(list);
	*replyp = ok(pl_page_answer(&page));
	return *replyp ? PL_OK : PL_NOMEM;
}

enum pl_err http_resource(struct pl_turn *turn, const json_t *body, json_t **replyp)
{
	const struct resource_kind *kind = NULL;
	const char *name = NULL;
	json_t *object = NULL;
	enum pl_err err = access_check(turn, body);

	if (!err)
		err = asked(&kind, &name, body);
	if (!err)
		err = resource_read(turn, kind->kind, name, &object);
	if (!err)
		*replyp = ok(object);
	return err;
}

enum pl_err http_set_resource(struct pl_turn *turn, const json_t *body, json_t **replyp)
{
	const struct resource_kind *kind = NULL;
	const char *name = NULL;
	json_t *given = NULL, *had = NULL;
	enum pl_err err = asked(&kind, &name, body);

	if (!err)
		err = pl_json_object(&given, body, "body", 40, true);
	if (!err)
		err = resource_check(kind, name, given);
	if (err)
		return err;
	if (resource_read(turn, kind->kind, name, &had) && count(turn, kind->kind) >= RESOURCES_MAX)
		return pl_fail(PL_TOOLARGE, "there are %d %s already; delete one first",
			       RESOURCES_MAX, kind->kind);
	json_decref(had);
	given = json_copy(given);
	json_object_set_new(given, kind->name, json_string(name));
	err = resource_write(turn, kind, name, given);
	if (err)
		json_decref(given);
	else
		*replyp = ok(given);
	return err;
}

enum pl_err http_delete_resource(struct pl_turn *turn, const json_t *body, json_t **replyp)
{
	const struct resource_kind *kind = NULL;
	const char *name = NULL;
	json_t *object = NULL;
	enum pl_err err = asked(&kind, &name, body);

	if (!err)
		err = resource_read(turn, kind->kind, name, &object);
	if (err)
		return err;
	pl_exec(turn, "delete from resource where kind = $1 and name = $2", "ss", kind->kind, name);
	tell(turn, kind, name, resource_removed());
	*replyp = ok(object);
	return PL_OK;
}

/* Only what a desk shows of a routing service. */
static json_t *titles(struct pl_turn *turn)
{
	json_t *list = resource_list(turn, "services", "", RESOURCES_MAX), *shown = json_array();
	json_t *service;
	size_t i;

	json_array_foreach(list, i, service) {
		const char *name = pl_json_get_text(service, "name");
		const char *title = pl_json_get_text(service, "title");

		json_array_append_new(shown, json_pack("{s:s, s:s}", "name", name, "title",
						       *title ? title : name));
	}
	json_decref(list);
	return shown;
}

enum pl_err http_desk(struct pl_turn *turn, const json_t *body, json_t **replyp)
{
	(void)body;
	*replyp = ok(json_pack("{s:o, s:o, s:o, s:o}", "reasons",
			       resource_list(turn, "reasons", "", RESOURCES_MAX), "dispositions",
			       resource_list(turn, "dispositions", "", RESOURCES_MAX), "texts",
			       resource_list(turn, "texts", "", RESOURCES_MAX), "services",
			       titles(turn)));
	return *replyp ? PL_OK : PL_NOMEM;
}
