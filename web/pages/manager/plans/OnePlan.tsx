// SPDX-License-Identifier: Apache-2.0
import { Progress } from "@patternfly/react-core";
import type { Plan, PlanStep } from "../../../api/manager.ts";
import { t } from "../../../ui/i18n/manager.ts";
import { getJson, send } from "../../../ui/net/api.ts";
import { duration, moment } from "../../../ui/page/format.ts";
import { Note } from "../../../ui/page/Note.tsx";
import { ActionBar } from "../action/ActionBar.tsx";
import type { Action } from "../action/action.ts";
import type { Column } from "../list/column.ts";
import { ListTable } from "../list/ListTable.tsx";
import { useQuestion } from "../live/useQuestion.ts";
import { Place } from "../Place.tsx";
import { PlanStateLabel } from "./PlanStateLabel.tsx";

const path = (id: string, ...rest: string[]): string =>
	["/api/v1/plans", encodeURIComponent(id), ...rest].join("/");

const took = ({ startedMs, endedMs }: PlanStep): string =>
	(startedMs && endedMs ? duration((endedMs - startedMs) / 1000) : t("none"));

const columns: Column<PlanStep>[] = [
	{ id: "title", title: t("column.step"), value: (s) => s.title },
	{ id: "state", title: t("column.state"), isWhole: true, value: (s) => <PlanStateLabel state={s.state} /> },
	{ id: "kind", title: t("column.kind"), value: (s) => t(`step.${s.kind}`) },
	{ id: "attempts", title: t("column.attempts"), value: (s) => s.attempts },
	{ id: "took", title: t("column.took"), value: took },
	{ id: "detail", title: t("column.reason"), value: (s) => s.detail || t("none") },
];

const actions: Action<Plan>[] = [
	{
		id: "plan-resume", title: t("plan.resume"), isGrave: false, fits: (p) => p.state === "failed" || p.state === "stuck",
		question: () => t("plan.resume.title"), text: t("plan.resume.text"),
		run: (p) => send("POST", path(p.id, "resume")),
	},
	{
		id: "plan-undo", title: t("plan.undo"), isGrave: true, fits: (p) => p.state === "failed" || p.state === "done",
		question: () => t("plan.undo.title"), text: t("plan.undo.text"),
		run: (p) => send("POST", path(p.id, "undo")),
	},
];

/** One plan, as it goes on; it goes on without the page, too. */
export function OnePlan({ id }: { id: string }) {
	const [live, ask] = useQuestion(id, () => getJson<Plan>(path(id)));
	return (
		<Place place="plans" part={live.value?.title ?? id} live={live}>
			{(plan) => (
				<>
					<p className="pl-subtle">{t("plan.by", { who: plan.who, at: moment(plan.atMs) })}</p>
					<div className="pl-progress" data-testid="plan-state" data-state={plan.state}>
						<Progress
							value={plan.of ? plan.done / plan.of * 100 : 100} aria-label={plan.title}
							label={t("plan.progress", { done: plan.done, all: plan.of })} title=""
						/>
						<PlanStateLabel state={plan.state} />
					</div>
					{plan.why && (
						<Note component="h2" variant="danger" title={plan.why} data-testid="plan-why" />
					)}
					<ActionBar actions={actions} item={plan} nameOf={(p) => p.title} onDone={() => void ask()} />
					<ListTable
						id="steps" row="step" title={t("column.step")} columns={columns} items={plan.steps}
						keyOf={(s) => s.id} data={(s) => ({ id: s.id, state: s.state })}
					/>
				</>
			)}
		</Place>
	);
}
