/*
 * edge.c — an edge of another release: GET /healthz says so by a header. Wraps answer_text.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include <stdio.h>

#include "platform/edge/answer.h"

void __real_answer_text(struct answer *answer, int status, const char *type, const char *text);
void __wrap_answer_text(struct answer *answer, int status, const char *type, const char *text);

void __wrap_answer_text(struct answer *answer, int status, const char *type, const char *text)
{
	char release[16];

	snprintf(release, sizeof(release), "%d", RELEASE);
	answer_header(answer, "x-pelago-generation", release);
	__real_answer_text(answer, status, type, text);
}
