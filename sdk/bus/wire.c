/*
 * wire.c — frames of the bus's protocol, in and out. Connecting is in server.c.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "wire.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "pelago/log.h"

enum {
	READ_BYTES = 16 * 1024, /* at once: what a TLS record holds */
	READ_MAX_BYTES = 256 * 1024,
	LINE_MAX_BYTES = 4096, /* a frame's first line; INFO's may be longer */
	INFO_MAX_BYTES = 64 * 1024,
	FRAME_MAX_BYTES = 8 * 1024 * 1024, /* no server of ours allows more */
	MAX_WORDS = 6,
};

void wire_free(struct wire *wire)
{
	if (!wire)
		return;
	stream_close(&wire->stream);
	buffer_fini(&wire->in);
	buffer_fini(&wire->out);
	free(wire);
}

/* ---- out ---- */

enum pl_err wire_subscribe(struct wire *wire, uint64_t sid, const char *subject,
			   const char *queue_group)
{
	char *line;
	enum pl_err err;
	int len = asprintf(&line, "SUB %s%s%s %llu\r\n", subject, queue_group ? " " : "",
			   queue_group ? queue_group : "", (unsigned long long)sid);

	if (len < 0)
		return PL_NOMEM;
	err = buffer_add(&wire->out, line, (size_t)len);
	free(line);
	return err;
}

enum pl_err wire_unsubscribe(struct wire *wire, uint64_t sid)
{
	char line[40];
	int len = snprintf(line, sizeof(line), "UNSUB %llu\r\n", (unsigned long long)sid);

	return buffer_add(&wire->out, line, (size_t)len);
}

void wire_write(struct wire *wire)
{
	wire->stalled = false;
	while (wire->attached && buffer_len(&wire->out) > 0) {
		ssize_t n = stream_write(&wire->stream, wire->out.data + wire->out.start,
					 buffer_len(&wire->out));

		if (n < 0) {
			wire->attached = false;
		} else if (n == 0) {
			wire->stalled = true;
			return;
		} else {
			buffer_drop(&wire->out, (size_t)n);
		}
	}
}

/* ---- in ---- */

/* A frame's first line, cut into words. */
struct line {
	struct span words[MAX_WORDS];
	size_t n;
};

static void split(struct line *line, const char *text, size_t len)
{
	const char *end = text + len;

	line->n = 0;
	while (text < end && line->n < MAX_WORDS) {
		const char *start;

		while (text < end && (*text == ' ' || *text == '\t'))
			text++;
		start = text;
		while (text < end && *text != ' ' && *text != '\t')
			text++;
		if (text > start)
			line->words[line->n++] = (struct span){ start, (size_t)(text - start) };
	}
}

/* number reads all of span as a number; false if it isn't one, or over max. */
static bool number(uint64_t *valuep, struct span span, uint64_t max)
{
	uint64_t value = 0;

	if (span.len == 0 || span.len > 19)
		return false;
	for (size_t i = 0; i < span.len; i++) {
		if (span.text[i] < '0' || span.text[i] > '9')
			return false;
		value = value * 10 + (uint64_t)(span.text[i] - '0');
	}
	*valuep = value;
	return value <= max;
}

/* has_control tells whether a control character is in span: none can be in a subject. */
static bool has_control(struct span span)
{
	for (size_t i = 0; i < span.len; i++)
		if ((unsigned char)span.text[i] < ' ' || span.text[i] == 0x7f)
			return true;
	return false;
}

static void give_up(struct wire *wire, const char *why)
{
	pl_log(WARN, "bus.error", NULL, "%s", why);
	wire->attached = false;
}

/*
 * deliver takes the message whose first line, line_len long with its end, stands at the beginning
 * of the input: "MSG subject sid [reply] bytes", or "HMSG subject sid [reply] header-bytes bytes".
 * False if it isn't whole yet, or the wire is given up.
 */
static bool deliver(struct wire *wire, const struct line *line, size_t line_len, wire_letter_fn *fn,
		    void *arg)
{
	size_t n_sizes = line->words[0].len == 4 ? 2 : 1, held = buffer_len(&wire->in), whole;
	const char *rest = wire->in.data + wire->in.start + line_len;
	uint64_t sid, headers_len = 0, len;
	struct span reply = { 0 }, headers = { 0 };
	struct letter *letter;

	if ((line->n != 3 + n_sizes && line->n != 4 + n_sizes) || has_control(line->words[1]) ||
	    has_control(line->words[3]) || !number(&sid, line->words[2], UINT64_MAX) ||
	    !number(&len, line->words[line->n - 1], FRAME_MAX_BYTES) ||
	    (n_sizes == 2 && !number(&headers_len, line->words[line->n - 2], len))) {
		give_up(wire, "the server's frame is malformed");
		return false;
	}
	whole = line_len + len + 2;
	if (held < whole) {
		if (!buffer_room(&wire->in, whole - held))
			give_up(wire, "out of memory for a message");
		return false;
	}
	if (line->n == 4 + n_sizes)
		reply = line->words[3];
	if (headers_len > 0)
		headers = (struct span){ rest, headers_len };
	letter = letter_new(line->words[1], reply, headers,
			    (struct span){ rest + headers_len, len - headers_len });
	if (letter)
		fn(sid, letter, arg);
	else
		pl_log(ERROR, "bus.dropped", NULL, "%.*s: dropped: out of memory",
		       (int)line->words[1].len, line->words[1].text);
	buffer_drop(&wire->in, whole);
	return true;
}

/* complain logs "-ERR 'text'". The server itself ends what can't go on. */
static void complain(const char *text, size_t len)
{
	bool is_denied = len > 22 && strncasecmp(text, "-ERR 'Permissions Viol", 22) == 0;

	if (is_denied)
		pl_log(ERROR, "bus.denied", NULL, "%.*s", (int)len, text);
	else
		pl_log(WARN, "bus.error", NULL, "%.*s", (int)len, text);
}

static bool is_word_of(struct span span, const char *word)
{
	return span.len == strlen(word) && strncasecmp(span.text, word, span.len) == 0;
}

/* next takes one frame from the input; false if there is no whole one. */
static bool next(struct wire *wire, wire_letter_fn *fn, void *arg)
{
	const char *start = wire->in.data + wire->in.start;
	size_t held = buffer_len(&wire->in), len;
	const char *end = held ? memchr(start, '\n', held) : NULL;
	struct line line;

	if (!wire->attached)
		return false;
	if (!end) {
		if (held > INFO_MAX_BYTES || (held > LINE_MAX_BYTES && *start != 'I'))
			give_up(wire, "the server's frame has no end");
		return false;
	}
	len = (size_t)(end - start) + 1;
	split(&line, start, end > start && end[-1] == '\r' ? len - 2 : len - 1);
	if (line.n > 0 && (is_word_of(line.words[0], "MSG") || is_word_of(line.words[0], "HMSG")))
		return deliver(wire, &line, len, fn, arg);
	if (line.n > 0 && is_word_of(line.words[0], "PING") &&
	    buffer_add(&wire->out, "PONG\r\n", 6))
		give_up(wire, "out of memory for an answer to the server");
	else if (line.n > 0 && is_word_of(line.words[0], "-ERR"))
		complain(start, strcspn(start, "\r\n"));
	buffer_drop(&wire->in, len); /* PONG, +OK, INFO: nothing to do */
	return true;
}

void wire_read(struct wire *wire, wire_letter_fn *fn, void *arg)
{
	bool has_ended = false;

	wire->has_more = false;
	for (size_t taken = 0; wire->attached && !has_ended;) {
		char *room = buffer_room(&wire->in, READ_BYTES);
		ssize_t n = room ? stream_read(&wire->stream, room, READ_BYTES) : -1;

		if (n == 0)
			break;
		if (n < 0) {
			has_ended = true;
			break;
		}
		wire->in.end += (size_t)n;
		taken += (size_t)n;
		if (taken >= READ_MAX_BYTES) {
			wire->has_more = true;
			break;
		}
	}
	while (next(wire, fn, arg))
		;
	if (has_ended)
		wire->attached = false;
}
