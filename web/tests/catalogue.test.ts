// SPDX-License-Identifier: Apache-2.0
import assert from "node:assert/strict";
import { test } from "node:test";
import * as de from "../ui/i18n/de/index.ts";
import * as en from "../ui/i18n/en/index.ts";
import { languageOf } from "../ui/i18n/translate.ts";

const placeholders = (text: string): string[] => (text.match(/\{\w+\}/g) ?? []).sort();

test("both languages say the same: pages, keys, placeholders, and no empty text", () => {
	assert.deepEqual(Object.keys(de).sort(), Object.keys(en).sort());
	for (const [page, texts] of Object.entries(en)) {
		const german: Record<string, string> = de[page as keyof typeof de];
		assert.deepEqual(Object.keys(german).sort(), Object.keys(texts).sort(), page);
		for (const [key, text] of Object.entries(texts)) {
			assert.deepEqual(placeholders(german[key]!), placeholders(text), `${page}: ${key}`);
			assert.ok(text.trim() && german[key]!.trim(), `${page}: ${key}`);
		}
	}
});

test("the language is the first that there is a catalogue for", () => {
	assert.equal(languageOf("system", "fr-FR", "de-AT", "en"), "de");
	assert.equal(languageOf(undefined, "", "fr"), "en");
	assert.equal(languageOf("EN-gb", "de"), "en");
});
