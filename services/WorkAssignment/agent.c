/*
 * agent.c — agents: as UnifiedAgentController tells, and since when they are idle.
 *
 * The longest idle counts from the last release of a contact, or from Ready. An agent who didn't
 * answer, or is gone, is held back until UnifiedAgentController is heard of next, as its word that
 * the agent isn't ready comes by another way than the offer's end, and may come later.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include <stdlib.h>
#include <string.h>

#include "queue.h"
#include "spec.h"

enum { NAME_BYTES = 200, STATE_BYTES = 40, RANK_MAX = 1000000 };

struct agent {
	char id[ASSIGN_ID_MAX + 1];
	char name[NAME_BYTES + 1];
	char state[STATE_BYTES + 1];
	int64_t state_ms, ready_since_ms;
	bool held;
	int64_t rank;
	bool by_skill;
	json_t *attributes, *capacity;
};

#define COLUMNS                                                                                    \
	"agent_id, name, state, state_ms, ready_since_ms, held, attributes, capacity, rank, by_skill"

static json_t *parsed(const char *text, json_t *otherwise)
{
	json_t *value = text ? json_loads(text, 0, NULL) : NULL;

	if (!value)
		return otherwise;
	json_decref(otherwise);
	return value;
}

static void from_row(struct agent *agent, const struct pl_rows *rows)
{
	*agent = (struct agent){ 0 };
	snprintf(agent->id, sizeof(agent->id), "%s", pl_rows_text(rows, 0));
	snprintf(agent->name, sizeof(agent->name), "%s", pl_rows_text(rows, 1));
	snprintf(agent->state, sizeof(agent->state), "%s", pl_rows_text(rows, 2));
	agent->state_ms = pl_rows_int(rows, 3);
	agent->ready_since_ms = pl_rows_int(rows, 4);
	agent->held = pl_rows_int(rows, 5) != 0;
	agent->attributes = parsed(pl_rows_text(rows, 6), json_array());
	agent->capacity = parsed(pl_rows_text(rows, 7), json_object());
	agent->rank = pl_rows_int(rows, 8);
	agent->by_skill = pl_rows_int(rows, 9) != 0;
}

static void agent_fini(struct agent *agent)
{
	json_decref(agent->attributes);
	json_decref(agent->capacity);
}

static bool agent_load(struct pl_turn *turn, struct agent *agent, const char *id)
{
	struct pl_rows *rows =
		pl_query(turn, "select " COLUMNS " from agent where agent_id = $1", "s", id);
	bool found = pl_rows_next(rows);

	if (found)
		from_row(agent, rows);
	pl_rows_free(rows);
	return found;
}

static bool is_in(const struct agent *agent, const char *state)
{
	return strcmp(agent->state, state) == 0;
}

static bool is_available(const struct agent *agent)
{
	return is_in(agent, "Ready") && !agent->held;
}

/* Each service of an agent is a line, on each of its channels. */
static void show_lines(const struct spec *spec)
{
	static const char prefix[] = "Service.";

	for (size_t i = 0; i < spec->attribute_count; i++) {
		const char *name = spec->attributes[i].attribute;

		if (strncmp(name, prefix, sizeof(prefix) - 1) != 0)
			continue;
		for (size_t c = 0; c < spec->channel_count; c++)
			(void)queue_line(name + sizeof(prefix) - 1, spec->channels[c].channel);
	}
}

/* apply states the agent to the engine. One that the engine refuses gets nothing. */
static enum pl_err apply(struct pl_turn *turn, const struct agent *agent)
{
	static struct spec spec; /* 6 KiB; one thread */
	struct assign_agent given = { .id = agent->id,
				      .available = is_available(agent),
				      .ready_since_ms = agent->ready_since_ms,
				      .rank = (unsigned)agent->rank,
				      .channels = spec.channels,
				      .attributes = spec.attributes };
	enum pl_err err;

	if (is_in(agent, "LoggedOut")) {
		(void)assign_agent_remove(queue_engine(), agent->id);
		return PL_OK;
	}
	spec_fill(&spec, agent->attributes, agent->capacity);
	if (spec.skipped)
		pl_log(WARN, "agent.unreadable", NULL,
		       "agent=%s %u of its attributes and capacities were left out", agent->id,
		       spec.skipped);
	given.by_skill =
		agent->by_skill || pl_attribute_get(pl_turn_service(turn), "work_selection") == 1;
	given.capacity_total = spec.total;
	given.channel_count = spec.channel_count;
	given.attribute_count = spec.attribute_count;
	err = assign_agent_set(queue_engine(), &given);
	if (err && err != PL_NOMEM) {
		pl_log(ERROR, "agent.refused", NULL, "agent=%s gets no contacts: %s", agent->id,
		       pl_err_detail(err));
		(void)assign_agent_remove(queue_engine(), agent->id);
		return PL_OK;
	}
	show_lines(&spec);
	return err;
}

static void store(struct pl_turn *turn, const struct agent *agent)
{
	char *attributes = pl_json_dump(agent->attributes),
	     *capacity = pl_json_dump(agent->capacity);

	pl_exec(turn,
		"insert into agent (agent_id, name, state, state_ms, ready_since_ms, held,"
		" attributes, capacity) values ($1, $2, $3, $4, $5, $6, $7, $8)"
		" on conflict (agent_id) do update set"
		" name = excluded.name, state = excluded.state, state_ms = excluded.state_ms,"
		" ready_since_ms = excluded.ready_since_ms, held = excluded.held,"
		" attributes = excluded.attributes, capacity = excluded.capacity",
		"sssiiiss", agent->id, agent->name, agent->state, agent->state_ms,
		agent->ready_since_ms, (int64_t)agent->held, attributes ? attributes : "[]",
		capacity ? capacity : "{}");
	pl_exec(turn, "update agent set rank = $2, by_skill = $3 where agent_id = $1", "sii",
		agent->id, agent->rank, (int64_t)agent->by_skill);
	free(attributes);
	free(capacity);
}

static void take(json_t **to, json_t *from)
{
	if (!from)
		return;
	json_decref(*to);
	*to = json_incref(from);
}

enum pl_err on_agent_state(struct pl_turn *turn, const struct pl_event *event)
{
	const char *state = NULL, *name = NULL, *selection = NULL;
	int64_t rank = 0;
	json_t *attributes = NULL, *capacity = NULL;
	struct agent agent = { 0 };
	bool is_repeat;
	enum pl_err err;

	err = pl_json_text(&state, event->body, "state", STATE_BYTES, true);
	if (!err && (!*event->key || strlen(event->key) > ASSIGN_ID_MAX))
		err = pl_fail(PL_INVALID, "agentId is missing or longer than %d bytes",
			      ASSIGN_ID_MAX);
	if (!err)
		err = pl_json_text(&name, event->body, "name", NAME_BYTES, false);
	if (!err)
		err = pl_json_array(&attributes, event->body, "attributes", 10000, false);
	if (!err)
		err = pl_json_object(&capacity, event->body, "capacity", 1000, false);
	if (!err)
		err = pl_json_int(&rank, event->body, "rank", 0, RANK_MAX, false);
	if (!err)
		err = pl_json_text(&selection, event->body, "workSelection", STATE_BYTES, false);
	if (err)
		return err;
	if (!agent_load(turn, &agent, event->key))
		agent = (struct agent){ .attributes = json_array(), .capacity = json_object() };
	snprintf(agent.id, sizeof(agent.id), "%s", event->key);
	is_repeat = is_in(&agent, state) && event->at_ms <= agent.state_ms;
	if (strcmp(state, "Ready") == 0 && !is_in(&agent, "Ready"))
		agent.ready_since_ms = event->at_ms;
	snprintf(agent.state, sizeof(agent.state), "%s", state);
	agent.held = agent.held && is_repeat;
	agent.state_ms = event->at_ms;
	agent.rank = rank;
	agent.by_skill = selection && strcmp(selection, "skillLevel") == 0;
	if (name)
		snprintf(agent.name, sizeof(agent.name), "%s", name);
	take(&agent.attributes, attributes);
	take(&agent.capacity, capacity);
	store(turn, &agent);
	err = apply(turn, &agent);
	agent_fini(&agent);
	return err ? err : match_all(turn);
}

void agent_freed(struct pl_turn *turn, const char *id, int64_t at_ms, int64_t gone_ms)
{
	struct agent agent;

	if (!agent_load(turn, &agent, id))
		return;
	if (agent.ready_since_ms < at_ms)
		agent.ready_since_ms = at_ms;
	if (is_in(&agent, "Ready") && agent.state_ms < gone_ms)
		agent.held = true;
	pl_exec(turn, "update agent set ready_since_ms = $2, held = $3 where agent_id = $1", "sii",
		id, agent.ready_since_ms, (int64_t)agent.held);
	(void)assign_agent_available(queue_engine(), id, is_available(&agent),
				     agent.ready_since_ms);
	agent_fini(&agent);
}

enum pl_err agents_load(struct pl_turn *turn)
{
	struct pl_rows *rows = pl_query(turn, "select " COLUMNS " from agent", "");
	enum pl_err err = PL_OK;

	while (!err && pl_rows_next(rows)) {
		struct agent agent;

		from_row(&agent, rows);
		err = apply(turn, &agent);
		agent_fini(&agent);
	}
	if (!err)
		err = pl_rows_err(rows);
	pl_rows_free(rows);
	return err;
}
