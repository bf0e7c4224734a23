/*
 * certificate.c — the certificates of this host, as they are told to the manager, and those that it
 * wishes renewed, as they are told to the root supervisor (platform/cli/renew.h).
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "node.h"
#include "pelago/json.h"
#include "pelago/log.h"
#include "platform/setup/file.h"
#include "platform/setup/setup.h"

static const char *const names[] = { "ca", "edge", "identity", "nats-server" };
enum { NAMES = sizeof(names) / sizeof(names[0]) };

static int64_t written_ns(const char *data, const char *name)
{
	char *path = NULL;
	struct stat st;
	int64_t ns = 0;

	if (asprintf(&path, "%s/tls/%s.pem", data, name) < 0)
		return 0;
	if (stat(path, &st) == 0)
		ns = (int64_t)st.st_mtim.tv_sec * 1000000000 + st.st_mtim.tv_nsec;
	free(path);
	return ns;
}

json_t *certificates_report(const struct node *node)
{
	static int64_t seen_ns[NAMES];
	static json_t *told; /* of this process's one node */
	bool is_changed = !told;

	for (size_t i = 0; i < NAMES; i++) {
		int64_t ns = written_ns(node->data, names[i]);

		is_changed |= ns != seen_ns[i];
		seen_ns[i] = ns;
	}
	if (!is_changed)
		return json_incref(told);
	json_decref(told);
	told = json_array();
	for (size_t i = 0; i < NAMES; i++) {
		json_t *item = NULL;

		if (seen_ns[i] && tls_describe(&item, node->data, names[i]) == PL_OK)
			json_array_append_new(told, item);
	}
	return json_incref(told);
}

/* A serial number that is there no more was obeyed already. */
void certificates_wish(const struct node *node)
{
	const char *name;
	json_t *serial;

	json_object_foreach(json_object_get(node->desired, "renew"), name, serial) {
		enum pl_err err = tls_wish(node->data, name, json_string_value(serial));

		if (err)
			pl_log(ERROR, "certificate.wish", NULL, "certificate=%s: %s", name,
			       pl_err_detail(err));
	}
}
