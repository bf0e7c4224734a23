// SPDX-License-Identifier: Apache-2.0

export const languages = ["en", "de"] as const;
export type Language = (typeof languages)[number];

export type Values = Record<string, string | number>;
export type Translate<K extends string> = (key: K, values?: Values) => string;

/** The first of these, such as `de-AT`, that has a catalogue; else English. */
export function languageOf(...wanted: (string | undefined)[]): Language {
	return wanted.map((l) => l?.slice(0, 2).toLowerCase())
		.find((l): l is Language => languages.some((known) => known === l)) ?? "en";
}

export function translator<K extends string>(
	catalogues: Record<Language, Record<K, string>>, chosen: Language,
): Translate<K> {
	const texts = catalogues[chosen];
	return (key, values) => {
		const text = texts[key];
		return values
			? text.replace(/\{(\w+)\}/g, (whole, name: string) => String(values[name] ?? whole))
			: text;
	};
}

/** A server's code in words where the catalogue has it, else the code itself. */
export function wordFor<K extends string>(
	t: Translate<K>, prefix: string, code: string, known: Record<K, string>,
): string {
	const key = `${prefix}.${code}`;
	return key in known ? t(key as K) : code;
}
