// SPDX-License-Identifier: Apache-2.0

/** What a desk asks for over HTTP, docs/api/openapi.json. */

import type { Customer } from "./agent.ts";
import type { Sender } from "./chat.ts";

export interface Code {
	code: string;
	label?: string;
	/** The one service that the code is for; for all where absent. */
	service?: string | null;
}

export interface CannedText {
	shortcut: string;
	title?: string;
	text: string;
	service?: string | null;
	language?: string | null;
}

export interface ServiceName {
	name: string;
	title?: string;
}

/** GET /services/UCAStoreService/desk */
export interface DeskBook {
	reasons: Code[];
	dispositions: Code[];
	texts: CannedText[];
	services: ServiceName[];
}

/** An item of GET /services/UnifiedAgentController/agents */
export interface Colleague {
	id: string;
	name?: string;
	state: string;
	reason?: string | null;
	contacts?: number;
	services?: string[];
}

/** An item of GET /services/OCPDataServices/history */
export interface EarlierContact {
	contactId: string;
	channel: string;
	state: string;
	customer: Customer & { id?: string };
	topic: string;
	service: string;
	openedMs: number;
	closedMs: number;
	closeReason: string;
	disposition: string;
}

export interface History {
	items: EarlierContact[];
	cursor?: string | null;
}

/** GET /services/OCPDataServices/contacts/{id} */
export interface WholeContact extends EarlierContact {
	transcript: KeptMessage[];
}

export interface KeptMessage {
	seq: number;
	from: Sender;
	name?: string;
	text: string;
	atMs: number;
	/** Said between agents. */
	private?: boolean;
}

/** GET /services/ContextStoreRest/cs/contexts/{id} */
export interface Context {
	contextId: string;
	data: Record<string, unknown>;
	version: number;
}
