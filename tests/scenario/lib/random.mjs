/*
 * random.mjs — random choices that can be had again: by PELAGO_SEED, or else by the date, so that each day's run takes
 * others.
 *
 *   const random = numbers(seed);   random() in [0, 1)
 *   pick(random, list); shuffled(random, list)
 *
 * SPDX-License-Identifier: Apache-2.0
 */
export const seed = Number(process.env.PELAGO_SEED ?? new Date().toISOString().slice(0, 10).replaceAll('-', ''));

/* mulberry32 */
export function numbers(state) {
	return () => {
		state = (state + 0x6d2b79f5) | 0;
		let t = Math.imul(state ^ (state >>> 15), state | 1);
		t ^= t + Math.imul(t ^ (t >>> 7), t | 61);
		return ((t ^ (t >>> 14)) >>> 0) / 4294967296;
	};
}

export function pick(random, list) {
	return list[Math.floor(random() * list.length)];
}

/* Fisher and Yates. */
export function shuffled(random, list) {
	const result = [...list];
	for (let i = result.length - 1; i > 0; i--) {
		const j = Math.floor(random() * (i + 1));
		[result[i], result[j]] = [result[j], result[i]];
	}
	return result;
}
