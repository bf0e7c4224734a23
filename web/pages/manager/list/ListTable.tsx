// SPDX-License-Identifier: Apache-2.0
import { Button, Checkbox } from "@patternfly/react-core";
import AngleDownIcon from "@patternfly/react-icons/dist/esm/icons/angle-down-icon";
import AngleRightIcon from "@patternfly/react-icons/dist/esm/icons/angle-right-icon";
import { Table, Tbody, Td, Th, Thead, Tr } from "@patternfly/react-table";
import { useEffect, useRef, useState, type ReactNode } from "react";
import { t } from "../../../ui/i18n/manager.ts";
import type { Column } from "./column.ts";
import { useVirtual, wholeUpTo } from "./useVirtual.ts";

const checkClass = "pf-v6-c-table__check";

export interface Selection {
	has(key: string): boolean;
	set(keys: string[], isChosen: boolean): void;
}

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
	/** Attributes of a row, for whoever looks for it: data-name and so on. */
	data(item: T): Record<string, string | number>;
	selection?: Selection;
	/** What a row tells when it is opened. */
	details?(item: T): ReactNode;
	/** The end comes into sight. */
	onEnd?(): void;
}

/** A list of the console; a long one is in the document only as far as it is looked at. */
export function ListTable<T>(props: Props<T>) {
	const { id, title, columns, items, keyOf, selection, details, onEnd } = props;
	const body = useRef<HTMLTableSectionElement>(null);
	const { from, to, rowHeight } = useVirtual(body, items.length);
	const [open, setOpen] = useState<ReadonlySet<string>>(new Set());
	const isLong = items.length > wholeUpTo;
	const width = columns.length + (selection ? 1 : 0) + (details ? 1 : 0);

	const isAtEnd = to >= items.length;
	useEffect(() => {
		if (isAtEnd)
			onEnd?.();
	}, [isAtEnd, items.length]);

	function toggle(key: string): void {
		const next = new Set(open);
		if (!next.delete(key))
			next.add(key);
		setOpen(next);
	}

	const all = selection ? items.map(keyOf) : [];
	return (
		<div
			className={`pl-table${isLong ? " pl-long" : ""}`} role="region" tabIndex={0}
			aria-label={t("list.of", { title })}
		>
			<Table
				aria-label={title} variant="compact" data-testid={id} aria-rowcount={items.length + 1}
			>
				<Thead>
					<Tr aria-rowindex={1}>
						{details && <Th screenReaderText={t("column.details")} />}
						{selection && (
							<Th className={checkClass}>
								<Checkbox
									id={`${id}-all`} aria-label={t("choose.all")} data-testid={`${id}-all`}
									isChecked={all.length > 0 && all.every((key) => selection.has(key))}
									onChange={(_event, isChosen) => selection.set(all, isChosen)}
								/>
							</Th>
						)}
						{columns.map((c) => (
							<Th
								key={c.id} modifier="wrap" data-column={c.id}
								{...(isLong && c.width ? { style: { width: c.width } } : {})}
							>
								{c.title}
							</Th>
						))}
					</Tr>
				</Thead>
				<Tbody ref={body}>
					<Room height={from * rowHeight} width={width} />
					{items.slice(from, to).map((item, i) => {
						const key = keyOf(item);
						return (
							<Row
								key={key} {...props} item={item} index={from + i}
								isOpen={open.has(key)} onToggle={() => toggle(key)} width={width}
							/>
						);
					})}
					<Room height={Math.max(0, items.length - to) * rowHeight} width={width} />
				</Tbody>
			</Table>
		</div>
	);
}

interface RowProps<T> extends Props<T> {
	item: T;
	index: number;
	isOpen: boolean;
	onToggle(): void;
	width: number;
}

function Row<T>({
	id, row, columns, keyOf, nameOf = keyOf, data, selection, details, item, index, isOpen, onToggle, width,
}: RowProps<T>) {
	const key = keyOf(item);
	const attributes = Object.fromEntries(
		Object.entries(data(item)).map(([name, value]) => [`data-${name}`, value]));
	return (
		<>
			<Tr data-row="" data-testid={row} aria-rowindex={index + 2} {...attributes}>
				{details && (
					<Td className="pl-details-cell">
						<Button
							variant="plain" size="sm" aria-expanded={isOpen} onClick={onToggle}
							aria-label={t("details.of", { name: nameOf(item) })} data-testid="details-toggle"
							icon={isOpen ? <AngleDownIcon /> : <AngleRightIcon />}
						/>
					</Td>
				)}
				{selection && (
					<Td className={checkClass}>
						<Checkbox
							id={`${id}-${index}`} aria-label={t("choose", { name: nameOf(item) })}
							isChecked={selection.has(key)} data-testid="choose"
							onChange={(_event, isChosen) => selection.set([key], isChosen)}
						/>
					</Td>
				)}
				{columns.map((c) => (
					<Td
						key={c.id} dataLabel={c.title} data-column={c.id}
						{...(c.isWhole ? { modifier: "nowrap" } : {})}
					>
						{c.value(item)}
					</Td>
				))}
			</Tr>
			{details && isOpen && (
				<Tr data-testid="details">
					<Td colSpan={width}>{details(item)}</Td>
				</Tr>
			)}
		</>
	);
}

function Room({ height, width }: { height: number; width: number }) {
	return height > 0
		? <tr aria-hidden="true"><td colSpan={width} style={{ height, padding: 0 }} /></tr>
		: null;
}
