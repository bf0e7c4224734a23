/*
 * binding.h — which version of a workflow or decision an element calls, by its binding.
 *
 *   latest      the highest deployed one at the moment of the call
 *   deployment  the one that was the latest when the calling version was deployed first; it is
 *               called also after it was undeployed, as a part of what calls it
 *   versionTag  the highest deployed one with that tag
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef DESIGNER_BINDING_H
#define DESIGNER_BINDING_H

#include "designer.h"

enum called_kind { CALLED_WORKFLOW, CALLED_DECISION };

struct called {
	enum called_kind kind;
	const char *id; /* of a workflow its name */
	const char *binding, *version_tag;
	const char *by; /* the workflow that calls, and its version */
	int64_t by_version;
};

struct bound {
	char name[NAME_MAX_BYTES + 1]; /* of the workflow, or of the file of the decision */
	int64_t version;	       /* 0: there is none */
};

/* binding_find finds what is called; PL_NOTFOUND with a detail that says what is missing. */
enum pl_err binding_find(struct pl_turn *turn, struct bound *bound, const struct called *called);

/* binding_keep notes what the elements of a version that is deployed are bound to. */
void binding_keep(struct pl_turn *turn, const char *workflow, int64_t version,
		  const struct bpmn_model *model);

struct bpmn_element_info;

/*
 * binding_problem tells what is missing of what an element calls; NULL if nothing is, else a new
 * string. A workflow that is called as the latest, or by its tag, may be deployed later.
 */
json_t *binding_problem(struct pl_turn *turn, const char *workflow,
			const struct bpmn_element_info *info);

#endif
