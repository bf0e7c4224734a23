/*
 * engines/schema/schema.h — whether a JSON value is as a JSON Schema says.
 *
 * What it knows is the part of draft 2020-12 by which messages are described: the keywords of
 * keywords.h, true and false as schemas, and $ref to the schema itself or its $defs. Anything else
 * is refused by schema_check, by name, so that no schema promises what isn't checked. `format` is
 * an annotation, as the draft has it: it is checked by nobody.
 *
 * Numbers are compared by value (1 and 1.0 are the same). Patterns are PCRE2's, which take what
 * ECMA-262 takes but for corner cases; the work of all patterns of a value together is bounded.
 *
 * Source: JSON Schema Core and Validation, draft 2020-12.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef SCHEMA_SCHEMA_H
#define SCHEMA_SCHEMA_H

#include <jansson.h>

#include "pelago/err.h"

enum {
	SCHEMA_DEPTH_MAX = 64,	   /* schemas in each other, of one value */
	SCHEMA_STEPS_MAX = 50000,  /* keywords looked at for one value, and comparisons */
	SCHEMA_WORK_MAX = 2000000, /* in steps: see walk_work */
};

/*
 * schema_check looks a schema over. Returns PL_OK, PL_INVALID for what is no schema or not known
 * here (the detail names the place within the schema: "schema.properties.cents: …"), PL_TOOLARGE
 * past a limit. Any thread; doesn't block.
 */
enum pl_err schema_check(const json_t *schema);

/*
 * schema_fits compares a value with a schema that schema_check took.
 *
 *   name  what the detail calls the value: "payload"
 *
 * Returns PL_OK, PL_INVALID with the first place that doesn't fit ("payload.items[2].cents: must be
 * 1 or more"), PL_TOOLARGE past a limit, PL_NOMEM. Any thread; doesn't block.
 */
enum pl_err schema_fits(const json_t *schema, const json_t *value, const char *name);

#endif
