/*
 * file.c — what is set from here, to a file and from one: after an upgrade nobody types it again.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include <string.h>

#include "pelago/json.h"
#include "solution.h"

enum { VALUES_MAX = 2000 };

enum pl_err op_export(struct pl_turn *turn, const json_t *body, json_t **replyp)
{
	pl_ask(turn, "Manager.attributes-export",
	       manager_request(body, json_pack("{s:s}", "level", "solution"), NULL),
	       manager_answered, pl_hold(turn), NULL);
	return PL_OK;
}

/* body as the manager's import takes it; its file sets nothing but what is set from here. */
enum pl_err op_import(struct pl_turn *turn, const json_t *body, json_t **replyp)
{
	json_t *wish = NULL, *values = NULL, *value;
	enum pl_err err = pl_json_object(&wish, body, "body", 8, true);
	size_t i;

	if (!err)
		err = pl_json_array(&values, wish, "file.values", VALUES_MAX, true);
	json_array_foreach(values, i, value) {
		if (!err && strcmp(pl_json_get_text(value, "level"), "solution") != 0)
			err = pl_fail(PL_INVALID,
				      "file.values[%zu]: level is '%s'; only what is set through "
				      "SolutionConfiguration is imported here",
				      i, pl_json_get_text(value, "level"));
	}
	if (!err)
		pl_ask(turn, "Manager.attributes-import",
		       manager_request(body, NULL, json_incref(wish)), manager_answered,
		       pl_hold(turn), NULL);
	return err;
}
