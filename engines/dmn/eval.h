/*
 * eval.h — one evaluation of a model: what is known of its elements, and the slots of their logic.
 *
 * What returns a value returns NULL when the run is over. All of it is in the run's arena, since
 * functions that an evaluation makes may be called after it.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef DMN_EVAL_H
#define DMN_EVAL_H

#include "engines/dmn/compile.h"

struct dmn_eval {
	struct feel_run *run;
	const struct dmn_model *model;
	const struct feel_value *inputs;
	struct dmn_diagnostics *diagnostics; /* NULL once the evaluation is over */
	const struct dmn_text *text;	     /* that is evaluated now */
	size_t notes_taken;		     /* of the run */
	unsigned depth;
};

/* What is known of elements: of the whole evaluation, or within the call of a service. */
struct dmn_known {
	struct dmn_eval *eval;
	const struct feel_value **values; /* by the element's index; NULL: not yet */
	bool is_service;		  /* inputs are parameters, not what is given */
};

struct dmn_frame {
	struct dmn_eval *eval;
	struct dmn_known *known;
	const struct dmn_element *element;
	const struct feel_value **slots; /* room for element->slots */
	size_t len;
};

void *dmn_alloc(struct dmn_eval *eval, size_t size); /* NULL: the run is over */

/* dmn_deeper counts what waits; false past the limit, which ends the run. */
bool dmn_deeper(struct dmn_eval *eval);

/* dmn_null_because returns null and says why. */
const struct feel_value *dmn_null_because(struct dmn_eval *eval, const struct dmn_place *place,
					  const char *format, ...)
	__attribute__((format(printf, 3, 4)));

/* dmn_coerce is feel_coerce that also holds a function to its result's type; place is for
 * diagnostics. */
const struct feel_value *dmn_coerce(struct dmn_eval *eval, const struct feel_value *value,
				    const struct feel_type *type, const struct dmn_place *place);

/* dmn_text_value evaluates an expression of the frame and coerces it to its type. */
const struct feel_value *dmn_text_value(struct dmn_frame *frame, const struct dmn_text *text);

/* dmn_text_tests tells what unary tests say of a value; no text is true. */
const struct feel_value *dmn_text_tests(struct dmn_frame *frame, const struct dmn_text *text,
					const struct feel_value *tested);

/* dmn_with_slots evaluates FEEL of our own over slots of its own. */
const struct feel_value *dmn_with_slots(struct dmn_eval *eval, const struct dmn_text *text,
					const struct feel_value *const *slots);

/* dmn_call calls a function; place is for diagnostics. */
const struct feel_value *dmn_call(struct dmn_eval *eval, const struct feel_value *function,
				  const struct feel_value *const *args, size_t len,
				  const struct dmn_place *place);

const struct feel_value *dmn_boxed_value(struct dmn_frame *frame, const struct dmn_boxed *boxed);
const struct feel_value *dmn_table_value(struct dmn_frame *frame, const struct dmn_table *table);

/* dmn_function makes a function of boxed in the frame; result NULL: of any type. */
const struct feel_value *dmn_function(struct dmn_frame *frame, const struct dmn_boxed *boxed,
				      const char *name, const struct feel_type *result);

/* dmn_element_value finds out about an element once. */
const struct feel_value *dmn_element_value(struct dmn_known *known,
					   const struct dmn_element *element);

/* dmn_frame_open fills the slots that an element's logic sees; false when the run is over. */
bool dmn_frame_open(struct dmn_frame *frame, struct dmn_known *known,
		    const struct dmn_element *element);

static inline bool dmn_is_true(const struct feel_value *value)
{
	return value->kind == FEEL_BOOLEAN && value->truth;
}

#endif
