/*
 * sender.c — see sender.h.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "sender.h"

#include <curl/curl.h>
#include <stdlib.h>

struct job {
	const struct receiver_kind *kind;
	json_t *settings, *notice;
};

static void job_free(void *arg)
{
	struct job *job = arg;

	json_decref(job->settings);
	json_decref(job->notice);
	free(job);
}

/* Without memory nothing is told: it is tried again after the next start. */
static json_t *run(void *arg, void *own, const atomic_bool *stop)
{
	const struct job *job = arg;
	char why[WHY_SIZE] = "";
	bool ok = job->kind->send(job->settings, job->notice, stop, why);

	return json_pack("{s:s}", "error", ok ? "" : *why ? why : "it can't be sent");
}

static const struct pl_pool_def pool = {
	.threads = SENDERS,
	.done = receiver_done,
	.run = run,
	.free = job_free,
};

enum pl_err sender_new(struct pl_pool **senderp, struct pl_service *service)
{
	if (curl_global_init(CURL_GLOBAL_DEFAULT))
		return pl_fail(PL_UNAVAILABLE, "libcurl can't be started");
	return pl_pool_new(senderp, service, &pool);
}

enum pl_err sender_put(struct pl_pool *sender, const struct receiver_kind *kind, json_t *settings,
		       json_t *notice, json_t *context)
{
	struct job *job = settings && notice ? calloc(1, sizeof(*job)) : NULL;

	if (job) {
		*job = (struct job){ kind, settings, notice };
	} else {
		json_decref(settings);
		json_decref(notice);
	}
	return pl_pool_put(sender, job, context);
}
