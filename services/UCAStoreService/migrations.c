/* migrations.c — see migrations.h. SPDX-License-Identifier: Apache-2.0 */
#include "migrations.h"

/* roles: a JSON array; capacity: a JSON object; seconds: 0 is the service's default; routing: the
 * other members of a user, see account.c; resource: see resource.h */
const struct pl_migration migrations[] = {
	{ 1,
	  "create table account (id TEXT not null primary key, name TEXT not null, roles TEXT not null, "
	  "enabled BIGINT not null, capacity TEXT not null, wrap_up_s BIGINT not null, "
	  "offer_s BIGINT not null, changed_ms BIGINT not null);"
	  "create table agent_attribute (account TEXT not null references account (id), "
	  "name TEXT not null, proficiency BIGINT not null, primary key (account, name));"
	  "create index agent_attribute_name on agent_attribute (name, proficiency);" },
	{ 2,
	  "create table resource (kind TEXT not null, name TEXT not null, body TEXT not null,"
	  " changed_ms BIGINT not null, primary key (kind, name));"
	  "insert into resource values ('reasons', 'Break', '{\"code\":\"Break\",\"label\":\"Break\"}', 0);"
	  "insert into resource values ('reasons', 'Lunch', '{\"code\":\"Lunch\",\"label\":\"Lunch\"}', 0);"
	  "insert into resource values ('reasons', 'Meeting', '{\"code\":\"Meeting\",\"label\":\"Meeting\"}', 0);"
	  "insert into resource values ('reasons', 'Training', '{\"code\":\"Training\",\"label\":\"Training\"}', 0);"
	  "insert into resource values ('reasons', 'Other', '{\"code\":\"Other\",\"label\":\"Other\"}', 0);"
	  "insert into resource values ('dispositions', 'Resolved', '{\"code\":\"Resolved\",\"label\":\"Resolved\"}', 0);"
	  "insert into resource values ('dispositions', 'FollowUp', '{\"code\":\"FollowUp\",\"label\":\"Follow-up\"}', 0);"
	  "insert into resource values ('dispositions', 'Escalated', '{\"code\":\"Escalated\",\"label\":\"Escalated\"}', 0);"
	  "insert into resource values ('dispositions', 'NoResponse', '{\"code\":\"NoResponse\",\"label\":\"No response\"}', 0);"
	  "insert into resource values ('dispositions', 'Spam', '{\"code\":\"Spam\",\"label\":\"Spam\"}', 0);"
	  "insert into resource values ('texts', 'hello', '{\"shortcut\":\"hello\",\"title\":\"Greeting\",\"text\":\"Hello {customer}, my name is {agent}. How can I help you?\"}', 0);"
	  "insert into resource values ('texts', 'moment', '{\"shortcut\":\"moment\",\"title\":\"One moment\",\"text\":\"One moment please, I am looking it up.\"}', 0);"
	  "insert into resource values ('texts', 'anything', '{\"shortcut\":\"anything\",\"title\":\"Anything else\",\"text\":\"Is there anything else that I can do for you?\"}', 0);"
	  "insert into resource values ('texts', 'bye', '{\"shortcut\":\"bye\",\"title\":\"Goodbye\",\"text\":\"Thank you for contacting us. Have a good day!\"}', 0);"
	  "alter table account add column routing TEXT not null default '{}';" },
};
const size_t migrations_count = sizeof(migrations) / sizeof(migrations[0]);
