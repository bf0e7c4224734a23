/*
 * attribute_view.c — attributes as people see them: what is set on which level, what is in effect
 * and where it comes from, and where that has arrived.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include <string.h>
#include <strings.h>

#include "attribute.h"
#include "pelago/json.h"
#include "pelago/page.h"
#include "profile.h"

struct asked {
	const struct placed *service;
	const struct cluster *cluster; /* NULL: that where each service runs */
	const char *profile, *area, *attribute;
};

static enum pl_err read_asked(struct asked *asked, const json_t *query)
{
	const char *service = NULL, *cluster = NULL, *profile = NULL;
	enum pl_err err;

	memset(asked, 0, sizeof(*asked));
	if ((err = pl_json_text(&service, query, "service", 128, false)) ||
	    (err = pl_json_text(&cluster, query, "cluster", 128, false)) ||
	    (err = pl_json_text(&profile, query, "profile", 128, false)) ||
	    (err = pl_json_text(&asked->area, query, "area", 128, false)) ||
	    (err = pl_json_text(&asked->attribute, query, "attribute", 128, false)))
		return err;
	asked->service = service ? name_service(service) : NULL;
	if (service && !asked->service)
		return pl_fail(PL_NOTFOUND, "there is no service '%s'", service);
	asked->cluster = cluster ? cluster_find(cluster) : NULL;
	if (cluster && !asked->cluster)
		return pl_fail(PL_NOTFOUND, "there is no cluster '%s'", cluster);
	if (profile && !profile_find(profile, &asked->profile))
		return pl_fail(PL_NOTFOUND, "there is no service profile '%s'", profile);
	return PL_OK;
}

static bool is_wanted(const struct asked *asked, const struct placed *service)
{
	return (!asked->service || asked->service == service) &&
	       (!asked->cluster || asked->cluster == service->cluster);
}

static bool is_row_wanted(const struct asked *asked, const json_t *row)
{
	return (!asked->area || strcasecmp(pl_json_get_text(row, "area"), asked->area) == 0) &&
	       (!asked->attribute ||
		strcasecmp(pl_json_get_text(row, "key"), asked->attribute) == 0 ||
		strcasecmp(pl_json_get_text(row, "name"), asked->attribute) == 0);
}

/* {LEVEL: value} of the levels where something is set, for this cluster and profile. */
static json_t *overrides(const struct placed *service, const char *key, const struct asked *asked)
{
	const char *const places[LEVEL_DEFAULT] = { asked->profile, service->cluster->name, "",
						    "" };
	json_t *set = json_object();

	for (enum level level = 0; level < LEVEL_DEFAULT; level++) {
		struct spot spot = { level, places[level], service->name, key };
		const json_t *record = spot.place ? value_get(&spot) : NULL;

		if (record)
			json_object_set_new(set, level_names[level],
					    value_shown(json_object_get(record, "value")));
	}
	return set;
}

static bool has_key(const json_t *keys, const char *key)
{
	json_t *item;
	size_t i;

	json_array_foreach(keys, i, item) {
		if (json_is_string(item) && strcmp(json_string_value(item), key) == 0)
			return true;
	}
	return false;
}

/* Which nodes have it, and on which the service must be started again first. */
static void put_arrival(json_t *view, const struct placed *service, const char *key)
{
	int nodes = 0, arrived = 0;
	json_t *late = json_array();

	for (const struct node *n = model.nodes; n; n = n->next) {
		const json_t *item;

		if (n->cluster != service->cluster)
			continue;
		nodes++;
		item = report_service(report_get(n->name, NULL), service->name);
		arrived += item && json_integer_value(json_object_get(item, "settings")) >=
					   values_version_of(service->name);
		if (has_key(json_object_get(item, "restart"), key))
			json_array_append_new(late, json_string(n->name));
	}
	json_object_set_new(view, "nodes", json_integer(nodes));
	json_object_set_new(view, "arrived", json_integer(arrived));
	json_object_set_new(view, "restartNodes", late);
}

/* What the manifest says of it. */
static void put_schema(json_t *view, const json_t *row)
{
	static const char *const members[] = { "name",	 "key",	    "type", "area",
					       "unit",	 "least",   "most", "pattern",
					       "values", "default", "text" };

	for (size_t i = 0; i < sizeof(members) / sizeof(members[0]); i++) {
		json_t *value = json_object_get(row, members[i]);

		json_object_set(view, members[i], value ? value : json_null());
	}
	json_object_set_new(view, "restart",
			    json_boolean(json_is_true(json_object_get(row, "restart"))));
}

static json_t *view_attribute(const struct placed *service, const json_t *row,
			      const struct pl_attribute *schema, const struct asked *asked)
{
	json_t *view = json_pack("{s:s, s:s, s:o}", "service", service->name, "cluster",
				 service->cluster->name, "overrides",
				 overrides(service, schema->key, asked));
	struct effective effective;

	put_schema(view, row);
	effective_get(&effective, service->name, schema, service->cluster->name, asked->profile);
	json_object_set_new(view, "effective", value_shown(effective.value));
	json_object_set_new(view, "origin", json_string(level_names[effective.level]));
	json_object_set_new(view, "originPlace", json_string(effective.place));
	/* PLT-22: set directly, where SolutionConfiguration would set it */
	json_object_set_new(view, "setOutside",
			    json_boolean(*schema->area && effective.level < LEVEL_SOLUTION));
	put_arrival(view, service, schema->key);
	return view;
}

static void put_service(struct pl_page *page, const struct placed *service,
			const struct asked *asked)
{
	json_t *row;
	size_t i;

	json_array_foreach(json_object_get(service->manifest, "attributes"), i, row) {
		struct pl_attribute schema;

		if (is_row_wanted(asked, row) && pl_attribute_read(&schema, row) == PL_OK)
			pl_page_keep(page, view_attribute(service, row, &schema, asked), "%s:%04zu",
				     service->name, i);
	}
}

/* ?service&cluster&profile&area&attribute; with `version`, the last commit's number */
enum pl_err op_attributes(struct pl_turn *turn, const json_t *body, json_t **replyp)
{
	const json_t *query = json_object_get(body, "query");
	struct pl_page page;
	struct asked asked;
	json_t *list;
	enum pl_err err = pl_page_read(&page, query, "attributes");

	if (!err)
		err = read_asked(&asked, query);
	if (err)
		return err;
	for (const struct placed *s = model.services; s; s = s->next)
		if (is_wanted(&asked, s))
			put_service(&page, s, &asked);
	list = pl_page_answer(&page);
	if (!list)
		return PL_NOMEM;
	json_object_set_new(list, "version", json_integer(values_version()));
	*replyp = json_pack("{s:i,s:o}", "status", 200, "body", list);
	return *replyp ? PL_OK : PL_NOMEM;
}
