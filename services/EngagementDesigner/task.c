/* task.c — see task.h. SPDX-License-Identifier: Apache-2.0 */
#include "task.h"

#include <string.h>

#define CONTACT                                                                                    \
	{                                                                                          \
		"contactId", TASK_CONTACT, true                                                    \
	}
#define TEXT(name)                                                                                 \
	{                                                                                          \
		name, TASK_TEXT, false                                                             \
	}
#define NEEDED(name)                                                                               \
	{                                                                                          \
		name, TASK_TEXT, true                                                              \
	}
#define NEEDED_UNLESS(name, other)                                                                 \
	{                                                                                          \
		name, TASK_TEXT, true, other                                                       \
	}
#define OBJECT(name)                                                                               \
	{                                                                                          \
		name, TASK_OBJECT, false                                                           \
	}
#define NUMBER(name)                                                                               \
	{                                                                                          \
		name, TASK_NUMBER, false                                                           \
	}

#define LIST(name)                                                                                 \
	{                                                                                          \
		name, TASK_LIST, false                                                             \
	}
#define YES_NO(name)                                                                               \
	{                                                                                          \
		name, TASK_YES_NO, false                                                           \
	}

/*
 * A version is that of an element template with the operation as its id
 * (zeebe:modelerTemplateVersion). say: 2 values, 3 from and close. close: 2 a reason is needed, 3
 * offHours, opensAtMs. request: 2 sets, agents, selection, steps, overflow.
 */
static const struct task tasks[] = {
	{ "AutomationController.say",
	  3,
	  true,
	  "Says a template or a text in a contact, and perhaps closes it behind that",
	  { CONTACT, TEXT("template"), TEXT("text"), OBJECT("values"), TEXT("from"),
	    OBJECT("close") } },
	{ "ContextStore.get", 1, false, "Reads a context", { NEEDED("contextId") } },
	{ "ContextStore.upsert",
	  1,
	  false,
	  "Makes a context or adds to it",
	  { NEEDED("contextId"), OBJECT("data"), TEXT("touchpoint") } },
	{ "CustomerControllerService.close",
	  3,
	  true,
	  "Closes a contact",
	  { CONTACT, NEEDED("reason"), YES_NO("offHours"), NUMBER("opensAtMs") } },
	{ "WorkAssignment.cancel", 1, false, "Takes a contact out of the queue", { CONTACT } },
	{ "WorkAssignment.hours",
	  1,
	  false,
	  "Tells whether a service is open",
	  { NEEDED("service") } },
	{ "WorkAssignment.request",
	  2,
	  true,
	  "Asks for an agent",
	  { CONTACT, NEEDED("channel"), NEEDED_UNLESS("service", "sets"), OBJECT("attributes"),
	    NUMBER("priority"), LIST("sets"), OBJECT("agents"), TEXT("selection"), LIST("steps"),
	    OBJECT("overflow") } },
	{ "WorkAssignment.status", 1, true, "Tells whether a contact waits", { CONTACT } },
};

const struct task *task_row(size_t i)
{
	return i < sizeof(tasks) / sizeof(tasks[0]) ? &tasks[i] : NULL;
}

const struct task *task_find(const char *operation)
{
	for (size_t i = 0; task_row(i); i++)
		if (strcmp(tasks[i].operation, operation) == 0)
			return &tasks[i];
	return NULL;
}

bool task_is_user(const char *type)
{
	return strcmp(type, "io.camunda.zeebe:userTask") == 0;
}

enum { BEHIND_MAX = 2 };

enum task_age task_age(const struct task *task, unsigned version)
{
	if (!version || version == task->version)
		return TASK_CURRENT;
	if (version > task->version)
		return TASK_NEWER;
	return task->version - version > BEHIND_MAX ? TASK_TOO_OLD : TASK_OUTDATED;
}

const char *task_age_text(enum task_age age)
{
	static const char *const texts[] = { [TASK_CURRENT] = "current",
					     [TASK_OUTDATED] = "outdated",
					     [TASK_TOO_OLD] = "tooOld",
					     [TASK_NEWER] = "newer" };

	return texts[age];
}

static const char *const wants[] = {
	[TASK_CONTACT] = "the id of the workflow's own contact",
	[TASK_TEXT] = "a text",
	[TASK_OBJECT] = "an object",
	[TASK_NUMBER] = "a whole number",
	[TASK_LIST] = "a list",
	[TASK_YES_NO] = "true or false",
};

static bool fits(enum task_type type, const json_t *value, const char *contact_id)
{
	switch (type) {
	case TASK_CONTACT:
		return json_is_string(value) && strcmp(json_string_value(value), contact_id) == 0;
	case TASK_TEXT:
		return json_is_string(value);
	case TASK_OBJECT:
		return json_is_object(value);
	case TASK_NUMBER:
		return json_is_integer(value);
	case TASK_LIST:
		return json_is_array(value);
	case TASK_YES_NO:
		return json_is_boolean(value);
	}
	return false;
}

static bool is_missed(const struct task_input *in, const json_t *body)
{
	return in->required && !(in->unless && json_object_get(body, in->unless));
}

enum pl_err task_check(json_t **bodyp, const struct task *task, const json_t *input,
		       const char *contact_id)
{
	json_t *body = json_object(), *value;
	const char *name;

	json_object_foreach((json_t *)input, name, value)
		if (!json_is_null(value) && strcmp(name, "v") != 0)
			json_object_set(body, name, value);
	for (const struct task_input *in = task->inputs; in->name; in++) {
		value = json_object_get(body, in->name);
		if (!value && in->type == TASK_CONTACT) {
			value = json_string(contact_id);
			json_object_set_new(body, in->name, value);
		}
		if (value ? !fits(in->type, value, contact_id) : is_missed(in, body)) {
			json_decref(body);
			return pl_fail(PL_INVALID, "%s: %s must be %s", task->operation, in->name,
				       wants[in->type]);
		}
	}
	*bodyp = body;
	return body ? PL_OK : PL_NOMEM;
}
