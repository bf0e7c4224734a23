/*
 * instance.h — the state of a running process: tokens in frames.
 *
 * A frame is one life of a scope, or of an activity that keeps something while it runs: local
 * variables, events that wait at its boundary, the instances of a loop. Frames form a tree whose
 * root is the process's. A token is in a frame, at a node: it goes on, or waits. What waits for an
 * event beside the flow (at a boundary, for an event sub-process, behind an event-based gateway)
 * is a token, too, a subscription.
 *
 * An activity without anything to keep has no frame: its token stays in that of its scope.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef BPMN_INSTANCE_H
#define BPMN_INSTANCE_H

#include "engines/bpmn/model.h"

/* BPMN_WAIT(name, text): what a token waits for; text in the state. */
#define BPMN_WAITS                                                                                 \
	BPMN_WAIT(NOTHING, "nothing") /* goes on within the present call */                        \
	BPMN_WAIT(TASK, "task")                                                                    \
	BPMN_WAIT(TIMER, "timer")                                                                  \
	BPMN_WAIT(FAILED, "failed") /* its failure ended the instance */                           \
	BPMN_WAIT(MESSAGE, "message")                                                              \
	BPMN_WAIT(SIGNAL, "signal")                                                                \
	BPMN_WAIT(CONDITION, "condition")                                                          \
	BPMN_WAIT(CALL, "call")                                                                    \
	BPMN_WAIT(JOIN, "join")			/* for others, at a gateway */                     \
	BPMN_WAIT(COMPENSATION, "compensation") /* for the handlers that it started */             \
	BPMN_WAIT(INCIDENT, "incident")

enum bpmn_waits {
#define BPMN_WAIT(name, text) BPMN_WAITS_##name,
	BPMN_WAITS
#undef BPMN_WAIT
		BPMN_WAIT_COUNT
};

struct bpmn_token {
	uint64_t id;
	unsigned node;	/* place in the model */
	unsigned frame; /* place in the instance */
	int flow;	/* by which it came to a join, or -1 */
	unsigned char waits;
	bool is_subscription;
	bool has_arrived; /* what it waited for is there, in payload */
	bool is_leaving;  /* all that is left is to go on */
	bool is_date;	  /* of a timer */
	bool was_true;	  /* of a condition */
	int repeats;	  /* of a cycle: how often more */
	int64_t due_ms;	  /* of a timer */
	json_t *payload;  /* what has arrived, or NULL */
	json_t *name;	  /* of a message, signal, call; an incident's { code, reason } */
	json_t *key;	  /* of a message; NULL: none */
};

/* BPMN_FRAME(name, text): what a frame is of; text in the state. */
#define BPMN_FRAMES                                                                                \
	BPMN_FRAME(PROCESS, "process")                                                             \
	BPMN_FRAME(ACTIVITY, "activity")	 /* a task, a call */                              \
	BPMN_FRAME(SUB, "sub")			 /* a sub-process */                               \
	BPMN_FRAME(EVENT_SUB, "eventSub")	 /* one that an event started */                   \
	BPMN_FRAME(LOOP, "loop")		 /* around the frames of a loop's instances */     \
	BPMN_FRAME(CHOICE, "choice")		 /* an event-based gateway that waits */           \
	BPMN_FRAME(COMPENSATION, "compensation") /* around the handlers of a throwing event */

enum bpmn_frame_kind {
#define BPMN_FRAME(name, text) BPMN_FRAME_##name,
	BPMN_FRAMES
#undef BPMN_FRAME
		BPMN_FRAME_COUNT
};

struct bpmn_loop { /* how far a loop is */
	unsigned total, started, done;
	json_t *items;	/* those still to come, of a sequential one: array; else NULL */
	json_t *output; /* array, or NULL */
};

struct bpmn_frame {
	int parent;    /* place; -1 of the process */
	unsigned node; /* of the activity, gateway or throwing event */
	unsigned char kind;
	bool is_used;
	bool is_interrupted; /* an event sub-process has taken over */
	unsigned live;	     /* tokens in it but subscriptions, and frames within */
	unsigned held;	     /* subscriptions in it */
	json_t *variables;   /* object, or NULL */
	json_t *completed;   /* activities that can be compensated, oldest first:
			      * [{ element, variables, completed }]; or NULL */
	struct bpmn_loop *loop;
	unsigned index;	  /* of an instance of a loop, from 0 */
	uint64_t thrower; /* of a compensation: the token that waits for it, or 0 */
};

struct bpmn_instance {
	const struct bpmn_model *model;
	struct bpmn_token *tokens; /* by id */
	size_t tokens_len, tokens_cap;
	struct bpmn_frame *frames;
	size_t frames_len, frames_cap, frames_live;
	uint64_t next_token;
	enum bpmn_status status;
	json_t *failure;
	int64_t now_ms;
	unsigned depth;
	bool has_clock;
	bool is_started;
	bool is_broken;	 /* memory ran out in the middle of a call */
	bool is_changed; /* variables, since conditions were asked */
};

/* ---- frame.c ---- */

/* bpmn_token_find returns a token by id, or NULL. The pointer lives until one is added or removed.
 */
struct bpmn_token *bpmn_token_find(struct bpmn_instance *inst, uint64_t id);

/* bpmn_token_add adds a token that goes on; NULL without memory or past the limit (is_full). */
struct bpmn_token *bpmn_token_add(struct bpmn_instance *inst, unsigned node, unsigned frame,
				  bool is_subscription);
bool bpmn_is_full(const struct bpmn_instance *inst);

/* bpmn_token_move puts a token into another frame. */
void bpmn_token_move(struct bpmn_instance *inst, struct bpmn_token *token, unsigned frame);
void bpmn_token_remove(struct bpmn_instance *inst, struct bpmn_token *token);
void bpmn_token_forget(struct bpmn_token *token); /* what it has in name, key and payload */

/* bpmn_frame_add sets *placep to a new frame; PL_TOOLARGE past the limit. Pointers to frames die.
 */
enum pl_err bpmn_frame_add(struct bpmn_instance *inst, unsigned *placep, enum bpmn_frame_kind kind,
			   int parent, unsigned node);

/* bpmn_frame_remove removes a frame that is empty. */
void bpmn_frame_remove(struct bpmn_instance *inst, unsigned place);
void bpmn_frame_fini(struct bpmn_frame *frame);

/* bpmn_frame_scope returns the model's scope whose nodes run in a frame. */
unsigned bpmn_frame_scope(const struct bpmn_instance *inst, unsigned place);

/* ---- state ---- */

/* bpmn_waits_at tells whether a token at node may wait so. */
bool bpmn_waits_at(const struct bpmn_node *node, enum bpmn_waits waits, bool is_subscription);

/* bpmn_copy is a deep copy, whole or NULL (json_deep_copy leaves out what finds no memory). */
json_t *bpmn_copy(const json_t *json);

#endif
