/*
 * decision.h — decisions of DMN: files kept in versions that never change, deployed, evaluated.
 *
 * A file has a name; its decisions and decision services are called by their ids. An id belongs to
 * one file among those that are deployed.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef DESIGNER_DECISION_H
#define DESIGNER_DECISION_H

#include "binding.h"

struct dmn_model;
struct dmn_element;

/*
 * decision_find finds what a business rule task calls; both are borrowed until the next call.
 * Returns NULL with a detail if there is none.
 */
const struct dmn_model *decision_find(struct pl_turn *turn, const struct dmn_element **elementp,
				      const struct called *called);

pl_op_fn op_decisions, op_decision, op_import_decision, op_deploy_decision, op_undeploy_decision,
	op_evaluate_decision;

#endif
