// SPDX-License-Identifier: Apache-2.0
import type { UpgradeCheck, UpgradeChecks } from "../../../api/manager.ts";
import { t } from "../../../ui/i18n/manager.ts";
import { Note } from "../../../ui/page/Note.tsx";
import type { Column } from "../list/column.ts";
import { ListTable } from "../list/ListTable.tsx";
import { StateLabel, type Mood } from "../StateLabel.tsx";

const moods: Record<UpgradeCheck["result"], Mood> = { pass: "good", warn: "attention", inhibit: "bad" };

const columns: Column<UpgradeCheck>[] = [
	{ id: "result", title: t("column.result"), isWhole: true, value: (c) => <StateLabel mood={moods[c.result]} text={t(`check.${c.result}`)} /> },
	{ id: "title", title: t("column.check"), value: (c) => c.title },
	{ id: "seen", title: t("column.seen"), value: (c) => c.seen },
	{ id: "why", title: t("column.why"), value: (c) => c.why },
	{ id: "fix", title: t("column.fix"), value: (c) => c.fix || t("none") },
];

/** What was looked at before an upgrade; what inhibits stands first. */
export function Checks({ checks }: { checks: UpgradeChecks }) {
	const rank = { inhibit: 0, warn: 1, pass: 2 };
	const items = [...checks.checks].sort((a, b) => rank[a.result] - rank[b.result]);
	return (
		<>
			<Note
				component="h3" variant={checks.inhibits ? "danger" : "success"} data-testid="checks-result"
				title={checks.inhibits ? t("checks.inhibit", { n: checks.inhibits }) : t("checks.pass")}
			/>
			<ListTable
				id="checks" row="check" title={t("upgrade.check")} columns={columns} items={items}
				keyOf={(c) => c.key} data={(c) => ({ key: c.key, result: c.result })}
			/>
		</>
	);
}
