// SPDX-License-Identifier: Apache-2.0

/** What can be done with the items of a list, with one or with many at once. */
export interface Action<T> {
	/** Test id of its button. */
	id: string;
	title: string;
	/** Whether people notice it. */
	isGrave: boolean;
	/** Offered beside each item, too, by this short title. */
	inRow?: string;
	/** Of chosen items that give the same, it is done with the first. */
	onceBy?(item: T): string;
	/** Whether it makes sense for the item as it is. */
	fits(item: T): boolean;
	/** Offered only while one item is chosen. */
	isForOne?: boolean;
	/** What is asked before; names: of the items it will be done with. */
	question(names: string): string;
	/** What will happen. */
	text?: string;
	fields?: Field[];
	/** What the fields say at first, where it isn't the same for all items. */
	valuesOf?(item: T): Values;
	/** Done once an item; or, if it isTogether, once with all. A failure rejects. */
	run(item: T, values: Values, items: T[]): Promise<unknown>;
	isTogether?: boolean;
	/** What is to be read, and copied, once it is done with one item. */
	result?(answer: never): string;
}

/** What else has to be said. */
export interface Field {
	id: string;
	label: string;
	kind: "text" | "secret" | "check" | "choice";
	/** Of a choice: what is sent, and what is read. */
	choices?: { id: string; label: string }[];
	first?: string | boolean;
	/** What a text has to be like; without it anything but nothing. */
	pattern?: RegExp;
	hint?: string;
	/** Whether it is asked for, with what was said so far. */
	wanted?(values: Values): boolean;
}

export type Values = Record<string, string | boolean>;

export const firstValues = (fields: Field[] = []): Values =>
	Object.fromEntries(fields.map((f) => [f.id, f.first ?? (f.kind === "check" ? false : f.choices?.[0]?.id ?? "")]));

export const wantedOf = (fields: Field[] = [], values: Values): Field[] =>
	fields.filter((f) => f.wanted?.(values) ?? true);

export const isRight = (field: Field, values: Values): boolean =>
	field.kind === "check" || field.kind === "choice" || (field.pattern ?? /\S/).test(String(values[field.id]));

export const isComplete = (fields: Field[] = [], values: Values): boolean =>
	wantedOf(fields, values).every((field) => isRight(field, values));
