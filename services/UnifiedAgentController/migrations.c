/* migrations.c — the schema, step by step. SPDX-License-Identifier: Apache-2.0 */
#include "uac.h"

/* States as in agent_fsm.h; attributes, capacity, reasons, routing, frame: JSON; session_id: ""
 * without a page; is_accepted: 0 offered, 1 accepted, 2 over */
const struct pl_migration uac_migrations[] = {
	{ 1, "create table agent (agent_id TEXT not null primary key, name TEXT not null,"
	     " state BIGINT not null, reason TEXT not null, session_id TEXT not null,"
	     " attributes TEXT not null, capacity TEXT not null, since_ms BIGINT not null);"
	     "create table offer (offer_id TEXT not null primary key, agent_id TEXT not null,"
	     " is_accepted BIGINT not null, frame TEXT not null, expires_ms BIGINT not null);"
	     "create index offer_agent on offer (agent_id, is_accepted);"
	     "create table stream_mark (stream TEXT not null, seq BIGINT not null,"
	     " at_ms BIGINT not null, is_last BIGINT not null, primary key (stream, seq));"
	     "create index stream_mark_at on stream_mark (at_ms);" },
	{ 2, "alter table agent add column reasons TEXT not null default '[]';"
	     "alter table agent add column auto_ready BIGINT not null default 0;" },
	{ 3, "alter table agent add column routing TEXT not null default '{}';" },
};
const size_t uac_migrations_count = sizeof(uac_migrations) / sizeof(uac_migrations[0]);
