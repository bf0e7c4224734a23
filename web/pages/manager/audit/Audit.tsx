// SPDX-License-Identifier: Apache-2.0
import type { AuditEntry } from "../../../api/manager.ts";
import { t, word } from "../../../ui/i18n/manager.ts";
import { moment } from "../../../ui/page/format.ts";
import type { Column } from "../list/column.ts";
import { JournalList } from "../list/JournalList.tsx";
import { useJournal } from "../live/useJournal.ts";
import { Place } from "../Place.tsx";

const columns: Column<AuditEntry>[] = [
	{ id: "at", title: t("column.at"), isWhole: true, width: "13rem", value: (e) => moment(e.atMs) },
	{ id: "who", title: t("column.who"), value: (e) => e.who },
	{ id: "from", title: t("column.from"), width: "8rem", value: (e) => e.from || t("none") },
	{ id: "action", title: t("column.action"), width: "12rem", value: (e) => word("audit", e.action) },
	{ id: "target", title: t("column.target"), value: (e) => e.target },
	{ id: "before", title: t("column.before"), value: (e) => e.before || t("none") },
	{ id: "after", title: t("column.after"), value: (e) => e.after || t("none") },
];

export function Audit() {
	const journal = useJournal<AuditEntry>("/api/v1/audit");
	return (
		<Place place="audit" live={journal.live}>
			{(entries) => (
				<JournalList
					id="audit" row="audit-entry" title={t("nav.audit")} columns={columns} items={entries}
					data={(e) => ({ id: e.id, action: e.action, target: e.target })}
					empty={t("audit.empty")} journal={journal}
				/>
			)}
		</Place>
	);
}
