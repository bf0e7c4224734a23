/*
 * webhook.c — alarms to a program: each notice is POSTed as JSON and signed.
 *
 * Pelago-Signature: v1=HMAC-SHA256(secret, TIMESTAMP "." BODY) in hexadecimal (RFC 2104), where
 * TIMESTAMP is what stands in Pelago-Timestamp, seconds since 1970: who receives refuses old ones.
 * Pelago-Notice is the same for each try. Any answer 2xx takes it; redirects aren't followed.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include <curl/curl.h>
#include <sodium.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "pelago/json.h"
#include "pelago/version.h"
#include "sender.h"

enum { ANSWER_BYTES = 16 << 10, MAC_BYTES = crypto_auth_hmacsha256_BYTES };

struct call {
	const atomic_bool *stop;
	size_t answer_len;
};

static enum pl_err check(const json_t *settings)
{
	const char *url = NULL, *secret = NULL;
	enum pl_err err = pl_json_text(&url, settings, "url", 1000, true);

	if (!err)
		err = pl_json_text(&secret, settings, "secret", 200, true);
	if (err)
		return err;
	if (strncmp(url, "https://", 8) != 0 && strncmp(url, "http://", 7) != 0)
		return pl_fail(PL_INVALID, "url: must begin with https:// or http://");
	if (strlen(secret) < 16)
		return pl_fail(PL_INVALID, "secret: must have at least 16 characters");
	return PL_OK;
}

static void sign(char text[2 * MAC_BYTES + 1], const char *secret, const char *timestamp,
		 const char *body)
{
	unsigned char mac[MAC_BYTES];
	crypto_auth_hmacsha256_state state;

	crypto_auth_hmacsha256_init(&state, (const unsigned char *)secret, strlen(secret));
	crypto_auth_hmacsha256_update(&state, (const unsigned char *)timestamp, strlen(timestamp));
	crypto_auth_hmacsha256_update(&state, (const unsigned char *)".", 1);
	crypto_auth_hmacsha256_update(&state, (const unsigned char *)body, strlen(body));
	crypto_auth_hmacsha256_final(&state, mac);
	sodium_memzero(&state, sizeof(state));
	sodium_bin2hex(text, 2 * MAC_BYTES + 1, mac, sizeof(mac));
}

static bool append(struct curl_slist **listp, const char *name, const char *value)
{
	struct curl_slist *longer;
	char line[160];

	snprintf(line, sizeof(line), "%s: %s", name, value);
	longer = curl_slist_append(*listp, line);
	if (longer)
		*listp = longer;
	return longer != NULL;
}

/* NULL without memory. */
static struct curl_slist *headers_of(const json_t *settings, const json_t *notice, const char *body)
{
	char timestamp[24], signature[2 * MAC_BYTES + 4] = "v1=";
	struct curl_slist *list = NULL;

	snprintf(timestamp, sizeof(timestamp), "%lld", (long long)time(NULL));
	sign(signature + 3, pl_json_get_text(settings, "secret"), timestamp, body);
	if (append(&list, "Content-Type", "application/json") && append(&list, "Expect", "") &&
	    append(&list, "Pelago-Notice", pl_json_get_text(notice, "id")) &&
	    append(&list, "Pelago-Timestamp", timestamp) &&
	    append(&list, "Pelago-Signature", signature))
		return list;
	curl_slist_free_all(list);
	return NULL;
}

static size_t on_answer(char *bytes, size_t size, size_t count, void *arg)
{
	struct call *call = arg;

	call->answer_len += size * count;
	return call->answer_len > ANSWER_BYTES ? 0 : size * count; /* 0 ends it */
}

static int on_progress(void *arg, curl_off_t a, curl_off_t b, curl_off_t c, curl_off_t d)
{
	const struct call *call = arg;

	return atomic_load(call->stop); /* other than 0 ends it */
}

static bool run(CURL *curl, const char *url, struct curl_slist *headers, const char *body,
		struct call *call, char why[WHY_SIZE])
{
	char text[CURL_ERROR_SIZE] = "", agent[PL_VERSION_ROOM + 8];
	CURLcode code;
	long status = 0;

	curl_easy_setopt(curl, CURLOPT_URL, url);
	curl_easy_setopt(curl, CURLOPT_PROTOCOLS_STR, "http,https");
	curl_easy_setopt(curl, CURLOPT_PROXY, "");
	curl_easy_setopt(curl, CURLOPT_NOSIGNAL, 1L);
	snprintf(agent, sizeof(agent), "Pelago/%s", pl_version);
	curl_easy_setopt(curl, CURLOPT_USERAGENT, agent);
	curl_easy_setopt(curl, CURLOPT_HTTPHEADER, headers);
	curl_easy_setopt(curl, CURLOPT_POSTFIELDS, body);
	curl_easy_setopt(curl, CURLOPT_FOLLOWLOCATION, 0L);
	curl_easy_setopt(curl, CURLOPT_TIMEOUT_MS, (long)SEND_MS);
	curl_easy_setopt(curl, CURLOPT_CONNECTTIMEOUT_MS, (long)CONNECT_MS);
	curl_easy_setopt(curl, CURLOPT_WRITEFUNCTION, on_answer);
	curl_easy_setopt(curl, CURLOPT_WRITEDATA, call);
	curl_easy_setopt(curl, CURLOPT_NOPROGRESS, 0L);
	curl_easy_setopt(curl, CURLOPT_XFERINFOFUNCTION, on_progress);
	curl_easy_setopt(curl, CURLOPT_XFERINFODATA, call);
	curl_easy_setopt(curl, CURLOPT_ERRORBUFFER, text);
	code = curl_easy_perform(curl);
	curl_easy_getinfo(curl, CURLINFO_RESPONSE_CODE, &status);
	if (status >= 200 && status < 300)
		return true;
	if (status)
		snprintf(why, WHY_SIZE, "the receiver answered %ld", status);
	else
		snprintf(why, WHY_SIZE, "%s", *text ? text : curl_easy_strerror(code));
	return false;
}

static bool webhook_send(const json_t *settings, const json_t *notice, const atomic_bool *stop,
			 char why[WHY_SIZE])
{
	struct call call = { .stop = stop };
	char *body = pl_json_dump(notice);
	struct curl_slist *headers = body ? headers_of(settings, notice, body) : NULL;
	CURL *curl = headers ? curl_easy_init() : NULL;
	bool ok = curl && run(curl, pl_json_get_text(settings, "url"), headers, body, &call, why);

	curl_easy_cleanup(curl);
	curl_slist_free_all(headers);
	free(body);
	return ok;
}

const struct receiver_kind webhook_kind = { "webhook", { "secret" }, check, webhook_send };
