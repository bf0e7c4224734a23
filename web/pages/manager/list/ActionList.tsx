// SPDX-License-Identifier: Apache-2.0
import {
	Button, SearchInput, Toolbar, ToolbarContent, ToolbarItem,
} from "@patternfly/react-core";
import { useState, type ReactNode } from "react";
import { t } from "../../../ui/i18n/manager.ts";
import { ActionDialog } from "../action/ActionDialog.tsx";
import type { Action } from "../action/action.ts";
import { useMayChange } from "../may.ts";
import { setQuery, useAddress } from "../useAddress.ts";
import { matches, type Column } from "./column.ts";
import { Empty } from "./Empty.tsx";
import { ListTable } from "./ListTable.tsx";

interface Props<T> {
	/** Test ids of the table and of its rows. */
	id: string;
	row: string;
	title: string;
	columns: Column<T>[];
	items: T[];
	keyOf(item: T): string;
	/** What people call it; without it the key. */
	nameOf?(item: T): string;
	data(item: T): Record<string, string | number>;
	/** Said when there are no items at all. */
	empty: string;
	details?(item: T): ReactNode;
	actions?: Action<T>[];
	/** What the filter is called in the address, where a page has several lists. */
	filterName?: string;
	/** Something was done: the list is to be asked anew. */
	onDone?(): void;
	/** More for the bar above the list. */
	children?: ReactNode;
}

/** A list with a filter, kept in the address, and with what can be done with one or many of its items. */
export function ActionList<T>({
	id, row, title, columns, items, keyOf, nameOf = keyOf, data, empty, details, actions = [], filterName = "q", onDone, children,
}: Props<T>) {
	const filter = useAddress().query.get(filterName) ?? "";
	const mayChange = useMayChange();
	const offered = mayChange ? actions : [];
	const [chosen, setChosen] = useState<ReadonlySet<string>>(new Set());
	const [asked, setAsked] = useState<{ action: Action<T>; items: T[] } | null>(null);
	const inRow = offered.filter((action) => action.inRow);
	const found = filter ? items.filter((item) => matches(item, columns, filter)) : items;
	// What is gone or filtered away is not chosen.
	const picked = found.filter((item) => chosen.has(keyOf(item)));

	function choose(keys: string[], isChosen: boolean): void {
		const next = new Set(chosen);
		for (const key of keys)
			isChosen ? next.add(key) : next.delete(key);
		setChosen(next);
	}

	const beside: Column<T> = {
		id: "actions", title: t("column.actions"),
		value: (item) => inRow.filter((action) => action.fits(item)).map((action) => (
			<Button
				key={action.id} variant="link" isInline data-testid={action.id}
				aria-label={t("action.of", { title: action.title, name: nameOf(item) })}
				onClick={() => setAsked({ action, items: [item] })}
			>
				{action.inRow}
			</Button>
		)),
	};

	if (items.length === 0 && !filter)
		return <>{children}<Empty text={empty} /></>;
	return (
		<>
			<Toolbar inset={{ default: "insetNone" }} className="pl-bar">
				<ToolbarContent>
					<ToolbarItem>
						<SearchInput
							value={filter} aria-label={t("filter")} placeholder={t("filter")}
							resetButtonLabel={t("filter.clear")} data-testid="filter"
							onChange={(_event, text) => setQuery(filterName, text)}
							onClear={() => setQuery(filterName, "")}
						/>
					</ToolbarItem>
					{offered.map((action) => {
						const fitting = fittingOf(action, picked);
						return (
							<ToolbarItem key={action.id}>
								<Button
									variant="secondary" isDisabled={fitting.length === 0}
									data-testid={`chosen-${action.id}`}
									onClick={() => setAsked({ action, items: fitting })}
								>
									{fitting.length > 1
										? t("action.count", { title: action.title, n: fitting.length })
										: action.title}
								</Button>
							</ToolbarItem>
						);
					})}
					{children && <ToolbarItem>{children}</ToolbarItem>}
					<ToolbarItem align={{ default: "alignEnd" }} alignSelf="center">
						<span role="status" data-testid="count">
							{found.length === items.length ? t("count", { n: items.length })
								: t("count.of", { n: found.length, all: items.length })}
						</span>
					</ToolbarItem>
				</ToolbarContent>
			</Toolbar>
			{found.length === 0 ? <Empty text={t("filter.none", { filter })} /> : (
				<ListTable
					id={id} row={row} title={title} items={found}
					columns={inRow.length ? [...columns, beside] : columns}
					keyOf={keyOf} nameOf={nameOf} data={data}
					{...(details ? { details } : {})}
					{...(offered.length
						? { selection: { has: (key) => chosen.has(key), set: choose } } : {})}
				/>
			)}
			{asked && (
				<ActionDialog
					{...asked} nameOf={nameOf} onCancel={() => {
						setAsked(null);
						onDone?.();
					}}
					onDone={() => {
						setAsked(null);
						setChosen(new Set());
						onDone?.();
					}}
				/>
			)}
		</>
	);
}

function fittingOf<T>({ fits, onceBy, isForOne }: Action<T>, picked: T[]): T[] {
	if (isForOne && picked.length !== 1)
		return [];
	const fitting = picked.filter(fits);
	return onceBy
		? [...new Map(fitting.map((item) => [onceBy(item), item] as const).reverse()).values()].reverse()
		: fitting;
}
