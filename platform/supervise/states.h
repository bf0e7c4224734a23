/*
 * states.h — PROCESS_STATE(name, text): the states of a supervised process.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
/* clang-format off */
PROCESS_STATE(OFF, "Off")
PROCESS_STATE(RUNNING, "Running")
PROCESS_STATE(WAITING, "Restarting")
PROCESS_STATE(FAILED, "Failed")
PROCESS_STATE(STOPPING, "Stopping")
