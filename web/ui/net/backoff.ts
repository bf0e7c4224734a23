// SPDX-License-Identifier: Apache-2.0

const first = 200;
const longest = 2000;

/**
 * How long to wait, in ms, before the n-th try (0 the first) to connect again: doubling from 200 ms
 * to 2 s. A quarter is drawn by chance, so that a thousand pages don't come back in one instant.
 */
export function backoff(attempt: number, random: () => number = Math.random): number {
	const base = Math.min(longest, first * 2 ** Math.min(attempt, 10));
	return Math.round(base * (0.75 + 0.25 * random()));
}
