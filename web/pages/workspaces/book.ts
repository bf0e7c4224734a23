// SPDX-License-Identifier: Apache-2.0

/** What administrators laid out for desks: reasons, dispositions, canned texts, services. */

import { useSyncExternalStore } from "react";
import type { Code, DeskBook, ServiceName } from "../../api/desk.ts";
import { word } from "../../ui/i18n/workspaces.ts";
import { getJson } from "../../ui/net/api.ts";
import { Store } from "../../ui/net/store.ts";
import { defaultDispositions, defaultReasons } from "./codes.ts";

const every = 5 * 60_000;
const again = 5_000;

const store = new Store<DeskBook>({
	reasons: defaultReasons.map((code) => ({ code })),
	dispositions: defaultDispositions.map((code) => ({ code })),
	texts: [],
	services: [],
});

/** Keeps the book up to date for as long as the page lives. */
export async function keepBook(): Promise<void> {
	let next = every;
	try {
		const { reasons, dispositions, texts, services } =
			await getJson<Partial<DeskBook>>("/services/UCAStoreService/desk");
		const before = store.get();
		store.set({
			reasons: reasons?.length ? reasons : before.reasons,
			dispositions: dispositions?.length ? dispositions : before.dispositions,
			texts: texts ?? [],
			services: services ?? [],
		});
	} catch {
		// The desk works with what it has; a service that is away comes back.
		next = again;
	}
	setTimeout(() => void keepBook(), next);
}

export function useBook(): DeskBook {
	return useSyncExternalStore(store.subscribe, store.get);
}

/** The administrator's words; those of the catalogue for codes that have none of their own. */
export function labelOf(kind: "reason" | "disposition", { code, label }: Code): string {
	return label && label !== code ? label : word(kind, code);
}

/** What is for every service, and what is for this one, by its name or its title. */
export function forService<T extends { service?: string | null }>(
	items: readonly T[], service: string, services: readonly ServiceName[],
): readonly T[] {
	const same = (a: string, b: string) => a.toLowerCase() === b.toLowerCase();
	const name = services.find((s) => same(s.title ?? "", service))?.name ?? service;
	return items.filter((item) => !item.service || same(item.service, name));
}

export function serviceTitle(name: string, services: readonly ServiceName[]): string {
	return services.find((s) => s.name === name)?.title || name;
}
