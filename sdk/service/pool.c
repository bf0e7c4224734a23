/*
 * pool.c — see pelago/pool.h. One lock guards the list of jobs; a job belongs to the thread that
 * took it.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "pelago/pool.h"

#include <pthread.h>
#include <stdlib.h>
#include <sys/queue.h>

STAILQ_HEAD(items, item);

struct item {
	STAILQ_ENTRY(item) next;
	void *job;
	json_t *context; /* not looked at by the thread */
};

struct pl_pool {
	struct pl_service *service;
	const struct pl_pool_def *def;
	pthread_mutex_t lock;
	pthread_cond_t wake;
	struct items items;
	atomic_bool is_stopping;
	unsigned threads_count;
	pthread_t threads[PL_POOL_THREADS_MOST];
};

static void item_free(struct pl_pool *pool, struct item *item)
{
	pool->def->free(item->job);
	json_decref(item->context);
	free(item);
}

static struct item *item_take(struct pl_pool *pool)
{
	struct item *item = NULL;

	pthread_mutex_lock(&pool->lock);
	while (!atomic_load(&pool->is_stopping) && STAILQ_EMPTY(&pool->items))
		pthread_cond_wait(&pool->wake, &pool->lock);
	if (!atomic_load(&pool->is_stopping)) {
		item = STAILQ_FIRST(&pool->items);
		STAILQ_REMOVE_HEAD(&pool->items, next);
	}
	pthread_mutex_unlock(&pool->lock);
	return item;
}

static void *work(void *arg)
{
	struct pl_pool *pool = arg;
	void *own = pool->def->open ? pool->def->open() : NULL;
	struct item *item;

	while ((item = item_take(pool))) {
		json_t *result = pool->def->run(item->job, own, &pool->is_stopping);

		if (result) {
			json_object_set_new(result, "context", item->context);
			item->context = NULL;
			pl_service_post(pool->service, pool->def->done, result, NULL);
		}
		item_free(pool, item);
	}
	if (pool->def->close)
		pool->def->close(own);
	return NULL;
}

enum pl_err pl_pool_new(struct pl_pool **poolp, struct pl_service *service,
			const struct pl_pool_def *def)
{
	struct pl_pool *pool = calloc(1, sizeof(*pool));

	if (!pool)
		return PL_NOMEM;
	pool->service = service;
	pool->def = def;
	STAILQ_INIT(&pool->items);
	pthread_mutex_init(&pool->lock, NULL);
	pthread_cond_init(&pool->wake, NULL);
	while (pool->threads_count < def->threads && pool->threads_count < PL_POOL_THREADS_MOST) {
		if (pthread_create(&pool->threads[pool->threads_count], NULL, work, pool)) {
			pl_pool_free(pool);
			return pl_fail(PL_UNAVAILABLE, "no thread can be started");
		}
		pool->threads_count++;
	}
	*poolp = pool;
	return PL_OK;
}

enum pl_err pl_pool_put(struct pl_pool *pool, void *job, json_t *context)
{
	struct item *item = job && context ? malloc(sizeof(*item)) : NULL;

	if (!item) {
		if (job)
			pool->def->free(job);
		json_decref(context);
		return PL_NOMEM;
	}
	item->job = job;
	item->context = context;
	pthread_mutex_lock(&pool->lock);
	STAILQ_INSERT_TAIL(&pool->items, item, next);
	pthread_cond_signal(&pool->wake);
	pthread_mutex_unlock(&pool->lock);
	return PL_OK;
}

void pl_pool_free(struct pl_pool *pool)
{
	struct item *item;

	if (!pool)
		return;
	pthread_mutex_lock(&pool->lock);
	atomic_store(&pool->is_stopping, true);
	pthread_cond_broadcast(&pool->wake);
	pthread_mutex_unlock(&pool->lock);
	for (unsigned i = 0; i < pool->threads_count; i++)
		pthread_join(pool->threads[i], NULL);
	while ((item = STAILQ_FIRST(&pool->items))) {
		STAILQ_REMOVE_HEAD(&pool->items, next);
		item_free(pool, item);
	}
	pthread_cond_destroy(&pool->wake);
	pthread_mutex_destroy(&pool->lock);
	free(pool);
}
