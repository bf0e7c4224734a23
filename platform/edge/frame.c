/*
 * frame.c — frames read and errors said.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "frame.h"

#include <string.h>

#include "pelago/json.h"

enum { TYPE_MAX = 64, ID_MAX = 128 };

enum pl_err frame_init(struct frame *frame, const void *text, size_t len)
{
	enum pl_err err, first;

	memset(frame, 0, sizeof(*frame));
	first = pl_json_parse(&frame->object, text, len);
	if (first)
		return first;
	if (!json_is_object(frame->object))
		return pl_fail(PL_INVALID, "a frame is a JSON object");
	first = pl_json_text(&frame->client_id, frame->object, "clientId", ID_MAX, false);
	err = pl_json_text(&frame->contact_id, frame->object, "contactId", ID_MAX, false);
	if (!first)
		first = err;
	err = pl_json_text(&frame->type, frame->object, "type", TYPE_MAX, true);
	return first ? first : err;
}

void frame_fini(struct frame *frame)
{
	json_decref(frame->object);
	memset(frame, 0, sizeof(*frame));
}

/* The codes that a client knows; others are inner ones (tables/err.h). */
static const char *outer_code(const char *code)
{
	if (strcmp(code, "notFound") == 0)
		return "conflict";
	return strcmp(code, "internal") == 0 ? "unavailable" : code;
}

json_t *frame_error(const char *code, const char *message, const char *client_id,
		    const char *contact_id)
{
	return json_pack("{s:s, s:s, s:s, s:s*, s:s*}", "type", "error", "code", outer_code(code),
			 "message", message, "clientId", client_id, "contactId", contact_id);
}
