// SPDX-License-Identifier: Apache-2.0
import {
	DescriptionList, DescriptionListDescription, DescriptionListGroup, DescriptionListTerm,
} from "@patternfly/react-core";
import type { Column } from "./column.ts";

/** One item of a list, told by its columns. */
export function Facts<T>({ item, columns, id }: { item: T; columns: Column<T>[]; id: string }) {
	return (
		<DescriptionList columnModifier={{ md: "2Col" }} isCompact data-testid={id}>
			{columns.map((c) => (
				<DescriptionListGroup key={c.id} data-fact={c.id}>
					<DescriptionListTerm>{c.title}</DescriptionListTerm>
					<DescriptionListDescription>{c.value(item)}</DescriptionListDescription>
				</DescriptionListGroup>
			))}
		</DescriptionList>
	);
}
