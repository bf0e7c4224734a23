/*
 * story_test.h — words for stories about work assignment: the test plays UCMService,
 * UnifiedAgentController and whoever else speaks to it. For tests only.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef STORY_TEST_H
#define STORY_TEST_H

#include "pelago/json.h"
#include "test_world.h"

#define SERVICE "WorkAssignment"

struct test_world *world(void);	    /* with the service, exclusions lifted after a second */
void restart(struct test_world *w); /* the service, by kill -9 */

/* agent says an agent's state, with services separated by spaces; ready waits until that is known.
 */
void agent(struct test_world *w, const char *id, const char *state, const char *services,
	   int chats);
void ready(struct test_world *w, const char *id, const char *services, int chats,
	   int64_t ready_now);

json_t *wanted(const char *contact, const char *service); /* a request's body */
/* ask and request return "queued" or "matched", or the code of the refusal. ask gives. */
const char *ask(struct test_world *w, json_t *body);
const char *request(struct test_world *w, const char *contact, const char *service);

/* matched waits for the contact's match and returns its body. */
json_t *matched(struct test_world *w, const char *contact);
/* says lets UCMService speak of the offer in a match; ended says its end with more members, gives
 * them. */
void says(struct test_world *w, const char *verb, const json_t *match, const char *reason,
	  bool requeue);
void ended(struct test_world *w, const json_t *match, json_t *more);
void closed(struct test_world *w, const char *contact);

/* figures of the operation queues */
void until_figure(struct test_world *w, const char *path, int64_t value);
void assert_queues(struct test_world *w, int64_t waiting, int64_t offered, int64_t active);

const char *text(const json_t *value, const char *path);
int64_t number(const json_t *value, const char *path);

#endif
