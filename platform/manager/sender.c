/*
 * sender.c — see sender.h. One lock guards the list of jobs; a job belongs to the thread that took
 * it.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "sender.h"

#include <curl/curl.h>
#include <pthread.h>
#include <stdlib.h>
#include <sys/queue.h>

STAILQ_HEAD(jobs, job);

struct job {
	STAILQ_ENTRY(job) next;
	const struct receiver_kind *kind;
	json_t *settings, *notice, *context;
};

struct sender {
	struct pl_service *service;
	pl_posted_fn *done;
	pthread_mutex_t lock;
	pthread_cond_t wake;
	struct jobs jobs;
	atomic_bool is_stopping;
	int threads_count;
	pthread_t threads[SENDERS];
};

static void job_free(struct job *job)
{
	json_decref(job->settings);
	json_decref(job->notice);
	json_decref(job->context);
	free(job);
}

static struct job *job_take(struct sender *sender)
{
	struct job *job = NULL;

	pthread_mutex_lock(&sender->lock);
	while (!atomic_load(&sender->is_stopping) && STAILQ_EMPTY(&sender->jobs))
		pthread_cond_wait(&sender->wake, &sender->lock);
	if (!atomic_load(&sender->is_stopping)) {
		job = STAILQ_FIRST(&sender->jobs);
		STAILQ_REMOVE_HEAD(&sender->jobs, next);
	}
	pthread_mutex_unlock(&sender->lock);
	return job;
}

static void *work(void *arg)
{
	struct sender *sender = arg;
	struct job *job;

	while ((job = job_take(sender))) {
		char why[WHY_SIZE] = "";
		bool ok = job->kind->send(job->settings, job->notice, &sender->is_stopping, why);
		json_t *result = json_pack("{s:O, s:s}", "context", job->context, "error",
					   ok	  ? ""
					   : *why ? why
						  : "it can't be sent");

		job_free(job);
		if (result) /* else it is tried again after the next start */
			pl_service_post(sender->service, sender->done, result, NULL);
	}
	return NULL;
}

enum pl_err sender_new(struct sender **senderp, struct pl_service *service, pl_posted_fn *done)
{
	struct sender *sender = calloc(1, sizeof(*sender));

	if (!sender)
		return PL_NOMEM;
	sender->service = service;
	sender->done = done;
	STAILQ_INIT(&sender->jobs);
	pthread_mutex_init(&sender->lock, NULL);
	pthread_cond_init(&sender->wake, NULL);
	if (curl_global_init(CURL_GLOBAL_DEFAULT)) {
		sender_free(sender);
		return pl_fail(PL_UNAVAILABLE, "libcurl can't be started");
	}
	while (sender->threads_count < SENDERS) {
		if (pthread_create(&sender->threads[sender->threads_count], NULL, work, sender)) {
			sender_free(sender);
			return pl_fail(PL_UNAVAILABLE, "no thread can be started");
		}
		sender->threads_count++;
	}
	*senderp = sender;
	return PL_OK;
}

enum pl_err sender_put(struct sender *sender, const struct receiver_kind *kind, json_t *settings,
		       json_t *notice, json_t *context)
{
	struct job *job = calloc(1, sizeof(*job));

	if (!job || !settings || !notice || !context) {
		json_decref(settings);
		json_decref(notice);
		json_decref(context);
		free(job);
		return PL_NOMEM;
	}
	job->kind = kind;
	job->settings = settings;
	job->notice = notice;
	job->context = context;
	pthread_mutex_lock(&sender->lock);
	STAILQ_INSERT_TAIL(&sender->jobs, job, next);
	pthread_cond_signal(&sender->wake);
	pthread_mutex_unlock(&sender->lock);
	return PL_OK;
}

void sender_free(struct sender *sender)
{
	struct job *job;

	if (!sender)
		return;
	pthread_mutex_lock(&sender->lock);
	atomic_store(&sender->is_stopping, true);
	pthread_cond_broadcast(&sender->wake);
	pthread_mutex_unlock(&sender->lock);
	for (int i = 0; i < sender->threads_count; i++)
		pthread_join(sender->threads[i], NULL);
	while ((job = STAILQ_FIRST(&sender->jobs))) {
		STAILQ_REMOVE_HEAD(&sender->jobs, next);
		job_free(job);
	}
	pthread_cond_destroy(&sender->wake);
	pthread_mutex_destroy(&sender->lock);
	free(sender);
}
