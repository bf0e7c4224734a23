/*
 * route.c — routes read from JSON and matched.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "route.h"

#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "pelago/json.h"

static const char *const method_names[METHOD_COUNT] = { "GET", "POST", "PUT", "PATCH", "DELETE" };
static const char *const body_names[] = { "json", "form", "none", "blob" };

const char *method_name(enum method method)
{
	return method_names[method];
}

enum method method_from(const char *name)
{
	int m = 0;

	while (m < METHOD_COUNT && strcmp(method_names[m], name) != 0)
		m++;
	return (enum method)m;
}

/* A service or an operation is one token of a subject. */
static bool is_word(const char *text)
{
	return text[0] && strlen(text) <= 64 &&
	       text[strspn(text, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ"
				 "0123456789-_")] == '\0';
}

/* "svc.SERVICE.OPERATION" of an object with "operation" and perhaps "service". */
static enum pl_err read_subject(char **subjectp, const json_t *object, const char *member,
				const char *service)
{
	const char *operation = pl_json_get_text(object, member);
	const char *other = pl_json_get_text(object, "service");

	if (other[0])
		service = other;
	if (!is_word(service) || !is_word(operation))
		return pl_fail(PL_INVALID, "route: bad service or operation");
	return asprintf(subjectp, "svc.%s.%s", service, operation) < 0 ? PL_NOMEM : PL_OK;
}

static enum pl_err read_rate(enum limit_class *classp, const json_t *object,
			     enum limit_class normal)
{
	const char *name = pl_json_get_text(object, "rate");

	*classp = name[0] ? limit_class_from(name) : normal;
	return *classp == LIMIT_COUNT ? pl_fail(PL_INVALID, "route: unknown rate %s", name) : PL_OK;
}

static enum pl_err read_max(size_t *maxp, const json_t *object, size_t most)
{
	int64_t max = most < ROUTE_BLOB_MAX ? ROUTE_BODY_NORMAL : ROUTE_BLOB_MAX;
	enum pl_err err = pl_json_int(&max, object, "maxBytes", 1, INT64_MAX, false);

	*maxp = max < (int64_t)most ? (size_t)max : most;
	return err;
}

static enum pl_err read_roles(struct http_route *route, const json_t *object)
{
	const json_t *roles = json_object_get(object, "roles"), *role;
	size_t i;

	if (roles && (!json_is_array(roles) || json_array_size(roles) > ROUTE_ROLES))
		return pl_fail(PL_INVALID, "route: roles isn't an array of at most %d",
			       ROUTE_ROLES);
	json_array_foreach(roles, i, role) {
		if (!json_is_string(role))
			return pl_fail(PL_INVALID, "route: a role isn't a text");
		route->roles[i] = strdup(json_string_value(role));
		if (!route->roles[i])
			return PL_NOMEM;
		route->roles_count = i + 1;
	}
	return PL_OK;
}

static bool is_param(const struct segment *segment)
{
	return segment->len > 2 && segment->text[0] == '{' &&
	       segment->text[segment->len - 1] == '}';
}

static enum pl_err read_path(struct http_route *route, const json_t *object)
{
	size_t params = 0;

	route->path_text = strdup(pl_json_get_text(object, "path"));
	if (!route->path_text)
		return PL_NOMEM;
	if (!path_split(&route->path, route->path_text, strlen(route->path_text)))
		return pl_fail(PL_INVALID, "route: bad path");
	for (size_t i = 0; i < route->path.count; i++)
		params += is_param(&route->path.segments[i]);
	return params > ROUTE_PARAMS ? pl_fail(PL_INVALID, "route: too many parameters") : PL_OK;
}

static enum pl_err read_auth(struct http_route *route, const json_t *object)
{
	const char *auth = pl_json_get_text(object, "auth");

	/* Who forgets it gets the closed door. */
	route->optional = strcmp(auth, "optional") == 0;
	route->bearer = !auth[0] || strcmp(auth, "bearer") == 0 || route->optional;
	if (!route->bearer && strcmp(auth, "none") != 0)
		return pl_fail(PL_INVALID, "route: unknown auth %s", auth);
	return PL_OK;
}

static enum pl_err read_body(struct http_route *route, const json_t *object)
{
	const char *body = pl_json_get_text(object, "body");
	int i = 0;

	while (body[0] && i < BODY_KINDS && strcmp(body_names[i], body) != 0)
		i++;
	route->body = (enum route_body)i;
	return i == BODY_KINDS ? pl_fail(PL_INVALID, "route: unknown body %s", body) : PL_OK;
}

/* Large bodies go to the store of all, or to the service's own. */
static enum pl_err read_store(struct http_route *route, const json_t *object, const char *service)
{
	bool is_own = strcmp(pl_json_get_text(object, "store"), "own") == 0;

	if (json_object_get(object, "store") && !is_own)
		return pl_fail(PL_INVALID, "route: store isn't \"own\"");
	route->store = strdup(is_own ? service : "OCPDataServices");
	return route->store ? PL_OK : PL_NOMEM;
}

static bool is_header(const char *name)
{
	return name[0] && strlen(name) <= ROUTE_HEADER_MAX &&
	       name[strspn(name, "abcdefghijklmnopqrstuvwxyz0123456789-")] == '\0';
}

static enum pl_err read_headers(struct http_route *route, const json_t *object)
{
	const json_t *headers = json_object_get(object, "headers"), *header;
	size_t i;

	if (headers && (!json_is_array(headers) || json_array_size(headers) > ROUTE_HEADERS))
		return pl_fail(PL_INVALID, "route: headers isn't an array of at most %d",
			       ROUTE_HEADERS);
	json_array_foreach(headers, i, header) {
		if (!json_is_string(header) || !is_header(json_string_value(header)))
			return pl_fail(PL_INVALID, "route: a header's name in small letters is "
						   "wanted");
		route->headers[i] = strdup(json_string_value(header));
		if (!route->headers[i])
			return PL_NOMEM;
		route->headers_count = i + 1;
	}
	return pl_json_bool(&route->cors, object, "cors", false);
}

static void http_route_fini(struct http_route *route)
{
	free(route->path_text);
	free(route->subject);
	free(route->store);
	for (size_t i = 0; i < route->roles_count; i++)
		free(route->roles[i]);
	for (size_t i = 0; i < route->headers_count; i++)
		free(route->headers[i]);
}

static enum pl_err http_route_init(struct http_route *route, const json_t *object,
				   const char *service)
{
	enum pl_err err;

	memset(route, 0, sizeof(*route));
	route->method = method_from(pl_json_get_text(object, "http"));
	err = route->method == METHOD_COUNT ? pl_fail(PL_INVALID, "route: unknown method") : PL_OK;
	if (!err)
		err = read_path(route, object);
	if (!err)
		err = read_subject(&route->subject, object, "operation", service);
	if (!err)
		err = read_rate(&route->rate, object, LIMIT_HTTP);
	if (!err)
		err = read_body(route, object);
	if (!err)
		err = read_store(route, object, service);
	if (!err)
		err = read_max(&route->body_max, object,
			       route->body != BODY_BLOB		    ? ROUTE_BODY_MAX
			       : strcmp(route->store, service) == 0 ? ROUTE_BLOB_MOST
								    : ROUTE_BLOB_MAX);
	if (!err)
		err = read_roles(route, object);
	if (!err)
		err = read_auth(route, object);
	if (!err)
		err = read_headers(route, object);
	if (err)
		http_route_fini(route);
	return err;
}

static void socket_route_fini(struct socket_route *route)
{
	for (size_t i = 0; i < route->frames_count; i++) {
		free(route->frames[i].type);
		free(route->frames[i].subject);
	}
	free(route->frames);
	free(route->gone_subject);
	free(route->path);
}

static enum pl_err read_frames(struct socket_route *route, json_t *frames, const char *service)
{
	const char *type;
	json_t *object;
	enum pl_err err;

	route->frames = calloc(json_object_size(frames) + 1, sizeof(*route->frames));
	if (!route->frames)
		return PL_NOMEM;
	json_object_foreach(frames, type, object) {
		struct frame_route *frame = &route->frames[route->frames_count++];

		frame->type = strdup(type);
		if (!frame->type)
			return PL_NOMEM;
		err = read_subject(&frame->subject, object, "operation", service);
		if (!err)
			err = read_rate(&frame->rate, object, LIMIT_FRAME);
		if (err)
			return err;
	}
	return PL_OK;
}

static enum pl_err socket_route_init(struct socket_route *route, const json_t *object,
				     const char *service)
{
	const char *text = pl_json_get_text(object, "websocket");
	struct path path;
	enum pl_err err = PL_NOMEM;

	memset(route, 0, sizeof(*route));
	if (!path_split(&path, text, strlen(text)))
		return pl_fail(PL_INVALID, "route: bad path");
	route->path = strdup(text);
	if (!route->path)
		goto out;
	err = read_max(&route->frame_max, object, ROUTE_BODY_MAX);
	if (!err && json_object_get(object, "gone"))
		err = read_subject(&route->gone_subject, object, "gone", service);
	if (!err)
		err = read_frames(route, json_object_get(object, "frames"), service);
out:
	if (err)
		socket_route_fini(route);
	return err;
}

static enum pl_err routes_add(struct routes *routes, const json_t *object)
{
	const char *service = pl_json_get_text(object, "service");
	enum pl_err err;

	if (json_is_string(json_object_get(object, "http"))) {
		err = http_route_init(&routes->http[routes->http_count], object, service);
		routes->http_count += err == PL_OK;
		return err;
	}
	if (json_is_string(json_object_get(object, "websocket"))) {
		err = socket_route_init(&routes->sockets[routes->sockets_count], object, service);
		routes->sockets_count += err == PL_OK;
		return err;
	}
	return pl_fail(PL_INVALID, "route: neither http nor websocket");
}

/* The version is an opaque mark: a text, or whatever JSON the manager finds handy. */
static char *version_of(const json_t *object)
{
	const json_t *version = json_object_get(object, "version");

	if (json_is_string(version))
		return strdup(json_string_value(version));
	return version ? json_dumps(version, JSON_ENCODE_ANY | JSON_COMPACT) : strdup("");
}

/* The profile that a member of a kind has, or NULL. */
static const char *profile_of(const struct routes *routes, const char *kind, const char *id)
{
	return id && *id ? json_string_value(
				   json_object_get(json_object_get(routes->profiles, kind), id))
			 : NULL;
}

static enum pl_err allow(const struct routes *routes, const char *profile, const char *subject)
{
	const char *at = strchr(subject, '.');
	size_t len = at ? strcspn(at + 1, ".") : 0;
	char service[65];

	if (!profile || !len || len >= sizeof(service))
		return PL_OK;
	snprintf(service, sizeof(service), "%.*s", (int)len, at + 1);
	if (json_object_get(json_object_get(json_object_get(routes->profiles, "services"), profile),
			    service))
		return PL_OK;
	return pl_fail(PL_FORBIDDEN, "the service profile %s does not have %s", profile, service);
}

enum pl_err routes_allow(const struct routes *routes, const struct caller *caller,
			 const char *subject)
{
	const char *profile;
	enum pl_err err;

	if (!routes || !routes->profiles)
		return PL_OK;
	profile = profile_of(routes, "user", caller->sub);
	if (!profile)
		profile = profile_of(routes, "user", caller->name);
	err = allow(routes, profile, subject);
	return err ? err : allow(routes, profile_of(routes, "endpoint", caller->address), subject);
}

enum pl_err routes_new(struct routes **routesp, const json_t *object, unsigned *skippedp)
{
	const json_t *list = json_object_get(object, "routes"), *entry;
	struct routes *routes;
	enum pl_err err = PL_NOMEM;
	size_t i;

	*skippedp = 0;
	if (!json_is_array(list))
		return pl_fail(PL_INVALID, "routes: not an object with an array of routes");
	routes = calloc(1, sizeof(*routes));
	if (!routes)
		goto out;
	routes->http = calloc(json_array_size(list) + 1, sizeof(*routes->http));
	routes->sockets = calloc(json_array_size(list) + 1, sizeof(*routes->sockets));
	routes->version = version_of(object);
	if (!routes->http || !routes->sockets || !routes->version)
		goto out;
	routes->profiles = json_incref(json_object_get(object, "profiles"));
	err = PL_OK;
	json_array_foreach(list, i, entry) {
		enum pl_err one = routes_add(routes, entry);

		if (one == PL_NOMEM)
			err = one;
		else if (one)
			++*skippedp;
	}
out:
	if (err)
		routes_free(routes);
	else
		*routesp = routes;
	return err;
}

void routes_free(struct routes *routes)
{
	if (!routes)
		return;
	for (size_t i = 0; i < routes->http_count; i++)
		http_route_fini(&routes->http[i]);
	for (size_t i = 0; i < routes->sockets_count; i++)
		socket_route_fini(&routes->sockets[i]);
	free(routes->http);
	free(routes->sockets);
	free(routes->version);
	json_decref(routes->profiles);
	free(routes);
}

/* How many parameters it takes for route to be path; -1 if it isn't. */
static int fit(const struct path *route, const struct path *path)
{
	int params = 0;

	if (route->count != path->count || route->slash != path->slash)
		return -1;
	for (size_t i = 0; i < path->count; i++) {
		const struct segment *want = &route->segments[i], *have = &path->segments[i];

		if (is_param(want))
			params++;
		else if (want->len != have->len || memcmp(want->text, have->text, want->len) != 0)
			return -1;
	}
	return params;
}

static void fill_params(struct route_match *match, const struct path *path)
{
	for (size_t i = 0; i < path->count; i++) {
		const struct segment *want = &match->route->path.segments[i];

		if (!is_param(want))
			continue;
		match->names[match->params] = (struct segment){ want->text + 1, want->len - 2 };
		match->values[match->params++] = path->segments[i];
	}
}

void routes_match(struct route_match *match, const struct routes *routes, enum method method,
		  const struct path *path)
{
	int best = ROUTE_PARAMS + 1;

	memset(match, 0, sizeof(*match));
	for (size_t i = 0; routes && i < routes->http_count; i++) {
		const struct http_route *route = &routes->http[i];
		int params = fit(&route->path, path);

		if (params < 0)
			continue;
		match->allowed |= 1U << route->method;
		if (route->method == method && params < best) {
			best = params;
			match->route = route;
		}
	}
	if (match->route)
		fill_params(match, path);
}

const struct socket_route *routes_socket(const struct routes *routes, const char *path)
{
	for (size_t i = 0; routes && i < routes->sockets_count; i++)
		if (strcmp(routes->sockets[i].path, path) == 0)
			return &routes->sockets[i];
	return NULL;
}

const struct frame_route *socket_route_frame(const struct socket_route *route, const char *type)
{
	for (size_t i = 0; i < route->frames_count; i++)
		if (strcmp(route->frames[i].type, type) == 0)
			return &route->frames[i];
	return NULL;
}
