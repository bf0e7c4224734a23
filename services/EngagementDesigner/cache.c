/* cache.c — see cache.h. SPDX-License-Identifier: Apache-2.0 */
#include "cache.h"

#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <uthash.h>

struct kept {
	UT_hash_handle hh; /* in the order of use, the oldest first */
	void *model;
	size_t len; /* of its text */
	char hash[65];
};

struct cache {
	struct kept *all;
	size_t bytes;
	void (*free_model)(void *model);
};

static void free_workflow(void *model)
{
	bpmn_model_free(model);
}

static void free_decisions(void *model)
{
	dmn_free(model);
}

static struct cache workflows = { .free_model = free_workflow },
		    decisions = { .free_model = free_decisions };

static void forget(struct cache *cache, struct kept *kept)
{
	HASH_DEL(cache->all, kept);
	cache->bytes -= kept->len;
	cache->free_model(kept->model);
	free(kept);
}

static void *find(struct cache *cache, const char *hash)
{
	struct kept *kept;

	HASH_FIND_STR(cache->all, hash, kept);
	if (!kept)
		return NULL;
	HASH_DEL(cache->all, kept);
	HASH_ADD_STR(cache->all, hash, kept);
	return kept->model;
}

static bool is_full(const struct cache *cache)
{
	unsigned len = HASH_COUNT(cache->all);

	return len > CACHE_LEAST && (len > CACHE_MODELS || cache->bytes > CACHE_BYTES);
}

/* Gives model, also on an error. */
static enum pl_err put(struct cache *cache, const char *hash, size_t len, void *model)
{
	struct kept *kept = calloc(1, sizeof(*kept));

	if (!kept) {
		cache->free_model(model);
		return PL_NOMEM;
	}
	*kept = (struct kept){ .model = model, .len = len };
	snprintf(kept->hash, sizeof(kept->hash), "%s", hash);
	HASH_ADD_STR(cache->all, hash, kept);
	cache->bytes += len;
	while (is_full(cache))
		forget(cache, cache->all);
	return PL_OK;
}

const struct bpmn_model *cache_find(const char *hash)
{
	return find(&workflows, hash);
}

enum pl_err cache_put(const char *hash, const char *xml, size_t xml_len,
		      const struct bpmn_model **modelp)
{
	struct bpmn_model *model = NULL;
	enum pl_err err = bpmn_model_parse(&model, xml, xml_len);

	if (!err)
		err = put(&workflows, hash, xml_len, model);
	if (!err)
		*modelp = model;
	return err;
}

const struct dmn_model *cache_find_decisions(const char *hash)
{
	return find(&decisions, hash);
}

enum pl_err cache_put_decisions(const char *hash, const char *name, const char *xml, size_t xml_len,
				const struct dmn_model **modelp)
{
	const struct dmn_file file = { name, xml, xml_len };
	struct dmn_model *model = NULL;
	enum pl_err err = dmn_load(&model, &file, 1, NULL, NULL);

	if (!err)
		err = put(&decisions, hash, xml_len, model);
	if (!err)
		*modelp = model;
	return err;
}

void cache_clear(void)
{
	while (workflows.all)
		forget(&workflows, workflows.all);
	while (decisions.all)
		forget(&decisions, decisions.all);
}
