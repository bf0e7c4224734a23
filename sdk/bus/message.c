/* message.c — see message.h. SPDX-License-Identifier: Apache-2.0 */
#include "message.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

bool is_word(const char *text)
{
	if (!*text)
		return false;
	for (; *text; text++)
		if ((unsigned char)*text <= ' ' || *text == 0x7f)
			return false;
	return true;
}

bool is_subject(const char *text, bool wildcards)
{
	if (!text || !is_word(text))
		return false;
	for (;;) {
		size_t len = strcspn(text, ".");

		if (len == 0)
			return false;
		if (len == 1 && (*text == '*' || *text == '>')) {
			if (!wildcards || (*text == '>' && text[1]))
				return false;
		}
		text += len;
		if (!*text)
			return true;
		text++;
	}
}

/* sprintf_at prints to at, which ends before end, and returns how many characters. */
__attribute__((format(printf, 3, 4))) static size_t sprintf_at(char *at, const char *end,
							       const char *format, ...)
{
	va_list args;
	int n;

	va_start(args, format);
	n = vsnprintf(at, (size_t)(end - at), format, args);
	va_end(args);
	pl_assert(n >= 0 && n < end - at);
	return (size_t)n;
}

static enum pl_err check_header(const char *name, const char *value)
{
	if (value && !is_word(value))
		return pl_fail(PL_INVALID, "header %s: white space or control characters", name);
	return PL_OK;
}

enum pl_err message_check(const struct pl_message *message)
{
	enum pl_err err;

	if (!is_subject(message->subject, false))
		return pl_fail(PL_INVALID, "not a subject to publish to: \"%.80s\"",
			       message->subject ? message->subject : "");
	if (message->reply && !is_subject(message->reply, false))
		return pl_fail(PL_INVALID, "not a reply subject: \"%.80s\"", message->reply);
	if (message->body_len > MESSAGE_MAX_BODY)
		return pl_fail(PL_TOOLARGE, "%s: %zu bytes, at most %d ride the bus",
			       message->subject, message->body_len, MESSAGE_MAX_BODY);
	err = check_header("Pelago-Id", message->id);
	return err ? err : check_header("Nats-Msg-Id", message->msg_id);
}

static size_t len_of(const char *text)
{
	return text ? strlen(text) : 0;
}

size_t message_frame_len(const struct pl_message *message)
{
	return 128 + len_of(message->subject) + len_of(message->reply) + len_of(message->id) +
	       len_of(message->msg_id) + message->body_len;
}

enum pl_err message_write(struct buffer *out, const struct pl_message *message)
{
	size_t id_len = len_of(message->id), msg_id_len = len_of(message->msg_id);
	size_t headers_len = 0, whole = message_frame_len(message);
	const char *reply = message->reply ? message->reply : "";
	const char *gap = message->reply ? " " : "";
	char *room = buffer_room(out, whole), *at = room;

	if (!room)
		return PL_NOMEM;
	if (id_len > 0)
		headers_len += strlen("Pelago-Id: \r\n") + id_len;
	if (msg_id_len > 0)
		headers_len += strlen("Nats-Msg-Id: \r\n") + msg_id_len;
	if (headers_len > 0)
		headers_len += strlen("NATS/1.0\r\n\r\n");
	if (headers_len > 0)
		at += sprintf_at(at, room + whole, "HPUB %s%s%s %zu %zu\r\nNATS/1.0\r\n",
				 message->subject, gap, reply, headers_len,
				 headers_len + message->body_len);
	else
		at += sprintf_at(at, room + whole, "PUB %s%s%s %zu\r\n", message->subject, gap,
				 reply, message->body_len);
	if (id_len > 0)
		at += sprintf_at(at, room + whole, "Pelago-Id: %s\r\n", message->id);
	if (msg_id_len > 0)
		at += sprintf_at(at, room + whole, "Nats-Msg-Id: %s\r\n", message->msg_id);
	if (headers_len > 0)
		at += sprintf_at(at, room + whole, "\r\n");
	if (message->body_len > 0)
		at = (char *)memcpy(at, message->body, message->body_len) + message->body_len;
	at += sprintf_at(at, room + whole, "\r\n");
	out->end += (size_t)(at - room);
	return PL_OK;
}

/* value_of returns the value of a header line that begins with name and a colon, else NULL. */
static char *value_of(char *line, const char *name)
{
	size_t len = strlen(name);

	if (strncasecmp(line, name, len) != 0 || line[len] != ':')
		return NULL;
	line += len + 1;
	return line + strspn(line, " \t");
}

/* read_headers finds in text, which it cuts up, what a message may carry. */
static void read_headers(struct pl_message *message, char *text)
{
	bool is_first = true;
	char *line, *value;

	while ((line = strsep(&text, "\n"))) {
		line[strcspn(line, "\r")] = '\0';
		if (is_first && strncmp(line, "NATS/1.0 ", 9) == 0)
			message->status = (int)strtol(line + 9, NULL, 10);
		else if ((value = value_of(line, "Pelago-Id")))
			message->id = value;
		else if ((value = value_of(line, "Nats-Msg-Id")))
			message->msg_id = value;
		else if ((value = value_of(line, "Nats-Consumer-Stalled")))
			message->stalled = value;
		is_first = false;
	}
}

/* keep copies a span to *atp, with an end, and moves *atp behind it. */
static char *keep(char **atp, struct span span)
{
	char *copy = *atp;

	if (!span.text)
		return NULL;
	memcpy(copy, span.text, span.len);
	copy[span.len] = '\0';
	*atp += span.len + 1;
	return copy;
}

struct letter *letter_new(struct span subject, struct span reply, struct span headers,
			  struct span body)
{
	struct letter *letter =
		malloc(sizeof(*letter) + subject.len + reply.len + headers.len + body.len + 4);
	char *at, *text;

	if (!letter)
		return NULL;
	at = letter->room;
	letter->message = (struct pl_message){ .body_len = body.len };
	letter->message.subject = keep(&at, subject);
	letter->message.reply = keep(&at, reply);
	letter->message.body = keep(&at, body);
	text = keep(&at, headers);
	if (text)
		read_headers(&letter->message, text);
	return letter;
}
