// SPDX-License-Identifier: Apache-2.0
import de from "../ui/i18n/de/widget.ts";
import en from "../ui/i18n/en/widget.ts";
import { translator, wordFor, type Language, type Translate } from "../ui/i18n/translate.ts";

export interface Texts {
	t: Translate<keyof typeof en>;
	word(prefix: string, code: string): string;
}

export function textsIn(language: Language): Texts {
	const t = translator({ en, de }, language);
	return { t, word: (prefix, code) => wordFor(t, prefix, code, en) };
}
