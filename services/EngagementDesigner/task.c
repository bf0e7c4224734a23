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

static const struct task tasks[] = {
	{ "AutomationController.say",
	  true,
	  "Says a template or a text in a contact, and perhaps closes it behind that",
	  { CONTACT, TEXT("template"), TEXT("text"), OBJECT("values"), TEXT("from"),
	    OBJECT("close") } },
	{ "ContextStore.get", false, "Reads a context", { NEEDED("contextId") } },
	{ "ContextStore.upsert",
	  false,
	  "Makes a context or adds to it",
	  { NEEDED("contextId"), OBJECT("data"), TEXT("touchpoint") } },
	{ "CustomerControllerService.close",
	  true,
	  "Closes a contact",
	  { CONTACT, NEEDED("reason"), YES_NO("offHours"), NUMBER("opensAtMs") } },
	{ "WorkAssignment.cancel", false, "Takes a contact out of the queue", { CONTACT } },
	{ "WorkAssignment.hours", false, "Tells whether a service is open", { NEEDED("service") } },
	{ "WorkAssignment.request",
	  true,
	  "Asks for an agent",
	  { CONTACT, NEEDED("channel"), NEEDED_UNLESS("service", "sets"), OBJECT("attributes"),
	    NUMBER("priority"), LIST("sets"), OBJECT("agents"), TEXT("selection"), LIST("steps"),
	    OBJECT("overflow") } },
	{ "WorkAssignment.status", true, "Tells whether a contact waits", { CONTACT } },
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
