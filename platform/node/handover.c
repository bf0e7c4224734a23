/*
 * handover.c — one version of a service takes over from another on this node.
 *
 * The new one is started beside the old one, in the other of two slots (processes NAME and NAME.2),
 * and waits for the database, which is the old one's, with all done that can be done without it.
 * Once it is seen to be fit, the old one is told to end: it finishes what it has, and the new one
 * has the database that moment. One that
 * isn't fit is ended without the old one noticing. A node that comes after one that died sees by
 * the locks which slots live, and goes on from there.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "node.h"
#include "pelago/log.h"

enum {
	WARM_MS = 300,	  /* healthy for that long: its start is behind it */
	SILENT_MS = 3000, /* … also if it doesn't tell that it waits: one of before doesn't */
};

static bool is_slot_held(const struct service *s, int slot)
{
	char *path = NULL;
	bool is_held = false;

	if (asprintf(&path, "%s/procs/%s%s.lock", s->node->data, s->name, slot ? ".2" : "") >= 0)
		is_held = lock_is_held(path);
	free(path);
	return is_held;
}

static void keep_hash(char **hashp, const char *hash)
{
	free(*hashp);
	*hashp = hash ? strdup(hash) : NULL;
}

static bool is_wanted(const struct service *s, const struct process *p)
{
	char wanted[LOCK_TAG_MAX];
	struct process_view view;

	service_tag(wanted, s);
	process_view_get(&view, p);
	return strcmp(view.tag, wanted) == 0;
}

static bool specify(struct process **processp, const struct service *s, int slot,
		    const char *folder)
{
	enum pl_err err = service_specify(processp, s, slot, folder);

	if (err)
		pl_log(ERROR, "service.start", NULL, "service=%s: %s", s->name, pl_err_detail(err));
	return !err;
}

/* ---- the first start, or what another node process has left ---- */

/* What lives is adopted, whatever bundles are there; else one is started once its bundle is. */
static void start(struct service *s)
{
	const char *folder = copy_folder(s->node, s->hash);
	bool held[2] = { is_slot_held(s, 0), is_slot_held(s, 1) };

	if (!folder && !held[0] && !held[1])
		return;
	folder = copy_place(s->node, s->hash);
	s->slot = held[1] && !held[0];
	if (!folder || !specify(&s->process, s, s->slot, folder))
		return;
	keep_hash(&s->spec_hash, s->hash);
	process_start(s->process);
	if (held[0] && held[1] && specify(&s->heir, s, 1, folder)) {
		keep_hash(&s->heir_hash, s->hash);
		process_start(s->heir);
	}
	s->node->report_soon = true;
}

/* ---- handing over ---- */

void service_drop_heir(struct service *s)
{
	if (!s->heir)
		return;
	process_stop(s->heir);
	if (process_remove(s->heir) != PL_OK) {
		pl_err_clear();
		return; /* it ends; looked at again */
	}
	s->heir = NULL;
	keep_hash(&s->heir_hash, NULL);
	s->warm_ms = 0;
	s->node->report_soon = true;
}

/* The one that runs is as it should be. */
static void stay(struct service *s)
{
	if (s->hands_over) /* back, before it had ended */
		process_start(s->process);
	s->hands_over = false;
	service_drop_heir(s);
}

/* The old one has ended. */
static void promote(struct service *s)
{
	process_stop(s->process); /* if it fell by itself, it isn't to come back */
	if (process_remove(s->process) != PL_OK) {
		pl_err_clear();
		return;
	}
	pl_log(INFO, "service.handover", NULL, "service=%s version=%s", s->name, s->version);
	s->process = s->heir;
	s->slot = !s->slot;
	keep_hash(&s->spec_hash, s->heir_hash);
	s->heir = NULL;
	keep_hash(&s->heir_hash, NULL);
	s->warm_ms = 0;
	s->hands_over = false;
	s->node->report_soon = true;
}

/* Nothing runs: what is wanted is started in its place. */
static void restart(struct service *s, const char *folder)
{
	if (!folder || !specify(&s->process, s, s->slot, folder))
		return;
	pl_log(INFO, "service.renew", NULL, "service=%s version=%s", s->name, s->version);
	keep_hash(&s->spec_hash, s->hash);
	s->hands_over = false;
	process_stop(s->process); /* no more waiting for what failed */
	process_start(s->process);
	s->node->report_soon = true;
}

static void start_heir(struct service *s, const char *folder)
{
	if (!folder || !specify(&s->heir, s, !s->slot, folder))
		return;
	pl_log(INFO, "service.beside", NULL, "service=%s version=%s", s->name, s->version);
	keep_hash(&s->heir_hash, s->hash);
	s->warm_ms = 0;
	process_start(s->heir);
	s->node->report_soon = true;
}

static void watch_heir(struct service *s, int64_t now_ms)
{
	struct process_view view;

	process_view_get(&view, s->heir);
	if (!view.is_healthy)
		s->warm_ms = 0;
	else if (!s->warm_ms)
		s->warm_ms = now_ms;
	if (!s->warm_ms || now_ms - s->warm_ms < WARM_MS || s->hands_over)
		return;
	if (now_ms - s->warm_ms < SILENT_MS && !service_heir_waits(s, now_ms))
		return;
	s->hands_over = true;
	process_stop(s->process);
}

void service_settle(struct service *s, int64_t now_ms)
{
	const char *folder = copy_folder(s->node, s->hash);
	struct process_view view;

	if (s->is_leaving)
		return;
	if (!s->process) {
		start(s);
		return;
	}
	if (is_wanted(s, s->process)) {
		stay(s);
		return;
	}
	process_view_get(&view, s->process);
	if (s->heir && !is_wanted(s, s->heir))
		service_drop_heir(s);
	else if (view.pid == 0 && s->heir)
		promote(s);
	else if (view.pid == 0)
		restart(s, folder);
	else if (s->heir)
		watch_heir(s, now_ms);
	else
		start_heir(s, folder);
}
