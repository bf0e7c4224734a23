// SPDX-License-Identifier: Apache-2.0

/** What the agent asked for and messages that wait: the frames to send, now, later, and again. */

import type { AgentSends } from "../../api/agent.ts";
import { takeDue, type Pending } from "../../ui/chat/transcript.ts";
import { change, remove } from "./changes.ts";
import type { Asked, Contact, Desk, Phase } from "./model.ts";

export type Step = readonly [Desk, readonly AgentSends[]];

const typingFades = 6000;

const phaseOf: Record<Asked, Phase> = {
	accept: "offered", reject: "offered", transfer: "active", close: "active", complete: "wrapup",
};

export function askFor(desk: Desk, contactId: string, asked: Asked, change_: Partial<Contact>): Step {
	const contact = desk.contacts.find((c) => c.contactId === contactId);
	if (!contact || contact.phase !== phaseOf[asked] || contact.asked === asked)
		return [desk, []];
	// Before the wrap-up was announced, the service that keeps it doesn't know that the chat is over.
	if (asked === "complete" && contact.deadline === null)
		return [desk, []];
	const next = { ...contact, ...change_, asked };
	const changed = change(desk, contactId, () => next);
	if (asked !== "complete" || desk.connection !== "online")
		return [changed, ifOnline(desk, asking(next))];
	// Nothing answers `complete`; should it be lost, the next session brings the contact back.
	return [remove(changed, contactId), asking(next)];
}

/** The frame of what the agent asked for, as often as it has to be sent. */
export function asking(contact: Contact): AgentSends[] {
	const { contactId, offerId, asked, disposition, transfer } = contact;
	switch (asked) {
	case "accept":
	case "reject":
		return [{ type: asked, contactId, ...(offerId ? { offerId } : {}) }];
	case "transfer":
		return transfer ? [{
			type: asked, contactId, to: transfer.to, ...(transfer.note ? { note: transfer.note } : {}),
		}] : [];
	case "close":
	case "complete":
		return [{ type: asked, contactId, ...(disposition ? { disposition } : {}) }];
	case null:
		return [];
	}
}

/** Sends what waits: everything on a new connection, else only what is due. */
export function flush(desk: Desk, now: number, all: boolean): Step {
	if (desk.connection !== "online")
		return [desk, []];
	const frames: AgentSends[] = [];
	let changed = false;
	const contacts = desk.contacts.map((contact) => {
		if (contact.phase !== "active")
			return contact;
		const [transcript, due] = takeDue(contact.transcript, now, all);
		const [aside, dueAside] = takeDue(contact.aside, now, all);
		if (due.length + dueAside.length === 0)
			return contact;
		changed = true;
		frames.push(...due.map((p) => saying(contact, p)));
		for (const { clientId, text } of dueAside)
			frames.push({ type: "message", contactId: contact.contactId, clientId, text, private: true });
		return { ...contact, transcript, aside };
	});
	return [changed ? { ...desk, contacts } : desk, frames];
}

function saying({ contactId }: Contact, { clientId, text, push }: Pending): AgentSends {
	return push
		? { type: "push", contactId, clientId, url: push.url, ...(push.title ? { title: push.title } : {}) }
		: { type: "message", contactId, clientId, text };
}

export function tick(desk: Desk, now: number): Step {
	let next = desk;
	const frames: AgentSends[] = [];
	for (const contact of desk.contacts) {
		if (contact.typingAt !== null && now - contact.typingAt > typingFades)
			next = change(next, contact.contactId, (c) => ({ ...c, typingAt: null }));
		if (contact.retryAt !== null && now >= contact.retryAt) {
			next = change(next, contact.contactId, (c) => ({ ...c, retryAt: null }));
			frames.push(...ifOnline(next, asking(contact)));
		}
		const over = contact.deadline !== null && now >= contact.deadline;
		if (over && contact.phase === "offered" && contact.asked === "reject")
			next = remove(next, contact.contactId);
		if (over && contact.phase === "wrapup" && contact.asked === null) {
			const [done, completes] = askFor(next, contact.contactId, "complete", {});
			next = done;
			frames.push(...completes);
		}
	}
	const [sent, messages] = flush(next, now, false);
	return [sent, [...frames, ...messages]];
}

export function ifOnline(desk: Desk, frames: readonly AgentSends[]): readonly AgentSends[] {
	return desk.connection === "online" ? frames : [];
}
