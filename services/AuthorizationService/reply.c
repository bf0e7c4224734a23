/* reply.c — see reply.h. SPDX-License-Identifier: Apache-2.0 */
#include "reply.h"

#include <inttypes.h>
#include <stdlib.h>

#include "pelago/json.h"

static void set_header(json_t *reply, const char *name, json_t *value)
{
	json_object_set_new(json_object_get(reply, "headers"), name, value);
}

json_t *reply_body(int status, json_t *body)
{
	return json_pack("{s:i, s:{s:s, s:s}, s:o}", "status", status, "headers", "Cache-Control",
			 "no-store", "Pragma", "no-cache", "body", body);
}

json_t *reply_oauth(int status, const char *error, const char *description)
{
	return reply_body(
		status, json_pack("{s:s, s:s}", "error", error, "error_description", description));
}

/* As text with a type of its own: what is given as body the edge calls application/json. */
json_t *reply_problem(int status, const char *title, const char *code, const char *detail)
{
	json_t *problem = json_pack("{s:s, s:s, s:i, s:s, s:s}", "type", "about:blank", "title",
				    title, "status", status, "code", code, "detail", detail);
	char *text = pl_json_dump(problem);
	json_t *reply =
		json_pack("{s:i, s:{s:s}, s:s*, s:s}", "status", status, "headers", "Cache-Control",
			  "no-store", "text", text, "type", "application/problem+json");

	json_decref(problem);
	free(text);
	return reply;
}

static json_t *locked(json_t *reply, int64_t seconds)
{
	set_header(reply, "Retry-After", json_sprintf("%" PRId64, seconds));
	return reply;
}

json_t *reply_oauth_locked(int64_t seconds)
{
	return locked(reply_oauth(429, "temporarily_unavailable",
				  "too many wrong passwords; this user is locked for a while"),
		      seconds);
}

json_t *reply_problem_locked(int64_t seconds)
{
	return locked(reply_problem(429, "Too Many Requests", "rateLimited",
				    "too many wrong passwords; this user is locked for a while"),
		      seconds);
}

json_t *reply_redirect(const char *location)
{
	return json_pack("{s:i, s:{s:s, s:s}}", "status", 302, "headers", "Location", location,
			 "Cache-Control", "no-store");
}
