/*
 * cache.h — models of workflows and decisions, each parsed once; so much of each is kept, what
 * wasn't used for longest goes first.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef DESIGNER_CACHE_H
#define DESIGNER_CACHE_H

#include <stddef.h>

#include "engines/bpmn/bpmn.h"
#include "engines/dmn/dmn.h"

enum {
	CACHE_MODELS = 500,
	CACHE_BYTES = 16777216, /* of the texts that they were read from */
	CACHE_LEAST = 4,	/* models that stay, however large: see cache_find */
};

/* cache_find returns the model of a text with that hash, or NULL; borrowed until CACHE_LEAST - 1
 * others have been put. */
const struct bpmn_model *cache_find(const char *hash);
/*
 * cache_put parses a text and keeps it under its hash (64 characters), in place of those that
 * weren't used for longest if there is no room. *modelp is borrowed as cache_find's.
 */
enum pl_err cache_put(const char *hash, const char *xml, size_t xml_len,
		      const struct bpmn_model **modelp);

/* The same of decisions; name is what problems of the file are told by. */
const struct dmn_model *cache_find_decisions(const char *hash);
enum pl_err cache_put_decisions(const char *hash, const char *name, const char *xml, size_t xml_len,
				const struct dmn_model **modelp);

void cache_clear(void);

#endif
