/*
 * upload.c — see upload.h.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "upload.h"

#include <sodium.h>
#include <stdlib.h>
#include <string.h>
#include <utlist.h>

#include "clock.h"
#include "http.h"
#include "id.h"
#include "link.h"
#include "metrics.h"
#include "pelago/json.h"
#include "transfer.h"

enum {
	BUFFER_BYTES =
		TRANSFER_CHUNK + 64 * 1024, /* what the library has read already comes, too */
	LEADING_BYTES = 512,
	/* A client brings so much in each window, or is too slow. */
	WINDOW_MS = 20000,
	WINDOW_BYTES = 64 * 1024,
};

enum stage { HOLDS, ASKS, TAKES, COMMITS, TELLS, OVER };

struct upload {
	struct upload *prev, *next;
	struct http *http;
	enum stage stage;
	struct request *request;
	char id[ID_SIZE];
	char *type;	       /* that the client names */
	int64_t size, got;     /* bytes said, and come */
	int64_t n;	       /* of the next chunk */
	unsigned char *buffer; /* what is to be sent to the store */
	size_t len;	       /* of it */
	unsigned char leading[LEADING_BYTES];
	size_t leading_len;
	crypto_hash_sha256_state hash;
	char hex[TRANSFER_HEX];
	bool is_paused;
	int64_t window_ms, window_got;
};

static void go_on(struct upload *upload);

/* ---- the client's socket ---- */

static void begin_window(struct upload *upload)
{
	upload->window_ms = clock_ms() + WINDOW_MS;
	upload->window_got = 0;
}

static void set_pause(struct upload *upload, bool pause)
{
	if (upload->is_paused == pause || upload->http->is_ending)
		return;
	upload->is_paused = pause;
	lws_rx_flow_control(upload->http->wsi, !pause);
	begin_window(upload);
}

static bool awaits_client(const struct upload *upload)
{
	return !upload->is_paused && upload->got < upload->size;
}

void uploads_look(struct edge *edge, int64_t now_ms)
{
	struct upload *upload, *next;

	DL_FOREACH_SAFE(edge->uploads, upload, next)
		if (!awaits_client(upload)) /* nor does the library close it meanwhile */
			lws_set_timeout(upload->http->wsi, PENDING_TIMEOUT_HTTP_CONTENT,
					HTTP_ANSWER_S);
		else if (now_ms > upload->window_ms) {
			upload->http->answers_early = true;
			http_refuse(upload->http, 408, "badRequest",
				    "the body comes too slowly: less than 64 KiB in 20 s");
		}
}

/* ---- requests ---- */

/* The request was answered. False: the upload has ended with it. */
static bool answered(struct upload *upload, enum pl_err err)
{
	upload->request = NULL;
	if (err)
		http_reply(upload->http, err, NULL);
	return !err;
}

static void ask(struct upload *upload, const char *operation, json_t *body, request_fn *fn)
{
	enum pl_err err = transfer_ask(&upload->request, upload->http->edge, upload->http->store,
				       operation, body, fn, upload);

	if (err)
		http_reply(upload->http, err, NULL);
}

static void on_put(enum pl_err err, json_t *reply, void *arg)
{
	struct upload *upload = arg;

	if (answered(upload, err))
		go_on(upload);
}

static void put(struct upload *upload)
{
	size_t len = upload->len < TRANSFER_CHUNK ? upload->len : TRANSFER_CHUNK;
	static char text[TRANSFER_CHUNK * 4 / 3 + 4]; /* one thread, used up at once */

	sodium_bin2base64(text, sizeof(text), upload->buffer, len, sodium_base64_VARIANT_ORIGINAL);
	memmove(upload->buffer, upload->buffer + len, upload->len - len);
	upload->len -= len;
	ask(upload, "blob-put",
	    json_pack("{s:i, s:s, s:I, s:s}", "v", 1, "upload", upload->id, "n",
		      (json_int_t)upload->n++, "data", text),
	    on_put);
}

static void on_told(enum pl_err err, json_t *reply, void *arg)
{
	struct upload *upload = arg;

	if (answered(upload, err))
		http_reply(upload->http, err, reply);
}

/* Asked again under another id, the operation says the same: it knows the body by now. */
static void tell(struct upload *upload)
{
	char text[LEADING_BYTES * 4 / 3 + 8];
	struct http *http = upload->http;
	enum pl_err err;

	upload->stage = TELLS;
	json_object_set_new(
		http->body_json, "blob",
		json_pack("{s:s, s:I, s:s, s:s}", "hash", upload->hex, "size",
			  (json_int_t)upload->size, "type", upload->type, "leading",
			  sodium_bin2base64(text, sizeof(text), upload->leading,
					    upload->leading_len, sodium_base64_VARIANT_ORIGINAL)));
	err = link_ask(&upload->request, http->edge->link, http->subject,
		       json_incref(http->body_json), REQUEST_LONG, on_told, upload);
	if (err)
		http_reply(upload->http, err, NULL);
}

static void on_committed(enum pl_err err, json_t *reply, void *arg)
{
	struct upload *upload = arg;

	if (answered(upload, err))
		tell(upload);
}

static void commit(struct upload *upload)
{
	unsigned char hash[crypto_hash_sha256_BYTES];

	crypto_hash_sha256_final(&upload->hash, hash);
	transfer_hex(upload->hex, hash);
	upload->stage = COMMITS;
	ask(upload, "blob-commit",
	    json_pack("{s:i, s:s, s:s, s:I}", "v", 1, "upload", upload->id, "hash", upload->hex,
		      "size", (json_int_t)upload->size),
	    on_committed);
}

/* Sends what there is to be sent, and reads on as far as there is room. */
static void go_on(struct upload *upload)
{
	bool is_whole = upload->got == upload->size;

	if (upload->stage == TAKES && !upload->request) {
		if (upload->len >= TRANSFER_CHUNK || (is_whole && upload->len > 0))
			put(upload);
		else if (is_whole)
			commit(upload);
	}
	if (upload->stage <= TAKES)
		set_pause(upload, upload->len >= TRANSFER_CHUNK);
}

static void on_asked(enum pl_err err, json_t *reply, void *arg)
{
	struct upload *upload = arg;

	if (!answered(upload, err))
		return;
	if (json_is_true(json_object_get(reply, "continue"))) {
		upload->stage = TAKES;
		go_on(upload);
	} else {
		http_reply(upload->http, err, reply);
	}
}

void upload_ask(struct upload *upload)
{
	enum pl_err err;

	if (upload->stage != HOLDS)
		return;
	upload->stage = ASKS;
	err = link_ask(&upload->request, upload->http->edge->link, upload->http->subject,
		       json_incref(upload->http->body_json), REQUEST_NORMAL, on_asked, upload);
	if (err)
		http_reply(upload->http, err, NULL);
}

/* ---- life ---- */

enum pl_err upload_new(struct upload **uploadp, struct http *http, int64_t size, const char *type)
{
	enum pl_err err = transfer_begin(http);
	struct upload *upload;

	if (err)
		return err;
	upload = calloc(1, sizeof(*upload));
	if (!upload) {
		transfer_end(http);
		return PL_NOMEM;
	}
	upload->http = http;
	upload->size = size;
	id_make(upload->id);
	crypto_hash_sha256_init(&upload->hash);
	begin_window(upload);
	DL_APPEND(http->edge->uploads, upload);
	upload->buffer = malloc(BUFFER_BYTES);
	upload->type = strdup(type);
	json_object_set_new(http->body_json, "blob",
			    json_pack("{s:I, s:s}", "size", (json_int_t)size, "type", type));
	if (upload->buffer && upload->type) {
		*uploadp = upload;
		return PL_OK;
	}
	upload_free(upload);
	return PL_NOMEM;
}

void upload_end(struct upload *upload)
{
	struct edge *edge;

	if (!upload || upload->stage == OVER)
		return;
	edge = upload->http->edge;
	request_cancel(upload->request);
	upload->request = NULL;
	/* Of a body that is there the lease takes care. */
	if (upload->n > 0 && upload->stage <= COMMITS)
		transfer_ask(NULL, edge, upload->http->store, "blob-drop",
			     json_pack("{s:i, s:s}", "v", 1, "upload", upload->id), NULL, NULL);
	upload->stage = OVER;
	set_pause(upload, false); /* the rest is read, and thrown away */
	DL_DELETE(edge->uploads, upload);
	transfer_end(upload->http);
	free(upload->buffer);
	upload->buffer = NULL;
}

void upload_free(struct upload *upload)
{
	upload_end(upload);
	if (upload)
		free(upload->type);
	free(upload);
}

int upload_body(struct upload *upload, const void *data, size_t len)
{
	size_t lead = LEADING_BYTES - upload->leading_len;

	if (upload->len + len > BUFFER_BYTES || upload->got + (int64_t)len > upload->size)
		return -1;
	if (len == 0)
		return 0;
	if (lead > 0) {
		lead = lead < len ? lead : len;
		memcpy(upload->leading + upload->leading_len, data, lead);
		upload->leading_len += lead;
	}
	memcpy(upload->buffer + upload->len, data, len);
	crypto_hash_sha256_update(&upload->hash, data, len);
	upload->len += len;
	upload->got += (int64_t)len;
	upload->window_got += (int64_t)len;
	if (upload->window_got >= WINDOW_BYTES)
		begin_window(upload);
	go_on(upload);
	return 0;
}
