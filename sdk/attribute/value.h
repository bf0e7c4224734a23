/*
 * value.h — values of attributes. Private.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef PELAGO_ATTRIBUTE_VALUE_H
#define PELAGO_ATTRIBUTE_VALUE_H

#include <stdint.h>

/* value_unit_ms returns the milliseconds of a unit of time, 0 if it is none. */
int64_t value_unit_ms(const char *unit);

#endif
