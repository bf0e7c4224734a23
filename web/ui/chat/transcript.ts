// SPDX-License-Identifier: Apache-2.0

/**
 * The transcript of one contact as a page holds it: durable events by their sequence number, and own
 * messages that aren't acknowledged yet. Pure; events may come twice, late and out of order.
 */

import type { DurableEvent, ErrorCode } from "../../api/chat.ts";

export interface Pending {
	clientId: string;
	text: string;
	/** Monotonic ms of the last try; null when it must be sent with the next connection. */
	sentAt: number | null;
	failed?: ErrorCode;
	/** Opens a page at the customer instead of saying the text. */
	push?: Page;
}

export interface Page {
	url: string;
	title: string;
}

export interface Transcript {
	events: readonly DurableEvent[];
	pending: readonly Pending[];
}

export const emptyTranscript: Transcript = { events: [], pending: [] };

/** Whether the refusal passes by itself, and after how many ms to try again; null if it's final. */
export function retryAfter(code: ErrorCode): number | null {
	if (code === "unavailable")
		return 1000;
	return code === "rateLimited" ? 2000 : null;
}

/** Repeated without an answer after this many ms, under the same clientId. */
export const repeatAfter = 5000;

export function addEvent(transcript: Transcript, event: DurableEvent): Transcript {
	const { events } = transcript;
	if (!Number.isInteger(event.seq))
		return transcript;
	let at = events.length;
	while (at > 0 && events[at - 1]!.seq > event.seq)
		at--;
	if (events[at - 1]?.seq === event.seq)
		return transcript;
	return {
		events: [...events.slice(0, at), event, ...events.slice(at)],
		pending: acknowledged(transcript.pending, event),
	};
}

/** The same of many at once: thousands come with a contact that has gone on for days. */
export function addEvents(transcript: Transcript, events: readonly DurableEvent[]): Transcript {
	if (events.length < 8)
		return events.reduce(addEvent, transcript);
	const bySeq = new Map(transcript.events.map((event) => [event.seq, event]));
	const known = bySeq.size;
	for (const event of events) {
		if (Number.isInteger(event.seq) && !bySeq.has(event.seq))
			bySeq.set(event.seq, event);
	}
	return bySeq.size === known ? transcript : {
		events: [...bySeq.values()].sort((a, b) => a.seq - b.seq),
		pending: events.reduce(acknowledged, transcript.pending),
	};
}

function acknowledged(pending: readonly Pending[], event: DurableEvent): readonly Pending[] {
	return "clientId" in event && event.clientId ? withoutPending(pending, event.clientId) : pending;
}

/** Everything up to this number is here; after a gap it stays, so that resuming fills the gap. */
export function contiguousHead(transcript: Transcript): number {
	let head = 0;
	for (const event of transcript.events) {
		if (event.seq > head + 1)
			break;
		head = event.seq;
	}
	return head;
}

export function addPending(
	transcript: Transcript, clientId: string, text: string, sentAt: number | null, push?: Page,
): Transcript {
	const made = { clientId, text, sentAt, ...(push ? { push } : {}) };
	return { ...transcript, pending: [...transcript.pending, made] };
}

/** Marks a message as refused for good; it stays visible and can be sent again or dropped. */
export function failPending(transcript: Transcript, clientId: string, code: ErrorCode): Transcript {
	return mapPending(transcript, (p) => (p.clientId === clientId ? { ...p, failed: code } : p));
}

export function dropPending(transcript: Transcript, clientId: string): Transcript {
	return { ...transcript, pending: withoutPending(transcript.pending, clientId) };
}

/** Makes a refused message wait for the next send. */
export function retryPending(transcript: Transcript, clientId: string): Transcript {
	return mapPending(transcript, (p) => {
		if (p.clientId !== clientId)
			return p;
		const { failed: _failed, ...rest } = p;
		return { ...rest, sentAt: null };
	});
}

/** Makes a message due again after `ms`, when its last try was refused for the moment. */
export function repeatIn(
	transcript: Transcript, clientId: string, now: number, ms: number,
): Transcript {
	return mapPending(transcript, (p) => (p.clientId === clientId
		? { ...p, sentAt: now - repeatAfter + ms } : p));
}

/** Takes what is to be sent now, in the order written: all if `all`, else what waits too long. */
export function takeDue(
	transcript: Transcript, now: number, all: boolean,
): [Transcript, readonly Pending[]] {
	const due = transcript.pending.filter((p) => !p.failed
		&& (all || p.sentAt === null || now - p.sentAt >= repeatAfter));
	if (due.length === 0)
		return [transcript, due];
	return [mapPending(transcript, (p) => (due.includes(p) ? { ...p, sentAt: now } : p)), due];
}

function mapPending(transcript: Transcript, fn: (p: Pending) => Pending): Transcript {
	return { ...transcript, pending: transcript.pending.map(fn) };
}

function withoutPending(pending: readonly Pending[], clientId: string): readonly Pending[] {
	return pending.some((p) => p.clientId === clientId)
		? pending.filter((p) => p.clientId !== clientId)
		: pending;
}
