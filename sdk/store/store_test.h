/*
 * store_test.h — what the store's tests share: a database of its own for each, and other processes.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef PELAGO_STORE_TEST_H
#define PELAGO_STORE_TEST_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

#include <cmocka.h>

#include "store_impl.h"

/* The test that runs. */
extern struct test {
	bool postgres;
	unsigned number;
	char dir[64];
	char path[80];
	char url[1024];
	struct pl_store *store;
} t;

#define TEST(fn) cmocka_unit_test_setup_teardown(fn, set_up, tear_down)

int set_up(void **state);
int tear_down(void **state);

/* schema_drop drops a schema of the server, by a store beside it. */
void schema_drop(const char *name);

void ok(enum pl_err err);
void fails(enum pl_err err, enum pl_err wanted);

/* one returns the first column of the first row of a query that has a row. */
int64_t one(struct pl_store *store, const char *sql);
int64_t count(struct pl_store *store);

extern const char insert[]; /* id text, n bigint, d double precision, b BLOB */
enum pl_err insert_one(struct pl_store *store, const char *id);

/* Another process: fn writes a byte to fd once it is where it should be. */
struct child {
	pid_t pid;
	int fd;
};
struct child child_start(void (*fn)(int fd));
void child_kill(struct child *child);
int child_wait(struct child *child); /* its exit status */

/* own_soon waits for a killed owner's lock to fall, which the server may notice a moment later. */
enum pl_err own_soon(struct pl_store *store, int64_t *epochp);

int store_sqlite_tests(void);
int store_postgres_tests(void);

#endif
