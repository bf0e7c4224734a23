// SPDX-License-Identifier: Apache-2.0

/** The pre-chat form. */

import type { Visitor } from "./chat.ts";
import { el } from "./dom.ts";
import type { Options } from "./options.ts";
import type { Texts } from "./texts.ts";

export interface StartForm {
	element: HTMLFormElement;
	focus(): void;
}

export function startForm(
	{ t, word }: Texts, topics: Options["topics"], start: (visitor: Visitor) => void,
): StartForm {
	const name = el("input", {
		name: "name", autocomplete: "name", required: true, maxlength: 200,
		"data-testid": "chat-name", "aria-describedby": "name-wrong",
	});
	const email = el("input", {
		name: "email", type: "email", autocomplete: "email", maxlength: 254,
		"data-testid": "chat-email", "aria-describedby": "email-wrong",
	});
	const topic = el("select", { name: "topic", "data-testid": "chat-topic" },
		...topics.map(({ value, label }) => el("option", { value }, label ?? word("topic", value))));
	const nameWrong = el("span", { class: "wrong", id: "name-wrong", role: "alert" });
	const emailWrong = el("span", { class: "wrong", id: "email-wrong", role: "alert" });

	function check(field: HTMLInputElement, line: HTMLElement, text: string): boolean {
		line.textContent = text;
		field.setAttribute("aria-invalid", String(text !== ""));
		return text === "";
	}

	function submit(event: Event): void {
		event.preventDefault();
		const emailOk = check(email, emailWrong,
			email.validity.typeMismatch ? t("form.email.wrong") : "");
		const nameOk = check(name, nameWrong, name.value.trim() ? "" : t("form.name.missing"));
		if (nameOk && emailOk) {
			start({
				name: name.value.trim(), email: email.value.trim(), topic: topic.value,
			});
		} else {
			(nameOk ? email : name).focus();
		}
	}

	const element = el("form", {
		class: "start", novalidate: true, onsubmit: submit, "data-testid": "chat-form",
	},
		el("p", {}, t("form.lead")),
		el("label", {}, t("form.name"), name, nameWrong),
		el("label", {}, t("form.email"), email, emailWrong),
		...(topics.length ? [el("label", {}, t("form.topic"), topic)] : []),
		el("button", { class: "primary", "data-testid": "chat-start" }, t("form.start")),
	);
	return { element, focus: () => name.focus() };
}
