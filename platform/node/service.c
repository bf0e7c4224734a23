/*
 * service.c — one service of this node.
 *
 * A process that runs isn't yet one that serves: only its own answer to `ping` tells that, and
 * whether it has applied `accepting`.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <fcntl.h>
#include <unistd.h>

#include "node.h"
#include "pelago/heartbeat.h"
#include "pelago/json.h"
#include "pelago/log.h"
#include "pelago/version.h"
#include "platform/setup/file.h"
#include "platform/bundle/bundle.h"
#include "platform/setup/setup.h"
#include "platform/supervise/lock.h"

struct service *service_find(const struct node *node, const char *name)
{
	for (struct service *s = node->services; s; s = s->next)
		if (strcmp(s->name, name) == 0)
			return s;
	return NULL;
}

void service_free(struct service *s)
{
	if (!s)
		return;
	json_decref(s->reads);
	json_decref(s->producers);
	json_decref(s->ping_restart);
	free(s->name);
	free(s->version);
	free(s->hash);
	free(s->spec_hash);
	free(s->heir_hash);
	free(s);
}

/* Users of the profiles that say something to a service; a new reference. */
static json_t *users_of(const struct node *node, const json_t *profiles)
{
	const json_t *users = json_object_get(node->desired, "users");
	json_t *some = json_object(), *profile;
	const char *name;

	json_object_foreach((json_t *)profiles, name, profile) {
		json_object_set(some, name, json_object_get(users, name));
	}
	return some;
}

static int level_of(const struct node *node)
{
	return (int)json_integer_value(json_object_get(node->desired, "level"));
}

/* What a service's settings file says; sdk/service/attribute.c reads it. */
static json_t *settings_of(const struct service *s, const json_t *item)
{
	static const char *const members[] = { "attributes", "setBy", "profiles" };
	json_t *settings = json_pack("{s:b,s:b,s:I,s:i,s:o}", "accepting", s->is_accepting,
				     "standby", s->is_standby, "settings", (json_int_t)s->settings,
				     "level", level_of(s->node), "users",
				     users_of(s->node, json_object_get(item, "profiles")));

	for (size_t i = 0; i < sizeof(members) / sizeof(members[0]); i++) {
		json_t *value = json_object_get(item, members[i]);

		json_object_set_new(settings, members[i],
				    value ? json_incref(value) : json_object());
	}
	return settings;
}

/* Writes services/NAME/config.json if it says something else than before. */
static enum pl_err write_settings(const struct service *s, const json_t *item)
{
	json_t *settings = NULL, *before = NULL;
	char *folder = NULL, *path = NULL;
	enum pl_err err = PL_NOMEM; /* what the bare gotos below mean */

	if (asprintf(&folder, "%s/services/%s", s->node->data, s->name) < 0)
		return PL_NOMEM;
	if (asprintf(&path, "%s/config.json", folder) < 0) {
		path = NULL;
		goto out;
	}
	settings = settings_of(s, item);
	if (!settings)
		goto out;
	err = folder_make(folder, 0700);
	if (!err && file_read_json(&before, path) == PL_OK && json_equal(before, settings))
		goto out;
	if (!err)
		err = file_replace_json(path, settings, 0600);
out:
	json_decref(settings);
	json_decref(before);
	free(folder);
	free(path);
	return err;
}

void service_tag(char tag[LOCK_TAG_MAX], const struct service *s)
{
	snprintf(tag, LOCK_TAG_MAX, "%s,%.8s", s->version, s->hash);
}

enum pl_err service_specify(struct process **processp, const struct service *s, int slot,
			    const char *folder)
{
	const struct node *n = s->node;
	const char *instance = slot ? "2" : "", *dot = slot ? "." : "";
	char *name = NULL, *program = NULL, *heartbeat = NULL, *log = NULL, *password = NULL;
	char *store = setup_store_url(n->store, n->data, s->name), tag[LOCK_TAG_MAX];
	/* A JSON value is dozens of small pieces: so many of a size are kept at hand, not 7. */
	const char *env[4] = { "GLIBC_TUNABLES=glibc.malloc.tcache_count=64" };
	enum pl_err err = PL_NOMEM;

	service_tag(tag, s);
	if (store && asprintf(&name, "%s%s%s", s->name, dot, instance) >= 0 &&
	    asprintf(&program, "%s/%s", folder, s->name) >= 0 &&
	    asprintf(&heartbeat, "%s/services/%s/heartbeat%s%s", n->data, s->name, dot, instance) >=
		    0 &&
	    asprintf(&log, "PELAGO_LOG=%s/log/%s.log", n->data, name) >= 0 &&
	    (!n->store_password || asprintf(&password, "PGPASSWORD=%s", n->store_password) >= 0)) {
		const char *argv[] = {
			program,  "--data",   n->data,	 "--node", n->name,
			"--bus",  n->bus_url, "--store", store,	   slot ? "--instance" : NULL,
			instance, NULL
		};
		struct process_spec spec = { .name = name,
					     .tag = tag,
					     .argv = argv,
					     .env = env,
					     .heartbeat = heartbeat,
					     .stale_ms = setup_store_stale_ms(store),
					     .stop_ms = 5000 };

		env[1] = log;
		env[2] = password;
		err = *processp ? process_respec(*processp, &spec)
				: process_add(processp, n->supervisor, &spec);
	}
	free(name);
	free(program);
	free(heartbeat);
	free(log);
	free(password);
	free(store);
	return err;
}

static enum pl_err service_new(struct service **servicep, struct node *node, const char *name)
{
	struct service *s = calloc(1, sizeof(*s)), **last = &node->services;
	enum pl_err err;

	if (!s)
		return PL_NOMEM;
	s->node = node;
	s->name = strdup(name);
	if (!s->name) {
		service_free(s);
		return PL_NOMEM;
	}
	/* On a joined host a service that came later has none yet; the manager learns it. */
	err = bus_key_make(s->key, node->data, name);
	if (err) {
		service_free(s);
		return err;
	}
	while (*last)
		last = &(*last)->next;
	*last = s;
	*servicep = s;
	return PL_OK;
}

bool service_uses(const struct service *s, const char *hash)
{
	return strcmp(s->hash, hash) == 0 || (s->spec_hash && strcmp(s->spec_hash, hash) == 0) ||
	       (s->heir_hash && strcmp(s->heir_hash, hash) == 0);
}

static enum pl_err keep(char **textp, const char *text)
{
	char *copy = strdup(text);

	if (!copy)
		return PL_NOMEM;
	free(*textp);
	*textp = copy;
	return PL_OK;
}

/* Its work goes to another node's instance, which waits for just that: what it has it finishes, and
 * comes back as the standby. One that is being replaced ends anyhow. */
static void yield(struct service *s)
{
	struct process_view view;

	if (!s->process || s->heir)
		return;
	process_view_get(&view, s->process);
	if (!view.pid || service_waits(s, &view))
		return;
	pl_log(INFO, "service.yield", NULL, "service=%s", s->name);
	process_stop(s->process);
	process_start(s->process);
}

enum pl_err service_apply(struct node *node, const json_t *item)
{
	const char *name = NULL, *version = NULL, *hash = NULL;
	json_t *reads = NULL, *producers = NULL;
	struct service *s;
	enum pl_err err;
	bool accepting = true, standby = false, was_standby;
	int64_t settings = 0;

	if ((err = pl_json_text(&name, item, "name", 64, true)) ||
	    (err = pl_json_text(&version, item, "version", BUNDLE_VERSION_MOST, true)) ||
	    (err = pl_json_text(&hash, item, "hash", BUNDLE_HASH_SIZE - 1, true)) ||
	    (err = pl_json_bool(&accepting, item, "accepting", false)) ||
	    (err = pl_json_int(&settings, item, "settings", 0, INT64_MAX, false)) ||
	    (err = pl_json_bool(&standby, item, "standby", false)) ||
	    (err = pl_json_array(&reads, item, "reads", 100, false)) ||
	    (err = pl_json_object(&producers, item, "producers", 100, false)))
		return err;
	s = service_find(node, name);
	if (!s && (err = service_new(&s, node, name)))
		return err;
	if ((err = keep(&s->version, version)) || (err = keep(&s->hash, hash)))
		return err;
	was_standby = s->is_standby;
	s->is_accepting = accepting;
	s->settings = settings;
	s->is_standby = standby;
	json_decref(s->reads);
	s->reads = json_incref(reads);
	json_decref(s->producers);
	s->producers = json_incref(producers);
	err = write_settings(s, item);
	if (err) /* it runs with the settings of before */
		pl_log(ERROR, "service.settings", NULL, "service=%s: %s", name, pl_err_detail(err));
	if (s->is_leaving && s->process)
		process_start(s->process); /* it shall stay after all */
	s->is_leaving = false;
	if (standby && !was_standby)
		yield(s);
	return PL_OK;
}

void service_leave(struct service *s, bool is_killed)
{
	service_drop_heir(s);
	if (!s->is_leaving && s->process)
		process_stop(s->process);
	if (is_killed && s->process)
		process_signal(s->process, SIGKILL);
	s->is_leaving = true;
}

void service_reap(struct node *node)
{
	for (struct service **at = &node->services; *at;) {
		struct service *s = *at;

		if (s->is_leaving)
			service_drop_heir(s);
		if (s->is_leaving && !s->heir &&
		    (!s->process || process_remove(s->process) == PL_OK)) {
			*at = s->next;
			service_free(s);
			node->report_soon = true;
		} else {
			at = &s->next;
		}
	}
}

void service_view(struct process_view *view, const struct service *s)
{
	if (s->process)
		process_view_get(view, s->process);
	else
		*view = (struct process_view){ .name = s->name,
					       .tag = "",
					       .state = PROCESS_WAITING,
					       .why = "waits for its bundle" };
}

/* How much of a slot's heartbeat there is; what isn't is 0. */
static size_t read_beat(struct pl_heartbeat *beat, const struct service *s, int slot)
{
	char path[600];
	ssize_t len = 0;
	int fd;

	memset(beat, 0, sizeof(*beat));
	snprintf(path, sizeof(path), "%s/services/%s/heartbeat%s", s->node->data, s->name,
		 slot ? ".2" : "");
	fd = open(path, O_RDONLY | O_CLOEXEC);
	if (fd >= 0) {
		len = pread(fd, beat, sizeof(*beat), 0);
		close(fd);
	}
	if (len < (ssize_t)offsetof(struct pl_heartbeat, settings))
		beat->state = 0; /* a service of before stands by in silence */
	return len > 0 ? (size_t)len : 0;
}

/* Of the process that runs now, not of one that wrote the same file before it. */
static bool stands_by(const struct pl_heartbeat *beat, const struct process_view *view,
		      int64_t now_ms)
{
	return (beat->state & PL_HEARTBEAT_STANDBY) && beat->at_ms >= now_ms - view->uptime_ms;
}

bool service_heir_waits(const struct service *s, int64_t now_ms)
{
	struct process_view view;
	struct pl_heartbeat beat;

	process_view_get(&view, s->heir);
	return view.is_healthy && read_beat(&beat, s, !s->slot) && stands_by(&beat, &view, now_ms);
}

void service_look(struct service *s, int64_t now_ms)
{
	struct pl_heartbeat beat = { 0 };
	struct process_view view;
	size_t len = 0;

	if (now_ms - s->looked_ms < BEAT_LOOK_MS)
		return;
	s->looked_ms = now_ms;
	if (!s->process)
		return;
	process_view_get(&view, s->process);
	if (view.is_healthy)
		len = read_beat(&beat, s, s->slot);
	s->waits = stands_by(&beat, &view, now_ms);
	s->waits_pid = view.pid;
	if (len > 0 && !s->waits && now_ms - beat.at_ms > s->node->lag_ms)
		s->node->lag_ms = now_ms - beat.at_ms;
	if (!s->waits)
		return;
	s->node->report_soon |= s->ping_settings != beat.settings;
	s->ping_accepting = beat.state & PL_HEARTBEAT_ACCEPTING;
	s->ping_settings = beat.settings;
	json_decref(s->ping_restart);
	s->ping_restart = NULL;
}

bool service_waits(const struct service *s, const struct process_view *view)
{
	return s->waits && view->pid == s->waits_pid;
}

bool service_is_serving(const struct service *s, const struct process_view *view, int64_t now_ms)
{
	if (!view->is_healthy)
		return false;
	return service_waits(s, view) ||
	       (view->pid == s->ping_pid && now_ms - s->ping_heard_ms < PING_STALE_MS);
}

/* One made without the SDK tells nothing, one made with an older SDK stays at that one's level. */
static bool is_below_level(const struct service *s)
{
	int own = pl_version_minor(s->ping_release), level = level_of(s->node);

	return s->ping_level < (own < level ? own : level);
}

void service_ping(struct service *s, int64_t now_ms)
{
	struct process_view view;
	char subject[100], reply[180];
	int64_t wait_ms;
	bool is_calm;

	if (!s->process || s->is_leaving)
		return;
	process_view_get(&view, s->process);
	if (view.state != PROCESS_RUNNING || service_waits(s, &view))
		return;
	is_calm = view.pid == s->ping_pid && s->ping_accepting == s->is_accepting &&
		  s->ping_settings == s->settings && s->ping_outbox == 0 && !is_below_level(s);
	wait_ms = !is_calm ? PING_MS : view.uptime_ms < NEW_MS ? PING_NEW_MS : PING_CALM_MS;
	if (now_ms - s->ping_sent_ms < wait_ms)
		return;
	s->ping_sent_ms = now_ms;
	snprintf(subject, sizeof(subject), "svc.%s.ping", s->name);
	snprintf(reply, sizeof(reply), "%s.ping.%s", s->node->inbox, s->name);
	node_publish(s->node, subject, reply, json_object());
}

void service_pinged(struct node *node, const char *name, const json_t *answer)
{
	struct service *s = service_find(node, name);
	struct process_view view;
	json_t *restart;
	int64_t settings;
	bool accepting;
	pid_t pid;

	/* Another node's instance may have answered. */
	if (!s || !s->process || strcmp(pl_json_get_text(answer, "node"), node->name) != 0)
		return;
	process_view_get(&view, s->process);
	pid = (pid_t)json_integer_value(json_object_get(answer, "pid"));
	accepting = json_is_true(json_object_get(answer, "accepting"));
	if (pid != view.pid)
		return;
	settings = json_integer_value(json_object_get(answer, "settings"));
	restart = json_object_get(answer, "restart");
	if (pid != s->ping_pid || accepting != s->ping_accepting || settings != s->ping_settings ||
	    !json_equal(restart, s->ping_restart) ||
	    json_integer_value(json_object_get(answer, "level")) != s->ping_level)
		node->report_soon = true;
	s->ping_level = (int)json_integer_value(json_object_get(answer, "level"));
	snprintf(s->ping_release, sizeof(s->ping_release), "%s",
		 pl_json_get_text(answer, "release"));
	snprintf(s->ping_level_why, sizeof(s->ping_level_why), "%s",
		 pl_json_get_text(answer, "levelWhy"));
	s->ping_pid = pid;
	s->ping_accepting = accepting;
	s->ping_settings = settings;
	json_decref(s->ping_restart);
	s->ping_restart = json_incref(restart);
	s->ping_outbox = json_integer_value(json_object_get(answer, "outbox"));
	s->ping_defects = json_integer_value(json_object_get(answer, "defects"));
	s->ping_heard_ms = supervisor_now_ms();
}
