/*
 * move.h — a running instance goes over to another version of its workflow, and back.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef DESIGNER_MOVE_H
#define DESIGNER_MOVE_H

#include "step.h"

struct bpmn_model;

struct move {
	int64_t version;		/* it goes to */
	const struct bpmn_model *model; /* of that version; borrowed */
	const json_t *mapping;		/* ids, old to new; what isn't named keeps its id */
};

/*
 * move_over puts an instance on another version; dry only finds out whether it can.
 *
 *   whyp     what stands in the way, [{element, to (null: nothing), reason}]; NULL: nothing (caller
 *            owns it)
 *   beforep  what move_back needs, or NULL if the instance went on while it moved. NULL: not wanted
 *
 * What would be stuck or fail there is left as it is. Returns PL_OK, PL_NOMEM.
 */
enum pl_err move_over(struct pl_turn *turn, struct instance *in, const struct move *move, bool dry,
		      json_t **whyp, json_t **beforep);

/*
 * move_back puts an instance that has not done a step since it moved exactly where it was.
 *
 *   before  of move_over
 *   move    back
 */
enum pl_err move_back(struct pl_turn *turn, struct instance *in, const struct move *move,
		      const json_t *before, json_t **whyp);

#endif
