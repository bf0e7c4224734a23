/*
 * authorization.c — see authorization.h.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "authorization.h"

#include <curl/curl.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "pelago/alarm.h"
#include "pelago/json.h"

enum { TRY_MS = 5000, ANSWER_BYTES = 65536 };

static const char attribute[] = "authorization_service_address",
		  alarm[] = "authorization.unreachable";

/* A try. Only `is_stopping` is shared with the thread while it runs. */
static struct {
	struct pl_service *service;
	pthread_t thread;
	bool is_running, is_wanted_again;
	char address[300], ca_file[600];
	atomic_bool is_stopping;
} probe;

struct answer {
	char bytes[ANSWER_BYTES + 1];
	size_t len;
};

/* ---- on its own thread ---- */

static size_t on_bytes(char *bytes, size_t size, size_t count, void *arg)
{
	struct answer *answer = arg;
	size_t len = size * count;

	if (len > ANSWER_BYTES - answer->len)
		return 0; /* ends it */
	memcpy(answer->bytes + answer->len, bytes, len);
	answer->len += len;
	return len;
}

static int on_progress(void *arg, curl_off_t a, curl_off_t b, curl_off_t c, curl_off_t d)
{
	return atomic_load(&probe.is_stopping); /* other than 0 ends it */
}

/* "" if these are keys. */
static const char *judge(const struct answer *answer, long status)
{
	json_t *keys = json_loadb(answer->bytes, answer->len, 0, NULL);
	const char *why = status != 200 ? "it answers, but has no keys"
			  : !json_is_array(json_object_get(keys, "keys"))
				  ? "what answers is no AuthorizationService"
				  : "";

	json_decref(keys);
	return why;
}

static void fetch(char why[CURL_ERROR_SIZE], CURL *curl, struct answer *answer)
{
	char url[400];
	CURLcode code;
	long status = 0;

	snprintf(url, sizeof(url), "https://%s/services/AuthorizationService/jwks.json",
		 probe.address);
	curl_easy_setopt(curl, CURLOPT_URL, url);
	curl_easy_setopt(curl, CURLOPT_PROTOCOLS_STR, "https");
	curl_easy_setopt(curl, CURLOPT_PROXY, "");
	curl_easy_setopt(curl, CURLOPT_NOSIGNAL, 1L);
	curl_easy_setopt(curl, CURLOPT_CAINFO, probe.ca_file);
	curl_easy_setopt(curl, CURLOPT_TIMEOUT_MS, (long)TRY_MS);
	curl_easy_setopt(curl, CURLOPT_WRITEFUNCTION, on_bytes);
	curl_easy_setopt(curl, CURLOPT_WRITEDATA, answer);
	curl_easy_setopt(curl, CURLOPT_NOPROGRESS, 0L);
	curl_easy_setopt(curl, CURLOPT_XFERINFOFUNCTION, on_progress);
	curl_easy_setopt(curl, CURLOPT_ERRORBUFFER, why);
	code = curl_easy_perform(curl);
	curl_easy_getinfo(curl, CURLINFO_RESPONSE_CODE, &status);
	if (code == CURLE_OK)
		snprintf(why, CURL_ERROR_SIZE, "%s", judge(answer, status));
	else if (!*why)
		snprintf(why, CURL_ERROR_SIZE, "%s", curl_easy_strerror(code));
}

static enum pl_err probed(struct pl_turn *turn, json_t *body, void *arg);

static void *run(void *arg)
{
	struct answer *answer = calloc(1, sizeof(*answer));
	CURL *curl = curl_easy_init();
	char why[CURL_ERROR_SIZE] = "";

	if (answer && curl)
		fetch(why, curl, answer);
	else
		snprintf(why, sizeof(why), "out of memory");
	curl_easy_cleanup(curl);
	free(answer);
	pl_service_post(probe.service, probed, json_pack("{s:s}", "why", why), NULL);
	return NULL;
}

/* ---- in a turn ---- */

static enum pl_err probed(struct pl_turn *turn, json_t *body, void *arg)
{
	const char *address = pl_attribute_text(pl_turn_service(turn), attribute),
		   *why = pl_json_get_text(body, "why");

	if (probe.is_running)
		pthread_join(probe.thread, NULL);
	probe.is_running = false;
	if (strcmp(address, probe.address) == 0 && *why)
		pl_alarm_raise(turn, alarm, "", "%s: %s", address, why);
	else if (strcmp(address, probe.address) == 0)
		pl_alarm_clear(turn, alarm, "");
	json_decref(body);
	return probe.is_wanted_again ? authorization_probe(turn) : PL_OK;
}

enum pl_err authorization_probe(struct pl_turn *turn)
{
	struct pl_service *service = pl_turn_service(turn);
	const char *address = pl_attribute_text(service, attribute);

	probe.is_wanted_again = probe.is_running;
	if (probe.is_running)
		return PL_OK;
	if (!*address) {
		pl_alarm_clear(turn, alarm, "");
		return PL_OK;
	}
	probe.service = service;
	snprintf(probe.address, sizeof(probe.address), "%s", address);
	snprintf(probe.ca_file, sizeof(probe.ca_file), "%s/tls/ca.pem", pl_service_data(service));
	probe.is_running = pthread_create(&probe.thread, NULL, run, NULL) == 0;
	if (!probe.is_running)
		return pl_fail(PL_NOMEM, "no thread for %s", alarm);
	return PL_OK;
}

void authorization_stop(struct pl_service *service)
{
	atomic_store(&probe.is_stopping, true);
	if (probe.is_running)
		pthread_join(probe.thread, NULL);
	probe.is_running = false;
}
