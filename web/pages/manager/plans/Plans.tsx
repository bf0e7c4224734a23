// SPDX-License-Identifier: Apache-2.0
import type { PlanRow } from "../../../api/manager.ts";
import { t } from "../../../ui/i18n/manager.ts";
import { moment } from "../../../ui/page/format.ts";
import type { Column } from "../list/column.ts";
import { JournalList } from "../list/JournalList.tsx";
import { useJournal } from "../live/useJournal.ts";
import { Place } from "../Place.tsx";
import { addressOf } from "../places.ts";
import { OnePlan } from "./OnePlan.tsx";
import { PlanStateLabel } from "./PlanStateLabel.tsx";

const columns: Column<PlanRow>[] = [
	{
		id: "title", title: t("column.plan"),
		value: (p) => <a href={addressOf("plans", p.id)} data-testid="open">{p.title}</a>,
	},
	{ id: "state", title: t("column.state"), isWhole: true, value: (p) => <PlanStateLabel state={p.state} /> },
	{ id: "why", title: t("column.reason"), value: (p) => p.why || t("none") },
	{ id: "who", title: t("column.who"), value: (p) => p.who },
	{ id: "at", title: t("column.at"), width: "13rem", value: (p) => moment(p.atMs) },
	{ id: "ended", title: t("column.ended"), width: "13rem", value: (p) => moment(p.endedMs) || t("none") },
];

/** Long work, done and under way; or the one plan that the address names. */
export function Plans({ rest: [id] }: { rest: string[] }) {
	return id === undefined ? <All /> : <OnePlan id={id} />;
}

function All() {
	const journal = useJournal<PlanRow>("/api/v1/plans");
	return (
		<Place place="plans" live={journal.live}>
			{(plans) => (
				<JournalList
					id="plans" row="plan" title={t("nav.plans")} columns={columns} items={plans}
					data={(p) => ({ id: p.id, state: p.state })} empty={t("plans.none")} journal={journal}
				/>
			)}
		</Place>
	);
}
