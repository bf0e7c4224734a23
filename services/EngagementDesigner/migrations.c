/* migrations.c — the tables of EngagementDesigner. SPDX-License-Identifier: Apache-2.0 */
#include "designer.h"

/*
 * workflow  a version never changes; out_of_box: as delivered
 * gold      the out-of-the-box file of that name that was last looked at
 * rule      channel '': any; version 0: the latest deployed; replaced_by: the rule that stands for
 *           one whose event was renamed, or ''
 * instance  opened: {channel, attributes} as the contact came; ended_ms 0: running; steps: history
 *           rows written; asked: an agent has been asked for
 * history   a row a step; trace: [[element, what], …]
 * awaited   what a token waits for beside tasks and timers, by id in the order that they began to
 *           wait; kind: "message", "signal", "call", "user"; name: of the message, signal, process
 *           or element; key: of the message, of a call the called instance once it has started
 * incident  a token that can't go on; attempts: so often the element failed; is_open 0: it is being
 *           tried again
 * decision_file  files of DMN in versions that never change
 * decision  what can be called of the files that are deployed: decisions and decision services
 * bound     the version that an element bound to its deployment calls; id: of the workflow or
 *           decision; target: the workflow, or the decision's file
 * event_type a version of an event that other systems post; withdrawn_ms 0: it is taken
 * migration instances on their way to another version; at: the last instance that was looked at;
 *           why: of a failed one
 * migrated  what came of an instance: "stuck" and "stays" (can't go back) with why: [{element, to,
 *           reason}], "moved" with what it was before, "undone"; steps: it had done then
 * starter   ways to start the latest deployed version of a workflow, by message, signal, timer or
 *           condition; name: of the message or signal; holds: the condition was true when it was
 *           asked last
 * message   that nobody waited for, kept until until_ms; by id in the order that they came
 * environment  values that those conditions are asked over, as JSON
 */
const struct pl_migration designer_migrations[] = {
	{ 1,
	  "create table workflow (name TEXT not null, version BIGINT not null, title TEXT not null, "
	  "xml TEXT not null, hash TEXT not null, deployed BIGINT not null, "
	  "out_of_box BIGINT not null, created_ms BIGINT not null, created_by TEXT not null, "
	  "primary key (name, version));"
	  "create index workflow_hash on workflow (hash);"
	  "create table gold (name TEXT not null primary key, hash TEXT not null, "
	  "program TEXT not null);"
	  "create table rule (id TEXT not null primary key, event TEXT not null, "
	  "channel TEXT not null, condition TEXT not null, rank BIGINT not null, "
	  "workflow TEXT not null, version BIGINT not null, enabled BIGINT not null, "
	  "is_default BIGINT not null);"
	  "create index rule_event on rule (event, is_default, rank, id);"
	  "create table setting (name TEXT not null primary key, value TEXT not null);"
	  "create table instance (id TEXT not null primary key, contact TEXT not null, "
	  "workflow TEXT not null, version BIGINT not null, status TEXT not null, "
	  "opened TEXT not null, state TEXT, failure TEXT, started_ms BIGINT not null, ended_ms BIGINT not null, "
	  "steps BIGINT not null, asked BIGINT not null);"
	  "create index instance_contact on instance (contact, id);"
	  "create index instance_status on instance (status, id);"
	  "create index instance_workflow on instance (workflow, id);"
	  "create index instance_running on instance (workflow, version) where status = 'RUNNING';"
	  "create index instance_ended on instance (ended_ms, id);"
	  "create table history (instance TEXT not null, n BIGINT not null, at_ms BIGINT not null, "
	  "trace TEXT not null, primary key (instance, n));" },
	{ 2,
	  "alter table instance add column parent TEXT not null default '';"
	  "alter table instance add column parent_token BIGINT not null default 0;"
	  "create table awaited (id TEXT not null primary key, kind TEXT not null, "
	  "name TEXT not null, key TEXT not null, instance TEXT not null, token BIGINT not null);"
	  "create index awaited_name on awaited (kind, name, key, id);"
	  "create unique index awaited_token on awaited (instance, token);"
	  "create table starter (workflow TEXT not null, version BIGINT not null, "
	  "element TEXT not null, kind TEXT not null, name TEXT not null, "
	  "primary key (workflow, version, element));"
	  "create index starter_name on starter (kind, name);" },
	{ 3, "create table incident (instance TEXT not null, token BIGINT not null, "
	     "element TEXT not null, code TEXT not null, reason TEXT not null, "
	     "attempts BIGINT not null, at_ms BIGINT not null, is_open BIGINT not null, "
	     "primary key (instance, token));" },
	{ 4, "alter table rule add column replaced_by TEXT not null default '';" },
	{ 5,
	  "alter table workflow add column tag TEXT not null default '';"
	  "create table decision_file (name TEXT not null, version BIGINT not null, "
	  "xml TEXT not null, hash TEXT not null, deployed BIGINT not null, "
	  "created_ms BIGINT not null, created_by TEXT not null, primary key (name, version));"
	  "create table decision (id TEXT not null, file TEXT not null, version BIGINT not null, "
	  "tag TEXT not null, primary key (id, file, version));"
	  "create index decision_version on decision (file, version);"
	  "create table bound (workflow TEXT not null, version BIGINT not null, "
	  "kind TEXT not null, id TEXT not null, target TEXT not null, "
	  "target_version BIGINT not null, primary key (workflow, version, kind, id));" },
	{ 8,
	  "create table migration (id TEXT not null primary key, workflow TEXT not null, "
	  "from_version BIGINT not null, to_version BIGINT not null, mapping TEXT not null, "
	  "state TEXT not null, at TEXT not null, looked BIGINT not null, moved BIGINT not null, "
	  "stuck BIGINT not null, undone BIGINT not null, created_ms BIGINT not null, "
	  "created_by TEXT not null, ended_ms BIGINT not null, why TEXT not null);"
	  "create index migration_ended on migration (ended_ms);"
	  "create table migrated (migration TEXT not null, instance TEXT not null, "
	  "outcome TEXT not null, why TEXT, before TEXT, steps BIGINT not null, "
	  "primary key (migration, instance));"
	  "create index instance_live on instance (workflow, version, id) where status = 'RUNNING';"
	  "drop index instance_running;" },
	{ 11, "create table event_type (family TEXT not null, type TEXT not null, "
	      "version BIGINT not null, title TEXT not null, schema TEXT not null, "
	      "registered_ms BIGINT not null, registered_by TEXT not null, "
	      "withdrawn_ms BIGINT not null, primary key (family, type, version));" },
	{ 12, "alter table rule add column filters TEXT not null default '[]';" },
	{ 13, "alter table starter add column holds BIGINT not null default 0;"
	      "create table environment (name TEXT not null primary key, value TEXT not null);" },
	{ 14, "create table message (id TEXT not null primary key, name TEXT not null, "
	      "key TEXT not null, payload TEXT not null, kept_ms BIGINT not null, "
	      "until_ms BIGINT not null);"
	      "create index message_name on message (name, key, id);"
	      "create index message_until on message (until_ms);" },
};
const size_t designer_migrations_count =
	sizeof(designer_migrations) / sizeof(designer_migrations[0]);
