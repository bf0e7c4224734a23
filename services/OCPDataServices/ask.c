/* ask.c — see ask.h. SPDX-License-Identifier: Apache-2.0 */
#include "ask.h"

#include "pelago/json.h"

enum pl_err ask_answer(enum pl_err err, int status, json_t *body, json_t **replyp)
{
	if (err)
		json_decref(body);
	else
		*replyp = json_pack("{s:i, s:o}", "status", status, "body", body);
	return err;
}

const char *ask_user(const json_t *body)
{
	const char *sub = pl_json_get_text(body, "user.sub");

	return *sub ? sub : pl_json_get_text(body, "user.name");
}
