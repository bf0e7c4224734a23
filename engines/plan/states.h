/*
 * states.h — PLAN(name, text, is_over) and STEP(name, text): the states of a plan and of its steps.
 * The texts are what people and programs see, and what is stored.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
/* clang-format off */
#ifdef PLAN
PLAN(RUNNING, "running", false)
PLAN(DONE,    "done",    true)
PLAN(FAILED,  "failed",  true)  /* a step failed: resume or undo */
PLAN(UNDOING, "undoing", false)
PLAN(UNDONE,  "undone",  true)  /* as far as its last pivot */
PLAN(STUCK,   "stuck",   true)  /* a step couldn't be undone: resume undoes on */
#endif
#ifdef STEP
STEP(WAITING,   "waiting")   /* for the steps before it */
STEP(APPLYING,  "applying")  /* what was before is stored; its effect may be there */
STEP(VERIFYING, "verifying") /* its effect is there; not seen yet */
STEP(DONE,      "done")
STEP(FAILED,    "failed")
STEP(UNDOING,   "undoing")
STEP(UNDONE,    "undone")
STEP(LEFT,      "left")      /* somebody has changed it since: not undone */
#endif
