// SPDX-License-Identifier: Apache-2.0

/** One contact as frames tell of it. All is pure. */

import type {
	AgentGets, ChatFrame, ContactFacts, Leg, Note, PrivateItem, SessionContact, TranscriptItem,
} from "../../api/agent.ts";
import type { DurableEvent } from "../../api/chat.ts";
import { addEvent, addEvents, emptyTranscript } from "../../ui/chat/transcript.ts";
import type { Contact, KeptPending, Phase } from "./model.ts";

export function newContact(facts: ContactFacts, phase: Phase): Contact {
	return withFacts({
		contactId: facts.contactId,
		offerId: facts.offerId ?? null,
		phase,
		channel: "chat",
		service: "",
		customer: {},
		context: {},
		transcript: emptyTranscript,
		aside: emptyTranscript,
		consultation: null,
		note: null,
		legs: [],
		files: null,
		presence: null,
		deadline: null,
		lasts: 0,
		extensionsLeft: 0,
		asked: null,
		transfer: null,
		retryAt: null,
		disposition: null,
		closedReason: null,
		typingAt: null,
		unread: 0,
	}, facts);
}

/** Lays what a frame says over what is known; what it doesn't say stays. */
export function withFacts(contact: Contact, facts: ContactFacts): Contact {
	const isConsult = facts.kind === "consult" && facts.parentId !== undefined;
	return {
		...contact,
		channel: facts.channel ?? contact.channel,
		service: facts.service ?? contact.service,
		customer: facts.customer ?? contact.customer,
		context: facts.context ?? contact.context,
		note: facts.note === undefined ? contact.note : noteOf(facts.note, facts),
		files: facts.files ?? contact.files,
		presence: facts.presence ?? contact.presence,
		legs: facts.legs ?? contact.legs,
		consultation: isConsult ? {
			parentId: facts.parentId!,
			from: facts.from ?? contact.consultation?.from ?? { id: "" },
			state: facts.leg ?? contact.consultation?.state ?? "joined",
		} : contact.consultation,
		transcript: addEvents(contact.transcript, (facts.transcript ?? []).map(toEvent)),
		aside: addEvents(contact.aside, (facts.private ?? []).map(toAside)),
	};
}

function noteOf(note: Note | string | null, { from }: ContactFacts): Note | null {
	const whole = typeof note === "string" ? { text: note, ...(from ? { from } : {}) } : note;
	return whole?.text ? whole : null;
}

function toEvent(item: TranscriptItem): DurableEvent {
	return item.type === undefined ? { ...item, type: "message" } : item;
}

function toAside(item: PrivateItem): DurableEvent {
	return { ...item, type: "message" };
}

/** As a session brings it after each connection, over what the page had before. */
export function fromSession(
	item: SessionContact, prior: Contact | undefined, kept: readonly KeptPending[], now: number,
): Contact {
	const seconds = item.state === "offered" ? item.expiresInSeconds
		: item.state === "wrapup" ? item.wrapUpSeconds : undefined;
	const before = prior ?? unsentContact(item, kept);
	const fresh = newContact(item, item.state);
	const isOpen = prior && stillOpen(prior, item);
	return {
		...fresh,
		files: fresh.files ?? before.files,
		transcript: addEvents(before.transcript, fresh.transcript.events),
		aside: addEvents(before.aside, fresh.aside.events),
		deadline: seconds === undefined ? null : now + seconds * 1000,
		lasts: Math.max((seconds ?? 0) * 1000, prior?.phase === item.state ? prior.lasts : 0),
		extensionsLeft: item.extensionsLeft ?? 0,
		asked: isOpen ? prior.asked : null,
		transfer: isOpen ? prior.transfer : null,
		disposition: prior?.disposition ?? null,
		closedReason: item.reason ?? prior?.closedReason ?? null,
		unread: prior?.unread ?? 0,
	};
}

function unsentContact(item: SessionContact, kept: readonly KeptPending[]): Contact {
	const bare = newContact({ contactId: item.contactId }, item.state);
	const plain = kept.map(({ private: _private, ...pending }) => pending);
	return {
		...bare,
		transcript: { events: [], pending: plain.filter((_p, i) => !kept[i]!.private) },
		aside: { events: [], pending: plain.filter((_p, i) => kept[i]!.private) },
	};
}

function stillOpen(prior: Contact, item: SessionContact): boolean {
	return prior.phase === item.state
		&& (item.state !== "offered" || prior.offerId === (item.offerId ?? null));
}

/** A durable event of the chat; unread unless it is on the screen. */
export function heard(contact: Contact, frame: ChatFrame, isShown: boolean): Contact {
	const { contactId: _contactId, ...event } = frame;
	const transcript = addEvent(contact.transcript, event);
	if (transcript === contact.transcript)
		return contact;
	const isCustomers = "from" in event && event.from === "customer";
	return {
		...contact,
		transcript,
		typingAt: isCustomers ? null : contact.typingAt,
		unread: isCustomers && !isShown ? contact.unread + 1 : contact.unread,
	};
}

export function heardAside(contact: Contact, item: PrivateItem, isShown: boolean): Contact {
	const isOwn = contact.aside.pending.some((p) => p.clientId === item.clientId);
	const aside = addEvent(contact.aside, toAside(item));
	return aside === contact.aside ? contact : {
		...contact, aside, unread: isOwn || isShown ? contact.unread : contact.unread + 1,
	};
}

/**
 * The chat is over. The contact's stream says so to all who are in the chat (with seq); the agent's own
 * frame says how long the wrap-up is (its seq is another stream's). Either may come first.
 */
export function closed(
	contact: Contact, frame: Extract<AgentGets, { type: "closed" }>, now: number,
): Contact {
	const { reason, seq, at, wrapUpSeconds } = frame;
	const over: Contact = {
		...contact, phase: "wrapup", closedReason: reason, typingAt: null, presence: null, legs: [],
		asked: contact.phase === "wrapup" ? contact.asked : null, transfer: null,
	};
	if (wrapUpSeconds !== undefined) {
		const ms = wrapUpSeconds * 1000;
		return contact.phase === "wrapup" && contact.deadline !== null ? contact
			: { ...over, deadline: now + ms, lasts: ms, extensionsLeft: frame.extensionsLeft ?? 0 };
	}
	return seq === undefined ? over : {
		...over,
		transcript: addEvent(contact.transcript, { type: "closed", seq, reason, ...(at ? { at } : {}) }),
	};
}

/** What became of somebody who was asked; over, the leg is none any more. */
export function withLeg(contact: Contact, leg: Leg): Contact {
	const others = contact.legs.filter((one) => one.legId !== leg.legId);
	if (isOver(leg))
		return { ...contact, legs: others };
	return {
		...contact,
		legs: contact.legs.length === others.length ? [...others, leg]
			: contact.legs.map((one) => (one.legId === leg.legId ? { ...one, ...leg } : one)),
	};
}

export function isOver({ state }: Leg): boolean {
	return state === "declined" || state === "noAnswer" || state === "ended";
}
