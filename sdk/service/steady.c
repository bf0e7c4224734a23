/*
 * steady.c — the clock by which what is remembered ages: replies, numbers of events seen, the
 * outbox's tables. A jump of the wall clock must not make a repeat new.
 *
 * It begins at the latest time that is stored, which the outbox stores each five minutes, and each
 * reply that is kept.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "impl.h"

int64_t steady_ms(const struct pl_service *s)
{
	return s->steady_ms + mono_ms();
}

enum pl_err steady_load(struct pl_service *s)
{
	struct pl_rows *rows = NULL;
	int64_t last_ms = s->rotated_ms;
	enum pl_err err = pl_store_query(&rows, s->store,
					 "select max(at_ms) from (select at_ms from pl_request "
					 "order by id desc limit 1000) as newest",
					 "");

	if (!err && pl_rows_next(rows) && pl_rows_int(rows, 0) > last_ms)
		last_ms = pl_rows_int(rows, 0);
	if (!err)
		err = pl_rows_err(rows);
	pl_rows_free(rows);
	s->steady_ms = (last_ms ? last_ms : wall_ms()) - mono_ms();
	return err;
}
