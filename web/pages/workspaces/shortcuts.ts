// SPDX-License-Identifier: Apache-2.0

/** What keys do at the desk: a row is the key, the line of the overview, and the deed. */

import type { AgentDesk } from "./agentDesk.ts";
import { held, openOffers } from "./model.ts";
import { preferences } from "./preferences.ts";

export interface Shortcut {
	/** Of the physical key (KeyboardEvent.code), with Alt; or the character alone. */
	code: string;
	/** As it is written in the overview. */
	keys: string;
	words: ShortcutWord;
	run(desk: AgentDesk): void;
}

export type ShortcutWord = "accept" | "reject" | "contact" | "next" | "previous" | "composer" | "audience"
	| "texts" | "attach" | "transfer" | "consult" | "push" | "disposition" | "close" | "extend" | "details"
	| "split" | "state" | "overview";

/** In the conversation that is worked on. */
const click = (id: string) => () => inConversation(id)?.click();

function inConversation(id: string): HTMLElement | null {
	return document.querySelector<HTMLElement>(
		`[data-testid=conversation][data-selected=true] [data-testid="${id}"]`);
}

function anywhere(id: string): HTMLElement | null {
	return document.querySelector<HTMLElement>(`[data-testid="${id}"]`);
}

function by(step: number) {
	return (desk: AgentDesk) => {
		const state = desk.store.get();
		const mine = held(state);
		const at = mine.findIndex((c) => c.contactId === state.selected);
		const next = mine[(at + step + mine.length) % mine.length];
		if (next)
			goTo(desk, next.contactId);
	};
}

/** Shows a contact and goes on in it. */
export function goTo(desk: AgentDesk, contactId: string): void {
	desk.select(contactId);
	requestAnimationFrame(() => (inConversation("composer") ?? inConversation("complete"))?.focus());
}

/** Who accepts by a key goes on by keys: the field is at hand as soon as the contact is there. */
function acceptAndGo(desk: AgentDesk, contactId: string): void {
	desk.accept(contactId);
	const stop = desk.store.subscribe(() => {
		const contact = desk.store.get().contacts.find((c) => c.contactId === contactId);
		if (contact?.phase === "offered")
			return;
		stop();
		if (contact)
			goTo(desk, contactId);
	});
}

export const shortcuts: readonly Shortcut[] = [
	{ code: "?", keys: "?", words: "overview", run: () => anywhere("shortcuts")?.click() },
	{
		code: "KeyA", keys: "Alt+A", words: "accept",
		run(desk) {
			const [oldest] = openOffers(desk.store.get());
			if (oldest)
				acceptAndGo(desk, oldest.contactId);
		},
	},
	{
		code: "KeyR", keys: "Alt+R", words: "reject",
		run(desk) {
			const [oldest] = openOffers(desk.store.get());
			if (oldest)
				desk.reject(oldest.contactId);
		},
	},
	...[1, 2, 3, 4, 5, 6, 7, 8, 9].map((n): Shortcut => ({
		code: `Digit${n}`, keys: "Alt+1 … 9", words: "contact",
		run(desk) {
			const contact = held(desk.store.get())[n - 1];
			if (contact)
				goTo(desk, contact.contactId);
		},
	})),
	{ code: "ArrowDown", keys: "Alt+↓", words: "next", run: by(1) },
	{ code: "ArrowUp", keys: "Alt+↑", words: "previous", run: by(-1) },
	{ code: "KeyM", keys: "Alt+M", words: "composer", run: () => inConversation("composer")?.focus() },
	{
		code: "KeyP", keys: "Alt+P", words: "audience",
		run: () => inConversation("audience")
			?.querySelector<HTMLElement>("button[aria-pressed=false]")?.click(),
	},
	{ code: "KeyL", keys: "Alt+L", words: "texts", run: click("texts") },
	{ code: "KeyU", keys: "Alt+U", words: "attach", run: click("attach") },
	{ code: "KeyT", keys: "Alt+T", words: "transfer", run: click("transfer") },
	{ code: "KeyC", keys: "Alt+C", words: "consult", run: click("consult") },
	{ code: "KeyO", keys: "Alt+O", words: "push", run: click("push") },
	{ code: "KeyI", keys: "Alt+I", words: "disposition", run: () => inConversation("disposition")?.focus() },
	{
		code: "KeyW", keys: "Alt+W", words: "close",
		run: () => (inConversation("complete") ?? inConversation("close"))?.click(),
	},
	{ code: "KeyX", keys: "Alt+X", words: "extend", run: click("extend") },
	{ code: "KeyD", keys: "Alt+D", words: "details", run: () => anywhere("details-toggle")?.click() },
	{
		code: "KeyV", keys: "Alt+V", words: "split",
		run: (desk) => desk.split(desk.store.get().split % 3 + 1),
	},
	{ code: "KeyS", keys: "Alt+S", words: "state", run: () => anywhere("state")?.click() },
];

/** Does what a key stands for; not while a dialog is open, nor a character's while somebody writes. */
export function listenForShortcuts(desk: AgentDesk): void {
	addEventListener("keydown", (event) => {
		if (preferences.keys.get() === "off" || event.ctrlKey || event.metaKey || event.isComposing)
			return;
		if (document.querySelector("[role=dialog][aria-modal=true]"))
			return;
		const code = event.altKey ? event.code : isTyping(event.target) ? "" : event.key;
		const shortcut = shortcuts.find((one) => one.code === code && one.keys.startsWith("Alt") === event.altKey);
		if (!shortcut)
			return;
		event.preventDefault();
		shortcut.run(desk);
	});
}

function isTyping(target: EventTarget | null): boolean {
	return target instanceof HTMLElement
		&& (target.matches("input, textarea, select") || target.isContentEditable);
}
