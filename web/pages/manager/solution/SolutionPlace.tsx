// SPDX-License-Identifier: Apache-2.0
import type { Solution } from "../../../api/manager.ts";
import { t, word } from "../../../ui/i18n/manager.ts";
import { getJson, send } from "../../../ui/net/api.ts";
import { ActionBar } from "../action/ActionBar.tsx";
import type { Action } from "../action/action.ts";
import type { Column } from "../list/column.ts";
import { Facts } from "../list/Facts.tsx";
import { ListTable } from "../list/ListTable.tsx";
import { useQuestion } from "../live/useQuestion.ts";
import { Place } from "../Place.tsx";
import { StateLabel, type Mood } from "../StateLabel.tsx";

const runMoods: Record<Solution["state"], Mood> = {
	Started: "good", Starting: "attention", Stopping: "attention", Stopped: "bad",
};

const facts: Column<Solution>[] = [
	{
		id: "state", title: t("column.state"),
		value: (s) => <StateLabel id="solution-state" mood={runMoods[s.state]} text={word("run", s.state)} />,
	},
	{
		id: "site", title: t("column.site"),
		value: (s) => (
			<StateLabel
				id="site-mode" mood={s.site === "Active" ? "good" : "attention"}
				text={word("site", s.site)}
			/>
		),
	},
	{
		id: "address", title: t("column.floating"),
		value: (s) => (s.address ? [s.address, s.addressNode].filter(Boolean).join(" → ") : t("none")),
	},
];

const clusters: Column<Solution["clusters"][number]>[] = [
	{ id: "name", title: t("column.clusterName"), value: (c) => c.name },
	{
		id: "state", title: t("column.state"),
		value: (c) => <StateLabel mood={runMoods[c.state]} text={word("run", c.state)} />,
	},
];

const actions: Action<Solution>[] = [
	{
		id: "solution-stop", title: t("solution.stop"), isGrave: true,
		fits: (s) => s.state === "Started" || s.state === "Starting",
		question: () => t("solution.stop.title"), text: t("solution.stop.text"),
		run: () => send("POST", "/api/v1/solution/stop"),
	},
	{
		id: "solution-start", title: t("solution.start"), isGrave: false,
		fits: (s) => s.state === "Stopped" || s.state === "Stopping",
		question: () => t("solution.start.title"), text: t("solution.start.text"),
		run: () => send("POST", "/api/v1/solution/start"),
	},
	{
		id: "solution-site", title: t("solution.site"), isGrave: true, fits: () => true,
		question: () => t("solution.site"), text: t("solution.site.text"),
		fields: [{
			id: "mode", label: t("column.site"), kind: "choice",
			choices: (["Active", "Standby", "Deny"] as const).map((id) => ({ id, label: t(`site.${id}`) })),
		}],
		run: (_now, { mode }) => send("POST", "/api/v1/solution/site", { mode }),
	},
];

/** The whole: started or stopped, cluster by cluster, and the site's mode. */
export function SolutionPlace() {
	const [live, ask] = useQuestion("solution", () => getJson<Solution>("/api/v1/solution"));
	return (
		<Place place="solution" live={live}>
			{(solution) => (
				<>
					<ActionBar actions={actions} item={solution} nameOf={() => ""} onDone={() => void ask()} />
					<Facts id="solution-facts" item={solution} columns={facts} />
					<h2 className="pl-subtitle">{t("overview.clusters")}</h2>
					<ListTable
						id="solution-clusters" row="solution-cluster" title={t("overview.clusters")}
						columns={clusters} items={solution.clusters} keyOf={(c) => c.name}
						data={(c) => ({ name: c.name, state: c.state })}
					/>
				</>
			)}
		</Place>
	);
}
