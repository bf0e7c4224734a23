/*
 * sender.c — see sender.h. One lock guards the list of jobs; a job belongs to the thread that took
 * it.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "sender.h"

#include <curl/curl.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/queue.h>
#include <sys/socket.h>

#include "address.h"
#include "pelago/json.h"
#include "pelago/version.h"

STAILQ_HEAD(jobs, job);

struct job {
	STAILQ_ENTRY(job) next;
	char *url, *body, *id;
	bool may_be_local;
	int64_t timeout_s;
	json_t *context; /* not looked at by the thread */
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

/* What one call under way needs. */
struct call {
	struct sender *sender;
	const struct job *job;
	size_t answer_len;
	bool was_local; /* an address was refused */
};

static void job_free(struct job *job)
{
	if (!job)
		return;
	free(job->url);
	free(job->body);
	free(job->id);
	json_decref(job->context);
	free(job);
}

static size_t on_answer(char *bytes, size_t size, size_t count, void *arg)
{
	struct call *call = arg;

	call->answer_len += size * count;
	return call->answer_len > ANSWER_BYTES ? 0 : size * count; /* 0 ends it */
}

static curl_socket_t on_socket(void *arg, curlsocktype purpose, struct curl_sockaddr *address)
{
	struct call *call = arg;

	if (!call->job->may_be_local && address_is_local(&address->addr)) {
		call->was_local = true;
		return CURL_SOCKET_BAD;
	}
	return socket(address->family, address->socktype | SOCK_CLOEXEC, address->protocol);
}

static int on_progress(void *arg, curl_off_t a, curl_off_t b, curl_off_t c, curl_off_t d)
{
	struct call *call = arg;

	return atomic_load(&call->sender->is_stopping); /* other than 0 ends it */
}

static struct curl_slist *headers_of(const struct job *job)
{
	struct curl_slist *list = NULL;
	char id[64];

	snprintf(id, sizeof(id), "Pelago-Notice: %s", job->id);
	list = curl_slist_append(list, "Content-Type: application/json");
	list = list ? curl_slist_append(list, "Expect:") : NULL;
	return list ? curl_slist_append(list, id) : NULL;
}

static json_t *run(CURL *curl, struct sender *sender, const struct job *job)
{
	struct call call = { sender, job, 0, false };
	struct curl_slist *headers = headers_of(job);
	char why[CURL_ERROR_SIZE] = "", agent[PL_VERSION_ROOM + 8];
	CURLcode code;
	long status = 0;

	curl_easy_reset(curl); /* connections are kept */
	curl_easy_setopt(curl, CURLOPT_URL, job->url);
	curl_easy_setopt(curl, CURLOPT_PROTOCOLS_STR, "http,https");
	curl_easy_setopt(curl, CURLOPT_PROXY, "");
	curl_easy_setopt(curl, CURLOPT_NOSIGNAL, 1L);
	snprintf(agent, sizeof(agent), "Pelago/%s", pl_version);
	curl_easy_setopt(curl, CURLOPT_USERAGENT, agent);
	curl_easy_setopt(curl, CURLOPT_HTTPHEADER, headers);
	curl_easy_setopt(curl, CURLOPT_POSTFIELDSIZE_LARGE, (curl_off_t)strlen(job->body));
	curl_easy_setopt(curl, CURLOPT_POSTFIELDS, job->body);
	curl_easy_setopt(curl, CURLOPT_FOLLOWLOCATION, 0L);
	curl_easy_setopt(curl, CURLOPT_TIMEOUT_MS, (long)job->timeout_s * 1000);
	curl_easy_setopt(curl, CURLOPT_CONNECTTIMEOUT_MS, (long)CONNECT_MS);
	curl_easy_setopt(curl, CURLOPT_WRITEFUNCTION, on_answer);
	curl_easy_setopt(curl, CURLOPT_WRITEDATA, &call);
	curl_easy_setopt(curl, CURLOPT_OPENSOCKETFUNCTION, on_socket);
	curl_easy_setopt(curl, CURLOPT_OPENSOCKETDATA, &call);
	curl_easy_setopt(curl, CURLOPT_NOPROGRESS, 0L);
	curl_easy_setopt(curl, CURLOPT_XFERINFOFUNCTION, on_progress);
	curl_easy_setopt(curl, CURLOPT_XFERINFODATA, &call);
	curl_easy_setopt(curl, CURLOPT_ERRORBUFFER, why);
	code = headers ? curl_easy_perform(curl) : CURLE_OUT_OF_MEMORY;
	curl_easy_getinfo(curl, CURLINFO_RESPONSE_CODE, &status);
	curl_slist_free_all(headers);
	if (call.was_local)
		snprintf(why, sizeof(why), "the receiver's address is local, which isn't allowed");
	return json_pack("{s:i, s:s}", "status", (int)status, "error",
			 status || code == CURLE_OK ? ""
			 : *why			    ? why
						    : curl_easy_strerror(code));
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
	CURL *curl = curl_easy_init();
	struct job *job;

	while ((job = job_take(sender))) {
		json_t *result = curl ? run(curl, sender, job)
				      : json_pack("{s:i, s:s}", "status", 0, "error", "no memory");

		json_object_set_new(result, "context", job->context);
		job->context = NULL;
		pl_service_post(sender->service, sender->done, result, NULL);
		job_free(job);
	}
	curl_easy_cleanup(curl);
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

enum pl_err sender_put(struct sender *sender, const struct sender_job *wanted)
{
	struct job *job = calloc(1, sizeof(*job));

	if (job) {
		job->url = strdup(wanted->url);
		job->body = strdup(wanted->body);
		job->id = strdup(wanted->id);
		job->may_be_local = wanted->may_be_local;
		job->timeout_s = wanted->timeout_s;
		job->context = wanted->context;
	}
	if (!job || !job->url || !job->body || !job->id) {
		if (!job)
			json_decref(wanted->context);
		job_free(job);
		return PL_NOMEM;
	}
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
