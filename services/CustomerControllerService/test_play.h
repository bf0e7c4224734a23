/*
 * test_play.h — customers and other services played against CustomerControllerService; for its
 * tests.
 *
 * Bodies are new references, given to who asks with them.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef TEST_PLAY_H
#define TEST_PLAY_H

#include <jansson.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct test_world;

#define CCS "CustomerControllerService"

struct customer {
	char contact_id[27], token[64], stream[40];
	json_t *session;
};

struct test_world *world(void);
json_t *body(json_t *frame, json_t *session);
json_t *open_frame(const char *client_id);
void take_opened(struct customer *c, json_t *reply);
void open_chat(struct test_world *w, struct customer *c, const char *client_id);
json_t *say_body(const struct customer *c, const char *client_id, const char *text);
json_t *resume_body(const char *contact_id, const char *token, int after);
json_t *join_body(const struct customer *c, const char *agent, const char *offer);
json_t *post_body(const struct customer *c, const char *from, const char *agent,
		  const char *client_id, const char *text);
void accepted(struct test_world *w, const char *operation, json_t *request);
json_t *transcript(struct test_world *w, const struct customer *c);
size_t frames_of_type(const json_t *view, const char *type);
int64_t head_of(struct test_world *w, const struct customer *c);
json_t *put_body(json_t *on);
json_t *answered(json_t *reply, int status);
/* set_attribute has the node say that somebody has set an attribute; gives value. */
void set_attribute(struct test_world *w, const char *key, json_t *value, const char *by);
void switch_shutdown(struct test_world *w, bool on); /* and waits until it is in effect */
json_t *shutdown_report(struct test_world *w);
void close_all(struct test_world *w);

#endif
