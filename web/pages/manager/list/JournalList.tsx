// SPDX-License-Identifier: Apache-2.0
import { Spinner } from "@patternfly/react-core";
import type { ReactNode } from "react";
import { t } from "../../../ui/i18n/manager.ts";
import type { Journal } from "../live/useJournal.ts";
import type { Column } from "./column.ts";
import { Empty } from "./Empty.tsx";
import { ListTable } from "./ListTable.tsx";

interface Props<T> {
	/** Test ids of the table and of its rows. */
	id: string;
	row: string;
	title: string;
	columns: Column<T>[];
	items: T[];
	data(item: T): Record<string, string | number>;
	empty: string;
	details?(item: T): ReactNode;
	journal: Pick<Journal<T>, "hasMore" | "more">;
}

/** What happened, the newest first; older ones come as its end comes into sight. */
export function JournalList<T extends { id: string }>({
	id, row, title, columns, items, data, empty, details, journal: { hasMore, more },
}: Props<T>) {
	if (items.length === 0)
		return <Empty text={empty} />;
	return (
		<>
			<ListTable
				id={id} row={row} title={title} columns={columns} items={items}
				keyOf={(one) => one.id} data={data}
				{...(details ? { details } : {})}
				onEnd={() => {
					if (hasMore)
						more();
				}}
			/>
			{hasMore && <Spinner size="md" aria-label={t("older")} className="pl-older" />}
		</>
	);
}
