// SPDX-License-Identifier: Apache-2.0

/** The chat window: puts form, messages, composer and end in place as the session's phase asks. */

import type { Chat } from "./chat.ts";
import { composer } from "./composer.ts";
import { el, icon, icons, setText } from "./dom.ts";
import { startForm } from "./form.ts";
import { messageLog } from "./log.ts";
import type { Options } from "./options.ts";
import { partner, type ChatState, type Phase } from "./session.ts";
import { statusOf } from "./status.ts";
import { surveyForm } from "./survey.ts";
import type { Texts } from "./texts.ts";
import { uploadList } from "./uploads.ts";

export interface Panel {
	element: HTMLElement;
	update(state: ChatState): void;
	/** Moves the focus to where the visitor goes on. */
	focus(): void;
}

/** By the visitor's own clock: Monday, 9:00. */
function opensAt(ms: number, language: string): string {
	return new Intl.DateTimeFormat(language, {
		weekday: "long", day: "numeric", month: "long", hour: "numeric", minute: "2-digit",
	}).format(ms);
}

/** On a phone the chat has the whole screen and is a dialog to be done with; beside a page it is none. */
function asDialog(element: HTMLElement): void {
	const isNarrow = matchMedia("(max-width: 480px)");
	const apply = () => { element.ariaModal = isNarrow.matches ? "true" : null; };
	isNarrow.addEventListener("change", apply);
	apply();
}

export function panel(texts: Texts, options: Options, chat: Chat, minimise: () => void): Panel {
	const { t, word } = texts;
	const form = startForm(texts, options.topics,
		(visitor) => chat.start(visitor, options.languageName));
	const log = messageLog(texts, chat);
	const say = composer(texts, chat);
	const uploads = uploadList(texts, chat);
	const survey = surveyForm(texts, chat);
	const title = options.title ?? t("title");
	const status = el("div", { class: "status", role: "status", "data-testid": "chat-status" });
	const typing = el("p", { class: "typing", "aria-live": "polite", "data-testid": "chat-typing" });
	const endButton = el("button", {
		type: "button", onclick: () => askToEnd(true), "data-testid": "chat-end",
	}, t("end"));
	const endYes = el("button", {
		type: "button", class: "primary", "data-testid": "chat-end-yes",
		onclick: () => {
			chat.end();
			askToEnd(false);
		},
	}, t("end.yes"));
	const ask = el("div", { class: "ask", role: "group", "aria-label": t("end.ask"), hidden: true },
		el("span", {}, t("end.ask")), endYes,
		el("button", {
			type: "button", class: "secondary", onclick: () => askToEnd(false),
			"data-testid": "chat-end-no",
		}, t("end.no")));
	const closedText = el("p", { role: "status", "data-testid": "chat-closed" });
	const freshButton = el("button", {
		type: "button", class: "primary", onclick: () => chat.fresh(), "data-testid": "chat-fresh",
	}, t("fresh"));
	const foot = el("div", { class: "foot" }, closedText, survey.element, freshButton);
	const againButton = el("button", {
		type: "button", class: "primary", onclick: () => chat.fresh(), "data-testid": "chat-retry",
	}, t("refused.again"));
	const refused = el("div", { class: "end", role: "status", "data-testid": "chat-refused" },
		el("h3", {}, t("refused.title")), el("p", {}, t("refused.text")), againButton);
	const down = el("button", {
		type: "button", "aria-label": t("minimise"), onclick: minimise,
		"data-testid": "chat-minimise",
	});
	down.append(icon(icons.down));

	const element = el("section", {
		class: "panel", role: "dialog", "aria-label": title, tabindex: -1, hidden: true,
		"data-testid": "chat-panel",
		onkeydown: (event: KeyboardEvent) => {
			if (event.key === "Escape")
				minimise();
			else if (event.key === "Tab" && element.ariaModal === "true")
				stayInside(event);
		},
		ondragover: (event: DragEvent) => {
			if (mayAttach() && event.dataTransfer?.types.includes("Files"))
				event.preventDefault();
		},
		ondrop: (event: DragEvent) => {
			event.preventDefault();
			if (mayAttach())
				chat.attach([...event.dataTransfer?.files ?? []]);
		},
	},
		el("div", { class: "head" }, el("h2", {}, title), endButton, down),
		ask, status, form.element, log.element, typing, uploads, say.element, foot, refused);

	let phase: Phase | null = null;
	asDialog(element);

	function mayAttach(): boolean {
		const { files, phase: now } = chat.store.get();
		return files !== null && now === "chat";
	}

	/** While the chat has the whole screen, Tab goes round in it. */
	function stayInside(event: KeyboardEvent): void {
		const all = [...element.querySelectorAll<HTMLElement>(
			"button, input, select, textarea, a[href], [tabindex='0']")]
			.filter((one) => one.offsetParent !== null && !one.matches(":disabled"));
		const edge = event.shiftKey ? all[0] : all[all.length - 1];
		if (rootFocus() !== edge && rootFocus() !== element)
			return;
		event.preventDefault();
		(event.shiftKey ? all[all.length - 1] : all[0])?.focus();
	}

	function askToEnd(on: boolean): void {
		ask.hidden = !on;
		(on ? endYes : endButton).focus();
	}

	function update(state: ChatState): void {
		const talks = state.phase === "opening" || state.phase === "chat";
		const { text, tone } = statusOf(state, texts);
		setText(status, text);
		status.dataset["tone"] = tone;
		element.dataset["phase"] = state.phase;
		element.dataset["online"] = String(state.online);
		element.dataset["ready"] = String(state.ready);
		form.element.hidden = state.phase !== "form";
		log.element.hidden = !talks && state.phase !== "closed";
		say.element.hidden = !talks;
		typing.hidden = !talks;
		uploads.hidden = !talks;
		say.update(state);
		survey.update(state);
		freshButton.className = state.survey?.state === "asked" ? "secondary" : "primary";
		foot.hidden = state.phase !== "closed";
		refused.hidden = state.phase !== "refused";
		endButton.hidden = !talks || state.closing;
		ask.hidden ||= !talks;
		log.update(state);
		setText(closedText, state.phase === "closed" ? endInWords(state) : "");
		setText(typing, state.typing && state.ready ? t("typing", {
			name: partner(state) || word("from", state.typing.from),
		}) : "");
		const had = phase;
		phase = state.phase;
		if (had !== null && had !== phase && element.contains(rootFocus()) && !element.hidden)
			focus();
	}

	function endInWords({ closedReason, opensAtMs }: ChatState): string {
		const words = word("closed", closedReason ?? "gone");
		return closedReason === "offHours" && opensAtMs
			? `${words} ${t("closed.opens", { time: opensAt(opensAtMs, options.language) })}` : words;
	}

	function rootFocus(): Node | null {
		return (element.getRootNode() as ShadowRoot).activeElement;
	}

	function focus(): void {
		log.toEnd();
		if (phase === "form")
			form.focus();
		else if (phase === "closed" && !survey.focus())
			freshButton.focus();
		else if (phase === "closed")
			return;
		else if (phase === "refused")
			againButton.focus();
		else
			say.focus();
	}

	return { element, update, focus };
}
