/*
 * reasons.h — REASON(code, by_agent, text): why an agent isn't ready.
 *
 *   by_agent  whether agents may choose it; the others are set by what happened
 *
 * SPDX-License-Identifier: Apache-2.0
 */
REASON("Break", true, "a break")
REASON("Lunch", true, "lunch")
REASON("Meeting", true, "a meeting")
REASON("Training", true, "training")
REASON("Other", true, "anything else")
REASON("login", false, "logged in, and not ready yet")
REASON("noAnswer", false, "did not answer an offer")
