/*
 * find.h — contexts searched for, newest first, in pages.
 *
 * One index leads: that of data's member, else of the group, topic, tenant, or time. What else is
 * asked for is compared row by row, at most SCAN_ROWS a page: a page may be short and still have a
 * cursor.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef CONTEXTSTORE_FIND_H
#define CONTEXTSTORE_FIND_H

#include "pelago/page.h"
#include "pelago/service.h"

enum { SCAN_ROWS = 1000, PAGE_BYTES = 512 * 1024 };

#define CONTEXTS "contexts" /* the list's name in cursors */

struct find {
	const char *key, *value; /* a member of data; both or none */
	const char *group, *topic, *tenant;
	int64_t since_ms, until_ms; /* when it was made: since <= made < until; until 0: now */
	struct pl_page page;	    /* as read, of CONTEXTS */
};

/* find_page returns a page of entries; PL_INVALID for a cursor that isn't of this list. */
enum pl_err find_page(struct pl_turn *turn, const struct find *find, json_t **pagep);

/* find_complete fills what searches need in some rows that an older version wrote. */
void find_complete(struct pl_turn *turn);

#endif
