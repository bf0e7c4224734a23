// SPDX-License-Identifier: Apache-2.0
import type { ReactNode } from "react";
import type { TestRun } from "../../../api/manager.ts";
import { t, word } from "../../../ui/i18n/manager.ts";
import { moment } from "../../../ui/page/format.ts";
import type { Column } from "../list/column.ts";
import { JournalList } from "../list/JournalList.tsx";
import { useJournal } from "../live/useJournal.ts";
import { Place } from "../Place.tsx";
import { StateLabel, type Mood } from "../StateLabel.tsx";

const moods: Record<string, Mood> = { Success: "good", Failure: "bad" };

const columns: Column<TestRun>[] = [
	{ id: "node", title: t("column.node"), value: (r) => r.node },
	{
		id: "state", title: t("column.state"), isWhole: true,
		value: (r) => <StateLabel mood={moods[r.state] ?? "attention"} text={word("test", r.state)} />,
	},
	{ id: "failed", title: t("column.failed"), value: (r) => r.failed },
	{ id: "why", title: t("column.why"), value: (r) => word("why", r.why) },
	{ id: "asked", title: t("column.asked"), width: "13rem", value: (r) => moment(r.askedMs) },
	{
		id: "done", title: t("column.ended"), width: "13rem",
		value: (r) => (r.doneMs === null ? t("none") : moment(r.doneMs)),
	},
];

export function Runs({ tabs }: { tabs: ReactNode }) {
	const journal = useJournal<TestRun>("/api/v1/tests/runs");
	return (
		<Place place="tests" tabs={tabs} live={journal.live}>
			{(runs) => (
				<JournalList
					id="runs" row="run" title={t("tests.runs")} columns={columns} items={runs}
					data={(r) => ({ id: r.id, node: r.node, state: r.state })} empty={t("tests.none")}
					journal={journal}
				/>
			)}
		</Place>
	);
}
