/*
 * walk.h — a walk through a schema, alone or beside a value: where it is, and how much it may do
 * yet.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef SCHEMA_WALK_H
#define SCHEMA_WALK_H

#include <stdbool.h>

#include "engines/schema/schema.h"

enum { WALK_PATH_MAX = 200 };

struct walk {
	const json_t *root;
	char path[WALK_PATH_MAX]; /* cut where it is longer */
	int depth, steps;
	size_t work; /* beside steps: of patterns, and of looking through names, items and texts */
};

/* walk_in names a member or, with name NULL, an item; walk_out goes back to what it returned. */
size_t walk_in(struct walk *walk, const char *name, size_t item);
void walk_out(struct walk *walk, size_t at);
/* walk_step counts; PL_TOOLARGE past a limit. */
enum pl_err walk_step(struct walk *walk);
/* walk_work counts what a step takes beside itself; PL_TOOLARGE past SCHEMA_WORK_MAX. */
enum pl_err walk_work(struct walk *walk, size_t amount);
/* walk_refuse is PL_INVALID with the path in front. */
enum pl_err walk_refuse(const struct walk *walk, const char *fmt, ...)
	__attribute__((format(printf, 2, 3)));
/* walk_find returns where "#" or "#/$defs/NAME" leads to within the root, or NULL: a schema, as
 * schema_check looks at all of these. */
const json_t *walk_find(const struct walk *walk, const char *ref);

/* type_known tells whether there is such a type of JSON Schema, type_is whether a value is of it.
 */
bool type_known(const char *type);
bool type_is(const json_t *value, const char *type);

/* value_same compares by value; it counts each part as a step. */
enum pl_err value_same(struct walk *walk, bool *samep, const json_t *a, const json_t *b);

/*
 * pattern_finds tells whether a pattern is found in a text; text NULL: only whether it is one.
 *
 * Work is the size of the compiled pattern, each of its items that is tried, at each place where
 * it is tried, and a share of the square of the text's length: one item may run through all of the
 * text from each place. PCRE2's own limit is of one place. PL_TOOLARGE past SCHEMA_WORK_MAX.
 */
enum pl_err pattern_finds(struct walk *walk, bool *foundp, const char *pattern, const char *text,
			  size_t text_len);

#endif
