// SPDX-License-Identifier: Apache-2.0

/** The one place that decides when the manager is asked again. */

const everyMs = 2000;

/** How long to wait after an answer that took so long: asking takes at most half the time. */
export function pauseAfter(tookMs: number): number {
	return Math.max(everyMs, tookMs);
}

/**
 * Calls ask again and again, each time after its answer, while the page is looked at; at once when the
 * page is looked at again or the network is back. ask never rejects. Gives what stops it.
 */
export function poll(ask: () => Promise<void>): () => void {
	let timer: ReturnType<typeof setTimeout> | undefined;
	let asking = false;
	let stopped = false;

	async function turn(): Promise<void> {
		clearTimeout(timer);
		if (asking || stopped || document.hidden)
			return;
		asking = true;
		const began = performance.now();
		await ask();
		asking = false;
		if (!stopped)
			timer = setTimeout(again, pauseAfter(performance.now() - began));
	}
	const again = (): void => void turn();

	document.addEventListener("visibilitychange", again);
	addEventListener("online", again);
	again();
	return () => {
		stopped = true;
		clearTimeout(timer);
		document.removeEventListener("visibilitychange", again);
		removeEventListener("online", again);
	};
}
