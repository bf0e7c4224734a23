/*
 * pelago/mart.h — a service's rows exported to an administrator's own SQL database, the data mart.
 *
 * The mart is a PostgreSQL database whose address stands in DIR/datamart.url, a file of mode 0600
 * ("postgresql://USER:PASSWORD@HOST/DATABASE"); without the file nothing is exported or kept for
 * it. Tables are made in its schema `pelago` if they are absent, and columns added; nothing there
 * is ever changed otherwise or dropped, so views, indexes and columns of its owner's stay.
 *
 * What it hides: a change is noted in the service's own transaction (table mart_row: the last state
 * of each row that wants to go, so many changes of one row wait as one), and a thread beside the
 * turns writes what waits in batches. A row carries a `stamp` that rises with each of its changes,
 * and goes over a lower one only: repeats and reorderings do no harm. What waits is bounded
 * (attribute mart_backlog): beyond it changes aren't noted, an error is logged, and all there is is
 * exported anew once the mart is back. So it is when a mart is named for the first time.
 *
 * What it does not do: read from the mart, or wait for it.
 *
 * All calls on the turn's thread.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef PELAGO_MART_H
#define PELAGO_MART_H

#include "pelago/service.h"

struct pl_mart; /* opaque */

struct pl_mart_column {
	const char *name;
	const char *type; /* of PostgreSQL: "text", "bigint", "timestamptz", "jsonb" */
};

struct pl_mart_table {
	const char *name;
	/* The first is the key, a text; ends with a row of zeros. `stamp` is added. */
	const struct pl_mart_column *columns;
	/*
	 * Returns a new object with a member for each column, for a row that was noted without;
	 * NULL if it is gone, which removes it. May be NULL where all rows are noted whole.
	 */
	json_t *(*read)(struct pl_turn *turn, const char *key);
};

/*
 * A fill notes some of the rows that there are, after a place in any order: *afterp is the place to
 * start at ("" at first; borrowed), and on return the next, or NULL at the end; to be freed.
 */
typedef void pl_mart_fill_fn(struct pl_turn *turn, struct pl_mart *mart, char **afterp);

struct pl_mart_def {
	const struct pl_mart_table *tables; /* ends with a row of zeros */
	pl_mart_fill_fn *fill;
};

/* For the service's migrations. Its manifest has the attributes mart_backlog, rows that wait at
 * most, and mart_alarm, seconds behind before it is an error in the log. */
#define PL_MART_TABLES                                                                             \
	"create table mart_row (tab TEXT not null, id TEXT not null, stamp BIGINT not null, "      \
	"row TEXT not null, primary key (tab, id));"                                               \
	"create unique index mart_row_stamp on mart_row (stamp);"                                  \
	"create table mart_state (id TEXT not null primary key, value TEXT not null);"

/* pl_mart_new starts the thread. The caller owns *martp: pl_mart_free, which waits 2 s at most. */
enum pl_err pl_mart_new(struct pl_mart **martp, struct pl_service *service,
			const struct pl_mart_def *def);
void pl_mart_free(struct pl_mart *mart);

/* pl_mart_load reads what is kept in memory: in the service's rebuild. */
void pl_mart_load(struct pl_mart *mart, struct pl_turn *turn);
/* pl_mart_tick goes on: in the service's tick, about each second. */
void pl_mart_tick(struct pl_mart *mart, struct pl_turn *turn);

/* pl_mart_is_on tells whether there is a mart: without one the following do nothing. */
bool pl_mart_is_on(const struct pl_mart *mart);

/*
 * pl_mart_put notes that a row has changed.
 *   row  gives: an object with a member for each column; NULL: read once it goes
 */
void pl_mart_put(struct pl_mart *mart, struct pl_turn *turn, const char *table, const char *key,
		 json_t *row);
/* pl_mart_remove notes that a row is to go from the mart, too. */
void pl_mart_remove(struct pl_mart *mart, struct pl_turn *turn, const char *table, const char *key);

/* pl_mart_time returns a new text as timestamptz takes it; null for 0, and for what is no time. */
json_t *pl_mart_time(int64_t at_ms);

#endif
