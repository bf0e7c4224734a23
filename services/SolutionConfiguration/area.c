/*
 * area.c — attributes by area. One that several services have under the same name is one item, with
 * what it is in each of them.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include <string.h>

#include "pelago/json.h"
#include "pelago/page.h"
#include "solution.h"

static bool is_same(const json_t *a, const json_t *b)
{
	return json_equal(json_object_get(a, "area"), json_object_get(b, "area")) &&
	       json_equal(json_object_get(a, "name"), json_object_get(b, "name"));
}

static json_t *target_of(const json_t *item)
{
	static const char *const members[] = { "service", "key",	 "effective",
					       "origin",  "originPlace", "setOutside" };
	json_t *target = json_object();

	for (size_t i = 0; i < sizeof(members) / sizeof(members[0]); i++)
		json_object_set(target, members[i], json_object_get(item, members[i]));
	return target;
}

static json_t *group_of(const json_t *item)
{
	static const char *const members[] = { "area", "name",	  "type",   "unit", "least",
					       "most", "pattern", "values", "text" };
	json_t *value = json_object_get(json_object_get(item, "overrides"), "solution");
	json_t *group = json_object();

	for (size_t i = 0; i < sizeof(members) / sizeof(members[0]); i++)
		json_object_set(group, members[i], json_object_get(item, members[i]));
	json_object_set(group, "value", value ? value : json_null());
	json_object_set_new(group, "targets", json_array());
	return group;
}

static json_t *groups_of(const json_t *items)
{
	json_t *groups = json_array(), *item, *group;
	size_t i, k;

	json_array_foreach(items, i, item) {
		json_t *found = NULL;

		json_array_foreach(groups, k, group) {
			if (is_same(group, item))
				found = group;
		}
		if (!found) {
			found = group_of(item);
			json_array_append_new(groups, found);
		}
		json_array_append_new(json_object_get(found, "targets"), target_of(item));
	}
	return groups;
}

void area_list(struct pl_turn *turn, struct pl_held *held, const json_t *gathered)
{
	json_t *groups, *group, *list;
	struct pl_page page;
	size_t i;
	enum pl_err err = pl_page_read(&page, pl_json_get(gathered, "request.query"), "solution");

	if (err) {
		pl_reply_error(turn, held, err, pl_err_detail(err));
		return;
	}
	groups = groups_of(json_object_get(gathered, "items"));
	json_array_foreach(groups, i, group) {
		pl_page_keep(&page, json_incref(group), "%s:%s", pl_json_get_text(group, "area"),
			     pl_json_get_text(group, "name"));
	}
	json_decref(groups);
	list = pl_page_answer(&page);
	if (list)
		json_object_set(list, "version", json_object_get(gathered, "version"));
	pl_reply(turn, held, json_pack("{s:i, s:o}", "status", 200, "body", list));
}

enum pl_err op_attributes(struct pl_turn *turn, const json_t *body, json_t **replyp)
{
	gather(turn, body, GATHER_LIST);
	return PL_OK;
}
