/* parse.h — see parse.c. SPDX-License-Identifier: Apache-2.0 */
#ifndef SDK_JSON_PARSE_H
#define SDK_JSON_PARSE_H

#include <jansson.h>

/*
 * parse_plain reads a whole text of at most depth levels. Returns a new reference, or NULL: it
 * isn't JSON, or has something that is left to the library. Any thread.
 */
json_t *parse_plain(const char *text, size_t len, int depth);

#endif
