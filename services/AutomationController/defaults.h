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
TEMPLATE(offhours, "We are closed at the moment. Please come back during our opening hours.")
TEMPLATE(closed, "This chat has ended. Thank you for talking to us.")
