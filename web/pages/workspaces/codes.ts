// SPDX-License-Identifier: Apache-2.0

/** Codes used where the session brings none; their words are in the catalogue. */
export const defaultReasons = ["Break", "Lunch", "Meeting", "Training", "Other"];
export const defaultDispositions = ["Resolved", "FollowUp", "Escalated", "NoResponse", "Spam"];
