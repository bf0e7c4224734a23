// SPDX-License-Identifier: Apache-2.0

/** What a reader chose for this browser: one of a few words, kept for all pages and tabs. */
export interface Setting<T extends string> {
	get(): T;
	set(value: T): void;
}

export function setting<T extends string>(name: string, values: readonly T[]): Setting<T> {
	const key = `pelago.${name}`;
	let chosen: T | undefined;
	return {
		get() {
			chosen ??= values.find((value) => value === read(key)) ?? values[0]!;
			return chosen;
		},
		set(value) {
			chosen = value;
			write(key, value);
		},
	};
}

function read(key: string): string | null {
	try {
		return localStorage.getItem(key);
	} catch {
		return null;
	}
}

function write(key: string, value: string): void {
	try {
		localStorage.setItem(key, value);
	} catch {
		// Storage is forbidden or full: the choice lasts as long as the page.
	}
}
