// SPDX-License-Identifier: Apache-2.0

/**
 * Half-written texts by contact and by whom they are for, kept while the agent looks at others and through
 * a reload. A text for colleagues and one for the customer never take each other's place.
 */

import { tab } from "../../../ui/net/tab.ts";

export type Audience = "customer" | "agents";

const key = "pelago.drafts";
const texts = new Map<string, string>(load());

export const drafts = {
	get: (contactId: string, audience: Audience): string => texts.get(nameOf(contactId, audience)) ?? "",
	set(contactId: string, audience: Audience, text: string): void {
		put(nameOf(contactId, audience), text);
	},
	audience: (contactId: string): Audience | null =>
		texts.get(`${contactId} audience`) as Audience | undefined ?? null,
	choose(contactId: string, audience: Audience): void {
		put(`${contactId} audience`, audience);
	},
	/** Forgets what was written for contacts that the agent has no more. */
	keepOnly(contactIds: readonly string[]): void {
		for (const name of [...texts.keys()]) {
			if (!contactIds.includes(name.split(" ")[0]!))
				put(name, "");
		}
	},
};

function nameOf(contactId: string, audience: Audience): string {
	return audience === "customer" ? contactId : `${contactId} agents`;
}

function put(name: string, text: string): void {
	if (text)
		texts.set(name, text);
	else
		texts.delete(name);
	tab.set(key, JSON.stringify([...texts]));
}

function load(): [string, string][] {
	try {
		return JSON.parse(tab.get(key) ?? "[]") as [string, string][];
	} catch {
		return [];
	}
}
