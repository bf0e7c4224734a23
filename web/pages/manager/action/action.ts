// SPDX-License-Identifier: Apache-2.0

/** What can be done with the items of a list, with one or with many at once. */
export interface Action<T> {
	/** Test id of its button. */
	id: string;
	title: string;
	/** Whether people notice it. */
	isGrave: boolean;
	/** Offered beside each item, too. */
	isInRow?: boolean;
	/** Whether it makes sense for the item as it is. */
	fits(item: T): boolean;
	/** What is asked before; names: of the items it will be done with. */
	question(names: string): string;
	/** What will happen. */
	text: string;
	fields?: Field[];
	/** Done once an item. A failure rejects. */
	run(item: T, values: Values): Promise<unknown>;
}

/** What else has to be said. */
export type Field =
	| { id: string; label: string; kind: "text"; first?: string; pattern?: RegExp; hint?: string }
	| { id: string; label: string; kind: "check"; hint?: string };

export type Values = Record<string, string | boolean>;

export const firstValues = (fields: Field[] = []): Values =>
	Object.fromEntries(fields.map((f) => [f.id, f.kind === "check" ? false : f.first ?? ""]));

export const isComplete = (fields: Field[] = [], values: Values): boolean =>
	fields.every((f) => f.kind === "check" || (f.pattern ?? /\S/).test(String(values[f.id])));
