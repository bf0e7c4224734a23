/*
 * mail.c — alarms by e-mail: one message a notice, through an SMTP server (RFC 5321, 5322).
 *
 * Texts of alarms come from anywhere: the subject is reduced to printable ASCII, the body goes as
 * base64, so that nothing in them can end a header or the message.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include <curl/curl.h>
#include <ctype.h>
#include <sodium.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "pelago/json.h"
#include "sender.h"

enum { ADDRESS_MAX = 254, RECIPIENTS_MAX = 20, LINE = 76 };

struct upload {
	const char *text;
	size_t len, at;
	const atomic_bool *stop;
};

static bool is_address(const char *text)
{
	const char *at = strchr(text, '@');

	if (!at || at == text || !at[1] || strchr(at + 1, '@'))
		return false;
	for (; *text; text++)
		if (!isgraph((unsigned char)*text) || strchr("<>,;:\\\"()[]", *text))
			return false;
	return true;
}

static enum pl_err check_address(const char *member, const char *text)
{
	return is_address(text)
		       ? PL_OK
		       : pl_fail(PL_INVALID, "%s: must be addresses like ops@example.org", member);
}

static enum pl_err check(const json_t *settings)
{
	const char *server = NULL, *from = NULL, *tls = NULL, *text = NULL;
	json_t *to = NULL, *one;
	enum pl_err err;
	size_t i;

	if ((err = pl_json_text(&server, settings, "server", 300, true)) ||
	    (err = pl_json_text(&from, settings, "from", ADDRESS_MAX, true)) ||
	    (err = pl_json_array(&to, settings, "to", RECIPIENTS_MAX, true)) ||
	    (err = pl_json_text(&tls, settings, "tls", 10, false)) ||
	    (err = pl_json_text(&text, settings, "user", 200, false)) ||
	    (err = pl_json_text(&text, settings, "password", 200, false)) ||
	    (err = check_address("from", from)))
		return err;
	if (strncmp(server, "smtp://", 7) != 0 && strncmp(server, "smtps://", 8) != 0)
		return pl_fail(PL_INVALID, "server: must be smtp://HOST:PORT or smtps://HOST:PORT");
	if (tls && strcmp(tls, "required") != 0 && strcmp(tls, "none") != 0)
		return pl_fail(PL_INVALID, "tls: must be required or none");
	if (json_array_size(to) == 0)
		return pl_fail(PL_INVALID, "to: names nobody");
	json_array_foreach(to, i, one)
		if ((err = check_address("to", json_is_string(one) && json_string_length(one) <=
									      ADDRESS_MAX
						       ? json_string_value(one)
						       : "")))
			return err;
	return PL_OK;
}

/* ---- the message ---- */

static void put_ascii(FILE *f, const char *text, int most)
{
	for (; *text && most > 0; text++, most--)
		fputc(*text >= ' ' && *text < 0x7f ? *text : '?', f);
}

static void put_time(FILE *f, const char *name, int64_t ms)
{
	time_t s = (time_t)(ms / 1000);
	char text[64];
	struct tm tm;

	gmtime_r(&s, &tm);
	strftime(text, sizeof(text), "%Y-%m-%d %H:%M:%S UTC", &tm);
	fprintf(f, "%s: %s\n", name, text);
}

static char *body_of(const json_t *notice)
{
	static const char *const rows[][2] = {
		{ "Severity", "severity" }, { "Alarm", "key" },	    { "Source", "source" },
		{ "Subject", "subject" },   { "Reason", "reason" }, { "Probable cause", "cause" },
		{ "What to do", "fix" },    { "Id", "id" },
	};
	const json_t *alarm = json_object_get(notice, "alarm");
	char *text = NULL;
	size_t len;
	FILE *f = open_memstream(&text, &len);

	if (!f)
		return NULL;
	fprintf(f, "%s\n\n", pl_json_get_text(alarm, "title"));
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++)
		if (*pl_json_get_text(alarm, rows[i][1]))
			fprintf(f, "%s: %s\n", rows[i][0], pl_json_get_text(alarm, rows[i][1]));
	put_time(f, "Raised", json_integer_value(json_object_get(alarm, "raisedMs")));
	if (json_is_integer(json_object_get(alarm, "clearedMs")))
		put_time(f, "Cleared", json_integer_value(json_object_get(alarm, "clearedMs")));
	if (fclose(f) != 0) {
		free(text);
		return NULL;
	}
	return text;
}

static void put_base64(FILE *f, const char *text)
{
	size_t size = sodium_base64_encoded_len(strlen(text), sodium_base64_VARIANT_ORIGINAL);
	char *coded = malloc(size);

	if (!coded)
		return;
	sodium_bin2base64(coded, size, (const unsigned char *)text, strlen(text),
			  sodium_base64_VARIANT_ORIGINAL);
	for (size_t at = 0; at < size - 1; at += LINE)
		fprintf(f, "%.*s\r\n", LINE, coded + at);
	free(coded);
}

static void put_headers(FILE *f, const json_t *settings, const json_t *notice)
{
	const json_t *alarm = json_object_get(notice, "alarm");
	const char *from = pl_json_get_text(settings, "from");
	time_t now = (time_t)(json_integer_value(json_object_get(notice, "atMs")) / 1000);
	char date[64];
	struct tm tm;
	json_t *one;
	size_t i;

	gmtime_r(&now, &tm);
	strftime(date, sizeof(date), "%a, %d %b %Y %H:%M:%S +0000", &tm);
	fprintf(f, "Date: %s\r\nFrom: <%s>\r\nTo: ", date, from);
	json_array_foreach(json_object_get(settings, "to"), i, one)
		fprintf(f, "%s<%s>", i ? ",\r\n " : "", json_string_value(one));
	fprintf(f, "\r\nMessage-ID: <%s%s>\r\nSubject: [pelago] ", pl_json_get_text(notice, "id"),
		strchr(from, '@'));
	put_ascii(f, pl_json_get_text(alarm, "severity"), 10);
	fputs(", ", f);
	put_ascii(f, pl_json_get_text(notice, "what"), 14);
	fputs(": ", f);
	put_ascii(f, pl_json_get_text(alarm, "title"), 80);
	fputs(" (", f);
	put_ascii(f, pl_json_get_text(alarm, "source"), 64);
	fputs(")\r\nAuto-Submitted: auto-generated\r\nMIME-Version: 1.0\r\n" /* RFC 3834 */
	      "Content-Type: text/plain; charset=utf-8\r\nContent-Transfer-Encoding: base64\r\n\r\n",
	      f);
}

static char *message_of(const json_t *settings, const json_t *notice, size_t *lenp)
{
	char *text = NULL, *body = body_of(notice);
	FILE *f = body ? open_memstream(&text, lenp) : NULL;

	if (f) {
		put_headers(f, settings, notice);
		put_base64(f, body);
		if (fclose(f) != 0) {
			free(text);
			text = NULL;
		}
	}
	free(body);
	return text;
}

/* ---- sending ---- */

static size_t on_read(char *buffer, size_t size, size_t count, void *arg)
{
	struct upload *upload = arg;
	size_t len = upload->len - upload->at;

	if (len > size * count)
		len = size * count;
	memcpy(buffer, upload->text + upload->at, len);
	upload->at += len;
	return len;
}

static int on_progress(void *arg, curl_off_t a, curl_off_t b, curl_off_t c, curl_off_t d)
{
	const struct upload *upload = arg;

	return atomic_load(upload->stop); /* other than 0 ends it */
}

static struct curl_slist *recipients_of(const json_t *settings)
{
	struct curl_slist *list = NULL, *longer;
	json_t *one;
	size_t i;

	json_array_foreach(json_object_get(settings, "to"), i, one) {
		longer = curl_slist_append(list, json_string_value(one));
		if (!longer) {
			curl_slist_free_all(list);
			return NULL;
		}
		list = longer;
	}
	return list;
}

static bool run(const json_t *settings, struct upload *upload, struct curl_slist *to,
		char why[WHY_SIZE])
{
	const char *user = pl_json_get_text(settings, "user");
	bool wants_tls = strcmp(pl_json_get_text(settings, "tls"), "none") != 0;
	char text[CURL_ERROR_SIZE] = "";
	CURL *curl = curl_easy_init();
	CURLcode code = CURLE_OUT_OF_MEMORY;

	if (curl) {
		curl_easy_setopt(curl, CURLOPT_URL, pl_json_get_text(settings, "server"));
		curl_easy_setopt(curl, CURLOPT_PROTOCOLS_STR, "smtp,smtps");
		curl_easy_setopt(curl, CURLOPT_PROXY, "");
		curl_easy_setopt(curl, CURLOPT_NOSIGNAL, 1L);
		curl_easy_setopt(curl, CURLOPT_USE_SSL,
				 wants_tls ? CURLUSESSL_ALL : CURLUSESSL_NONE);
		if (*user) {
			curl_easy_setopt(curl, CURLOPT_USERNAME, user);
			curl_easy_setopt(curl, CURLOPT_PASSWORD,
					 pl_json_get_text(settings, "password"));
		}
		curl_easy_setopt(curl, CURLOPT_MAIL_FROM, pl_json_get_text(settings, "from"));
		curl_easy_setopt(curl, CURLOPT_MAIL_RCPT, to);
		curl_easy_setopt(curl, CURLOPT_UPLOAD, 1L);
		curl_easy_setopt(curl, CURLOPT_READFUNCTION, on_read);
		curl_easy_setopt(curl, CURLOPT_READDATA, upload);
		curl_easy_setopt(curl, CURLOPT_TIMEOUT_MS, (long)SEND_MS);
		curl_easy_setopt(curl, CURLOPT_CONNECTTIMEOUT_MS, (long)CONNECT_MS);
		curl_easy_setopt(curl, CURLOPT_NOPROGRESS, 0L);
		curl_easy_setopt(curl, CURLOPT_XFERINFOFUNCTION, on_progress);
		curl_easy_setopt(curl, CURLOPT_XFERINFODATA, upload);
		curl_easy_setopt(curl, CURLOPT_ERRORBUFFER, text);
		code = curl_easy_perform(curl);
		curl_easy_cleanup(curl);
	}
	if (code != CURLE_OK)
		snprintf(why, WHY_SIZE, "%s", *text ? text : curl_easy_strerror(code));
	return code == CURLE_OK;
}

static bool mail_send(const json_t *settings, const json_t *notice, const atomic_bool *stop,
		      char why[WHY_SIZE])
{
	struct upload upload = { .stop = stop };
	struct curl_slist *to = recipients_of(settings);
	char *text = message_of(settings, notice, &upload.len);
	bool ok = false;

	upload.text = text;
	if (text && to)
		ok = run(settings, &upload, to, why);
	curl_slist_free_all(to);
	free(text);
	return ok;
}

const struct receiver_kind mail_kind = { "email", { "password" }, check, mail_send };
