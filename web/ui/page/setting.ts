// SPDX-License-Identifier: Apache-2.0
import { Store } from "../net/store.ts";

/** What a reader chose for this browser: one of a few words, kept for all pages and tabs. */
export interface Setting<T extends string> {
	get(): T;
	set(value: T): void;
	subscribe(watcher: () => void): () => void;
}

/** The first of the values is that of who never chose. */
export function setting<T extends string>(name: string, values: readonly T[]): Setting<T> {
	const key = `pelago.${name}`;
	const store = new Store<T>(values.find((value) => value === read(key)) ?? values[0]!);
	return {
		get: store.get,
		set(value) {
			write(key, value);
			store.set(value);
		},
		subscribe: store.subscribe,
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
