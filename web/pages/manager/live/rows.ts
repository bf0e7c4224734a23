// SPDX-License-Identifier: Apache-2.0

/** A journal's rows as far as they are known: the newest first, without gaps; none is ever removed. */
export interface Rows<T> {
	items: T[];
	/** Where the older ones are, by the API's cursor; null: there are none. */
	next: string | null;
	/** Cursors of the pages that were fetched after the first. */
	pages: string[];
}

export const noRows: Rows<never> = { items: [], next: null, pages: [] };

interface Row {
	id: string;
}

/** The first page once more. Too much came at once to join on to what is known: that is forgotten. */
export function withNewest<T extends Row>(rows: Rows<T>, items: T[], next: string | null): Rows<T> {
	const known = new Set(rows.items.map((one) => one.id));
	const joins = next === null || items.some((one) => known.has(one.id));
	if (!joins || rows.items.length === 0)
		return { items, next, pages: [] };
	const fresh = new Set(items.map((one) => one.id));
	return { ...rows, items: [...items, ...rows.items.filter((one) => !fresh.has(one.id))] };
}

/** The next older page. */
export function withOlder<T extends Row>(
	rows: Rows<T>, cursor: string, items: T[], next: string | null,
): Rows<T> {
	if (rows.next !== cursor)
		return rows;
	const known = new Set(rows.items.map((one) => one.id));
	return {
		items: [...rows.items, ...items.filter((one) => !known.has(one.id))],
		next, pages: [...rows.pages, cursor],
	};
}

/** Rows that are known and may have changed. */
export function withChanged<T extends Row>(rows: Rows<T>, items: T[]): Rows<T> {
	const changed = new Map(items.map((one) => [one.id, one]));
	return { ...rows, items: rows.items.map((one) => changed.get(one.id) ?? one) };
}
