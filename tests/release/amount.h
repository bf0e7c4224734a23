/*
 * amount.h — an amount as a text, "12.50", and as cents; requests of services and over HTTP.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef TESTS_RELEASE_AMOUNT_H
#define TESTS_RELEASE_AMOUNT_H

#include <stdio.h>
#include <string.h>

#include "pelago/json.h"

enum { AMOUNT_SIZE = 32 };

static inline const char *amount_text(char text[AMOUNT_SIZE], int64_t cents)
{
	snprintf(text, AMOUNT_SIZE, "%lld.%02lld", (long long)cents / 100, (long long)cents % 100);
	return text;
}

/* amount_read reads {"amount"}, and from release 2 on {"cents"}, too. PL_INVALID. */
static inline enum pl_err amount_read(int64_t *centsp, const json_t *body, int release)
{
	const char *text = NULL;
	long long whole, rest;
	char end;
	enum pl_err err;

	if (release >= 2 && json_object_get(body, "cents"))
		return pl_json_int(centsp, body, "cents", 0, INT64_MAX / 100, true);
	err = pl_json_text(&text, body, "amount", AMOUNT_SIZE - 1, true);
	if (err)
		return err;
	if (sscanf(text, "%lld.%2lld%c", &whole, &rest, &end) != 2 || whole < 0 || rest < 0)
		return pl_fail(PL_INVALID, "amount: isn't like 12.50");
	*centsp = whole * 100 + rest;
	return PL_OK;
}

/* What is asked, of a service or over HTTP. */
static inline const json_t *asked_of(const json_t *body)
{
	const json_t *inner = json_object_get(body, "body");

	return json_is_object(inner) ? inner : body;
}

/* The answer to it; gives. */
static inline json_t *answer_of(const json_t *body, json_t *answer)
{
	return json_object_get(body, "method")
		       ? json_pack("{s:i,s:o}", "status", 200, "body", answer)
		       : answer;
}

#endif
