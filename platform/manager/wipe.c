/*
 * wipe.c — see wipe.h.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "platform/manager/wipe.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "pelago/store.h"
#include "platform/setup/setup.h"

static enum pl_err remove_files(const char *path)
{
	static const char *const tails[] = { "", "-wal", "-shm", ".lock" };
	enum pl_err err = PL_OK;

	for (size_t i = 0; !err && i < sizeof(tails) / sizeof(tails[0]); i++) {
		char *file = NULL;

		if (asprintf(&file, "%s%s", path, tails[i]) < 0)
			return PL_NOMEM;
		if (unlink(file) != 0 && errno != ENOENT)
			err = pl_fail(PL_IO, "%s: %s", file, strerror(errno));
		free(file);
	}
	return err;
}

/* What a service has on a server is the schema of its name. It goes by a connection to the
 * manager's, as a store's own transactions keep their outcome in its schema. */
static enum pl_err drop_schema(const struct setup *setup, const char *name)
{
	char *url = setup_store_url(setup->store, setup->data, "Manager"), *sql = NULL;
	struct pl_store *store = NULL;
	enum pl_err err = url ? pl_store_open(&store, url) : PL_NOMEM;

	free(url);
	if (!err && asprintf(&sql, "drop schema if exists \"%s\" cascade", name) < 0)
		err = PL_NOMEM;
	if (!err)
		err = pl_store_script(store, sql);
	pl_store_close(store);
	free(sql);
	return err;
}

enum pl_err wipe_database(struct pl_service *service, const char *name)
{
	static const char file_scheme[] = "sqlite:";
	struct setup *setup = NULL;
	char *url = NULL;
	enum pl_err err = setup_read(&setup, pl_service_data(service));

	if (!err)
		url = setup_store_url(setup->store, setup->data, name);
	if (!err && !url)
		err = PL_NOMEM;
	if (!err && strncmp(url, file_scheme, strlen(file_scheme)) == 0)
		err = remove_files(url + strlen(file_scheme));
	else if (!err)
		err = drop_schema(setup, name);
	free(url);
	setup_free(setup);
	return err;
}
