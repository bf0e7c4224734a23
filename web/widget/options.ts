// SPDX-License-Identifier: Apache-2.0

/** What the page's script tag says: data-topics, data-lang, data-language, data-title, data-position. */

import { languageOf, type Language } from "../ui/i18n/translate.ts";

export interface Options {
	/** Where the script came from, and where the chat connects to. */
	origin: string;
	language: Language;
	/** The value of the contact's attribute Language. */
	languageName: string;
	/** Instead of "Chat with us". */
	title: string | null;
	/** The corner of the launcher. */
	position: "right" | "left";
	topics: { value: string; label: string | null }[];
}

const names: Record<Language, string> = { en: "English", de: "German" };

export function readOptions(script: HTMLScriptElement | null): Options {
	const data = script?.dataset ?? {};
	const language = pickLanguage(data["lang"]);
	return {
		origin: script?.src ? new URL(script.src).origin : location.origin,
		language,
		title: data["title"]?.trim() || null,
		position: data["position"] === "left" ? "left" : "right",
		languageName: data["language"] ?? names[language],
		topics: (data["topics"] ?? "sales,billing,support").split(",").flatMap((item) => {
			const [value, label] = item.split("=").map((s) => s.trim());
			return value ? [{ value, label: label || null }] : [];
		}),
	};
}

/** The tag's wish, then the page's own language, then the visitor's. */
function pickLanguage(wish: string | undefined): Language {
	return languageOf(wish, document.documentElement.lang, ...navigator.languages);
}
