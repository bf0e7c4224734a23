/*
 * setting.c — texts that an administrator may set; numbers are attributes.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include <stdlib.h>
#include <string.h>

#include "designer.h"
#include "pelago/json.h"

static const struct setting {
	const char *name;
	size_t most;
	const char *normal, *text;
} settings[] = {
#define SETTING(name, most, normal, text) { #name, most, normal, text },
#include "attributes.h"
#undef SETTING
};

#define ROWS (sizeof(settings) / sizeof(settings[0]))

static const struct setting *find(const char *name)
{
	for (size_t i = 0; i < ROWS; i++)
		if (strcmp(settings[i].name, name) == 0)
			return &settings[i];
	return NULL;
}

char *setting_get(struct pl_turn *turn, const char *name)
{
	const struct setting *setting = find(name);
	struct pl_rows *rows;
	char *value = NULL;

	pl_assert(setting);
	rows = pl_query(turn, "select value from setting where name = $1", "s", name);
	if (pl_rows_next(rows))
		value = strdup(pl_rows_text(rows, 0));
	pl_rows_free(rows);
	return value ? value : strdup(setting->normal);
}

/* {} → {settings:[{name, value, text}]} */
enum pl_err op_settings(struct pl_turn *turn, const json_t *body, json_t **replyp)
{
	json_t *list = json_array();

	for (size_t i = 0; i < ROWS; i++) {
		char *value = setting_get(turn, settings[i].name);

		json_array_append_new(list, json_pack("{s:s, s:s, s:s}", "name", settings[i].name,
						      "value", value ? value : "", "text",
						      settings[i].text));
		free(value);
	}
	*replyp = json_pack("{s:o}", "settings", list);
	return PL_OK;
}

/* {name, value} → {} */
enum pl_err op_set_setting(struct pl_turn *turn, const json_t *body, json_t **replyp)
{
	const char *name = NULL, *value = NULL;
	const struct setting *setting = NULL;
	enum pl_err err = pl_json_text(&name, body, "name", 40, true);

	if (!err && !(setting = find(name)))
		err = pl_fail(PL_NOTFOUND, "there is no setting %s", name);
	if (!err)
		err = pl_json_text(&value, body, "value", setting->most, true);
	if (!err && !*value)
		err = pl_fail(PL_INVALID, "value: must not be empty");
	if (!err)
		pl_exec(turn,
			"insert into setting (name, value) values ($1, $2) on conflict (name) do "
			"update set value = excluded.value",
			"ss", name, value);
	return err;
}
