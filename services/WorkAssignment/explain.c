/*
 * explain.c — a decision's reasons: who was considered, and why not the others (RTG-7).
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "work.h"

static const char *const reasons[] = {
	[ASSIGN_ELIGIBLE] = "eligible",
	[ASSIGN_AT_CAPACITY] = "atCapacity",
	[ASSIGN_NOT_READY] = "notReady",
	[ASSIGN_EXCLUDED] = "excluded",
};

json_t *explanation_json(const struct assign_explanation *explanation, int64_t now_ms)
{
	const struct assign_counts *n = &explanation->counts;
	json_t *candidates = json_array();

	for (size_t i = 0; i < explanation->candidate_count; i++) {
		const struct assign_candidate *one = &explanation->candidates[i];

		json_array_append_new(candidates,
				      json_pack("{s:s, s:s, s:i, s:i, s:I}", "agentId",
						one->agent_id, "reason", reasons[one->reason],
						"proficiency", (int)one->proficiency, "contacts",
						(int)one->in_use, "idleMs",
						(json_int_t)(now_ms - one->ready_since_ms)));
	}
	return json_pack("{s:{s:i, s:i, s:i, s:i, s:i, s:i}, s:o}", "agents", "total",
			 (int)n->total, "notReady", (int)n->not_ready, "atCapacity",
			 (int)n->at_capacity, "lacksAttribute", (int)n->lacks_attribute, "excluded",
			 (int)n->excluded, "eligible", (int)n->eligible, "candidates", candidates);
}
