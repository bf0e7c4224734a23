// SPDX-License-Identifier: Apache-2.0

/** Files on their way, and why one isn't. */

import type { Upload } from "../ui/chat/upload.ts";
import { size } from "./cards.ts";
import type { Chat } from "./chat.ts";
import { el } from "./dom.ts";
import type { Texts } from "./texts.ts";

export function uploadList({ t }: Texts, chat: Chat): HTMLElement {
	const list = el("ul", { class: "uploads", "aria-label": t("files"), "aria-live": "polite" });
	const bars = new Map<string, HTMLProgressElement>();
	let shown = "";

	function update(): void {
		const uploads = chat.files.store.get();
		for (const { clientId, sent } of uploads) {
			const bar = bars.get(clientId);
			if (bar)
				bar.value = sent;
		}
		// Lines are made anew only when one came, went or failed: a live region says each change.
		const key = uploads.map(({ clientId, failed }) => `${clientId} ${failed}`).join();
		if (key === shown)
			return;
		shown = key;
		bars.clear();
		list.replaceChildren(...uploads.map(line));
	}

	function line({ clientId, name, failed, sent, detail }: Upload): HTMLElement {
		const item = el("li", { "data-testid": "chat-upload", "data-failed": failed ?? "" },
			el("bdi", {}, name));
		if (failed) {
			const most = size(chat.store.get().files?.maxBytes ?? 0);
			item.append(el("span", { class: "wrong" }, t(`file.${failed}`, { most })));
			if (failed === "refused" && detail)
				item.append(el("small", { dir: "auto" }, detail));
		} else {
			const bar = el("progress", { max: 1, value: sent, "aria-label": t("file.sending", { name }) });
			bars.set(clientId, bar);
			item.append(bar);
		}
		if (failed === "lost") {
			item.append(el("button", {
				type: "button", onclick: () => chat.files.again(clientId),
				"data-testid": "chat-upload-again",
			}, t("again")));
		}
		item.append(el("button", {
			type: "button", onclick: () => chat.files.drop(clientId), "data-testid": "chat-upload-drop",
		}, t(failed ? "drop" : "file.stop")));
		return item;
	}

	chat.files.store.subscribe(update);
	return list;
}
