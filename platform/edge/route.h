/*
 * route.h — the table of routes: which request an HTTP call or a frame becomes.
 *
 * Made from what the manager says (docs/protocol.md, "Manifest"); immutable once made.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef EDGE_ROUTE_H
#define EDGE_ROUTE_H

#include <jansson.h>
#include <stdbool.h>
#include <stddef.h>

#include "limit.h"
#include "path.h"
#include "pelago/err.h"

enum {
	ROUTE_PARAMS = 8,
	ROUTE_ROLES = 8,
	ROUTE_HEADERS = 4,
	ROUTE_HEADER_MAX = 64,
	ROUTE_BODY_MAX = 256 * 1024,
	ROUTE_BLOB_MAX = 50 * 1024 * 1024,
	ROUTE_BLOB_MOST = 1024 * 1024 * 1024, /* into a store of the service's own */
	ROUTE_BODY_NORMAL = 64 * 1024
};

enum method { METHOD_GET, METHOD_POST, METHOD_PUT, METHOD_PATCH, METHOD_DELETE, METHOD_COUNT };
enum route_body { BODY_JSON, BODY_FORM, BODY_NONE, BODY_BLOB, BODY_KINDS };

struct http_route {
	enum method method;
	struct path path; /* a segment "{name}" is a parameter */
	char *path_text;  /* what path borrows from */
	char *subject;	  /* "svc.SERVICE.OPERATION" */
	enum route_body body;
	char *store;   /* service that keeps a large body */
	bool bearer;   /* needs a token */
	bool optional; /* but may come without one: the service decides */
	char *roles[ROUTE_ROLES];
	size_t roles_count;	      /* 0: any role */
	char *headers[ROUTE_HEADERS]; /* that are handed on: small letters */
	size_t headers_count;
	bool cors; /* pages of other origins that we know may call it */
	enum limit_class rate;
	size_t body_max;
};

struct frame_route {
	char *type;
	char *subject;
	enum limit_class rate; /* LIMIT_FRAME: nothing beside what each connection may */
};

struct socket_route {
	char *path;
	char *gone_subject; /* or NULL */
	size_t frame_max;
	struct frame_route *frames;
	size_t frames_count;
};

struct routes {
	char *version;
	struct http_route *http;
	size_t http_count;
	struct socket_route *sockets;
	size_t sockets_count;
	json_t *profiles; /* who may invoke what, as the manager says; NULL: everybody all */
};

/* A caller; NULL or "" where it isn't known. */
struct caller {
	const char *sub, *name; /* of a token */
	const char *address;	/* an endpoint by its address, as 192.0.2.7 */
};

struct route_match {
	const struct http_route *route; /* NULL: no such path, or not with that method */
	struct segment names[ROUTE_PARAMS], values[ROUTE_PARAMS];
	size_t params;
	unsigned allowed; /* bit 1 << method for each method that the path has */
};

/*
 * routes_new reads {"version","routes":[…]}. A route that is malformed or of a kind unknown to this
 * version is left out (*skippedp counts them); returns PL_INVALID only if the whole is no such
 * object.
 */
enum pl_err routes_new(struct routes **routesp, const json_t *object, unsigned *skippedp);
void routes_free(struct routes *routes);

/* routes_match finds the route of a path; a literal segment goes before a parameter. */
void routes_match(struct route_match *match, const struct routes *routes, enum method method,
		  const struct path *path);
const struct socket_route *routes_socket(const struct routes *routes, const char *path);
const struct frame_route *socket_route_frame(const struct socket_route *route, const char *type);

/*
 * routes_allow tells whether the service profiles of a caller, as user and as endpoint, have the
 * service of a subject. PL_FORBIDDEN names both.
 */
enum pl_err routes_allow(const struct routes *routes, const struct caller *caller,
			 const char *subject);

const char *method_name(enum method method);
/* method_from returns METHOD_COUNT for one that no route can have. */
enum method method_from(const char *name);

#endif
