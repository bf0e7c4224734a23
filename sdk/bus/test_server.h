/*
 * test_server.h — a private nats-server for tests: TLS with a throw-away authority, users by nkey,
 * a free port, a temporary folder. For tests only.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef PELAGO_BUS_TEST_SERVER_H
#define PELAGO_BUS_TEST_SERVER_H

#include <sys/types.h>

struct test_server {
	char dir[64];
	char url[64];	   /* "tls://127.0.0.1:PORT" */
	char ca[96];	   /* the authority's certificate */
	char other_ca[96]; /* of an authority that signed nothing */
	char alpha[96];	   /* seed of a user who may do all but touch "secret.>" */
	char beta[96];	   /* of another who may */
	char stranger[96]; /* of one whom the server doesn't know */
	int port;
	pid_t pid;
};

/* test_server_make makes folder, certificates, keys and configuration. Each failure ends the
 * program. */
void test_server_make(struct test_server *server);

/* test_server_start starts it and waits until it answers; test_server_kill ends it by SIGKILL. */
void test_server_start(struct test_server *server);
void test_server_kill(struct test_server *server);

/* test_server_remove kills it and removes the folder. */
void test_server_remove(struct test_server *server);

/* test_free_port returns a port of 127.0.0.1 that nobody listens on. */
int test_free_port(void);

#endif
