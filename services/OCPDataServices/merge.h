/*
 * merge.h — customers merged, and split again.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef OCPDATA_MERGE_H
#define OCPDATA_MERGE_H

#include "pelago/service.h"

/*
 * merge_make makes the profile `from` a part of `into`, and writes the merge's id. PL_STATE if they
 * are one already, or would have too many parts.
 */
enum pl_err merge_make(struct pl_turn *turn, const char *from, const char *into, const char *user,
		       char id[27]);

/*
 * merge_undo gives the customers that a merge moved their profile back, but for those that another
 * split has taken out since. PL_NOTFOUND, PL_STATE if it is undone already.
 */
enum pl_err merge_undo(struct pl_turn *turn, const char *profile, const char *id, const char *user);

/* merge_list returns a new array of the merges into any of some customers that aren't undone. */
json_t *merge_list(struct pl_turn *turn, const json_t *customers);

#endif
