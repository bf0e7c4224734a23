// SPDX-License-Identifier: Apache-2.0
import type { Plan, PlanStep } from "../../../api/manager.ts";
import { t } from "../../../ui/i18n/manager.ts";
import { duration } from "../../../ui/page/format.ts";
import type { Column } from "../list/column.ts";
import { ListTable } from "../list/ListTable.tsx";

const columns: Column<PlanStep>[] = [
	{ id: "title", title: t("column.step"), value: (s) => s.title },
	{ id: "kind", title: t("column.kind"), value: (s) => t(`step.${s.kind}`) },
	{ id: "usual", title: t("column.usual"), value: (s) => duration((s.usualMs ?? 0) / 1000) },
];

/** The steps that would be taken; nothing is. */
export function Planned({ plan }: { plan: Plan }) {
	const usual = plan.steps.reduce((sum, s) => sum + (s.usualMs ?? 0), 0);
	return (
		<>
			<p data-testid="planned">{t("upgrade.planned", { n: plan.steps.length, time: duration(usual / 1000) })}</p>
			<ListTable
				id="planned-steps" row="planned-step" title={plan.title} columns={columns} items={plan.steps}
				keyOf={(s) => s.id} data={(s) => ({ id: s.id })}
			/>
		</>
	);
}
