/* migrations.c — the schema, step by step. SPDX-License-Identifier: Apache-2.0 */
#include "ucm.h"

/* States as in contact_fsm.h and offer_fsm.h; customer, attributes, early: JSON; times: 0 is not
 * yet. told: events of offers, by their number */
const struct pl_migration ucm_migrations[] = {
	{ 1, "create table contact (contact_id TEXT not null primary key, state BIGINT not null,"
	     " channel TEXT not null, service TEXT not null, customer TEXT not null, topic TEXT,"
	     " attributes TEXT not null, offer_id TEXT not null, agent_id TEXT not null,"
	     " is_known BIGINT not null, opened_ms BIGINT not null, since_ms BIGINT not null,"
	     " closed_ms BIGINT not null default 0, close_reason TEXT not null, early TEXT);"
	     "create index contact_state on contact (state, contact_id);"
	     "create index contact_ended on contact (since_ms) where state = 6;"
	     "create table offer (offer_id TEXT not null primary key, contact_id TEXT not null,"
	     " agent_id TEXT not null, channel TEXT not null, service TEXT not null,"
	     " state BIGINT not null, reason TEXT not null, disposition TEXT,"
	     " made_ms BIGINT not null, since_ms BIGINT not null);"
	     "create index offer_contact on offer (contact_id, made_ms);"
	     "create index offer_open on offer (agent_id) where state <= 2;" },
	{ 2, "create table told (contact_id TEXT not null, n BIGINT not null, verb TEXT not null,"
	     " at_ms BIGINT not null, body TEXT not null, primary key (contact_id, n));" },
	/* parent_id: of a leg the contact that it is about; is_named: it asks one agent, and nobody
	 * else; note: JSON, of who transferred the contact last; legs: how many it had */
	{ 3,
	  "alter table contact add column parent_id TEXT not null default '';"
	  "alter table contact add column is_named BIGINT not null default 0;"
	  "alter table contact add column note TEXT;"
	  "alter table contact add column legs BIGINT not null default 0;"
	  "create table leg (leg_id TEXT not null primary key, contact_id TEXT not null,"
	  " state BIGINT not null, offer_id TEXT not null, agent_id TEXT not null,"
	  " agent_name TEXT not null, about TEXT not null, since_ms BIGINT not null);"
	  "create index leg_contact on leg (contact_id, leg_id);"
	  "create table told_leg (contact_id TEXT not null, n BIGINT not null, verb TEXT not null,"
	  " at_ms BIGINT not null, body TEXT not null, primary key (contact_id, n));"
	  "create table service (name TEXT not null primary key);" },
	/* state is a column of it so that it is preferred to contact_state */
	{ 4, "create index contact_over on contact (state, since_ms) where state = 6;"
	     "drop index contact_ended;" },
	/* agent: those with a time of their own to answer an offer */
	{ 5, "create table agent (agent_id TEXT not null primary key, offer_s BIGINT not null);" },
};
const size_t ucm_migrations_count = sizeof(ucm_migrations) / sizeof(ucm_migrations[0]);
