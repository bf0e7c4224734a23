/*
 * pelago/attribute.h — what a service lets an administrator set: one row of its manifest each.
 *
 *	{"key": "idle_s", "name": "Idle Time", "type": "duration", "unit": "s",
 *	 "least": 4, "most": 604800, "default": 1800, "text": "A chat in which …"}
 *
 *   key        in the program: letters, digits, "_"; unique within the service
 *   name       as people see it
 *   type       of tables/attribute_types.h
 *   default    a value of the type; of an address and a secret "" (none) unless said
 *   least, most
 *              integer and duration: bounds; string and secret: characters, 0 to 1000 unless said
 *   unit       of a duration "ms", "s", "min", "h" or "d"; of an integer what it counts, or none
 *   pattern    of a string: an extended regular expression (POSIX.1-2017 XBD 9.4) for all of it
 *   values     of an enumeration: its words
 *   text       help: what it does
 *   area       where SolutionConfiguration shows it; none: it isn't set from there
 *   restart    true: a change is in effect once the service was started again
 *   bySelf     true: the service itself may set it, asked by somebody over its own interface
 *   formerly   keys that earlier versions had for it: what was set under them is kept
 *
 * Values are JSON: a boolean, an integer (in the attribute's unit), else a text.
 *
 * Any thread; nothing is kept.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef PELAGO_ATTRIBUTE_H
#define PELAGO_ATTRIBUTE_H

#include <jansson.h>
#include <stdbool.h>
#include <stdint.h>

#include "pelago/err.h"

enum pl_attribute_type {
#define ATTRIBUTE_TYPE(word, name) PL_ATTRIBUTE_##name,
#include "tables/attribute_types.h"
#undef ATTRIBUTE_TYPE
	PL_ATTRIBUTE_TYPES
};

enum { PL_ATTRIBUTE_TEXT_MAX = 4000 }; /* bytes of a value */

struct pl_attribute {
	const char *key, *name, *unit, *pattern, *text, *area; /* "" where there is none */
	enum pl_attribute_type type;
	int64_t least, most;
	const json_t *values, *normal;
	bool needs_restart, is_by_self;
};

/*
 * pl_attribute_read reads a row of a manifest; what *attribute points to belongs to the row.
 * PL_INVALID says what is wrong with it.
 */
enum pl_err pl_attribute_read(struct pl_attribute *attribute, const json_t *row);

/*
 * pl_attribute_check takes a wish as a value of the attribute: also as typed, "on", "90", "5 min".
 * *valuep is a new reference. PL_INVALID says which attribute, why, and what is allowed; of a
 * secret never the wish.
 */
enum pl_err pl_attribute_check(json_t **valuep, const struct pl_attribute *attribute,
			       const json_t *wish);

/* pl_attribute_number returns a checked value as a number: 0 or 1, the integer, the place of the
 * word among `values`. 0 for other types. */
int64_t pl_attribute_number(const struct pl_attribute *attribute, const json_t *value);

/* pl_attribute_type_text returns the word of a type. */
const char *pl_attribute_type_text(enum pl_attribute_type type);

/* pl_attribute_find returns the row with this key in a manifest, NULL if there is none. Borrowed.
 */
const json_t *pl_attribute_find(const json_t *manifest, const char *key);

#endif
