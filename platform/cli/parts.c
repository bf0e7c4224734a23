/*
 * parts.c — the parts of an instance that the root supervisor runs: programs, arguments,
 * environment.
 *
 * A part's tag says what it was started with: one that was adopted and says otherwise is replaced.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "pelago/json.h"
#include "platform/cli/pulse.h"
#include "pelago/version.h"
#include "platform/cli/root.h"
#include "platform/setup/programs.h"

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
static enum pl_err put(struct process **processp, const struct parts *parts,
		       struct process_spec *spec, const char *extra)
{
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
	err = *processp ? process_respec(*processp, spec)
			: process_add(processp, parts->supervisor, spec);
	spec->env = NULL;
	free(log);
	free(log_env);
	return err;
}

/* What a part must have been started with to be adopted as it is: its version, "bus" of
 * nats-server, and what else its arguments say. */
static void tag_of(char tag[PART_TAG_MAX], const struct setup *setup, const char *version)
{
	if (setup->node)
		snprintf(tag, PART_TAG_MAX, "%s", version);
	else
		snprintf(tag, PART_TAG_MAX, "%s,%d%s%s", version, setup->bus_port,
			 setup->listen ? "," : "", setup->listen ? setup->listen : "");
}

/*
 * Where there are two processors all of our processes share them, and a second thread of its
 * scheduler would mostly look for work in vain.
 */
static const char *bus_threads(void)
{
	return sysconf(_SC_NPROCESSORS_ONLN) <= 2 && !getenv("GOMAXPROCS") ? "GOMAXPROCS=1" : NULL;
}

struct part { /* that is being put */
	struct process **processp;
	const struct parts *parts;
	const char *name, *version;
	char *folder; /* of its programs */
	int slot;
};

static enum pl_err put_bus(const struct part *part)
{
	char *conf = setup_path(part->parts->setup, "bus/nats.conf"), tag[PART_TAG_MAX];
	const char *argv[] = { part->parts->nats_server, "-c", conf, NULL };
	struct process_spec spec = { .name = part->name,
				     .tag = tag,
				     .argv = argv,
				     .stale_ms = PULSE_STALE_MS,
				     .keeps_log = true };
	enum pl_err err;

	tag_of(tag, part->parts->setup, "bus");
	err = conf ? put(part->processp, part->parts, &spec, bus_threads()) : PL_NOMEM;
	free(conf);
	return err;
}

static enum pl_err put_manager(const struct part *part)
{
	const struct setup *s = part->parts->setup;
	char *program = NULL, *store = setup_store_url(s->store, s->data, "Manager");
	char *heartbeat = setup_path(s, "services/Manager/heartbeat");
	char *password = store ? setup_store_password(store) : NULL, *extra = NULL,
	     tag[PART_TAG_MAX];
	enum pl_err err = PL_NOMEM;

	tag_of(tag, s, part->version);
	if (store && heartbeat && asprintf(&program, "%s/pelago-manager", part->folder) >= 0 &&
	    (!password || asprintf(&extra, "PGPASSWORD=%s", password) >= 0)) {
		const char *argv[] = { program,
				       "--data",
				       s->data,
				       "--node",
				       "manager",
				       "--bus",
				       part->parts->bus_url,
				       "--store",
				       store,
				       NULL };
		struct process_spec spec = { .name = part->name,
					     .tag = tag,
					     .argv = argv,
					     .stale_ms = setup_store_stale_ms(store),
					     .heartbeat = heartbeat };

		err = put(part->processp, part->parts, &spec, extra);
	}
	free(program);
	free(store);
	free(heartbeat);
	free(password);
	free(extra);
	return err;
}

static enum pl_err put_node(const struct part *part)
{
	const struct setup *s = part->parts->setup;
	char *program = NULL, *store = NULL,
	     *heartbeat = setup_path(s, "nodes/%s/heartbeat", part->name);
	enum pl_err err = PL_NOMEM;
	char tag[PART_TAG_MAX];

	tag_of(tag, s, part->version);
	if (heartbeat && asprintf(&program, "%s/pelago-node", part->folder) >= 0 &&
	    asprintf(&store, "PELAGO_STORE_URL=%s", s->store) >= 0) {
		const char *argv[] = { program,
				       "--data",
				       s->data,
				       "--node",
				       part->name,
				       "--bus",
				       part->parts->bus_url,
				       NULL };
		struct process_spec spec = { .name = part->name,
					     .tag = tag,
					     .argv = argv,
					     .heartbeat = heartbeat,
					     .stop_ms = 10000 };

		err = put(part->processp, part->parts, &spec, store);
	}
	free(program);
	free(store);
	free(heartbeat);
	return err;
}

/* ---- the edge ---- */

enum { WEB_MOST = 8, EDGE_ARGS = 12 + 2 * WEB_MOST };

static bool is_folder(const char *path)
{
	struct stat st;

	return stat(path, &st) == 0 && S_ISDIR(st.st_mode);
}

/* Where the pages of a version's programs are: as platform/edge/options.c looks for them. */
static char *web_of(const char *folder)
{
	static const char *const places[] = { "../web/dist", "web" };

	for (size_t i = 0; i < sizeof(places) / sizeof(places[0]); i++) {
		char *path = NULL;

		if (asprintf(&path, "%s/%s", folder, places[i]) < 0)
			return NULL;
		if (is_folder(path))
			return path;
		free(path);
	}
	return NULL;
}

static void add_web(char *webs[WEB_MOST], size_t *countp, const char *folder)
{
	char *web = *countp < WEB_MOST ? web_of(folder) : NULL;

	if (web)
		webs[(*countp)++] = web;
}

/* The pages of all other versions that are on this host: some of them are open somewhere. */
static size_t other_webs(char *webs[WEB_MOST], const struct part *part)
{
	char *folder = setup_path(part->parts->setup, "platform");
	const char *base = pl_json_get_text(part->parts->programs, "base.path");
	DIR *dir = folder ? opendir(folder) : NULL;
	struct dirent *entry;
	size_t count = 0;

	if (*base && strcmp(base, part->folder) != 0)
		add_web(webs, &count, base);
	while (dir && (entry = readdir(dir))) {
		char *place;

		if (entry->d_name[0] == '.' || entry->d_type == DT_LNK ||
		    strcmp(entry->d_name, part->version) == 0)
			continue;
		place = platform_place(part->parts->setup->data, entry->d_name);
		if (place)
			add_web(webs, &count, place);
		free(place);
	}
	if (dir)
		closedir(dir);
	free(folder);
	return count;
}

static enum pl_err put_edge(const struct part *part)
{
	const struct setup *s = part->parts->setup;
	const char *dot = part->slot ? ".2" : "";
	char *program = NULL, *heartbeat = setup_path(s, "procs/edge.heartbeat%s", dot),
	     *name = NULL, https[12], http[12], tag[PART_TAG_MAX], *webs[WEB_MOST];
	size_t count = other_webs(webs, part);
	enum pl_err err = PL_NOMEM;

	snprintf(https, sizeof(https), "%d", s->https_port);
	snprintf(http, sizeof(http), "%d", s->http_port);
	tag_of(tag, s, part->version);
	snprintf(tag + strlen(tag), sizeof(tag) - strlen(tag), ",%s,%s%s%s", https, http,
		 s->floating ? "," : "", s->floating ? s->floating : "");
	if (heartbeat && asprintf(&name, "%s%s", part->name, dot) >= 0 &&
	    asprintf(&program, "%s/pelago-edge", part->folder) >= 0) {
		const char *argv[EDGE_ARGS] = {
			program,	"--data", s->data,	 "--bus", part->parts->bus_url,
			"--https-port", https,	  "--http-port", http
		};
		size_t n = 9;
		struct process_spec spec = {
			.name = name, .tag = tag, .argv = argv, .heartbeat = heartbeat
		};

		if (part->slot) {
			argv[n++] = "--instance";
			argv[n++] = "2";
		}
		for (size_t i = 0; i < count; i++) {
			argv[n++] = "--more-web";
			argv[n++] = webs[i];
		}
		argv[n] = NULL;
		err = put(part->processp, part->parts, &spec, NULL);
	}
	for (size_t i = 0; i < count; i++)
		free(webs[i]);
	free(name);
	free(program);
	free(heartbeat);
	return err;
}

/* ---- all of them ---- */

enum pl_err part_put(struct process **processp, const struct parts *parts, const char *name,
		     const char *version, int slot)
{
	static const struct {
		const char *name;
		enum pl_err (*put)(const struct part *part);
	} rows[] = { { "nats-server", put_bus },
		     { PROGRAM_MANAGER, put_manager },
		     { PROGRAM_EDGE, put_edge } };
	struct part part = { processp, parts, name, version, NULL, slot };
	enum pl_err (*fn)(const struct part *part) = put_node;
	enum pl_err err;

	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++)
		if (strcmp(rows[i].name, name) == 0)
			fn = rows[i].put;
	if (fn != put_bus) {
		part.folder =
			json_object_get(parts->programs, "base")
				? programs_folder(parts->programs, parts->setup->data, version)
				: strdup(parts->setup->programs);
		if (!part.folder)
			return pl_fail(PL_NOTFOUND,
				       "the programs of version %s aren't on this host", version);
	}
	err = fn(&part);
	free(part.folder);
	return err;
}

enum pl_err parts_each(const struct setup *setup, part_fn *fn, void *arg)
{
	static const char *const nodes[] = {
#define CLUSTER(kind, name, node) node,
#include "platform/setup/clusters.h"
#undef CLUSTER
	};
	enum pl_err err;

	if (setup->node) { /* a joined host */
		err = fn(setup->node, arg);
		return err || !setup->has_edge ? err : fn(PROGRAM_EDGE, arg);
	}
	err = fn("nats-server", arg);
	if (!err)
		err = fn(PROGRAM_MANAGER, arg);
	for (size_t i = 0; !err && i < sizeof(nodes) / sizeof(nodes[0]); i++)
		err = fn(nodes[i], arg);
	return err ? err : fn(PROGRAM_EDGE, arg);
}
