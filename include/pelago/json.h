/*
 * pelago/json.h — reading members of JSON from outside, with a sentence for what is wrong.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef PELAGO_JSON_H
#define PELAGO_JSON_H

#include <jansson.h>
#include <stdbool.h>
#include <stdint.h>

#include "pelago/err.h"

/*
 * pl_json_parse reads one JSON value (RFC 8259). Duplicate names and more than 64 levels are
 * refused. Returns PL_INVALID with line and reason (never with what the text says, it may hold a
 * password), PL_NOMEM. *valuep is a new reference.
 */
enum pl_err pl_json_parse(json_t **valuep, const void *text, size_t text_len);

/*
 * pl_json_text takes a text member of at most max bytes (UTF-8). Absent or null: *textp is NULL,
 * and PL_INVALID only if required. Borrowed from object. name may be a path "customer.name".
 *
 * All six refuse with PL_INVALID a member of another type or beyond its limit, and something on
 * the path that isn't an object; on an error the result is untouched.
 */
enum pl_err pl_json_text(const char **textp, const json_t *object, const char *name, size_t max,
			 bool required);
enum pl_err pl_json_int(int64_t *valuep, const json_t *object, const char *name, int64_t least,
			int64_t most, bool required); /* absent: *valuep is untouched */
/* pl_json_digits takes a whole number given as a text, as in a query: "50". Absent: untouched. */
enum pl_err pl_json_digits(int64_t *valuep, const json_t *object, const char *name, int64_t least,
			   int64_t most);
enum pl_err pl_json_bool(bool *valuep, const json_t *object, const char *name, bool required);
/* pl_json_object and pl_json_array: NULL if absent. max is the number of members. */
enum pl_err pl_json_object(json_t **valuep, const json_t *object, const char *name, size_t max,
			   bool required);
enum pl_err pl_json_array(json_t **valuep, const json_t *object, const char *name, size_t max,
			  bool required);

/* pl_json_get follows a path "a.b.c"; NULL if there is no such member. Borrowed. */
json_t *pl_json_get(const json_t *value, const char *path);
/* pl_json_get_text returns the text at a path, or "" . Borrowed. */
const char *pl_json_get_text(const json_t *value, const char *path);
/* pl_json_find returns the first object of a list whose member is that text, or NULL. Borrowed. */
json_t *pl_json_find(const json_t *list, const char *member, const char *text);
/* pl_json_has says whether the text is in a list. */
bool pl_json_has(const json_t *list, const char *text);

/* pl_json_dump returns compact text that the caller frees with free(), or NULL without memory. */
char *pl_json_dump(const json_t *value);

#endif
