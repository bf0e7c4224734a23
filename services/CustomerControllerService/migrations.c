/*
 * migrations.c — the tables of chats. A chat's frames are in the SDK's stream contact.ID.
 *
 *   chat         one a contact; state as in chat_fsm.h, gone_ms and is_away as in presence.c;
 *                column connection isn't used any more; asked_ms: when it was opened, by
 *                pl_turn_steady_ms
 *                service: whose agent joined last; survey: the questions that were asked
 *   connection   the customer's sockets          survey     questions of each routing service
 *   participant  who joined, one an offer; left_ms 0 while there
 *   said         clientIds that have been taken, for ever: (sender, client_id) → seq; n, closed_n:
 *                numbers of their events
 *   file         what was sent, by its sender's clientId; hash: where the blob store has it
 *   told         its other events, with their numbers
 *   shutdown     Shutdown Mode, one row          close_all  the latest Close all, one row
 *   chat_secret  keys of resume tokens, the newest of use; see token.c
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "chat.h"

const struct pl_migration chat_migrations[] = {
	{ 1,
	  "create table chat (contact_id TEXT not null primary key, state BIGINT not null,"
	  " client_id TEXT, secret_id BIGINT not null, token_hash BLOB not null, name TEXT not null,"
	  " email TEXT, topic TEXT, attributes TEXT not null, context TEXT not null,"
	  " opened_ms BIGINT not null, closed_ms BIGINT not null, reason TEXT,"
	  " connection TEXT, gone_ms BIGINT not null);"
	  "create index chat_client on chat (client_id, opened_ms) where client_id is not null;"
	  "create index chat_closed on chat (closed_ms) where closed_ms > 0;"
	  "create table participant (contact_id TEXT not null, offer_id TEXT not null,"
	  " agent_id TEXT not null, role TEXT not null, name TEXT not null, joined_ms BIGINT not null,"
	  " left_ms BIGINT not null, primary key (contact_id, offer_id));"
	  "create table said (contact_id TEXT not null, sender TEXT not null, client_id TEXT not null,"
	  " seq BIGINT not null, primary key (contact_id, sender, client_id));"
	  "create table chat_secret (id BIGINT not null primary key, made_ms BIGINT not null,"
	  " secret BLOB not null);" },
	{ 2, "alter table said add column n BIGINT not null default 0;"
	     "alter table chat add column closed_n BIGINT not null default 0;"
	     "update said set n = 1 + (select count(*) from said b where b.contact_id = "
	     "said.contact_id and b.seq <= said.seq);"
	     "update chat set closed_n = 2 + (select count(*) from said where said.contact_id = "
	     "chat.contact_id) where closed_ms > 0;" },
	{ 3, "create table shutdown (id BIGINT not null primary key, is_on BIGINT not null,"
	     " since_ms BIGINT not null, by_user TEXT not null);"
	     "create table close_all (id BIGINT not null primary key, by_user TEXT not null,"
	     " total BIGINT not null, closed BIGINT not null, started_ms BIGINT not null,"
	     " ended_ms BIGINT not null);"
	     "create index chat_running on chat (contact_id) where state < 3;" },
	{ 4,
	  "alter table chat add column is_away BIGINT not null default 0;"
	  "create table connection (contact_id TEXT not null, connection TEXT not null,"
	  " since_ms BIGINT not null, primary key (contact_id, connection));"
	  "insert into connection (contact_id, connection, since_ms) select contact_id, connection,"
	  " opened_ms from chat where state < 3 and connection is not null and gone_ms = 0;" },
	{ 5, "create table survey (service TEXT not null primary key, questions TEXT not null);"
	     "alter table chat add column service TEXT not null default '';"
	     "alter table chat add column survey TEXT;"
	     "alter table chat add column answered_ms BIGINT not null default 0;" },
	{ 6, "create table told (contact_id TEXT not null, n BIGINT not null, verb TEXT not null,"
	     " at_ms BIGINT not null, body TEXT not null, primary key (contact_id, n));"
	     "insert into told (contact_id, n, verb, at_ms, body) select contact_id, closed_n,"
	     " 'closed', closed_ms, '{\"contactId\":\"' || contact_id || '\",\"reason\":\"' ||"
	     " reason || '\"}' from chat where closed_n > 0;" },
	/* what is said has a noun of its own now, and numbers from 1 */
	{ 7, "update said set n = 0;" },
	{ 8, "create table file (contact_id TEXT not null, id TEXT not null, sender TEXT not null,"
	     " client_id TEXT not null, seq BIGINT not null, name TEXT not null,"
	     " size BIGINT not null, type TEXT not null, hash TEXT not null,"
	     " primary key (contact_id, id), unique (contact_id, sender, client_id));" },
	{ 9,
	  "alter table chat add column asked_ms BIGINT not null default 0;"
	  "update chat set asked_ms = opened_ms;"
	  "drop index chat_client;"
	  "create index chat_client on chat (client_id, asked_ms) where client_id is not null;" },
	{ 10, "alter table close_all add column asked_ms BIGINT not null default 0;" },
};
const size_t chat_migrations_count = sizeof(chat_migrations) / sizeof(chat_migrations[0]);
