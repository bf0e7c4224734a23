// SPDX-License-Identifier: Apache-2.0
import { useCallback, useEffect, useMemo, useState, useSyncExternalStore } from "react";
import { Store } from "../../../ui/net/store.ts";
import { failureOf } from "./feed.ts";
import { nothingYet, type Live } from "./live.ts";
import { pageOf } from "./pages.ts";
import { poll } from "./poll.ts";
import { noRows, withChanged, withNewest, withOlder, type Rows } from "./rows.ts";

export interface Journal<T> {
	live: Live<T[]>;
	/** Older ones can be asked for. */
	hasMore: boolean;
	more(): void;
	refresh(): void;
}

/**
 * A list that only grows, and may be too long to be asked whole: the first page is asked again and
 * again, and each time one of the older pages in turn; the next older one by more(). rowOf gives an item
 * its id, if the API's have none.
 */
export function useJournal<T extends { id: string }, Item = T>(
	path: string, rowOf: (item: Item) => T = (item) => item as unknown as T,
): Journal<T> {
	const reader = useMemo(() => new Reader<T, Item>(path, rowOf), [path]);
	const live = useSyncExternalStore(reader.live.subscribe, reader.live.get);
	const [hasMore, setMore] = useState(false);
	useEffect(() => poll(reader.ask), [reader]);
	useEffect(() => setMore(reader.rows.next !== null), [reader, live]);
	return {
		live, hasMore,
		more: useCallback(() => void reader.more(), [reader]),
		refresh: useCallback(() => void reader.ask(), [reader]),
	};
}

class Reader<T extends { id: string }, Item> {
	readonly live = new Store<Live<T[]>>(nothingYet);
	rows: Rows<T> = noRows;
	private turn = 0;
	private reading = false;

	constructor(private readonly path: string, private readonly rowOf: (item: Item) => T) {}

	ask = async (): Promise<void> => {
		const at = performance.now();
		await this.tell(at, async () => {
			const { items, next } = await this.page(null);
			this.rows = withNewest(this.rows, items, next);
			const old = this.rows.pages[this.turn++ % this.rows.pages.length];
			if (old)
				this.rows = withChanged(this.rows, (await this.page(old)).items);
		});
	};

	async more(): Promise<void> {
		const cursor = this.rows.next;
		if (this.reading || cursor === null)
			return;
		this.reading = true;
		await this.tell(this.live.get().at, async () => {
			const { items, next } = await this.page(cursor);
			this.rows = withOlder(this.rows, cursor, items, next);
		});
		this.reading = false;
	}

	private async page(cursor: string | null): Promise<{ items: T[]; next: string | null }> {
		const page = await pageOf<Item>(this.path, cursor);
		return { items: page.items.map(this.rowOf), next: page.cursor };
	}

	private async tell(at: number, read: () => Promise<void>): Promise<void> {
		try {
			await read();
			this.live.set({ value: this.rows.items, at, failure: null });
		} catch (error) {
			const failure = failureOf(error);
			this.live.set(failure.refused ? { value: null, at: 0, failure }
				: { ...this.live.get(), failure });
		}
	}
}
