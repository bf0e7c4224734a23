/*
 * engines/feel/value.h — the values of FEEL, and how they are made and looked into.
 *
 * A value is immutable and lives in the arena of its run (feel_run_arena). Lists and contexts that
 * came in as JSON stay JSON and are wrapped member by member as they are looked at, so a large
 * context costs nothing to pass: use the functions below, not the union, for these two kinds.
 *
 * What returns a value or false returns NULL or false where the arena gives no more; pass it on,
 * and the run is over. Several threads may read one value.
 *
 * Source: DMN 1.4 §10.3.2.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef FEEL_VALUE_H
#define FEEL_VALUE_H

#include <jansson.h>

#include "engines/feel/arena.h"
#include "engines/feel/decimal.h"
#include "engines/feel/temporal.h"

/* FEEL_KIND(name, text): text as `instance of` and messages say it. */
#define FEEL_KINDS                                                                                 \
	FEEL_KIND(NULL, "null")                                                                    \
	FEEL_KIND(BOOLEAN, "boolean")                                                              \
	FEEL_KIND(NUMBER, "number")                                                                \
	FEEL_KIND(STRING, "string")                                                                \
	FEEL_KIND(DATE, "date")                                                                    \
	FEEL_KIND(TIME, "time")                                                                    \
	FEEL_KIND(DATETIME, "date and time")                                                       \
	FEEL_KIND(DAYS_TIME, "days and time duration")                                             \
	FEEL_KIND(YEARS_MONTHS, "years and months duration")                                       \
	FEEL_KIND(LIST, "list")                                                                    \
	FEEL_KIND(CONTEXT, "context")                                                              \
	FEEL_KIND(RANGE, "range")                                                                  \
	FEEL_KIND(FUNCTION, "function")

struct feel_function; /* opaque: built in, defined by an expression, or the host's */

enum feel_kind {
#define FEEL_KIND(name, text) FEEL_##name,
	FEEL_KINDS
#undef FEEL_KIND
		FEEL_KIND_COUNT
};

struct feel_text {
	const char *bytes; /* UTF-8, not ended by a NUL */
	size_t len;
};

struct feel_entry {
	struct feel_text key;
	const struct feel_value *value;
};

enum feel_range_form { FEEL_RANGE_ENDS, FEEL_RANGE_EQUAL, FEEL_RANGE_UNEQUAL };

struct feel_value {
	enum feel_kind kind;
	const json_t *json; /* of a list or context that came in; borrowed */
	union {
		bool truth;
		struct feel_decimal number;
		struct feel_text string;
		struct feel_moment moment;
		struct feel_duration duration;
		struct {
			const struct feel_value **items;
			size_t len;
		} list;
		struct {
			struct feel_entry *entries;
			size_t len;
		} context;
		struct {
			/* NULL: no end on that side, as of `< 1`; null: one that isn't known */
			const struct feel_value *low, *high;
			bool low_open, high_open; /* the end itself is outside */
			enum feel_range_form form;
		} range;
		const struct feel_function *function;
	};
};

extern const struct feel_value feel_null, feel_true, feel_false;

const char *feel_kind_text(enum feel_kind kind);

/* The constructors return NULL where the arena gives no more. */
const struct feel_value *feel_boolean(bool truth); /* never NULL */
const struct feel_value *feel_number(struct feel_arena *arena, struct feel_decimal number);
const struct feel_value *feel_number_of_int(struct feel_arena *arena, int64_t i);
const struct feel_value *feel_string(struct feel_arena *arena, const char *bytes, size_t len);
const struct feel_value *feel_moment(struct feel_arena *arena, enum feel_kind kind,
				     const struct feel_moment *moment);
const struct feel_value *feel_duration(struct feel_arena *arena, enum feel_kind kind,
				       const struct feel_duration *duration);
const struct feel_value *feel_list(struct feel_arena *arena, const struct feel_value **items,
				   size_t len); /* items: of the arena */
/* feel_context takes entries of the arena; of two with the same key the later one counts. */
const struct feel_value *feel_context(struct feel_arena *arena, struct feel_entry *entries,
				      size_t len);
/* feel_range takes NULL for an end that is not bounded. */
const struct feel_value *feel_range(struct feel_arena *arena, const struct feel_value *low,
				    bool low_open, const struct feel_value *high, bool high_open);
/* feel_range_of_one is `= v` or `!= v`: with both ends at v, which are outside of the latter. */
const struct feel_value *feel_range_of_one(struct feel_arena *arena, enum feel_range_form form,
					   const struct feel_value *v);
const struct feel_value *feel_wrap(struct feel_arena *arena, const json_t *json);

size_t feel_list_len(const struct feel_value *list);
const struct feel_value *feel_list_at(struct feel_arena *arena, const struct feel_value *list,
				      size_t i);

/* feel_context_get sets *valuep to NULL for an absent key; false where the arena gives no more. */
bool feel_context_get(const struct feel_value **valuep, struct feel_arena *arena,
		      const struct feel_value *context, struct feel_text key);

/* feel_context_entries sets *entriesp to all entries, of the arena; false as above. */
bool feel_context_entries(struct feel_entry **entriesp, size_t *lenp, struct feel_arena *arena,
			  const struct feel_value *context);

bool feel_text_equal(struct feel_text a, struct feel_text b);
int feel_text_compare(struct feel_text a, struct feel_text b);

/* feel_scalar_text is what string() says of a value that is no list, context or range. */
const struct feel_value *feel_scalar_text(struct feel_arena *arena, const struct feel_value *v);

#endif
