// SPDX-License-Identifier: Apache-2.0

/** Small changes of the desk that every event is made of. All are pure. */

import { splitMost, type Contact, type Desk, type Notice } from "./model.ts";

const noticesShown = 4;

export function change(desk: Desk, contactId: string, fn: (c: Contact) => Contact): Desk {
	return changeWhere(desk, (c) => c.contactId === contactId, fn);
}

/** Of the chat with this id: the contact itself, or the consultation by which the agent watches it. */
export function changeChat(desk: Desk, contactId: string, fn: (c: Contact) => Contact): Desk {
	return changeWhere(desk,
		(c) => c.contactId === contactId || c.consultation?.parentId === contactId, fn);
}

function changeWhere(
	desk: Desk, isMeant: (c: Contact) => boolean, fn: (c: Contact) => Contact,
): Desk {
	let changed = false;
	const contacts = desk.contacts.map((c) => {
		if (!isMeant(c))
			return c;
		const next = fn(c);
		changed ||= next !== c;
		return next;
	});
	return changed ? { ...desk, contacts } : desk;
}

export function remove(desk: Desk, contactId: string): Desk {
	return arrange({ ...desk, contacts: desk.contacts.filter((c) => c.contactId !== contactId) });
}

/** Shows a contact that the agent has: where it is, in a free place, or in that of the selected one. */
export function show(desk: Desk, contactId: string): Desk {
	const { shown, selected, split } = desk;
	const places = shown.includes(contactId) ? shown
		: shown.length < split ? [...shown, contactId]
		: shown.map((id) => (id === selected ? contactId : id));
	return arrange({ ...desk, shown: places, selected: contactId });
}

export function splitBy(desk: Desk, split: number): Desk {
	const next = Math.min(splitMost, Math.max(1, split));
	// The selected one stays, with those beside it.
	const at = desk.shown.indexOf(desk.selected ?? "");
	const from = Math.max(0, Math.min(at, desk.shown.length - next));
	return arrange({ ...desk, split: next, shown: desk.shown.slice(from, from + next) });
}

/** Fills the places with contacts that the agent has, and selects one of them. */
export function arrange(desk: Desk): Desk {
	const mine = desk.contacts.filter((c) => c.phase !== "offered").map((c) => c.contactId);
	const kept = desk.shown.filter((id) => mine.includes(id)).slice(0, desk.split);
	const rest = mine.filter((id) => !kept.includes(id));
	const shown = [...kept, ...rest.slice(0, desk.split - kept.length)];
	const selected = shown.find((id) => id === desk.selected)
		?? shown[Math.min(desk.shown.indexOf(desk.selected ?? ""), shown.length - 1)]
		?? shown[0] ?? null;
	const contacts = desk.contacts.some((c) => c.unread && shown.includes(c.contactId))
		? desk.contacts.map((c) => (shown.includes(c.contactId) ? { ...c, unread: 0 } : c))
		: desk.contacts;
	return { ...desk, contacts, shown, selected };
}

type NewNotice = Notice extends infer N ? N extends Notice ? Omit<N, "id"> : never : never;

export function notify(desk: Desk, notice: NewNotice): Desk {
	const id = desk.count + 1;
	const last = desk.notices.slice(-(noticesShown - 1));
	return { ...desk, count: id, notices: [...last, { ...notice, id } as Notice] };
}
