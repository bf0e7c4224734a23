/*
 * migrations.c — the tables of work assignment.
 *
 *   work         a contact that waits or is served; deleted at its end. state as in work_fsm.h;
 *                place: its order among all, kept for life; plan: JSON, see plan.h (rows of before
 *                have needs and priority); excluded: JSON [agent, …] since excluded_ms; since_ms:
 * it waits since then agent        as last heard from agent.state; held 1: didn't answer, nothing
 * more until it is heard of reservation  an agent's capacity taken; state as in offer.c closed
 * contacts that have ended, also those never requested decision     why that agent: JSON, see
 * explain.c service      routing services: JSON, see routing.h
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "work.h"

const struct pl_migration work_migrations[] = {
	{ 1, "create table work (contact_id TEXT not null primary key, place BIGINT not null,"
	     " channel TEXT not null, service TEXT not null, needs TEXT not null,"
	     " priority BIGINT not null,"
	     " excluded TEXT not null, excluded_ms BIGINT not null, state BIGINT not null,"
	     " offer_id TEXT not null, since_ms BIGINT not null);"
	     "create index work_place on work (place);"
	     "create index work_excluded on work (excluded_ms) where excluded_ms > 0;"
	     "create table agent (agent_id TEXT not null primary key, name TEXT not null,"
	     " state TEXT not null, state_ms BIGINT not null, ready_since_ms BIGINT not null,"
	     " held BIGINT not null, attributes TEXT not null, capacity TEXT not null);"
	     "create table reservation (offer_id TEXT not null primary key, agent_id TEXT not null,"
	     " channel TEXT not null, service TEXT not null, contact_id TEXT not null,"
	     " state BIGINT not null, at_ms BIGINT not null, alarm_ms BIGINT not null);"
	     "create index reservation_contact on reservation (contact_id);"
	     "create index reservation_state on reservation (state, at_ms);"
	     "create table closed (contact_id TEXT not null primary key, at_ms BIGINT not null);"
	     "create index closed_at on closed (at_ms);"
	     "create table decision (offer_id TEXT not null primary key, contact_id TEXT not null,"
	     " agent_id TEXT not null, at_ms BIGINT not null, explanation TEXT not null);"
	     "create index decision_contact on decision (contact_id, at_ms);"
	     "create index decision_at on decision (at_ms);" },
	{ 2, "alter table work add column plan TEXT not null default '';"
	     "alter table agent add column rank BIGINT not null default 0;"
	     "alter table agent add column by_skill BIGINT not null default 0;"
	     "create table service (name TEXT not null primary key, definition TEXT not null);" },
};
const size_t work_migrations_count = sizeof(work_migrations) / sizeof(work_migrations[0]);
