/*
 * spec.c — see spec.h.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "spec.h"

#include <string.h>

/* RTG-3: nothing beside an exclusive one; an interruptible one may lie beside it. Others: neither.
 */
static const struct {
	const char *channel;
	bool exclusive, interruptible;
} channels[] = {
	{ "voice", true, false }, { "outbound", true, false }, { "email", false, true },
	{ "sms", false, true },	  { "social", false, true },
};

static struct assign_channel channel_of(const char *name, unsigned max)
{
	struct assign_channel channel = { .channel = name, .max = max };

	for (size_t i = 0; i < sizeof(channels) / sizeof(channels[0]); i++)
		if (strcmp(channels[i].channel, name) == 0) {
			channel.exclusive = channels[i].exclusive;
			channel.interruptible = channels[i].interruptible;
		}
	return channel;
}

static bool is_attribute(const char *name)
{
	const char *dot = name && strlen(name) <= ASSIGN_ID_MAX ? strchr(name, '.') : NULL;

	return dot && dot > name && dot[1];
}

static bool has_attribute(const struct spec *spec, const char *name)
{
	for (size_t i = 0; i < spec->attribute_count; i++)
		if (strcmp(spec->attributes[i].attribute, name) == 0)
			return true;
	return false;
}

static void add_attribute(struct spec *spec, const json_t *one)
{
	const char *name = json_string_value(json_object_get(one, "name"));
	json_int_t proficiency = json_integer_value(json_object_get(one, "proficiency"));

	if (!is_attribute(name) || has_attribute(spec, name) || proficiency < 1 ||
	    proficiency > ASSIGN_PROFICIENCY_MAX ||
	    spec->attribute_count == ASSIGN_AGENT_ATTRIBUTES_MAX) {
		spec->skipped++;
		return;
	}
	spec->attributes[spec->attribute_count++] =
		(struct assign_attribute){ name, (unsigned)proficiency };
}

static void add_channel(struct spec *spec, const char *channel, const json_t *most)
{
	json_int_t max = json_integer_value(most);

	if (json_is_integer(most) && max == 0)
		return; /* none of these */
	if (!*channel || strlen(channel) > ASSIGN_ID_MAX || max < 1 || max > ASSIGN_CAPACITY_MAX ||
	    spec->channel_count == ASSIGN_CHANNELS_MAX) {
		spec->skipped++;
		return;
	}
	spec->channels[spec->channel_count++] = channel_of(channel, (unsigned)max);
	if (!spec->total || (unsigned)max > spec->total)
		spec->total = (unsigned)max;
}

void spec_fill(struct spec *spec, const json_t *attributes, const json_t *capacity)
{
	const json_t *total = json_object_get(capacity, "total");
	const char *channel;
	json_t *one;
	size_t i;

	spec->channel_count = spec->attribute_count = 0;
	spec->total = spec->skipped = 0;
	json_array_foreach(attributes, i, one)
		add_attribute(spec, one);
	/* jansson's macro wants an object that may change; it isn't changed */
	json_object_foreach((json_t *)(uintptr_t)capacity, channel, one) {
		if (strcmp(channel, "total") != 0)
			add_channel(spec, channel, one);
	}
	if (!total)
		return;
	if (json_is_integer(total) && json_integer_value(total) >= 0 &&
	    json_integer_value(total) <= ASSIGN_CAPACITY_MAX)
		spec->total = (unsigned)json_integer_value(total);
	else
		spec->skipped++;
}
