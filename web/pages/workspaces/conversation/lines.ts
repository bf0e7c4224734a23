// SPDX-License-Identifier: Apache-2.0

/** A conversation in the order in which it was: the chat, and what agents said among themselves. Pure. */

import type { DurableEvent } from "../../../api/chat.ts";

export interface Line {
	key: string;
	event: DurableEvent;
	isPrivate: boolean;
}

/** What isn't shown: it says nothing to a reader. */
const silent = new Set<DurableEvent["type"]>(["opened", "survey"]);

/**
 * Each of the two is in the order of its own numbers; between them the times decide. One without a time
 * comes right after the one before it.
 */
export function linesOf(
	events: readonly DurableEvent[], aside: readonly DurableEvent[],
): readonly Line[] {
	const lines: Line[] = [];
	let next = 0;
	let time = 0;
	const putAside = (until: number) => {
		for (; next < aside.length && atOf(aside[next]!, 0) < until; next++)
			lines.push({ key: `p${aside[next]!.seq}`, event: aside[next]!, isPrivate: true });
	};
	for (const event of events) {
		time = atOf(event, time);
		if (next < aside.length)
			putAside(time);
		if (!silent.has(event.type))
			lines.push({ key: String(event.seq), event, isPrivate: false });
	}
	putAside(Infinity);
	return lines;
}

function atOf({ at }: DurableEvent, otherwise: number): number {
	const ms = at ? Date.parse(at) : NaN;
	return Number.isNaN(ms) ? otherwise : ms;
}
