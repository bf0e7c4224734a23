// SPDX-License-Identifier: Apache-2.0
import type { ReactNode } from "react";

/** A column of a list: one row here, one column there. */
export interface Column<T> {
	id: string;
	title: string;
	value(item: T): ReactNode;
	/** What the filter looks at; without it the column is none to search in. */
	text?(item: T): string;
	/** On one line, whatever its length. */
	isWhole?: boolean;
	/** CSS width that it has in a long list, where the columns don't follow what is in them. */
	width?: string;
}

export function matches<T>(item: T, columns: Column<T>[], wanted: string): boolean {
	const words = wanted.toLowerCase().split(/\s+/).filter(Boolean);
	const text = columns.map((c) => c.text?.(item) ?? "").join("\n").toLowerCase();
	return words.every((word) => text.includes(word));
}
