// SPDX-License-Identifier: Apache-2.0
import { useEffect, useRef } from "react";

/** Where the agent goes on, best first. */
const places = [
	"[data-testid=conversation][data-selected=true] [data-testid=composer]",
	"[data-testid=conversation][data-selected=true] [data-testid=complete]:not(:disabled)",
	"[data-testid=contact-tab][aria-selected=true]",
	"[data-testid=start-work]:not(:disabled)",
	"[data-testid=go-ready]:not(:disabled)",
	"[data-testid=state]:not(:disabled)",
];

/**
 * Whoever works by keyboard is never thrown back to the page's beginning: when what had the focus goes, such
 * as the button of an offer that was accepted or withdrawn, the focus goes to where the work goes on.
 * Nothing else moves the focus.
 */
export function useFocusKeeper(): void {
	const last = useRef<Element | null>(null);
	useEffect(() => {
		const remember = (event: FocusEvent) => { last.current = event.target as Element; };
		addEventListener("focusin", remember);
		return () => removeEventListener("focusin", remember);
	}, []);
	useEffect(() => {
		const lost = last.current && (!last.current.isConnected || last.current.matches(":disabled"));
		if (document.activeElement !== document.body && document.activeElement !== null || !lost)
			return;
		for (const place of places) {
			const element = document.querySelector<HTMLElement>(place);
			if (element) {
				element.focus();
				return;
			}
		}
	});
}
