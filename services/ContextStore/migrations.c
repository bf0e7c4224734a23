/* migrations.c — see migrations.h. SPDX-License-Identifier: Apache-2.0 */
#include "migrations.h"

/* entry: the whole entry but its version and lease, as JSON; an alias stands for one context */
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
};
const size_t migrations_count = sizeof(migrations) / sizeof(migrations[0]);
