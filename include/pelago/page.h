/*
 * pelago/page.h — lists in pages, the same for all: {"items":[…],"cursor":TEXT|null}.
 *
 * A list has a fixed order by a key that is its own for each item. A cursor is "LIST:KEY": the
 *list's name and the key of the last item shown (base64url, so it needs no escapes in an address).
 *The next page goes on behind that key, whatever was added or removed meanwhile. null: there is no
 *more.
 *
 *	struct pl_page page;
 *	enum pl_err err = pl_page_read(&page, query, "users");
 *	…
 *	rows = pl_query(turn, "select id, … from account where id > $1 order by id limit $2", "si",
 *			page.after, page.limit + 1);
 *	while (pl_rows_next(rows))
 *		pl_page_add(&page, user_json(rows), "%s", pl_rows_text(rows, 0));
 *	pl_rows_free(rows);
 *	*replyp = pl_page_answer(&page);
 *	return *replyp ? PL_OK : PL_NOMEM;
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef PELAGO_PAGE_H
#define PELAGO_PAGE_H

#include <jansson.h>
#include <stdbool.h>
#include <stdint.h>

#include "pelago/err.h"

enum {
	PL_PAGE_NORMAL = 50, /* items of a page, if nobody says */
	PL_PAGE_MOST = 200,
	PL_PAGE_KEY_MAX = 1100, /* bytes of a key: a time, and an id of 255 characters */
};

struct pl_page {
	const char *list; /* borrowed: its name in cursors */
	int64_t limit;	  /* items of this page; ask the store for one more */
	char after[PL_PAGE_KEY_MAX +
		   1]; /* key of the last item of the page before; "" on the first */
	/* private; nothing is held before the first item */
	json_t *items, *keys, *end;
	bool has_more, has_failed;
};

/*
 * pl_page_read takes `limit` and `cursor` from a request: of HTTP its member "query", where all
 * values are texts; else the body. An empty cursor is the first page. NULL asks for nothing.
 *
 *   list  name of the list, without a colon; borrowed until pl_page_answer
 *
 * Returns PL_INVALID for a limit that isn't a number from 1 to PL_PAGE_MOST and for a cursor that
 * isn't one of this list.
 */
enum pl_err pl_page_read(struct pl_page *page, const json_t *from, const char *list);

/*
 * pl_page_split splits a key "NUMBER:TEXT" of the page before. On the first page both are
 * untouched: set them to what stands before all. *textp is within the page. PL_INVALID if the key
 * isn't one of these.
 */
enum pl_err pl_page_split(const struct pl_page *page, int64_t *numberp, const char **textp);

/*
 * pl_page_add adds the next item behind page->after, in the order of the list; what doesn't fit on
 * the page is dropped, and there is more. Gives item; NULL is out of memory. The format makes its
 * key, at most PL_PAGE_KEY_MAX bytes.
 */
void pl_page_add(struct pl_page *page, json_t *item, const char *fmt, ...)
	__attribute__((format(printf, 3, 4)));

/* pl_page_keep is pl_page_add for a list made in memory: items may come in any order and from
 * before this page. They are shown in the order of their keys' bytes. */
void pl_page_keep(struct pl_page *page, json_t *item, const char *fmt, ...)
	__attribute__((format(printf, 3, 4)));

/*
 * pl_page_stop ends the page before it is full: its bytes are enough, or enough rows were looked
 * at. The format makes the key behind which the next page goes on, of the last item shown or
 * skipped. Nothing if the page is full already.
 */
void pl_page_stop(struct pl_page *page, const char *fmt, ...) __attribute__((format(printf, 2, 3)));

/* pl_page_answer returns {"items","cursor"}, a new reference, and empties the page. NULL without
 * memory. */
json_t *pl_page_answer(struct pl_page *page);

#endif
