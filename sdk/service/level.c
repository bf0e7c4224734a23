/*
 * level.c — the level: in what form is written, and the schema that fits it.
 *
 * Steps of the schema may take longer than the node waits for a heartbeat: meanwhile a thread
 * beats.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "impl.h"

#include <pthread.h>
#include <stdatomic.h>
#include <unistd.h>

#include "pelago/version.h"

enum { BEAT_US = 100000, BEATS_MOST = 1200, AGAIN_MS = 2000 };

struct pulse {
	struct pl_service *service;
	atomic_bool is_over;
	bool is_running;
	pthread_t thread;
};

static void *pulse_run(void *arg)
{
	struct pulse *p = arg;

	for (int i = 0; i < BEATS_MOST && !atomic_load(&p->is_over); i++) {
		p->service->heartbeat->at_ms = mono_ms();
		usleep(BEAT_US);
	}
	return NULL;
}

static enum pl_err migrate(struct pl_service *s, int level)
{
	struct pulse pulse = { .service = s };
	int sdk_level = level;
	enum pl_err err;

	pulse.is_running = pthread_create(&pulse.thread, NULL, pulse_run, &pulse) == 0;
	err = pl_store_migrate(s->store, "sdk", sdk_migrations, sdk_migrations_count, &sdk_level);
	if (!err)
		err = pl_store_migrate(s->store, s->def->name, s->def->migrations,
				       s->def->migrations_count, &level);
	atomic_store(&pulse.is_over, true);
	if (pulse.is_running)
		pthread_join(pulse.thread, NULL);
	if (!err)
		s->level = level;
	return err;
}

/* One that is older than the solution is another maker's: it goes on in its own form. What is ours
 * and older finds the level in its database, and is refused. */
void level_wish(struct pl_service *s, int64_t level)
{
	int own = pl_version_minor(pl_version);

	s->level_wanted = level > own ? own : (int)level;
}

enum pl_err level_open(struct pl_service *s)
{
	return migrate(s, s->level_wanted);
}

void level_beat(struct pl_service *s)
{
	enum pl_err err;

	if (s->level_wanted <= s->level || mono_ms() < s->level_ms)
		return;
	pl_err_clear();
	err = migrate(s, s->level_wanted);
	if (err) {
		s->level_ms = mono_ms() + AGAIN_MS;
		snprintf(s->level_why, sizeof(s->level_why), "%s", pl_err_detail(err));
		pl_log(ERROR, "service.level", NULL, "level %d stays, %d is wanted: %s", s->level,
		       s->level_wanted, s->level_why);
		return;
	}
	s->level_why[0] = '\0';
	pl_log(INFO, "service.level", NULL, "level=%d", s->level);
}

int pl_level(const struct pl_service *service)
{
	return service->level;
}

void pl_level_want(struct pl_service *service, int level)
{
	level_wish(service, level);
}
