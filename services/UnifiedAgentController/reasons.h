/*
 * reasons.h — REASON(code, by_agent, text): why an agent isn't ready.
 *
 * Those of agents are what they may choose as long as UCAStoreService names no others.
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
REASON("loggedIn", false, "logged in, and not at work yet")
REASON("startWork", false, "has started work, and isn't ready yet")
REASON("logout", false, "logs out after the last contact")
REASON("noAnswer", false, "did not answer an offer")
