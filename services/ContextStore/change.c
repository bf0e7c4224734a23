/* change.c — see change.h. SPDX-License-Identifier: Apache-2.0 */
#include "change.h"

#include <string.h>

#include "pelago/json.h"

static const char *const texts[] = { "groupId", "routingId", "topic", "tenantId" };

bool context_id_is_good(const char *id)
{
	size_t chars = 0;

	for (const unsigned char *c = (const unsigned char *)id; *c; c++) {
		if (*c < 0x20 || *c == 0x7f)
			return false;
		chars += (*c & 0xc0) != 0x80;
	}
	return chars >= 1 && chars <= ID_CHARS;
}

static enum pl_err check_id(const json_t *value, const char *name)
{
	const char *text = json_string_value(value);

	if (!text || !context_id_is_good(text))
		return pl_fail(PL_INVALID, "%s is not a text of 1 to %d characters", name,
			       ID_CHARS);
	return PL_OK;
}

static enum pl_err check_aliases(const json_t *list)
{
	json_t *alias;
	enum pl_err err = PL_OK;
	size_t i;

	if (!json_is_array(list) || json_array_size(list) > ALIASES_MAX)
		return pl_fail(PL_INVALID, "aliasIds is not a list of at most %d", ALIASES_MAX);
	json_array_foreach(list, i, alias) {
		if (!err)
			err = check_id(alias, "an alias");
		for (size_t j = 0; !err && j < i; j++)
			if (json_equal(alias, json_array_get(list, j)))
				err = pl_fail(PL_INVALID, "aliasIds has one twice");
	}
	return err;
}

static enum pl_err check(const json_t *change)
{
	json_t *data = json_object_get(change, "data"),
	       *aliases = json_object_get(change, "aliasIds"),
	       *exported = json_object_get(change, "persistToEDM");
	enum pl_err err = PL_OK;

	if (data && !json_is_object(data))
		return pl_fail(PL_INVALID, "data is not an object");
	for (size_t i = 0; !err && i < sizeof(texts) / sizeof(texts[0]); i++) {
		json_t *value = json_object_get(change, texts[i]);

		if (value && !json_is_null(value))
			err = check_id(value, texts[i]);
	}
	if (!err && aliases && !json_is_null(aliases))
		err = check_aliases(aliases);
	if (!err && exported && !json_is_null(exported) && !json_is_boolean(exported))
		err = pl_fail(PL_INVALID, "persistToEDM is neither true nor false");
	return err;
}

static void put(json_t *object, const char *name, json_t *value)
{
	if (json_is_null(value))
		json_object_del(object, name);
	else if (value)
		json_object_set(object, name, value);
}

static json_t *merged(const json_t *data, const json_t *change)
{
	json_t *all = data ? json_copy((json_t *)data) : json_object(), *value;
	const char *name;

	json_object_foreach((json_t *)change, name, value)
		put(all, name, value);
	return all;
}

enum pl_err change_apply(json_t *entry, const json_t *change)
{
	enum pl_err err = check(change);
	json_t *data;

	if (err)
		return err;
	data = merged(json_object_get(entry, "data"), json_object_get(change, "data"));
	if (!data)
		return PL_NOMEM;
	if (json_dumpb(data, NULL, 0, JSON_COMPACT) > DATA_MAX) {
		json_decref(data);
		return pl_fail(PL_TOOLARGE, "data is larger than %d KiB", DATA_MAX / 1024);
	}
	json_object_set_new(entry, "data", data);
	for (size_t i = 0; i < sizeof(texts) / sizeof(texts[0]); i++)
		put(entry, texts[i], json_object_get(change, texts[i]));
	put(entry, "aliasIds", json_object_get(change, "aliasIds"));
	put(entry, "persistToEDM", json_object_get(change, "persistToEDM"));
	return PL_OK;
}
