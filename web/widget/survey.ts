// SPDX-License-Identifier: Apache-2.0

/** What is asked when the chat is over. Every question may stay without an answer. */

import type { Question } from "../api/chat.ts";
import type { Chat } from "./chat.ts";
import { el, setText } from "./dom.ts";
import type { ChatState, Survey } from "./session.ts";
import type { Texts } from "./texts.ts";

export interface SurveyForm {
	element: HTMLElement;
	update(state: ChatState): void;
	/** False where there is nothing to answer. */
	focus(): boolean;
}

export function surveyForm({ t, word }: Texts, chat: Chat): SurveyForm {
	const fields = el("div", { class: "questions" });
	const send = el("button", { class: "primary", "data-testid": "chat-survey-send" }, t("survey.send"));
	const skip = el("button", {
		type: "button", class: "secondary", onclick: () => chat.skipSurvey(), "data-testid": "chat-survey-skip",
	}, t("survey.skip"));
	const form = el("form", { class: "survey", "data-testid": "chat-survey", onsubmit: submit },
		el("h3", {}, t("survey.title")), fields, el("div", { class: "buttons" }, send, skip));
	const state = el("p", { role: "status", "data-testid": "chat-survey-state" });
	const element = el("div", {}, form, state);
	let shown: Survey["questions"] | null = null;

	function submit(event: Event): void {
		event.preventDefault();
		const answers: Record<string, string | number> = {};
		for (const { id, kind } of shown ?? []) {
			const value = String(new FormData(form).get(id) ?? "").trim();
			if (value)
				answers[id] = kind === "rating" ? Number(value) : value;
		}
		if (Object.keys(answers).length)
			chat.answer(answers);
		else
			chat.skipSurvey();
	}

	function update({ survey, online, notice }: ChatState): void {
		element.hidden = survey === null;
		if (!survey)
			return;
		if (survey.questions !== shown) {
			shown = survey.questions;
			fields.replaceChildren(...shown.map((question) => field(question, t("survey.rating"))));
		}
		form.hidden = survey.state === "done";
		send.disabled = survey.state === "sending";
		setText(state, survey.state === "done" ? t("survey.thanks")
			: survey.state === "sending" ? t(online ? "pending" : "pending.offline")
			: notice ? word("error", notice) : "");
	}

	function focus(): boolean {
		const first = form.querySelector<HTMLElement>("input, textarea");
		const isOpen = !element.hidden && !form.hidden && first !== null;
		if (isOpen)
			first.focus();
		return isOpen;
	}

	return { element, update, focus };
}

function field({ id, text, kind, choices = [], most = 5 }: Question, scale: string): HTMLElement {
	if (kind === "text") {
		return el("label", {}, text,
			el("textarea", { name: id, rows: 2, maxlength: 2000, dir: "auto", "data-testid": `survey-${id}` }));
	}
	const isRating = kind === "rating";
	const values = isRating ? Array.from({ length: Math.min(most, 10) }, (_none, i) => String(i + 1)) : choices;
	const group = el("fieldset", { class: isRating ? "rating" : "choices", "data-testid": `survey-${id}` },
		el("legend", {}, text));
	group.append(...values.map((value) => el("label", {},
		el("input", {
			type: "radio", name: id, value,
			...(isRating ? { "aria-label": `${value} ${scale.replace("{n}", String(most))}` } : {}),
		}), el("span", isRating ? { "aria-hidden": "true" } : {}, value))));
	return group;
}
