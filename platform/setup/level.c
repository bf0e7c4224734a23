/*
 * level.c — DATA/level: the level of what this host's processes write.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "platform/setup/file.h"
#include "platform/setup/setup.h"

int setup_level(const char *data)
{
	char *path = NULL, *text = NULL;
	int level = 0;

	if (asprintf(&path, "%s/level", data) < 0)
		return 0;
	if (file_read(&text, NULL, path) != PL_OK || sscanf(text, "%d", &level) != 1 || level < 0)
		level = 0;
	pl_err_clear();
	free(text);
	free(path);
	return level;
}

enum pl_err setup_level_set(const char *data, int level)
{
	char *path = NULL, text[32];
	enum pl_err err;

	if (setup_level(data) == level)
		return PL_OK;
	if (asprintf(&path, "%s/level", data) < 0)
		return PL_NOMEM;
	snprintf(text, sizeof(text), "%d\n", level);
	err = file_replace(path, text, strlen(text), 0600);
	free(path);
	return err;
}
