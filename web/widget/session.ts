// SPDX-License-Identifier: Apache-2.0

/**
 * The customer's chat as a pure state machine: (state, event) → state and the frames to send.
 *
 * What survives a lost connection, a page change and a server's restart is in the state: the ids of
 * the contact, its events, and own messages without acknowledgement. Every connection begins with
 * `open` (same clientId) or `resume`; only its answer makes the session `ready` to send more.
 */

import type {
	CloseReason, CustomerGets, CustomerSends, ErrorCode, FilesAllowed, OpenFrame, Question, Sender,
} from "../api/chat.ts";
import {
	addEvent, addPending, contiguousHead, dropPending, emptyTranscript, failPending, repeatAfter,
	repeatIn, retryAfter, retryPending, takeDue, type Transcript,
} from "../ui/chat/transcript.ts";

export type Phase = "form" | "opening" | "chat" | "closed" | "refused";

export interface ChatState {
	phase: Phase;
	online: boolean;
	/** The server answered open or resume on this connection. */
	ready: boolean;
	askedAt: number;
	request: OpenFrame | null;
	contactId: string | null;
	resumeToken: string | null;
	transcript: Transcript;
	queue: { position: number; waitSeconds?: number | null | undefined } | null;
	typing: { from: Sender; at: number } | null;
	closing: boolean;
	closedReason: CloseReason | "gone" | "offHours" | null;
	notice: ErrorCode | null;
	files: FilesAllowed | null;
	/** Of a chat out of hours, in ms since 1970. */
	opensAtMs: number | null;
	/** What is asked when it is over; without answers until the visitor gives them. */
	survey: Survey | null;
	/** Monotonic ms until which a chat that is over keeps its connection, for a survey to come. */
	lingers: number | null;
}

export interface Survey {
	questions: readonly Question[];
	state: "asked" | "sending" | "done";
	clientId: string | null;
	answers: Record<string, string | number>;
}

export type ChatEvent =
	| { type: "start"; request: OpenFrame }
	| { type: "online"; now: number }
	| { type: "lost" }
	| { type: "frame"; frame: CustomerGets; now: number }
	| { type: "say"; clientId: string; text: string; now: number }
	| { type: "sayAgain"; clientId: string; now: number }
	| { type: "drop"; clientId: string }
	| { type: "tick"; now: number }
	| { type: "answer"; clientId: string; answers: Record<string, string | number>; now: number }
	| { type: "skip" }
	| { type: "end" }
	| { type: "fresh" };

type Step = readonly [ChatState, readonly CustomerSends[]];

const typingFades = 6000;
const lingersFor = 10_000;
/** What may come when a chat is over. */
const afterwards = new Set<CustomerGets["type"]>(["resumed", "survey", "surveyed", "error"]);

export const newChat: ChatState = {
	phase: "form", online: false, ready: false, askedAt: 0, request: null, contactId: null,
	resumeToken: null, transcript: emptyTranscript, queue: null, typing: null, closing: false,
	closedReason: null, notice: null, files: null, opensAtMs: null, survey: null, lingers: null,
};

/** Whether the state needs a connection. */
export function wantsLink(state: ChatState): boolean {
	return state.phase === "opening" || state.phase === "chat" || isAfter(state);
}

/** Over, but for a survey that may come, or whose answers are on their way. */
function isAfter({ phase, lingers, survey }: ChatState): boolean {
	return phase === "closed" && (lingers !== null || survey !== null && survey.state !== "done");
}

/** Who of the other side is in the chat now. */
export function partner(state: ChatState): string | null {
	let name: string | null = null;
	for (const event of state.transcript.events) {
		if (event.type === "joined" && event.participant.role !== "customer")
			name = event.participant.name ?? "";
		else if (event.type === "left" && (event.participant.name ?? "") === name)
			name = null;
	}
	return name;
}

export function step(state: ChatState, event: ChatEvent): Step {
	switch (event.type) {
	case "start":
		return [{ ...newChat, phase: "opening", request: event.request }, []];
	case "online":
		return ask({ ...state, online: true, ready: false }, event.now);
	case "lost":
		return [{ ...state, online: false, ready: false, typing: null }, []];
	case "frame":
		return gets(state, event.frame, event.now);
	case "say":
		return flush({
			...state,
			notice: null,
			transcript: addPending(state.transcript, event.clientId, event.text, null),
		}, event.now, false);
	case "sayAgain":
		return flush({
			...state, notice: null, transcript: retryPending(state.transcript, event.clientId),
		}, event.now, false);
	case "drop":
		return [{ ...state, transcript: dropPending(state.transcript, event.clientId) }, []];
	case "tick":
		return tick(state, event.now);
	case "answer":
		return answer(state, event.clientId, event.answers, event.now);
	case "skip":
		return [{ ...state, survey: null, lingers: null }, []];
	case "end":
		return [{ ...state, closing: true }, state.ready ? [{ type: "close" }] : []];
	case "fresh":
		return [newChat, []];
	}
}

/** The first frame of a connection, and again when it stays without an answer. */
function ask(state: ChatState, now: number): Step {
	if (state.contactId && state.resumeToken) {
		const after = contiguousHead(state.transcript);
		const { contactId, resumeToken } = state;
		return [{ ...state, askedAt: now }, [{ type: "resume", contactId, resumeToken, after }]];
	}
	return [{ ...state, askedAt: now }, state.request ? [state.request] : []];
}

function answer(
	state: ChatState, clientId: string, answers: Record<string, string | number>, now: number,
): Step {
	if (!state.survey || state.survey.state === "done")
		return [state, []];
	const survey: Survey = { ...state.survey, state: "sending", clientId, answers };
	return sendAnswers({ ...state, survey, notice: null }, now);
}

function sendAnswers(state: ChatState, now: number): Step {
	const { survey, ready } = state;
	if (!ready || survey?.state !== "sending" || !survey.clientId)
		return [state, []];
	return [{ ...state, askedAt: now }, [
		{ type: "survey", clientId: survey.clientId, answers: survey.answers },
	]];
}

/** Sends what waits: everything on a new connection, else only what is due. */
function flush(state: ChatState, now: number, all: boolean): Step {
	if (!state.ready || state.phase !== "chat")
		return [state, []];
	const [transcript, due] = takeDue(state.transcript, now, all);
	return [
		transcript === state.transcript ? state : { ...state, transcript },
		due.map(({ clientId, text }) => ({ type: "message", clientId, text })),
	];
}

function becomeReady(state: ChatState, now: number): Step {
	if (state.phase === "closed")
		return sendAnswers({ ...state, ready: true, notice: null }, now);
	const [next, frames] = flush({ ...state, phase: "chat", ready: true, notice: null }, now, true);
	return [next, state.closing ? [...frames, { type: "close" }] : frames];
}

function tick(state: ChatState, now: number): Step {
	const calm = state.typing && now - state.typing.at > typingFades
		? { ...state, typing: null } : state;
	if (calm.lingers !== null && now >= calm.lingers)
		return [{ ...calm, lingers: null, ...(calm.survey ? {} : { online: false, ready: false }) }, []];
	if (calm.online && wantsLink(calm) && now - calm.askedAt >= repeatAfter) {
		if (!calm.ready)
			return ask(calm, now);
		if (calm.survey?.state === "sending")
			return sendAnswers(calm, now);
	}
	return flush(calm, now, false);
}

function gets(state: ChatState, frame: CustomerGets, now: number): Step {
	if (!wantsLink(state) || state.phase === "closed" && !afterwards.has(frame.type))
		return [state, []];
	switch (frame.type) {
	case "opened":
		return becomeReady({
			...state,
			contactId: frame.contactId,
			resumeToken: frame.resumeToken,
			files: frame.files ?? null,
			transcript: addEvent(state.transcript, { type: "opened", seq: frame.seq }),
		}, now);
	case "resumed":
		return becomeReady({ ...state, files: frame.files ?? null }, now);
	case "queued":
		return [{
			...state,
			queue: { position: frame.position, waitSeconds: frame.estimatedWaitSeconds },
		}, []];
	case "joined":
	case "left":
		return [{
			...state,
			queue: frame.type === "joined" && frame.participant.role === "agent"
				? null : state.queue,
			transcript: addEvent(state.transcript, frame),
		}, []];
	case "message": {
		const transcript = addEvent(state.transcript, frame);
		return [{
			...state,
			transcript,
			typing: frame.from === state.typing?.from ? null : state.typing,
			notice: transcript.pending.length ? state.notice : null,
		}, []];
	}
	case "push":
	case "file":
		return [{ ...state, transcript: addEvent(state.transcript, frame) }, []];
	case "survey":
		return [{
			...state,
			transcript: addEvent(state.transcript, frame),
			survey: state.survey ?? {
				questions: frame.questions, state: "asked", clientId: null, answers: {},
			},
			lingers: null,
		}, []];
	case "surveyed":
		return [{
			...state, online: false, ready: false, lingers: null, notice: null,
			transcript: addEvent(state.transcript, frame),
			survey: state.survey && { ...state.survey, state: "done" },
		}, []];
	case "typing":
		if (frame.from === "customer")
			return [state, []];
		return [{ ...state, typing: frame.on ? { from: frame.from, at: now } : null }, []];
	case "closed":
		return [{
			...state, phase: "closed", closing: false, queue: null, typing: null, notice: null,
			closedReason: frame.offHours ? "offHours" : frame.reason, opensAtMs: frame.opensAtMs ?? null, lingers: now + lingersFor,
			transcript: addEvent(state.transcript, frame),
		}, []];
	case "error":
		return [refused(state, frame, now), []];
	default:
		return [state, []];
	}
}

function refused(
	state: ChatState, frame: Extract<CustomerGets, { type: "error" }>, now: number,
): ChatState {
	const { code, clientId } = frame;
	const later = retryAfter(code);
	const { transcript } = state;
	if (clientId && transcript.pending.some((p) => p.clientId === clientId)) {
		return later === null
			? { ...state, transcript: failPending(transcript, clientId, code) }
			: { ...state, notice: code, transcript: repeatIn(transcript, clientId, now, later) };
	}
	if (state.phase === "closed") {
		if (later !== null)
			return { ...state, askedAt: now - repeatAfter + later };
		// What is wrong with the answers can be mended; what comes too late can't.
		return state.survey && (code === "tooLarge" || code === "badRequest")
			? { ...state, notice: code, survey: { ...state.survey, state: "asked" } }
			: { ...state, online: false, ready: false, lingers: null, survey: null };
	}
	if (state.ready)
		return { ...state, notice: code };
	if (later !== null)
		return { ...state, notice: code, askedAt: now - repeatAfter + later };
	if (state.contactId) {
		return {
			...state, phase: "closed", online: false, closing: false, closedReason: "gone",
		};
	}
	if (code === "notAccepting")
		return { ...state, phase: "refused", online: false };
	return { ...newChat, request: state.request, notice: code };
}

interface Kept {
	version: 1;
	state: Pick<ChatState, "phase" | "request" | "contactId" | "resumeToken" | "transcript"
		| "closing" | "closedReason" | "opensAtMs" | "survey">;
}

/** What a page keeps for the next one; null when there is nothing to go on with. */
export function keep(state: ChatState): string | null {
	if (state.phase === "form" || state.phase === "refused")
		return null;
	const {
		phase, request, contactId, resumeToken, transcript, closing, closedReason, opensAtMs,
		survey,
	} = state;
	const kept: Kept = {
		version: 1,
		state: {
			phase, request, contactId, resumeToken, transcript, closing, closedReason, opensAtMs, survey,
		},
	};
	return JSON.stringify(kept);
}

export function restore(text: string | null): ChatState {
	if (!text)
		return newChat;
	try {
		const kept = JSON.parse(text) as Kept;
		if (kept.version !== 1)
			return newChat;
		const { transcript } = kept.state;
		// Another page's clock: what it had sent counts as not sent.
		const pending = transcript.pending.map((p) => ({ ...p, sentAt: null }));
		return { ...newChat, ...kept.state, transcript: { events: transcript.events, pending } };
	} catch {
		return newChat;
	}
}
