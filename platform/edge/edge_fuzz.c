/*
 * edge_fuzz.c — any bytes as path, frame, form, route table and metrics: taken or refused, and what
 * is taken keeps the rules.
 *
 * fuzz-sources: platform/edge/path.c platform/edge/frame.c platform/edge/form.c
 * platform/edge/route.c platform/edge/limit.c platform/edge/exposition.c sdk/json/json.c
 * sdk/err/err.c fuzz-libs: jansson
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include <stdlib.h>
#include <string.h>

#include "exposition.h"
#include "form.h"
#include "frame.h"
#include "path.h"
#include "pelago/json.h"
#include "route.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void fuzz_path(const char *text, size_t len)
{
	struct path path;

	if (!path_split(&path, text, len))
		return;
	for (size_t i = 0; i < path.count; i++) {
		const struct segment *segment = &path.segments[i];

		pl_assert(segment->len > 0 && !memchr(segment->text, '/', segment->len));
		pl_assert(!memchr(segment->text, '\0', segment->len) && !segment_is(segment, ".."));
	}
}

static void fuzz_frame(const char *text, size_t len)
{
	struct frame frame;
	json_t *error;

	if (frame_init(&frame, text, len) == PL_OK)
		pl_assert(frame.type && json_is_object(frame.object));
	error = frame_error("badRequest", "x", frame.client_id, frame.contact_id);
	json_decref(error);
	frame_fini(&frame);
}

static void fuzz_form(const char *text, size_t len)
{
	json_t *form;

	if (form_parse(&form, text, len) == PL_OK)
		json_decref(form);
}

/* The text is a table of routes; each of its paths is then asked for. */
static void fuzz_routes(const char *text, size_t len)
{
	struct routes *routes = NULL;
	struct route_match match;
	json_t *object = NULL;
	unsigned skipped;

	if (pl_json_parse(&object, text, len) == PL_OK &&
	    routes_new(&routes, object, &skipped) == PL_OK) {
		for (size_t i = 0; i < routes->http_count; i++) {
			routes_match(&match, routes, routes->http[i].method, &routes->http[i].path);
			pl_assert(match.route && match.params <= ROUTE_PARAMS);
		}
		for (size_t i = 0; i < routes->sockets_count; i++)
			pl_assert(routes_socket(routes, routes->sockets[i].path));
	}
	routes_free(routes);
	json_decref(object);
}

static void fuzz_exposition(const char *text, size_t len)
{
	struct exposition *exposition;

	if (exposition_new(&exposition))
		return;
	exposition_add(exposition, text, len);
	exposition_add(exposition, text, len / 2);
	free(exposition_text(exposition));
	exposition_free(exposition);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static void (*const targets[])(const char *text, size_t len) = {
		fuzz_path, fuzz_frame, fuzz_form, fuzz_routes, fuzz_exposition,
	};
	const size_t count = sizeof(targets) / sizeof(targets[0]);
	char *text;

	if (size == 0)
		return 0;
	/* A copy of just that length, so that a read past its end is seen. */
	text = malloc(size);
	if (!text)
		return 0;
	memcpy(text, data + 1, size - 1);
	targets[data[0] % count](text, size - 1);
	free(text);
	return 0;
}
