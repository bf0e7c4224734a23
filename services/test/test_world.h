/*
 * test_world.h — a small world for the integration tests of services: a private nats-server, the
 *real programs on it, and a test that plays everybody else. For tests only.
 *
 *	struct test_world *w = test_world_new();
 *
 *	test_service_start(w, "UCMService", NULL);
 *	test_serve(w, "WorkAssignment", assignment, NULL);	// we are WorkAssignment
 *	test_event(w, "WorkAssignment", "work", "matched", "C1", json_pack(…));
 *	json_t *made = test_wait_event(w, "offer.made", "C1");
 *	json_t *reply = test_request(w, "UCMService.accept", json_pack(…));
 *	…
 *	test_service_kill(w, "UCMService");			// kill -9
 *	test_service_start(w, "UCMService", NULL);
 *	test_world_free(w);
 *
 * Databases are SQLite's, or PostgreSQL's where PELAGO_TEST_POSTGRES says (tools/with-postgres).
 * The world also plays the node: it makes the log, and readers of it. Whatever takes longer than
 * TEST_WAIT_MS fails the test (cmocka's fail_msg), with the folder of logs and databases named and
 *kept. "gives": the reference is consumed. Returned values are new references unless they are said
 *to be borrowed. Everything happens on the test's thread, inside the calls below.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef PELAGO_TEST_WORLD_H
#define PELAGO_TEST_WORLD_H

#include <jansson.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum { TEST_WAIT_MS = 8000 };

struct test_world; /* opaque */

/* test_world_new makes a folder, starts the server and creates the log. */
struct test_world *test_world_new(void);

/*
 * test_world_free ends each service by SIGTERM, and fails the test if one of them doesn't exit with
 * 0 (so a sanitizer's findings fail it); then it ends the server and removes the folder, unless
 * PELAGO_KEEP is set. Takes NULL.
 */
void test_world_free(struct test_world *w);

/* test_world_dir returns the data folder: "DIR/demo-users.json", "DIR/services/NAME/store.db".
 * Borrowed. */
const char *test_world_dir(const struct test_world *w);

/* test_world_bus returns the address of the bus, "nats://127.0.0.1:PORT". Borrowed. */
const char *test_world_bus(const struct test_world *w);

/* The bus: stopped by SIGKILL, started again on the same port with the same log. */
void test_bus_stop(struct test_world *w);
void test_bus_start(struct test_world *w);

/* ---- services ---- */

/*
 * test_service_start starts ../NAME/NAME beside the test's own folder and waits until it answers
 * `ping`. Further arguments, up to NULL, are handed to it: test_service_start(w, "UCMService",
 * "--set", "no_answer=2", NULL). Its log is DIR/NAME.log.
 */
void test_service_start(struct test_world *w, const char *name, ...) __attribute__((sentinel));
/* test_service_store writes the address of a service's database, for a look into it while the
 * service is down. */
void test_service_store(const struct test_world *w, const char *name, char *store, size_t size);
void test_service_kill(struct test_world *w, const char *name); /* SIGKILL */
/*
 * test_standby_start starts a second process on the database of a service that runs, and waits
 * until it stands by. Once the first was killed, test_standby_leads makes it the one that the other
 * calls speak of.
 */
void test_standby_start(struct test_world *w, const char *name);
void test_standby_leads(struct test_world *w, const char *name);
void test_service_stop(struct test_world *w,
		       const char *name); /* SIGTERM; fails unless it exits with 0 */
/* test_service_configure replaces config.json; gives. It applies within half a second. */
void test_service_configure(struct test_world *w, const char *name, json_t *config);

/* ---- requests ---- */

/*
 * test_request sends a request, again and again with the same id until it is answered, and returns
 * the reply, which may be a refusal. "v" is added to the body. Gives body.
 */
json_t *test_request(struct test_world *w, const char *operation, json_t *body);
/* The same with an id of one's own, so as to repeat a request; NULL sends none. */
json_t *test_request_id(struct test_world *w, const char *operation, json_t *body, const char *id);
/* The same with any bytes as body. */
json_t *test_request_bytes(struct test_world *w, const char *operation, const void *body,
			   size_t len);

/*
 * test_send sends a request without waiting for its answer; test_answer waits for it, by the id
 * that test_send wrote. Gives body.
 */
void test_send(struct test_world *w, const char *operation, json_t *body, char id[27]);
json_t *test_answer(struct test_world *w, const char *id);

/* test_error returns the wire code of a refusal ("badRequest"), or "" for a success. Borrowed. */
const char *test_error(const json_t *reply);
/* test_refused asks, checks that the refusal has this code, and forgets the reply. Gives body. */
void test_refused(struct test_world *w, const char *operation, json_t *body, const char *code);

/*
 * test_http makes the body of a request as the edge does for an HTTP call. Each but method may be
 * NULL. path, query, body  give user               name of who asks, or NULL for nobody roles
 * separated by spaces
 */
json_t *test_http(const char *method, json_t *path, json_t *query, json_t *body, const char *user,
		  const char *roles);

/* ---- being another service ---- */

/*
 * test_serve answers the requests to a service that isn't started here: fn is called with operation
 * (its last part) and body, and returns the reply (taken) or NULL to say nothing, as one who died.
 * A repeated id gets the first answer without fn. fn NULL answers {} to all. Serving again replaces
 * fn. `events` and `ping` are answered by the world itself.
 */
typedef json_t *test_serve_fn(const char *operation, json_t *body, void *arg);
void test_serve(struct test_world *w, const char *service, test_serve_fn *fn, void *arg);

/* test_refusal makes {"error":{…}} from a name of tables/err.h: "NOTFOUND", "STATE". */
json_t *test_refusal(const char *name);

/*
 * test_wait_command waits for a request to a served service, "UCMService.complete", and returns its
 * body; each once, in order of arrival, repeats left out. test_no_command fails if one comes within
 * so many ms.
 */
json_t *test_wait_command(struct test_world *w, const char *operation);
void test_no_command(struct test_world *w, const char *operation, int ms);

/* ---- events and pushes ---- */

/*
 * test_event publishes an event as `producer` and waits until the log has it; n is counted by the
 * world for each (producer, noun, key). Gives body. test_event_n takes n from the caller: a repeat,
 * or a gap (the consumer then asks `events`, which the world answers from all that was published).
 */
void test_event(struct test_world *w, const char *producer, const char *noun, const char *verb,
		const char *key, json_t *body);
void test_event_n(struct test_world *w, const char *producer, const char *noun, const char *verb,
		  const char *key, int64_t n, json_t *body);
/* test_lot publishes several in one message, numbered on from `from`; verbs ends with NULL. */
void test_lot(struct test_world *w, const char *producer, const char *noun,
	      const char *const *verbs, const char *key, int64_t from);

/*
 * test_wait_event waits for an event of a service here, "offer.made", with that key (NULL: any) and
 * returns the whole envelope; each once, in order, repeats left out. test_no_event fails if one
 * comes.
 */
json_t *test_wait_event(struct test_world *w, const char *noun_verb, const char *key);
void test_no_event(struct test_world *w, const char *noun_verb, const char *key, int ms);

/*
 * test_wait_push waits for a push to a stream, "agent.agent1", whose frame has that type (NULL:
 * any) and returns the push {"stream","seq","frame",…}; each once, in order.
 */
json_t *test_wait_push(struct test_world *w, const char *stream, const char *type);
void test_no_push(struct test_world *w, const char *stream, const char *type, int ms);

/*
 * test_told_again asks a service for the state of a key (`snapshot`), page by page, and returns how
 * many events it is told as. Fails the test unless the key is held and each of them is, with its
 * number, time and body, one that was published, up to the last.
 */
int test_told_again(struct test_world *w, const char *service, const char *noun, const char *key);

/* ---- time ---- */

/* test_run lets the world go on for so many ms. */
void test_run(struct test_world *w, int ms);
/* test_until lets it go on until fn returns true; fails after TEST_WAIT_MS, saying what wasn't
 * reached. */
void test_until(struct test_world *w, bool (*fn)(struct test_world *w, void *arg), void *arg,
		const char *what);
/* test_now_ms is the wall clock. */
int64_t test_now_ms(void);

#endif
