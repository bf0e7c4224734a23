/*
 * download.c — see download.h.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "download.h"

#include <sodium.h>
#include <stdlib.h>
#include <string.h>

#include "disposition.h"
#include "http.h"
#include "pelago/json.h"
#include "pelago/log.h"
#include "route.h"
#include "transfer.h"

struct part {
	unsigned char *bytes;
	size_t len, sent;
};

struct download {
	struct http *http;
	struct request *request;
	char hex[TRANSFER_HEX];
	char *type, *name;
	int64_t size, got; /* of the whole body */
	int64_t n;	   /* of the next chunk */
	struct part now, next;
	crypto_hash_sha256_state hash;
	bool wants_write; /* the socket would have taken more */
};

static void fetch(struct download *download);

static void part_free(struct part *part)
{
	free(part->bytes);
	memset(part, 0, sizeof(*part));
}

/* Before the head is sent, the client is told why; after it, only the end of the connection tells
 * that the body isn't whole. */
static void fail(struct download *download, enum pl_err err)
{
	struct http *http = download->http;

	if (!http->answer.has_begun) {
		http_reply(http, err, NULL);
		return;
	}
	pl_log(WARN, "edge.download", NULL, "hash=%s cut at %lld of %lld bytes: %s", download->hex,
	       (long long)download->got, (long long)download->size, pl_err_detail(err));
	lws_set_timeout(http->wsi, PENDING_TIMEOUT_HTTP_CONTENT, LWS_TO_KILL_ASYNC);
}

static void begin_answer(struct download *download)
{
	struct answer *answer = &download->http->answer;
	char header[DISPOSITION_BYTES];

	disposition_write(header, download->name);
	answer_header(answer, "Content-Disposition", header);
	answer_header(answer, "Cache-Control", "private");
	answer->status = 200;
	answer->type = disposition_type(download->type);
	answer->len = (size_t)download->size;
	answer->is_download = true;
	http_answer(download->http);
}

/* The chunk becomes the next part; PL_INTERNAL for one that isn't as it should be. */
static enum pl_err take(struct download *download, const json_t *reply)
{
	unsigned char hash[crypto_hash_sha256_BYTES];
	const char *text = pl_json_get_text(reply, "data");
	size_t room = strlen(text) / 4 * 3 + 3, len = 0;
	unsigned char *bytes = malloc(room);
	char hex[TRANSFER_HEX];

	if (!bytes)
		return PL_NOMEM;
	download->next = (struct part){ .bytes = bytes };
	if (json_integer_value(json_object_get(reply, "size")) != download->size ||
	    sodium_base642bin(bytes, room, text, strlen(text), NULL, &len, NULL,
			      sodium_base64_VARIANT_ORIGINAL) != 0 ||
	    len == 0 || download->got + (int64_t)len > download->size)
		return pl_fail(PL_INTERNAL, "the store has another body under this name");
	download->next.len = len;
	download->got += (int64_t)len;
	crypto_hash_sha256_update(&download->hash, bytes, len);
	if (download->got < download->size)
		return PL_OK;
	crypto_hash_sha256_final(&download->hash, hash);
	transfer_hex(hex, hash);
	return strcmp(hex, download->hex) == 0
		       ? PL_OK
		       : pl_fail(PL_INTERNAL, "the body has changed since it came");
}

static void on_chunk(enum pl_err err, json_t *reply, void *arg)
{
	struct download *download = arg;

	download->request = NULL;
	if (!err)
		err = take(download, reply);
	if (err) {
		fail(download, err);
		return;
	}
	if (!download->http->answer.status)
		begin_answer(download);
	if (download->wants_write) {
		download->wants_write = false;
		lws_callback_on_writable(download->http->wsi);
	}
}

static void fetch(struct download *download)
{
	enum pl_err err = transfer_ask(&download->request, download->http->edge, "OCPDataServices",
				       "blob-get",
				       json_pack("{s:i, s:s, s:I}", "v", 1, "hash", download->hex,
						 "n", (json_int_t)download->n++),
				       on_chunk, download);

	if (err)
		fail(download, err);
}

int download_write(struct download *download)
{
	struct http *http = download->http;
	struct part *now = &download->now;
	size_t n;
	int done;

	if (!http->answer.has_begun)
		return answer_write(&http->answer, http->wsi, http->peer, http->host);
	if (now->sent == now->len) {
		part_free(now);
		if (!download->next.len) {
			download->wants_write = true;
			return 2;
		}
		*now = download->next;
		memset(&download->next, 0, sizeof(download->next));
		if (download->got < download->size)
			fetch(download);
	}
	n = now->len - now->sent < ANSWER_PART ? now->len - now->sent : ANSWER_PART;
	done = answer_part(&http->answer, http->wsi, now->bytes + now->sent, n);
	now->sent += n;
	return done;
}

enum pl_err download_new(struct download **downloadp, struct http *http, const json_t *blob)
{
	const char *hex = pl_json_get_text(blob, "hash");
	struct download *download;
	int64_t size = 0;
	enum pl_err err = pl_json_int(&size, blob, "size", 1, INT64_MAX / 2, true);

	if (err || strlen(hex) != TRANSFER_HEX - 1)
		return pl_fail(PL_INTERNAL, "the service's reply names no body");
	err = transfer_begin(http);
	if (err)
		return err;
	download = calloc(1, sizeof(*download));
	if (!download) {
		transfer_end(http);
		return PL_NOMEM;
	}
	download->http = http;
	download->size = size;
	memcpy(download->hex, hex, TRANSFER_HEX);
	download->type = strdup(pl_json_get_text(blob, "type"));
	download->name = strdup(pl_json_get_text(blob, "name"));
	crypto_hash_sha256_init(&download->hash);
	if (!download->type || !download->name) {
		download_free(download);
		return PL_NOMEM;
	}
	*downloadp = download;
	fetch(download);
	return PL_OK;
}

void download_free(struct download *download)
{
	if (!download)
		return;
	request_cancel(download->request);
	transfer_end(download->http);
	part_free(&download->now);
	part_free(&download->next);
	free(download->type);
	free(download->name);
	free(download);
}
