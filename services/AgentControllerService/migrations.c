/*
 * migrations.c — the contacts of agents, one row an accepted offer.
 *
 *   joined  answer of the chat's join, until the agent has been shown it
 *   about   what the agent was shown beside the transcript, for a page that comes back
 *   reason  why the chat was closed
 *   agent   names, from the agents' own events
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "desk.h"

const struct pl_migration desk_migrations[] = {
	{ 1,
	  "create table agent_contact (offer_id TEXT not null primary key, agent_id TEXT not null,"
	  " contact_id TEXT not null, state BIGINT not null, name TEXT not null,"
	  " channel TEXT not null, service TEXT not null, joined TEXT, about TEXT, reason TEXT,"
	  " disposition TEXT, ended_ms BIGINT not null);"
	  "create index agent_contact_agent on agent_contact (agent_id, contact_id);"
	  "create index agent_contact_contact on agent_contact (contact_id);"
	  "create index agent_contact_ended on agent_contact (ended_ms) where ended_ms > 0;"
	  "create table agent (agent_id TEXT not null primary key, name TEXT not null);" },
};
const size_t desk_migrations_count = sizeof(desk_migrations) / sizeof(desk_migrations[0]);
