// SPDX-License-Identifier: Apache-2.0
import { setting } from "../../ui/page/setting.ts";

/** What an agent chose for the desk on this machine. */
export const preferences = {
	sound: setting("sound", ["on", "off"]),
	notifications: setting("notifications", ["off", "on"]),
	keys: setting("keys", ["on", "off"]),
	/** On a narrow screen they lie over the conversation, so they come when they are asked for. */
	details: setting("details", matchMedia("(max-width: 70rem)").matches ? ["off", "on"] : ["on", "off"]),
};
