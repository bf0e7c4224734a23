// SPDX-License-Identifier: Apache-2.0
import type { ReactNode } from "react";
import { t } from "../../../ui/i18n/manager.ts";
import { addressOf } from "../places.ts";
import { TabLinks } from "../TabLinks.tsx";
import { Files } from "./Files.tsx";
import { History } from "./History.tsx";
import { Levels } from "./Levels.tsx";

const parts: { id: string; title: string; show(at: { tabs: ReactNode }): ReactNode }[] = [
	{ id: "profiles", title: t("nav.profiles"), show: (at) => <Levels level="profile" {...at} /> },
	{ id: "clusters", title: t("attributes.clusters"), show: (at) => <Levels level="cluster" {...at} /> },
	{ id: "globals", title: t("attributes.globals"), show: (at) => <Levels level="global" {...at} /> },
	{ id: "solution", title: t("attributes.solution"), show: (at) => <Levels level="solution" {...at} /> },
	{ id: "history", title: t("attributes.history"), show: History },
	{ id: "files", title: t("attributes.files"), show: Files },
];

/** Attributes by level, from the most specific on; what was committed; and files of them. */
export function AttributesPlace({ rest: [part] }: { rest: string[] }) {
	const shown = parts.find((one) => one.id === part) ?? parts.find((one) => one.id === "globals")!;
	const tabs = (
		<TabLinks
			title={t("nav.attributes")} shown={shown.id}
			tabs={parts.map(({ id, title }) => ({ id, title, href: addressOf("attributes", id) }))}
		/>
	);
	return <shown.show tabs={tabs} />;
}
