/* cache.c — see cache.h. SPDX-License-Identifier: Apache-2.0 */
#include "cache.h"

#include <stdint.h>
#include <stdio.h>
#include <string.h>

static struct slot {
	char hash[65];
	struct bpmn_model *model;
	uint64_t used;
} slots[CACHE_MODELS];
static uint64_t uses;

const struct bpmn_model *cache_find(const char *hash)
{
	for (int i = 0; i < CACHE_MODELS; i++)
		if (slots[i].model && strcmp(slots[i].hash, hash) == 0) {
			slots[i].used = ++uses;
			return slots[i].model;
		}
	return NULL;
}

enum pl_err cache_put(const char *hash, const char *xml, size_t xml_len,
		      const struct bpmn_model **modelp)
{
	struct bpmn_model *model = NULL;
	struct slot *slot = &slots[0];
	enum pl_err err = bpmn_model_parse(&model, xml, xml_len);

	if (err)
		return err;
	for (int i = 1; i < CACHE_MODELS; i++)
		if (slots[i].used < slot->used)
			slot = &slots[i];
	bpmn_model_free(slot->model);
	snprintf(slot->hash, sizeof(slot->hash), "%s", hash);
	slot->model = model;
	slot->used = ++uses;
	*modelp = model;
	return PL_OK;
}

void cache_clear(void)
{
	for (int i = 0; i < CACHE_MODELS; i++)
		bpmn_model_free(slots[i].model);
	memset(slots, 0, sizeof(slots));
}
