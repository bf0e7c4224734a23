// SPDX-License-Identifier: Apache-2.0

/** Frames of the agent's socket, docs/protocol.md. */

import type { CloseReason, DurableEvent, ErrorFrame, FilesAllowed, Sender } from "./chat.ts";

export const agentPath = "/services/UnifiedAgentController/agent";

export type AgentState = "Ready" | "NotReady" | (string & {});

export interface AgentInfo {
	username?: string;
	name?: string;
	/** Codes of the reasons that this agent may give; all that the desk knows where absent. */
	reasons?: string[];
}

/** How the agent stands. Members are absent where the server doesn't know of them. */
export interface AgentStanding {
	state: AgentState;
	reason?: string | null;
	/** False until work was started. */
	working?: boolean;
	/** Not ready comes with the end of the last contact; until then there are no new offers. */
	pending?: boolean;
	/** The same of logging out. */
	logoutPending?: boolean;
	/** Since when, in ms since 1970. */
	sinceMs?: number;
	/** The server's clock. */
	nowMs?: number;
}

export interface Customer {
	name?: string;
	email?: string;
}

export interface Person {
	id: string;
	name?: string;
}

/** What one agent says to the next one. */
export interface Note {
	text: string;
	from?: Person;
}

export type Target = { service: string } | { user: string };

export type LegState =
	| "offering" | "joined" | "conference" | "declined" | "noAnswer" | "ended";

/** Another agent who was asked about a contact. */
export interface Leg {
	legId: string;
	state: LegState;
	participant?: Person | null;
	to?: Target;
}

/** An item of a transcript: a durable event; one without a type is a message. */
export type TranscriptItem =
	| DurableEvent
	| Omit<Extract<DurableEvent, { type: "message" }>, "type"> & { type?: undefined };

/** A message between agents; numbered by itself. */
export type PrivateItem = Omit<Extract<DurableEvent, { type: "message" }>, "type"> & {
	type?: "message"; private?: true; agentId?: string;
};

export type Presence = "connected" | "away";

/** What is known of a contact, whichever frame brings it. */
export interface ContactFacts {
	contactId: string;
	offerId?: string;
	channel?: string;
	service?: string;
	customer?: Customer;
	context?: Record<string, unknown>;
	/** A consultation of another agent's contact, `parentId`. */
	kind?: "consult" | (string & {});
	parentId?: string;
	from?: Person;
	note?: Note | string | null;
	files?: FilesAllowed;
	presence?: Presence;
	transcript?: TranscriptItem[];
	private?: PrivateItem[];
	legs?: Leg[];
	/** Of a consultation: whether it is a conference by now. */
	leg?: LegState;
}

export interface SessionContact extends ContactFacts {
	state: "offered" | "active" | "wrapup";
	expiresInSeconds?: number;
	wrapUpSeconds?: number;
	extensionsLeft?: number;
	/** How it ended, in wrap-up. */
	reason?: CloseReason;
}

export type AgentSends =
	| { type: "hello"; token: string }
	| { type: "startWork" }
	| { type: "state"; state: "Ready" | "NotReady"; reason?: string }
	| { type: "logout"; force?: boolean }
	| { type: "accept" | "reject"; contactId: string; offerId?: string }
	| { type: "message"; contactId: string; clientId: string; text: string; private?: true }
	| { type: "push"; contactId: string; clientId: string; url: string; title?: string }
	| { type: "typing"; contactId: string; on: boolean }
	| { type: "transfer"; contactId: string; to: Target | { leg: string }; note?: string }
	| { type: "consult"; contactId: string; to: Target; note?: string }
	| { type: "conference" | "release"; contactId: string; legId: string }
	| { type: "close"; contactId: string; disposition?: string }
	| { type: "extend"; contactId: string }
	| { type: "complete"; contactId: string; disposition?: string };

type OfContact<T> = T extends unknown ? T & { contactId: string } : never;

/** Durable events of a chat as its agents see them. */
export type ChatFrame = OfContact<Exclude<DurableEvent, { type: "closed" }>>;

export type AgentGets =
	| ({ type: "session"; agent?: AgentInfo; contacts?: SessionContact[] } & AgentStanding)
	| ({ type: "state" } & AgentStanding)
	| ({ type: "offer"; expiresInSeconds: number } & ContactFacts)
	| ({ type: "assigned" } & ContactFacts)
	| ChatFrame
	| ({ type: "message"; private: true; contactId: string } & Omit<PrivateItem, "type" | "private">)
	| {
		type: "closed"; contactId: string; reason: CloseReason; wrapUpSeconds?: number;
		extensionsLeft?: number; seq?: number; at?: string;
	}
	| { type: "wrapup"; contactId: string; wrapUpSeconds: number; extensionsLeft: number }
	| ({ type: "consult"; contactId: string } & Leg)
	| { type: "presence"; contactId: string; customer: Presence }
	| { type: "typing"; contactId: string; from: Sender; on: boolean }
	| { type: "withdrawn"; contactId: string; offerId?: string; reason: string }
	| { type: "replaced" }
	| { type: "reconnect" }
	| ErrorFrame;
