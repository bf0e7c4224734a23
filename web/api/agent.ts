// SPDX-License-Identifier: Apache-2.0

/** Frames of the agent's socket, spec 6. */

import type { CloseReason, DurableEvent, ErrorFrame, Sender } from "./chat.ts";

export const agentPath = "/services/UnifiedAgentController/agent";

export type AgentState = "Ready" | "NotReady" | (string & {});

export interface AgentInfo {
	username?: string;
	name?: string;
	/** Codes that the administrator defined; the page has defaults for both. */
	reasons?: string[];
	dispositions?: string[];
}

export interface Customer {
	name?: string;
	email?: string;
}

/** An item of a transcript: a durable event; one without a type is a message. */
export type TranscriptItem =
	| DurableEvent
	| Omit<Extract<DurableEvent, { type: "message" }>, "type"> & { type?: undefined };

export interface SessionContact {
	contactId: string;
	offerId?: string;
	state: "offered" | "active" | "wrapup";
	channel?: string;
	service?: string;
	customer?: Customer;
	transcript?: TranscriptItem[];
	context?: Record<string, unknown>;
	expiresInSeconds?: number;
	wrapUpSeconds?: number;
	/** How it ended, in wrap-up. */
	reason?: CloseReason;
}

export type AgentSends =
	| { type: "hello"; token: string }
	| { type: "state"; state: "Ready" | "NotReady"; reason?: string }
	| { type: "logout" }
	| { type: "accept" | "reject"; contactId: string; offerId?: string }
	| { type: "message"; contactId: string; clientId: string; text: string }
	| { type: "typing"; contactId: string; on: boolean }
	| { type: "transfer"; contactId: string; to: { service: string } | { user: string }; note?: string }
	| { type: "close"; contactId: string; disposition?: string }
	| { type: "complete"; contactId: string; disposition?: string };

type OfContact<T> = T extends unknown ? T & { contactId: string } : never;

export type AgentGets =
	| {
		type: "session"; agent?: AgentInfo; state: AgentState; reason?: string | null;
		contacts?: SessionContact[];
	}
	| { type: "state"; state: AgentState; reason?: string | null }
	| {
		type: "offer"; offerId?: string; contactId: string; channel?: string; service?: string;
		customer?: Customer; expiresInSeconds: number; context?: Record<string, unknown>;
	}
	| {
		type: "assigned"; contactId: string; transcript?: TranscriptItem[];
		context?: Record<string, unknown>; channel?: string; service?: string; customer?: Customer;
	}
	| OfContact<Exclude<DurableEvent, { type: "closed" }>>
	| {
		type: "closed"; contactId: string; reason: CloseReason; wrapUpSeconds?: number;
		seq?: number; at?: string;
	}
	| { type: "typing"; contactId: string; from: Sender; on: boolean }
	| { type: "withdrawn"; contactId: string; offerId?: string; reason: string }
	| { type: "replaced" }
	| { type: "reconnect" }
	| ErrorFrame;
