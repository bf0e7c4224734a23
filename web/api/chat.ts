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

export type CustomerSends =
	| OpenFrame
	| { type: "resume"; contactId: string; resumeToken: string; after: number }
	| { type: "message"; clientId: string; text: string }
	| { type: "typing"; on: boolean }
	| { type: "close" };

/** A durable event of a contact: seq rises by one, whoever caused it. */
export type DurableEvent =
	| { type: "opened"; seq: number; at?: string }
	| { type: "joined" | "left"; seq: number; participant: Participant; at?: string }
	| {
		type: "message"; seq: number; from: Sender; text: string;
		at?: string; clientId?: string; name?: string;
	}
	| { type: "closed"; seq: number; reason: CloseReason; at?: string };

export interface ErrorFrame {
	type: "error";
	code: ErrorCode;
	message?: string;
	clientId?: string;
	contactId?: string;
}

export type CustomerGets =
	| { type: "opened"; seq: number; contactId: string; resumeToken: string; at?: string }
	| { type: "resumed"; contactId: string; head: number }
	| { type: "queued"; position: number; estimatedWaitSeconds?: number }
	| Exclude<DurableEvent, { type: "opened" }>
	| { type: "typing"; from: Sender; on: boolean }
	| { type: "reconnect" }
	| ErrorFrame;
