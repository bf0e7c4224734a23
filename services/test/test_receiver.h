/*
 * test_receiver.h — a small HTTP server for tests: keeps what is POSTed to it, and answers as told.
 *
 * It runs on a thread of its own; all calls are for the test's thread.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef PELAGO_TEST_RECEIVER_H
#define PELAGO_TEST_RECEIVER_H

#include <jansson.h>

struct test_receiver; /* opaque */

/* test_receiver_new listens on a free port of 127.0.0.1, and answers 200 with an empty object. */
struct test_receiver *test_receiver_new(void);
void test_receiver_free(struct test_receiver *receiver); /* takes NULL */

int test_receiver_port(const struct test_receiver *receiver);
/* test_receiver_say sets what is answered from now on. Status 0: the connection is closed without
 * an answer. body is borrowed until the next call. */
void test_receiver_say(struct test_receiver *receiver, int status, const char *body);
/* test_receiver_calls returns how many requests came, whatever was answered. */
int test_receiver_calls(struct test_receiver *receiver);
/* test_receiver_got returns those that were answered 2xx, in order: [{"path", "head", "body"}],
 * texts as they came. A new reference. */
json_t *test_receiver_got(struct test_receiver *receiver);

#endif
