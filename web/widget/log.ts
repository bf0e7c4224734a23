// SPDX-License-Identifier: Apache-2.0

/** The list of messages. Lines of events are made once and only put in their place. */

import type { DurableEvent } from "../api/chat.ts";
import type { Pending } from "../ui/chat/transcript.ts";
import type { Chat } from "./chat.ts";
import { fileLine, pushLine } from "./cards.ts";
import { el } from "./dom.ts";
import { partner, type ChatState } from "./session.ts";
import type { Texts } from "./texts.ts";

export interface Log {
	element: HTMLElement;
	update(state: ChatState): void;
	/** Keeps the newest line in sight after the panel was shown. */
	toEnd(): void;
}

export function messageLog(texts: Texts, chat: Chat): Log {
	const element = el("div", {
		class: "log", role: "log", "aria-live": "polite", tabindex: 0,
		"aria-label": texts.t("log"), "data-testid": "chat-log",
	});
	const list = el("div");
	element.append(list);
	let follows = true;
	element.addEventListener("scroll", () => {
		const { scrollHeight, scrollTop, clientHeight } = element;
		follows = scrollHeight - scrollTop - clientHeight < 40;
	});
	// What lies below grows and shrinks: the newest line stays in sight.
	new ResizeObserver(() => {
		if (follows)
			toEnd();
	}).observe(element);
	const lines = new Map<number, HTMLElement>();
	let waiting: HTMLElement[] = [];
	let shown: ChatState["transcript"] | null = null;
	let shownKey = "";
	let shownChat: string | null = null;

	function update(state: ChatState): void {
		const key = `${state.ready} ${state.phase}`;
		if (state.transcript === shown && key === shownKey)
			return;
		const chatId = state.request?.clientId ?? null;
		if (chatId !== shownChat) {
			list.replaceChildren();
			lines.clear();
			shownChat = chatId;
		}
		shown = state.transcript;
		shownKey = key;
		for (const line of waiting)
			line.remove();
		place(state);
		waiting = state.transcript.pending.map((p) => pendingLine(texts, chat, p, state));
		list.append(...waiting);
		if (follows)
			toEnd();
	}

	function place(state: ChatState): void {
		let before: Element | null = null;
		for (const event of state.transcript.events) {
			let line = lines.get(event.seq);
			if (!line) {
				const made = eventLine(texts, chat, event, partner(state));
				if (!made)
					continue;
				line = made;
				lines.set(event.seq, line);
				if (before)
					before.after(line);
				else
					list.prepend(line);
			}
			before = line;
		}
	}

	function toEnd(): void {
		element.scrollTop = element.scrollHeight;
	}

	return { element, update, toEnd };
}

function eventLine(
	texts: Texts, chat: Chat, event: DurableEvent, partnerName: string | null,
): HTMLElement | null {
	const { t, word } = texts;
	switch (event.type) {
	case "opened":
	case "closed":
	case "survey":
	case "surveyed":
		return null;
	case "joined":
	case "left": {
		const name = event.participant.name || word("role", event.participant.role);
		return el("p", { class: "event", "data-testid": `chat-${event.type}` },
			t(event.type, { name }));
	}
	case "message":
	case "push":
	case "file": {
		const line = el("div", {
			class: `message ${event.from}`, "data-testid": `chat-${event.type}`,
			"data-from": event.from, "data-seq": event.seq,
		});
		if (event.from !== "customer") {
			const name = event.name ?? (event.from === "agent" ? partnerName : null);
			line.append(el("small", {}, name || word("from", event.from)));
		} else {
			line.append(el("span", { class: "visually-hidden" }, t("from.customer")));
		}
		line.append(event.type === "push" ? pushLine(texts, event)
			: event.type === "file" ? fileLine(texts, chat, event.file)
			: el("p", { dir: "auto" }, event.text));
		return line;
	}
	}
}

function pendingLine(
	{ t }: Texts, chat: Chat, message: Pending, state: ChatState,
): HTMLElement {
	const { clientId, failed } = message;
	const text = failed ? t(failed === "tooLarge" ? "failed.tooLarge" : "failed.other")
		: state.phase === "closed" ? t("pending.unsent")
			: t(state.ready || state.phase === "opening" ? "pending" : "pending.offline");
	const line = el("div", {
		class: `message customer pending${failed ? " failed" : ""}`,
		"data-testid": "chat-message-pending", "data-client-id": clientId,
	}, el("p", { dir: "auto" }, message.text), el("small", {}, text));
	if (failed && state.phase !== "closed") {
		line.lastElementChild!.append(
			el("button", {
				type: "button", onclick: () => chat.sayAgain(clientId), "data-testid": "chat-again",
			}, t("again")),
			el("button", {
				type: "button", onclick: () => chat.drop(clientId), "data-testid": "chat-drop",
			}, t("drop")),
		);
	}
	return line;
}
