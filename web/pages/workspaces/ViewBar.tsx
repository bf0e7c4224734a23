// SPDX-License-Identifier: Apache-2.0
import { t } from "../../ui/i18n/workspaces.ts";
import { useSetting } from "../../ui/page/useSetting.ts";
import type { AgentDesk } from "./agentDesk.ts";
import { held, splitMost, type Desk } from "./model.ts";
import { preferences } from "./preferences.ts";

/** How many conversations are side by side, and whether the details are beside them. */
export function ViewBar({ state, desk }: { state: Desk; desk: AgentDesk }) {
	const details = useSetting(preferences.details);
	return (
		<div className="pl-viewbar">
			{held(state).length > 1 || state.split > 1 ? (
				<div role="group" aria-label={t("split")}>
					{Array.from({ length: splitMost }, (_none, i) => i + 1).map((n) => (
						<button
							key={n} type="button" aria-pressed={state.split === n}
							aria-label={n === 1 ? t("split.one") : t("split.more", { n })}
							title={n === 1 ? t("split.one") : t("split.more", { n })}
							onClick={() => desk.split(n)} data-testid={`split-${n}`}
						>
							{n}
						</button>
					))}
				</div>
			) : null}
			<button
				type="button" className="pl-viewbar__details" aria-pressed={details === "on"}
				onClick={() => preferences.details.set(details === "on" ? "off" : "on")}
				data-testid="details-toggle"
			>
				{t("details.toggle")}
			</button>
		</div>
	);
}
