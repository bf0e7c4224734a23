/*
 * attribute_watch.c — secrets that can't be opened any more, as the master key is another one: an
 * alarm until they are set again.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include <stdio.h>
#include <string.h>

#include "alarm.h"
#include "attribute.h"
#include "pelago/json.h"

static const char key[] = "secret.unreadable";

static void name_subject(char subject[200], const json_t *record)
{
	snprintf(subject, 200, "%s.%s", pl_json_get_text(record, "service"),
		 pl_json_get_text(record, "key"));
}

/* {SUBJECT: why} */
static json_t *unreadable(void)
{
	json_t *all = json_object(), *record;
	const char *spot;

	json_object_foreach(values_all(), spot, record) {
		const json_t *value = json_object_get(record, "value");
		enum pl_err err = json_is_object(value) ? secret_check(value) : PL_OK;
		char subject[200];

		name_subject(subject, record);
		if (err)
			json_object_set_new(all, subject, json_string(pl_err_detail(err)));
	}
	pl_err_clear();
	return all;
}

/* One that is over, or NULL. */
static const struct alarm *find_over(const json_t *bad)
{
	for (const struct alarm *a = open_alarms; a; a = a->next)
		if (strcmp(a->key, key) == 0 && !json_object_get(bad, a->subject))
			return a;
	return NULL;
}

void secrets_watch(struct pl_turn *turn)
{
	json_t *bad = unreadable(), *why;
	const struct alarm *over;
	const char *subject;

	json_object_foreach(bad, subject, why) {
		struct alarm_name name = { .key = key, .source = "manager", .subject = subject };

		if (!alarm_find(&name))
			alarm_raise(turn, &name, json_string_value(why));
	}
	while ((over = find_over(bad))) {
		char copy[200];
		struct alarm_name name = { .key = key, .source = "manager", .subject = copy };

		snprintf(copy, sizeof(copy), "%s", over->subject);
		alarm_clear(turn, &name);
	}
	json_decref(bad);
}
