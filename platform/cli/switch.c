/*
 * switch.c — see switch.h.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "platform/cli/switch.h"

#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "pelago/json.h"
#include "pelago/log.h"
#include "pelago/version.h"

/* ---- what is written ---- */

const char *program_version(const struct switches *s, const char *name)
{
	const char *version = pl_json_get_text(programs_get(s->programs, name), "version"),
		   *base = pl_json_get_text(s->programs, "base.version");

	return *version ? version : *base ? base : pl_version;
}

static const char *state_of(const struct switches *s, const char *name)
{
	return pl_json_get_text(programs_get(s->programs, name), "state");
}

bool program_is_on_trial(const struct switches *s, const char *name)
{
	return strcmp(state_of(s, name), PROGRAM_TRIAL) == 0;
}

static void save(struct switches *s)
{
	enum pl_err err = programs_write(s->programs, s->setup->data);

	s->is_dirty = err != PL_OK;
	if (err)
		pl_log(ERROR, "program.write", NULL, "%s", pl_err_detail(err));
}

/* The programs beside this one, as long as nothing was switched. */
static void note_base(struct switches *s)
{
	if (json_object_get(s->programs, "base"))
		return;
	json_object_set_new(
		s->programs, "base",
		json_pack("{s:s,s:s}", "version", pl_version, "path", s->setup->programs));
	json_object_set_new(s->programs, "programs", json_object());
}

static void put_entry(struct switches *s, const char *name, const char *version, const char *before,
		      const char *state, const char *detail, int64_t n)
{
	json_object_set_new(json_object_get(s->programs, "programs"), name,
			    json_pack("{s:s,s:s,s:s,s:s,s:I}", "version", version, "before", before,
				      "state", state, "detail", detail, "n", (json_int_t)n));
}

static void set_state(struct switches *s, const struct program *p, const char *state)
{
	json_object_set_new(programs_get(s->programs, p->name), "state", json_string(state));
	save(s);
	pl_log(INFO, "program.state", NULL, "%s %s is %s", p->name, program_version(s, p->name),
	       state);
}

void program_fail(struct switches *s, struct program *p, const char *why)
{
	json_t *entry = json_incref(programs_get(s->programs, p->name));
	const char *bad = pl_json_get_text(entry, "version"),
		   *before = pl_json_get_text(entry, "before");
	char detail[400];

	snprintf(detail, sizeof(detail), "version %s: %s; it went back to %s", bad, why, before);
	pl_log(ERROR, "program.failed", NULL, "%s %s", p->name, detail);
	put_entry(s, p->name, before, bad, PROGRAM_FAILED, detail,
		  json_integer_value(json_object_get(entry, "n")));
	save(s);
	p->begun_ms = supervisor_now_ms();
	p->well_ms = 0;
	json_decref(entry);
}

/* ---- one program ---- */

static bool is_edge(const struct program *p)
{
	return strcmp(p->name, PROGRAM_EDGE) == 0;
}

static bool is_bus(const struct program *p)
{
	return strcmp(p->name, "nats-server") == 0;
}

/* A node's supervisor leaves its services to the next one. */
static int end_signal(const struct program *p)
{
	return strcmp(p->name, PROGRAM_MANAGER) == 0 || is_bus(p) ? SIGTERM : SIGUSR2;
}

/* Its next start is by the version that is written. */
static enum pl_err specify(struct switches *s, struct program *p)
{
	return part_put(&p->process, s->parts, p->name, program_version(s, p->name), s->slot);
}

/* Replaces what runs, unless it is as it should be. */
static void renew(struct switches *s, struct program *p, int signal_number)
{
	struct process_view view;
	enum pl_err err = specify(s, p);

	if (err) {
		pl_log(ERROR, "program.start", NULL, "%s: %s", p->name, pl_err_detail(err));
		return;
	}
	process_view_get(&view, p->process);
	if (view.pid && process_is_as_specified(p->process))
		return;
	pl_log(INFO, "process.replace", NULL, "%s runs as %s, wanted is %s", p->name, view.tag,
	       program_version(s, p->name));
	process_renew(p->process, signal_number);
}

static bool is_well(const struct switches *s, const struct program *p)
{
	struct process_view view;

	if (!p->process)
		return true; /* this one turns */
	if (is_edge(p))
		return edge_is_well(s, p);
	process_view_get(&view, p->process);
	return view.is_healthy && process_is_as_specified(p->process);
}

static void go_back(struct switches *s, struct program *p, const char *why)
{
	program_fail(s, p, why);
	if (is_edge(p))
		edge_return(s, p);
	else
		renew(s, p, SIGKILL);
}

/* A trial goes on, is passed, or is over. */
static void judge(struct switches *s, struct program *p, int64_t now_ms)
{
	if (!program_is_on_trial(s, p->name))
		return;
	if (*p->fallen) {
		go_back(s, p, p->fallen);
		p->fallen[0] = '\0';
		return;
	}
	if (!is_well(s, p)) {
		p->well_ms = 0;
		if (now_ms - p->begun_ms > WELL_MS)
			go_back(s, p, "it wasn't well in time");
		return;
	}
	if (!p->well_ms)
		p->well_ms = now_ms;
	p->begun_ms = now_ms;
	if (now_ms - p->well_ms >= s->trial_ms)
		set_state(s, p, PROGRAM_RUNNING);
}

/* ---- wishes ---- */

static void begin(struct switches *s, struct program *p, const char *version)
{
	p->begun_ms = supervisor_now_ms();
	p->well_ms = 0;
	p->fallen[0] = '\0';
	if (!p->process)
		s->wants_root = strdup(version);
	else if (!is_edge(p)) /* edge_beat sees it */
		renew(s, p, end_signal(p));
}

static void take_wish(struct switches *s, struct program *p)
{
	const json_t *entry = programs_get(s->programs, p->name);
	char *version = NULL, *folder = NULL, *was = NULL;
	enum pl_err err;
	int64_t n = 0;

	err = wish_get(&version, &n, s->setup->data, p->name);
	if (err || (entry && json_integer_value(json_object_get(entry, "n")) == n))
		goto out;
	note_base(s);
	was = strdup(program_version(s, p->name));
	folder = programs_folder(s->programs, s->setup->data, version);
	if (!was)
		goto out;
	if (strcmp(was, version) == 0) {
		bool has_failed = strcmp(state_of(s, p->name), PROGRAM_FAILED) == 0;
		char *before = strdup(has_failed ? "" : pl_json_get_text(entry, "before"));

		if (before)
			put_entry(s, p->name, was, before,
				  program_is_on_trial(s, p->name) ? PROGRAM_TRIAL : PROGRAM_RUNNING,
				  "", n);
		free(before);
		save(s);
	} else if (!folder) {
		char detail[200];

		snprintf(detail, sizeof(detail), "the programs of version %s aren't on this host",
			 version);
		put_entry(s, p->name, was, version, PROGRAM_FAILED, detail, n);
		save(s);
	} else {
		json_t *kept = json_deep_copy(s->programs);

		put_entry(s, p->name, version, was, PROGRAM_TRIAL, "", n);
		save(s);
		if (!s->is_dirty) {
			pl_log(INFO, "program.switch", NULL, "%s goes from %s to %s", p->name, was,
			       version);
			begin(s, p, version);
		} else if (kept) { /* a full disk: at the next look */
			json_decref(s->programs);
			s->programs = json_incref(kept);
			s->parts->programs = s->programs;
		}
		json_decref(kept);
	}
out:
	if (err != PL_OK && err != PL_NOTFOUND)
		pl_log(WARN, "program.wish", NULL, "%s: %s", p->name, pl_err_detail(err));
	free(version);
	free(folder);
	free(was);
}

/* The folder is the present version's from now on; an older one refuses it. */
static void take_settled(struct switches *s)
{
	json_t *entry, *programs = json_object_get(s->programs, "programs");
	char *version = NULL;
	const char *name;
	int64_t n = 0;
	enum pl_err err = wish_get(&version, &n, s->setup->data, "settled");

	if (!err && json_integer_value(json_object_get(s->programs, "settled")) != n) {
		note_base(s);
		err = setup_settle(s->setup, version);
		json_object_foreach(programs, name, entry) {
			json_object_set_new(entry, "before", json_string(""));
		}
		json_object_set_new(s->programs, "settled", json_integer(n));
		if (!err)
			save(s);
		pl_log(INFO, "program.settled", NULL, "%s", version);
	}
	if (err != PL_OK && err != PL_NOTFOUND)
		pl_log(WARN, "program.settled", NULL, "%s", pl_err_detail(err));
	free(version);
}

/* ---- life ---- */

static struct program *add(struct switches *s, const char *name)
{
	struct program *p = calloc(1, sizeof(*p)), **last = &s->first;

	if (!p)
		return NULL;
	p->name = strdup(name);
	if (!p->name) {
		free(p);
		return NULL;
	}
	p->begun_ms = supervisor_now_ms();
	while (*last)
		last = &(*last)->next;
	*last = p;
	return p;
}

static enum pl_err add_part(const char *name, void *arg)
{
	struct switches *s = arg;
	struct program *p = add(s, name);
	enum pl_err err;

	if (!p)
		return PL_NOMEM;
	err = part_put(&p->process, s->parts, name, program_version(s, name), 0);
	/* Its programs are gone: what there is, the base, is better than nothing. */
	if (err == PL_NOTFOUND && programs_get(s->programs, name)) {
		pl_log(ERROR, "program.missing", NULL, "%s: %s", name, pl_err_detail(err));
		json_object_del(json_object_get(s->programs, "programs"), name);
		err = part_put(&p->process, s->parts, name, program_version(s, name), 0);
	}
	return err;
}

enum pl_err switches_new(struct switches **switchesp, struct parts *parts)
{
	const char *trial = getenv("PELAGO_TRIAL_MS");
	struct switches *s = calloc(1, sizeof(*s));
	enum pl_err err;

	if (!s)
		return PL_NOMEM;
	s->setup = parts->setup;
	s->supervisor = parts->supervisor;
	s->parts = parts;
	s->trial_ms = trial ? strtol(trial, NULL, 10) : 0;
	if (s->trial_ms <= 0)
		s->trial_ms = TRIAL_MS;
	err = programs_read(&s->programs, s->setup->data);
	if (err == PL_INVALID) { /* written whole each time: somebody else's doing */
		pl_log(ERROR, "program.read", NULL, "%s", pl_err_detail(err));
		s->programs = json_object();
		err = s->programs ? PL_OK : PL_NOMEM;
	}
	parts->programs = s->programs;
	if (!err && !add(s, PROGRAM_ROOT))
		err = PL_NOMEM;
	if (!err)
		err = parts_each(s->setup, add_part, s);
	if (err)
		switches_free(s);
	else
		*switchesp = s;
	return err;
}

void switches_free(struct switches *s)
{
	if (!s)
		return;
	while (s->first) {
		struct program *p = s->first;

		s->first = p->next;
		free(p->name);
		free(p);
	}
	s->parts->programs = NULL;
	json_decref(s->programs);
	free(s->wants_root);
	free(s);
}

/* What lives is adopted; what was started differently is replaced. */
static void start(struct switches *s, struct program *p)
{
	if (!process_adopt(p->process))
		process_start(p->process);
	else
		renew(s, p, end_signal(p));
}

void switches_start(struct switches *s)
{
	for (struct program *p = s->first; p; p = p->next)
		if (p->process && is_edge(p))
			edge_start(s, p);
		else if (p->process)
			start(s, p);
}

void switches_adopt(struct switches *s)
{
	for (struct program *p = s->first; p; p = p->next) {
		if (p->process)
			process_adopt(p->process);
		if (is_edge(p) &&
		    part_put(&s->other, s->parts, p->name, program_version(s, p->name), 1) ==
			    PL_OK &&
		    !process_adopt(s->other)) {
			process_remove(s->other);
			s->other = NULL;
		}
	}
}

void switches_note(struct switches *s, const struct process_view *view)
{
	if (view->state != PROCESS_WAITING && view->state != PROCESS_FAILED)
		return;
	for (struct program *p = s->first; p; p = p->next) {
		bool is_next = is_edge(p) && s->other_is_next && s->other == view->process;

		if (is_next || (p->process == view->process && !(is_edge(p) && s->other_is_next)))
			snprintf(p->fallen, sizeof(p->fallen), "%s", view->why);
	}
}

void switches_beat(struct switches *s)
{
	int64_t now_ms = supervisor_now_ms();
	bool looks = now_ms - s->looked_ms >= WISH_MS;

	if (looks) {
		s->looked_ms = now_ms;
		if (s->is_dirty)
			save(s);
		take_settled(s);
	}
	for (struct program *p = s->first; p; p = p->next) {
		if (looks && !is_bus(p))
			take_wish(s, p);
		judge(s, p, now_ms);
		p->fallen[0] = '\0';
		if (looks && is_edge(p))
			edge_beat(s, p);
	}
}

void switches_stop(struct switches *s)
{
	/* It ran well enough to be asked to stop: nobody is to take its place. */
	for (struct program *p = s->first; p; p = p->next)
		if (!p->process && program_is_on_trial(s, p->name))
			set_state(s, p, PROGRAM_RUNNING);
}

void switches_keep_root(struct switches *s, const char *why)
{
	program_fail(s, s->first, why);
	free(s->wants_root);
	s->wants_root = NULL;
}
