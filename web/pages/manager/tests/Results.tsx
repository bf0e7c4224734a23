// SPDX-License-Identifier: Apache-2.0
import type { ReactNode } from "react";
import type { TestResult } from "../../../api/manager.ts";
import { t, word } from "../../../ui/i18n/manager.ts";
import { getJson, send } from "../../../ui/net/api.ts";
import { moment } from "../../../ui/page/format.ts";
import { ActionBar } from "../action/ActionBar.tsx";
import type { Action } from "../action/action.ts";
import { ActionList } from "../list/ActionList.tsx";
import type { Column } from "../list/column.ts";
import { together } from "../live/live.ts";
import { refresh, useReport, type Report } from "../live/report.ts";
import { useQuestion } from "../live/useQuestion.ts";
import { Place } from "../Place.tsx";
import { StateLabel } from "../StateLabel.tsx";

interface Schedule {
	hours: number;
}

const columns: Column<TestResult>[] = [
	{ id: "node", title: t("column.node"), text: (r) => r.node, value: (r) => r.node },
	{ id: "cluster", title: t("column.cluster"), text: (r) => r.cluster, value: (r) => r.cluster },
	{ id: "test", title: t("column.test"), text: (r) => r.title, value: (r) => r.title },
	{
		id: "result", title: t("column.result"), isWhole: true, text: (r) => word("test", r.result),
		value: (r) => (
			<StateLabel mood={r.result === "Success" ? "good" : "bad"} text={word("test", r.result)} />
		),
	},
	{ id: "evidence", title: t("column.evidence"), text: (r) => r.evidence, value: (r) => r.evidence },
	{ id: "at", title: t("column.at"), isWhole: true, width: "13rem", value: (r) => moment(r.atMs) },
];

const run = (node?: string): Promise<unknown> =>
	send("POST", "/api/v1/tests/run", node === undefined ? {} : { node });

const everywhere: Action<Schedule>[] = [
	{
		id: "tests-run-all", title: t("tests.run.all"), isGrave: false, fits: () => true,
		question: () => t("tests.run.all"), text: t("tests.run.text"), run: () => run(),
	},
	{
		id: "tests-schedule", title: t("tests.schedule"), isGrave: false, fits: () => true,
		question: () => t("tests.schedule"), text: t("tests.schedule.text"),
		fields: [{
			id: "hours", label: t("tests.hours"), kind: "text", first: "24",
			pattern: /^([0-6]?\d{1,2}|7[01]\d|720)$/, hint: t("tests.hours.hint"),
		}],
		run: (_now, { hours }) => send("PUT", "/api/v1/tests/schedule", { hours: Number(hours) }),
	},
];

/** All tests of a chosen result's node are run. */
const again: Action<TestResult>[] = [{
	id: "tests-run", title: t("tests.run"), isGrave: false, fits: () => true, onceBy: (r) => r.node,
	question: (name) => t("tests.run.title", { name }), text: t("tests.run.text"),
	run: (r) => run(r.node),
}];

export function Results({ tabs }: { tabs: ReactNode }) {
	const report = useReport("tests", "nodes");
	const [schedule, ask] = useQuestion("schedule", () => getJson<Schedule>("/api/v1/tests/schedule"));
	return (
		<Place
			place="tests" tabs={tabs}
			live={together<{ report: Pick<Report, "tests" | "nodes">; schedule: Schedule }>({ report, schedule })}
		>
			{({ report: { tests }, schedule: now }) => (
				<>
					<p className="pl-subtle" data-testid="tests-hours">{now.hours ? t("tests.every", { n: now.hours }) : t("tests.unscheduled")}</p>
					<ActionBar
						actions={everywhere} item={now} nameOf={() => ""}
						onDone={() => {
							refresh("tests");
							void ask();
						}}
					/>
					<ActionList
						id="tests" row="test" title={t("tests.results")} columns={columns} items={tests}
						keyOf={(r) => `${r.node} ${r.test}`} nameOf={(r) => r.node}
						data={(r) => ({ node: r.node, test: r.test, result: r.result })}
						actions={again} onDone={() => refresh("tests")} empty={t("tests.none")}
					/>
				</>
			)}
		</Place>
	);
}
