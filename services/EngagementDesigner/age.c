/* age.c — see age.h. SPDX-License-Identifier: Apache-2.0 */
#include "age.h"

#include "task.h"

json_t *age_problem(const struct bpmn_element_info *info)
{
	const struct task *task = info->task_type ? task_find(info->task_type) : NULL;
	enum task_age age = task ? task_age(task, info->template_version) : TASK_CURRENT;

	if (age == TASK_TOO_OLD)
		return json_sprintf(
			"%s: version %u of %s is too old, it is at version %u: draw the "
			"task anew",
			info->id, info->template_version, info->task_type, task->version);
	if (age == TASK_NEWER)
		return json_sprintf("%s: version %u of %s is of a later Pelago, here it is at "
				    "version %u",
				    info->id, info->template_version, info->task_type,
				    task->version);
	return NULL;
}

static void list_tasks(json_t *tasks, const struct bpmn_model *model, bool are_current)
{
	struct bpmn_element_info info;

	for (size_t i = 0; i < bpmn_model_element_count(model); i++) {
		const struct task *task;
		enum task_age age;

		bpmn_model_element(model, i, &info);
		task = info.task_type ? task_find(info.task_type) : NULL;
		age = task ? task_age(task, info.template_version) : TASK_CURRENT;
		if (!task || (age == TASK_CURRENT) != are_current ||
		    json_array_size(tasks) >= AGE_TASKS_MAX)
			continue;
		json_array_append_new(
			tasks,
			json_pack("{s:s, s:s, s:o, s:i, s:s}", "element", info.id, "operation",
				  info.task_type, "version",
				  info.template_version ? json_integer(info.template_version)
							: json_null(),
				  "newest", (int)task->version, "state", task_age_text(age)));
	}
}

json_t *age_tasks(const struct bpmn_model *model)
{
	json_t *tasks = json_array();

	list_tasks(tasks, model, false);
	list_tasks(tasks, model, true);
	return tasks;
}
