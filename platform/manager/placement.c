/*
 * placement.c — which services are loaded, and which of them are placed where: the model's part of
 * it.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "manager.h"
#include "pelago/json.h"
#include "platform/bundle/bundle.h"

static const struct {
	const char *text;
	bool runs;
} phases[] = {
#define PHASE(name, text, runs) { text, runs },
#include "platform/manager/phases.h"
#undef PHASE
};

const char *phase_text(enum phase phase)
{
	return phases[phase].text;
}

bool phase_runs(enum phase phase)
{
	return phases[phase].runs;
}

bool placed_runs(const struct placed *service)
{
	return phase_runs(service->phase) && !service->cluster->is_stopped;
}

static enum phase phase_from(const char *text)
{
	for (int i = 0; i < PHASE_COUNT; i++)
		if (strcmp(phases[i].text, text) == 0)
			return (enum phase)i;
	return PHASE_STAGED;
}

struct placed *placed_in(const char *name, const struct cluster *cluster)
{
	for (struct placed *s = model.services; s; s = s->next)
		if (strcasecmp(s->name, name) == 0 && s->cluster == cluster)
			return s;
	return NULL;
}

struct loaded *loaded_find(const char *name, const char *version)
{
	for (struct loaded *b = model.bundles; b; b = b->next)
		if (strcasecmp(b->name, name) == 0 && strcmp(b->version, version) == 0)
			return b;
	return NULL;
}

struct wanted wanted_on(const struct placed *service, const char *node)
{
	for (const struct switched *s = model.switched; s; s = s->next)
		if (strcmp(s->name, service->name) == 0 && strcmp(s->node, node) == 0)
			return (struct wanted){ s->version, s->hash, s->manifest };
	return (struct wanted){ service->version, service->hash, service->manifest };
}

/* ---- reading ---- */

void placements_clear(void)
{
	while (model.services) {
		struct placed *s = model.services;

		model.services = s->next;
		json_decref(s->manifest);
		free(s->name);
		free(s->version);
		free(s->hash);
		free(s->owner);
		free(s);
	}
	while (model.switched) {
		struct switched *s = model.switched;

		model.switched = s->next;
		json_decref(s->manifest);
		free(s->name);
		free(s->node);
		free(s->version);
		free(s->hash);
		free(s);
	}
	while (model.bundles) {
		struct loaded *b = model.bundles;

		model.bundles = b->next;
		json_decref(b->manifest);
		free(b->name);
		free(b->version);
		free(b->hash);
		free(b->signer);
		free(b);
	}
}

static enum pl_err read_placed(struct pl_turn *turn)
{
	struct pl_rows *rows =
		pl_query(turn,
			 "select name, cluster, version, hash, phase, manifest, owner "
			 "from placement order by name, cluster",
			 "");
	struct placed **last = &model.services;
	enum pl_err err = PL_OK;

	while (!err && pl_rows_next(rows)) {
		struct placed *s = calloc(1, sizeof(*s));

		if (!s) {
			err = PL_NOMEM;
			break;
		}
		*last = s;
		last = &s->next;
		s->name = strdup(pl_rows_text(rows, 0));
		s->cluster = cluster_find(pl_rows_text(rows, 1));
		s->version = strdup(pl_rows_text(rows, 2));
		s->hash = strdup(pl_rows_text(rows, 3));
		s->phase = phase_from(pl_rows_text(rows, 4));
		s->manifest = json_loads(pl_rows_text(rows, 5), 0, NULL);
		s->owner = *pl_rows_text(rows, 6) ? strdup(pl_rows_text(rows, 6)) : NULL;
		err = s->name && s->cluster && s->version && s->hash && s->manifest ? PL_OK
										    : PL_NOMEM;
	}
	pl_rows_free(rows);
	return err;
}

static enum pl_err read_switched(struct pl_turn *turn)
{
	struct pl_rows *rows = pl_query(turn,
					"select name, node, version, hash, manifest "
					"from placement_node order by name, node",
					"");
	struct switched **last = &model.switched;
	enum pl_err err = PL_OK;

	while (!err && pl_rows_next(rows)) {
		struct switched *s = calloc(1, sizeof(*s));

		if (!s) {
			err = PL_NOMEM;
			break;
		}
		*last = s;
		last = &s->next;
		s->name = strdup(pl_rows_text(rows, 0));
		s->node = strdup(pl_rows_text(rows, 1));
		s->version = strdup(pl_rows_text(rows, 2));
		s->hash = strdup(pl_rows_text(rows, 3));
		s->manifest = json_loads(pl_rows_text(rows, 4), 0, NULL);
		err = s->name && s->node && s->version && s->hash && s->manifest ? PL_OK : PL_NOMEM;
	}
	pl_rows_free(rows);
	return err;
}

/* Behind those of lesser names, and of the same name behind higher versions. */
static void insert(struct loaded *bundle)
{
	struct loaded **at = &model.bundles;

	while (*at) {
		int order = strcmp((*at)->name, bundle->name);

		if (order > 0 ||
		    (order == 0 && version_compare((*at)->version, bundle->version) < 0))
			break;
		at = &(*at)->next;
	}
	bundle->next = *at;
	*at = bundle;
}

static enum pl_err read_loaded(struct pl_turn *turn)
{
	struct pl_rows *rows = pl_query(turn,
					"select name, version, hash, signer, size, loaded_ms, "
					"installed_ms, preferred, manifest from bundle",
					"");
	enum pl_err err = PL_OK;

	while (!err && pl_rows_next(rows)) {
		struct loaded *b = calloc(1, sizeof(*b));

		if (!b) {
			err = PL_NOMEM;
			break;
		}
		b->name = strdup(pl_rows_text(rows, 0));
		b->version = strdup(pl_rows_text(rows, 1));
		b->hash = strdup(pl_rows_text(rows, 2));
		b->signer = strdup(pl_rows_text(rows, 3));
		b->size = pl_rows_int(rows, 4);
		b->loaded_ms = pl_rows_int(rows, 5);
		b->installed_ms = pl_rows_int(rows, 6);
		b->is_preferred = pl_rows_int(rows, 7) != 0;
		b->manifest = json_loads(pl_rows_text(rows, 8), 0, NULL);
		err = b->name && b->version && b->hash && b->signer && b->manifest ? PL_OK
										   : PL_NOMEM;
		if (err) {
			b->next = model.bundles;
			model.bundles = b; /* freed with the others */
		} else {
			insert(b);
		}
	}
	pl_rows_free(rows);
	return err;
}

enum pl_err placements_read(struct pl_turn *turn)
{
	enum pl_err err = read_placed(turn);

	if (!err)
		err = read_switched(turn);
	return err ? err : read_loaded(turn);
}
