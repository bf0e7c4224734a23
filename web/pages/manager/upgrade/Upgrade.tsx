// SPDX-License-Identifier: Apache-2.0
import { Progress } from "@patternfly/react-core";
import type { UpgradeStatus, UpgradeStep } from "../../../api/manager.ts";
import { t } from "../../../ui/i18n/manager.ts";
import { getJson, send } from "../../../ui/net/api.ts";
import { duration } from "../../../ui/page/format.ts";
import { Note } from "../../../ui/page/Note.tsx";
import { useNow } from "../../../ui/page/useNow.ts";
import { ActionBar } from "../action/ActionBar.tsx";
import type { Action } from "../action/action.ts";
import type { Column } from "../list/column.ts";
import { Facts } from "../list/Facts.tsx";
import { ListTable } from "../list/ListTable.tsx";
import { useQuestion } from "../live/useQuestion.ts";
import { Place } from "../Place.tsx";
import { PlanStateLabel } from "../plans/PlanStateLabel.tsx";
import { StateLabel, type Mood } from "../StateLabel.tsx";
import { Begin } from "./Begin.tsx";
import { Now } from "./Now.tsx";
import { Report } from "./Report.tsx";

const moods: Record<UpgradeStatus["state"], Mood> = {
	none: "idle", running: "attention", upgraded: "good", failed: "bad", stuck: "bad", undoing: "attention",
	undone: "idle", finalizing: "attention", finalized: "good",
};

/** It goes on, with or without anybody who looks. */
const goesOn = ({ state }: UpgradeStatus): boolean =>
	state === "running" || state === "undoing" || state === "finalizing";

const isOpen = (u: UpgradeStatus): boolean =>
	goesOn(u) || u.state === "upgraded" || u.state === "failed" || u.state === "stuck";

const facts: Column<UpgradeStatus>[] = [
	{ id: "state", title: t("column.state"), value: (u) => <StateLabel id="upgrade-state" mood={moods[u.state]} text={t(`upgrade.${u.state}`)} /> },
	{ id: "from", title: t("upgrade.from"), value: (u) => u.from },
	{ id: "to", title: t("upgrade.to"), value: (u) => u.to ?? t("none") },
	{ id: "mode", title: t("upgrade.mode"), value: (u) => (u.mode ? t(`upgrade.mode.${u.mode}`) : t("none")) },
];

const took = ({ started, ended }: UpgradeStep): string =>
	(started && ended ? duration((Date.parse(ended) - Date.parse(started)) / 1000) : t("none"));

const columns: Column<UpgradeStep>[] = [
	{ id: "title", title: t("column.step"), value: (s) => s.title },
	{ id: "state", title: t("column.state"), isWhole: true, value: (s) => <PlanStateLabel state={s.state} /> },
	{ id: "attempts", title: t("column.attempts"), value: (s) => s.attempts },
	{ id: "took", title: t("column.took"), value: took },
	{ id: "detail", title: t("column.reason"), value: (s) => s.detail || t("none") },
];

const actions: Action<UpgradeStatus>[] = [
	{
		id: "upgrade-resume", title: t("plan.resume"), isGrave: false,
		fits: (u) => u.state === "failed" || u.state === "stuck",
		question: () => t("upgrade.resume.title"), text: t("upgrade.resume.text"),
		run: () => send("POST", "/api/v1/upgrade/resume"),
	},
	{
		id: "upgrade-rollback", title: t("upgrade.rollback"), isGrave: true,
		fits: (u) => u.state === "running" || u.state === "failed" || u.state === "upgraded",
		question: () => t("upgrade.rollback.title"), text: t("upgrade.rollback.text"),
		run: () => send("POST", "/api/v1/upgrade/rollback"),
	},
	{
		id: "upgrade-finalize", title: t("upgrade.finalize"), isGrave: true, fits: (u) => u.state === "upgraded",
		question: () => t("upgrade.finalize.title"), text: t("upgrade.finalize.text"),
		run: () => send("POST", "/api/v1/upgrade/finalize"),
	},
];

/** The last upgrade as it goes, or went; and the next one. */
export function Upgrade() {
	const [live, ask] = useQuestion("upgrade", () => getJson<UpgradeStatus>("/api/v1/upgrade"));
	const again = () => void ask();
	const nowMs = useNow(1000);
	return (
		<Place place="upgrade" live={live}>
			{(upgrade) => (
				<>
					<div className="pl-facts" data-testid="upgrade" data-state={upgrade.state}>
						<Facts id="upgrade-facts" item={upgrade} columns={facts} />
					</div>
					{goesOn(upgrade) && <div className="pl-now"><Now upgrade={upgrade} nowMs={nowMs} /></div>}
					{upgrade.why && (
						<Note component="h2" variant="danger" title={upgrade.why} data-testid="upgrade-why">
							{upgrade.state === "failed" && t("upgrade.ways")}
						</Note>
					)}
					<ActionBar actions={actions} item={upgrade} nameOf={() => ""} onDone={again} />
					{upgrade.steps.length > 0 && <Steps steps={upgrade.steps} />}
					{upgrade.state !== "none" && <Report state={upgrade.state} />}
					{!isOpen(upgrade) && <Begin
							version={upgrade.state === "finalized" ? upgrade.to ?? "" : upgrade.from} onBegun={again}
						/>}
				</>
			)}
		</Place>
	);
}

function Steps({ steps }: { steps: UpgradeStep[] }) {
	const done = steps.filter((s) => s.state === "done").length;
	return (
		<>
			<h2 className="pl-subtitle">{t("upgrade.steps")}</h2>
			<div className="pl-progress">
				<Progress
					value={done / steps.length * 100} aria-label={t("upgrade.steps")} title=""
					label={t("plan.progress", { done, all: steps.length })}
				/>
			</div>
			<ListTable
				id="steps" row="step" title={t("upgrade.steps")} columns={columns} items={steps}
				keyOf={(s) => s.id} data={(s) => ({ id: s.id, state: s.state })}
			/>
		</>
	);
}
