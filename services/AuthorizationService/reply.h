/*
 * reply.h — answers to browsers and scripts: OAuth's (RFC 6749 §5) and problem documents (RFC
 * 9457).
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef AUTHORIZATION_REPLY_H
#define AUTHORIZATION_REPLY_H

#include <jansson.h>
#include <stdint.h>

/* Each returns a new reply for the edge, which no cache may keep. reply_body gives body. */
json_t *reply_body(int status, json_t *body);
json_t *reply_oauth(int status, const char *error, const char *description);
json_t *reply_oauth_locked(int64_t seconds);
json_t *reply_problem(int status, const char *title, const char *code, const char *detail);
json_t *reply_problem_locked(int64_t seconds);
json_t *reply_redirect(const char *location);

#endif
