// SPDX-License-Identifier: Apache-2.0
import type { Replica } from "../../../api/manager.ts";
import { t, word } from "../../../ui/i18n/manager.ts";
import { send } from "../../../ui/net/api.ts";
import { moment } from "../../../ui/page/format.ts";
import type { Action } from "../action/action.ts";
import { ActionList } from "../list/ActionList.tsx";
import type { Column } from "../list/column.ts";
import { refresh, useReport } from "../live/report.ts";
import { Place } from "../Place.tsx";
import { addressOf } from "../places.ts";
import { StateLabel, type Mood } from "../StateLabel.tsx";

const moods: Record<Replica["state"], Mood> = {
	Synchronized: "good", Synchronizing: "attention", Queued: "attention", Audit: "attention",
	Stale: "bad", Failed: "bad",
};

const columns: Column<Replica>[] = [
	{
		id: "node", title: t("column.node"), text: (r) => r.node,
		value: (r) => <a href={addressOf("nodes", r.node)}>{r.node}</a>,
	},
	{ id: "cluster", title: t("column.cluster"), text: (r) => r.cluster, value: (r) => r.cluster },
	{
		id: "state", title: t("column.state"), text: (r) => word("replica", r.state),
		value: (r) => (
			<>
				<StateLabel mood={moods[r.state]} text={word("replica", r.state)} />
				{r.error && <div className="pl-subtle">{r.error}</div>}
			</>
		),
	},
	{
		id: "version", title: t("column.applied"),
		value: (r) => (r.version === r.wantedVersion ? String(r.version)
			: t("replica.of", { n: r.version ?? t("none"), all: r.wantedVersion })),
	},
	{ id: "checksum", title: t("column.checksum"), value: (r) => <code>{r.checksum?.slice(0, 12) ?? t("none")}</code> },
	{
		id: "confirmed", title: t("column.confirmed"),
		value: (r) => (r.confirmedMs === null ? t("never") : moment(r.confirmedMs)),
	},
];

const actions: Action<Replica>[] = [{
	id: "resync", title: t("resync"), isGrave: false, fits: () => true,
	question: (name) => t("resync.title", { name }), text: t("resync.text"),
	run: (r) => send("POST", `/api/v1/replication/${encodeURIComponent(r.node)}/resync`),
}];

/** Which configuration each node has applied (PLT-5). */
export function Replication() {
	return (
		<Place place="replication" live={useReport("replicas")}>
			{({ replicas }) => (
				<ActionList
					id="replicas" row="replica" title={t("nav.replication")} columns={columns}
					items={replicas} keyOf={(r) => r.node} data={(r) => ({ name: r.node, state: r.state })}
					actions={actions} onDone={() => refresh("replicas")} empty={t("nodes.empty")}
				/>
			)}
		</Place>
	);
}
