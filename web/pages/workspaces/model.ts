// SPDX-License-Identifier: Apache-2.0

/** What the desk knows: its contacts, how the agent stands, what was asked for and isn't confirmed. */

import type {
	AgentInfo, AgentSends, AgentState, Customer, Leg, LegState, Note, Person, Presence, Target,
} from "../../api/agent.ts";
import type { CloseReason, ErrorCode, FilesAllowed } from "../../api/chat.ts";
import type { Pending, Transcript } from "../../ui/chat/transcript.ts";

export type Phase = "offered" | "active" | "wrapup";
export type Asked = "accept" | "reject" | "transfer" | "close" | "complete";
export type Connection = "connecting" | "online" | "lost" | "replaced" | "out";

export interface Transfer {
	to: Target | { leg: string };
	note: string;
}

/** Of a contact that is another agent's, who asked this one. */
export interface Consultation {
	parentId: string;
	from: Person;
	state: LegState;
}

/** Another agent who was asked; released by this agent, who needs no word of it. */
export type DeskLeg = Leg & { released?: true };

export interface Contact {
	contactId: string;
	offerId: string | null;
	phase: Phase;
	channel: string;
	service: string;
	customer: Customer;
	context: Record<string, unknown>;
	/** What the customer sees. */
	transcript: Transcript;
	/** What only agents see; numbered by itself. */
	aside: Transcript;
	consultation: Consultation | null;
	note: Note | null;
	/** Agents who were asked about this contact. */
	legs: readonly DeskLeg[];
	files: FilesAllowed | null;
	presence: Presence | null;
	/** Monotonic ms at which the offer or the wrap-up ends, and how long it lasts in all. */
	deadline: number | null;
	lasts: number;
	extensionsLeft: number;
	/** What the agent did and the server hasn't confirmed. */
	asked: Asked | null;
	transfer: Transfer | null;
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
	| { id: number; kind: "leg"; state: LegState; name: string; customer: string }
	| { id: number; kind: "error"; code: ErrorCode; message: string | null };

export interface Desk {
	connection: Connection;
	agent: AgentInfo;
	state: AgentState | null;
	reason: string | null;
	working: boolean;
	pending: boolean;
	logoutPending: boolean;
	/** Monotonic ms. */
	stateSince: number;
	/** What the agent asked for about the own state, until the server says a state. */
	wanted: Extract<AgentSends, { type: "state" | "startWork" | "logout" }> | null;
	contacts: readonly Contact[];
	/** How many conversations are side by side, at most; those that are; and the one that is worked on. */
	split: number;
	shown: readonly string[];
	selected: string | null;
	notices: readonly Notice[];
	/** Messages that an earlier load of the page couldn't send, by contact. */
	kept: Readonly<Record<string, readonly KeptPending[]>>;
	count: number;
}

export type KeptPending = Pending & { private?: true };

export const splitMost = 3;

export const emptyDesk: Desk = {
	connection: "connecting", agent: {}, state: null, reason: null, working: true, pending: false,
	logoutPending: false, stateSince: 0, wanted: null, contacts: [], split: 1, shown: [],
	selected: null, notices: [], kept: {}, count: 0,
};

export function customerName(contact: { customer: Customer; contactId: string }): string {
	return contact.customer.name || contact.customer.email || contact.contactId.slice(0, 8);
}

export function personName(person: Person | null | undefined): string {
	return person?.name || person?.id || "";
}

/** Who was asked: by name, or the service while nobody has answered. */
export function legName({ participant, to }: Leg): string {
	return personName(participant) || (to && "service" in to ? to.service : to?.user) || "";
}

/** Of the offer or the wrap-up; never more than it lasts in all, though a page's clock ticks behind. */
export function secondsLeft({ deadline, lasts }: Contact, now: number): number {
	return deadline === null ? 0 : Math.ceil(Math.min(lasts, Math.max(0, deadline - now)) / 1000);
}

/** Offers that wait for the agent's answer; a rejected one is only kept until the server agrees. */
export function openOffers(desk: Desk): readonly Contact[] {
	return desk.contacts.filter((c) => c.phase === "offered" && c.asked !== "reject");
}

/** Contacts that the agent has. */
export function held(desk: Desk): readonly Contact[] {
	return desk.contacts.filter((c) => c.phase !== "offered");
}

/** Whether what this agent says aloud reaches the customer. */
export function reachesCustomer({ consultation }: Contact): boolean {
	return consultation === null || consultation.state === "conference";
}

/** Whether there is anybody to talk with in private. */
export function hasColleague({ consultation, legs }: Contact): boolean {
	return consultation !== null || legs.some(isJoined);
}

export function isJoined({ state }: Leg): boolean {
	return state === "joined" || state === "conference";
}

/** Own messages that aren't acknowledged, to be kept through a reload of the page. */
export function unsent(desk: Desk): Record<string, readonly KeptPending[]> {
	const kept: Record<string, readonly KeptPending[]> = { ...desk.kept };
	for (const { contactId, transcript, aside } of desk.contacts) {
		const waiting = [
			...transcript.pending, ...aside.pending.map((p) => ({ ...p, private: true as const })),
		];
		if (waiting.length)
			kept[contactId] = waiting.map((p) => ({ ...p, sentAt: null }));
	}
	return kept;
}
