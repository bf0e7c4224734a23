/*
 * state.h — the words of an instance's state.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef BPMN_STATE_H
#define BPMN_STATE_H

#include "engines/bpmn/instance.h"

enum { BPMN_STATE_VERSION = 2, BPMN_STATUS_COUNT = BPMN_CANCELLED + 1 };

#define BPMN_TOKEN_ID_MAX 9007199254740992LL /* what every reader of JSON keeps exact */

extern const char *const bpmn_wait_texts[BPMN_WAIT_COUNT];
extern const char *const bpmn_frame_texts[BPMN_FRAME_COUNT];
extern const char *const bpmn_status_texts[BPMN_STATUS_COUNT];

#endif
