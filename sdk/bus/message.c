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

/* Each adds behind at and returns the new end; message_frame_len has room for all of them. */
static char *add(char *at, const char *text, size_t len)
{
	return (char *)memcpy(at, text, len) + len;
}

static char *add_text(char *at, const char *text)
{
	return add(at, text, strlen(text));
}

static char *add_number(char *at, size_t number)
{
	char digits[20];
	size_t from = sizeof(digits);

	do {
		digits[--from] = (char)('0' + number % 10);
		number /= 10;
	} while (number);
	return add(at, digits + from, sizeof(digits) - from);
}

static char *add_header(char *at, const char *name, const char *value, size_t len)
{
	return add_text(add(add_text(at, name), value, len), "\r\n");
}

enum pl_err message_write(struct buffer *out, const struct pl_message *message)
{
	static const char version[] = "NATS/1.0\r\n",
			  id[] = "Pelago-Id: ", msg_id[] = "Nats-Msg-Id: ";
	size_t id_len = len_of(message->id), msg_id_len = len_of(message->msg_id);
	char *room = buffer_room(out, message_frame_len(message)), *at = room;
	size_t headers_len = 0;

	if (!room)
		return PL_NOMEM;
	if (id_len > 0)
		headers_len += strlen(id) + id_len + 2;
	if (msg_id_len > 0)
		headers_len += strlen(msg_id) + msg_id_len + 2;
	if (headers_len > 0)
		headers_len += strlen(version) + 2;
	at = add_text(add_text(at, headers_len > 0 ? "HPUB " : "PUB "), message->subject);
	if (message->reply)
		at = add_text(add_text(at, " "), message->reply);
	if (headers_len > 0)
		at = add_number(add_text(at, " "), headers_len);
	at = add_number(add_text(at, " "), headers_len + message->body_len);
	at = add_text(at, "\r\n");
	if (headers_len > 0)
		at = add_text(at, version);
	if (id_len > 0)
		at = add_header(at, id, message->id, id_len);
	if (msg_id_len > 0)
		at = add_header(at, msg_id, message->msg_id, msg_id_len);
	if (headers_len > 0)
		at = add_text(at, "\r\n");
	if (message->body_len > 0)
		at = add(at, message->body, message->body_len);
	at = add_text(at, "\r\n");
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
