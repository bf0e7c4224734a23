// SPDX-License-Identifier: Apache-2.0
import { useEffect } from "react";
import type { ChangedInterface, InterfaceUser, UpgradeAfter, UpgradeReport } from "../../../api/manager.ts";
import { t } from "../../../ui/i18n/manager.ts";
import { getJson } from "../../../ui/net/api.ts";
import { moment } from "../../../ui/page/format.ts";
import type { Column } from "../list/column.ts";
import { ListTable } from "../list/ListTable.tsx";
import { useQuestion } from "../live/useQuestion.ts";
import { PlanStateLabel } from "../plans/PlanStateLabel.tsx";

const afterColumns: Column<UpgradeAfter>[] = [
	{ id: "title", title: t("column.step"), value: (a) => a.title },
	{ id: "state", title: t("column.state"), isWhole: true, value: (a) => (a.state ? <PlanStateLabel state={a.state} /> : t("none")) },
	{ id: "seen", title: t("column.seen"), value: (a) => a.seen },
	{ id: "fix", title: t("column.fix"), value: (a) => a.fix || t("none") },
];

interface Use extends Pick<ChangedInterface, "name" | "change"> {
	user: InterfaceUser | null;
	key: string;
}

export function clientOf({ kind, origin, agent, user }: InterfaceUser): string {
	if (kind === "client")
		return [agent || t("client.nameless"), ...(user ? [t("client.user", { user })] : [])].join(", ");
	return t(`client.${kind}`, { origin, agent });
}

const useColumns: Column<Use>[] = [
	{ id: "name", title: t("column.interface"), value: (u) => u.name },
	{ id: "change", title: t("column.change"), isWhole: true, value: (u) => t(`change.${u.change}`) },
	{ id: "user", title: t("column.usedBy"), value: (u) => (u.user ? clientOf(u.user) : t("client.none")) },
	{ id: "version", title: t("column.version"), value: (u) => u.user?.version ?? t("none") },
	{ id: "last", title: t("column.lastSeen"), isWhole: true, value: (u) => moment(u.user?.lastMs ?? 0) || t("none") },
];

const usesOf = (interfaces: ChangedInterface[]): Use[] =>
	interfaces.flatMap(({ name, change, users }) => (users.length ? users : [null]).map((user, i) => (
		{ name, change, user, key: `${name} ${i}` }
	)));

/** What came after the services of the last upgrade, and who uses an outside interface that it changes. */
export function Report({ state }: { state: string }) {
	const [live, ask] = useQuestion("upgrade-report", () => getJson<UpgradeReport>("/api/v1/upgrade/report"));
	useEffect(() => void ask(), [state]);
	if (!live.value)
		return null;
	const { afterwards, interfaces } = live.value;
	return (
		<>
			{afterwards.length > 0 && (
				<>
					<h2 className="pl-subtitle">{t("upgrade.after")}</h2>
					<ListTable
						id="afterwards" row="after" title={t("upgrade.after")} columns={afterColumns} items={afterwards}
						keyOf={(a) => a.key} data={(a) => ({ key: a.key, state: a.state })}
					/>
				</>
			)}
			{interfaces.length > 0 && (
				<>
					<h2 className="pl-subtitle">{t("upgrade.interfaces")}</h2>
					<ListTable
						id="interfaces" row="interface" title={t("upgrade.interfaces")} columns={useColumns} items={usesOf(interfaces)}
						keyOf={(u) => u.key} data={(u) => ({ name: u.name, change: u.change })}
					/>
				</>
			)}
		</>
	);
}
