/*
 * migrations.c — see migrations.h.
 *
 * account.hash is '' until a demo's password is hashed. family: all refresh tokens that come from
 * one log-in, which end together. Codes and refresh tokens are kept as SHA-256 only.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "migrations.h"

const struct pl_migration migrations[] = {
	{ 1,
	  "create table signing_key (kid TEXT not null primary key, jwk TEXT not null, made_ms BIGINT not null);"
	  "create table account (username TEXT not null primary key, hash TEXT not null, "
	  "roles TEXT not null, changed_ms BIGINT not null, login_ms BIGINT not null);"
	  "create table lockout (username TEXT not null primary key, failures BIGINT not null, "
	  "failed_ms BIGINT not null, until_ms BIGINT not null);"
	  "create index lockout_failed on lockout (failed_ms);"
	  "create table family (id TEXT not null primary key, username TEXT not null, client TEXT not null, "
	  "began_ms BIGINT not null, expires_ms BIGINT not null, revoked_ms BIGINT not null);"
	  "create index family_expires on family (expires_ms);"
	  "create table refresh (hash TEXT not null primary key, family TEXT not null, "
	  "used_ms BIGINT not null, expires_ms BIGINT not null);"
	  "create index refresh_expires on refresh (expires_ms);"
	  "create table code (hash TEXT not null primary key, username TEXT not null, client TEXT not null, "
	  "redirect TEXT not null, challenge TEXT not null, family TEXT not null, "
	  "expires_ms BIGINT not null);"
	  "create index code_expires on code (expires_ms);"
	  "create table revoked (jti TEXT not null primary key, expires_ms BIGINT not null);"
	  "create table audit (id TEXT not null primary key, at_ms BIGINT not null, event TEXT not null, "
	  "username TEXT not null, address TEXT not null, outcome TEXT not null);"
	  "create index audit_at on audit (at_ms);" },
};
const size_t migrations_count = sizeof(migrations) / sizeof(migrations[0]);
