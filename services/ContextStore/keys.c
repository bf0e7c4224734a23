/* keys.c — see keys.h. SPDX-License-Identifier: Apache-2.0 */
#include "keys.h"

#include <stdlib.h>
#include <string.h>

/* As it is searched for; NULL for what isn't. To be freed. */
static char *text_of(const json_t *value)
{
	char *text = NULL;

	if (json_is_string(value))
		text = strdup(json_string_value(value));
	else if (json_is_number(value) || json_is_boolean(value))
		text = json_dumps(value, JSON_ENCODE_ANY);
	if (text && strlen(text) > KEY_BYTES) {
		free(text);
		text = NULL;
	}
	return text;
}

/* {"name":"text as searched"} */
static json_t *searched(const json_t *data)
{
	json_t *all = json_object(), *value;
	const char *name;

	json_object_foreach((json_t *)data, name, value) {
		char *text = strlen(name) <= KEY_BYTES ? text_of(value) : NULL;

		if (text && json_object_size(all) < KEYS_MAX)
			json_object_set_new(all, name, json_string(text));
		free(text);
	}
	return all;
}

void keys_write(struct pl_turn *turn, const char *context, int64_t made_ms, const json_t *was,
		const json_t *is)
{
	json_t *old = searched(was), *new = searched(is), *value;
	const char *name;

	json_object_foreach(old, name, value)
		if (!json_object_get(new, name))
			pl_exec(turn, "delete from context_key where context = $1 and name = $2",
				"ss", context, name);
	json_object_foreach(new, name, value)
		if (!json_equal(json_object_get(old, name), value))
			pl_exec(turn,
				"insert into context_key (context, name, value, made_ms) "
				"values ($1, $2, $3, $4) on conflict (context, name) do update "
				"set value = excluded.value, made_ms = excluded.made_ms",
				"sssi", context, name, json_string_value(value), made_ms);
	json_decref(old);
	json_decref(new);
}

void keys_forget(struct pl_turn *turn, const char *context)
{
	pl_exec(turn, "delete from context_key where context = $1", "s", context);
}
