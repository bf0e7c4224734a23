/*
 * attribute_name.c — services and attributes by the names that people type.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include <stdio.h>
#include <string.h>
#include <strings.h>

#include "attribute.h"
#include "pelago/json.h"

static const struct spelling {
	const char *older, *name;
} spellings[] = {
	{ "UCASStoreService", "UCAStoreService" },
	{ "OceanaConfiguration", "SolutionConfiguration" },
	{ "AvayaMobileCommunications", "MobileCommunications" },
	{ "ZangSmsConnector", "SmsConnector" },
};

const struct placed *name_service(const char *typed)
{
	for (size_t i = 0; i < sizeof(spellings) / sizeof(spellings[0]); i++)
		if (strcasecmp(spellings[i].older, typed) == 0)
			typed = spellings[i].name;
	for (const struct placed *s = model.services; s; s = s->next)
		if (strcasecmp(s->name, typed) == 0)
			return s;
	return NULL;
}

/* The row that is meant: its key or its name; NULL if there is none. */
static const json_t *row_of(const struct placed *service, const char *typed)
{
	json_t *row;
	size_t i;

	json_array_foreach(json_object_get(service->manifest, "attributes"), i, row) {
		if (strcasecmp(pl_json_get_text(row, "key"), typed) == 0 ||
		    strcasecmp(pl_json_get_text(row, "name"), typed) == 0)
			return row;
	}
	return NULL;
}

enum pl_err name_attribute(const struct placed **servicep, struct pl_attribute *schema,
			   const char *service, const char *attribute)
{
	const struct placed *only = service ? name_service(service) : NULL;
	const json_t *found = NULL, *row;
	char names[300] = "";
	size_t len = 0;
	int count = 0;

	if (service && !only)
		return pl_fail(PL_NOTFOUND, "there is no service '%s'", service);
	for (const struct placed *s = model.services; s; s = s->next) {
		row = only && s != only ? NULL : row_of(s, attribute);
		if (!row || (found && strcmp((*servicep)->name, s->name) == 0))
			continue; /* or it is in another cluster, too */
		len += (size_t)snprintf(names + len, sizeof(names) - len, "%s%s",
					count++ ? ", " : "", s->name);
		if (len >= sizeof(names))
			len = sizeof(names) - 1;
		found = row;
		*servicep = s;
	}
	if (!found && only)
		return pl_fail(PL_NOTFOUND, "%s has no attribute '%s'", only->name, attribute);
	if (!found)
		return pl_fail(PL_NOTFOUND, "no service has an attribute '%s'", attribute);
	if (count > 1)
		return pl_fail(PL_INVALID, "'%s' is an attribute of %s: name the service",
			       attribute, names);
	return pl_attribute_read(schema, found);
}
