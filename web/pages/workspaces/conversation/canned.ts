// SPDX-License-Identifier: Apache-2.0

/** Canned texts: which fit what was typed, and how they read for this contact. Pure. */

import type { CannedText } from "../../../api/desk.ts";

export interface Slot {
	/** Where the shortcut lies in the text: from its slash to the caret. */
	from: number;
	to: number;
	query: string;
}

/** The shortcut that is being typed before the caret: a slash at a word's beginning, and a word. */
export function slotAt(text: string, caret: number): Slot | null {
	const match = /(?:^|\s)\/([^\s/]*)$/.exec(text.slice(0, caret));
	return match ? { from: caret - match[1]!.length - 1, to: caret, query: match[1]! } : null;
}

/** Those that begin so, the shortest first; then those whose title or text has the words. */
export function matching(
	texts: readonly CannedText[], query: string, byShortcutOnly = false,
): readonly CannedText[] {
	const wanted = query.trim().toLowerCase();
	const isShortcut = (one: CannedText) => one.shortcut.toLowerCase().startsWith(wanted);
	const first = texts.filter(isShortcut)
		.sort((a, b) => a.shortcut.length - b.shortcut.length || (a.shortcut < b.shortcut ? -1 : 1));
	if (byShortcutOnly)
		return first;
	return [...first, ...texts.filter((one) => !isShortcut(one)
		&& wanted.split(/\s+/).every((w) => `${one.title ?? ""} ${one.text}`.toLowerCase().includes(w)))];
}

/** Puts names in: {customer}, {agent}, {service}. What isn't known of stays as it is written. */
export function filled(text: string, values: Record<string, string>): string {
	return text.replace(/\{(\w+)\}/g, (whole, name: string) => values[name] || whole);
}

export function put(text: string, { from, to }: { from: number; to: number }, what: string): [string, number] {
	return [text.slice(0, from) + what + text.slice(to), from + what.length];
}
