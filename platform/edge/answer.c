/*
 * answer.c — HTTP responses.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "answer.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <unistd.h>

#include "path.h"
#include "pelago/json.h"
#include "pelago/log.h"

enum { HEAD_BYTES = 12 * 1024 };
static const char problem[] = "application/problem+json";

void answer_init(struct answer *answer)
{
	memset(answer, 0, sizeof(*answer));
	answer->file = -1;
}

void answer_fini(struct answer *answer)
{
	json_decref(answer->headers);
	free(answer->body);
	if (answer->file >= 0)
		close(answer->file);
	answer_init(answer);
}

void answer_header(struct answer *answer, const char *name, const char *value)
{
	if (!answer->headers)
		answer->headers = json_object();
	json_object_set_new(answer->headers, name, json_string(value));
}

/* Whatever was filled in before gives way. */
static void reset(struct answer *answer, int status, const char *type)
{
	free(answer->body);
	answer->body = NULL;
	answer->len = 0;
	answer->is_download = false;
	answer->status = status;
	answer->type = type;
}

void answer_text(struct answer *answer, int status, const char *type, const char *text)
{
	reset(answer, status, type);
	answer->body = strdup(text);
	answer->len = answer->body ? strlen(text) : 0;
}

void answer_json(struct answer *answer, int status, const json_t *value, const char *type)
{
	reset(answer, status, type);
	answer->body = json_dumps(value, JSON_COMPACT | JSON_ENCODE_ANY);
	answer->len = answer->body ? strlen(answer->body) : 0;
}

static const char *title_of(int status)
{
	switch (status) {
	case 400:
		return "Bad Request";
	case 401:
		return "Unauthorized";
	case 403:
		return "Forbidden";
	case 404:
		return "Not Found";
	case 405:
		return "Method Not Allowed";
	case 408:
		return "Request Timeout";
	case 409:
		return "Conflict";
	case 411:
		return "Length Required";
	case 413:
		return "Content Too Large";
	case 414:
		return "URI Too Long";
	case 415:
		return "Unsupported Media Type";
	case 426:
		return "Upgrade Required";
	case 429:
		return "Too Many Requests";
	case 431:
		return "Request Header Fields Too Large";
	case 503:
		return "Service Unavailable";
	case 504:
		return "Gateway Timeout";
	default:
		return status >= 500 ? "Internal Server Error" : "Refused";
	}
}

void answer_problem(struct answer *answer, int status, const char *code, const char *detail,
		    const char *instance)
{
	/* Where it happened is repeated only if it can be, and isn't what was too long. */
	size_t len = instance ? strlen(instance) : 0;
	bool has_instance = len > 0 && len <= PATH_BYTES && utf8_is_valid(instance, len);
	json_t *document = json_pack("{s:s, s:s, s:i, s:s*, s:s*, s:s*}", "type", "about:blank",
				     "title", title_of(status), "status", status, "detail", detail,
				     "code", code, "instance", has_instance ? instance : NULL);

	answer_json(answer, status, document, problem);
	json_decref(document);
	if (status == 401)
		answer_header(answer, "WWW-Authenticate", "Bearer");
	if (status == 503 || status == 429) {
		if (!json_object_get(answer->headers, "Retry-After"))
			answer_header(answer, "Retry-After", "1");
	}
}

void answer_error(struct answer *answer, enum pl_err err, const char *instance)
{
	const struct pl_err_row *row = pl_err_row(err);

	answer_problem(answer, row->http, row->wire, pl_err_detail(err), instance);
}

void answer_rate(struct answer *answer, unsigned wait_s, const char *instance)
{
	char text[16];

	snprintf(text, sizeof(text), "%u", wait_s);
	answer_header(answer, "Retry-After", text);
	answer_problem(answer, 429, "rateLimited", "too many requests; see Retry-After", instance);
}

void answer_excess(struct answer *answer, const char *instance)
{
	answer->closes = true;
	answer_problem(answer, 429, "rateLimited", "too many connections from this address",
		       instance);
}

/* ---- a service's reply ---- */

/* The type must outlive the answer, so it rides as a header. */
static void set_type(struct answer *answer, const char *type)
{
	answer->type = NULL;
	answer_header(answer, "Content-Type", type);
}

/* What frames the message is ours to say. */
static bool is_allowed_header(const char *name, const char *value)
{
	static const char *const ours[] = { "content-length", "transfer-encoding",
					    "connection",     "keep-alive",
					    "upgrade",	      "trailer",
					    "date",	      "server" };

	if (!name[0] || strlen(name) > 64 || strlen(value) > 4096)
		return false;
	for (const char *c = name; *c; c++)
		if (!((*c >= 'a' && *c <= 'z') || (*c >= 'A' && *c <= 'Z') ||
		      (*c >= '0' && *c <= '9') || *c == '-'))
			return false;
	for (const char *c = value; *c; c++)
		if ((unsigned char)*c < 0x20 || *c == 0x7f)
			return false;
	for (size_t i = 0; i < sizeof(ours) / sizeof(ours[0]); i++)
		if (strcasecmp(name, ours[i]) == 0)
			return false;
	return true;
}

static void take_headers(struct answer *answer, json_t *headers)
{
	const char *name;
	json_t *value;

	json_object_foreach(headers, name, value) {
		if (json_is_string(value) && is_allowed_header(name, json_string_value(value)))
			answer_header(answer, name, json_string_value(value));
		else
			pl_log(ERROR, "edge.reply", NULL, "header %s left out", name);
	}
}

/* A service may say what a refusal is about beyond its sentence (RFC 9457 §3.2). */
void answer_reply(struct answer *answer, const json_t *reply, const char *instance)
{
	const json_t *body = json_object_get(reply, "body"), *text = json_object_get(reply, "text");
	const char *type = pl_json_get_text(reply, "type");
	int64_t status = 200;

	if (pl_json_int(&status, reply, "status", 200, 599, false)) {
		answer_error(answer, pl_fail(PL_INTERNAL, "the service's reply has no good status"),
			     instance);
		return;
	}
	take_headers(answer, json_object_get(reply, "headers"));
	if (json_is_string(text)) {
		answer_text(answer, (int)status, NULL, json_string_value(text));
		set_type(answer, is_allowed_header("type", type) && type[0]
					 ? type
					 : "text/plain; charset=utf-8");
	} else if (body) {
		answer_json(answer, (int)status, body,
			    strcmp(type, problem) == 0 ? problem : "application/json");
	} else {
		answer_text(answer, (int)status, NULL, "");
	}
}

/* ---- writing ---- */

struct head {
	unsigned char buffer[LWS_PRE + HEAD_BYTES], *at, *end;
	struct lws *wsi;
	bool is_full;
};

static void put(struct head *head, const char *name, const char *value)
{
	size_t room = (size_t)(head->end - head->at);
	int len = snprintf((char *)head->at, room, "%s: %s\r\n", name, value);

	if (len < 0 || (size_t)len >= room)
		head->is_full = true;
	else
		head->at += len;
}

/* A Host that could break out of the policy isn't repeated in it. */
static bool is_plain_host(const char *host)
{
	return host[0] && strlen(host) <= 255 &&
	       host[strspn(host, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789"
				 ".-:[]")] == '\0';
}

static void put_page_policy(struct head *head, const struct peer *peer, const char *host)
{
	char policy[1024];
	bool plain = is_plain_host(host);

	/* 'self' covers WebSockets only in newer browsers. */
	snprintf(policy, sizeof(policy),
		 "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; "
		 "font-src 'self'; connect-src 'self'%s%s%s; form-action 'self'; base-uri 'none'; "
		 "frame-ancestors 'none'",
		 plain ? (peer->is_tls ? " wss://" : " ws://") : "", plain ? host : "", "");
	put(head, "Content-Security-Policy", policy);
}

static void put_policy(struct head *head, const struct answer *answer, const struct peer *peer,
		       const char *host)
{
	if (answer->is_download)
		put(head, "Content-Security-Policy", "sandbox; default-src 'none'");
	else
		put_page_policy(head, peer, host);
	put(head, "X-Content-Type-Options", "nosniff");
	put(head, "Referrer-Policy", "no-referrer");
	put(head, "Cross-Origin-Opener-Policy", "same-origin");
	if (peer->is_tls)
		put(head, "Strict-Transport-Security", "max-age=31536000");
}

static struct head *head_begin(struct lws *wsi)
{
	static struct head head; /* one thread, used up before we return */

	head.at = head.buffer + LWS_PRE;
	head.end = head.buffer + sizeof(head.buffer) - 1;
	head.wsi = wsi;
	head.is_full = false;
	return &head;
}

static void put_all(struct head *head, const struct answer *answer, const struct peer *peer,
		    const char *host)
{
	const char *name;
	json_t *value;

	if (answer->type)
		put(head, "Content-Type", answer->type);
	json_object_foreach(answer->headers, name, value)
		put(head, name, json_string_value(value));
	if (!json_object_get(answer->headers, "Cache-Control"))
		put(head, "Cache-Control", "no-store");
	put(head, "Cross-Origin-Resource-Policy",
	    answer->is_shared ? "cross-origin" : "same-origin");
	put_policy(head, answer, peer, host);
	if (answer->closes)
		put(head, "Connection", "close");
}

static int write_head(struct answer *answer, struct lws *wsi, const struct peer *peer,
		      const char *host)
{
	struct head *head = head_begin(wsi);

	if (lws_add_http_header_status(wsi, (unsigned)answer->status | LWSAHH_FLAG_NO_SERVER_NAME,
				       &head->at, head->end))
		return -1;
	put_all(head, answer, peer, host);
	if (head->is_full ||
	    (answer->status != 304 && answer->status != 204 &&
	     lws_add_http_header_content_length(wsi, answer->len, &head->at, head->end)))
		return -1;
	return lws_finalize_write_http_header(wsi, head->buffer + LWS_PRE, &head->at, head->end)
		       ? -1
		       : 0;
}

size_t answer_problem_bytes(unsigned char **bytesp, struct answer *answer, const struct peer *peer,
			    const char *host)
{
	struct head *head = head_begin(NULL);
	size_t len, room = (size_t)(head->end - head->at);
	char text[24];

	answer->closes = true;
	head->at += snprintf((char *)head->at, room, "HTTP/1.1 %d %s\r\n", answer->status,
			     title_of(answer->status));
	snprintf(text, sizeof(text), "%zu", answer->len);
	put(head, "Content-Length", text);
	put_all(head, answer, peer, host);
	len = answer->body ? answer->len : 0;
	if (head->is_full || len + 2 > (size_t)(head->end - head->at))
		return 0;
	memcpy(head->at, "\r\n", 2);
	if (len > 0)
		memcpy(head->at + 2, answer->body, len);
	*bytesp = head->buffer + LWS_PRE;
	return (size_t)(head->at - *bytesp) + 2 + len;
}

int answer_part(struct answer *answer, struct lws *wsi, const void *bytes, size_t n)
{
	static unsigned char part[LWS_PRE + ANSWER_PART];
	bool is_last = answer->sent + n == answer->len;

	memcpy(part + LWS_PRE, bytes, n);
	if (lws_write(wsi, part + LWS_PRE, n, is_last ? LWS_WRITE_HTTP_FINAL : LWS_WRITE_HTTP) <
	    (int)n)
		return -1;
	answer->sent += n;
	return is_last ? 1 : 0;
}

int answer_write(struct answer *answer, struct lws *wsi, const struct peer *peer, const char *host)
{
	unsigned char bytes[ANSWER_PART];
	size_t left, n;

	if (!answer->has_begun) {
		answer->has_begun = true;
		if (write_head(answer, wsi, peer, host))
			return -1;
		return answer->len == 0 || answer->is_head ? 1 : 0;
	}
	left = answer->len - answer->sent;
	n = left < ANSWER_PART ? left : ANSWER_PART;
	if (answer->file < 0)
		return answer_part(answer, wsi, answer->body + answer->sent, n);
	if (pread(answer->file, bytes, n, (off_t)answer->sent) != (ssize_t)n)
		return -1; /* it was cut while we sent it */
	return answer_part(answer, wsi, bytes, n);
}
