// SPDX-License-Identifier: Apache-2.0

/**
 * The chat of any web page, by one tag: <script src="https://HOST/widget/pelago-chat.js" data-pelago
 * async></script>. Lives in a shadow tree, so that the page's styles and the widget's keep apart.
 */

import { tab } from "../ui/net/tab.ts";
import { Chat } from "./chat.ts";
import { el, icon, icons } from "./dom.ts";
import { readOptions } from "./options.ts";
import { panel } from "./panel.ts";
import type { ChatState } from "./session.ts";
import { styles } from "./styles.ts";
import { textsIn } from "./texts.ts";

const tag = "pelago-chat";
const openKey = "pelago-chat-open";

const script = document.currentScript instanceof HTMLScriptElement
	? document.currentScript
	: document.querySelector<HTMLScriptElement>("script[data-pelago]");

if (document.body)
	install();
else
	addEventListener("DOMContentLoaded", install, { once: true });

function install(): void {
	if (document.querySelector(tag))
		return;
	const options = readOptions(script);
	const texts = textsIn(options.language);
	const { t } = texts;
	const chat = new Chat(options.origin);
	const host = document.createElement(tag);
	host.lang = options.language;
	const root = host.attachShadow({ mode: "open" });
	const sheet = new CSSStyleSheet();
	sheet.replaceSync(styles);
	root.adoptedStyleSheets = [sheet];
	host.dataset["position"] = options.position;
	keepAboveKeyboard(host);

	let seen = lastHeard(chat.store.get());
	const badge = el("span", { class: "badge", hidden: true, "data-testid": "chat-unread" });
	const launcher = el("button", {
		type: "button", class: "launcher", "aria-haspopup": "dialog", "data-testid": "chat-launcher",
		onclick: () => show(window_.element.hidden, true),
	});
	launcher.append(icon(icons.chat), badge);
	const window_ = panel(texts, options, chat, () => show(false, true));
	root.append(window_.element, launcher);

	function show(open: boolean, focus: boolean): void {
		window_.element.hidden = !open;
		host.toggleAttribute("data-open", open);
		launcher.setAttribute("aria-expanded", String(open));
		tab.set(openKey, open ? "1" : "");
		update();
		if (!focus)
			return;
		if (open)
			window_.focus();
		else
			launcher.focus();
	}

	function update(): void {
		const state = chat.store.get();
		window_.update(state);
		// A new chat counts from 1 again.
		seen = window_.element.hidden ? Math.min(seen, lastHeard(state)) : lastHeard(state);
		const unread = state.transcript.events.filter((e) => e.seq > seen && isHeard(e)).length;
		badge.hidden = unread === 0;
		badge.textContent = String(unread);
		launcher.setAttribute("aria-label", !window_.element.hidden ? t("launcher.close")
			: unread ? t("launcher.unread", { n: unread }) : options.title ?? t("launcher"));
	}

	chat.store.subscribe(update);
	document.body.append(host);
	show(tab.get(openKey) === "1", false);
}

/** A phone's keyboard takes a part of the screen: the chat keeps to what is left. */
function keepAboveKeyboard(host: HTMLElement): void {
	const view = window.visualViewport;
	if (!view)
		return;
	const apply = () => {
		host.style.setProperty("--view-height", `${view.height}px`);
		host.style.setProperty("--view-top", `${view.offsetTop}px`);
	};
	view.addEventListener("resize", apply);
	view.addEventListener("scroll", apply);
	apply();
}

function isHeard(event: ChatState["transcript"]["events"][number]): boolean {
	return (event.type === "message" || event.type === "push" || event.type === "file")
		&& event.from !== "customer";
}

function lastHeard(state: ChatState): number {
	return state.transcript.events.reduce((last, e) => (isHeard(e) ? e.seq : last), 0);
}
