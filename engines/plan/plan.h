/*
 * plan.h — a plan: steps that are taken, seen, resumed after a crash, and taken back.
 *
 * A plan is resolved and stored whole before its first effect. Each call of plan_advance takes each
 * step that can go on by one transition, and the caller stores what changed before the next call.
 * So an effect comes only after its intent was stored, with what was there before (`before`); after
 * a crash between the two it comes once more, and must be idempotent. Steps that don't wait for
 * each other go on together.
 *
 * A step of a kind with `undo` can be taken back: reversible, if `before` is put back;
 * compensating, if something else makes up for it. A pivot can't, and nor can what comes before it
 * in the list. Undo goes against the order of the steps, as far as the last pivot that was begun.
 * It applies only where the present value is still the step's (else the step is `left`).
 *
 * What it does not do: store, wait, talk to anybody. One thread.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef PELAGO_PLAN_H
#define PELAGO_PLAN_H

#include <jansson.h>
#include <stdbool.h>
#include <stdint.h>

#include "pelago/err.h"

enum {
	PLAN_STEPS_MOST = 1000,
	PLAN_ATTEMPTS = 5,	   /* of an effect that fails but may succeed later */
	PLAN_AGAIN_MS = 500,	   /* between them, times the attempts so far */
	PLAN_LIMIT_MS = 60 * 1000, /* for a step to be seen, unless its action says another */
};

enum plan_state {
#define PLAN(name, text, is_over) PLAN_##name,
#include "engines/plan/states.h"
#undef PLAN
	PLAN_STATE_COUNT
};

enum plan_step_state {
#define STEP(name, text) STEP_##name,
#include "engines/plan/states.h"
#undef STEP
	STEP_STATE_COUNT
};

enum plan_kind { PLAN_REVERSIBLE, PLAN_COMPENSATING, PLAN_PIVOT };

struct plan_step;
/* Each gets the world that was given to plan_advance; a sentence for people comes by pl_fail. */
typedef enum pl_err plan_fn(void *world, struct plan_step *step);

/* What a kind of step does. */
struct plan_action {
	const char *name; /* as stored */
	enum plan_kind kind;
	int64_t limit_ms; /* 0: PLAN_LIMIT_MS */
	/*
	 * check   tells whether the step can be taken now, and sets step->before (a new reference)
	 *         to what undo needs; changes nothing. May be NULL: always
	 * apply   has the effect; once more, it changes nothing
	 * verify  PL_OK once the effect is seen, PL_AGAIN with a sentence until then; NULL: at once
	 * undo    takes it back; PL_AGAIN while that is under way, PL_STATE where the present value
	 *         isn't the step's. NULL of a pivot
	 * PL_AGAIN and other errors whose row says retry are tried again, others fail the step.
	 */
	plan_fn *check, *apply, *verify, *undo;
};

struct plan_step {
	char *id, *title;
	const struct plan_action *action;
	json_t *args;	/* object */
	json_t *before; /* NULL until it was checked */
	json_t *after;	/* ids of the steps it waits for */
	enum plan_step_state state;
	unsigned attempts;
	int64_t started_ms, ended_ms; /* wall clock; 0: not yet */
	char detail[512];	      /* why it waits, or failed; "" */
	bool is_changed; /* since plan_stored; a change of detail alone doesn't count */
	/* Private. */
	int64_t since_ms, due_ms; /* steady clock */
};

struct plan {
	char *id, *kind, *title;
	enum plan_state state;
	bool undoes_itself; /* when a step fails */
	char why[640];	    /* the last step that failed, and its reason; "" */
	unsigned steps_len;
	struct plan_step *steps; /* each after those it waits for */
	bool is_changed;	 /* since plan_stored */
};

struct plan_clock {
	int64_t wall_ms;   /* for people */
	int64_t steady_ms; /* for limits; only differences count */
};

/*
 * plan_load makes a plan from what plan_dump wrote, or from a definition: {"id","kind","title",
 * "undoesItself":BOOL, "steps":[{"id","action","title","args":{…},"after":["id"…]}…]}. actions ends
 * with a row of zeros, and outlives the plan. *planp is the caller's: plan_free. Returns PL_INVALID
 * for an unknown action or state, an id that is there twice, a step that waits for one that doesn't
 * come before it; PL_NOMEM.
 */
enum pl_err plan_load(struct plan **planp, const json_t *body, const struct plan_action *actions);
void plan_free(struct plan *plan); /* takes NULL */

/* plan_dump and plan_step_dump return all that is to be stored: a new reference, NULL without
 * memory. */
json_t *plan_dump(const struct plan *plan);
json_t *plan_step_dump(const struct plan_step *step);
void plan_stored(struct plan *plan); /* what is_changed said was stored */

/*
 * plan_advance takes each step by at most one transition. True if something changed: store it, and
 * call it again. Else it has something to do in plan_wait_ms, if it isn't over.
 */
bool plan_advance(struct plan *plan, void *world, struct plan_clock clock);
int64_t plan_wait_ms(const struct plan *plan, struct plan_clock clock);

/* plan_resume goes on with a failed or stuck plan; PL_STATE for another. */
enum pl_err plan_resume(struct plan *plan);
/* plan_undo begins to take a plan back, running, done or failed; PL_STATE if it is undone, or
 * begins with a pivot that was begun. */
enum pl_err plan_undo(struct plan *plan);

bool plan_is_over(const struct plan *plan);
struct plan_step *plan_step_find(const struct plan *plan, const char *id);
const char *plan_state_text(enum plan_state state);
const char *plan_step_state_text(enum plan_step_state state);
const char *plan_kind_text(enum plan_kind kind); /* "reversible", … */

#endif
