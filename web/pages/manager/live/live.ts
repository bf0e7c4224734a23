// SPDX-License-Identifier: Apache-2.0

/** What the manager said last, and how old that is. */
export interface Live<T> {
	value: T | null;
	/** Monotonic ms of the moment the value was asked for. */
	at: number;
	/** Why the last try failed; null after a good one. */
	failure: Failure | null;
}

export interface Failure {
	/** The user may not see it: nothing is shown, nothing is tried again. */
	refused: boolean;
	detail: string;
}

export const nothingYet: Live<never> = { value: null, at: 0, failure: null };

/** An older answer isn't shown as live, failed request or not. */
export const staleAfterMs = 6000;

/** Several answers as one: as old as the oldest, and failed if one of them has. */
export function together<T extends object>(parts: { [K in keyof T]: Live<T[K]> }): Live<T> {
	const all = Object.entries(parts) as [keyof T, Live<T[keyof T]>][];
	const failures = all.flatMap(([, live]) => live.failure ?? []);
	return {
		value: all.every(([, live]) => live.value !== null)
			? Object.fromEntries(all.map(([name, live]) => [name, live.value])) as T
			: null,
		at: Math.min(...all.map(([, live]) => live.at)),
		failure: failures.find((one) => one.refused) ?? failures[0] ?? null,
	};
}
