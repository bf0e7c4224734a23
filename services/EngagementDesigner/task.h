/*
 * task.h — the operations that a workflow's service tasks may use, and what each wants as input.
 *
 * Pure: knows neither bus nor store. The rows are in task.c; whatever has no row is refused when a
 * workflow is deployed.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef DESIGNER_TASK_H
#define DESIGNER_TASK_H

#include <jansson.h>
#include <stdbool.h>
#include <stddef.h>

#include "pelago/err.h"

enum task_type {
	TASK_CONTACT, /* the instance's own contact: filled in if absent, refused if another's */
	TASK_TEXT,
	TASK_OBJECT,
	TASK_NUMBER, /* whole */
	TASK_LIST,
	TASK_YES_NO,
};

struct task_input {
	const char *name;
	enum task_type type;
	bool required;
	const char *unless; /* … this one is given; or NULL */
};

enum { TASK_INPUTS = 12 };

struct task {
	const char *operation; /* "AutomationController.say" */
	unsigned version;      /* rises when its inputs change */
	bool conflict_ends;    /* the answer `conflict` says that the contact has ended */
	const char *text;
	struct task_input inputs[TASK_INPUTS]; /* up to a row of zeros */
};

/* task_find returns the row of an operation, or NULL. */
const struct task *task_find(const char *operation);
/* task_is_user tells whether a type is that of tasks that people do. */
bool task_is_user(const char *type);
/* task_row returns the i-th row, NULL after the last. */
const struct task *task_row(size_t i);

/* How a task that was drawn by a version of a row stands to what the row is now. */
enum task_age {
	TASK_CURRENT,  /* or its file tells no version */
	TASK_OUTDATED, /* one or two versions behind: it runs, and is shown as out of date */
	TASK_TOO_OLD,  /* further behind: not deployed any more; what runs goes on */
	TASK_NEWER,    /* of a later program: not deployed */
};

/* task_age compares; version 0: none is told. */
enum task_age task_age(const struct task *task, unsigned version);
/* task_age_text is "current", "outdated", "tooOld", "newer". */
const char *task_age_text(enum task_age age);

/*
 * task_check makes the body of a command of a task's input: members that are null are left out,
 * the contact is filled in. *bodyp is a new reference. Returns PL_INVALID with the member's name.
 */
enum pl_err task_check(json_t **bodyp, const struct task *task, const json_t *input,
		       const char *contact_id);

#endif
