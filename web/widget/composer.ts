// SPDX-License-Identifier: Apache-2.0
import type { Chat } from "./chat.ts";
import { el, icon, icons } from "./dom.ts";
import type { ChatState } from "./session.ts";
import type { Texts } from "./texts.ts";

export interface Composer {
	element: HTMLFormElement;
	update(state: ChatState): void;
	focus(): void;
}

export function composer({ t }: Texts, chat: Chat): Composer {
	const input = el("textarea", {
		rows: 1, "aria-label": t("input"), placeholder: t("input.placeholder"),
		enterkeyhint: "send", dir: "auto", "data-testid": "chat-input",
		oninput: () => {
			fit();
			chat.stroke(input.value);
		},
		onkeydown: (event: KeyboardEvent) => {
			if (event.key === "Enter" && !event.shiftKey && !event.isComposing)
				send(event);
		},
		onpaste: (event: ClipboardEvent) => {
			const files = [...event.clipboardData?.files ?? []];
			if (files.length && chat.store.get().files) {
				event.preventDefault();
				chat.attach(files);
			}
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

	const chooser = el("input", {
		type: "file", multiple: true, hidden: true, "data-testid": "chat-file-input",
		onchange: () => {
			chat.attach([...chooser.files ?? []]);
			chooser.value = "";
		},
	});
	const attach = el("button", {
		type: "button", class: "attach", "aria-label": t("attach"), title: t("attach"), hidden: true,
		onclick: () => chooser.click(), "data-testid": "chat-attach",
	});
	attach.append(icon(icons.attach));
	const button = el("button", {
		class: "primary", "aria-label": t("send"), "data-testid": "chat-send",
	});
	button.append(icon(icons.send));
	return {
		element: el("form", { class: "say", onsubmit: send }, attach, chooser, input, button),
		update: ({ files }) => {
			attach.hidden = files === null;
			chooser.accept = files?.types.join(",") ?? "";
		},
		focus: () => input.focus(),
	};
}
