// SPDX-License-Identifier: Apache-2.0
import { useLayoutEffect, useState, type RefObject } from "react";

/** Shorter lists are in the document as they are. */
export const wholeUpTo = 100;
const margin = 20;

export interface Part {
	from: number;
	to: number;
	/** Of a row, in px: what isn't in the document is as high as if it were. */
	rowHeight: number;
}

/**
 * The rows of a long table that are near what is looked at; the others are only room. All rows of a long
 * table are equally high.
 */
export function useVirtual(body: RefObject<HTMLElement>, count: number): Part {
	const isLong = count > wholeUpTo;
	const [part, setPart] = useState<Part>({ from: 0, to: wholeUpTo, rowHeight: 40 });

	useLayoutEffect(() => {
		const element = body.current;
		const scroller = element && isLong ? scrollerOf(element) : null;
		if (!element || !scroller)
			return undefined;
		const look = () => {
			const row = element.querySelector<HTMLElement>("[data-row]");
			const rowHeight = row?.getBoundingClientRect().height || 40;
			const top = scroller.getBoundingClientRect().top - element.getBoundingClientRect().top;
			// In strides, so that not every step of the wheel renders anew.
			const first = Math.floor(top / rowHeight / margin) * margin;
			const from = Math.max(0, Math.min(first - margin, count - margin));
			const to = Math.min(count, first + Math.ceil(scroller.clientHeight / rowHeight) + 2 * margin);
			setPart((before) => (before.from === from && before.to === to
				&& before.rowHeight === rowHeight ? before : { from, to, rowHeight }));
		};
		look();
		scroller.addEventListener("scroll", look, { passive: true });
		addEventListener("resize", look);
		return () => {
			scroller.removeEventListener("scroll", look);
			removeEventListener("resize", look);
		};
	}, [body, count, isLong]);

	return isLong ? part : { from: 0, to: count, rowHeight: 0 };
}

function scrollerOf(element: HTMLElement): HTMLElement {
	let at: HTMLElement | null = element.parentElement;
	while (at && !/auto|scroll/.test(getComputedStyle(at).overflowY))
		at = at.parentElement;
	return at ?? document.documentElement;
}
