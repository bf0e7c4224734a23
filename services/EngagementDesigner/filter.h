/*
 * filter.h — a rule's filters: comparisons of single values, all of which have to hold. Pure.
 *
 * A filter is {"path", "is", "value"}: the path leads to a value of what a workflow would begin
 * with
 * ("contact.attributes.Language", "event.payload.cents"), `is` is a word of filter_words.h. What
 * the path doesn't lead to is missing: it is equal to nothing.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef DESIGNER_FILTER_H
#define DESIGNER_FILTER_H

#include <jansson.h>
#include <stdbool.h>

#include "pelago/err.h"

enum {
	FILTERS_MAX = 20,      /* of a rule */
	FILTER_PATH_MAX = 200, /* bytes */
	FILTER_TEXT_MAX = 500, /* bytes of a text to compare with */
	FILTER_LIST_MAX = 100, /* values of oneOf and noneOf */
};

/*
 * filter_check looks at a rule's filters (an array).
 *
 *   root  "contact" or "event": what paths begin with
 *
 * Returns PL_INVALID with the place and path of the filter that is wrong.
 */
enum pl_err filter_check(const json_t *filters, const char *root);

/* filter_meets tells whether all of them hold over variables; none always do. For filters that were
 * checked. */
bool filter_meets(const json_t *filters, const json_t *variables);

#endif
