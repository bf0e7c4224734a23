/*
 * pool.c — see pool.h. One lock guards the list of jobs; a job belongs to the thread that took it.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "pool.h"

#include <pthread.h>
#include <sodium.h>
#include <stdlib.h>
#include <string.h>
#include <sys/queue.h>
#include <time.h>

#include "pool_room.h"

enum { THREADS_MOST = 4 };

static const unsigned long long PASSES = 2;
static const size_t MEMORY_BYTES = 19 << 20; /* 19 MiB */

const char pool_nobody[] = "$argon2id$v=19$m=19456,t=2,p=1$AAAAAAAAAAAAAAAAAAAAAA$"
			   "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA";

STAILQ_HEAD(jobs, job);

struct job {
	STAILQ_ENTRY(job) next;
	char *id, *password, *hash, *plain;
};

struct pool {
	struct pl_service *service;
	pl_posted_fn *done;
	pthread_mutex_t lock;
	pthread_cond_t wake;
	struct jobs jobs;
	int waiting;
	int64_t took_us; /* a job, of late */
	bool is_stopping;
	int threads_count;
	pthread_t threads[THREADS_MOST];
};

static void wipe(char *text)
{
	if (text)
		sodium_memzero(text, strlen(text));
	free(text);
}

static void job_free(struct job *job)
{
	if (!job)
		return;
	wipe(job->password);
	wipe(job->plain);
	free(job->hash);
	free(job->id);
	free(job);
}

static bool is_same(const char *a, const char *b)
{
	unsigned char of_a[crypto_generichash_BYTES], of_b[crypto_generichash_BYTES];

	crypto_generichash(of_a, sizeof(of_a), (const unsigned char *)a, strlen(a), NULL, 0);
	crypto_generichash(of_b, sizeof(of_b), (const unsigned char *)b, strlen(b), NULL, 0);
	return sodium_memcmp(of_a, of_b, sizeof(of_a)) == 0;
}

static json_t *job_run(const struct job *job)
{
	char made[crypto_pwhash_STRBYTES] = "";
	size_t len = strlen(job->password);
	bool ok;

	if (job->hash) {
		ok = crypto_pwhash_str_verify(job->hash, job->password, len) == 0;
	} else { /* hashed in any case, for the time it takes */
		ok = crypto_pwhash_str(made, job->password, len, PASSES, MEMORY_BYTES) == 0;
		if (job->plain && !is_same(job->plain, job->password))
			ok = false;
	}
	return json_pack("{s:s, s:b, s:s?}", "id", job->id, "ok", ok, "hash",
			 ok && made[0] ? made : NULL);
}

static int64_t mono_us(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return now.tv_sec * INT64_C(1000000) + now.tv_nsec / 1000;
}

static void *work(void *arg)
{
	struct pool *pool = arg;
	int64_t began_us;

	pthread_mutex_lock(&pool->lock);
	for (;;) {
		struct job *job;

		while (!pool->is_stopping && STAILQ_EMPTY(&pool->jobs))
			pthread_cond_wait(&pool->wake, &pool->lock);
		if (pool->is_stopping)
			break;
		job = STAILQ_FIRST(&pool->jobs);
		STAILQ_REMOVE_HEAD(&pool->jobs, next);
		pool->waiting--;
		pthread_mutex_unlock(&pool->lock);
		began_us = mono_us();
		pl_service_post(pool->service, pool->done, job_run(job), NULL);
		job_free(job);
		pthread_mutex_lock(&pool->lock);
		pool->took_us = pool_room_took(pool->took_us, mono_us() - began_us);
	}
	pthread_mutex_unlock(&pool->lock);
	return NULL;
}

enum pl_err pool_new(struct pool **poolp, struct pl_service *service, int threads,
		     pl_posted_fn *done)
{
	struct pool *pool = calloc(1, sizeof(*pool));

	if (!pool)
		return PL_NOMEM;
	pool->service = service;
	pool->done = done;
	STAILQ_INIT(&pool->jobs);
	pthread_mutex_init(&pool->lock, NULL);
	pthread_cond_init(&pool->wake, NULL);
	while (pool->threads_count < threads && pool->threads_count < THREADS_MOST) {
		if (pthread_create(&pool->threads[pool->threads_count], NULL, work, pool)) {
			pool_free(pool);
			return pl_fail(PL_UNAVAILABLE, "no thread can be started");
		}
		pool->threads_count++;
	}
	*poolp = pool;
	return PL_OK;
}

static bool copy(char **top, const char *text)
{
	*top = text ? strdup(text) : NULL;
	return *top || !text;
}

enum pl_err pool_put(struct pool *pool, const struct pool_job *wanted)
{
	struct job *job = calloc(1, sizeof(*job));
	bool is_full;

	if (!job || !copy(&job->id, wanted->id) || !copy(&job->password, wanted->password) ||
	    !copy(&job->hash, wanted->hash) || !copy(&job->plain, wanted->plain)) {
		job_free(job);
		return PL_NOMEM;
	}
	pthread_mutex_lock(&pool->lock);
	is_full = pool->waiting >= pool_room(pool->threads_count, pool->took_us);
	if (!is_full) {
		STAILQ_INSERT_TAIL(&pool->jobs, job, next);
		pool->waiting++;
		pthread_cond_signal(&pool->wake);
	}
	pthread_mutex_unlock(&pool->lock);
	if (is_full) {
		job_free(job);
		return pl_fail(PL_RATE, "too many log-ins at this moment; try again");
	}
	return PL_OK;
}

void pool_free(struct pool *pool)
{
	struct job *job;

	if (!pool)
		return;
	pthread_mutex_lock(&pool->lock);
	pool->is_stopping = true;
	pthread_cond_broadcast(&pool->wake);
	pthread_mutex_unlock(&pool->lock);
	for (int i = 0; i < pool->threads_count; i++)
		pthread_join(pool->threads[i], NULL);
	while ((job = STAILQ_FIRST(&pool->jobs))) {
		STAILQ_REMOVE_HEAD(&pool->jobs, next);
		job_free(job);
	}
	pthread_cond_destroy(&pool->wake);
	pthread_mutex_destroy(&pool->lock);
	free(pool);
}
