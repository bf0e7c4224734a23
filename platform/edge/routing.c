/*
 * routing.c — the routes in force.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "routing.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "link.h"
#include "pelago/json.h"
#include "pelago/log.h"

struct routing {
	struct edge *edge;
	struct routes *routes;
	struct request *request;
	struct pl_subscription *config[2];
	bool asks_again; /* something changed while a question was out */
};

static void cache_name(char name[PATH_MAX], const struct routing *routing, const char *end)
{
	snprintf(name, PATH_MAX, "%s/edge/routes.json%s", routing->edge->options.data, end);
}

/* What is lost here is asked for again at the next start. */
static void cache_write(const struct routing *routing, const json_t *object)
{
	char name[PATH_MAX], fresh[PATH_MAX], folder[PATH_MAX];

	snprintf(folder, sizeof(folder), "%s/edge", routing->edge->options.data);
	cache_name(name, routing, "");
	cache_name(fresh, routing, ".new");
	mkdir(folder, 0700);
	if (json_dump_file(object, fresh, JSON_COMPACT) != 0 || rename(fresh, name) != 0)
		pl_log(WARN, "edge.routes", NULL, "cannot keep the routes in %s: %s", name,
		       strerror(errno));
}

/* Takes over new routes; says whether they were any. */
static bool take(struct routing *routing, const json_t *object)
{
	struct routes *routes;
	unsigned skipped;

	if (routes_new(&routes, object, &skipped)) {
		pl_log(ERROR, "edge.routes", NULL, "%s", pl_err_detail(PL_INVALID));
		return false;
	}
	if (routing->routes && strcmp(routing->routes->version, routes->version) == 0) {
		routes_free(routes);
		return false;
	}
	pl_log(INFO, "edge.routes", NULL, "version=%s http=%zu websocket=%zu skipped=%u",
	       routes->version, routes->http_count, routes->sockets_count, skipped);
	routes_free(routing->routes);
	routing->routes = routes;
	return true;
}

static void on_routes(enum pl_err err, json_t *reply, void *arg)
{
	struct routing *routing = arg;

	routing->request = NULL;
	if (err)
		pl_log(DEBUG, "edge.routes", NULL, "%s", pl_err_detail(err));
	else if (take(routing, reply))
		cache_write(routing, reply);
	if (routing->asks_again) {
		routing->asks_again = false;
		routing_ask(routing);
	}
}

void routing_ask(struct routing *routing)
{
	if (!routing->request)
		link_ask(&routing->request, routing->edge->link, "svc.Manager.routes",
			 json_pack("{s:i}", "v", 1), REQUEST_NORMAL, on_routes, routing);
}

static void on_config(const struct pl_message *message, void *arg)
{
	struct routing *routing = arg;

	/* The answer that is under way may be older than this. */
	routing->asks_again = routing->request != NULL;
	routing_ask(routing);
}

void routing_up(struct routing *routing)
{
	static const char *const subjects[] = { "ctl.config", "usr.node.config" };

	for (size_t i = 0; i < sizeof(subjects) / sizeof(subjects[0]); i++)
		if (!routing->config[i] &&
		    pl_bus_subscribe(&routing->config[i], link_bus(routing->edge->link),
				     subjects[i], NULL, on_config, routing))
			pl_log(WARN, "edge.routes", NULL, "cannot listen to %s", subjects[i]);
	routing_ask(routing);
}

const struct routes *routing_routes(const struct routing *routing)
{
	return routing->routes;
}

enum pl_err routing_new(struct routing **routingp, struct edge *edge)
{
	struct routing *routing = calloc(1, sizeof(*routing));
	char name[PATH_MAX];
	json_t *object;

	if (!routing)
		return PL_NOMEM;
	routing->edge = edge;
	cache_name(name, routing, "");
	object = json_load_file(name, 0, NULL);
	if (object)
		take(routing, object);
	json_decref(object);
	*routingp = routing;
	return PL_OK;
}

void routing_free(struct routing *routing)
{
	if (!routing)
		return;
	request_cancel(routing->request);
	pl_subscription_free(routing->config[0]);
	pl_subscription_free(routing->config[1]);
	routes_free(routing->routes);
	free(routing);
}
