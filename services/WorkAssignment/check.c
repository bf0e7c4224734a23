/*
 * check.c — what may be asked for.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include <stdio.h>
#include <string.h>

#include "engines/routing/plan.h"
#include "routing.h"
#include "work.h"

#define ID_LETTERS "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_-"

/* A dot would make two tokens of a stream's name. */
enum pl_err contact_id_check(const char **idp, const json_t *body)
{
	enum pl_err err = pl_json_text(idp, body, "contactId", ID_BYTES, true);

	if (!err && (!**idp || (*idp)[strspn(*idp, ID_LETTERS)]))
		err = pl_fail(PL_INVALID, "contactId: letters, digits, _ and - only");
	return err;
}

enum pl_err work_check(struct work *work, const json_t *body)
{
	const char *id = NULL, *channel = NULL, *service = NULL;
	enum pl_err err;

	*work = (struct work){ .state = WORK_NONE, .excluded = json_array() };
	if (!work->excluded)
		return PL_NOMEM;
	err = contact_id_check(&id, body);
	if (!err)
		err = pl_json_text(&channel, body, "channel", CHANNEL_BYTES, true);
	if (!err && (!*channel || channel[strspn(channel, ID_LETTERS)]))
		err = pl_fail(PL_INVALID, "channel: letters, digits, _ and - only");
	if (!err)
		err = pl_json_text(&service, body, "service", SERVICE_BYTES, false);
	if (!err)
		err = plan_new(&work->plan, body, routing_find(service ? service : ""));
	if (err)
		return err;
	snprintf(work->id, sizeof(work->id), "%s", id);
	snprintf(work->channel, sizeof(work->channel), "%s", channel);
	snprintf(work->service, sizeof(work->service), "%s", plan_service(work->plan, 0));
	return PL_OK;
}
