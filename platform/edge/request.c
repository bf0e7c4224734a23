/*
 * request.c — unanswered requests: a table of slots and, since each delay is constant, lists that
 * are in order of time by themselves.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "request.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/queue.h>

#include "id.h"
#include "pelago/json.h"

TAILQ_HEAD(request_list, request);

struct request {
	TAILQ_ENTRY(request) due, end;
	struct request_list *due_list;
	struct requests *owner;
	char *subject, *body;
	size_t body_len;
	int64_t due_ms, end_ms;
	enum request_patience patience;
	request_fn *fn;
	void *arg;
	uint32_t slot, generation;
	char id[ID_SIZE];
};

struct requests {
	request_publish_fn *publish;
	void *arg;
	char inbox[96];
	struct request **slots;
	uint32_t slots_count, *unused, unused_count, generation;
	unsigned count;
	size_t bytes;
	struct request_list absent, silent; /* by due_ms */
	struct request_list ends[2];	    /* by end_ms, one a patience */
};

static const int64_t patience_ms[] = { [REQUEST_NORMAL] = 3000, [REQUEST_LONG] = 30000 };

enum pl_err requests_new(struct requests **requestsp, request_publish_fn *publish, void *arg)
{
	struct requests *requests = calloc(1, sizeof(*requests));

	if (!requests)
		return PL_NOMEM;
	requests->publish = publish;
	requests->arg = arg;
	TAILQ_INIT(&requests->absent);
	TAILQ_INIT(&requests->silent);
	TAILQ_INIT(&requests->ends[REQUEST_NORMAL]);
	TAILQ_INIT(&requests->ends[REQUEST_LONG]);
	*requestsp = requests;
	return PL_OK;
}

void requests_inbox(struct requests *requests, const char *inbox)
{
	snprintf(requests->inbox, sizeof(requests->inbox), "%s", inbox);
}

unsigned requests_count(const struct requests *requests)
{
	return requests->count;
}

static enum pl_err slots_grow(struct requests *requests)
{
	uint32_t count = requests->slots_count ? requests->slots_count * 2 : 64;
	struct request **slots = realloc(requests->slots, count * sizeof(struct request *));
	uint32_t *unused;

	if (!slots)
		return PL_NOMEM;
	memset(slots + requests->slots_count, 0,
	       (count - requests->slots_count) * sizeof(struct request *));
	requests->slots = slots;
	unused = realloc(requests->unused, count * sizeof(*unused));
	if (!unused)
		return PL_NOMEM;
	requests->unused = unused;
	for (uint32_t i = count; i > requests->slots_count; i--)
		requests->unused[requests->unused_count++] = i - 1;
	requests->slots_count = count;
	return PL_OK;
}

static void wait_for(struct request *request, struct request_list *list, int64_t due_ms)
{
	if (request->due_list)
		TAILQ_REMOVE(request->due_list, request, due);
	request->due_list = list;
	request->due_ms = due_ms;
	TAILQ_INSERT_TAIL(list, request, due);
}

static void publish(struct request *request, int64_t now_ms)
{
	struct requests *requests = request->owner;
	char reply[128];
	struct pl_message message = { .subject = request->subject,
				      .reply = reply,
				      .id = request->id,
				      .body = request->body,
				      .body_len = request->body_len };

	snprintf(reply, sizeof(reply), "%s.%" PRIx32 "-%" PRIx32, requests->inbox, request->slot,
		 request->generation);
	wait_for(request, &requests->silent, now_ms + REQUEST_SILENT_MS);
	requests->publish(&message, requests->arg);
}

enum pl_err request_start(struct request **requestp, struct requests *requests,
			  const struct request_ask *ask, int64_t now_ms)
{
	struct request *request = NULL;
	enum pl_err err = PL_NOMEM;

	if (!ask->body)
		goto out;
	if (requests->count == REQUESTS_MAX ||
	    requests->bytes + ask->body_len > REQUESTS_BYTES_MAX) {
		err = pl_fail(PL_UNAVAILABLE, "too many requests wait for an answer");
		goto out;
	}
	if (!requests->unused_count && slots_grow(requests))
		goto out;
	request = calloc(1, sizeof(*request));
	if (!request)
		goto out;
	request->subject = strdup(ask->subject);
	if (!request->subject)
		goto out;
	request->owner = requests;
	request->body = ask->body;
	request->body_len = ask->body_len;
	request->patience = ask->patience;
	request->fn = ask->fn;
	request->arg = ask->arg;
	request->slot = requests->unused[--requests->unused_count];
	request->generation = ++requests->generation;
	id_make(request->id);
	requests->slots[request->slot] = request;
	requests->count++;
	requests->bytes += request->body_len;
	request->end_ms = now_ms + patience_ms[ask->patience];
	TAILQ_INSERT_TAIL(&requests->ends[ask->patience], request, end);
	publish(request, now_ms);
	if (requestp)
		*requestp = request;
	return PL_OK;
out:
	free(request);
	free(ask->body);
	return err;
}

void request_cancel(struct request *request)
{
	struct requests *requests;

	if (!request)
		return;
	requests = request->owner;
	TAILQ_REMOVE(request->due_list, request, due);
	TAILQ_REMOVE(&requests->ends[request->patience], request, end);
	requests->slots[request->slot] = NULL;
	requests->unused[requests->unused_count++] = request->slot;
	requests->count--;
	requests->bytes -= request->body_len;
	free(request->subject);
	free(request->body);
	free(request);
}

void requests_free(struct requests *requests)
{
	if (!requests)
		return;
	for (uint32_t i = 0; i < requests->slots_count; i++)
		request_cancel(requests->slots[i]);
	free(requests->slots);
	free(requests->unused);
	free(requests);
}

static void finish(struct request *request, enum pl_err err, json_t *reply)
{
	request_fn *fn = request->fn;
	void *arg = request->arg;

	request_cancel(request);
	if (fn)
		fn(err, reply, arg);
}

/* The code that a refusal names; "name" tells apart what shares a code. */
static enum pl_err refusal(const json_t *error)
{
	const char *name = pl_json_get_text(error, "name");
	enum pl_err err = pl_err_from_wire(pl_json_get_text(error, "code"));
	const char *message = pl_json_get_text(error, "message");

	for (int i = PL_OK + 1; i < PL_ERR_COUNT; i++)
		if (strcmp(pl_err_row((enum pl_err)i)->name, name) == 0)
			err = (enum pl_err)i;
	if (err == PL_OK)
		err = PL_INTERNAL;
	return pl_fail(err, "%s", message[0] ? message : pl_err_row(err)->text);
}

static struct request *request_of(const struct requests *requests, const char *subject)
{
	const char *token = strrchr(subject, '.');
	uint32_t slot, generation;

	if (!token || sscanf(token, ".%" SCNx32 "-%" SCNx32, &slot, &generation) != 2 ||
	    slot >= requests->slots_count || !requests->slots[slot] ||
	    requests->slots[slot]->generation != generation)
		return NULL;
	return requests->slots[slot];
}

void requests_reply(struct requests *requests, const struct pl_message *message, int64_t now_ms)
{
	struct request *request = request_of(requests, message->subject);
	json_t *reply = NULL, *error;
	enum pl_err err;

	if (!request)
		return; /* the second answer to a repeated request, or one too late */
	if (message->status == 503) {
		wait_for(request, &requests->absent, now_ms + REQUEST_ABSENT_MS);
		return;
	}
	err = pl_json_parse(&reply, message->body, message->body_len);
	if (err || !json_is_object(reply)) {
		finish(request, pl_fail(PL_INTERNAL, "the service's answer can't be read"), NULL);
	} else if ((error = json_object_get(reply, "error")) && json_is_object(error)) {
		finish(request, refusal(error), NULL);
	} else {
		finish(request, PL_OK, reply);
	}
	json_decref(reply);
}

static void give_up(struct requests *requests, struct request_list *list, int64_t now_ms)
{
	struct request *request;

	while ((request = TAILQ_FIRST(list)) && request->end_ms <= now_ms)
		finish(request, pl_fail(PL_UNAVAILABLE, "the service does not answer; try again"),
		       NULL);
}

static void repeat(struct request_list *list, int64_t now_ms)
{
	struct request *request;

	while ((request = TAILQ_FIRST(list)) && request->due_ms <= now_ms)
		publish(request, now_ms);
}

void requests_tick(struct requests *requests, int64_t now_ms)
{
	give_up(requests, &requests->ends[REQUEST_NORMAL], now_ms);
	give_up(requests, &requests->ends[REQUEST_LONG], now_ms);
	repeat(&requests->absent, now_ms);
	repeat(&requests->silent, now_ms);
}

/* Each is published once: what is published goes to the tail of the list of the silent. */
static void repeat_all(struct request_list *list, int64_t now_ms)
{
	struct request *last = TAILQ_LAST(list, request_list), *request;

	while (last) {
		request = TAILQ_FIRST(list);
		publish(request, now_ms);
		if (request == last)
			break;
	}
}

void requests_again(struct requests *requests, int64_t now_ms)
{
	repeat_all(&requests->silent, now_ms);
	repeat_all(&requests->absent, now_ms);
}
