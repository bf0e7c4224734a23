// SPDX-License-Identifier: Apache-2.0

/** Frames of the customer's chat socket, spec 6. */

export const chatPath = "/services/CustomerControllerService/chat";

export type Sender = "customer" | "agent" | "bot" | "system" | "supervisor";
export type CloseReason = "customer" | "agent" | "timeout" | "shutdown";
export type ErrorCode =
	| "badRequest" | "unauthorized" | "notAccepting" | "rateLimited"
	| "tooLarge" | "unavailable" | "conflict";

export interface Participant {
	role: "agent" | "bot" | "supervisor" | "customer";
	name?: string;
}

export interface OpenFrame {
	type: "open";
	clientId: string;
	name: string;
	email?: string;
	topic?: string;
	attributes?: Record<string, string>;
	context?: Record<string, unknown>;
}

/** A file of a chat; its bytes are fetched from …/contacts/{contactId}/files/{id}. */
export interface ChatFile {
	id: string;
	name: string;
	size: number;
	type: string;
}

/** What may be uploaded: absent where files aren't offered. Types as `image/*`, `application/pdf`. */
export interface FilesAllowed {
	maxBytes: number;
	types: string[];
}

export interface Question {
	id: string;
	text: string;
	kind: "rating" | "choice" | "text";
	choices?: string[];
	/** Of a rating: the best. */
	most?: number;
}

export type CustomerSends =
	| OpenFrame
	| { type: "resume"; contactId: string; resumeToken: string; after: number }
	| { type: "message"; clientId: string; text: string }
	| { type: "typing"; on: boolean }
	| { type: "survey"; clientId: string; answers: Record<string, string | number> }
	| { type: "close" };

/** A durable event of a contact: seq rises by one, whoever caused it. */
export type DurableEvent =
	| { type: "opened"; seq: number; at?: string }
	| { type: "joined" | "left"; seq: number; participant: Participant; at?: string }
	| {
		type: "message"; seq: number; from: Sender; text: string;
		at?: string; clientId?: string; name?: string;
	}
	| {
		type: "push"; seq: number; from: Sender; url: string; title?: string;
		at?: string; clientId?: string; name?: string;
	}
	| {
		type: "file"; seq: number; from: Sender; file: ChatFile;
		at?: string; clientId?: string; name?: string;
	}
	| { type: "survey"; seq: number; questions: Question[]; at?: string }
	| { type: "surveyed"; seq: number; at?: string }
	| {
		type: "closed"; seq: number; reason: CloseReason; at?: string;
		/** Nobody is here at this hour; when somebody is again, in ms since 1970, where known. */
		offHours?: boolean; opensAtMs?: number | null;
	};

export interface ErrorFrame {
	type: "error";
	code: ErrorCode;
	message?: string;
	clientId?: string;
	contactId?: string;
}

export type CustomerGets =
	| {
		type: "opened"; seq: number; contactId: string; resumeToken: string; at?: string;
		files?: FilesAllowed;
	}
	| { type: "resumed"; contactId: string; head: number; files?: FilesAllowed }
	| { type: "queued"; position: number; estimatedWaitSeconds?: number | null }
	| Exclude<DurableEvent, { type: "opened" }>
	| { type: "typing"; from: Sender; on: boolean }
	| { type: "reconnect" }
	| ErrorFrame;
