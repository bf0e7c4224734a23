// SPDX-License-Identifier: Apache-2.0
import type { ReactNode } from "react";
import type { AlarmReceiver } from "../../../api/manager.ts";
import { t, word } from "../../../ui/i18n/manager.ts";
import { moment } from "../../../ui/page/format.ts";
import { ActionBar } from "../action/ActionBar.tsx";
import { ActionList } from "../list/ActionList.tsx";
import type { Column } from "../list/column.ts";
import { refresh, useReport } from "../live/report.ts";
import { Place } from "../Place.tsx";
import { StateLabel, type Mood } from "../StateLabel.tsx";
import { actions, add } from "./receiverActions.ts";

const targetOf = (r: AlarmReceiver): string => r.url ?? r.address ?? [r.server, r.to?.join(", ")].join(" → ");

const addressOf = (r: AlarmReceiver): ReactNode => (
	<>
		{targetOf(r)}
		{r.engineId && <div><small>{t("receiver.engine", { id: r.engineId })}</small></div>}
	</>
);

function stateOf({ enabled, error, waiting }: AlarmReceiver): { mood: Mood; text: string } {
	if (!enabled)
		return { mood: "idle", text: t("receiver.off") };
	if (error)
		return { mood: "bad", text: error };
	return waiting ? { mood: "attention", text: t("receiver.waiting", { n: waiting }) }
		: { mood: "good", text: t("receiver.on") };
}

const columns: Column<AlarmReceiver>[] = [
	{ id: "name", title: t("column.name"), text: (r) => r.name, value: (r) => <strong>{r.name}</strong> },
	{ id: "kind", title: t("column.kind"), text: (r) => word("receiver", r.kind), value: (r) => word("receiver", r.kind) },
	{ id: "target", title: t("column.address"), text: targetOf, value: addressOf },
	{ id: "severity", title: t("column.leastSeverity"), value: (r) => word("severity", r.severity) },
	{ id: "state", title: t("column.state"), value: (r) => <StateLabel {...stateOf(r)} /> },
	{ id: "sent", title: t("column.sent"), value: (r) => (r.sentMs === null ? t("never") : moment(r.sentMs)) },
];

export function Receivers({ tabs }: { tabs: ReactNode }) {
	return (
		<Place place="alarms" tabs={tabs} live={useReport("receivers")}>
			{({ receivers }) => (
				<>
					<ActionBar
						actions={[add]} item={receivers} nameOf={() => ""}
						onDone={() => refresh("receivers")}
					/>
					<ActionList
						id="receivers" row="receiver" title={t("alarms.receivers")} columns={columns}
						items={receivers} keyOf={(r) => r.name} data={(r) => ({ name: r.name })}
						actions={actions} onDone={() => refresh("receivers")} empty={t("receivers.none")}
					/>
				</>
			)}
		</Place>
	);
}
