/*
 * snmp_engine.c — see snmp_engine.h.
 *
 * A receiver remembers the highest boots and refuses lower ones, so it must rise even when an older
 * copy of the database was put back: it is at least the minutes since 2026.
 *
 * The id's first four bytes are an enterprise's number with the highest bit set; Pelago has none,
 * so it is the one for examples (RFC 5612): what makes the id unique are 16 random bytes behind it
 * (format 5, "octets").
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "snmp_engine.h"

#include <sodium.h>
#include <stdio.h>

#include "manager.h"

enum { RANDOM_BYTES = 16 };
#define PREFIX "80007ed905"

static const int64_t minutes_2026 = 29453760; /* from 1970 to 2026 */

const char snmp_engine_tables[] = "create table snmp_engine (one BIGINT primary key,"
				  " id TEXT not null, boots BIGINT not null)";

static struct {
	char id[sizeof(PREFIX) + 2 * RANDOM_BYTES];
	int64_t boots, since_ms;
} engine;

static void make_id(void)
{
	unsigned char bytes[RANDOM_BYTES];
	char hex[2 * RANDOM_BYTES + 1];

	randombytes_buf(bytes, sizeof(bytes));
	sodium_bin2hex(hex, sizeof(hex), bytes, sizeof(bytes));
	snprintf(engine.id, sizeof(engine.id), PREFIX "%s", hex);
	engine.boots = 0;
}

enum pl_err snmp_engine_rebuild(struct pl_turn *turn)
{
	struct pl_rows *rows =
		pl_query(turn, "select id, boots from snmp_engine where one = 1", "");
	int64_t least = pl_turn_now_ms(turn) / 60000 - minutes_2026;

	if (pl_rows_next(rows)) {
		snprintf(engine.id, sizeof(engine.id), "%s", pl_rows_text(rows, 0));
		engine.boots = pl_rows_int(rows, 1) + 1;
	}
	pl_rows_free(rows);
	if (!*engine.id || engine.boots >= INT32_MAX) /* the end of its life: RFC 3414 §2.2.2 */
		make_id();
	if (engine.boots < least && least < INT32_MAX)
		engine.boots = least;
	engine.since_ms = manager_now_ms();
	return pl_exec(
		turn,
		"insert into snmp_engine (one, id, boots) values (1, $1, $2) on conflict (one) "
		"do update set id = excluded.id, boots = excluded.boots",
		"si", engine.id, engine.boots);
}

json_t *snmp_engine_get(void)
{
	return json_pack("{s:s, s:I, s:I}", "id", engine.id, "boots", (json_int_t)engine.boots,
			 "sinceMs", (json_int_t)engine.since_ms);
}

const char *snmp_engine_id(void)
{
	return engine.id;
}
