/*
 * run.c — a run: its bounds, its clock, and the notes of why something is null.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "engines/feel/run.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

enum { NOTE_BYTES = 240 };

void feel_run_init(struct feel_run *run, const struct feel_limits *limits)
{
	*run = (struct feel_run){ 0 };
	run->steps_max = limits && limits->steps ? limits->steps : FEEL_STEPS;
	run->memory_max = limits && limits->memory_bytes ? limits->memory_bytes : FEEL_MEMORY_MAX;
	run->spent_steps = limits ? limits->spent_steps : NULL;
	run->arena.limit = run->memory_max;
}

void feel_run_fini(struct feel_run *run)
{
	if (run->spent_steps)
		*run->spent_steps += run->steps;
	feel_arena_fini(&run->arena);
}

enum pl_err feel_run_new(struct feel_run **runp, const struct feel_limits *limits)
{
	struct feel_run *run = malloc(sizeof(*run));

	if (!run)
		return PL_NOMEM;
	feel_run_init(run, limits);
	*runp = run;
	return PL_OK;
}

void feel_run_reset(struct feel_run *run)
{
	struct feel_run old = *run;

	feel_run_fini(run);
	*run = (struct feel_run){ .steps_max = old.steps_max,
				  .memory_max = old.memory_max,
				  .spent_steps = old.spent_steps,
				  .has_clock = old.has_clock,
				  .clock_unix_ms = old.clock_unix_ms,
				  .clock_offset_s = old.clock_offset_s };
	run->arena.limit = run->memory_max;
}

void feel_run_free(struct feel_run *run)
{
	if (!run)
		return;
	feel_run_fini(run);
	free(run);
}

void feel_run_set_clock(struct feel_run *run, int64_t unix_ms, int32_t offset_s)
{
	run->has_clock = true;
	run->clock_unix_ms = unix_ms;
	run->clock_offset_s = offset_s;
}

struct feel_arena *feel_run_arena(struct feel_run *run)
{
	return &run->arena;
}

enum pl_err feel_run_err(const struct feel_run *run)
{
	return run->err;
}

const struct feel_value *feel_run_fail(struct feel_run *run, enum pl_err err)
{
	if (!run->err)
		run->err = err;
	return NULL;
}

size_t feel_run_notes(const struct feel_note **notesp, const struct feel_run *run)
{
	*notesp = run->notes;
	return run->notes_len;
}

const struct feel_value *feel_null_because(struct feel_run *run, const char *format, ...)
{
	struct feel_note *note;
	char text[NOTE_BYTES];
	va_list args;
	int len;

	if (run->err)
		return NULL;
	if (run->notes_len++ >= FEEL_NOTES_MAX)
		return &feel_null;
	note = &run->notes[run->notes_len - 1];
	va_start(args, format);
	len = vsnprintf(text, sizeof(text), format, args);
	va_end(args);
	if (len >= NOTE_BYTES)
		len = NOTE_BYTES - 1;
	while (len > 0 && !feel_utf8_valid(text, (size_t)len))
		len--; /* a character was cut in two */
	if (run->at && run->expr)
		feel_place(&note->line, &note->column, run->expr->text, run->at->at);
	note->text = feel_arena_copy(&run->arena, text, len < 0 ? 0 : (size_t)len);
	return note->text ? &feel_null : feel_run_over(run);
}

const struct feel_value *feel_of_json(struct feel_run *run, const json_t *json)
{
	return feel_run_value(run, feel_wrap(&run->arena, json));
}

bool feel_run_step(struct feel_run *run, size_t n)
{
	if (run->err)
		return false;
	if (n > run->steps_max - run->steps) {
		run->steps = run->steps_max;
		run->err = pl_fail(PL_TOOLARGE, "FEEL: the evaluation takes more than %lu steps",
				   run->steps_max);
		return false;
	}
	run->steps += n;
	return true;
}

const struct feel_value *feel_run_over(struct feel_run *run)
{
	if (!run->err && run->arena.hit_limit)
		run->err = pl_fail(PL_TOOLARGE, "FEEL: the evaluation takes more than %zu bytes",
				   run->arena.limit);
	else if (!run->err)
		run->err = PL_NOMEM;
	return NULL;
}

const struct feel_value *feel_run_value(struct feel_run *run, const struct feel_value *v)
{
	return v ? v : feel_run_over(run);
}

const struct feel_value *feel_run_alloc_items(struct feel_run *run,
					      const struct feel_value ***itemsp, size_t len)
{
	const struct feel_value **items;

	if (!feel_run_step(run, len))
		return NULL;
	items = feel_arena_alloc(&run->arena, (len + 1) * sizeof(*items));
	if (!items)
		return feel_run_over(run);
	*itemsp = items;
	return &feel_null;
}
