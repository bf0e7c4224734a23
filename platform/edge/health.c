/*
 * health.c — is it alive, is it ready, what does it count.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "health.h"

#include <stdlib.h>
#include <string.h>

#include "exposition.h"
#include "http.h"
#include "link.h"
#include "pelago/log.h"
#include "pelago/metric.h"
#include "routing.h"

enum { COLLECT_US = 200000, COLLECT_MAX = 8 * 1024 * 1024, PROGRAMS_MAX = 500 };

static const char text_type[] = "text/plain; charset=utf-8";

static void healthz(struct http *http)
{
	answer_text(&http->answer, 200, text_type, "ok\n");
	http_answer(http);
}

static void readyz(struct http *http)
{
	struct edge *edge = http->edge;
	const char *missing = NULL;

	if (edge->is_stopping)
		missing = "stopping";
	else if (!routing_routes(edge->routing))
		missing = "no routes yet";
	else if (!link_is_up(edge->link))
		missing = "the bus is away";
	if (missing)
		answer_problem(&http->answer, 503, "unavailable", missing, http->path_text);
	else
		answer_text(&http->answer, 200, text_type, "ready\n");
	http_answer(http);
}

/* ---- metrics: whoever answers within 200 ms is in ---- */

struct collect {
	struct http *http; /* NULL: nobody waits any more */
	struct exposition *exposition;
	struct pl_subscription *subscription;
	size_t bytes;
	unsigned programs;
	lws_sorted_usec_list_t timer;
};

static void collect_free(struct collect *collect)
{
	lws_sul_cancel(&collect->timer);
	pl_subscription_free(collect->subscription);
	exposition_free(collect->exposition);
	free(collect);
}

void collect_cancel(struct collect *collect)
{
	if (collect)
		collect_free(collect);
}

static void on_metrics(const struct pl_message *message, void *arg)
{
	struct collect *collect = arg;

	if (message->status || ++collect->programs > PROGRAMS_MAX ||
	    collect->bytes + message->body_len > COLLECT_MAX)
		return;
	collect->bytes += message->body_len;
	exposition_add(collect->exposition, message->body, message->body_len);
}

static void collected(lws_sorted_usec_list_t *sul)
{
	struct collect *collect = lws_container_of(sul, struct collect, timer);
	struct http *http = collect->http;
	char *text = exposition_text(collect->exposition);

	http->collect = NULL;
	answer_text(&http->answer, text ? 200 : 503, "text/plain; version=0.0.4; charset=utf-8",
		    text ? text : "");
	free(text);
	http_answer(http);
	collect_free(collect);
}

static void ask_all(struct collect *collect, struct link *link)
{
	struct pl_message message = { .subject = "ctl.metrics",
				      .body = "{\"v\":1}",
				      .body_len = 7 };
	char inbox[96];

	if (!link_is_up(link))
		return;
	pl_bus_inbox(link_bus(link), inbox);
	message.reply = inbox;
	if (pl_bus_subscribe(&collect->subscription, link_bus(link), inbox, NULL, on_metrics,
			     collect) == PL_OK) {
		pl_bus_publish(link_bus(link), &message);
		link_flush(link);
	}
}

static void metrics_begin(struct http *http)
{
	struct collect *collect = calloc(1, sizeof(*collect));
	char *own = pl_metric_text("edge");

	if (!collect || exposition_new(&collect->exposition)) {
		free(collect);
		free(own);
		answer_error(&http->answer, PL_NOMEM, http->path_text);
		http_answer(http);
		return;
	}
	if (own)
		exposition_add(collect->exposition, own, strlen(own));
	free(own);
	collect->http = http;
	http->collect = collect;
	ask_all(collect, http->edge->link);
	lws_sul_schedule(http->edge->context, 0, &collect->timer, collected, COLLECT_US);
}

static bool is_administrator(const json_t *claims)
{
	const json_t *role;
	size_t i;

	json_array_foreach(json_object_get(claims, "roles"), i, role)
		if (json_is_string(role) && strcmp(json_string_value(role), "administrator") == 0)
			return true;
	return false;
}

static void on_keys(enum pl_err err, void *arg);

static void metrics_authorize(struct http *http, struct auth_wait **waitp)
{
	json_t *claims = NULL;
	enum pl_err err =
		auth_check(&claims, http->edge->auth, http->authorization, waitp, on_keys, http);

	if (err == PL_AGAIN)
		return;
	if (!err && !is_administrator(claims))
		err = pl_fail(PL_FORBIDDEN, "only for administrators");
	json_decref(claims);
	if (!err) {
		metrics_begin(http);
		return;
	}
	answer_error(&http->answer, err, http->path_text);
	http_answer(http);
}

static void on_keys(enum pl_err err, void *arg)
{
	struct http *http = arg;

	http->auth_wait = NULL;
	if (!err) {
		metrics_authorize(http, NULL);
		return;
	}
	answer_error(&http->answer, err, http->path_text);
	http_answer(http);
}

static void metrics(struct http *http)
{
	if (http->peer->is_local) {
		metrics_begin(http);
	} else if (http_authorization(http)) {
		metrics_authorize(http, &http->auth_wait);
	} else {
		answer_error(&http->answer, PL_NOMEM, http->path_text);
		http_answer(http);
	}
}

bool health_begin(struct http *http)
{
	static const struct {
		const char *path;
		void (*fn)(struct http *http);
	} rows[] = { { "/healthz", healthz }, { "/readyz", readyz }, { "/metrics", metrics } };

	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		if (strcmp(rows[i].path, http->path_text) == 0) {
			rows[i].fn(http);
			return true;
		}
	}
	return false;
}
