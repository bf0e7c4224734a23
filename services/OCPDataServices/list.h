/*
 * list.h — contacts listed, newest first, in pages; each page by an index, however many there are.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef OCPDATA_LIST_H
#define OCPDATA_LIST_H

#include "pelago/page.h"
#include "pelago/service.h"

enum { SCAN_ROWS = 1000 };

struct contact_filter {
	const char *state;	 /* "waiting", "offered", "active", "closed"; NULL: all */
	const char *agent;	 /* who was offered it, or had it */
	const json_t *customers; /* ids of one profile's parts; NULL: all */
	int64_t since_ms;
	struct pl_page page;
};

/* list_read takes a filter's members state, agent, limit, cursor from an object: a request's body,
 * or its query. PL_INVALID says what is wrong. */
enum pl_err list_read(struct contact_filter *filter, const json_t *object);

/*
 * list_contacts returns a page {"items","cursor"} of records. With an agent and a state, contacts
 * of the agent are compared one by one, at most SCAN_ROWS a page: such a page may be short and have
 * a cursor. PL_INVALID for no such cursor.
 */
enum pl_err list_contacts(struct pl_turn *turn, const struct contact_filter *filter,
			  json_t **pagep);

#endif
