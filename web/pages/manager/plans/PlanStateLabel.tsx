// SPDX-License-Identifier: Apache-2.0
import type { PlanState, PlanStep } from "../../../api/manager.ts";
import { t } from "../../../ui/i18n/manager.ts";
import { StateLabel, type Mood } from "../StateLabel.tsx";

const moods: Record<PlanState | PlanStep["state"], Mood> = {
	planned: "idle", running: "attention", done: "good", failed: "bad", undoing: "attention",
	undone: "idle", stuck: "bad", waiting: "idle", applying: "attention", verifying: "attention", left: "idle",
};

/** The state of a plan or of one of its steps. */
export function PlanStateLabel({ state, id }: { state: PlanState | PlanStep["state"]; id?: string }) {
	return <StateLabel mood={moods[state]} text={t(`plan.${state}`)} {...(id ? { id } : {})} />;
}
