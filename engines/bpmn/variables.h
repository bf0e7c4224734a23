/*
 * variables.h — variables in scopes, and expressions over them.
 *
 * Values in variables are never changed in place: they are shared between scopes, and what changes
 * gets new objects on its way.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef BPMN_VARIABLES_H
#define BPMN_VARIABLES_H

#include "engines/bpmn/run.h"

/* bpmn_visible returns what is seen from a frame, nearest first, with over (object or NULL) in
 * front: a reference to be released, or NULL without memory. */
json_t *bpmn_visible(struct bpmn_instance *inst, unsigned frame, const json_t *over);

/* bpmn_charge counts a value that the call made; PL_TOOLARGE past its bound. */
enum pl_err bpmn_charge(struct run *run, const json_t *value);

/* bpmn_eval evaluates within what is left of the call's bounds. */
enum pl_err bpmn_eval(struct run *run, json_t **resultp, const struct feel_expr *expr,
		      const json_t *context);

/* bpmn_eval_in evaluates over what is seen from a frame. */
enum pl_err bpmn_eval_in(struct run *run, json_t **resultp, const struct feel_expr *expr,
			 unsigned frame);

/* bpmn_text_in sets *resultp to the value of a text: of a literal the string. */
enum pl_err bpmn_text_in(struct run *run, json_t **resultp, const struct bpmn_text *text,
			 unsigned frame);

/* bpmn_set_local puts a value (consumed; NULL: PL_NOMEM) into a frame's own variables. */
enum pl_err bpmn_set_local(struct bpmn_instance *inst, unsigned frame, const char *name,
			   json_t *value);

/* bpmn_set puts a value (consumed) at a path into the nearest scope that has its first name, else
 * into the process's. */
enum pl_err bpmn_set(struct bpmn_instance *inst, unsigned frame, const char *path, json_t *value);

/* bpmn_merge sets the members of from (object, null or NULL) by bpmn_set. */
enum pl_err bpmn_merge(struct bpmn_instance *inst, unsigned frame, const json_t *from);

/* bpmn_inputs evaluates a node's input mappings over what is seen from a frame, into a new object.
 */
enum pl_err bpmn_inputs(struct run *run, json_t **objectp, const struct bpmn_node *node,
			unsigned frame);

/* bpmn_outputs keeps what came: by the node's output mappings over it and what is seen from a
 * frame, or as it is; into the scopes of frame `into` and above. */
enum pl_err bpmn_outputs(struct run *run, const struct bpmn_node *node, unsigned frame,
			 unsigned into, const json_t *payload);

#endif
