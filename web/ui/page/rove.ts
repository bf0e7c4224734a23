// SPDX-License-Identifier: Apache-2.0
import type { KeyboardEvent } from "react";

/**
 * Arrow keys, Home and End move the focus among the elements with this role within the one that has the
 * listener (WAI-ARIA, roving tabindex). Gives the one that got it.
 */
export function rove(event: KeyboardEvent<HTMLElement>, role: string): HTMLElement | null {
	const all = [...event.currentTarget.querySelectorAll<HTMLElement>(`[role=${role}]`)];
	const at = all.findIndex((one) => one === document.activeElement);
	const end = all.length - 1;
	const to = {
		ArrowDown: at + 1, ArrowRight: at + 1, ArrowUp: at - 1, ArrowLeft: at - 1, Home: 0, End: end,
	}[event.key];
	const next = to === undefined ? undefined : all[to];
	if (!next)
		return null;
	event.preventDefault();
	next.focus();
	return next;
}
