// SPDX-License-Identifier: Apache-2.0
import { Label } from "@patternfly/react-core";
import { Table, Tbody, Td, Th, Thead, Tr } from "@patternfly/react-table";
import type { ReactNode } from "react";
import type { Instance, Service } from "../../api/manager.ts";
import { t } from "../../ui/i18n/manager.ts";
import { bytes } from "../../ui/page/format.ts";
import { Empty } from "./Empty.tsx";
import { isServing } from "./problems.ts";

const columns: { id: string; title: string; value(service: Service): ReactNode }[] = [
	{ id: "name", title: t("column.name"), value: (s) => <strong>{s.name}</strong> },
	{ id: "version", title: t("column.version"), value: (s) => s.version },
	{
		id: "state", title: t("column.state"),
		value: (s) => <Label isCompact color={isServing(s.state) ? "green" : "orange"}>{s.state}</Label>,
	},
	{ id: "cluster", title: t("column.cluster"), value: (s) => s.cluster },
	{ id: "nodes", title: t("column.nodes"), value: (s) => s.nodes.join(", ") || t("none") },
	{
		id: "restarts", title: t("column.restarts"),
		value: (s) => s.instances.reduce((sum, i) => sum + i.restarts, 0),
	},
	{ id: "pid", title: t("column.pid"), value: (s) => each(s, (i) => String(i.pid)) },
	{ id: "memory", title: t("column.memory"), value: (s) => each(s, (i) => bytes(i.memoryBytes)) },
];

export function Services({ services }: { services: Service[] }) {
	if (services.length === 0)
		return <Empty text={t("services.empty")} />;
	return (
		<Table aria-label={t("nav.services")} variant="compact" data-testid="services">
			<Thead>
				<Tr>{columns.map((c) => <Th key={c.id} modifier="nowrap">{c.title}</Th>)}</Tr>
			</Thead>
			<Tbody>
				{services.map((service) => (
					<Tr
						key={`${service.cluster}/${service.name}/${service.version}`}
						data-testid="service" data-name={service.name} data-state={service.state}
					>
						{columns.map((c) => (
							<Td key={c.id} dataLabel={c.title} data-column={c.id}>{c.value(service)}</Td>
						))}
					</Tr>
				))}
			</Tbody>
		</Table>
	);
}

function each(service: Service, value: (instance: Instance) => string): string {
	return service.instances.map(value).join(", ") || t("none");
}
