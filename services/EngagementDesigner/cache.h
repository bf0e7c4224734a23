/*
 * cache.h — models of workflows and decisions, each parsed once; a bounded number of each is kept,
 * the oldest use goes first.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef DESIGNER_CACHE_H
#define DESIGNER_CACHE_H

#include <stddef.h>

#include "engines/bpmn/bpmn.h"
#include "engines/dmn/dmn.h"

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

/* The same of decisions; name is what problems of the file are told by. */
const struct dmn_model *cache_find_decisions(const char *hash);
enum pl_err cache_put_decisions(const char *hash, const char *name, const char *xml, size_t xml_len,
				const struct dmn_model **modelp);

void cache_clear(void);

#endif
