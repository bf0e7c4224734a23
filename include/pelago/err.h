/*
 * pelago/err.h — the failures that a caller can act on, and the detail that goes with one.
 *
 * Functions return enum pl_err; PL_OK is 0. The sentence for the one who asked is kept per thread
 * by pl_fail and read by pl_err_detail; layers between pass the code up and say nothing.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef PELAGO_ERR_H
#define PELAGO_ERR_H

#include <stdbool.h>

enum pl_err {
#define PL_ERR(name, wire, http, exit, retry, text) PL_##name,
#include "tables/err.h"
#undef PL_ERR
	PL_ERR_COUNT
};

struct pl_err_row {
	const char *name; /* "INVALID" */
	const char *wire; /* "badRequest" */
	int http;
	int exit;
	bool retry;
	const char *text;
};

/* pl_err_row returns the row of err; that of PL_INTERNAL for a number out of range. Never NULL. */
const struct pl_err_row *pl_err_row(enum pl_err err);

/*
 * pl_err_from_wire returns the first code with that wire name, PL_INTERNAL for an unknown one or
 * NULL.
 */
enum pl_err pl_err_from_wire(const char *wire);

/*
 * pl_fail keeps a sentence for the one who asked and returns err. At most 511 bytes are kept; the
 * text says what was wrong and what to do, and never holds a secret; bytes that are no UTF-8, as of
 * a character cut in two, become "?". Any thread.
 */
enum pl_err pl_fail(enum pl_err err, const char *fmt, ...) __attribute__((format(printf, 2, 3)));

/* pl_err_detail returns this thread's last sentence, or err's general text if there is none. */
const char *pl_err_detail(enum pl_err err);

/* pl_err_clear forgets this thread's sentence. */
void pl_err_clear(void);

/* pl_assert stops the process for a defect of ours; never used on input, network, disk or memory.
 */
#define pl_assert(cond) ((cond) ? (void)0 : pl_assert_failed(#cond, __FILE__, __LINE__))
void pl_assert_failed(const char *cond, const char *file, int line) __attribute__((noreturn));

#endif
