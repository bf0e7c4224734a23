// SPDX-License-Identifier: Apache-2.0

/**
 * The agent's desk as a pure state machine: (state, event) → state and the frames to send.
 *
 * After each connection the server's `session` says what is; what the agent asked for meanwhile
 * (accept, close, complete, messages) is kept in the state and sent again if it is still open.
 */

import type {
	AgentGets, AgentInfo, AgentSends, AgentState, Customer, SessionContact, TranscriptItem,
} from "../../api/agent.ts";
import type { CloseReason, DurableEvent, ErrorCode } from "../../api/chat.ts";
import {
	addEvent, addEvents, addPending, dropPending, emptyTranscript, failPending, repeatIn, retryAfter,
	retryPending, takeDue, type Pending, type Transcript,
} from "../../ui/chat/transcript.ts";

export type Phase = "offered" | "active" | "wrapup";
export type Asked = "accept" | "reject" | "close" | "complete";
export type Connection = "connecting" | "online" | "lost" | "replaced" | "out";

export interface Contact {
	contactId: string;
	offerId: string | null;
	phase: Phase;
	channel: string;
	service: string;
	customer: Customer;
	context: Record<string, unknown>;
	transcript: Transcript;
	/** Monotonic ms at which the offer or the wrap-up ends, and how long it lasts in all. */
	deadline: number | null;
	lasts: number;
	/** What the agent did and the server hasn't confirmed. */
	asked: Asked | null;
	/** Monotonic ms at which to ask again, after a refusal that passes. */
	retryAt: number | null;
	disposition: string | null;
	closedReason: CloseReason | null;
	typingAt: number | null;
	unread: number;
}

export type Notice =
	| { id: number; kind: "withdrawn"; reason: string; customer: string }
	| { id: number; kind: "gone"; customer: string }
	| { id: number; kind: "error"; code: ErrorCode; message: string | null };

export interface Desk {
	connection: Connection;
	agent: AgentInfo;
	state: AgentState | null;
	reason: string | null;
	stateSince: number;
	wanted: { state: "Ready" | "NotReady"; reason?: string } | null;
	contacts: readonly Contact[];
	selected: string | null;
	notices: readonly Notice[];
	/** Messages that an earlier load of the page couldn't send, by contact. */
	kept: Readonly<Record<string, readonly Pending[]>>;
	count: number;
}

export type DeskEvent =
	| { type: "lost" }
	| { type: "back" }
	| { type: "frame"; frame: AgentGets; now: number }
	| { type: "state"; state: "Ready" | "NotReady"; reason?: string }
	| { type: "accept" | "reject" | "select"; contactId: string }
	| { type: "say"; contactId: string; clientId: string; text: string; now: number }
	| { type: "sayAgain"; contactId: string; clientId: string; now: number }
	| { type: "drop"; contactId: string; clientId: string }
	| { type: "close" | "complete"; contactId: string; disposition: string }
	| { type: "dismiss"; id: number }
	| { type: "tick"; now: number };

type Step = readonly [Desk, readonly AgentSends[]];

const typingFades = 6000;
const noticesShown = 4;

export const emptyDesk: Desk = {
	connection: "connecting", agent: {}, state: null, reason: null, stateSince: 0, wanted: null,
	contacts: [], selected: null, notices: [], kept: {}, count: 0,
};

export function customerName(contact: { customer: Customer; contactId: string }): string {
	return contact.customer.name || contact.customer.email || contact.contactId.slice(0, 8);
}

export function step(desk: Desk, event: DeskEvent): Step {
	switch (event.type) {
	case "lost":
		return [desk.connection === "replaced" ? desk : { ...desk, connection: "lost" }, []];
	case "back":
		return [{ ...desk, connection: "connecting" }, []];
	case "frame":
		return gets(desk, event.frame, event.now);
	case "state": {
		const { state, reason } = event;
		const wanted = { state, ...(reason ? { reason } : {}) };
		return [{ ...desk, wanted }, ifOnline(desk, [{ type: "state", ...wanted }])];
	}
	case "select":
		return [change({ ...desk, selected: event.contactId }, event.contactId,
			(c) => ({ ...c, unread: 0 })), []];
	case "accept":
	case "reject":
		return askFor(desk, event.contactId, event.type, null);
	case "close":
	case "complete":
		return askFor(desk, event.contactId, event.type, event.disposition);
	case "say":
		return flush(change(desk, event.contactId, (c) => ({
			...c,
			transcript: addPending(c.transcript, event.clientId, event.text, null),
		})), event.now, false);
	case "sayAgain":
		return flush(change(desk, event.contactId, (c) => ({
			...c, transcript: retryPending(c.transcript, event.clientId),
		})), event.now, false);
	case "drop":
		return [change(desk, event.contactId, (c) => ({
			...c, transcript: dropPending(c.transcript, event.clientId),
		})), []];
	case "dismiss":
		return [{ ...desk, notices: desk.notices.filter((n) => n.id !== event.id) }, []];
	case "tick":
		return tick(desk, event.now);
	}
}

function gets(desk: Desk, frame: AgentGets, now: number): Step {
	switch (frame.type) {
	case "session":
		return session(desk, frame, now);
	case "state":
		return [{
			...desk,
			state: frame.state,
			reason: frame.reason ?? null,
			stateSince: frame.state === desk.state && (frame.reason ?? null) === desk.reason
				? desk.stateSince : now,
			wanted: null,
		}, []];
	case "offer":
		return [offer(desk, frame, now), []];
	case "assigned":
		return [assigned(desk, frame), []];
	case "withdrawn":
		return [withdrawn(desk, frame), []];
	case "opened":
	case "joined":
	case "left":
	case "message":
		return [change(desk, frame.contactId, (c) => heard(c, frame, desk.selected)), []];
	case "typing":
		return [change(desk, frame.contactId, (c) => (frame.from === "customer"
			? { ...c, typingAt: frame.on ? now : null } : c)), []];
	case "closed":
		return [change(desk, frame.contactId, (c) => closed(c, frame, now)), []];
	case "replaced":
		return [{ ...desk, connection: "replaced" }, []];
	case "error":
		return [refused(desk, frame, now), []];
	default:
		return [desk, []];
	}
}

function session(desk: Desk, frame: Extract<AgentGets, { type: "session" }>, now: number): Step {
	const items = frame.contacts ?? [];
	const before = new Map(desk.contacts.map((c) => [c.contactId, c]));
	const contacts = items.map((item) => fromSession(
		item, before.get(item.contactId), desk.kept[item.contactId] ?? [], now,
	));
	const still = new Set(items.map((item) => item.contactId));
	const gone = desk.contacts.filter((c) => !still.has(c.contactId) && !isOver(c));
	const known = frame.state === desk.state && (frame.reason ?? null) === desk.reason;
	const next = gone.reduce(
		(d, c) => notify(d, { kind: "gone", customer: customerName(c) }),
		select({
			...desk,
			connection: "online",
			agent: frame.agent ?? desk.agent,
			state: frame.state,
			reason: frame.reason ?? null,
			stateSince: known ? desk.stateSince : now,
			contacts,
			kept: {},
		}, desk.selected),
	);
	const [sent, messages] = flush(next, now, true);
	const wanted: AgentSends[] = desk.wanted ? [{ type: "state", ...desk.wanted }] : [];
	const completed = sent.contacts.filter((c) => c.asked === "complete");
	return [
		completed.reduce((d, c) => remove(d, c.contactId), sent),
		[...wanted, ...sent.contacts.flatMap(asking), ...messages],
	];
}

/** Nothing is lost for the agent when such a contact is missing from a new session. */
function isOver(contact: Contact): boolean {
	return contact.phase === "wrapup" || contact.asked === "reject" || contact.asked === "close";
}

function fromSession(
	item: SessionContact, prior: Contact | undefined, kept: readonly Pending[], now: number,
): Contact {
	const seconds = item.state === "offered" ? item.expiresInSeconds
		: item.state === "wrapup" ? item.wrapUpSeconds : undefined;
	const fresh = newContact(item, item.state);
	const events = (item.transcript ?? []).map(toEvent);
	const transcript = prior?.transcript ?? { ...emptyTranscript, pending: kept };
	return {
		...fresh,
		transcript: addEvents(transcript, events),
		deadline: seconds === undefined ? null : now + seconds * 1000,
		lasts: Math.max((seconds ?? 0) * 1000, prior?.phase === item.state ? prior.lasts : 0),
		asked: prior && stillOpen(prior, item) ? prior.asked : null,
		disposition: prior?.disposition ?? null,
		closedReason: item.reason ?? prior?.closedReason ?? null,
		unread: prior?.unread ?? 0,
	};
}

function stillOpen(prior: Contact, item: SessionContact): boolean {
	return prior.phase === item.state
		&& (item.state !== "offered" || prior.offerId === (item.offerId ?? null));
}

function newContact(
	item: Omit<SessionContact, "state" | "transcript">, phase: Phase,
): Contact {
	return {
		contactId: item.contactId,
		offerId: item.offerId ?? null,
		phase,
		channel: item.channel ?? "chat",
		service: item.service ?? "",
		customer: item.customer ?? {},
		context: item.context ?? {},
		transcript: emptyTranscript,
		deadline: null,
		lasts: 0,
		asked: null,
		retryAt: null,
		disposition: null,
		closedReason: null,
		typingAt: null,
		unread: 0,
	};
}

function toEvent(item: TranscriptItem): DurableEvent {
	return item.type === undefined ? { ...item, type: "message" } : item;
}

function offer(desk: Desk, frame: Extract<AgentGets, { type: "offer" }>, now: number): Desk {
	const known = desk.contacts.find((c) => c.contactId === frame.contactId);
	// Offers are pushed until confirmed; a repeat must not restart what the agent already answered.
	if (known && known.offerId === (frame.offerId ?? null))
		return desk;
	const ms = frame.expiresInSeconds * 1000;
	const contact = { ...newContact(frame, "offered"), deadline: now + ms, lasts: ms };
	return {
		...desk,
		contacts: [...desk.contacts.filter((c) => c !== known), contact],
	};
}

function assigned(desk: Desk, frame: Extract<AgentGets, { type: "assigned" }>): Desk {
	const known = desk.contacts.find((c) => c.contactId === frame.contactId);
	const base = known ?? newContact(frame, "active");
	if (base.phase === "wrapup")
		return desk;
	const contact: Contact = {
		...base,
		phase: "active",
		channel: frame.channel ?? base.channel,
		service: frame.service ?? base.service,
		customer: frame.customer ?? base.customer,
		context: frame.context ?? base.context,
		transcript: addEvents(base.transcript, (frame.transcript ?? []).map(toEvent)),
		deadline: null,
		asked: base.phase === "offered" ? null : base.asked,
	};
	const next = {
		...desk,
		contacts: known
			? desk.contacts.map((c) => (c === known ? contact : c))
			: [...desk.contacts, contact],
	};
	// Accepted by this agent just now: show it, unless the agent is in the middle of another one.
	const busy = desk.contacts.some((c) => c.contactId === desk.selected && c.phase === "active");
	return select(next, busy && base.asked !== "accept" ? desk.selected : frame.contactId);
}

function withdrawn(desk: Desk, frame: Extract<AgentGets, { type: "withdrawn" }>): Desk {
	const contact = desk.contacts.find((c) => c.contactId === frame.contactId);
	if (!contact || (frame.offerId && contact.offerId && frame.offerId !== contact.offerId))
		return desk;
	const left = remove(desk, contact.contactId);
	if (contact.asked === "reject")
		return left;
	return notify(left, {
		kind: "withdrawn", reason: frame.reason, customer: customerName(contact),
	});
}

function heard(
	contact: Contact, frame: DurableEvent & { contactId: string }, selected: string | null,
): Contact {
	const { contactId, ...event } = frame;
	const transcript = addEvent(contact.transcript, event);
	if (transcript === contact.transcript)
		return contact;
	const fromCustomer = event.type === "message" && event.from === "customer";
	return {
		...contact,
		transcript,
		typingAt: fromCustomer ? null : contact.typingAt,
		unread: fromCustomer && contactId !== selected ? contact.unread + 1 : contact.unread,
	};
}

/**
 * The chat is over. The contact's stream says so to all who are in the chat (with seq); the agent's own
 * frame says how long the wrap-up is (its seq is another stream's). Either may come first.
 */
function closed(
	contact: Contact, frame: Extract<AgentGets, { type: "closed" }>, now: number,
): Contact {
	const { reason, seq, at, wrapUpSeconds } = frame;
	const over: Contact = {
		...contact, phase: "wrapup", closedReason: reason, typingAt: null,
		asked: contact.phase === "wrapup" ? contact.asked : null,
	};
	if (wrapUpSeconds !== undefined) {
		const ms = wrapUpSeconds * 1000;
		return contact.phase === "wrapup" && contact.deadline !== null
			? contact : { ...over, deadline: now + ms, lasts: ms };
	}
	return seq === undefined ? over : {
		...over,
		transcript: addEvent(contact.transcript, { type: "closed", seq, reason, ...(at ? { at } : {}) }),
	};
}

function refused(
	desk: Desk, frame: Extract<AgentGets, { type: "error" }>, now: number,
): Desk {
	const { code, clientId, contactId } = frame;
	if (clientId) {
		const contact = desk.contacts.find(
			(c) => c.transcript.pending.some((p) => p.clientId === clientId),
		);
		if (contact) {
			const soon = retryAfter(code);
			return change(desk, contact.contactId, (c) => ({
				...c,
				transcript: soon === null
					? failPending(c.transcript, clientId, code)
					: repeatIn(c.transcript, clientId, now, soon),
			}));
		}
	}
	const later = retryAfter(code);
	if (contactId && later !== null && desk.contacts.some((c) => c.contactId === contactId && c.asked)) {
		const waiting = change(desk, contactId, (c) => ({ ...c, retryAt: now + later }));
		return notify(waiting, { kind: "error", code, message: frame.message ?? null });
	}
	const offered = desk.contacts.some((c) => c.contactId === contactId && c.phase === "offered");
	const calm = contactId && offered && code === "conflict"
		? remove(desk, contactId)
		: contactId
		? change(desk, contactId, (c) => ({ ...c, asked: null }))
		: { ...desk, wanted: clientId ? desk.wanted : null };
	return notify(calm, { kind: "error", code, message: frame.message ?? null });
}

function askFor(desk: Desk, contactId: string, asked: Asked, disposition: string | null): Step {
	const contact = desk.contacts.find((c) => c.contactId === contactId);
	const phase: Phase = asked === "close" ? "active" : asked === "complete" ? "wrapup" : "offered";
	if (!contact || contact.phase !== phase || contact.asked === asked)
		return [desk, []];
	// Before the wrap-up was announced, the service that keeps it doesn't know that the chat is over.
	if (asked === "complete" && contact.deadline === null)
		return [desk, []];
	const next = { ...contact, asked, disposition: disposition ?? contact.disposition };
	const changed = change(desk, contactId, () => next);
	if (asked !== "complete" || desk.connection !== "online")
		return [changed, ifOnline(desk, asking(next))];
	// Nothing answers `complete`; should it be lost, the next session brings the contact back.
	return [remove(changed, contactId), asking(next)];
}

/** The frame of what the agent asked for, as often as it has to be sent. */
function asking(contact: Contact): AgentSends[] {
	const { contactId, offerId, asked, disposition } = contact;
	switch (asked) {
	case "accept":
	case "reject":
		return [{ type: asked, contactId, ...(offerId ? { offerId } : {}) }];
	case "close":
	case "complete":
		return [{ type: asked, contactId, ...(disposition ? { disposition } : {}) }];
	case null:
		return [];
	}
}

function flush(desk: Desk, now: number, all: boolean): Step {
	if (desk.connection !== "online")
		return [desk, []];
	const frames: AgentSends[] = [];
	let changed = false;
	const contacts = desk.contacts.map((contact) => {
		if (contact.phase !== "active")
			return contact;
		const [transcript, due] = takeDue(contact.transcript, now, all);
		if (due.length === 0)
			return contact;
		changed = true;
		for (const { clientId, text } of due)
			frames.push({ type: "message", contactId: contact.contactId, clientId, text });
		return { ...contact, transcript };
	});
	return [changed ? { ...desk, contacts } : desk, frames];
}

function tick(desk: Desk, now: number): Step {
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
			const [done, completes] = askFor(next, contact.contactId, "complete", null);
			next = done;
			frames.push(...completes);
		}
	}
	const [sent, messages] = flush(next, now, false);
	return [sent, [...frames, ...messages]];
}

function ifOnline(desk: Desk, frames: readonly AgentSends[]): readonly AgentSends[] {
	return desk.connection === "online" ? frames : [];
}

function change(desk: Desk, contactId: string, fn: (c: Contact) => Contact): Desk {
	let changed = false;
	const contacts = desk.contacts.map((c) => {
		if (c.contactId !== contactId)
			return c;
		const next = fn(c);
		changed ||= next !== c;
		return next;
	});
	return changed ? { ...desk, contacts } : desk;
}

function remove(desk: Desk, contactId: string): Desk {
	return select({
		...desk, contacts: desk.contacts.filter((c) => c.contactId !== contactId),
	}, desk.selected);
}

/** Of the offer or the wrap-up; never more than it lasts in all, though a page's clock ticks behind. */
export function secondsLeft({ deadline, lasts }: Contact, now: number): number {
	return deadline === null ? 0 : Math.ceil(Math.min(lasts, Math.max(0, deadline - now)) / 1000);
}

/** Offers that wait for the agent's answer; a rejected one is only kept until the server agrees. */
export function openOffers(desk: Desk): readonly Contact[] {
	return desk.contacts.filter((c) => c.phase === "offered" && c.asked !== "reject");
}

/** Selects a contact that the agent has; the first one when it is none. */
function select(desk: Desk, contactId: string | null): Desk {
	const mine = desk.contacts.filter((c) => c.phase !== "offered");
	const chosen = mine.find((c) => c.contactId === contactId) ?? mine[0];
	return change({ ...desk, selected: chosen?.contactId ?? null }, chosen?.contactId ?? "",
		(c) => (c.unread ? { ...c, unread: 0 } : c));
}

type NewNotice = Notice extends infer N ? N extends Notice ? Omit<N, "id"> : never : never;

function notify(desk: Desk, notice: NewNotice): Desk {
	const id = desk.count + 1;
	const last = desk.notices.slice(-(noticesShown - 1));
	return { ...desk, count: id, notices: [...last, { ...notice, id } as Notice] };
}

/** Own messages that aren't acknowledged, to be kept through a reload of the page. */
export function unsent(desk: Desk): Record<string, readonly Pending[]> {
	const kept: Record<string, readonly Pending[]> = { ...desk.kept };
	for (const contact of desk.contacts) {
		if (contact.transcript.pending.length)
			kept[contact.contactId] = contact.transcript.pending.map((p) => ({ ...p, sentAt: null }));
	}
	return kept;
}

