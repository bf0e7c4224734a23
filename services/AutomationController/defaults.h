/*
 * defaults.h — TEMPLATE(name, text): what is there at the first start; administrators change it
 * later.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
TEMPLATE(greeting,
	 "Hello {name|and welcome}. Thank you for your message, somebody will be with you soon.")
TEMPLATE(comfort,
	 "Thank you for waiting, {name|your message isn't forgotten}. All of us are still busy.")
TEMPLATE(comfort_position,
	 "Thank you for waiting, {name|your message isn't forgotten}. You are number {position} in "
	 "the queue.")
TEMPLATE(comfort_wait,
	 "Thank you for waiting, {name|your message isn't forgotten}. You are number {position} in "
	 "the queue, and the wait is about {minutes} min.")
TEMPLATE(idle, "Are you still there? Without a word from you this chat ends in {minutes} min.")
TEMPLATE(offhours, "We are closed at the moment. Please come back during our opening hours.")
TEMPLATE(closed, "This chat has ended. Thank you for talking to us.")
