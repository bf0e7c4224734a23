/* migrations.c — see migrations.h. SPDX-License-Identifier: Apache-2.0 */
#include "migrations.h"

/* roles: a JSON array; capacity: a JSON object; seconds: 0 is the service's default */
const struct pl_migration migrations[] = {
	{ 1,
	  "create table account (id TEXT not null primary key, name TEXT not null, roles TEXT not null, "
	  "enabled BIGINT not null, capacity TEXT not null, wrap_up_s BIGINT not null, "
	  "offer_s BIGINT not null, changed_ms BIGINT not null);"
	  "create table agent_attribute (account TEXT not null references account (id), "
	  "name TEXT not null, proficiency BIGINT not null, primary key (account, name));"
	  "create index agent_attribute_name on agent_attribute (name, proficiency);" },
};
const size_t migrations_count = sizeof(migrations) / sizeof(migrations[0]);
