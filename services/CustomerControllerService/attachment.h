/*
 * attachment.h — names and kinds of files that people send: what is kept of a name, and whether a
 * file is what its name says.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef CHAT_ATTACHMENT_H
#define CHAT_ATTACHMENT_H

#include <jansson.h>
#include <stdbool.h>
#include <stddef.h>

#include "pelago/err.h"

enum { ATTACHMENT_NAME_CHARS = 100 };

struct attachment_kind; /* a row of attachment_table.h */

/*
 * attachment_name returns what is kept of a name, free(): its last part after slashes, without
 * control characters and such as turn the direction of writing, without dots and spaces around it,
 * with "_" for what no file system takes; a long one is cut before its ending. NULL without memory;
 * "" if nothing is left. name is UTF-8.
 */
char *attachment_name(const char *name);

/* attachment_kind_of returns the row of a name's ending; NULL: such files aren't taken. */
const struct attachment_kind *attachment_kind_of(const char *name);
const char *attachment_type(const struct attachment_kind *kind);
/* attachment_fits judges by a file's leading bytes, len of them, whether it is of that kind. */
bool attachment_fits(const struct attachment_kind *kind, const void *leading, size_t len);

/* attachment_endings returns a new array of all endings that are taken. */
json_t *attachment_endings(void);

#endif
