// SPDX-License-Identifier: Apache-2.0
import { useCallback, useEffect, useLayoutEffect, useRef, useState, type RefObject } from "react";

const most = 200;
const stride = 80;
const near = 400;
const endMargin = 40;

export interface Window {
	from: number;
	to: number;
	onScroll(): void;
	toEnd(): void;
	isAtEnd: boolean;
}

/**
 * Shows the part of a long list that is near what is looked at: at most 200 of its lines are in the
 * document. It follows the list's end while that is in sight; what is read stays where it is while lines
 * come and go above it.
 */
export function useWindow(list: RefObject<HTMLElement>, length: number, changes: unknown[]): Window {
	// Null follows the end.
	const [from, setFrom] = useState<number | null>(null);
	const [isAtEnd, setAtEnd] = useState(true);
	const follows = useRef(true);
	const held = useRef<{ element: Element; top: number } | null>(null);
	const last = Math.max(0, length - most);
	const start = from === null ? last : Math.min(from, last);

	const hold = useCallback(() => {
		const top = list.current!.getBoundingClientRect().top;
		const element = [...list.current!.querySelectorAll("[data-line]")]
			.find((one) => one.getBoundingClientRect().bottom > top);
		held.current = element ? { element, top: element.getBoundingClientRect().top } : null;
	}, [list]);

	const onScroll = useCallback(() => {
		const element = list.current;
		if (!element)
			return;
		const { scrollHeight, scrollTop, clientHeight } = element;
		const below = scrollHeight - scrollTop - clientHeight;
		const isLast = start >= last;
		follows.current = isLast && below < endMargin;
		setAtEnd(follows.current);
		if (follows.current) {
			setFrom(null);
		} else if (scrollTop < near && start > 0) {
			hold();
			setFrom(Math.max(0, start - stride));
		} else if (below < near && !isLast) {
			hold();
			setFrom(Math.min(last, start + stride));
		} else if (from === null) {
			setFrom(start);
		}
	}, [from, hold, last, list, start]);

	useLayoutEffect(() => {
		const element = list.current;
		if (!element)
			return;
		if (follows.current)
			element.scrollTop = element.scrollHeight;
		else if (held.current?.element.isConnected)
			element.scrollTop += held.current.element.getBoundingClientRect().top - held.current.top;
		held.current = null;
	}, [list, start, ...changes]);

	useEffect(() => {
		// The field below grows, a colleague's row comes: the newest line stays in sight.
		const element = list.current!;
		const observer = new ResizeObserver(() => {
			if (follows.current)
				element.scrollTop = element.scrollHeight;
		});
		observer.observe(element);
		return () => observer.disconnect();
	}, [list]);

	const toEnd = useCallback(() => {
		follows.current = true;
		setAtEnd(true);
		setFrom(null);
		if (list.current)
			list.current.scrollTop = list.current.scrollHeight;
	}, [list]);

	return { from: start, to: Math.min(length, start + most), onScroll, toEnd, isAtEnd };
}
