/*
 * config.c — what the node wants of this service, and the heartbeat that tells the node we live.
 *
 * Both are files in the service's folder, so neither needs the bus: config.json {"accepting":BOOL,
 * "level":NUMBER,…} (the rest: attribute.c) is read when its time changes; "standby":BOOL counts at
 * the start. heartbeat is pelago/heartbeat.h.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "impl.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

static void read_config(struct pl_service *s)
{
	char path[600];
	struct stat st;
	int64_t mtime_ns;
	json_t *config;

	snprintf(path, sizeof(path), "%s/config.json", s->dir);
	if (stat(path, &st))
		return;
	mtime_ns = (int64_t)st.st_mtim.tv_sec * 1000000000 + st.st_mtim.tv_nsec;
	if (mtime_ns == s->config_mtime_ns)
		return;
	config = json_load_file(path, 0, NULL);
	if (!json_is_object(config)) {
		pl_log(ERROR, "config.broken", NULL,
		       "%s is not a JSON object; the former settings hold", path);
		json_decref(config);
		s->config_mtime_ns = mtime_ns;
		return;
	}
	s->config_mtime_ns = mtime_ns;
	json_decref(s->config);
	s->config = config;
	s->accepting = !json_is_false(json_object_get(config, "accepting"));
	level_wish(s, json_integer_value(json_object_get(config, "level")));
	attribute_apply(s);
	pl_log(INFO, "config.applied", NULL, "accepting=%d", s->accepting);
}

/* The time last: whoever sees it sees the state, too. */
static void tell(struct pl_service *s, int64_t now_ms)
{
	s->heartbeat->state =
		(s->waits ? PL_HEARTBEAT_STANDBY : 0) | (s->accepting ? PL_HEARTBEAT_ACCEPTING : 0);
	s->heartbeat->settings = json_integer_value(json_object_get(s->config, "settings"));
	s->heartbeat->at_ms = now_ms;
}

enum pl_err config_open(struct pl_service *s)
{
	char path[600];
	int fd;
	void *at;

	enum pl_err err = attribute_open(s);

	if (err)
		return err;
	s->accepting = true;
	snprintf(s->dir, sizeof(s->dir), "%s/services/%s", s->data, s->def->name);
	if (mkdir(s->dir, 0700) && errno != EEXIST)
		return pl_fail(PL_IO, "%s can't be made: %s", s->dir, strerror(errno));
	snprintf(path, sizeof(path), "%s/heartbeat%s%s", s->dir, *s->instance ? "." : "",
		 s->instance);
	fd = open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0600);
	if (fd < 0 || ftruncate(fd, sizeof(struct pl_heartbeat))) {
		if (fd >= 0)
			close(fd);
		return pl_fail(PL_IO, "%s can't be written: %s", path, strerror(errno));
	}
	at = mmap(NULL, sizeof(struct pl_heartbeat), PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
	close(fd);
	if (at == MAP_FAILED)
		return pl_fail(PL_IO, "%s can't be mapped: %s", path, strerror(errno));
	s->heartbeat = at;
	read_config(s);
	if (!s->config)
		attribute_apply(s);
	tell(s, mono_ms());
	return PL_OK;
}

void config_beat(struct pl_service *s)
{
	int64_t now = mono_ms();

	tell(s, now);
	if (now >= s->config_ms) {
		s->config_ms = now + 300;
		read_config(s);
	}
	if (s->store && now >= s->disk_ms) {
		int64_t left = pl_store_free_bytes(s->store);
		bool low = left >= 0 && left < DISK_LEAST;

		s->disk_ms = now + 1000;
		/* A server doesn't tell: after a refusal new work is tried again each second. */
		if (left >= 0 && low != s->disk_low)
			pl_log(ERROR, "disk.space", NULL, "%s: %ld bytes left; new work is %s",
			       s->dir, (long)left,
			       low ? "refused until there is room" : "taken again");
		s->disk_low = low;
	}
}
