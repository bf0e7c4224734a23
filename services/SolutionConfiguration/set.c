/*
 * set.c — sets attributes of all services that have them, in one commit of the manager.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include <string.h>
#include <strings.h>

#include "pelago/json.h"
#include "solution.h"

enum { CHANGES_MAX = 500, NAME_MAX = 128 };

/* Appends what one wish {area, name, value} means for each service. */
static enum pl_err add(json_t *changes, const json_t *items, const json_t *wish)
{
	json_t *value = json_object_get(wish, "value"), *item;
	const char *area = NULL, *name = NULL;
	size_t i, before = json_array_size(changes);
	enum pl_err err = pl_json_text(&area, wish, "area", NAME_MAX, true);

	if (!err)
		err = pl_json_text(&name, wish, "name", NAME_MAX, true);
	if (err)
		return err;
	json_array_foreach(items, i, item) {
		if (strcasecmp(pl_json_get_text(item, "area"), area) == 0 &&
		    strcasecmp(pl_json_get_text(item, "name"), name) == 0)
			json_array_append_new(
				changes,
				json_pack("{s:s, s:O, s:O, s:O?}", "level", "solution", "service",
					  json_object_get(item, "service"), "attribute",
					  json_object_get(item, "key"), "value", value));
	}
	return json_array_size(changes) > before
		       ? PL_OK
		       : pl_fail(PL_NOTFOUND, "there is no attribute '%s' in the area '%s'", name,
				 area);
}

void set_run(struct pl_turn *turn, struct pl_held *held, const json_t *gathered)
{
	const json_t *request = json_object_get(gathered, "request"),
		     *wish = json_object_get(request, "body"), *one;
	json_t *changes = json_array();
	enum pl_err err = PL_OK;
	size_t i;

	json_array_foreach(json_object_get(wish, "changes"), i, one) {
		if (!err)
			err = add(changes, json_object_get(gathered, "items"), one);
	}
	if (err) {
		json_decref(changes);
		pl_reply_error(turn, held, err, pl_err_detail(err));
		return;
	}
	pl_ask(turn, "Manager.attributes-commit",
	       manager_request(request, NULL,
			       json_pack("{s:O*, s:O*, s:o}", "expected",
					 json_object_get(wish, "expected"), "note",
					 json_object_get(wish, "note"), "changes", changes)),
	       manager_answered, held, NULL);
}

/* body {expected, note, changes:[{area, name, value}]}; value null: not set from here any more */
enum pl_err op_set_attributes(struct pl_turn *turn, const json_t *body, json_t **replyp)
{
	json_t *wish = NULL, *changes = NULL;
	enum pl_err err = pl_json_object(&wish, body, "body", 8, true);

	if (!err)
		err = pl_json_array(&changes, wish, "changes", CHANGES_MAX, true);
	if (!err)
		gather(turn, body, GATHER_SET);
	return err;
}
