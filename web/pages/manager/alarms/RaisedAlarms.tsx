// SPDX-License-Identifier: Apache-2.0
import type { ReactNode } from "react";
import type { Alarm } from "../../../api/manager.ts";
import { t } from "../../../ui/i18n/manager.ts";
import { send } from "../../../ui/net/api.ts";
import type { Action } from "../action/action.ts";
import { ActionList } from "../list/ActionList.tsx";
import { refresh, useReport } from "../live/report.ts";
import { Place } from "../Place.tsx";
import { columns, data, Help } from "./columns.tsx";

const actions: Action<Alarm>[] = [
	{
		id: "alarm-ack", title: t("ack"), isGrave: false,
		fits: (a) => a.acknowledgedBy === null,
		question: (name) => t("ack.title", { name }), text: t("ack.text"),
		run: (a) => send("POST", `/api/v1/alarms/${encodeURIComponent(a.id)}/ack`),
	},
];

export function RaisedAlarms({ tabs }: { tabs: ReactNode }) {
	return (
		<Place place="alarms" tabs={tabs} live={useReport("alarms")}>
			{({ alarms }) => (
				<ActionList
					id="alarms" row="alarm" title={t("alarms.raised")} columns={columns} items={alarms}
					keyOf={(a) => a.id} nameOf={(a) => a.title} data={data}
					details={(a) => <Help alarm={a} />}
					actions={actions} onDone={() => refresh("alarms")} empty={t("alarms.none")}
				/>
			)}
		</Place>
	);
}
