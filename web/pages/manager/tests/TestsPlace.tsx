// SPDX-License-Identifier: Apache-2.0
import type { ReactNode } from "react";
import { t } from "../../../ui/i18n/manager.ts";
import { addressOf } from "../places.ts";
import { TabLinks } from "../TabLinks.tsx";
import { Results } from "./Results.tsx";
import { Runs } from "./Runs.tsx";

const parts: { id: string; title: string; show(at: { tabs: ReactNode }): ReactNode }[] = [
	{ id: "results", title: t("tests.results"), show: Results },
	{ id: "runs", title: t("tests.runs"), show: Runs },
];

/** Maintenance Tests: how each node last did, and all runs. */
export function TestsPlace({ rest: [part] }: { rest: string[] }) {
	const shown = parts.find((one) => one.id === part) ?? parts[0]!;
	const tabs = (
		<TabLinks
			title={t("nav.tests")} shown={shown.id}
			tabs={parts.map(({ id, title }) => ({ id, title, href: addressOf("tests", id) }))}
		/>
	);
	return <shown.show tabs={tabs} />;
}
