// SPDX-License-Identifier: Apache-2.0

/**
 * The agent's desk as a pure state machine: (state, event) → state and the frames to send.
 *
 * After each connection the server's `session` says what is; what the agent asked for meanwhile
 * (accept, close, complete, messages) is kept in the state and sent again if it is still open.
 */

import type { AgentGets, AgentSends, AgentStanding, Target } from "../../api/agent.ts";
import type { DurableEvent } from "../../api/chat.ts";
import {
	addEvents, addPending, dropPending, failPending, repeatIn, retryAfter, retryPending, type Page,
	type Transcript,
} from "../../ui/chat/transcript.ts";
import { askFor, asking, flush, ifOnline, tick, type Step } from "./asking.ts";
import { arrange, change, changeChat, notify, remove, show, splitBy } from "./changes.ts";
import { closed, fromSession, heard, heardAside, isOver, newContact, withFacts, withLeg } from "./contact.ts";
import { customerName, legName, type Contact, type Desk, type Transfer } from "./model.ts";

export type DeskEvent =
	| { type: "lost" }
	| { type: "back" }
	/** wall is the time of day in ms since 1970, for what a server dates. */
	| { type: "frame"; frame: AgentGets; now: number; wall?: number }
	| { type: "want"; frame: NonNullable<Desk["wanted"]> }
	| { type: "accept" | "reject" | "select" | "extend"; contactId: string }
	| { type: "say"; contactId: string; clientId: string; text: string; now: number; private?: boolean; push?: Page }
	| { type: "sayAgain"; contactId: string; clientId: string; now: number }
	| { type: "drop"; contactId: string; clientId: string }
	| { type: "close" | "complete"; contactId: string; disposition: string }
	| { type: "transfer"; contactId: string; transfer: Transfer }
	| { type: "consult"; contactId: string; to: Target; note: string }
	| { type: "conference" | "release"; contactId: string; legId: string }
	| { type: "earlier"; contactId: string; events: readonly DurableEvent[] }
	| { type: "split"; split: number }
	| { type: "dismiss"; id: number }
	| { type: "tick"; now: number };

export function step(desk: Desk, event: DeskEvent): Step {
	switch (event.type) {
	case "lost":
		return [desk.connection === "replaced" ? desk : { ...desk, connection: "lost" }, []];
	case "back":
		return [{ ...desk, connection: "connecting" }, []];
	case "frame":
		return gets(desk, event.frame, event.now, event.wall ?? event.now);
	case "want":
		return [{ ...desk, wanted: event.frame }, ifOnline(desk, [event.frame])];
	case "select":
		return [show(desk, event.contactId), []];
	case "split":
		return [splitBy(desk, event.split), []];
	case "accept":
	case "reject":
		return askFor(desk, event.contactId, event.type, {});
	case "close":
	case "complete":
		return askFor(desk, event.contactId, event.type,
			event.disposition ? { disposition: event.disposition } : {});
	case "transfer":
		return askFor(desk, event.contactId, event.type, { transfer: event.transfer });
	case "extend":
		return [desk, ifOnline(desk, [{ type: "extend", contactId: event.contactId }])];
	case "consult": {
		const { type, contactId, to, note } = event;
		return [desk, ifOnline(desk, [{ type, contactId, to, ...(note ? { note } : {}) }])];
	}
	case "conference":
	case "release": {
		const { type, contactId, legId } = event;
		if (desk.connection !== "online")
			return [desk, []];
		return [type === "conference" ? desk : change(desk, contactId, (c) => ({
			...c, legs: c.legs.map((l) => (l.legId === legId ? { ...l, released: true } : l)),
		})), [{ type, contactId, legId }]];
	}
	case "say":
		return flush(change(desk, event.contactId, (c) => (event.private
			? { ...c, aside: addPending(c.aside, event.clientId, event.text, null) }
			: {
				...c, transcript: addPending(
					c.transcript, event.clientId, event.text, null, event.push),
			})), event.now, false);
	case "sayAgain":
		return flush(change(desk, event.contactId,
			(c) => ofBoth(c, (transcript) => retryPending(transcript, event.clientId))),
		event.now, false);
	case "drop":
		return [change(desk, event.contactId,
			(c) => ofBoth(c, (transcript) => dropPending(transcript, event.clientId))), []];
	case "earlier":
		return [change(desk, event.contactId, (c) => ({
			...c, transcript: addEvents(c.transcript, event.events),
		})), []];
	case "dismiss":
		return [{ ...desk, notices: desk.notices.filter((n) => n.id !== event.id) }, []];
	case "tick":
		return tick(desk, event.now);
	}
}

function gets(desk: Desk, frame: AgentGets, now: number, wall: number): Step {
	switch (frame.type) {
	case "session":
		return session(desk, frame, now, wall);
	case "state":
		return [stands(desk, frame, now, wall), []];
	case "offer":
		return [offer(desk, frame, now), []];
	case "assigned":
		return [assigned(desk, frame), []];
	case "withdrawn":
		return [withdrawn(desk, frame), []];
	case "opened":
	case "joined":
	case "left":
	case "push":
	case "file":
	case "survey":
	case "surveyed":
		return [changeChat(desk, frame.contactId,
			(c) => heard(c, frame, desk.shown.includes(c.contactId))), []];
	case "message":
		return [changeChat(desk, frame.contactId, (c) => {
			const isShown = desk.shown.includes(c.contactId);
			return "private" in frame
				? heardAside(c, frame, isShown) : heard(c, frame, isShown);
		}), []];
	case "typing":
		return [changeChat(desk, frame.contactId, (c) => (frame.from === "customer"
			? { ...c, typingAt: frame.on ? now : null } : c)), []];
	case "presence":
		return [changeChat(desk, frame.contactId, (c) => ({ ...c, presence: frame.customer })), []];
	case "consult":
		return [consulted(desk, frame), []];
	case "closed":
		return [ended(desk, frame, now), []];
	case "wrapup":
		return [change(desk, frame.contactId, (c) => ({
			...c, deadline: now + frame.wrapUpSeconds * 1000, lasts: frame.wrapUpSeconds * 1000,
			extensionsLeft: frame.extensionsLeft,
		})), []];
	case "replaced":
		return [{ ...desk, connection: "replaced" }, []];
	case "error":
		return [refused(desk, frame, now), []];
	default:
		return [desk, []];
	}
}

/** How the agent stands, as `state` and `session` say it. */
function stands(desk: Desk, frame: AgentStanding & { type: string }, now: number, wall: number): Desk {
	const reason = frame.reason ?? null;
	const same = frame.state === desk.state && reason === desk.reason;
	const isOut = frame.state === "LoggedOut" && desk.wanted?.type !== "logout" && !desk.logoutPending;
	return {
		...desk,
		connection: isOut ? "out" : desk.connection,
		state: frame.state,
		reason,
		working: frame.working ?? true,
		pending: frame.pending ?? false,
		logoutPending: frame.logoutPending ?? false,
		stateSince: frame.sinceMs !== undefined
			? now - Math.max(0, (frame.nowMs ?? wall) - frame.sinceMs)
			: same ? desk.stateSince : now,
		wanted: frame.type === "state" ? null : desk.wanted,
	};
}

function session(
	desk: Desk, frame: Extract<AgentGets, { type: "session" }>, now: number, wall: number,
): Step {
	const items = frame.contacts ?? [];
	const before = new Map(desk.contacts.map((c) => [c.contactId, c]));
	const contacts = items.map((item) => fromSession(
		item, before.get(item.contactId), desk.kept[item.contactId] ?? [], now,
	));
	const still = new Set(items.map((item) => item.contactId));
	const gone = desk.contacts.filter((c) => !still.has(c.contactId) && !isPast(c));
	const here = stands({ ...desk, connection: "online" }, frame, now, wall);
	const next = gone.reduce(
		(d, c) => notify(d, { kind: "gone", customer: customerName(c) }),
		arrange({ ...here, agent: frame.agent ?? desk.agent, contacts, kept: {} }),
	);
	const [sent, messages] = flush(next, now, true);
	const wanted: AgentSends[] = desk.wanted ? [desk.wanted] : [];
	const completed = sent.contacts.filter((c) => c.asked === "complete");
	return [
		completed.reduce((d, c) => remove(d, c.contactId), sent),
		[...wanted, ...sent.contacts.flatMap(asking), ...messages],
	];
}

/** Nothing is lost for the agent when such a contact is missing from a new session. */
function isPast(contact: Contact): boolean {
	return contact.phase === "wrapup"
		|| ["reject", "close", "transfer"].includes(contact.asked ?? "");
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
	// Whoever was asked about a contact becomes its agent without another offer.
	const leg = known ? undefined
		: desk.contacts.find((c) => c.consultation?.parentId === frame.contactId);
	const base = known ?? (leg
		? { ...leg, contactId: frame.contactId, offerId: frame.offerId ?? null, consultation: null }
		: newContact(frame, "active"));
	if (base.phase === "wrapup")
		return desk;
	const contact: Contact = {
		...withFacts(base, frame),
		phase: "active",
		deadline: null,
		asked: base.phase === "offered" ? null : base.asked,
	};
	const place = known ?? leg;
	const takesPlace = (id: string | null) => (id !== null && id === leg?.contactId ? frame.contactId : id);
	const next: Desk = {
		...desk,
		contacts: place
			? desk.contacts.map((c) => (c === place ? contact : c))
			: [...desk.contacts, contact],
		shown: desk.shown.map((id) => takesPlace(id)!),
		selected: takesPlace(desk.selected),
	};
	// Accepted by this agent just now: show it, unless the agent is in the middle of another one.
	const busy = next.contacts.some((c) => c.contactId === next.selected && c.phase === "active");
	return busy && base.asked !== "accept" ? arrange(next) : show(next, frame.contactId);
}

function withdrawn(desk: Desk, frame: Extract<AgentGets, { type: "withdrawn" }>): Desk {
	const contact = desk.contacts.find((c) => c.contactId === frame.contactId);
	if (!contact || (frame.offerId && contact.offerId && frame.offerId !== contact.offerId))
		return desk;
	const left = remove(desk, contact.contactId);
	if (contact.asked === "reject" || contact.asked === "transfer")
		return left;
	return notify(left, {
		kind: "withdrawn", reason: frame.reason, customer: customerName(contact),
	});
}

/** Of a consultation: by the agent who asked, or by the one who was asked. */
function consulted(desk: Desk, frame: Extract<AgentGets, { type: "consult" }>): Desk {
	const { type: _type, contactId, ...leg } = frame;
	const main = desk.contacts.find((c) => c.contactId === contactId);
	const known = main?.legs.find((one) => one.legId === leg.legId);
	const next = change(change(desk, contactId, (c) => withLeg(c, leg)), leg.legId, (c) => ({
		...c, consultation: c.consultation && !isOver(leg)
			? { ...c.consultation, state: leg.state } : c.consultation,
	}));
	// An end that this agent asked for, or that came with the contact's, is no news.
	if (!main || !known || known.released || !isOver(leg) || main.phase !== "active")
		return next;
	const participant = leg.participant ?? known.participant ?? null;
	return notify(next, {
		kind: "leg", state: leg.state, name: legName({ ...known, participant }),
		customer: customerName(main),
	});
}

function ended(desk: Desk, frame: Extract<AgentGets, { type: "closed" }>, now: number): Desk {
	const own = desk.contacts.find((c) => c.contactId === frame.contactId);
	if (own?.consultation && !frame.wrapUpSeconds)
		return remove(desk, own.contactId);
	// A stream's own words about its end are for all who watch; a wrap-up is this agent's.
	return frame.wrapUpSeconds === undefined
		? changeChat(desk, frame.contactId, (c) => closed(c, frame, now))
		: change(desk, frame.contactId, (c) => closed(c, frame, now));
}

function refused(
	desk: Desk, frame: Extract<AgentGets, { type: "error" }>, now: number,
): Desk {
	const { code, clientId, contactId } = frame;
	if (clientId) {
		const waits = (transcript: Transcript) =>
			transcript.pending.some((p) => p.clientId === clientId);
		const contact = desk.contacts.find((c) => waits(c.transcript) || waits(c.aside));
		if (contact) {
			const soon = retryAfter(code);
			return change(desk, contact.contactId, (c) => ofBoth(c, (transcript) => (soon === null
				? failPending(transcript, clientId, code)
				: repeatIn(transcript, clientId, now, soon))));
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
		? change(desk, contactId, (c) => ({ ...c, asked: null, transfer: null }))
		: { ...desk, wanted: clientId ? desk.wanted : null };
	return notify(calm, { kind: "error", code, message: frame.message ?? null });
}

/** Where a message waits, there it changes: aloud or in private. */
function ofBoth(contact: Contact, fn: (transcript: Transcript) => Transcript): Contact {
	return { ...contact, transcript: fn(contact.transcript), aside: fn(contact.aside) };
}
