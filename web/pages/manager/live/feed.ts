// SPDX-License-Identifier: Apache-2.0
import { ApiError } from "../../../ui/net/api.ts";
import { Store } from "../../../ui/net/store.ts";
import { nothingYet, staleAfterMs, type Failure, type Live } from "./live.ts";
import { poll } from "./poll.ts";

/** What one question to the manager gives, asked while somebody watches, once for all who do. */
export class Feed<T> {
	private readonly store = new Store<Live<T>>(nothingYet);
	readonly get = this.store.get;
	private watchers = 0;
	private stop: (() => void) | null = null;
	/** Counts what was asked: a slow answer never replaces that of a later question. */
	private asked = 0;
	private answered = 0;

	constructor(private readonly question: () => Promise<T>) {}

	subscribe = (watcher: () => void): (() => void) => {
		const leave = this.store.subscribe(watcher);
		if (this.watchers++ === 0) {
			if (performance.now() - this.get().at > staleAfterMs)
				this.store.set(nothingYet);
			this.stop = poll(this.ask);
		}
		return () => {
			leave();
			if (--this.watchers === 0)
				this.stop?.();
		};
	};

	/** Now, too: after a change that its own page made. */
	ask = async (): Promise<void> => {
		const turn = ++this.asked;
		const at = performance.now();
		const live = await this.question().then(
			(value): Live<T> => ({ value, at, failure: null }),
			(error: unknown): Live<T> => {
				const failure = failureOf(error);
				return failure.refused ? { value: null, at: 0, failure } : { ...this.get(), failure };
			},
		);
		if (turn < this.answered)
			return;
		this.answered = turn;
		this.store.set(live);
	};
}

export function failureOf(error: unknown): Failure {
	return error instanceof ApiError
		? { refused: error.status === 403, detail: error.message }
		: { refused: false, detail: "" };
}
