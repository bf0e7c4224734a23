// SPDX-License-Identifier: Apache-2.0
import type { UpgradeStatus, UpgradeStep } from "../../../api/manager.ts";
import { t } from "../../../ui/i18n/manager.ts";
import { duration } from "../../../ui/page/format.ts";
import { Note } from "../../../ui/page/Note.tsx";

const isUnderWay = ({ state }: UpgradeStep): boolean =>
	state === "applying" || state === "verifying" || state === "undoing";

/** Seconds that a step has been under way. */
const since = ({ started }: UpgradeStep, nowMs: number): number =>
	(started ? Math.max(0, (nowMs - Date.parse(started)) / 1000) : 0);

/** What is left of a way forward, in seconds, by how long steps usually take; those beside each other count both. */
export function left(steps: UpgradeStep[], nowMs: number): number {
	return steps.reduce((sum, s) => {
		const usual = (s.usualMs ?? 0) / 1000;
		if (s.state === "waiting")
			return sum + usual;
		return isUnderWay(s) ? sum + Math.max(0, usual - since(s, nowMs)) : sum;
	}, 0);
}

/** What runs, what is next, how long it takes, and what if it fails: for whoever looks at night. */
export function Now({ upgrade, nowMs }: { upgrade: UpgradeStatus; nowMs: number }) {
	const under = upgrade.steps.filter(isUnderWay);
	const next = upgrade.steps.find((s) => s.state === "waiting");
	const goesBack = upgrade.state === "undoing";
	return (
		<Note
			component="h2" variant="info" data-testid="upgrade-now"
			title={under.map((s) => s.title).join("; ") || t("upgrade.now.between")}
		>
			{under.map((s) => (
				<p key={s.id}>
					{t("upgrade.now.since", { time: duration(since(s, nowMs)), usual: duration((s.usualMs ?? 0) / 1000) })}
					{s.detail && <> {s.detail}</>}
				</p>
			))}
			{!goesBack && next && <p data-testid="upgrade-next">{t("upgrade.now.next", { title: next.title })}</p>}
			{!goesBack && (
				<p data-testid="upgrade-left">{t("upgrade.now.left", { time: duration(left(upgrade.steps, nowMs)) })}</p>
			)}
			<p data-testid="upgrade-if">{t(goesBack ? "upgrade.now.back" : ifFails(upgrade))}</p>
		</Note>
	);
}

const ifFails = ({ state, mode }: UpgradeStatus) =>
	(state === "finalizing" ? "upgrade.if.finalizing" : mode === "rolling" ? "upgrade.if.rolling" : "upgrade.if.window");
