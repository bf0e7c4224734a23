/*
 * names.c — the other names of the program `pelago`, beside it. An archive may hold no links, so
 * they are made where it is unpacked.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "platform/bundle/impl.h"

static const char *const names[] = {
#define NAME(name, option, noun, verb) name,
#include "platform/bundle/names.h"
#undef NAME
};

enum pl_err names_make(const char *folder)
{
	enum pl_err err = PL_OK;

	for (size_t i = 0; !err && i < sizeof(names) / sizeof(names[0]); i++) {
		char *path = NULL;

		if (asprintf(&path, "%s/%s", folder, names[i]) < 0)
			return PL_NOMEM;
		if (symlink("pelago", path) != 0 && errno != EEXIST)
			err = pl_fail(errno == ENOSPC || errno == EDQUOT ? PL_FULL : PL_IO,
				      "%s: %s", path, strerror(errno));
		free(path);
	}
	return err;
}
