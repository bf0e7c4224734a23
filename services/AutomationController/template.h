/*
 * template.h — the text of an automated message, with places to fill.
 *
 * A place is {name} or {name|otherwise}: the value with that name, or else the text after '|'
 * (nothing without one). "{{" is a brace. Values are filled in once and as they are: a place within
 * a value stays what the customer wrote.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef AUTOMATION_TEMPLATE_H
#define AUTOMATION_TEMPLATE_H

#include <jansson.h>

#include "pelago/err.h"

enum { TEMPLATE_BYTES = 8000, TEMPLATE_VALUE_BYTES = 800 };

/*
 * template_check refuses a text with a place that doesn't end or has a bad name (a letter, then
 * letters, digits or '_', at most 32). PL_INVALID, with the position.
 */
enum pl_err template_check(const char *text);

/*
 * template_fill writes a checked text with values (an object; members that are neither texts nor
 * whole numbers are passed over, long ones cut). *textp is freed with free(). PL_NOMEM; PL_TOOLARGE
 * beyond TEMPLATE_BYTES.
 */
enum pl_err template_fill(char **textp, const char *text, const json_t *values);

#endif
