/*
 * send.c — see streaming.h.
 *
 * One request at a time. What isn't taken is sent again, after pauses that grow to PAUSE_MOST_MS,
 * for as long as it takes; the receiver may get it twice, with the same numbers.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include <stdio.h>
#include <string.h>

#include "pelago/alarm.h"
#include "pelago/json.h"
#include "pelago/log.h"
#include "pelago/post.h"
#include "streaming.h"

enum { PAUSE_LEAST_MS = 200, PAUSE_MOST_MS = 30000, FAILS_ALARM = 3 };

static struct pl_post *post; /* started when there is something to send */
static bool is_busy;
static int64_t next_ms; /* by pl_turn_steady_ms */
static int fails;
static char error[300];

static void note_failure(struct pl_turn *turn, const json_t *result)
{
	int status = (int)json_integer_value(json_object_get(result, "status"));
	int64_t pause_ms = PAUSE_LEAST_MS;

	if (status)
		snprintf(error, sizeof(error), "the receiver answered %d", status);
	else
		snprintf(error, sizeof(error), "%s", pl_json_get_text(result, "error"));
	for (int i = 0; i < fails && pause_ms < PAUSE_MOST_MS; i++)
		pause_ms *= 2;
	next_ms = pl_turn_steady_ms(turn) + (pause_ms < PAUSE_MOST_MS ? pause_ms : PAUSE_MOST_MS);
	if (++fails >= FAILS_ALARM)
		pl_alarm_raise(turn, "streaming.behind", "", "%s", error);
	if (fails == FAILS_ALARM)
		pl_log(WARN, "streaming.behind", NULL, "%s", error);
}

static enum pl_err on_done(struct pl_turn *turn, json_t *result, void *unused)
{
	int64_t status = json_integer_value(json_object_get(result, "status"));

	if (json_integer_value(pl_json_get(result, "context.generation")) == queue.generation)
		is_busy = false;
	if (status >= 200 && status < 300) {
		queue_taken(turn, json_integer_value(pl_json_get(result, "context.last")));
		fails = 0;
		next_ms = 0;
		error[0] = '\0';
		pl_alarm_clear(turn, "streaming.behind", "");
	} else {
		note_failure(turn, result);
	}
	json_decref(result);
	return PL_OK;
}

/* "" without a token. PL_STATE: it can't be opened here. */
static enum pl_err authorization(char *line, size_t size, const struct pl_service *service)
{
	char *token = NULL;
	enum pl_err err = pl_attribute_secret(&token, service, "token");

	line[0] = '\0';
	if (err == PL_NOTFOUND) {
		pl_err_clear();
		return PL_OK;
	}
	if (!err)
		snprintf(line, size, "Authorization: Bearer %s", token);
	pl_secret_free(token);
	return err;
}

static enum pl_err send_first(struct pl_turn *turn, bool *sentp)
{
	struct pl_service *service = pl_turn_service(turn);
	char stream[60], numbers[60], token[4100];
	const char *headers[] = { stream, numbers, token, NULL };
	struct pl_post_job job = { .url = pl_attribute_text(service, "target"),
				   .type = "application/x-ndjson",
				   .headers = headers,
				   .timeout_ms = 1000 * pl_attribute_get(service, "timeout") };
	int64_t first, last;
	enum pl_err err = authorization(token, sizeof(token), service);

	*sentp = false;
	if (err)
		return err;
	if (!*token)
		headers[2] = NULL;
	job.body = queue_first(turn, &job.body_len, &first, &last);
	if (!job.body)
		return PL_OK;
	snprintf(stream, sizeof(stream), "Pelago-Stream: %s", queue.id);
	snprintf(numbers, sizeof(numbers), "Pelago-First: %lld", (long long)first);
	job.context = json_pack("{s:I, s:I}", "last", (json_int_t)last, "generation",
				(json_int_t)queue.generation);
	err = pl_post_put(post, &job);
	*sentp = !err;
	return err;
}

enum pl_err send_tick(struct pl_turn *turn)
{
	static int64_t generation;
	struct pl_service *service = pl_turn_service(turn);
	enum pl_err err = PL_OK;

	if (generation != queue.generation)
		is_busy = false; /* an answer that comes yet counts only for what it took */
	generation = queue.generation;
	if (is_busy || !queue.waiting || !*pl_attribute_text(service, "target") ||
	    pl_turn_steady_ms(turn) < next_ms)
		return PL_OK;
	if (!post)
		err = pl_post_new(&post, service, on_done);
	if (!err)
		err = send_first(turn, &is_busy);
	if (err) {
		json_t *result = json_pack("{s:s}", "error", pl_err_detail(err));

		note_failure(turn, result);
		json_decref(result);
	}
	return PL_OK;
}

enum pl_err send_begin_anew(struct pl_turn *turn)
{
	next_ms = 0;
	if (!*pl_attribute_text(pl_turn_service(turn), "target"))
		pl_alarm_clear(turn, "streaming.behind", "");
	return PL_OK;
}

void send_stop(struct pl_service *service)
{
	pl_post_free(post);
	post = NULL;
}

/* For the manager's list of destinations. */
enum pl_err op_destination(struct pl_turn *turn, const json_t *body, json_t **replyp)
{
	const struct pl_service *service = pl_turn_service(turn);
	const char *target = pl_attribute_text(service, "target");
	int64_t oldest_ms = queue_oldest_ms(turn);

	*replyp = json_pack(
		"{s:s, s:s, s:s, s:s, s:I, s:I, s:o, s:o, s:o}", "stream", queue.id, "target",
		target, "subject", pl_attribute_text(service, "nouns"), "state",
		!*target ? "Off"
		: fails	 ? "Down"
			 : "Up",
		"pending", (json_int_t)queue.waiting, "deliveredSequence", (json_int_t)queue.taken,
		"oldestSeconds",
		oldest_ms ? json_integer((pl_turn_now_ms(turn) - oldest_ms) / 1000) : json_null(),
		"sentMs", queue.taken_ms ? json_integer(queue.taken_ms) : json_null(), "why",
		*error ? json_string(error) : json_null());
	return *replyp ? PL_OK : PL_NOMEM;
}
