// SPDX-License-Identifier: Apache-2.0
import type { Alarm, Severity } from "../../../api/manager.ts";
import { t, word } from "../../../ui/i18n/manager.ts";
import { moment } from "../../../ui/page/format.ts";
import type { Column } from "../list/column.ts";
import { StateLabel, type Mood } from "../StateLabel.tsx";

const moods: Record<Severity, Mood> = {
	critical: "bad", major: "bad", minor: "attention", warning: "attention",
};

const whereOf = (a: Alarm): string => [a.source, a.subject].filter(Boolean).join(" ");

export const columns: Column<Alarm>[] = [
	{
		id: "severity", title: t("column.severity"), isWhole: true, width: "7rem",
		text: (a) => word("severity", a.severity),
		value: (a) => (
			<StateLabel
				mood={a.state === "cleared" ? "idle" : moods[a.severity]}
				text={word("severity", a.severity)}
			/>
		),
	},
	{ id: "title", title: t("column.alarm"), text: (a) => a.title, value: (a) => a.title },
	{ id: "where", title: t("column.where"), text: whereOf, value: whereOf },
	{ id: "reason", title: t("column.reason"), text: (a) => a.reason, value: (a) => a.reason || t("none") },
	{
		id: "raised", title: t("column.raised"), width: "13rem",
		value: (a) => moment(a.raisedMs) + (a.count > 1 ? ` ${t("times", { n: a.count })}` : ""),
	},
	{
		id: "acknowledged", title: t("column.acknowledged"), text: (a) => a.acknowledgedBy ?? "",
		value: (a) => a.acknowledgedBy ?? t("none"),
	},
];

export const cleared: Column<Alarm> = {
	id: "cleared", title: t("column.cleared"), width: "13rem",
	value: (a) => (a.clearedMs === null ? t("none") : moment(a.clearedMs)),
};

export const data = (a: Alarm): Record<string, string> =>
	({ id: a.id, key: a.key, severity: a.severity, state: a.state });

/** What is probably behind it, and what to do. */
export function Help({ alarm }: { alarm: Alarm }) {
	return (
		<dl className="pl-details">
			<dt>{t("column.cause")}</dt>
			<dd>{alarm.cause}</dd>
			<dt>{t("column.fix")}</dt>
			<dd>{alarm.fix}</dd>
		</dl>
	);
}
