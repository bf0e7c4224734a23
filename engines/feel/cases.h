/*
 * cases.h — tests as tables: expressions and the values they have.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef FEEL_CASES_H
#define FEEL_CASES_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

struct feel_case {
	const char *text;
	const char *value;   /* an expression for the same value; NULL: null, and a note says why */
	const char *note;    /* what the first note has in it; NULL: not looked at */
	const char *context; /* of variables, whose names are in scope; NULL: none, and no names */
};

/* The clock of the cases is 2026-03-29T00:30:00.123Z, told with an offset of an hour. */
#define FEEL_CASES_NOW	    "2026-03-29T01:30:00.123+01:00"
#define FEEL_CASES_NOW_MS   1774744200123
#define FEEL_CASES_OFFSET_S 3600

/* feel_cases_hold evaluates each case and fails the test for one that has another value or kind. */
void feel_cases_hold(const struct feel_case *cases, size_t len);

/* feel_cases_hold_without_memory does so while each allocation fails in turn: the answer is the
 * right one or PL_NOMEM, and nothing leaks. */
void feel_cases_hold_without_memory(const struct feel_case *cases, size_t len);

#define FEEL_CASES_HOLD(cases) feel_cases_hold(cases, sizeof(cases) / sizeof((cases)[0]))
#define FEEL_CASES_HOLD_WITHOUT_MEMORY(cases)                                                      \
	feel_cases_hold_without_memory(cases, sizeof(cases) / sizeof((cases)[0]))

#endif
