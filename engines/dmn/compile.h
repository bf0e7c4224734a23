/*
 * compile.h — what compiling and running agree on.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef DMN_COMPILE_H
#define DMN_COMPILE_H

#include "engines/dmn/model.h"

/* Names in FEEL of our own. */
#define DMN_HELPER_FUNCTION "_f_"
#define DMN_HELPER_LIST	    "_d_"

/* dmn_see sets what an element's logic sees: what it requires, by names, and knowledge itself. */
enum pl_err dmn_see(struct dmn_model *model, struct dmn_element *element);

/* dmn_allowed_of returns the allowed values of an item definition's type, or NULL. */
const struct dmn_text *dmn_allowed_of(const struct feel_type *type);

#endif
