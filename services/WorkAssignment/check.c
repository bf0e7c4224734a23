/*
 * check.c — what may be asked for.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include <stdio.h>
#include <string.h>

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

static bool is_printable(const char *text)
{
	for (; *text; text++)
		if ((unsigned char)*text < ' ' || *text == 0x7f)
			return false;
	return true;
}

static enum pl_err add_need(json_t *needs, const char *category, const char *value)
{
	char need[ASSIGN_ID_MAX + 1];
	json_t *one;
	size_t i;

	if (!*category || strchr(category, '.') || !*value || !is_printable(category) ||
	    !is_printable(value))
		return pl_fail(
			PL_INVALID,
			"attributes: a category is a text without a dot, a value is one text");
	if (snprintf(need, sizeof(need), "%s.%s", category, value) >= (int)sizeof(need))
		return pl_fail(PL_INVALID,
			       "attributes: category and value together are longer than %d bytes",
			       ASSIGN_ID_MAX - 1);
	json_array_foreach(needs, i, one) {
		if (strcmp(json_string_value(one), need) == 0)
			return PL_OK;
	}
	return json_array_append_new(needs, json_string(need)) ? PL_NOMEM : PL_OK;
}

/* A value that is null wasn't given by the customer: it isn't asked for. */
static enum pl_err check_attributes(struct work *work, const json_t *body)
{
	json_t *attributes = NULL, *value;
	const char *category;
	enum pl_err err = pl_json_object(&attributes, body, "attributes", ATTRIBUTES_MAX, false);

	if (!err)
		err = add_need(work->needs, "Service", work->service);
	json_object_foreach(attributes, category, value) {
		if (err || json_is_null(value))
			continue;
		if (!json_is_string(value) ||
		    strlen(json_string_value(value)) != json_string_length(value))
			err = pl_fail(PL_INVALID, "attributes: the value of %.60s is not a text",
				      category);
		else
			err = add_need(work->needs, category, json_string_value(value));
	}
	return err;
}

enum pl_err work_check(struct work *work, const json_t *body)
{
	const char *id = NULL, *channel = NULL, *service = NULL;
	enum pl_err err;

	*work = (struct work){ .state = WORK_NONE,
			       .priority = ASSIGN_PRIORITY_DEFAULT,
			       .needs = json_array(),
			       .excluded = json_array() };
	if (!work->needs || !work->excluded)
		return PL_NOMEM;
	err = contact_id_check(&id, body);
	if (!err)
		err = pl_json_text(&channel, body, "channel", CHANNEL_BYTES, true);
	if (!err && (!*channel || channel[strspn(channel, ID_LETTERS)]))
		err = pl_fail(PL_INVALID, "channel: letters, digits, _ and - only");
	if (!err)
		err = pl_json_text(&service, body, "service", SERVICE_BYTES, true);
	if (!err && (!*service || !is_printable(service)))
		err = pl_fail(PL_INVALID,
			      "service is empty, or has characters that can't be printed");
	if (!err)
		err = pl_json_int(&work->priority, body, "priority", 1, ASSIGN_PRIORITY_MAX, false);
	if (err)
		return err;
	snprintf(work->id, sizeof(work->id), "%s", id);
	snprintf(work->channel, sizeof(work->channel), "%s", channel);
	snprintf(work->service, sizeof(work->service), "%s", service);
	return check_attributes(work, body);
}
