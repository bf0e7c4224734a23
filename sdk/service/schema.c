/*
 * schema.c — the tables that every service has.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "impl.h"

const struct pl_migration sdk_migrations[] = {
	{ 1,
	  "create table pl_meta (name TEXT primary key, value TEXT not null);"
	  "create table pl_request (id TEXT primary key, at_ms BIGINT not null, reply TEXT not null) PL_BY_KEY;"
	  "create index pl_request_at on pl_request (at_ms);"
	  "create table pl_key (noun TEXT not null, key TEXT not null, n BIGINT not null,"
	  " primary key (key, noun)) PL_BY_KEY;"
	  "create table pl_outbox_a (seq BIGINT primary key, noun TEXT not null, verb TEXT not null,"
	  " key TEXT not null, n BIGINT not null, body TEXT not null);"
	  "create table pl_outbox_b (seq BIGINT primary key, noun TEXT not null, verb TEXT not null,"
	  " key TEXT not null, n BIGINT not null, body TEXT not null);"
	  "create index pl_outbox_a_key on pl_outbox_a (key, noun, n);"
	  "create index pl_outbox_b_key on pl_outbox_b (key, noun, n);"
	  "create table pl_seen (producer TEXT not null, noun TEXT not null, key TEXT not null,"
	  " n BIGINT not null, at_ms BIGINT not null, primary key (key, noun, producer)) PL_BY_KEY;"
	  "create table pl_position (reader TEXT primary key, seq BIGINT not null,"
	  " identity TEXT not null);"
	  "create table pl_gap (producer TEXT not null, noun TEXT not null, key TEXT not null,"
	  " first BIGINT not null, upto BIGINT not null, primary key (producer, noun, key));"
	  "create table pl_parked (producer TEXT not null, noun TEXT not null, key TEXT not null,"
	  " n BIGINT not null, body TEXT not null, reason TEXT not null, at_ms BIGINT not null,"
	  " primary key (producer, noun, key, n));"
	  "create table pl_command (id TEXT primary key, operation TEXT not null, lane TEXT not null,"
	  " body TEXT not null, context TEXT not null) PL_BY_KEY;"
	  "create table pl_timer (kind TEXT not null, key TEXT not null, clock BIGINT not null,"
	  " wall_ms BIGINT not null, mono_ms BIGINT not null, boot_id TEXT not null,"
	  " body TEXT not null, primary key (kind, key)) PL_BY_KEY;"
	  "create table pl_stream (stream TEXT primary key, head BIGINT not null) PL_BY_KEY;"
	  "create table pl_frame (stream TEXT not null, seq BIGINT not null, body TEXT not null,"
	  " primary key (stream, seq)) PL_BY_KEY;" },
	{ 2, "drop index pl_request_at;" },
};
const size_t sdk_migrations_count = sizeof(sdk_migrations) / sizeof(sdk_migrations[0]);
