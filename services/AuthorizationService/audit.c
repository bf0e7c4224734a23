/* audit.c — see audit.h. SPDX-License-Identifier: Apache-2.0 */
#include "audit.h"

static void insert(struct pl_turn *turn, const char *id, const char *event, const char *username,
		   const char *address, const char *outcome)
{
	pl_exec(turn,
		"insert into audit (id, at_ms, event, username, address, outcome) "
		"values ($1, $2, $3, $4, $5, $6)",
		"sissss", id, pl_turn_now_ms(turn), event, username, address, outcome);
}

void audit_begin(struct pl_turn *turn, char id[27], const char *event, const char *username,
		 const char *address)
{
	pl_id(id);
	insert(turn, id, event, username, address, "begun");
}

void audit_end(struct pl_turn *turn, const char *id, const char *outcome)
{
	pl_exec(turn, "update audit set outcome = $1 where id = $2", "ss", outcome, id);
}

bool audit_has(struct pl_turn *turn, const char *id)
{
	struct pl_rows *rows = pl_query(turn, "select id from audit where id = $1", "s", id);
	bool has = pl_rows_next(rows);

	pl_rows_free(rows);
	return has;
}

void audit_note(struct pl_turn *turn, const char *event, const char *username, const char *address,
		const char *outcome)
{
	char id[27];

	pl_id(id);
	insert(turn, id, event, username, address, outcome);
}
