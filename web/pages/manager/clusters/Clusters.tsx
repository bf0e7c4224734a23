// SPDX-License-Identifier: Apache-2.0
import type { Cluster } from "../../../api/manager.ts";
import { t } from "../../../ui/i18n/manager.ts";
import { ActionList } from "../list/ActionList.tsx";
import { refresh, useReport, type Report } from "../live/report.ts";
import { moodOfNode, moodOfService } from "../moods.ts";
import { Place } from "../Place.tsx";
import { addressOf } from "../places.ts";
import { StateLabel } from "../StateLabel.tsx";
import { actions } from "./actions.ts";
import { columnsFor } from "./columns.tsx";

export function Clusters() {
	const live = useReport("clusters", "nodes", "services");
	return (
		<Place place="clusters" live={live}>
			{(report) => (
				<ActionList
					id="clusters" row="cluster" title={t("nav.clusters")} items={report.clusters}
					columns={columnsFor(report)} keyOf={(c) => c.name}
					data={(c) => ({ name: c.name, state: c.state, arrived: c.arrived })}
					details={(c) => <Details cluster={c} report={report} />}
					actions={actions} onDone={() => refresh("clusters")} empty={t("clusters.empty")}
				/>
			)}
		</Place>
	);
}

function Details({ cluster, report }: {
	cluster: Cluster; report: Pick<Report, "nodes" | "services">;
}) {
	const nodes = report.nodes.filter((n) => n.cluster === cluster.name);
	const services = report.services.filter((s) => s.cluster === cluster.name);
	return (
		<dl className="pl-details">
			<dt>{t("column.nodes")}</dt>
			<dd>
				{nodes.map((n) => (
					<a key={n.name} href={addressOf("nodes", n.name)}>
						{n.name} <StateLabel mood={moodOfNode(n.state)} text={n.state} />
					</a>
				))}
			</dd>
			<dt>{t("column.services")}</dt>
			<dd>
				{services.map((s) => (
					<span key={s.name}>
						{s.name} <StateLabel mood={moodOfService(s.state)} text={s.state} />
					</span>
				))}
			</dd>
		</dl>
	);
}
