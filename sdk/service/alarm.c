/*
 * alarm.c — alarms of a service: commands to the manager.
 *
 * What was said lately is remembered, so that a thousand repeats are one command; a rollback
 * forgets it, as what the turn staged never went.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "pelago/alarm.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "impl.h"

enum { SUBJECT_MAX = 200, REASON_MAX = 512, NAME_SIZE = 300 };

/* Cuts a text to bytes, and not within a character (RFC 3629). */
static void cut(char *text, size_t bytes)
{
	size_t len = strlen(text);

	if (len < bytes)
		return;
	len = bytes - 1;
	while (len > 0 && (text[len] & 0xc0) == 0x80)
		len--;
	text[len] = '\0';
}

static void say(struct pl_turn *turn, const char *key, const char *subject, bool is_raised,
		const char *reason)
{
	char about[SUBJECT_MAX + 2];

	snprintf(about, sizeof(about), "%s", subject);
	cut(about, SUBJECT_MAX + 1);
	pl_command(turn, "Manager.alarm", "alarm",
		   json_pack("{s:s, s:s, s:s, s:b, s:s, s:I}", "key", key, "source",
			     turn->service->def->name, "subject", about, "raised", is_raised,
			     "reason", reason, "atMs", (json_int_t)turn->now_ms),
		   NULL);
}

void pl_alarm_raise(struct pl_turn *turn, const char *key, const char *subject, const char *fmt,
		    ...)
{
	char name[NAME_SIZE], reason[REASON_MAX + 1];
	struct count *known;
	va_list ap;

	snprintf(name, sizeof(name), "%s %s", key, subject);
	known = count_find(&turn->service->alarms, name);
	if (known && known->n > 0 && mono_ms() - known->n < PL_ALARM_AGAIN_MS)
		return;
	va_start(ap, fmt);
	vsnprintf(reason, sizeof(reason), fmt, ap);
	va_end(ap);
	cut(reason, REASON_MAX);
	say(turn, key, subject, true, reason);
	count_put(&turn->service->alarms, name, mono_ms());
}

void pl_alarm_clear(struct pl_turn *turn, const char *key, const char *subject)
{
	char name[NAME_SIZE];
	struct count *known;

	snprintf(name, sizeof(name), "%s %s", key, subject);
	known = count_find(&turn->service->alarms, name);
	if (known && known->n == 0)
		return;
	say(turn, key, subject, false, "");
	count_put(&turn->service->alarms, name, 0);
}

static enum pl_err on_posted(struct pl_turn *turn, json_t *body, void *arg)
{
	pl_alarm_raise(turn, pl_json_get_text(body, "key"), pl_json_get_text(body, "subject"), "%s",
		       pl_json_get_text(body, "reason"));
	json_decref(body);
	return PL_OK;
}

void alarm_post(struct pl_service *s, const char *key, const char *subject, const char *reason)
{
	json_t *body =
		json_pack("{s:s, s:s, s:s}", "key", key, "subject", subject, "reason", reason);

	if (body)
		pl_service_post(s, on_posted, body, NULL);
}
