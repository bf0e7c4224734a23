/* cache.c — see cache.h. SPDX-License-Identifier: Apache-2.0 */
#include "cache.h"

#include <stdint.h>
#include <stdio.h>
#include <string.h>

struct slot {
	char hash[65];
	void *model;
	uint64_t used;
};

static struct slot workflows[CACHE_MODELS], decisions[CACHE_MODELS];
static uint64_t uses;

static void *find(struct slot *slots, const char *hash)
{
	for (int i = 0; i < CACHE_MODELS; i++)
		if (slots[i].model && strcmp(slots[i].hash, hash) == 0) {
			slots[i].used = ++uses;
			return slots[i].model;
		}
	return NULL;
}

/* Returns the model that had its place, or NULL. */
static void *put(struct slot *slots, const char *hash, void *model)
{
	struct slot *slot = &slots[0];
	void *old;

	for (int i = 1; i < CACHE_MODELS; i++)
		if (slots[i].used < slot->used)
			slot = &slots[i];
	old = slot->model;
	snprintf(slot->hash, sizeof(slot->hash), "%s", hash);
	slot->model = model;
	slot->used = ++uses;
	return old;
}

const struct bpmn_model *cache_find(const char *hash)
{
	return find(workflows, hash);
}

enum pl_err cache_put(const char *hash, const char *xml, size_t xml_len,
		      const struct bpmn_model **modelp)
{
	struct bpmn_model *model = NULL;
	enum pl_err err = bpmn_model_parse(&model, xml, xml_len);

	if (err)
		return err;
	bpmn_model_free(put(workflows, hash, model));
	*modelp = model;
	return PL_OK;
}

const struct dmn_model *cache_find_decisions(const char *hash)
{
	return find(decisions, hash);
}

enum pl_err cache_put_decisions(const char *hash, const char *name, const char *xml, size_t xml_len,
				const struct dmn_model **modelp)
{
	const struct dmn_file file = { name, xml, xml_len };
	struct dmn_model *model = NULL;
	enum pl_err err = dmn_load(&model, &file, 1, NULL, NULL);

	if (err)
		return err;
	dmn_free(put(decisions, hash, model));
	*modelp = model;
	return PL_OK;
}

void cache_clear(void)
{
	for (int i = 0; i < CACHE_MODELS; i++) {
		bpmn_model_free(workflows[i].model);
		dmn_free(decisions[i].model);
	}
	memset(workflows, 0, sizeof(workflows));
	memset(decisions, 0, sizeof(decisions));
}
