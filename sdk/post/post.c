/*
 * post.c — see pelago/post.h.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "pelago/post.h"

#include <curl/curl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "pelago/pool.h"
#include "pelago/version.h"

struct job {
	char *url, *body;
	struct curl_slist *headers;
	size_t body_len;
	int64_t timeout_ms;
};

struct answer {
	char *text;
	size_t len;
};

static void job_free(void *arg)
{
	struct job *job = arg;

	free(job->url);
	free(job->body);
	curl_slist_free_all(job->headers);
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
	const atomic_bool *stop = arg;

	return atomic_load(stop); /* other than 0 ends it */
}

static void prepare(CURL *curl, const atomic_bool *stop, const struct job *job,
		    struct answer *answer, char why[CURL_ERROR_SIZE])
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
	curl_easy_setopt(curl, CURLOPT_XFERINFODATA, (void *)stop);
	curl_easy_setopt(curl, CURLOPT_ERRORBUFFER, why);
}

/* A status whose answer was cut off is none: what it meant isn't known. */
static json_t *post_by(CURL *curl, const struct job *job, const atomic_bool *stop)
{
	struct answer answer = { 0 };
	char why[CURL_ERROR_SIZE] = "";
	CURLcode code;
	long status = 0;
	json_t *result, *text;

	prepare(curl, stop, job, &answer, why);
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

static void *open_curl(void)
{
	return curl_easy_init();
}

static json_t *run(void *job, void *curl, const atomic_bool *stop)
{
	return curl ? post_by(curl, job, stop)
		    : json_pack("{s:i, s:s, s:s}", "status", 0, "error", "no memory", "answer", "");
}

/* ---- the turn thread ---- */

struct pl_post {
	struct pl_pool_def def;
	struct pl_pool *pool;
};

enum pl_err pl_post_new(struct pl_post **postp, struct pl_service *service, pl_posted_fn *done)
{
	struct pl_post *post = calloc(1, sizeof(*post));
	enum pl_err err;

	if (!post)
		return PL_NOMEM;
	post->def = (struct pl_pool_def){ .threads = 1,
					  .done = done,
					  .open = open_curl,
					  .close = curl_easy_cleanup,
					  .run = run,
					  .free = job_free };
	err = curl_global_init(CURL_GLOBAL_DEFAULT)
		      ? pl_fail(PL_UNAVAILABLE, "libcurl can't be started")
		      : pl_pool_new(&post->pool, service, &post->def);
	if (err)
		pl_post_free(post);
	else
		*postp = post;
	return err;
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
	job->body_len = wanted->body_len;
	job->timeout_ms = wanted->timeout_ms;
	job->url = strdup(wanted->url);
	job->headers = headers_of(wanted);
	if (!err && !(job->url && job->headers && job->body))
		err = PL_NOMEM;
	if (!err)
		return pl_pool_put(post->pool, job, wanted->context);
	job_free(job);
	json_decref(wanted->context);
	return err;
}

void pl_post_free(struct pl_post *post)
{
	if (!post)
		return;
	pl_pool_free(post->pool);
	free(post);
}
