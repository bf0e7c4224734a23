/*
 * migrations.c — the contacts of agents, one row an accepted offer.
 *
 *   joined  answer of the chat's join, until the agent has been shown it
 *   about   what the agent was shown beside the transcript, for a page that comes back
 *   reason  why the chat was closed
 *   agent   from the agents' own events: names, and how long wrap-up is where the user says so; 0:
 *           the user doesn't
 *
 *   parent_id   of a consultation: the contact whose chat is shown; else ""
 *   brief       JSON: what the agent was told with the offer: note, kind, parentId, from
 *   presence    of a consultation: 0 watches the chat, 1 joins it, 2 is in it
 *   extensions  of wrap-up, that were taken
 *   leg         consultations, as the contact's agent sees them; step as in leg.c, never back
 *   service     how long wrap-up is, where the routing service says so
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
	{ 2, "alter table agent_contact add column parent_id TEXT not null default '';"
	     "alter table agent_contact add column brief TEXT;"
	     "alter table agent_contact add column presence BIGINT not null default 0;"
	     "alter table agent_contact add column extensions BIGINT not null default 0;"
	     "create index agent_contact_parent on agent_contact (parent_id) where parent_id <> '';"
	     "create table leg (leg_id TEXT not null primary key, contact_id TEXT not null,"
	     " step BIGINT not null, shown TEXT not null, at_ms BIGINT not null);"
	     "create index leg_contact on leg (contact_id, leg_id);"
	     "create table service (name TEXT not null primary key, wrapup_s BIGINT not null);" },
	{ 3, "create index agent_contact_about on agent_contact (parent_id, agent_id) "
	     "where parent_id <> '';"
	     "drop index agent_contact_parent;" },
	{ 4, "alter table agent add column wrapup_s BIGINT not null default 0;" },
};
const size_t desk_migrations_count = sizeof(desk_migrations) / sizeof(desk_migrations[0]);
