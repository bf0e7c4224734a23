/*
 * transcript.h — what was said in a contact, in its order.
 *
 * Two lists in one: the chat by its numbers, and what agents said among themselves by numbers of
 * its own, shown where its time belongs. A place in it is how far both have come.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef OCPDATA_TRANSCRIPT_H
#define OCPDATA_TRANSCRIPT_H

#include "pelago/page.h"
#include "pelago/service.h"

#define TRANSCRIPT "transcript" /* the list's name in cursors */

enum { TRANSCRIPT_BYTES = 512 * 1024 };

/*
 * transcript_read returns a page {"items","cursor"} of
 * {"seq","from","name","text","atMs","private"?,"url"?,"file"?:{"id","name","size","type"}}, of at
 * most TRANSCRIPT_BYTES, but one item at least. PL_INVALID for no such cursor.
 */
enum pl_err transcript_read(struct pl_turn *turn, const char *contact, const struct pl_page *from,
			    json_t **pagep);

#endif
