// SPDX-License-Identifier: Apache-2.0
import type { Cluster } from "../../../api/manager.ts";
import { t } from "../../../ui/i18n/manager.ts";
import { ActionBar } from "../action/ActionBar.tsx";
import { Empty } from "../list/Empty.tsx";
import { Facts } from "../list/Facts.tsx";
import { ListTable } from "../list/ListTable.tsx";
import { refresh, useReport, type Report } from "../live/report.ts";
import { columns as nodeColumns } from "../nodes/columns.tsx";
import { Place } from "../Place.tsx";
import { addressOf } from "../places.ts";
import { columns as serviceColumns, keyOf as serviceKey } from "../services/columns.tsx";
import { TabLinks } from "../TabLinks.tsx";
import { actions, ownActions } from "./actions.ts";
import { columnsFor } from "./columns.tsx";

type Parts = Pick<Report, "clusters" | "nodes" | "services">;

/** What the Cluster Editor's tabs show of a cluster. */
const tabs = [
	{ id: "general", title: t("editor.general"), show: General },
	{ id: "nodes", title: t("editor.nodes"), show: Nodes },
	{ id: "services", title: t("editor.services"), show: Services },
];

export function ClusterEditor({ name, tab }: { name: string; tab: string | undefined }) {
	const live = useReport("clusters", "nodes", "services");
	const shown = tabs.find((one) => one.id === tab) ?? tabs[0]!;
	return (
		<Place place="clusters" part={name} live={live}>
			{(report) => {
				const cluster = report.clusters.find((c) => c.name === name);
				if (!cluster)
					return <Empty text={t("clusters.unknown", { name })} />;
				return (
					<>
						<ActionBar
							actions={[...actions, ...ownActions]} item={cluster} nameOf={(c) => c.name}
							onDone={() => refresh("clusters", "nodes")}
						/>
						<TabLinks
							title={t("editor")} shown={shown.id}
							tabs={tabs.map(({ id, title }) => ({
								id, title, href: addressOf("clusters", name, id),
							}))}
						/>
						<shown.show cluster={cluster} report={report} />
					</>
				);
			}}
		</Place>
	);
}

interface TabProps {
	cluster: Cluster;
	report: Parts;
}

function General({ cluster, report }: TabProps) {
	const columns = [
		...columnsFor(report).filter((c) => c.id !== "name"),
		{ id: "address", title: t("column.address"), value: (c: Cluster) => c.address || t("none") },
	];
	return <Facts id="cluster-facts" item={cluster} columns={columns} />;
}

function Nodes({ cluster, report }: TabProps) {
	return (
		<ListTable
			id="nodes" row="node" title={t("editor.nodes")} keyOf={(n) => n.name}
			columns={nodeColumns.filter((c) => c.id !== "cluster")}
			items={report.nodes.filter((n) => n.cluster === cluster.name)}
			data={(n) => ({ name: n.name, state: n.state })}
		/>
	);
}

function Services({ cluster, report }: TabProps) {
	const items = report.services.filter((s) => s.cluster === cluster.name);
	return (
		<>
			<h2 className="pl-subtitle">{t("editor.assigned")}</h2>
			{items.length === 0 ? <Empty text={t("services.empty")} /> : (
				<ListTable
					id="services" row="service" title={t("editor.assigned")} keyOf={serviceKey} items={items}
					columns={serviceColumns.filter((c) => c.id !== "cluster")}
					data={(s) => ({ name: s.name, state: s.state })}
				/>
			)}
		</>
	);
}
