/*
 * tell.c — see tell.h.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "tell.h"

#include <stdio.h>
#include <time.h>

#include "http.h"
#include "link.h"
#include "origin.h"
#include "pelago/version.h"

void tell_client(struct client *client, const struct edge *edge, struct lws *wsi,
		 const struct peer *peer)
{
	char origin[256], host[256], agent[512];

	http_head(wsi, WSI_TOKEN_ORIGIN, origin, sizeof(origin));
	http_head(wsi, WSI_TOKEN_HOST, host, sizeof(host));
	http_head(wsi, WSI_TOKEN_HTTP_USER_AGENT, agent, sizeof(agent));
	client_init(client, origin, agent, origin_is_allowed(origin, host, peer->is_tls, NULL),
		    origin_is_allowed(origin, host, peer->is_tls, edge->origins));
}

void tell_use(const struct edge *edge, const struct client *client, const char *what,
	      const char *path, const char *type, const char *user)
{
	char interface[256];

	snprintf(interface, sizeof(interface), "%s %s%s%s", what, path, type ? " " : "",
		 type ? type : "");
	uses_note(edge->uses, interface, client, user, (int64_t)time(NULL) * 1000);
}

static void on_told(enum pl_err err, json_t *reply, void *arg)
{
	struct edge *edge = arg;

	(void)reply;
	uses_told(edge->uses, !err);
}

void tell_uses(struct edge *edge)
{
	json_t *uses = link_is_up(edge->link) ? uses_take(edge->uses) : NULL;
	enum pl_err err;

	if (!uses)
		return;
	err = link_ask(NULL, edge->link, "svc.Manager.interface-uses",
		       json_pack("{s:i,s:s,s:o}", "v", 1, "version", pl_version, "uses", uses),
		       REQUEST_NORMAL, on_told, edge);
	if (err)
		uses_told(edge->uses, false);
}
