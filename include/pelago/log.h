/*
 * pelago/log.h — structured logs: one JSON object a line on standard error.
 *
 * {"at":"2026-01-31T12:00:00.123Z","level":"INFO","program":"UCMService","event":"offer.made","contact":"…","text":"…"}
 * ERROR: somebody must act. WARN: we recovered. INFO: the business changed. DEBUG: off unless
 * PELAGO_DEBUG=1. Numbers go to metrics. Secrets never go here.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef PELAGO_LOG_H
#define PELAGO_LOG_H

enum pl_log_level { PL_LOG_ERROR, PL_LOG_WARN, PL_LOG_INFO, PL_LOG_DEBUG };

/*
 * pl_log_open names the program in each line; the text is copied. If the environment's PELAGO_LOG
 * names a file, standard error becomes that file, and SIGHUP opens it anew. Once, at the start,
 * before threads.
 */
void pl_log_open(const char *program);
/* pl_log_reopen opens the file anew after it was renamed. Any thread, and in signal handlers. */
void pl_log_reopen(void);

/*
 * pl_log(INFO, "offer.made", contact_id, "agent=%s", agent) writes a line.
 *   contact  id of the contact that it is about, or NULL
 * A line of more than 8 KiB is cut and ends with "…". Any thread.
 */
#define pl_log(level, event, contact, ...) pl_log_line(PL_LOG_##level, event, contact, __VA_ARGS__)
void pl_log_line(enum pl_log_level level, const char *event, const char *contact, const char *fmt,
		 ...) __attribute__((format(printf, 4, 5)));

#endif
