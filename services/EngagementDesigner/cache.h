/*
 * cache.h — models of workflows, each parsed once; a bounded number is kept, the oldest use goes
 * first.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef DESIGNER_CACHE_H
#define DESIGNER_CACHE_H

#include <stddef.h>

#include "engines/bpmn/bpmn.h"

enum { CACHE_MODELS = 64 };

/* cache_find returns the model of a text with that hash, or NULL; borrowed until the next
 * cache_put. */
const struct bpmn_model *cache_find(const char *hash);
/*
 * cache_put parses a text and keeps it under its hash (64 characters), in place of the one that
 * wasn't used for longest if there is no room. *modelp is borrowed until the next cache_put.
 */
enum pl_err cache_put(const char *hash, const char *xml, size_t xml_len,
		      const struct bpmn_model **modelp);
void cache_clear(void);

#endif
