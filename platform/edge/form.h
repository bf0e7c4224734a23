/*
 * form.h — bodies of HTML forms (application/x-www-form-urlencoded, WHATWG URL §5.1).
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef EDGE_FORM_H
#define EDGE_FORM_H

#include <jansson.h>
#include <stddef.h>

#include "pelago/err.h"

enum { FORM_MEMBERS_MAX = 100 };

/*
 * form_parse makes {"name":"value",…} of a body; of a repeated name the last counts. Returns
 * PL_INVALID for bad percent signs, what isn't UTF-8, or more than FORM_MEMBERS_MAX members.
 */
enum pl_err form_parse(json_t **objectp, const char *text, size_t len);

#endif
