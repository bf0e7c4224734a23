/*
 * migrations.c — see migrations.h.
 *
 * contact.first_ms: time of the earliest event known, the order of lists. offer_state: what the
 * last offer event said. outcome: what else is to be said of its end. transcript.url: of a page
 * that an agent showed, whose title is the text. step: every change of state, with its time.
 * contact_offer: each offer to an agent. contact_file: what was sent in the chat, by the number of
 * its line in the transcript; its body is in the blob store (blob.h). customer.id is the e-mail
 * address in small letters, or the contact's id where none was given; customer.root the profile it
 * is part of, itself if it isn't merged. contact_agent: who was offered a contact. customer_word:
 * see word.h. customer.lone: none of its contacts is kept any more. erasure: see erase.c.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "migrations.h"

#include "blob.h"
#include "pelago/mart.h"

const struct pl_migration migrations[] = {
	{ 1,
	  "create table contact (id TEXT not null primary key, first_ms BIGINT not null, "
	  "channel TEXT not null default '', customer TEXT not null default '', "
	  "name TEXT not null default '', email TEXT not null default '', topic TEXT not null default '', "
	  "service TEXT not null default '', attributes TEXT not null default '{}', "
	  "context TEXT not null default '{}', opened_ms BIGINT not null default 0, "
	  "closed_ms BIGINT not null default 0, close_reason TEXT not null default '', "
	  "offer_state TEXT not null default '', disposition TEXT not null default '');"
	  "create index contact_first on contact (first_ms, id);"
	  "create index contact_customer on contact (customer, first_ms);"
	  "create table contact_offer (contact TEXT not null, offer TEXT not null, agent TEXT not null, "
	  "made_ms BIGINT not null default 0, accepted_ms BIGINT not null default 0, "
	  "ended_ms BIGINT not null default 0, reason TEXT not null default '', "
	  "primary key (contact, offer));"
	  "create index contact_offer_agent on contact_offer (agent, contact);"
	  "create table step (contact TEXT not null, producer TEXT not null, noun TEXT not null, "
	  "n BIGINT not null, verb TEXT not null, at_ms BIGINT not null, agent TEXT not null, "
	  "reason TEXT not null, primary key (contact, producer, noun, n));"
	  "create table transcript (contact TEXT not null, seq BIGINT not null, sender TEXT not null, "
	  "name TEXT not null, text TEXT not null, at_ms BIGINT not null, primary key (contact, seq));"
	  "create table customer (id TEXT not null primary key, name TEXT not null, email TEXT not null, "
	  "first_ms BIGINT not null, last_ms BIGINT not null);"
	  "create table agent_state (agent TEXT not null, producer TEXT not null, n BIGINT not null, "
	  "at_ms BIGINT not null, state TEXT not null, reason TEXT not null, "
	  "primary key (agent, producer, n));"
	  "create index agent_state_at on agent_state (agent, at_ms);" },
	{ 2,
	  "create table private_talk (contact TEXT not null, seq BIGINT not null, agent TEXT not null, "
	  "name TEXT not null, text TEXT not null, at_ms BIGINT not null, primary key (contact, seq));" },
	{ 3, "create table outcome (contact TEXT not null primary key, "
	     "abandoned BIGINT not null default 0, off_hours BIGINT not null default 0, "
	     "survey TEXT not null default '', surveyed_ms BIGINT not null default 0);"
	     "alter table transcript add column url TEXT not null default '';" },
	{ 4, BLOB_TABLES
	  "create table contact_file (contact TEXT not null, id TEXT not null, seq BIGINT not null, "
	  "hash TEXT not null, name TEXT not null, size BIGINT not null, type TEXT not null, "
	  "primary key (contact, id));"
	  "create index contact_file_seq on contact_file (contact, seq);" },
	{ 5, "alter table contact add column direction TEXT not null default 'inbound';" },
	/* contact.state, customer.root: '' in rows of earlier versions until they are filled in,
	   see complete.h */
	{ 6, "alter table contact add column state TEXT not null default '';"
	     "alter table contact add column phone TEXT not null default '';"
	     "create index contact_state on contact (state, first_ms, id);"
	     "create index contact_of_customer on contact (customer, first_ms, id);"
	     "drop index contact_customer;"
	     "create table contact_agent (agent TEXT not null, contact TEXT not null, "
	     "first_ms BIGINT not null, primary key (agent, contact));"
	     "create index contact_agent_first on contact_agent (agent, first_ms, contact);"
	     "create index contact_agent_contact on contact_agent (contact);"
	     "alter table customer add column root TEXT not null default '';"
	     "alter table customer add column attributes TEXT not null default '{}';"
	     "create index customer_root on customer (root, id);"
	     "create table address (kind TEXT not null, value TEXT not null, "
	     "customer TEXT not null, primary key (kind, value));"
	     "create index address_customer on address (customer);"
	     "create table customer_word (key TEXT not null, customer TEXT not null, "
	     "primary key (key, customer));"
	     "create index customer_word_customer on customer_word (customer);"
	     "create table customer_merge (id TEXT not null primary key, from_root TEXT not null, "
	     "into_root TEXT not null, moved TEXT not null, at_ms BIGINT not null, "
	     "made_by TEXT not null, undone_ms BIGINT not null default 0, "
	     "undone_by TEXT not null default '');"
	     "create index customer_merge_into on customer_merge (into_root);" },
	{ 7, "create index transcript_at on transcript (at_ms);"
	     "create index agent_state_time on agent_state (at_ms);"
	     "alter table customer add column lone BIGINT not null default 0;"
	     "create index customer_lone on customer (lone, last_ms);"
	     "create index customer_merge_from on customer_merge (from_root);"
	     "create table erasure (id TEXT not null primary key, phase TEXT not null, "
	     "parts TEXT not null, vals TEXT not null, batch TEXT not null default '[]', "
	     "made_ms BIGINT not null, made_by TEXT not null, ended_ms BIGINT not null default 0, "
	     "pending BIGINT not null default 0, contacts BIGINT not null default 0, "
	     "messages BIGINT not null default 0, contexts BIGINT not null default 0, "
	     "found BIGINT not null default 0);"
	     "create index erasure_running on erasure (ended_ms, id);" },
	{ 8, PL_MART_TABLES },
	{ 9, "create index private_talk_at on private_talk (at_ms);" },
};
const size_t migrations_count = sizeof(migrations) / sizeof(migrations[0]);
