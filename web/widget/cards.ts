// SPDX-License-Identifier: Apache-2.0

/** Messages that aren't text: a page to open, a file to fetch. */

import type { ChatFile, DurableEvent } from "../api/chat.ts";
import type { Chat } from "./chat.ts";
import { el } from "./dom.ts";
import type { Texts } from "./texts.ts";

/** Opens by the visitor's click alone, in a tab that knows nothing of this one. */
export function pushLine({ t }: Texts, { url, title }: Extract<DurableEvent, { type: "push" }>): HTMLElement {
	const address = webUrl(url);
	const card = el("div", { class: "card" }, el("strong", { dir: "auto" }, title || t("push")));
	if (!address) {
		card.append(el("span", {}, url));
		return card;
	}
	card.append(
		el("span", {}, address.host),
		el("a", {
			class: "primary", href: address.href, target: "_blank", rel: "noopener noreferrer",
			"data-testid": "chat-push-open",
		}, t("push.open")),
	);
	return card;
}

function webUrl(text: string): URL | null {
	try {
		const url = new URL(text);
		return url.protocol === "https:" || url.protocol === "http:" ? url : null;
	} catch {
		return null;
	}
}

export function fileLine({ t }: Texts, chat: Chat, file: ChatFile): HTMLElement {
	const state = el("span", { role: "status" });
	const button = el("button", {
		type: "button", "data-testid": "chat-file-open",
		onclick: () => {
			state.textContent = "";
			button.disabled = true;
			const { contactId } = chat.store.get();
			void chat.files.download(contactId ?? "", file)
				.catch(() => { state.textContent = t("file.lost"); })
				.finally(() => { button.disabled = false; });
		},
	}, el("bdi", {}, file.name));
	return el("div", { class: "card" }, button, el("span", {}, size(file.size)), state);
}

export function size(bytes: number): string {
	return bytes < 1e6 ? `${Math.ceil(bytes / 1000)} kB` : `${(bytes / 1e6).toFixed(1)} MB`;
}
