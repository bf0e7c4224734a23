// SPDX-License-Identifier: Apache-2.0
import type { Chat } from "./chat.ts";
import { el, icon, icons } from "./dom.ts";
import type { Texts } from "./texts.ts";

export interface Composer {
	element: HTMLFormElement;
	focus(): void;
}

export function composer({ t }: Texts, chat: Chat): Composer {
	const input = el("textarea", {
		rows: 1, "aria-label": t("input"), placeholder: t("input.placeholder"),
		enterkeyhint: "send", "data-testid": "chat-input",
		oninput: () => {
			fit();
			chat.stroke(input.value);
		},
		onkeydown: (event: KeyboardEvent) => {
			if (event.key === "Enter" && !event.shiftKey && !event.isComposing)
				send(event);
		},
	});

	function fit(): void {
		input.style.height = "auto";
		input.style.height = `${input.scrollHeight + 2}px`;
	}

	function send(event: Event): void {
		event.preventDefault();
		const text = input.value.trim();
		if (!text)
			return;
		chat.say(text);
		input.value = "";
		fit();
		input.focus();
	}

	const button = el("button", {
		class: "primary", "aria-label": t("send"), "data-testid": "chat-send",
	});
	button.append(icon(icons.send));
	return {
		element: el("form", { class: "say", onsubmit: send }, input, button),
		focus: () => input.focus(),
	};
}
