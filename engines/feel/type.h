/*
 * engines/feel/type.h — FEEL's types: what `instance of` asks, what parameters and item definitions
 * say, and the coercions of a value to them.
 *
 * A type is plain data of whoever makes it and is only read here; types may refer to each other in
 * circles. NULL is the type Any wherever a type is asked for. Any thread; nothing allocates but
 * feel_coerce, in the arena of its run.
 *
 * Source: DMN 1.4 §10.3.2.9 (type conformance and conversion), grammar rules 54 and 55.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef FEEL_TYPE_H
#define FEEL_TYPE_H

#include <stdbool.h>
#include <stddef.h>

#include "engines/feel/value.h"

struct feel_run;
struct feel_type;

struct feel_member { /* of a context, or a parameter of a function */
	struct feel_text name;
	const struct feel_type *type;
};

/* feel_allows_fn says whether a value that has the type otherwise is allowed too (allowed values).
 */
typedef bool feel_allows_fn(struct feel_run *run, const struct feel_value *value, const void *arg);

struct feel_type {
	enum feel_type_kind {
		FEEL_TYPE_ANY,
		FEEL_TYPE_SIMPLE,   /* of that kind; FEEL_NULL is the type Null */
		FEEL_TYPE_DURATION, /* either kind of duration */
		FEEL_TYPE_LIST,	    /* list<element> */
		FEEL_TYPE_RANGE,    /* range<element> */
		FEEL_TYPE_CONTEXT,  /* context<members>: these at least */
		FEEL_TYPE_FUNCTION, /* function<members> -> element; no_members: any function */
	} kind;
	enum feel_kind simple;
	const struct feel_type *element;
	const struct feel_member *members;
	size_t len;
	bool is_unspecified;	/* of a list, range, context, function: whatever is in it */
	feel_allows_fn *allows; /* for feel_coerce; NULL: every value */
	const void *allows_arg;
};

/* feel_type_named returns a type by its FEEL name (`days and time duration`) or the name that
 * DMN 1.1 gave it (`dayTimeDuration`); NULL for none of them. Static. */
const struct feel_type *feel_type_named(const char *name, size_t len);

/* feel_type_name is the i-th name that feel_type_named knows, from 0; NULL past the last. */
const char *feel_type_name(size_t i);

/* feel_type_conforms tells whether each value of a type has the other type, too. */
bool feel_type_conforms(const struct feel_type *type, const struct feel_type *to);

/*
 * feel_has_type tells whether a value has a type, as `instance of` does: null only has the type
 * Null. An allowed-values check may end the run.
 */
bool feel_has_type(struct feel_run *run, const struct feel_value *value,
		   const struct feel_type *type);

/*
 * feel_coerce makes a value fit a type: as it is, as a list of one, as the one item of a list, a
 * date as midnight in UTC; null stays null. Members of contexts and items of lists are coerced,
 * too.
 *
 * Returns the value; feel_null, and a note that says what doesn't fit; NULL when the run is over.
 */
const struct feel_value *feel_coerce(struct feel_run *run, const struct feel_value *value,
				     const struct feel_type *type);

#endif
