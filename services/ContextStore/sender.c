/*
 * sender.c — see sender.h.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "sender.h"

#include <curl/curl.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>

#include "address.h"
#include "pelago/json.h"
#include "pelago/version.h"

struct job {
	char *url, *body, *id;
	bool may_be_local;
	int64_t timeout_s;
};

/* What one call under way needs. */
struct call {
	const atomic_bool *stop;
	const struct job *job;
	size_t answer_len;
	bool was_local; /* an address was refused */
};

static void job_free(void *arg)
{
	struct job *job = arg;

	free(job->url);
	free(job->body);
	free(job->id);
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

	return atomic_load(call->stop); /* other than 0 ends it */
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

static json_t *send_by(CURL *curl, const struct job *job, const atomic_bool *stop)
{
	struct call call = { stop, job, 0, false };
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

static void *open_curl(void)
{
	return curl_easy_init();
}

static json_t *run(void *job, void *curl, const atomic_bool *stop)
{
	return curl ? send_by(curl, job, stop)
		    : json_pack("{s:i, s:s}", "status", 0, "error", "no memory");
}

static const struct pl_pool_def pool = {
	.threads = SENDERS,
	.done = notify_done,
	.open = open_curl,
	.close = curl_easy_cleanup,
	.run = run,
	.free = job_free,
};

enum pl_err sender_new(struct pl_pool **senderp, struct pl_service *service)
{
	if (curl_global_init(CURL_GLOBAL_DEFAULT))
		return pl_fail(PL_UNAVAILABLE, "libcurl can't be started");
	return pl_pool_new(senderp, service, &pool);
}

enum pl_err sender_put(struct pl_pool *sender, const struct sender_job *wanted)
{
	struct job *job = calloc(1, sizeof(*job));

	if (job) {
		job->url = strdup(wanted->url);
		job->body = strdup(wanted->body);
		job->id = strdup(wanted->id);
		job->may_be_local = wanted->may_be_local;
		job->timeout_s = wanted->timeout_s;
	}
	if (job && (!job->url || !job->body || !job->id)) {
		job_free(job);
		job = NULL;
	}
	return pl_pool_put(sender, job, wanted->context);
}
