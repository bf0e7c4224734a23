// SPDX-License-Identifier: Apache-2.0

/** What the manager reports, asked every 2 s, with how old each answer is. */

import type { Cluster, Node, Page, Service } from "../../api/manager.ts";
import { ApiError, getJson } from "../../ui/net/api.ts";
import { Store } from "../../ui/net/store.ts";

export interface Report {
	clusters: Cluster[];
	nodes: Node[];
	services: Service[];
	/** Monotonic ms of the moment the answer was asked for. */
	at: number;
}

export interface Live {
	report: Report | null;
	/** Why the last try failed; null after a good one. */
	failure: { refused: boolean; detail: string } | null;
}

const every = 2000;
/** An older report isn't shown as live, failed request or not. */
export const staleAfter = 6000;

export class LiveReport {
	readonly store = new Store<Live>({ report: null, failure: null });
	private asking = false;

	start(): void {
		void this.ask();
		setInterval(() => {
			if (!document.hidden)
				void this.ask();
		}, every);
		document.addEventListener("visibilitychange", () => {
			if (!document.hidden)
				void this.ask();
		});
	}

	async ask(): Promise<void> {
		if (this.asking)
			return;
		this.asking = true;
		const at = performance.now();
		try {
			const [clusters, nodes, services] = await Promise.all([
				all<Cluster>("/api/v1/clusters"),
				all<Node>("/api/v1/nodes"),
				all<Service>("/api/v1/services"),
			]);
			this.store.set({ report: { clusters, nodes, services, at }, failure: null });
		} catch (error) {
			const refused = error instanceof ApiError && error.status === 403;
			this.store.set({
				report: refused ? null : this.store.get().report,
				failure: { refused, detail: error instanceof ApiError ? error.message : "" },
			});
		} finally {
			this.asking = false;
		}
	}
}

async function all<T>(path: string): Promise<T[]> {
	const items: T[] = [];
	let cursor: string | null = null;
	do {
		const query: string = cursor ? `?cursor=${encodeURIComponent(cursor)}` : "";
		const page: Page<T> = await getJson<Page<T>>(path + query);
		items.push(...page.items);
		cursor = page.cursor ?? null;
	} while (cursor);
	return items;
}
