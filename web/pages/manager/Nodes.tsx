// SPDX-License-Identifier: Apache-2.0
import { Label } from "@patternfly/react-core";
import { Table, Tbody, Td, Th, Thead, Tr } from "@patternfly/react-table";
import type { ReactNode } from "react";
import type { Node } from "../../api/manager.ts";
import { t } from "../../ui/i18n/manager.ts";
import { bytes, decimal, duration } from "../../ui/page/format.ts";
import { Empty } from "./Empty.tsx";
import { isUp } from "./problems.ts";

const columns: { id: string; title: string; value(node: Node): ReactNode }[] = [
	{ id: "name", title: t("column.name"), value: (n) => <strong>{n.name}</strong> },
	{ id: "cluster", title: t("column.cluster"), value: (n) => n.cluster },
	{
		id: "state", title: t("column.state"),
		value: (n) => <Label isCompact color={isUp(n.state) ? "green" : "orange"}>{n.state}</Label>,
	},
	{ id: "version", title: t("column.version"), value: (n) => n.version },
	{ id: "uptime", title: t("column.uptime"), value: (n) => duration(n.uptimeSeconds) },
	{ id: "load", title: t("column.load"), value: (n) => decimal(n.load) },
	{ id: "memory", title: t("column.memory"), value: (n) => bytes(n.memoryBytes) },
	{ id: "disk", title: t("column.disk"), value: (n) => bytes(n.diskFreeBytes) },
	{
		id: "heard", title: t("column.heard"),
		value: (n) => t("ago", { age: duration(n.lastHeardSeconds) }),
	},
];

export function Nodes({ nodes }: { nodes: Node[] }) {
	if (nodes.length === 0)
		return <Empty text={t("nodes.empty")} />;
	return (
		<Table aria-label={t("nav.nodes")} variant="compact" data-testid="nodes">
			<Thead>
				<Tr>{columns.map((c) => <Th key={c.id} modifier="nowrap">{c.title}</Th>)}</Tr>
			</Thead>
			<Tbody>
				{nodes.map((node) => (
					<Tr
						key={node.name} data-testid="node" data-name={node.name}
						data-state={node.state}
					>
						{columns.map((c) => <Td key={c.id} dataLabel={c.title}>{c.value(node)}</Td>)}
					</Tr>
				))}
			</Tbody>
		</Table>
	);
}
