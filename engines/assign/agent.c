/*
 * agent.c — agents and what is reserved of them.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "private.h"

#include <stdlib.h>

static bool has_capacity(const struct agent *agent, uint32_t channel)
{
	if (agent->in_use >= agent->capacity_total ||
	    agent->channels[channel].used >= agent->channels[channel].max)
		return false;
	if (agent->exclusive >> channel & 1)
		return !(agent->busy & ~agent->interruptible);
	return !(agent->busy & agent->exclusive);
}

void as_agent_update(struct assign *a, struct agent *agent)
{
	uint32_t can = 0, changed;

	for (uint32_t i = 0; agent->available && i < a->channel_count; i++)
		if (has_capacity(agent, i))
			can |= UINT32_C(1) << i;
	changed = can ^ agent->can;
	if (!changed)
		return;
	agent->can = can;
	for (unsigned i = 0; i < INDEX_COUNT; i++)
		if (a->indexes[i])
			as_index_can(a->indexes[i], agent, changed);
	for (uint32_t word = changed; word; word &= word - 1) {
		unsigned channel = lowest_bit(word);

		if (can >> channel & 1)
			a->able_count[channel]++;
		else
			a->able_count[channel]--;
	}
	if (changed & can)
		as_agent_freed(a, agent);
}

void as_agent_occupy(struct assign *a, struct agent *agent, uint32_t channel, int by)
{
	agent->channels[channel].used += (uint32_t)by;
	agent->in_use += (uint32_t)by;
	if (agent->channels[channel].used)
		agent->busy |= UINT32_C(1) << channel;
	else
		agent->busy &= ~(UINT32_C(1) << channel);
	if (!agent->present)
		return;
	if (a->indexes[INDEX_OCCUPIED])
		as_index_update(a->indexes[INDEX_OCCUPIED], agent);
	as_agent_update(a, agent);
}

static enum pl_err agent_check(const struct assign_agent *agent)
{
	if (!as_id_is_valid(agent->id))
		return pl_fail(PL_INVALID, "an agent's id is missing or longer than %d bytes",
			       ASSIGN_ID_MAX);
	if (agent->capacity_total > ASSIGN_CAPACITY_MAX)
		return pl_fail(PL_INVALID, "agent %s: capacity %u, %d is the most", agent->id,
			       agent->capacity_total, ASSIGN_CAPACITY_MAX);
	if (agent->channel_count > ASSIGN_CHANNELS_MAX ||
	    agent->attribute_count > ASSIGN_AGENT_ATTRIBUTES_MAX)
		return pl_fail(PL_INVALID,
			       "agent %s: %zu channels and %zu attributes, %d and %d "
			       "are the most",
			       agent->id, agent->channel_count, agent->attribute_count,
			       ASSIGN_CHANNELS_MAX, ASSIGN_AGENT_ATTRIBUTES_MAX);
	if ((agent->channel_count && !agent->channels) ||
	    (agent->attribute_count && !agent->attributes))
		return pl_fail(PL_INVALID, "agent %s: channels or attributes are missing",
			       agent->id);
	for (size_t i = 0; i < agent->channel_count; i++) {
		const struct assign_channel *channel = &agent->channels[i];

		if (!as_id_is_valid(channel->channel))
			return pl_fail(PL_INVALID,
				       "agent %s: a channel's name is missing or longer "
				       "than %d bytes",
				       agent->id, ASSIGN_ID_MAX);
		if (channel->max < 1 || channel->max > ASSIGN_CAPACITY_MAX)
			return pl_fail(PL_INVALID, "agent %s: %u contacts on %s, it is 1 to %d",
				       agent->id, channel->max, channel->channel,
				       ASSIGN_CAPACITY_MAX);
		if (channel->exclusive && channel->interruptible)
			return pl_fail(PL_INVALID,
				       "agent %s: channel %s is both exclusive and interruptible",
				       agent->id, channel->channel);
		for (size_t j = 0; j < i; j++)
			if (strcmp(agent->channels[j].channel, channel->channel) == 0)
				return pl_fail(PL_INVALID, "agent %s: channel %s twice", agent->id,
					       channel->channel);
	}
	for (size_t i = 0; i < agent->attribute_count; i++) {
		const struct assign_attribute *attribute = &agent->attributes[i];

		if (!as_attribute_is_valid(attribute->attribute))
			return pl_fail(PL_INVALID,
				       "agent %s: attribute '%.150s' isn't "
				       "Category.Value",
				       agent->id, attribute->attribute ? attribute->attribute : "");
		if (attribute->proficiency < 1 || attribute->proficiency > ASSIGN_PROFICIENCY_MAX)
			return pl_fail(PL_INVALID, "agent %s: %s has proficiency %u, it is 1 to %d",
				       agent->id, attribute->attribute, attribute->proficiency,
				       ASSIGN_PROFICIENCY_MAX);
		for (size_t j = 0; j < i; j++)
			if (strcmp(agent->attributes[j].attribute, attribute->attribute) == 0)
				return pl_fail(PL_INVALID, "agent %s: attribute %s twice",
					       agent->id, attribute->attribute);
	}
	return PL_OK;
}

static void held_free(struct assign *a, struct held *held, size_t count)
{
	for (size_t i = 0; i < count; i++) {
		held[i].attribute->refs--;
		as_attribute_sweep(a, held[i].attribute);
	}
	free(held);
}

/* held_new finds the agent's attributes, each referred to, with rows in every index. */
static struct held *held_new(struct assign *a, const struct assign_agent *agent)
{
	struct held *held = malloc((agent->attribute_count + 1) * sizeof(*held));

	for (size_t i = 0; held && i < agent->attribute_count; i++) {
		bool ok = true;

		held[i].attribute = as_attribute_get(a, agent->attributes[i].attribute);
		held[i].proficiency = agent->attributes[i].proficiency;
		if (!held[i].attribute) {
			held_free(a, held, i);
			return NULL;
		}
		held[i].attribute->refs++;
		for (unsigned j = 0; j < INDEX_COUNT; j++)
			if (a->indexes[j] &&
			    !as_index_reserve_attribute(a->indexes[j], held[i].attribute))
				ok = false;
		if (!ok) {
			held_free(a, held, i + 1);
			return NULL;
		}
	}
	return held;
}

/* take_away makes a present agent absent but for its attributes and its number. */
static void take_away(struct assign *a, struct agent *agent)
{
	for (unsigned i = 0; i < INDEX_COUNT; i++)
		if (a->indexes[i])
			as_index_remove(a->indexes[i], agent);
	for (uint32_t can = agent->can; can; can &= can - 1)
		a->able_count[lowest_bit(can)]--;
	agent->can = 0;
	a->available_count -= agent->available;
	a->agent_count--;
	agent->available = false;
	agent->present = false;
}

/* bring_in makes a numbered agent present; what it can do is left to agent_update. */
static void bring_in(struct assign *a, struct agent *agent, bool available)
{
	uint64_t *served = &a->served[(size_t)agent->no * a->queue_words];

	agent->present = true;
	agent->available = available;
	a->agent_count++;
	a->available_count += available;
	for (unsigned i = 0; i < INDEX_COUNT; i++)
		if (a->indexes[i])
			as_index_insert(a->indexes[i], agent);
	memset(served, 0, a->queue_words * sizeof(*served));
	for (uint32_t i = 0; i < a->queue_next; i++)
		if (a->queue_of[i] && as_index_has_all(agent, a->queue_of[i]))
			served[i / 64] |= UINT64_C(1) << i % 64;
}

enum pl_err assign_agent_set(struct assign *a, const struct assign_agent *given)
{
	uint32_t channels[ASSIGN_CHANNELS_MAX];
	struct agent *agent = NULL;
	struct held *held = NULL;
	enum pl_err err;

	if (!a || !given)
		return pl_fail(PL_INVALID, "no agent given");
	err = agent_check(given);
	for (size_t i = 0; !err && i < given->channel_count; i++)
		err = as_channel_get(a, &channels[i], given->channels[i].channel);
	if (err)
		return err;
	agent = as_agent_get(a, given->id);
	if (!agent)
		return PL_NOMEM;
	held = held_new(a, given);
	if (!held)
		goto nomem;
	for (unsigned i = 0; i < INDEX_COUNT; i++)
		if (a->indexes[i] && !as_index_reserve(a, a->indexes[i], a->agent_count + 1))
			goto nomem;
	if (agent->no == NONE && !as_agent_number(a, agent))
		goto nomem;

	if (agent->present)
		take_away(a, agent);
	held_free(a, agent->held, agent->held_count);
	agent->held = held;
	agent->held_count = given->attribute_count;
	agent->ready_since_ms = given->ready_since_ms;
	agent->rank = given->rank;
	agent->by_skill = given->by_skill;
	agent->capacity_total = given->capacity_total;
	agent->exclusive = agent->interruptible = 0;
	for (size_t i = 0; i < ASSIGN_CHANNELS_MAX; i++)
		agent->channels[i].max = 0;
	for (size_t i = 0; i < given->channel_count; i++) {
		agent->channels[channels[i]].max = (uint16_t)given->channels[i].max;
		if (given->channels[i].exclusive)
			agent->exclusive |= UINT32_C(1) << channels[i];
		if (given->channels[i].interruptible)
			agent->interruptible |= UINT32_C(1) << channels[i];
	}
	bring_in(a, agent, given->available);
	as_agent_update(a, agent);
	return PL_OK;
nomem:
	if (held)
		held_free(a, held, given->attribute_count);
	as_agent_sweep(a, agent);
	return PL_NOMEM;
}

static enum pl_err find_present(struct assign *a, struct agent **agentp, const char *id)
{
	struct agent *agent;

	if (!a || !as_id_is_valid(id))
		return pl_fail(PL_INVALID, "an agent's id is missing or longer than %d bytes",
			       ASSIGN_ID_MAX);
	agent = as_agent_find(a, id);
	if (!agent || !agent->present)
		return pl_fail(PL_NOTFOUND, "no agent %s", id);
	*agentp = agent;
	return PL_OK;
}

enum pl_err assign_agent_available(struct assign *a, const char *id, bool available,
				   int64_t ready_since_ms)
{
	struct agent *agent;
	enum pl_err err = find_present(a, &agent, id);

	if (err)
		return err;
	agent->ready_since_ms = ready_since_ms;
	for (unsigned i = 0; i < INDEX_COUNT; i++)
		if (a->indexes[i])
			as_index_update(a->indexes[i], agent);
	if (available && !agent->available)
		a->available_count++;
	else if (!available && agent->available)
		a->available_count--;
	agent->available = available;
	as_agent_update(a, agent);
	return PL_OK;
}

enum pl_err assign_agent_remove(struct assign *a, const char *id)
{
	struct agent *agent;
	enum pl_err err = find_present(a, &agent, id);

	if (err)
		return err;
	take_away(a, agent);
	held_free(a, agent->held, agent->held_count);
	agent->held = NULL;
	agent->held_count = 0;
	a->agent_free[a->agent_free_count++] = agent->no;
	agent->no = NONE;
	for (uint32_t i = 0; agent->freed && i < a->freed_count; i++)
		if (a->freed[i] == agent) {
			a->freed[i] = a->freed[--a->freed_count];
			agent->freed = false;
		}
	as_agent_sweep(a, agent);
	return PL_OK;
}

static struct hold *hold_find(const struct assign *a, const char *ref)
{
	struct map_node *node = as_map_find(&a->refs, ref, strlen(ref));

	return node ? container_of(node, struct hold, node) : NULL;
}

static enum pl_err reserve(struct assign *a, const char *agent_id, const char *channel_name,
			   const char *ref, bool is_fact)
{
	struct agent *agent;
	struct hold *hold;
	uint32_t channel;
	enum pl_err err;
	size_t len;

	if (!a || !as_id_is_valid(agent_id) || !as_id_is_valid(channel_name) ||
	    !as_id_is_valid(ref))
		return pl_fail(PL_INVALID,
			       "an agent, channel or reference is missing or longer "
			       "than %d bytes",
			       ASSIGN_ID_MAX);
	if (hold_find(a, ref))
		return pl_fail(PL_STATE, "reference %s is in use", ref);
	agent = as_agent_find(a, agent_id);
	if (!is_fact && (!agent || !agent->present))
		return pl_fail(PL_NOTFOUND, "no agent %s", agent_id);
	err = as_channel_get(a, &channel, channel_name);
	if (err)
		return err;
	if (!is_fact && !has_capacity(agent, channel))
		return pl_fail(PL_STATE, "agent %s has no capacity left for %s", agent_id,
			       channel_name);
	len = strlen(ref);
	hold = calloc(1, sizeof(*hold) + len + 1);
	if (!hold || !as_map_reserve(&a->refs, 1)) {
		free(hold);
		return PL_NOMEM;
	}
	agent = as_agent_get(a, agent_id);
	if (!agent) {
		free(hold);
		return PL_NOMEM;
	}
	memcpy(hold + 1, ref, len + 1);
	hold->node = (struct map_node){ hold + 1, len };
	hold->memory = hold;
	hold->agent = agent;
	hold->channel = channel;
	as_map_put(&a->refs, &hold->node);
	agent->refs++;
	a->reserved++;
	as_agent_occupy(a, agent, channel, 1);
	return PL_OK;
}

enum pl_err assign_reserve(struct assign *a, const char *agent_id, const char *channel,
			   const char *ref)
{
	return reserve(a, agent_id, channel, ref, false);
}

enum pl_err assign_restore(struct assign *a, const char *agent_id, const char *channel,
			   const char *ref)
{
	return reserve(a, agent_id, channel, ref, true);
}

static enum pl_err find_reserved(struct assign *a, struct hold **holdp, const char *ref)
{
	struct hold *hold;

	if (!a || !as_id_is_valid(ref))
		return pl_fail(PL_INVALID, "a reference is missing or longer than %d bytes",
			       ASSIGN_ID_MAX);
	hold = hold_find(a, ref);
	if (!hold || !hold->agent)
		return pl_fail(PL_NOTFOUND, "nothing is reserved as %s", ref);
	*holdp = hold;
	return PL_OK;
}

enum pl_err assign_release(struct assign *a, const char *ref)
{
	struct hold *hold;
	struct agent *agent;
	enum pl_err err = find_reserved(a, &hold, ref);

	if (err)
		return err;
	agent = hold->agent;
	as_map_remove(&a->refs, &hold->node);
	a->reserved--;
	agent->refs--;
	as_agent_occupy(a, agent, hold->channel, -1);
	free(hold->own_ref);
	free(hold->memory);
	as_agent_sweep(a, agent);
	return PL_OK;
}

enum pl_err assign_rename(struct assign *a, const char *ref, const char *new_ref)
{
	struct hold *hold;
	enum pl_err err = find_reserved(a, &hold, ref);
	size_t len;
	char *own;

	if (err)
		return err;
	if (!as_id_is_valid(new_ref))
		return pl_fail(PL_INVALID, "a reference is missing or longer than %d bytes",
			       ASSIGN_ID_MAX);
	if (hold_find(a, new_ref))
		return pl_fail(PL_STATE, "reference %s is in use", new_ref);
	len = strlen(new_ref);
	own = malloc(len + 1);
	if (!own)
		return PL_NOMEM;
	memcpy(own, new_ref, len + 1);
	as_map_remove(&a->refs, &hold->node);
	free(hold->own_ref);
	hold->own_ref = own;
	hold->node = (struct map_node){ own, len };
	as_map_put(&a->refs, &hold->node);
	return PL_OK;
}
