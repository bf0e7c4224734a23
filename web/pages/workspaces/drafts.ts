// SPDX-License-Identifier: Apache-2.0

/** Half-written texts by contact, kept while the agent looks at others and through a reload. */

const key = "pelago.drafts";
const texts = new Map<string, string>(load());

export const drafts = {
	get: (contactId: string): string => texts.get(contactId) ?? "",
	set(contactId: string, text: string): void {
		if (text)
			texts.set(contactId, text);
		else
			texts.delete(contactId);
		sessionStorage.setItem(key, JSON.stringify([...texts]));
	},
};

function load(): [string, string][] {
	try {
		return JSON.parse(sessionStorage.getItem(key) ?? "[]") as [string, string][];
	} catch {
		return [];
	}
}
