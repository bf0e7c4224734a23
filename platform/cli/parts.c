/*
 * parts.c — the parts of an instance that the root supervisor runs: programs, arguments,
 * environment.
 *
 * A part's tag says what it was started with: one that was adopted and says otherwise is replaced.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "platform/cli/pulse.h"
#include "pelago/version.h"
#include "platform/cli/root.h"

enum pl_err root_nats_server(char **pathp)
{
	static const char *const folders[] = { "/usr/sbin", "/usr/bin", "/usr/local/sbin",
					       "/usr/local/bin" };
	const char *path = getenv("PATH");
	char *copy = path ? strdup(path) : NULL, *rest = copy, *file = NULL, *folder;

	while (copy && (folder = strsep(&rest, ":"))) {
		if (*folder == '/' && asprintf(&file, "%s/nats-server", folder) >= 0 &&
		    access(file, X_OK) == 0) {
			free(copy);
			*pathp = file;
			return PL_OK;
		}
		free(file);
		file = NULL;
	}
	free(copy);
	for (size_t i = 0; i < sizeof(folders) / sizeof(folders[0]); i++) {
		if (asprintf(&file, "%s/nats-server", folders[i]) >= 0 && access(file, X_OK) == 0) {
			*pathp = file;
			return PL_OK;
		}
		free(file);
		file = NULL;
	}
	return pl_fail(PL_STATE, "nats-server isn't installed: apt-get install nats-server");
}

/* extra: NAME=VALUE for its environment, or NULL */
static enum pl_err add(const struct parts *parts, struct process_spec *spec, const char *extra)
{
	struct process *p;
	enum pl_err err;
	char *log = setup_path(parts->setup, "log/%s.log", spec->name), *log_env = NULL;
	const char *env[] = { NULL, extra, NULL };

	if (!log || asprintf(&log_env, "PELAGO_LOG=%s", log) < 0) {
		free(log);
		return PL_NOMEM;
	}
	env[0] = log_env;
	spec->env = env;
	if (!spec->stop_ms)
		spec->stop_ms = 5000;
	err = process_add(&p, parts->supervisor, spec);
	spec->env = NULL;
	free(log);
	free(log_env);
	return err;
}

/* What a part must have been started with to be adopted as it is. */
static void tag_of(char tag[PART_TAG_MAX], const struct setup *setup)
{
	if (setup->node)
		snprintf(tag, PART_TAG_MAX, "%s", pl_version);
	else
		snprintf(tag, PART_TAG_MAX, "%.40s,%d%s%s", pl_version, setup->bus_port,
			 setup->listen ? "," : "", setup->listen ? setup->listen : "");
}

static enum pl_err add_bus(const struct parts *parts)
{
	char *conf = setup_path(parts->setup, "bus/nats.conf"), tag[PART_TAG_MAX];
	const char *argv[] = { parts->nats_server, "-c", conf, NULL };
	struct process_spec spec = { .name = "nats-server",
				     .tag = tag,
				     .argv = argv,
				     .stale_ms = PULSE_STALE_MS,
				     .keeps_log = true };
	enum pl_err err;

	tag_of(tag, parts->setup);
	err = conf ? add(parts, &spec, NULL) : PL_NOMEM;
	free(conf);
	return err;
}

static enum pl_err add_manager(const struct parts *parts)
{
	const struct setup *s = parts->setup;
	char *program = NULL, *store = setup_store_url(s->store, s->data, "Manager");
	char *heartbeat = setup_path(s, "services/Manager/heartbeat");
	char *password = store ? setup_store_password(store) : NULL, *extra = NULL,
	     tag[PART_TAG_MAX];
	enum pl_err err = PL_NOMEM;

	tag_of(tag, s);
	if (store && heartbeat && asprintf(&program, "%s/pelago-manager", s->programs) >= 0 &&
	    (!password || asprintf(&extra, "PGPASSWORD=%s", password) >= 0)) {
		const char *argv[] = { program, "--data",	s->data,   "--node", "manager",
				       "--bus", parts->bus_url, "--store", store,    NULL };
		struct process_spec spec = { .name = "Manager",
					     .tag = tag,
					     .argv = argv,
					     .stale_ms = setup_store_stale_ms(store),
					     .heartbeat = heartbeat };

		err = add(parts, &spec, extra);
	}
	free(program);
	free(store);
	free(heartbeat);
	free(password);
	free(extra);
	return err;
}

static enum pl_err add_node(const struct parts *parts, const char *name)
{
	char *program = NULL, *store = NULL,
	     *heartbeat = setup_path(parts->setup, "nodes/%s/heartbeat", name);
	enum pl_err err = PL_NOMEM;
	char tag[PART_TAG_MAX];

	tag_of(tag, parts->setup);
	if (heartbeat && asprintf(&program, "%s/pelago-node", parts->setup->programs) >= 0 &&
	    asprintf(&store, "PELAGO_STORE_URL=%s", parts->setup->store) >= 0) {
		const char *argv[] = { program, "--data", parts->setup->data, "--node",
				       name,	"--bus",  parts->bus_url,     NULL };
		struct process_spec spec = { .name = name,
					     .tag = tag,
					     .argv = argv,
					     .heartbeat = heartbeat,
					     .stop_ms = 10000 };

		err = add(parts, &spec, store);
	}
	free(program);
	free(store);
	free(heartbeat);
	return err;
}

static enum pl_err add_edge(const struct parts *parts)
{
	const struct setup *s = parts->setup;
	char *program = NULL, *heartbeat = setup_path(s, "procs/edge.heartbeat"), https[12],
	     http[12];
	char tag[PART_TAG_MAX];
	enum pl_err err = PL_NOMEM;

	snprintf(https, sizeof(https), "%d", s->https_port);
	snprintf(http, sizeof(http), "%d", s->http_port);
	tag_of(tag, s);
	snprintf(tag + strlen(tag), sizeof(tag) - strlen(tag), ",%s,%s%s%s", https, http,
		 s->floating ? "," : "", s->floating ? s->floating : "");
	if (heartbeat && asprintf(&program, "%s/pelago-edge", s->programs) >= 0) {
		const char *argv[] = { program, "--data",	s->data,
				       "--bus", parts->bus_url, "--https-port",
				       https,	"--http-port",	http,
				       NULL };
		struct process_spec spec = {
			.name = "edge", .tag = tag, .argv = argv, .heartbeat = heartbeat
		};

		err = add(parts, &spec, NULL);
	}
	free(program);
	free(heartbeat);
	return err;
}

enum pl_err parts_add(const struct parts *parts)
{
	static const char *const nodes[] = {
#define CLUSTER(kind, name, node) node,
#include "platform/setup/clusters.h"
#undef CLUSTER
	};
	const struct setup *setup = parts->setup;
	enum pl_err err;

	if (setup->node) { /* a joined host */
		err = add_node(parts, setup->node);
		return err || !setup->has_edge ? err : add_edge(parts);
	}
	err = add_bus(parts);

	if (!err)
		err = add_manager(parts);
	for (size_t i = 0; !err && i < sizeof(nodes) / sizeof(nodes[0]); i++)
		err = add_node(parts, nodes[i]);
	return err ? err : add_edge(parts);
}
