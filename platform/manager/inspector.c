/*
 * inspector.c — see inspector.h. One lock guards the list of jobs.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "platform/manager/inspector.h"

#include <pthread.h>
#include <stdlib.h>
#include <string.h>
#include <sys/utsname.h>

#include "pelago/version.h"
#include "platform/bundle/bundle.h"
#include "platform/setup/file.h"
#include "platform/setup/setup.h"

enum { WAITING_MOST = 64 };

struct job {
	struct job *next;
	char id[27], *path; /* path: of a file; else data was given */
	json_t *known;
	pl_posted_fn *done;
	void *data;
	size_t len;
};

static struct {
	struct pl_service *service;
	pl_posted_fn *done;
	pthread_t thread;
	bool is_open, is_stopping;
	pthread_mutex_t lock;
	pthread_cond_t wake;
	struct job *first, *files; /* files: whose bytes are kept */
	unsigned waiting;
} inspector = { .lock = PTHREAD_MUTEX_INITIALIZER, .wake = PTHREAD_COND_INITIALIZER };

static void job_free(struct job *job)
{
	json_decref(job->known);
	free(job->path);
	free(job->data);
	free(job);
}

static enum pl_err check(struct bundle *bundle, const struct job *job)
{
	struct bundle_rules rules = { .platform = pl_version };
	char *programs = setup_programs_path();
	json_t *keys = json_object();
	struct utsname machine;
	enum pl_err err = keys && programs ? PL_OK : PL_NOMEM;

	uname(&machine);
	rules.arch = machine.machine;
	rules.keys = keys;
	if (!err)
		err = (job->path ? bundle_trusted : bundle_makers)(
			keys, pl_service_data(inspector.service), programs);
	if (!err)
		err = bundle_read(bundle, job->data, job->len, &rules);
	json_decref(keys);
	free(programs);
	return err;
}

static json_t *inspect(struct job *job)
{
	char hash[BUNDLE_HASH_SIZE];
	struct bundle bundle = { 0 };
	bool is_known = false;
	json_t *result;
	enum pl_err err = PL_OK;

	pl_err_clear();
	if (job->path)
		err = file_read((char **)&job->data, &job->len, job->path);
	if (!err)
		err = bundle_hash(hash, job->data, job->len);
	is_known = !err && json_object_get(job->known, hash);
	if (!err && !is_known)
		err = check(&bundle, job);
	result = json_pack("{s:s,s:i,s:s*}", "id", job->id, "err", (int)err, "path", job->path);
	if (err)
		json_object_set_new(result, "message", json_string(pl_err_detail(err)));
	else
		json_object_update_new(result, json_pack("{s:s,s:I,s:b,s:O*,s:s*}", "hash", hash,
							 "size", (json_int_t)job->len, "known",
							 is_known, "manifest", bundle.manifest,
							 "signer", bundle.signer));
	bundle_fini(&bundle);
	return result;
}

/* A file's bytes are kept until its turn has stored them. */
static void job_end(struct job *job, bool is_kept)
{
	if (!is_kept) {
		job_free(job);
		return;
	}
	pthread_mutex_lock(&inspector.lock);
	job->next = inspector.files;
	inspector.files = job;
	pthread_mutex_unlock(&inspector.lock);
}

static void *work(void *unused)
{
	pthread_mutex_lock(&inspector.lock);
	for (;;) {
		struct job *job;
		json_t *result;
		bool is_kept;

		while (!inspector.is_stopping && !inspector.first)
			pthread_cond_wait(&inspector.wake, &inspector.lock);
		if (inspector.is_stopping)
			break;
		job = inspector.first;
		inspector.first = job->next;
		inspector.waiting--;
		pthread_mutex_unlock(&inspector.lock);
		result = inspect(job);
		is_kept = job->path && json_object_get(result, "manifest");
		if (is_kept) { /* before its turn asks for it */
			pl_posted_fn *done = job->done;

			job_end(job, true);
			pl_service_post(inspector.service, done, result, NULL);
		} else {
			pl_service_post(inspector.service, job->done, result, NULL);
			job_end(job, false);
		}
		pthread_mutex_lock(&inspector.lock);
	}
	pthread_mutex_unlock(&inspector.lock);
	return NULL;
}

enum pl_err inspector_open(struct pl_service *service, pl_posted_fn *done)
{
	inspector.service = service;
	inspector.done = done;
	if (pthread_create(&inspector.thread, NULL, work, NULL) != 0)
		return pl_fail(PL_UNAVAILABLE, "no thread can be started");
	inspector.is_open = true;
	return PL_OK;
}

void inspector_close(void)
{
	if (!inspector.is_open)
		return;
	pthread_mutex_lock(&inspector.lock);
	inspector.is_stopping = true;
	pthread_cond_signal(&inspector.wake);
	pthread_mutex_unlock(&inspector.lock);
	pthread_join(inspector.thread, NULL);
	while (inspector.first) {
		struct job *job = inspector.first;

		inspector.first = job->next;
		job_free(job);
	}
	inspector_forget_files();
	inspector.is_open = false;
}

static enum pl_err put(struct job *job)
{
	enum pl_err err = PL_OK;
	struct job **last;

	pthread_mutex_lock(&inspector.lock);
	if (inspector.waiting >= WAITING_MOST) {
		err = pl_fail(PL_RATE, "too many bundles are being loaded; try again");
	} else {
		for (last = &inspector.first; *last; last = &(*last)->next)
			;
		*last = job;
		inspector.waiting++;
		pthread_cond_signal(&inspector.wake);
	}
	pthread_mutex_unlock(&inspector.lock);
	if (err)
		job_free(job);
	return err;
}

enum pl_err inspector_put(const char *id, void *data, size_t len)
{
	struct job *job = calloc(1, sizeof(*job));

	if (!job) {
		free(data);
		return PL_NOMEM;
	}
	memcpy(job->id, id, strnlen(id, sizeof(job->id) - 1));
	job->done = inspector.done;
	job->data = data;
	job->len = len;
	return put(job);
}

enum pl_err inspector_put_file(const char *path, const json_t *known, pl_posted_fn *done)
{
	struct job *job = calloc(1, sizeof(*job));

	if (!job)
		return PL_NOMEM;
	job->path = strdup(path);
	job->known = json_deep_copy(known);
	job->done = done;
	if (job->path && job->known)
		return put(job);
	job_free(job);
	return PL_NOMEM;
}

const void *inspector_file(size_t *lenp, const char *path)
{
	const void *data = NULL;

	pthread_mutex_lock(&inspector.lock);
	for (const struct job *job = inspector.files; job; job = job->next)
		if (strcmp(job->path, path) == 0) {
			data = job->data;
			*lenp = job->len;
			break; /* the newest */
		}
	pthread_mutex_unlock(&inspector.lock);
	return data;
}

void inspector_forget_files(void)
{
	struct job *job;

	pthread_mutex_lock(&inspector.lock);
	job = inspector.files;
	inspector.files = NULL;
	pthread_mutex_unlock(&inspector.lock);
	while (job) {
		struct job *next = job->next;

		job_free(job);
		job = next;
	}
}
