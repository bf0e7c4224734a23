/*
 * alarms.c — see alarms.h.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "platform/cli/alarms.h"

#include <stdlib.h>
#include <string.h>

#include "pelago/json.h"
#include "platform/setup/file.h"

enum { FROZEN_TOLD_MS = 600000 };

void alarms_init(struct alarms *alarms, const struct setup *setup)
{
	alarms->setup = setup;
	alarms->list = json_array();
	alarms->written = NULL; /* what another root has left is written over */
	alarms->frozen_ms = 0;
}

void alarms_fini(struct alarms *alarms)
{
	json_decref(alarms->list);
	json_decref(alarms->written);
}

static size_t index_of(const struct alarms *alarms, const char *key, const char *subject)
{
	json_t *item;
	size_t i;

	json_array_foreach(alarms->list, i, item)
		if (strcmp(pl_json_get_text(item, "key"), key) == 0 &&
		    strcmp(pl_json_get_text(item, "subject"), subject) == 0)
			return i;
	return json_array_size(alarms->list);
}

void alarms_set(struct alarms *alarms, const char *key, const char *subject, const char *reason)
{
	if (index_of(alarms, key, subject) < json_array_size(alarms->list))
		return;
	json_array_append_new(alarms->list, json_pack("{s:s, s:s, s:s}", "key", key, "subject",
						      subject, "reason", reason));
}

void alarms_drop(struct alarms *alarms, const char *key, const char *subject)
{
	size_t i = index_of(alarms, key, subject);

	if (i < json_array_size(alarms->list))
		json_array_remove(alarms->list, i);
}

void alarms_beat(struct alarms *alarms, int64_t now_ms)
{
	char *path;
	json_t *file;

	if (alarms->frozen_ms && now_ms - alarms->frozen_ms > FROZEN_TOLD_MS) {
		alarms_drop(alarms, "bus.frozen", "");
		alarms->frozen_ms = 0;
	}
	if (json_equal(alarms->list, alarms->written))
		return;
	path = setup_path(alarms->setup, "procs/alarms.json");
	file = json_pack("{s:O}", "alarms", alarms->list);
	if (path && file && file_replace_json(path, file, 0600) == PL_OK) {
		json_decref(alarms->written);
		alarms->written = json_deep_copy(alarms->list);
	}
	json_decref(file);
	free(path);
}
