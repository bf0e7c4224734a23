/*
 * pool_test.c — jobs are done in their order, told once, and dropped at the end.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include <pthread.h>
#include <sched.h>

#include "pelago/pool.h"

enum { JOBS = 200 };

static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static pthread_cond_t told_more = PTHREAD_COND_INITIALIZER;
static json_t *told;
static atomic_int opened, closed, freed, blocked;

/* The service's own: here what is posted is just kept. */
void pl_service_post(struct pl_service *service, pl_posted_fn *fn, json_t *body, void *arg)
{
	(void)service;
	(void)fn;
	(void)arg;
	pthread_mutex_lock(&lock);
	json_array_append_new(told, body);
	pthread_cond_signal(&told_more);
	pthread_mutex_unlock(&lock);
}

static void *open_own(void)
{
	atomic_fetch_add(&opened, 1);
	return strdup("own");
}

static void close_own(void *own)
{
	atomic_fetch_add(&closed, 1);
	free(own);
}

static json_t *run(void *job, void *own, const atomic_bool *stop)
{
	const char *text = job;

	assert_string_equal(own, "own");
	if (strcmp(text, "silent") == 0)
		return NULL;
	if (strcmp(text, "block") == 0) {
		atomic_fetch_add(&blocked, 1);
		while (!atomic_load(stop))
			sched_yield();
	}
	return json_pack("{s:s}", "job", text);
}

static void free_job(void *job)
{
	atomic_fetch_add(&freed, 1);
	free(job);
}

static struct pl_pool *start(unsigned threads)
{
	static struct pl_pool_def def = {
		.open = open_own, .close = close_own, .run = run, .free = free_job
	};
	struct pl_pool *pool = NULL;

	def.threads = threads;
	told = json_array();
	opened = closed = freed = blocked = 0;
	assert_int_equal(pl_pool_new(&pool, NULL, &def), PL_OK);
	return pool;
}

static void put(struct pl_pool *pool, const char *text, int context)
{
	assert_int_equal(pl_pool_put(pool, strdup(text), json_integer(context)), PL_OK);
}

static void wait_for(size_t count)
{
	pthread_mutex_lock(&lock);
	while (json_array_size(told) < count)
		pthread_cond_wait(&told_more, &lock);
	pthread_mutex_unlock(&lock);
}

static void one_thread_keeps_the_order(void **state)
{
	struct pl_pool *pool = start(1);

	(void)state;
	put(pool, "silent", -1);
	for (int i = 0; i < JOBS; i++)
		put(pool, "job", i);
	wait_for(JOBS);
	pl_pool_free(pool);
	assert_int_equal(json_array_size(told), JOBS);
	for (int i = 0; i < JOBS; i++)
		assert_int_equal(
			json_integer_value(json_object_get(json_array_get(told, i), "context")), i);
	assert_int_equal(opened, 1);
	assert_int_equal(closed, 1);
	assert_int_equal(freed, JOBS + 1);
	json_decref(told);
}

static void several_do_each_once(void **state)
{
	struct pl_pool *pool = start(4);
	bool seen[JOBS] = { false };

	(void)state;
	for (int i = 0; i < JOBS; i++)
		put(pool, "job", i);
	wait_for(JOBS);
	pl_pool_free(pool);
	for (int i = 0; i < JOBS; i++) {
		json_int_t n =
			json_integer_value(json_object_get(json_array_get(told, i), "context"));

		assert_false(seen[n]);
		seen[n] = true;
	}
	assert_int_equal(opened, 4);
	assert_int_equal(closed, 4);
	json_decref(told);
}

static void the_end_stops_and_drops(void **state)
{
	struct pl_pool *pool = start(1);

	(void)state;
	put(pool, "block", 0);
	put(pool, "job", 1);
	put(pool, "job", 2);
	while (atomic_load(&blocked) == 0)
		sched_yield();
	pl_pool_free(pool);
	assert_int_equal(json_array_size(told), 1); /* what was under way */
	assert_int_equal(freed, 3);
	json_decref(told);
	pl_pool_free(NULL);
}

static void what_is_missing_is_refused_and_freed(void **state)
{
	struct pl_pool *pool = start(2);

	(void)state;
	assert_int_equal(pl_pool_put(pool, NULL, json_integer(1)), PL_NOMEM);
	assert_int_equal(pl_pool_put(pool, strdup("job"), NULL), PL_NOMEM);
	assert_int_equal(freed, 1);
	pl_pool_free(pool);
	assert_int_equal(json_array_size(told), 0);
	json_decref(told);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(one_thread_keeps_the_order),
		cmocka_unit_test(several_do_each_once),
		cmocka_unit_test(the_end_stops_and_drops),
		cmocka_unit_test(what_is_missing_is_refused_and_freed),
	};

	return cmocka_run_group_tests_name("pool", tests, NULL, NULL);
}
