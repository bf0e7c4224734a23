/*
 * migrations.c — see migrations.h.
 *
 * context.entry: the whole entry but its version and lease, as JSON; made_ms orders lists. alias:
 * an alias stands for one context. context_key: see keys.h.
 *
 * notice: a change that a subscription hasn't been told yet.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "migrations.h"

#include "pelago/mart.h"

const struct pl_migration migrations[] = {
	{ 1, "create table context (id TEXT not null primary key, entry TEXT not null, "
	     "group_id TEXT not null, version BIGINT not null, lease_s BIGINT not null, "
	     "expires_ms BIGINT not null);"
	     "create index context_expires on context (expires_ms);"
	     "create index context_group on context (group_id);"
	     "create table alias (alias TEXT not null primary key, context TEXT not null);"
	     "create index alias_context on alias (context);"
	     "create table context_audit (id TEXT not null primary key, context TEXT not null, "
	     "at_ms BIGINT not null, operation TEXT not null, version BIGINT not null, "
	     "touchpoint TEXT not null);"
	     "create index context_audit_context on context_audit (context, id);"
	     "create index context_audit_at on context_audit (at_ms);" },
	/* made_ms is 0 in rows of version 1 until they are written again, or found by `complete` */
	{ 2, "alter table context add column topic TEXT not null default '';"
	     "alter table context add column tenant_id TEXT not null default '';"
	     "alter table context add column made_ms BIGINT not null default 0;"
	     "alter table context_audit add column sid TEXT not null default '';"
	     "create index context_made on context (made_ms, id);"
	     "create index context_by_group on context (group_id, made_ms, id);"
	     "create index context_by_topic on context (topic, made_ms, id);"
	     "create index context_by_tenant on context (tenant_id, made_ms, id);"
	     "drop index context_group;"
	     "create table context_key (context TEXT not null, name TEXT not null, "
	     "value TEXT not null, made_ms BIGINT not null, primary key (context, name));"
	     "create index context_key_value on context_key (value, name, made_ms, context);" },
	{ 3, "create table subscription (id TEXT not null primary key, body TEXT not null);"
	     "create table notice (id TEXT not null primary key, subscription TEXT not null, "
	     "context TEXT not null, made_ms BIGINT not null, refusals BIGINT not null, "
	     "body TEXT not null);"
	     "create index notice_subscription on notice (subscription, id);"
	     "create index notice_context on notice (context);" },
	{ 4, PL_MART_TABLES },
};
const size_t migrations_count = sizeof(migrations) / sizeof(migrations[0]);
