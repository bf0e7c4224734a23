/*
 * opening.c — an `open` frame (spec: web chat, customer's side).
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "opening.h"

#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "pelago/json.h"
#include "text.h"

enum {
	CLIENT_ID_BYTES = 64,
	ATTRIBUTES_MOST = 32,
	ATTRIBUTE_NAME_BYTES = 64,
	ATTRIBUTE_CHARS = 255,
	CONTEXT_BYTES = 16 * 1024,
	CONTEXT_LEVELS = 16, /* others wrap it in levels of theirs, and a reader takes 64 in all */
};

static const struct text_rule name_rule = { "name", 200, false, true };
static const struct text_rule email_rule = { "email", 254, false, false };
static const struct text_rule topic_rule = { "topic", 200, false, false };

/* What no mail could ever be sent to; the rest only a mail can tell. */
static enum pl_err check_email(const char *email)
{
	const char *at = email ? strchr(email, '@') : NULL;

	if (!email)
		return PL_OK;
	if (!at || at == email || !at[1] || strpbrk(email, " \t\"<>(),;"))
		return pl_fail(PL_INVALID, "email: not an address");
	return PL_OK;
}

static enum pl_err read_attributes(json_t **attributesp, const json_t *frame)
{
	json_t *raw = NULL, *value, *clean;
	const char *name;
	enum pl_err err = pl_json_object(&raw, frame, "attributes", ATTRIBUTES_MOST, false);

	if (err)
		return err;
	*attributesp = clean = json_object();
	json_object_foreach(raw, name, value) {
		size_t chars = 0;
		char *text;

		if (!json_is_string(value))
			return pl_fail(PL_INVALID, "attributes: each is a text");
		if (!name[0] || strlen(name) > ATTRIBUTE_NAME_BYTES)
			return pl_fail(PL_INVALID, "attributes: a name has 1 to %d bytes",
				       ATTRIBUTE_NAME_BYTES);
		text = text_clean(&chars, json_string_value(value), false);
		if (!text)
			return PL_NOMEM;
		json_object_set_new(clean, name, json_string(text));
		free(text);
		if (chars > ATTRIBUTE_CHARS)
			return pl_fail(PL_INVALID, "attributes: more than %d characters",
				       ATTRIBUTE_CHARS);
	}
	return PL_OK;
}

static bool is_deeper(const json_t *value, int levels)
{
	const char *name;
	json_t *item;
	size_t i;

	if (!json_is_object(value) && !json_is_array(value))
		return false;
	if (levels == 0)
		return true;
	json_array_foreach(value, i, item)
		if (is_deeper(item, levels - 1))
			return true;
	json_object_foreach((json_t *)value, name, item)
		if (is_deeper(item, levels - 1))
			return true;
	return false;
}

static enum pl_err read_context(json_t **contextp, const json_t *frame)
{
	json_t *context = NULL;
	enum pl_err err = pl_json_object(&context, frame, "context", CONTEXT_BYTES, false);

	if (err)
		return err;
	if (is_deeper(context, CONTEXT_LEVELS))
		return pl_fail(PL_INVALID, "context: more than %d levels", CONTEXT_LEVELS);
	if (context && json_dumpb(context, NULL, 0, JSON_COMPACT) > CONTEXT_BYTES)
		return pl_fail(PL_TOOLARGE, "context: larger than %d bytes", CONTEXT_BYTES);
	*contextp = context ? json_incref(context) : json_object();
	return PL_OK;
}

enum pl_err opening_read(struct opening *opening, const json_t *frame)
{
	enum pl_err err;

	memset(opening, 0, sizeof(*opening));
	err = pl_json_text(&opening->client_id, frame, "clientId", CLIENT_ID_BYTES, false);
	if (!err && opening->client_id && !opening->client_id[0])
		err = pl_fail(PL_INVALID, "clientId is empty");
	if (!err)
		err = text_take(&opening->name, frame, &name_rule);
	if (!err)
		err = text_take(&opening->email, frame, &email_rule);
	if (!err)
		err = check_email(opening->email);
	if (!err)
		err = text_take(&opening->topic, frame, &topic_rule);
	if (!err)
		err = read_attributes(&opening->attributes, frame);
	if (!err)
		err = read_context(&opening->context, frame);
	/* Too long a name or topic is malformed; only what is big is too large. */
	return err == PL_TOOLARGE && !opening->attributes ? PL_INVALID : err;
}

void opening_fini(struct opening *opening)
{
	free(opening->name);
	free(opening->email);
	free(opening->topic);
	json_decref(opening->attributes);
	json_decref(opening->context);
}
