/*
 * bulk.c — see packet.h: Elasticsearch's bulk interface, which others have, too.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "packet.h"
#include "pelago/json.h"

struct bulk {
	FILE *out;
	char action[200], at[40];
	int64_t count;
};

/* Gives figures. */
static void add(struct bulk *bulk, const char *host, const char *kind, json_t *figures)
{
	json_t *document = json_pack("{s:s, s:{s:s}, s:{s:s}, s:{s:s}, s:o}", "@timestamp",
				     bulk->at, "agent", "type", "pelago", "host", "name", host,
				     "metricset", "name", kind, kind, figures);
	char *text = document ? json_dumps(document, JSON_COMPACT) : NULL;

	if (text) {
		fprintf(bulk->out, "%s\n%s\n", bulk->action, text);
		bulk->count++;
	}
	free(text);
	json_decref(document);
}

static void add_host(struct bulk *bulk, const json_t *host)
{
	const char *name = pl_json_get_text(host, "host");
	json_t *item;
	size_t i;

	json_array_foreach(json_object_get(host, "interfaces"), i, item)
		add(bulk, name, "interface", json_incref(item));
	if (json_object_get(host, "protocols"))
		add(bulk, name, "protocols", json_incref(json_object_get(host, "protocols")));
	json_array_foreach(json_object_get(host, "processes"), i, item)
		add(bulk, name, "process", json_incref(item));
}

/* RFC 3339, with milliseconds. */
static void write_time(char at[40], int64_t ms)
{
	time_t s = (time_t)(ms / 1000);
	struct tm tm;
	size_t len;

	gmtime_r(&s, &tm);
	len = strftime(at, 40, "%Y-%m-%dT%H:%M:%S", &tm);
	snprintf(at + len, 40 - len, ".%03dZ", (int)(ms % 1000));
}

char *bulk_of(const json_t *round, const char *index, int64_t *countp)
{
	struct bulk bulk = { 0 };
	const json_t *host;
	char *text = NULL;
	size_t len, i;

	bulk.out = open_memstream(&text, &len);
	if (!bulk.out)
		return NULL;
	snprintf(bulk.action, sizeof(bulk.action), "{\"create\":{\"_index\":\"%.100s\"}}", index);
	write_time(bulk.at, json_integer_value(json_object_get(round, "atMs")));
	json_array_foreach(json_object_get(round, "hosts"), i, host)
		add_host(&bulk, host);
	*countp = bulk.count;
	if (fclose(bulk.out) == 0 && bulk.count)
		return text;
	free(text);
	return NULL;
}

int64_t bulk_refused(const char *answer)
{
	json_t *body = json_loads(answer, 0, NULL), *item;
	const json_t *errors = json_object_get(body, "errors");
	int64_t refused = json_is_boolean(errors) ? 0 : -1;
	size_t i;

	json_array_foreach(json_is_true(errors) ? json_object_get(body, "items") : NULL, i, item) {
		int64_t status = json_integer_value(pl_json_get(item, "create.status"));

		refused += status < 200 || status > 299;
	}
	json_decref(body);
	return refused;
}
