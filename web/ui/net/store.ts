// SPDX-License-Identifier: Apache-2.0

/** A value that tells its watchers when it was replaced; fits React's useSyncExternalStore. */
export class Store<T> {
	private readonly watchers = new Set<() => void>();

	constructor(private value: T) {}

	get = (): T => this.value;

	set(value: T): void {
		if (Object.is(value, this.value))
			return;
		this.value = value;
		for (const watcher of [...this.watchers])
			watcher();
	}

	subscribe = (watcher: () => void): (() => void) => {
		this.watchers.add(watcher);
		return () => this.watchers.delete(watcher);
	};
}
