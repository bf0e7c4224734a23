/* binding.c — see binding.h. SPDX-License-Identifier: Apache-2.0 */
#include "binding.h"

#include <string.h>

#include "engines/bpmn/bpmn.h"

static const struct {
	const char *name;
	/* $1: the id; $2: the version's tag, or '' for any */
	const char *newest;
} kinds[] = {
	[CALLED_WORKFLOW] = { "workflow",
			      "select name, version from workflow where name = $1 and deployed = 1 "
			      "and ($2 = '' or tag = $2) order by version desc limit 1" },
	[CALLED_DECISION] = { "decision", "select file, version from decision where id = $1 and "
					  "($2 = '' or tag = $2) order by version desc limit 1" },
};

static bool is_bound(const struct called *called, const char *binding)
{
	return strcmp(called->binding, binding) == 0;
}

static void take(struct bound *bound, struct pl_rows *rows)
{
	*bound = (struct bound){ 0 };
	if (pl_rows_next(rows)) {
		snprintf(bound->name, sizeof(bound->name), "%s", pl_rows_text(rows, 0));
		bound->version = pl_rows_int(rows, 1);
	}
	pl_rows_free(rows);
}

static void find_newest(struct pl_turn *turn, struct bound *bound, const struct called *called,
			const char *tag)
{
	take(bound, pl_query(turn, kinds[called->kind].newest, "ss", called->id, tag));
}

enum pl_err binding_find(struct pl_turn *turn, struct bound *bound, const struct called *called)
{
	const char *noun = kinds[called->kind].name;
	bool by_tag = is_bound(called, "versionTag");
	const char *tag = by_tag && called->version_tag ? called->version_tag : "";

	if (is_bound(called, "deployment")) {
		take(bound,
		     pl_query(turn,
			      "select target, target_version from bound where workflow = $1 and "
			      "version = $2 and kind = $3 and id = $4",
			      "siss", called->by, called->by_version, kinds[called->kind].name,
			      called->id));
		return bound->version
			       ? PL_OK
			       : pl_fail(PL_NOTFOUND,
					 "%s %s was not there when version %ld of %s was "
					 "deployed, which it is bound to",
					 noun, called->id, (long)called->by_version, called->by);
	}
	find_newest(turn, bound, called, tag);
	if (bound->version)
		return PL_OK;
	if (*tag)
		return pl_fail(PL_NOTFOUND, "no version of %s %s with the tag %s is deployed", noun,
			       called->id, tag);
	return pl_fail(PL_NOTFOUND, "%s %s is not deployed", noun, called->id);
}

/* Fills *called of an element that calls by a literal id; false for another. */
static bool calls(struct called *called, const struct bpmn_element_info *info)
{
	if (!info->binding || !info->called)
		return false;
	*called = (struct called){ .kind = strcmp(info->tag, "callActivity") == 0 ? CALLED_WORKFLOW
										  : CALLED_DECISION,
				   .id = info->called,
				   .binding = info->binding,
				   .version_tag = info->version_tag };
	return true;
}

/* A workflow that calls itself. */
static bool is_own(const struct called *called, const char *workflow)
{
	return called->kind == CALLED_WORKFLOW && strcmp(called->id, workflow) == 0;
}

void binding_keep(struct pl_turn *turn, const char *workflow, int64_t version,
		  const struct bpmn_model *model)
{
	struct bpmn_element_info info;
	struct called called;
	struct bound bound;

	for (size_t i = 0; i < bpmn_model_element_count(model); i++) {
		bpmn_model_element(model, i, &info);
		if (!calls(&called, &info) || !is_bound(&called, "deployment"))
			continue;
		if (is_own(&called, workflow)) {
			snprintf(bound.name, sizeof(bound.name), "%s", workflow);
			bound.version = version;
		} else {
			find_newest(turn, &bound, &called, "");
		}
		pl_exec(turn,
			"insert into bound (workflow, version, kind, id, target, target_version) "
			"values ($1, $2, $3, $4, $5, $6) on conflict do nothing",
			"sisssi", workflow, version, kinds[called.kind].name, called.id, bound.name,
			bound.version);
	}
}

json_t *binding_problem(struct pl_turn *turn, const char *workflow,
			const struct bpmn_element_info *info)
{
	struct called called;
	struct bound bound;
	bool is_deployment;

	if (!info->binding)
		return NULL;
	is_deployment = strcmp(info->binding, "deployment") == 0;
	if (!calls(&called, info))
		return is_deployment
			       ? json_sprintf("%s: what it calls is told by an expression, so it "
					      "can't be bound to the deployment",
					      info->id)
			       : NULL;
	if (is_own(&called, workflow) || (called.kind == CALLED_WORKFLOW && !is_deployment))
		return NULL;
	if (is_deployment)
		called.binding = "latest";
	if (!binding_find(turn, &bound, &called))
		return NULL;
	return json_sprintf("%s: %s", info->id, pl_err_detail(PL_NOTFOUND));
}
