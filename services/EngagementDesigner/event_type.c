/* event_type.c — see event_type.h. SPDX-License-Identifier: Apache-2.0 */
#include "event_type.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "engines/schema/schema.h"
#include "pelago/json.h"
#include "pelago/log.h"
#include "pelago/page.h"

static const char own_family[] = "Contact";

static const struct own {
	const char *family, *type;
	int version;
	const char *title, *schema;
} own[] = {
#define EVENT_TYPE(family, type, version, title, schema) { family, type, version, title, schema },
#include "event_table.h"
#undef EVENT_TYPE
};
enum { OWN = sizeof(own) / sizeof(own[0]) };

/* ---- names ---- */

static bool is_word(const char *text, size_t len)
{
	return len > 0 && len <= EVENT_WORD_MAX &&
	       strspn(text, "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789_-") >=
		       len;
}

enum pl_err event_name_read(struct event_name *name, const char *text)
{
	const char *dot = strchr(text, '.'), *type = dot ? dot + 1 : text;
	size_t family_len = dot ? (size_t)(dot - text) : sizeof(own_family) - 1;

	if (!is_word(type, strlen(type)) || (dot && !is_word(text, family_len)))
		return pl_fail(PL_INVALID,
			       "an event is called FAMILY.TYPE, each of at most %d letters, "
			       "digits, _ and -; of the family %s by its type alone",
			       EVENT_WORD_MAX, own_family);
	snprintf(name->family, sizeof(name->family), "%.*s", (int)family_len,
		 dot ? text : own_family);
	snprintf(name->type, sizeof(name->type), "%s", type);
	return PL_OK;
}

void event_name_text(char text[EVENT_NAME_MAX_BYTES + 1], const char *family, const char *type)
{
	if (event_is_own(family))
		snprintf(text, EVENT_NAME_MAX_BYTES + 1, "%s", type);
	else
		snprintf(text, EVENT_NAME_MAX_BYTES + 1, "%s.%s", family, type);
}

bool event_is_own(const char *family)
{
	return strcmp(family, own_family) == 0;
}

static enum pl_err no_such(const char *name, int64_t version)
{
	if (version)
		return pl_fail(PL_NOTFOUND, "there is no version %ld of event %s in the catalogue",
			       (long)version, name);
	return pl_fail(PL_NOTFOUND, "there is no event %s in the catalogue", name);
}

/* ---- what is kept ---- */

#define COLUMNS "family, type, version, title, registered_ms, registered_by, withdrawn_ms, schema "

static json_t *type_json(const char *family, const char *type, int64_t version, const char *title)
{
	char name[EVENT_NAME_MAX_BYTES + 1];

	event_name_text(name, family, type);
	return json_pack("{s:s, s:s, s:s, s:I, s:s, s:b}", "name", name, "family", family, "type",
			 type, "version", (json_int_t)version, "title", title, "builtIn",
			 event_is_own(family));
}

static json_t *own_json(const struct own *o)
{
	json_t *json = type_json(o->family, o->type, o->version, o->title);

	json_object_set_new(json, "withdrawn", json_false());
	return json;
}

static json_t *row_json(const struct pl_rows *rows)
{
	json_t *json = type_json(pl_rows_text(rows, 0), pl_rows_text(rows, 1), pl_rows_int(rows, 2),
				 pl_rows_text(rows, 3));

	json_object_set_new(json, "withdrawn", json_boolean(pl_rows_int(rows, 6) > 0));
	json_object_set_new(json, "registeredMs", json_integer(pl_rows_int(rows, 4)));
	json_object_set_new(json, "registeredBy", json_string(pl_rows_text(rows, 5)));
	return json;
}

/* The version with its schema, or with 0 the highest that isn't withdrawn (the highest of all, if
 * they all are); NULL if there is none. */
static json_t *find(struct pl_turn *turn, const struct event_name *name, int64_t version)
{
	struct pl_rows *rows;
	json_t *found = NULL;

	for (size_t i = 0; i < OWN; i++)
		if (strcmp(own[i].family, name->family) == 0 &&
		    strcmp(own[i].type, name->type) == 0 &&
		    (!version || own[i].version == version)) {
			json_decref(found);
			found = own_json(&own[i]);
			json_object_set_new(found, "schema", json_loads(own[i].schema, 0, NULL));
		}
	if (found)
		return found;
	rows = pl_query(
		turn,
		"select " COLUMNS "from event_type where family = $1 and type = $2 and "
		"(version = $3 or $3 = 0) order by case when withdrawn_ms > 0 then 1 else 0 "
		"end, version desc limit 1",
		"ssi", name->family, name->type, version);
	if (pl_rows_next(rows)) {
		found = row_json(rows);
		json_object_set_new(found, "schema",
				    json_loads(pl_rows_text(rows, 7), JSON_DECODE_ANY, NULL));
	}
	pl_rows_free(rows);
	return found;
}

bool event_type_known(struct pl_turn *turn, const char *text)
{
	struct event_name name;
	json_t *found;
	bool known;

	if (event_name_read(&name, text)) {
		pl_err_clear();
		return false;
	}
	found = find(turn, &name, 0);
	known = found && !json_is_true(json_object_get(found, "withdrawn"));
	json_decref(found);
	return known;
}

/* ---- operations ---- */

/* {cursor, limit} → {items:[…], cursor}, by family, type and version */
enum pl_err op_event_types(struct pl_turn *turn, const json_t *body, json_t **replyp)
{
	struct pl_page page;
	struct pl_rows *rows;
	enum pl_err err = pl_page_read(&page, body, "event-types");

	if (err)
		return err;
	for (size_t i = 0; i < OWN; i++)
		pl_page_keep(&page, own_json(&own[i]), "%s.%s:%07d", own[i].family, own[i].type,
			     own[i].version);
	rows = pl_query(turn, "select " COLUMNS "from event_type",
			""); /* EVENT_TYPES_MAX at most */
	while (pl_rows_next(rows))
		pl_page_keep(&page, row_json(rows), "%s.%s:%07d", pl_rows_text(rows, 0),
			     pl_rows_text(rows, 1), (int)pl_rows_int(rows, 2));
	pl_rows_free(rows);
	*replyp = pl_page_answer(&page);
	return *replyp ? PL_OK : PL_NOMEM;
}

static enum pl_err read_name(const char **textp, struct event_name *name, int64_t *versionp,
			     const json_t *body)
{
	enum pl_err err = pl_json_text(textp, body, "name", EVENT_NAME_MAX_BYTES, true);

	if (!err)
		err = event_name_read(name, *textp);
	if (!err)
		err = pl_json_int(versionp, body, "version", 1, EVENT_VERSION_MAX, false);
	return err;
}

static int64_t count_rules(struct pl_turn *turn, const char *name)
{
	struct pl_rows *rows = pl_query(
		turn, "select count(*) from rule where event = $1 and enabled = 1", "s", name);
	int64_t n = pl_rows_next(rows) ? pl_rows_int(rows, 0) : 0;

	pl_rows_free(rows);
	return n;
}

/* {name, version} → {name, …, rules, schema}; without a version the newest that is taken */
enum pl_err op_event_type(struct pl_turn *turn, const json_t *body, json_t **replyp)
{
	const char *text = NULL;
	struct event_name name;
	int64_t version = 0;
	enum pl_err err = read_name(&text, &name, &version, body);

	if (err)
		return err;
	*replyp = find(turn, &name, version);
	if (!*replyp)
		return no_such(text, version);
	json_object_set_new(*replyp, "rules",
			    json_integer(count_rules(turn, pl_json_get_text(*replyp, "name"))));
	return PL_OK;
}

struct registration {
	const char *family, *type, *title, *by;
	int64_t version;
	json_t *schema; /* borrowed */
};

static enum pl_err check_word(const char *what, const char *text)
{
	if (is_word(text, strlen(text)))
		return PL_OK;
	return pl_fail(PL_INVALID, "%s: at most %d letters, digits, _ and - are allowed", what,
		       EVENT_WORD_MAX);
}

static enum pl_err read_registration(struct registration *r, const json_t *body)
{
	enum pl_err err = pl_json_text(&r->family, body, "family", 200, true);

	if (!err)
		err = check_word("family", r->family);
	if (!err && event_is_own(r->family))
		err = pl_fail(PL_INVALID, "family: %s is Pelago's own; choose another", r->family);
	if (!err)
		err = pl_json_text(&r->type, body, "type", 200, true);
	if (!err)
		err = check_word("type", r->type);
	if (!err)
		err = pl_json_int(&r->version, body, "version", 1, EVENT_VERSION_MAX, true);
	if (!err)
		err = pl_json_text(&r->title, body, "title", TITLE_MAX, false);
	if (!err)
		err = pl_json_text(&r->by, body, "by", 200, false);
	if (!err)
		err = pl_json_object(&r->schema, body, "schema", 1000, true);
	r->title = r->title ? r->title : "";
	r->by = r->by ? r->by : "";
	return err ? err : schema_check(r->schema);
}

static enum pl_err schema_text(char **textp, const json_t *schema)
{
	char *text = pl_json_dump(schema);

	if (!text)
		return pl_fail(PL_NOMEM, "out of memory");
	if (strlen(text) > EVENT_SCHEMA_MAX) {
		free(text);
		return pl_fail(PL_TOOLARGE, "schema: it is larger than %d bytes", EVENT_SCHEMA_MAX);
	}
	*textp = text;
	return PL_OK;
}

static enum pl_err check_room(struct pl_turn *turn)
{
	struct pl_rows *rows = pl_query(turn, "select count(*) from event_type", "");
	int64_t count = pl_rows_next(rows) ? pl_rows_int(rows, 0) : 0;

	pl_rows_free(rows);
	if (count < EVENT_TYPES_MAX)
		return PL_OK;
	return pl_fail(PL_TOOLARGE, "the catalogue has %d versions of events, no more are kept",
		       EVENT_TYPES_MAX);
}

static void write(struct pl_turn *turn, const struct registration *r, const char *schema)
{
	pl_exec(turn,
		"insert into event_type (family, type, version, title, schema, registered_ms, "
		"registered_by, withdrawn_ms) values ($1, $2, $3, $4, $5, $6, $7, 0) "
		"on conflict (family, type, version) do update set title = excluded.title, "
		"withdrawn_ms = 0",
		"ssissis", r->family, r->type, r->version, r->title, schema, pl_turn_now_ms(turn),
		r->by);
	pl_log(INFO, "event-type.registered", NULL, "event=%s.%s version=%ld by=%s", r->family,
	       r->type, (long)r->version, r->by);
}

/* {family, type, version, title, schema, by} → {name, …, schema, created}: the same again changes
 * nothing, but brings back what was withdrawn */
enum pl_err op_register_event(struct pl_turn *turn, const json_t *body, json_t **replyp)
{
	struct registration r = { 0 };
	struct event_name name;
	json_t *before = NULL;
	char *schema = NULL;
	enum pl_err err = read_registration(&r, body);

	if (!err)
		err = schema_text(&schema, r.schema);
	if (err)
		return err;
	snprintf(name.family, sizeof(name.family), "%s", r.family);
	snprintf(name.type, sizeof(name.type), "%s", r.type);
	before = find(turn, &name, r.version);
	if (!before)
		err = check_room(turn);
	else if (!json_equal(json_object_get(before, "schema"), r.schema))
		err = pl_fail(PL_STATE,
			      "version %ld of %s.%s has another schema, and versions never change: "
			      "register it as a new version",
			      (long)r.version, r.family, r.type);
	if (!err) {
		write(turn, &r, schema);
		*replyp = find(turn, &name, r.version);
		json_object_set_new(*replyp, "created", json_boolean(!before));
	}
	json_decref(before);
	free(schema);
	return err;
}

/* {name, version} → {name, version, withdrawn, rules}: it isn't taken any more; so many rules that
 * are on name an event of that name */
enum pl_err op_withdraw_event(struct pl_turn *turn, const json_t *body, json_t **replyp)
{
	const char *text = NULL;
	struct event_name name;
	int64_t version = 0;
	json_t *found;
	enum pl_err err = read_name(&text, &name, &version, body);

	if (!err && !version)
		err = pl_fail(PL_INVALID, "version is missing");
	if (err)
		return err;
	found = find(turn, &name, version);
	if (!found)
		return no_such(text, version);
	json_decref(found);
	if (event_is_own(name.family))
		return pl_fail(PL_STATE, "event %s is Pelago's own: it can't be withdrawn", text);
	pl_exec(turn,
		"update event_type set withdrawn_ms = $4 where family = $1 and type = $2 and "
		"version = $3 and withdrawn_ms = 0",
		"ssii", name.family, name.type, version, pl_turn_now_ms(turn));
	pl_log(INFO, "event-type.withdrawn", NULL, "event=%s version=%ld", text, (long)version);
	*replyp = json_pack("{s:s, s:I, s:b, s:I}", "name", text, "version", (json_int_t)version,
			    "withdrawn", 1, "rules", (json_int_t)count_rules(turn, text));
	return PL_OK;
}

/* {family, type, version, payload} → {name, version}: whether such an event is taken from outside;
 * without a version it is one of the newest */
enum pl_err op_check_event(struct pl_turn *turn, const json_t *body, json_t **replyp)
{
	struct registration r = { 0 };
	struct event_name name = { 0 };
	char text[EVENT_NAME_MAX_BYTES + 1];
	json_t *payload = NULL, *found = NULL;
	enum pl_err err = pl_json_text(&r.family, body, "family", EVENT_WORD_MAX, true);

	if (!err)
		err = pl_json_text(&r.type, body, "type", EVENT_WORD_MAX, true);
	if (!err)
		err = pl_json_int(&r.version, body, "version", 1, EVENT_VERSION_MAX, false);
	if (!err)
		err = pl_json_object(&payload, body, "payload", EVENT_MEMBERS_MAX, true);
	if (err)
		return err;
	snprintf(name.family, sizeof(name.family), "%s", r.family);
	snprintf(name.type, sizeof(name.type), "%s", r.type);
	event_name_text(text, r.family, r.type);
	if (event_is_own(r.family))
		return pl_fail(PL_FORBIDDEN, "family: events of %s are Pelago's own", r.family);
	found = find(turn, &name, r.version);
	if (!found)
		return no_such(text, r.version);
	r.version = json_integer_value(json_object_get(found, "version"));
	if (json_is_true(json_object_get(found, "withdrawn")))
		err = pl_fail(PL_STATE, "version %ld of event %s is withdrawn", (long)r.version,
			      text);
	else
		err = schema_fits(json_object_get(found, "schema"), payload, "payload");
	if (!err)
		*replyp = json_pack("{s:s, s:I}", "name", text, "version", (json_int_t)r.version);
	json_decref(found);
	return err;
}
