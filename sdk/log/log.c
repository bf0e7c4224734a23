/*
 * log.c — a log line: built on the stack, written by one write(2).
 *
 * There is no lock: each line is a single write to descriptor 2, and a file is opened anew by
 * dup2 over that descriptor, which is atomic. So pl_log_reopen is safe in a signal handler.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "pelago/log.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

enum { LINE_MAX_BYTES = 8192, NAME_MAX_BYTES = 256 };

static const char *const level_names[] = { "ERROR", "WARN", "INFO", "DEBUG" };
static const char ending[] = "\"}\n";
static const char cut_mark[] = "\xe2\x80\xa6"; /* … */

static char program_name[64];
static bool debug_on;
static char *log_path; /* from PELAGO_LOG, or NULL: descriptor 2 as it was given */

struct line {
	size_t len;
	char bytes[LINE_MAX_BYTES];
};

/* char_len returns the bytes of the UTF-8 character at s (RFC 3629 §4), or 0 if there is none. */
static size_t char_len(const unsigned char *s, size_t len)
{
	unsigned char low = 0x80, high = 0xbf;
	size_t n;

	if (s[0] < 0x80)
		return 1;
	if (s[0] >= 0xc2 && s[0] <= 0xdf)
		n = 2;
	else if (s[0] >= 0xe0 && s[0] <= 0xef)
		n = 3;
	else if (s[0] >= 0xf0 && s[0] <= 0xf4)
		n = 4;
	else
		return 0;
	if (s[0] == 0xe0)
		low = 0xa0; /* overlong */
	else if (s[0] == 0xed)
		high = 0x9f; /* surrogate */
	else if (s[0] == 0xf0)
		low = 0x90; /* overlong */
	else if (s[0] == 0xf4)
		high = 0x8f; /* over U+10FFFF */
	if (len < n || s[1] < low || s[1] > high)
		return 0;
	for (size_t i = 2; i < n; i++)
		if (s[i] < 0x80 || s[i] > 0xbf)
			return 0;
	return n;
}

/* escape_char writes the character at s for a JSON text; returns the bytes taken from s. */
static size_t escape_char(char out[8], size_t *out_lenp, const unsigned char *s, size_t len)
{
	size_t n = char_len(s, len);

	if (n == 0) {
		memcpy(out, "\xef\xbf\xbd", 3); /* U+FFFD */
		*out_lenp = 3;
		return 1;
	}
	if (*s == '"' || *s == '\\')
		*out_lenp = (size_t)snprintf(out, 8, "\\%c", *s);
	else if (*s == '\n')
		*out_lenp = (size_t)snprintf(out, 8, "\\n");
	else if (*s < 0x20 || *s == 0x7f)
		*out_lenp = (size_t)snprintf(out, 8, "\\u%04x", *s);
	else {
		memcpy(out, s, n);
		*out_lenp = n;
	}
	return n;
}

static void put(struct line *line, const char *raw)
{
	size_t len = strlen(raw);

	memcpy(line->bytes + line->len, raw, len);
	line->len += len;
}

/* put_escaped adds at most room bytes; what has no room is cut before a character, and marked. */
static void put_escaped(struct line *line, const char *text, size_t room, bool is_cut)
{
	const unsigned char *s = (const unsigned char *)text;
	const size_t mark_len = sizeof(cut_mark) - 1;
	size_t left = strlen(text), end = line->len + room;
	size_t mark_at = line->len; /* the last place where the mark has room */

	while (left > 0) {
		char out[8];
		size_t out_len;
		size_t n = escape_char(out, &out_len, s, left);

		if (is_cut && left < 4 && char_len(s, left) == 0)
			break; /* a character that lost its end where the text was cut */
		if (line->len + out_len > end) {
			is_cut = true;
			break;
		}
		memcpy(line->bytes + line->len, out, out_len);
		line->len += out_len;
		if (line->len + mark_len <= end)
			mark_at = line->len;
		s += n;
		left -= n;
	}
	if (is_cut) {
		line->len = mark_at;
		put(line, cut_mark);
	}
}

static void put_member(struct line *line, const char *name, const char *text)
{
	put(line, ",\"");
	put(line, name);
	put(line, "\":\"");
	put_escaped(line, text, NAME_MAX_BYTES, false);
	put(line, "\"");
}

static void put_time(struct line *line)
{
	struct timespec now;
	struct tm tm;
	char text[80];

	clock_gettime(CLOCK_REALTIME, &now);
	gmtime_r(&now.tv_sec, &tm);
	snprintf(text, sizeof(text), "{\"at\":\"%04d-%02d-%02dT%02d:%02d:%02d.%03ldZ\"",
		 tm.tm_year + 1900, tm.tm_mon + 1, tm.tm_mday, tm.tm_hour, tm.tm_min, tm.tm_sec,
		 now.tv_nsec / 1000000);
	put(line, text);
}

/* write_all goes on after a short write; what a full disk doesn't take is lost. */
static void write_all(const char *bytes, size_t len)
{
	while (len > 0) {
		ssize_t n = write(STDERR_FILENO, bytes, len);

		if (n < 0 && errno == EINTR)
			continue;
		if (n <= 0)
			return;
		bytes += n;
		len -= (size_t)n;
	}
}

void pl_log_line(enum pl_log_level level, const char *event, const char *contact, const char *fmt,
		 ...)
{
	const int saved_errno = errno;
	struct line line = { .len = 0 };
	char text[LINE_MAX_BYTES];
	va_list ap;
	int wanted;

	if (level == PL_LOG_DEBUG && !debug_on)
		return;
	va_start(ap, fmt);
	wanted = vsnprintf(text, sizeof(text), fmt, ap);
	va_end(ap);
	if (wanted < 0)
		snprintf(text, sizeof(text), "%s", fmt);

	put_time(&line);
	put_member(&line, "level", level_names[level]);
	put_member(&line, "program", program_name);
	put_member(&line, "event", event);
	if (contact)
		put_member(&line, "contact", contact);
	put(&line, ",\"text\":\"");
	put_escaped(&line, text, sizeof(line.bytes) - line.len - strlen(ending),
		    wanted >= (int)sizeof(text));
	put(&line, ending);
	write_all(line.bytes, line.len);
	errno = saved_errno;
}

void pl_log_reopen(void)
{
	const int saved_errno = errno;
	int fd;

	if (!log_path)
		return;
	fd = open(log_path, O_WRONLY | O_APPEND | O_CREAT | O_CLOEXEC, 0640);
	if (fd >= 0) {
		dup2(fd, STDERR_FILENO);
		close(fd);
	}
	errno = saved_errno;
}

static void on_hangup(int signal_number)
{
	(void)signal_number;
	pl_log_reopen();
}

void pl_log_open(const char *program)
{
	const struct sigaction action = { .sa_handler = on_hangup, .sa_flags = SA_RESTART };
	const char *debug = getenv("PELAGO_DEBUG");
	const char *path = getenv("PELAGO_LOG");
	int fd;

	snprintf(program_name, sizeof(program_name), "%s", program);
	debug_on = debug && strcmp(debug, "1") == 0;
	free(log_path);
	log_path = path && path[0] ? strdup(path) : NULL;
	if (!log_path)
		return;
	fd = open(log_path, O_WRONLY | O_APPEND | O_CREAT | O_CLOEXEC, 0640);
	if (fd < 0)
		pl_log(ERROR, "log.open", NULL, "PELAGO_LOG names %s: %s", log_path,
		       strerror(errno));
	else
		close(fd);
	pl_log_reopen();
	sigaction(SIGHUP, &action, NULL);
}
