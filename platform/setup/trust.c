/*
 * trust.c — the development key: what a checkout builds is signed by it, and everybody has it. So
 * only instances that are run from a build folder, or with --demo, trust it.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "platform/setup/file.h"
#include "platform/setup/setup_impl.h"

/* bundles/development.pub */
const char setup_development_key[] =
	"pelago-bundle-key qsTkbZKuO9q7lNINV3jryaZag1SkUYqrw2HTa/HFa9s=";

bool setup_is_build(const char *programs)
{
	char *path = NULL;
	bool is = asprintf(&path, "%s/build.ninja", programs) >= 0 && access(path, F_OK) == 0;

	free(path);
	return is;
}

enum pl_err setup_trust(const struct setup *setup)
{
	char *folder = NULL, *path = NULL;
	enum pl_err err = PL_NOMEM;

	if (!setup->is_demo && !setup_is_build(setup->programs))
		return PL_OK;
	if (asprintf(&folder, "%s/trust", setup->data) >= 0 &&
	    asprintf(&path, "%s/development.pub", folder) >= 0)
		err = folder_make(folder, 0700);
	if (!err && access(path, F_OK) != 0)
		err = file_replace(path, setup_development_key, strlen(setup_development_key),
				   0600);
	free(folder);
	free(path);
	return err;
}
