// SPDX-License-Identifier: Apache-2.0

const first = 200;
const longest = 800;

/**
 * How long to wait, in ms, before the n-th try (0 the first) to connect again: doubling from 200 to
 * 800 ms, so that everybody is back within a second of the server's return. A quarter is drawn by
 * chance, so that a thousand pages don't come back in one instant.
 */
export function backoff(attempt: number, random: () => number = Math.random): number {
	const base = Math.min(longest, first * 2 ** Math.min(attempt, 10));
	return Math.round(base * (0.75 + 0.25 * random()));
}
