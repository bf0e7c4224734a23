/*
 * notify.c — see notify.h.
 *
 * Notices are sent in batches, one at a time for each subscription, each batch of as many contexts.
 * Only what an earlier turn has committed is sent: `settled` is the last notice of which that is
 * known, `newest` the last one made.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "notify.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "act.h"
#include "pelago/alarm.h"
#include "pelago/json.h"
#include "pelago/log.h"
#include "pelago/metric.h"
#include "sender.h"
#include "subscription.h"

enum { BATCH = 8, REFUSALS = 3, PAUSE_MOST_MS = 300000, DROP_ROWS = 1000 };

static struct pl_metric sent = { .name = "notices_sent_total", .text = "Notices taken" };
static struct pl_metric failed = { .name = "notices_failed_total", .text = "Notices not taken" };
static struct pl_metric dropped = { .name = "notices_dropped_total",
				    .text = "Notices given up, or refused" };
static struct pl_metric waiting = { .name = "notices_waiting",
				    .text = "Notices that wait to be sent",
				    .kind = PL_GAUGE };

static struct pl_pool *sender; /* started when there is something to send */
static char newest[27], settled[27];
static bool is_posted;
static int64_t generation; /* of what is in memory: an answer to an older one counts nothing */

static void show_waiting(void)
{
	double all = 0;

	for (int i = 0; i < SUBSCRIPTIONS; i++)
		all += (double)subscriptions[i].waiting;
	pl_metric_set(&waiting, all);
}

/* ---- making them ---- */

static enum pl_err on_posted(struct pl_turn *turn, json_t *body, void *arg);

static void post(struct pl_turn *turn)
{
	is_posted = true;
	pl_service_post(pl_turn_service(turn), on_posted, json_pack("{s:s}", "upto", newest), NULL);
}

/* What was made by then is committed: this is a later turn. */
static enum pl_err on_posted(struct pl_turn *turn, json_t *body, void *arg)
{
	const char *upto = pl_json_get_text(body, "upto");

	if (strcmp(upto, settled) > 0)
		snprintf(settled, sizeof(settled), "%s", upto);
	json_decref(body);
	is_posted = false;
	if (strcmp(newest, settled) > 0)
		post(turn);
	notify_pump(turn);
	return PL_OK;
}

static void insert(struct pl_turn *turn, struct subscription *s, const struct context *context,
		   const struct touch *touch)
{
	json_t *body;
	char *text;

	pl_id(newest);
	body = json_pack("{s:s, s:s, s:s, s:I, s:s, s:o}", "notificationId", newest,
			 "subscriptionId", s->id, "operation", touch->operation, "atMs",
			 (json_int_t)pl_turn_now_ms(turn), "touchpoint",
			 touch->touchpoint ? touch->touchpoint : "", "context",
			 act_shown(turn, context));
	text = pl_json_dump(body);
	pl_exec(turn,
		"insert into notice (id, subscription, context, made_ms, refusals, body) "
		"values ($1, $2, $3, $4, 0, $5)",
		"sssis", newest, s->id, context->id, pl_turn_now_ms(turn), text);
	s->waiting++;
	free(text);
	json_decref(body);
}

static void switch_off(struct pl_turn *turn, struct subscription *s)
{
	subscription_enable(turn, s, false);
	snprintf(
		s->last_error, sizeof(s->last_error),
		"switched off: %ld notices wait already; changes are not noted until it is on again",
		(long)s->waiting);
	pl_log(ERROR, "notify.off", NULL,
	       "subscription=%s: %ld notices wait already; it is switched off, changes are not told "
	       "until it is on again",
	       s->id, (long)s->waiting);
	pl_alarm_raise(turn, "notify.failing", s->id, "%s", s->last_error);
}

void notify_change(struct pl_turn *turn, const struct context *context, const struct touch *touch)
{
	int64_t most = pl_attribute_get(pl_turn_service(turn), "notify_backlog");
	bool made = false;

	for (int i = 0; i < SUBSCRIPTIONS; i++) {
		struct subscription *s = &subscriptions[i];

		if (!subscription_is_on(s) || !subscription_wants(s, context, touch))
			continue;
		if (s->waiting >= most) {
			switch_off(turn, s);
			continue;
		}
		insert(turn, s, context, touch);
		made = true;
	}
	if (made && !is_posted)
		post(turn);
}

/* ---- sending them ---- */

static bool is_among(const json_t *contexts, const char *context)
{
	json_t *one;
	size_t i;

	json_array_foreach(contexts, i, one)
		if (strcmp(json_string_value(one), context) == 0)
			return true;
	return false;
}

static enum pl_err send_one(struct pl_turn *turn, struct subscription *s, struct pl_rows *rows)
{
	struct sender_job job = {
		.url = pl_json_get_text(s->body, "url"),
		.id = pl_rows_text(rows, 0),
		.body = pl_rows_text(rows, 2),
		.may_be_local = pl_attribute_get(pl_turn_service(turn), "notify_local"),
		.timeout_s = pl_attribute_get(pl_turn_service(turn), "notify_timeout"),
		.context = json_pack("{s:s, s:s, s:I, s:I}", "subscription", s->id, "id",
				     pl_rows_text(rows, 0), "refusals",
				     (json_int_t)pl_rows_int(rows, 3), "generation",
				     (json_int_t)generation),
	};
	enum pl_err err = PL_OK;

	if (!sender)
		err = sender_new(&sender, pl_turn_service(turn));
	if (err)
		json_decref(job.context);
	else
		err = sender_put(sender, &job);
	if (!err)
		s->in_flight++;
	return err;
}

static void send_batch(struct pl_turn *turn, struct subscription *s)
{
	struct pl_rows *rows = pl_query(turn,
					"select id, context, body, refusals from notice where "
					"subscription = $1 and id <= $2 order by id limit $3",
					"ssi", s->id, settled, (int64_t)BATCH);
	json_t *contexts = json_array();
	enum pl_err err = PL_OK;

	while (!err && pl_rows_next(rows)) {
		if (is_among(contexts, pl_rows_text(rows, 1)))
			continue; /* it comes after the one before it */
		json_array_append_new(contexts, json_string(pl_rows_text(rows, 1)));
		err = send_one(turn, s, rows);
	}
	pl_rows_free(rows);
	json_decref(contexts);
	if (err)
		pl_log(ERROR, "notify.send", NULL, "subscription=%s error=%s: %s", s->id,
		       pl_err_row(err)->name, pl_err_detail(err));
}

void notify_pump(struct pl_turn *turn)
{
	for (int i = 0; i < SUBSCRIPTIONS; i++) {
		struct subscription *s = &subscriptions[i];

		if (subscription_is_on(s) && s->waiting > 0 && s->in_flight == 0 &&
		    s->next_ms <= pl_turn_now_ms(turn))
			send_batch(turn, s);
	}
	show_waiting();
}

/* ---- what became of them ---- */

static void remove_one(struct pl_turn *turn, struct subscription *s, const char *id)
{
	struct pl_rows *rows =
		pl_query(turn, "delete from notice where id = $1 returning id", "s", id);

	if (pl_rows_next(rows))
		s->waiting--;
	pl_rows_free(rows);
}

static void drop_old(struct pl_turn *turn, struct subscription *s)
{
	int64_t most_s = pl_attribute_get(pl_turn_service(turn), "notify_give_up");
	struct pl_rows *rows = pl_query(
		turn,
		"delete from notice where id in (select id from notice where subscription = $1 "
		"and made_ms < $2 order by id limit $3) returning id",
		"sii", s->id, pl_turn_now_ms(turn) - most_s * 1000, (int64_t)DROP_ROWS);
	int count = 0;

	while (pl_rows_next(rows))
		count++;
	pl_rows_free(rows);
	if (count == 0)
		return;
	s->waiting -= count;
	pl_metric_add(&dropped, count);
	pl_log(ERROR, "notify.given_up", NULL,
	       "subscription=%s count=%d: the receiver hasn't taken them for %ld s: %s", s->id,
	       count, (long)most_s, s->last_error);
	pl_alarm_raise(turn, "notify.failing", s->id, "%d notices dropped: %s", count,
		       s->last_error);
}

static void on_refused(struct pl_turn *turn, struct subscription *s, const json_t *context)
{
	const char *id = pl_json_get_text(context, "id");

	if (json_integer_value(json_object_get(context, "refusals")) + 1 < REFUSALS) {
		pl_exec(turn, "update notice set refusals = refusals + 1 where id = $1", "s", id);
		return;
	}
	remove_one(turn, s, id);
	pl_metric_add(&dropped, 1);
	pl_log(ERROR, "notify.refused", NULL,
	       "subscription=%s notice=%s: the receiver has refused it with %d; it is dropped",
	       s->id, id, s->last_status);
}

/* These say that the notice is wrong; 404 and the like, that the receiver is. */
static bool is_refusal(int status)
{
	return status == 400 || status == 413 || status == 415 || status == 422;
}

static void note_failure(struct pl_turn *turn, struct subscription *s, const json_t *body)
{
	s->has_failed = true;
	pl_metric_add(&failed, 1);
	if (s->last_status)
		snprintf(s->last_error, sizeof(s->last_error), "the receiver answered %d",
			 s->last_status);
	else
		snprintf(s->last_error, sizeof(s->last_error), "%s",
			 pl_json_get_text(body, "error"));
	if (is_refusal(s->last_status))
		on_refused(turn, s, json_object_get(body, "context"));
}

/* The last answer of a batch decides when the next one goes. */
static void batch_ended(struct pl_turn *turn, struct subscription *s)
{
	int64_t pause_ms = 1000;

	if (!s->has_failed) {
		if (s->fails)
			pl_log(INFO, "notify.recovered", NULL, "subscription=%s", s->id);
		pl_alarm_clear(turn, "notify.failing", s->id);
		s->fails = 0;
		s->last_error[0] = '\0';
		notify_pump(turn);
		return;
	}
	s->has_failed = false;
	for (int64_t i = 0; i < s->fails && pause_ms < PAUSE_MOST_MS; i++)
		pause_ms *= 2;
	s->next_ms = pl_turn_now_ms(turn) + (pause_ms < PAUSE_MOST_MS ? pause_ms : PAUSE_MOST_MS);
	if (s->fails++ == 0)
		pl_log(WARN, "notify.failing", NULL, "subscription=%s: %s", s->id, s->last_error);
	drop_old(turn, s);
}

enum pl_err notify_done(struct pl_turn *turn, json_t *body, void *arg)
{
	struct subscription *s = subscription_find(pl_json_get_text(body, "context.subscription"));
	int status = (int)json_integer_value(json_object_get(body, "status"));

	if (s && s->id[0]) {
		s->last_status = status;
		s->last_ms = pl_turn_now_ms(turn);
		if (status >= 200 && status < 300) {
			remove_one(turn, s, pl_json_get_text(body, "context.id"));
			s->sent++;
			pl_metric_add(&sent, 1);
		} else {
			note_failure(turn, s, body);
		}
		if (json_integer_value(pl_json_get(body, "context.generation")) == generation &&
		    s->in_flight > 0 && --s->in_flight == 0)
			batch_ended(turn, s);
	}
	json_decref(body);
	return PL_OK;
}

void notify_forget(struct pl_turn *turn, const char *context)
{
	struct pl_rows *rows = pl_query(
		turn, "delete from notice where context = $1 returning subscription", "s", context);

	while (pl_rows_next(rows)) {
		struct subscription *s = subscription_find(pl_rows_text(rows, 0));

		if (s)
			s->waiting--;
	}
	pl_rows_free(rows);
}

void notify_load(struct pl_turn *turn)
{
	struct pl_rows *rows = pl_query(turn, "select max(id) from notice", "");

	newest[0] = '\0';
	if (pl_rows_next(rows) && !pl_rows_is_null(rows, 0))
		snprintf(newest, sizeof(newest), "%s", pl_rows_text(rows, 0));
	pl_rows_free(rows);
	memcpy(settled, newest, sizeof(settled));
	is_posted = false;
	generation++;
	subscriptions_load(turn);
	show_waiting();
}

void notify_stop(void)
{
	pl_pool_free(sender);
	sender = NULL;
	subscriptions_forget();
}
