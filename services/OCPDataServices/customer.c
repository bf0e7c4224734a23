/* customer.c — see customer.h. SPDX-License-Identifier: Apache-2.0 */
#include "customer.h"

#include <stdio.h>
#include <string.h>

void customer_id(char id[CUSTOMER_ID_MAX + 1], const char *email, const char *contact)
{
	size_t len = strlen(email);

	if (len == 0 || len > CUSTOMER_ID_MAX) {
		snprintf(id, CUSTOMER_ID_MAX + 1, "%.300s", contact);
		return;
	}
	for (size_t i = 0; i <= len; i++)
		id[i] = email[i] >= 'A' && email[i] <= 'Z' ? (char)(email[i] - 'A' + 'a')
							   : email[i];
}

void customer_seen(struct pl_turn *turn, const char *id, const char *name, const char *email,
		   int64_t at_ms)
{
	pl_exec(turn,
		"insert into customer (id, name, email, first_ms, last_ms) values ($1, $2, $3, $4, $4) "
		"on conflict (id) do update set "
		"name = case when excluded.name = '' then customer.name else excluded.name end, "
		"first_ms = case when excluded.first_ms < customer.first_ms then excluded.first_ms "
		"else customer.first_ms end, "
		"last_ms = case when excluded.last_ms > customer.last_ms then excluded.last_ms "
		"else customer.last_ms end",
		"sssi", id, name, email, at_ms);
}

json_t *customer_read(struct pl_turn *turn, const char *id)
{
	struct pl_rows *rows = pl_query(
		turn, "select id, name, email, first_ms, last_ms from customer where id = $1", "s",
		id);
	json_t *customer = NULL;

	if (pl_rows_next(rows))
		customer = json_pack("{s:s, s:s, s:s, s:I, s:I}", "id", pl_rows_text(rows, 0),
				     "name", pl_rows_text(rows, 1), "email", pl_rows_text(rows, 2),
				     "firstMs", (json_int_t)pl_rows_int(rows, 3), "lastMs",
				     (json_int_t)pl_rows_int(rows, 4));
	pl_rows_free(rows);
	return customer;
}
