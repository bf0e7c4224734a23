/*
 * routes.c — all manifests' routes for the edges.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include <sodium.h>
#include <stdlib.h>
#include <string.h>

#include "manager.h"
#include "pelago/json.h"
#include "profile.h"

static json_t *route_of(const json_t *manifest, const json_t *route)
{
	json_t *copy = json_deep_copy(route), *opens = json_object_get(manifest, "opens");

	json_object_set(copy, "service", json_object_get(manifest, "name"));
	json_object_set_new(copy, "opens", opens ? json_incref(opens) : json_array());
	return copy;
}

json_t *routes_make(const json_t *manifests)
{
	unsigned char hash[16];
	char version[2 * sizeof(hash) + 1], *text;
	json_t *routes = json_array(), *manifest, *route, *answer;
	size_t i, k;

	json_array_foreach(manifests, i, manifest) {
		json_array_foreach(json_object_get(manifest, "routes"), k, route) {
			json_array_append_new(routes, route_of(manifest, route));
		}
	}
	text = json_dumps(routes, JSON_COMPACT | JSON_SORT_KEYS);
	if (!text) {
		json_decref(routes);
		return NULL;
	}
	crypto_generichash(hash, sizeof(hash), (const unsigned char *)text, strlen(text), NULL, 0);
	free(text);
	sodium_bin2hex(version, sizeof(version), hash, sizeof(hash));
	answer = json_pack("{s:s,s:o}", "version", version, "routes", routes);
	return answer;
}

enum pl_err op_routes(struct pl_turn *turn, const json_t *body, json_t **replyp)
{
	json_t *may = profiles_may(), *answer = json_copy(model.routes);
	char checksum[CHECKSUM_SIZE];
	enum pl_err err = may && answer ? PL_OK : PL_NOMEM;

	if (!err && json_object_size(json_object_get(may, "services")) > 0) {
		err = checksum_of(checksum, may);
		if (!err)
			json_object_set_new(answer, "version",
					    json_sprintf("%s-%s",
							 pl_json_get_text(model.routes, "version"),
							 checksum));
		json_object_set(answer, "profiles", may);
	}
	json_decref(may);
	if (err)
		json_decref(answer);
	else
		*replyp = answer;
	return err;
}
