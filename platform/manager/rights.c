/*
 * rights.c — see rights.h.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "platform/manager/rights.h"

#include <errno.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "pelago/json.h"
#include "pelago/log.h"
#include "platform/manager/manager.h"
#include "platform/setup/file.h"
#include "platform/setup/setup.h"
#include "platform/supervise/lock.h"

/* What all of a service's manifests name together; NULL if there is none. */
static json_t *unite(const char *service, const json_t *manifest)
{
	json_t *united = manifest ? json_deep_copy(manifest) : NULL;

	for (const struct placed *s = model.services; s; s = s->next)
		if (strcmp(s->name, service) == 0 && !united)
			united = json_deep_copy(s->manifest);
		else if (strcmp(s->name, service) == 0)
			manifest_widen(united, s->manifest);
	for (const struct switched *s = model.switched; s; s = s->next)
		if (strcmp(s->name, service) == 0 && united)
			manifest_widen(united, s->manifest);
	return united;
}

/* True if the file changed. */
static enum pl_err write_manifest(bool *changedp, const struct setup *setup, const char *service,
				  const json_t *united)
{
	char *folder = setup_path(setup, "bus/manifests"),
	     *path = setup_path(setup, "bus/manifests/%s.json", service);
	json_t *before = NULL;
	enum pl_err err = folder && path ? PL_OK : PL_NOMEM;

	if (!err && file_read_json(&before, path) != PL_OK)
		pl_err_clear();
	*changedp = false;
	if (!err && united && !(before && json_equal(before, united))) {
		err = folder_make(folder, 0700);
		if (!err)
			err = file_replace_json(path, united, 0600);
		*changedp = !err;
	} else if (!err && !united && before) {
		*changedp = unlink(path) == 0;
		if (!*changedp)
			err = pl_fail(PL_IO, "%s: %s", path, strerror(errno));
	}
	json_decref(before);
	free(folder);
	free(path);
	return err;
}

static void reload_bus(const struct setup *setup)
{
	char *path = setup_path(setup, "procs/nats-server.lock");
	struct lock_holder holder;

	if (path && lock_holder_get(&holder, path) == PL_OK) {
		if (syscall(SYS_pidfd_send_signal, holder.pidfd, SIGHUP, NULL, 0) != 0)
			pl_log(WARN, "bus.reload", NULL, "%s", strerror(errno));
		close(holder.pidfd);
	} /* else it starts just now, and reads its file then */
	free(path);
}

/* Whether what the setup has of a service is enough already. */
static bool is_covered(const struct setup *setup, const char *service, const json_t *united)
{
	json_t *manifest;
	size_t i;

	if (!united)
		return false;
	json_array_foreach(setup->manifests, i, manifest) {
		if (strcmp(pl_json_get_text(manifest, "name"), service) == 0)
			return manifest_covers(manifest, united);
	}
	return false;
}

enum pl_err rights_write(struct pl_turn *turn, const char *service, const json_t *manifest)
{
	json_t *united = unite(service, manifest);
	struct setup *setup = NULL;
	bool changed = false;
	enum pl_err err = setup_read(&setup, pl_service_data(pl_turn_service(turn)));

	if (!err)
		err = setup_manifests(setup);
	if (!err && !is_covered(setup, service, united))
		err = write_manifest(&changed, setup, service, united);
	if (!err && changed)
		err = setup_manifests(setup);
	if (!err && changed)
		err = bus_setup(setup, &changed);
	if (!err && changed)
		reload_bus(setup);
	setup_free(setup);
	json_decref(united);
	return err;
}
