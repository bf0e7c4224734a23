/*
 * send.c — see packet.h. One request at a time, the oldest first; what isn't taken is sent again at
 * the next beat. What the receiver refuses document by document would be refused again.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "packet.h"
#include "pelago/alarm.h"
#include "pelago/json.h"
#include "pelago/log.h"
#include "pelago/metric.h"
#include "pelago/post.h"

enum { WAITING_MOST = 360, BYTES_MOST = 16 << 20, TIMEOUT_MS = 10000, FAILS_ALARM = 3 };

static struct pl_metric sent = { .name = "packetmetric_documents_sent_total",
				 .text = "Documents that the receiver has taken" };
static struct pl_metric refused = { .name = "packetmetric_documents_refused_total",
				    .text = "Documents that the receiver has refused" };
static struct pl_metric dropped = { .name = "packetmetric_documents_dropped_total",
				    .text = "Documents dropped, as too many waited" };

static struct waiting {
	char *body;
	size_t len;
	int64_t count; /* of documents */
	int64_t number;
} waiting[WAITING_MOST]; /* a ring */
static size_t first, waiting_len, bytes;
static int64_t numbers;
static struct pl_post *post; /* started when there is something to send */
static bool is_busy;
static int fails;

static void drop_first(void)
{
	struct waiting *w = &waiting[first];

	bytes -= w->len;
	free(w->body);
	first = (first + 1) % WAITING_MOST;
	waiting_len--;
}

static void make_room(size_t len)
{
	/* the one that is being sent may go, too */
	while (waiting_len && (waiting_len == WAITING_MOST || bytes + len > BYTES_MOST)) {
		pl_metric_add(&dropped, (double)waiting[first].count);
		drop_first();
		is_busy = false;
	}
}

void send_round(struct pl_turn *turn, const json_t *round)
{
	const struct pl_service *service = pl_turn_service(turn);
	struct waiting w = { 0 };

	if (!*pl_attribute_text(service, "target")) {
		while (waiting_len)
			drop_first();
		pl_alarm_clear(turn, "metrics.undelivered", "");
		return;
	}
	w.body = bulk_of(round, pl_attribute_text(service, "index"), &w.count);
	if (!w.body)
		return;
	w.len = strlen(w.body);
	w.number = ++numbers;
	make_room(w.len);
	waiting[(first + waiting_len++) % WAITING_MOST] = w;
	bytes += w.len;
	send_tick(turn);
}

static void note_failure(struct pl_turn *turn, const char *why)
{
	if (++fails < FAILS_ALARM)
		return;
	pl_alarm_raise(turn, "metrics.undelivered", "", "%s", why);
	if (fails == FAILS_ALARM)
		pl_log(WARN, "packetmetric.undelivered", NULL, "%s", why);
}

static void note_taken(struct pl_turn *turn, int64_t count, int64_t bad)
{
	pl_metric_add(&sent, (double)(count - bad));
	if (bad) {
		pl_metric_add(&refused, (double)bad);
		note_failure(turn, "the receiver refuses documents: see what its index takes");
	} else {
		fails = 0;
		pl_alarm_clear(turn, "metrics.undelivered", "");
	}
}

static enum pl_err on_done(struct pl_turn *turn, json_t *result, void *unused)
{
	int64_t status = json_integer_value(json_object_get(result, "status")),
		count = json_integer_value(pl_json_get(result, "context.count")), bad = -1;
	bool is_first = waiting_len && json_integer_value(pl_json_get(result, "context.number")) ==
					       waiting[first].number;
	char why[300];

	if (status >= 200 && status < 300)
		bad = bulk_refused(pl_json_get_text(result, "answer"));
	if (is_first)
		is_busy = false;
	if (bad >= 0) {
		if (is_first)
			drop_first();
		note_taken(turn, count, bad);
	} else {
		if (!status)
			snprintf(why, sizeof(why), "%s", pl_json_get_text(result, "error"));
		else if (status >= 200 && status < 300)
			snprintf(why, sizeof(why), "the receiver doesn't answer as _bulk does");
		else
			snprintf(why, sizeof(why), "the receiver answered %d", (int)status);
		note_failure(turn, why);
	}
	json_decref(result);
	return PL_OK;
}

static enum pl_err authorization(char *line, size_t size, const struct pl_service *service)
{
	char *key = NULL;
	enum pl_err err = pl_attribute_secret(&key, service, "api_key");

	line[0] = '\0';
	if (err == PL_NOTFOUND) {
		pl_err_clear();
		return PL_OK;
	}
	if (!err)
		snprintf(line, size, "Authorization: ApiKey %s", key);
	pl_secret_free(key);
	return err;
}

static enum pl_err send_first(struct pl_turn *turn)
{
	struct pl_service *service = pl_turn_service(turn);
	const struct waiting *w = &waiting[first];
	const char *target = pl_attribute_text(service, "target");
	char url[4200], key[4200];
	const char *headers[] = { key, NULL };
	struct pl_post_job job = { .url = url,
				   .type = "application/x-ndjson",
				   .headers = headers,
				   .timeout_ms = TIMEOUT_MS };
	size_t len = strlen(target);
	enum pl_err err = authorization(key, sizeof(key), service);

	if (!err && !post)
		err = pl_post_new(&post, service, on_done);
	if (err)
		return err;
	if (!*key)
		headers[0] = NULL;
	snprintf(url, sizeof(url), "%s%s_bulk", target, target[len - 1] == '/' ? "" : "/");
	job.body = strdup(w->body);
	job.body_len = w->len;
	job.context = json_pack("{s:I, s:I}", "count", (json_int_t)w->count, "number",
				(json_int_t)w->number);
	return pl_post_put(post, &job);
}

void send_tick(struct pl_turn *turn)
{
	enum pl_err err;

	if (is_busy || !waiting_len || !*pl_attribute_text(pl_turn_service(turn), "target"))
		return;
	err = send_first(turn);
	is_busy = !err;
	if (err)
		note_failure(turn, pl_err_detail(err));
}

void send_stop(struct pl_service *service)
{
	pl_post_free(post);
	post = NULL;
	while (waiting_len)
		drop_first();
}
