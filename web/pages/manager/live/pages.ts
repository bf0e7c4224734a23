// SPDX-License-Identifier: Apache-2.0
import type { Page } from "../../../api/manager.ts";
import { getJson } from "../../../ui/net/api.ts";

/** As many items as a page of the API may have. */
const most = 200;

export function pageOf<T>(path: string, cursor: string | null): Promise<Page<T>> {
	const url = new URL(path, location.origin);
	url.searchParams.set("limit", String(most));
	if (cursor)
		url.searchParams.set("cursor", cursor);
	return getJson<Page<T>>(url.pathname + url.search);
}

export async function allOf<T>(path: string): Promise<T[]> {
	const items: T[] = [];
	let cursor: string | null = null;
	do {
		const page: Page<T> = await pageOf<T>(path, cursor);
		items.push(...page.items);
		cursor = page.cursor;
	} while (cursor);
	return items;
}
