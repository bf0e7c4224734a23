/*
 * step.h — one call of the engine on an instance, and everything that follows of it, in one turn.
 *
 * What the engine wants done is collected while it runs and staged only if the instance still runs
 * afterwards: one that fails in the middle of a step has no effect but its failure.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef DESIGNER_STEP_H
#define DESIGNER_STEP_H

#include "designer.h"

struct bpmn_instance;
struct bpmn_effects;

/* STATUS(name, verb): how an instance stands; verb is what its history says. */
#define INSTANCE_STATUSES                                                                          \
	INSTANCE_STATUS(RUNNING, "")                                                               \
	INSTANCE_STATUS(COMPLETED, "")                                                             \
	INSTANCE_STATUS(FAILED, "failed")                                                          \
	INSTANCE_STATUS(CANCELLED, "cancelled")

enum instance_status {
#define INSTANCE_STATUS(name, verb) INSTANCE_##name,
	INSTANCE_STATUSES
#undef INSTANCE_STATUS
};

struct instance { /* a row, and the engine's part of it */
	struct pl_turn *turn;
	char id[27], contact[CONTACT_MAX + 1], workflow[NAME_MAX_BYTES + 1];
	int64_t version, steps;
	enum instance_status status;
	bool asked;	/* an agent has been asked for, and not refused */
	json_t *opened; /* {channel, attributes} */
	json_t *before; /* the engine's state as it is stored, or NULL */
	struct bpmn_instance *engine;
	char parent[27]; /* the instance that calls this one, by which token; or "" */
	int64_t parent_token;
	/* what the engine reported in this step */
	json_t *tasks, *timers, *awaited, *thrown, *incidents, *withdrawn, *trace;
	bool lost; /* there was no memory for a report */
};

/* instance_find reads a row; false if there is none. In either case instance_fini follows. */
bool instance_find(struct pl_turn *turn, struct instance *in, const char *id);
void instance_fini(struct instance *in);

/* instance_has_contact: others were started by a message, or are called by such a one; their own id
 * stands for the contact's. */
bool instance_has_contact(const struct instance *in);

struct beginning {
	const char *contact; /* NULL: none */
	const json_t *variables, *payload;
	const char *workflow;
	int64_t version;     /* 0: no rule fits, and the instance fails */
	const char *element; /* start event; NULL: the plain one */
	const char *parent;  /* NULL: none */
	int64_t parent_token;
	unsigned depth;
};

/* instance_begin writes a new row and starts it; id tells which. */
void instance_begin(struct pl_turn *turn, const struct beginning *b, char id[27]);

/* Each moves on an instance that runs; an answer that no token waits for any more changes nothing.
 */
void step_complete(struct pl_turn *turn, struct instance *in, uint64_t token_id,
		   const json_t *result);
void step_fail(struct pl_turn *turn, struct instance *in, uint64_t token_id, const char *code,
	       const char *message);
void step_timer(struct pl_turn *turn, struct instance *in, uint64_t token_id);
/* step_message brings a message, or a signal, to one token. */
void step_message(struct pl_turn *turn, struct instance *in, uint64_t token_id,
		  const json_t *payload);
void step_escalate(struct pl_turn *turn, struct instance *in, uint64_t token_id, const char *code,
		   const json_t *payload);
/* What was an incident is done again, or passed as if it had been done. */
void step_retry(struct pl_turn *turn, struct instance *in, uint64_t token_id);
void step_skip(struct pl_turn *turn, struct instance *in, uint64_t token_id);
/* step_drop ends the token's path there. */
void step_drop(struct pl_turn *turn, struct instance *in, uint64_t token_id);
/* step_set sets variables of the process, which may make conditions true. */
void step_set(struct pl_turn *turn, struct instance *in, const json_t *variables);

/*
 * The parts of a step, for a call of the engine that may be given up before anything is staged:
 * nothing has happened then. Such a call is given step_effects and the instance.
 *
 *   step_note       notes what its history says
 *   step_prepare    what the call led to: tasks that fit, and *statep, the state as text (free())
 *   step_stage      stages what was reported, and keeps the state
 *   step_timer_key  key of a token's timer, whose kind is "token"
 */
const struct bpmn_effects *step_effects(const struct instance *in);
void step_note(struct instance *in, const char *element, const char *what);
enum pl_err step_prepare(struct instance *in, char **statep);
void step_stage(struct pl_turn *turn, struct instance *in, const char *state);
void step_timer_key(char key[64], const struct instance *in, json_int_t token_id);

/* instance_cancel ends an instance whose contact has ended; its timers with it. */
void instance_cancel(struct pl_turn *turn, struct instance *in);

/*
 * instance_ask_for_agent sends the contact to the default service, as no workflow does: with its
 * attributes, or plain, if they are what was refused.
 */
void instance_ask_for_agent(struct pl_turn *turn, const struct instance *in, bool plain);

#endif
