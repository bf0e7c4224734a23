// SPDX-License-Identifier: Apache-2.0
import type { Instance, Service } from "../../../api/manager.ts";
import { t } from "../../../ui/i18n/manager.ts";
import { bytes, duration } from "../../../ui/page/format.ts";
import type { Column } from "../list/column.ts";
import { ListTable } from "../list/ListTable.tsx";
import { StateLabel, type Mood } from "../StateLabel.tsx";

const moods: Record<string, Mood> = { Running: "good", Standby: "idle", Failed: "bad" };

type Process = Instance & { service: string; version: string };

const columns: Column<Process>[] = [
	{ id: "service", title: t("column.service"), value: (p) => p.service },
	{ id: "version", title: t("column.version"), value: (p) => p.version },
	{
		id: "state", title: t("column.state"),
		value: (p) => (
			<StateLabel
				text={p.state}
				mood={moods[p.state] ?? "attention"}
			/>
		),
	},
	{ id: "pid", title: t("column.pid"), value: (p) => p.pid ?? t("none") },
	{ id: "restarts", title: t("column.restarts"), value: (p) => p.restarts ?? t("none") },
	{
		id: "memory", title: t("column.memory"),
		value: (p) => (p.memoryBytes === null ? t("none") : bytes(p.memoryBytes)),
	},
	{
		id: "uptime", title: t("column.uptime"),
		value: (p) => (p.uptimeSeconds === null ? t("none") : duration(p.uptimeSeconds)),
	},
];

/** The processes of one node. */
export function Instances({ node, services }: { node: string; services: Service[] }) {
	const processes = services.flatMap((s) => s.instances
		.filter((instance) => instance.node === node)
		.map((instance) => ({ ...instance, service: s.name, version: s.version })));
	return (
		<>
			<h2 className="pl-subtitle">{t("column.services")}</h2>
			<ListTable
				id="instances" row="instance" title={t("nodes.instances")} columns={columns} items={processes}
				keyOf={(p) => `${p.service} ${p.version}`}
				data={(p) => ({ name: p.service, state: p.state })}
			/>
		</>
	);
}
