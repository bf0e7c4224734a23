// SPDX-License-Identifier: Apache-2.0

/** One line of the attributes: what can be set at the level that is looked at, and how. */

import type { Attribute, AttributeValue, Level } from "../../../api/manager.ts";

export interface Setting {
	id: string;
	/** Those that it sets: one of a service, or through SolutionConfiguration all of one name. */
	attributes: [Attribute, ...Attribute[]];
	level: Level;
	/** The profile or cluster; else empty. */
	place: string;
}

/** What somebody has typed and not committed; null takes the value back. */
export type Wish = string | boolean | null;

export const placeOf = (level: Level, attribute: Attribute, profile: string): string =>
	level === "cluster" ? attribute.cluster : level === "profile" ? profile : "";

export function settingsOf(attributes: Attribute[], level: Level, profile: string): Setting[] {
	const settings = new Map<string, Setting>();
	for (const attribute of attributes) {
		if (level === "solution" && attribute.area === null)
			continue;
		const place = placeOf(level, attribute, profile);
		const id = level === "solution" ? `solution/${attribute.area}/${attribute.name}`
			: [level, place, attribute.service, attribute.key].join("/");
		const known = settings.get(id);
		if (known)
			known.attributes.push(attribute);
		else
			settings.set(id, { id, attributes: [attribute], level, place });
	}
	return [...settings.values()];
}

/** What is set at the level; undefined: nothing. */
export const valueAt = ({ attributes: [first], level }: Setting): AttributeValue | undefined =>
	first.overrides[level];

export type Checked = { value: AttributeValue } | { problem: Problem };
export type Problem = "number" | "least" | "most" | "pattern" | "short" | "long" | "blank";

/** Reads what was typed, as the attribute's row has it. The manager looks again. */
export function check({ attributes: [first] }: Setting, wish: Wish): Checked {
	const { type, least, most, pattern } = first;
	if (wish === null || typeof wish === "boolean" || type === "enumeration")
		return { value: wish };
	if (type === "integer" || type === "duration") {
		const n = Number(wish);
		if (!/^\s*-?\d+\s*$/.test(wish) || !Number.isSafeInteger(n))
			return { problem: "number" };
		if (least !== null && n < least)
			return { problem: "least" };
		return most !== null && n > most ? { problem: "most" } : { value: n };
	}
	const characters = [...wish].length;
	if (type === "secret" && characters === 0)
		return { problem: "blank" };
	if (least !== null && characters < least)
		return { problem: "short" };
	if (most !== null && characters > most)
		return { problem: "long" };
	return pattern !== null && !matches(pattern, wish) ? { problem: "pattern" } : { value: wish };
}

/** Patterns are POSIX's; one that a browser doesn't read, or reads otherwise, is left to the manager. */
function matches(pattern: string, text: string): boolean {
	if (/\[[:.=]/.test(pattern))
		return true;
	try {
		return new RegExp(`^(?:${pattern})$`, "u").test(text);
	} catch {
		return true;
	}
}

/** What a field begins with when its default is overridden. */
export function firstWish({ attributes: [first] }: Setting): Wish {
	if (first.type === "secret")
		return "";
	return typeof first.effective === "boolean" ? first.effective : String(first.effective ?? "");
}
