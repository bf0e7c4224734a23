/*
 * post.c — see pelago/post.h. One lock guards the list of jobs; a job belongs to the thread once it
 * took it.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "pelago/post.h"

#include <curl/curl.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/queue.h>

#include "pelago/version.h"

STAILQ_HEAD(jobs, job);

struct job {
	STAILQ_ENTRY(job) next;
	char *url, *body;
	struct curl_slist *headers;
	size_t body_len;
	int64_t timeout_ms;
	json_t *context; /* not looked at by the thread */
};

struct pl_post {
	struct pl_service *service;
	pl_posted_fn *done;
	pthread_mutex_t lock;
	pthread_cond_t wake;
	struct jobs jobs;
	atomic_bool is_stopping;
	bool has_thread;
	pthread_t thread;
};

struct answer {
	const struct pl_post *post;
	char *text;
	size_t len;
};

static void job_free(struct job *job)
{
	if (!job)
		return;
	free(job->url);
	free(job->body);
	curl_slist_free_all(job->headers);
	json_decref(job->context);
	free(job);
}

/* ---- the thread ---- */

static size_t on_answer(char *bytes, size_t size, size_t count, void *arg)
{
	struct answer *answer = arg;
	size_t len = size * count;
	char *longer;

	if (answer->len + len > PL_POST_ANSWER_MAX)
		return 0; /* ends it */
	longer = realloc(answer->text, answer->len + len + 1);
	if (!longer)
		return 0;
	memcpy(longer + answer->len, bytes, len);
	answer->text = longer;
	answer->len += len;
	return len;
}

static int on_progress(void *arg, curl_off_t a, curl_off_t b, curl_off_t c, curl_off_t d)
{
	const struct pl_post *post = arg;

	return atomic_load(&post->is_stopping); /* other than 0 ends it */
}

static void prepare(CURL *curl, struct pl_post *post, const struct job *job, struct answer *answer,
		    char why[CURL_ERROR_SIZE])
{
	char agent[sizeof("Pelago/") + PL_VERSION_ROOM];

	snprintf(agent, sizeof(agent), "Pelago/%s", pl_version);
	curl_easy_reset(curl); /* connections are kept */
	curl_easy_setopt(curl, CURLOPT_URL, job->url);
	curl_easy_setopt(curl, CURLOPT_PROTOCOLS_STR, "http,https");
	curl_easy_setopt(curl, CURLOPT_PROXY, "");
	curl_easy_setopt(curl, CURLOPT_NOSIGNAL, 1L);
	curl_easy_setopt(curl, CURLOPT_USERAGENT, agent);
	curl_easy_setopt(curl, CURLOPT_HTTPHEADER, job->headers);
	curl_easy_setopt(curl, CURLOPT_POSTFIELDSIZE_LARGE, (curl_off_t)job->body_len);
	curl_easy_setopt(curl, CURLOPT_POSTFIELDS, job->body);
	curl_easy_setopt(curl, CURLOPT_FOLLOWLOCATION, 0L);
	curl_easy_setopt(curl, CURLOPT_TIMEOUT_MS, (long)job->timeout_ms);
	curl_easy_setopt(curl, CURLOPT_CONNECTTIMEOUT_MS, (long)PL_POST_CONNECT_MS);
	curl_easy_setopt(curl, CURLOPT_WRITEFUNCTION, on_answer);
	curl_easy_setopt(curl, CURLOPT_WRITEDATA, answer);
	curl_easy_setopt(curl, CURLOPT_NOPROGRESS, 0L);
	curl_easy_setopt(curl, CURLOPT_XFERINFOFUNCTION, on_progress);
	curl_easy_setopt(curl, CURLOPT_XFERINFODATA, post);
	curl_easy_setopt(curl, CURLOPT_ERRORBUFFER, why);
}

/* A status whose answer was cut off is none: what it meant isn't known. */
static json_t *run(CURL *curl, struct pl_post *post, const struct job *job)
{
	struct answer answer = { .post = post };
	char why[CURL_ERROR_SIZE] = "";
	CURLcode code;
	long status = 0;
	json_t *result, *text;

	prepare(curl, post, job, &answer, why);
	code = curl_easy_perform(curl);
	if (code == CURLE_OK)
		curl_easy_getinfo(curl, CURLINFO_RESPONSE_CODE, &status);
	text = answer.len ? json_stringn(answer.text, answer.len) : NULL;
	result = json_pack("{s:i, s:s, s:o}", "status", (int)status, "error",
			   code == CURLE_OK ? ""
			   : *why	    ? why
					    : curl_easy_strerror(code),
			   "answer", text ? text : json_string(""));
	free(answer.text);
	return result;
}

static struct job *job_take(struct pl_post *post)
{
	struct job *job = NULL;

	pthread_mutex_lock(&post->lock);
	while (!atomic_load(&post->is_stopping) && STAILQ_EMPTY(&post->jobs))
		pthread_cond_wait(&post->wake, &post->lock);
	if (!atomic_load(&post->is_stopping)) {
		job = STAILQ_FIRST(&post->jobs);
		STAILQ_REMOVE_HEAD(&post->jobs, next);
	}
	pthread_mutex_unlock(&post->lock);
	return job;
}

static void *work(void *arg)
{
	struct pl_post *post = arg;
	CURL *curl = curl_easy_init();
	struct job *job;

	while ((job = job_take(post))) {
		json_t *result = curl ? run(curl, post, job)
				      : json_pack("{s:i, s:s, s:s}", "status", 0, "error",
						  "no memory", "answer", "");

		json_object_set_new(result, "context", job->context);
		job->context = NULL;
		pl_service_post(post->service, post->done, result, NULL);
		job_free(job);
	}
	curl_easy_cleanup(curl);
	return NULL;
}

/* ---- the turn thread ---- */

enum pl_err pl_post_new(struct pl_post **postp, struct pl_service *service, pl_posted_fn *done)
{
	struct pl_post *post = calloc(1, sizeof(*post));

	if (!post)
		return PL_NOMEM;
	post->service = service;
	post->done = done;
	STAILQ_INIT(&post->jobs);
	pthread_mutex_init(&post->lock, NULL);
	pthread_cond_init(&post->wake, NULL);
	if (curl_global_init(CURL_GLOBAL_DEFAULT)) {
		pl_post_free(post);
		return pl_fail(PL_UNAVAILABLE, "libcurl can't be started");
	}
	if (pthread_create(&post->thread, NULL, work, post)) {
		pl_post_free(post);
		return pl_fail(PL_UNAVAILABLE, "no thread can be started");
	}
	post->has_thread = true;
	*postp = post;
	return PL_OK;
}

enum pl_err pl_post_url_check(const char *url)
{
	if (strncmp(url, "https://", 8) == 0 || strncmp(url, "http://", 7) == 0)
		return PL_OK;
	return pl_fail(PL_INVALID, "'%.100s' must begin with https:// or http://", url);
}

static bool header_add(struct curl_slist **listp, const char *line)
{
	struct curl_slist *longer = curl_slist_append(*listp, line);

	if (longer)
		*listp = longer;
	return longer != NULL;
}

static struct curl_slist *headers_of(const struct pl_post_job *wanted)
{
	const char *const *line = wanted->headers;
	struct curl_slist *list = NULL;
	char type[160];
	bool ok;

	snprintf(type, sizeof(type), "Content-Type: %s", wanted->type);
	ok = header_add(&list, type) && header_add(&list, "Expect:");
	while (ok && line && *line)
		ok = header_add(&list, *line++);
	if (ok)
		return list;
	curl_slist_free_all(list);
	return NULL;
}

enum pl_err pl_post_put(struct pl_post *post, struct pl_post_job *wanted)
{
	struct job *job = calloc(1, sizeof(*job));
	enum pl_err err = job ? pl_post_url_check(wanted->url) : PL_NOMEM;

	if (!job) {
		free(wanted->body);
		json_decref(wanted->context);
		return err;
	}
	job->body = wanted->body;
	job->context = wanted->context;
	job->body_len = wanted->body_len;
	job->timeout_ms = wanted->timeout_ms;
	job->url = strdup(wanted->url);
	job->headers = headers_of(wanted);
	if (!err && !(job->url && job->headers && job->body && job->context))
		err = PL_NOMEM;
	if (err) {
		job_free(job);
		return err;
	}
	pthread_mutex_lock(&post->lock);
	STAILQ_INSERT_TAIL(&post->jobs, job, next);
	pthread_cond_signal(&post->wake);
	pthread_mutex_unlock(&post->lock);
	return PL_OK;
}

void pl_post_free(struct pl_post *post)
{
	struct job *job;

	if (!post)
		return;
	pthread_mutex_lock(&post->lock);
	atomic_store(&post->is_stopping, true);
	pthread_cond_broadcast(&post->wake);
	pthread_mutex_unlock(&post->lock);
	if (post->has_thread)
		pthread_join(post->thread, NULL);
	while ((job = STAILQ_FIRST(&post->jobs))) {
		STAILQ_REMOVE_HEAD(&post->jobs, next);
		job_free(job);
	}
	pthread_cond_destroy(&post->wake);
	pthread_mutex_destroy(&post->lock);
	free(post);
}
