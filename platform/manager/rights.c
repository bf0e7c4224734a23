/*
 * rights.c — see rights.h.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "platform/manager/rights.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "pelago/json.h"
#include "platform/manager/manager.h"
#include "platform/setup/file.h"
#include "platform/setup/setup.h"

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

static enum pl_err write_manifest(const struct setup *setup, const char *service,
				  const json_t *united)
{
	char *path = setup_path(setup, "bus/manifests/%s.json", service);
	json_t *before = NULL;
	enum pl_err err = path ? PL_OK : PL_NOMEM;

	if (!err && file_read_json(&before, path) != PL_OK)
		pl_err_clear();
	if (!err && united && !(before && json_equal(before, united))) {
		err = file_replace_json(path, united, 0600);
	} else if (!err && !united && before) {
		if (unlink(path) != 0)
			err = pl_fail(PL_IO, "%s: %s", path, strerror(errno));
	}
	json_decref(before);
	free(path);
	return err;
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
	enum pl_err err = setup_read(&setup, pl_service_data(pl_turn_service(turn)));

	if (!err)
		err = setup_manifests(setup);
	if (!err && !is_covered(setup, service, united))
		err = write_manifest(setup, service, united);
	setup_free(setup);
	json_decref(united);
	return err;
}

enum pl_err rights_seen(struct pl_turn *turn)
{
	struct setup *setup = NULL;
	bool has = false;
	enum pl_err err = setup_read(&setup, pl_service_data(pl_turn_service(turn)));

	if (!err)
		err = bus_has_inputs(&has, setup);
	if (!err && !has)
		err = bus_inputs_touch(setup);
	setup_free(setup);
	if (err || has)
		return err;
	return pl_fail(PL_AGAIN, "the bus's users aren't written yet: the supervisor ('pelago up') "
				 "does it; its log tells why if it doesn't");
}
