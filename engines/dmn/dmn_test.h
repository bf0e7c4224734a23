/*
 * dmn_test.h — what the tests of this folder share: models, and rows of evaluations.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef DMN_TEST_H
#define DMN_TEST_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "engines/dmn/dmn.h"

struct test_case {
	const char *name;    /* docs/dmn.md calls it so */
	const char *element; /* a decision; or a service, or business knowledge model */
	const char *context; /* FEEL; NULL: none */
	const char *json;    /* the value */
	const char *reason;  /* part of a diagnostic, with its place; "": whatever; NULL: there is
				none */
};

/* test_model reads a file of models/ with those that it imports; free it. */
struct dmn_model *test_model(const char *name);

/* test_load reads a text. */
enum pl_err test_load(struct dmn_model **modelp, const char *xml);

/* test_cases evaluates each of the rows, which end with a row of zeros, and compares. */
void test_cases(const struct dmn_model *model, const struct test_case *cases);

/* test_value evaluates one and returns its JSON, or what went wrong behind "!"; free it. */
char *test_value(const struct dmn_model *model, const struct test_case *c);

#endif
