/*
 * spec.h — an agent as the engine wants it, from what agent.state says.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef SPEC_H
#define SPEC_H

#include <jansson.h>

#include "engines/assign/assign.h"

struct spec {
	struct assign_channel channels[ASSIGN_CHANNELS_MAX];
	struct assign_attribute attributes[ASSIGN_AGENT_ATTRIBUTES_MAX];
	size_t channel_count, attribute_count;
	unsigned total;	  /* contacts at once */
	unsigned skipped; /* what could not be read */
};

/*
 * spec_fill reads [{"name","proficiency"}…] and {"total","chat",…}. What is malformed, doubled
 * or too much is left out and counted. Without a total it is the largest of the channels. Texts
 * are borrowed.
 */
void spec_fill(struct spec *spec, const json_t *attributes, const json_t *capacity);

#endif
