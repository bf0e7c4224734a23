// SPDX-License-Identifier: Apache-2.0
import type { ReactNode } from "react";
import { t } from "../../../ui/i18n/manager.ts";
import { addressOf } from "../places.ts";
import { TabLinks } from "../TabLinks.tsx";
import { AllAlarms } from "./AllAlarms.tsx";
import { RaisedAlarms } from "./RaisedAlarms.tsx";
import { Receivers } from "./Receivers.tsx";

const parts: { id: string; title: string; show(at: { tabs: ReactNode }): ReactNode }[] = [
	{ id: "raised", title: t("alarms.raised"), show: RaisedAlarms },
	{ id: "all", title: t("alarms.all"), show: AllAlarms },
	{ id: "receivers", title: t("alarms.receivers"), show: Receivers },
];

/** Alarms: those that stand, all that there were, and who is told of them. */
export function AlarmsPlace({ rest: [part] }: { rest: string[] }) {
	const shown = parts.find((one) => one.id === part) ?? parts[0]!;
	const tabs = (
		<TabLinks
			title={t("nav.alarms")} shown={shown.id}
			tabs={parts.map(({ id, title }) => ({ id, title, href: addressOf("alarms", id) }))}
		/>
	);
	return <shown.show tabs={tabs} />;
}
