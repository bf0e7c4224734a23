// SPDX-License-Identifier: Apache-2.0
import { Button } from "@patternfly/react-core";
import { useState, type ReactNode } from "react";
import type { AttributeCommit } from "../../../api/manager.ts";
import { t } from "../../../ui/i18n/manager.ts";
import { send } from "../../../ui/net/api.ts";
import { moment } from "../../../ui/page/format.ts";
import { ActionDialog } from "../action/ActionDialog.tsx";
import type { Action } from "../action/action.ts";
import type { Column } from "../list/column.ts";
import { JournalList } from "../list/JournalList.tsx";
import { useJournal } from "../live/useJournal.ts";
import { useMayChange } from "../may.ts";
import { Place } from "../Place.tsx";
import { changeText } from "./values.ts";

type Commit = AttributeCommit & { id: string };

const columns: Column<Commit>[] = [
	{ id: "version", title: t("column.version"), width: "5rem", value: (c) => c.version },
	{ id: "at", title: t("column.at"), isWhole: true, width: "13rem", value: (c) => moment(c.atMs) },
	{ id: "who", title: t("column.who"), value: (c) => c.by },
	{ id: "kind", title: t("column.kind"), value: (c) => t(`attributes.${c.kind}`) },
	{ id: "note", title: t("commit.note"), value: (c) => c.note || t("none") },
	{ id: "changes", title: t("column.changes"), value: (c) => t("attributes.n", { n: c.changes.length }) },
];

/** What was committed, with the way back to any of it. */
export function History({ tabs }: { tabs: ReactNode }) {
	const journal = useJournal<Commit, AttributeCommit>("/api/v1/attributes/history",
		(commit) => ({ ...commit, id: String(commit.version) }));
	const [asked, setAsked] = useState<Commit | null>(null);
	const mayChange = useMayChange();
	return (
		<Place place="attributes" tabs={tabs} live={journal.live}>
			{(commits) => {
				const last = commits[0]?.version ?? 0;
				return (
					<>
						<JournalList
							id="attribute-commits" row="attribute-commit" title={t("attributes.history")} items={commits}
							columns={mayChange ? [...columns, revertColumn(last, setAsked)] : columns}
							data={(c) => ({ version: c.version, kind: c.kind })}
							details={(c) => (
								<ul className="pl-changes">
									{c.changes.map((change, i) => <li key={i}>{changeText(change)}</li>)}
								</ul>
							)}
							empty={t("attributes.never")} journal={journal}
						/>
						{asked && (
							<ActionDialog
								action={revertFrom(last)} items={[asked]} nameOf={(c) => c.id}
								onCancel={() => setAsked(null)}
								onDone={() => {
									setAsked(null);
									journal.refresh();
								}}
							/>
						)}
					</>
				);
			}}
		</Place>
	);
}

const revertColumn = (last: number, ask: (commit: Commit) => void): Column<Commit> => ({
	id: "revert", title: t("column.actions"), isWhole: true,
	value: (c) => (c.version === last ? t("attributes.present") : (
		<Button
			variant="secondary" size="sm" data-testid="revert" onClick={() => ask(c)}
			aria-label={t("action.of", { title: t("revert"), name: c.id })}
		>
			{t("revert")}
		</Button>
	)),
});

/** last: the version that was seen; the manager refuses if there is a newer one. */
const revertFrom = (last: number): Action<Commit> => ({
	id: "revert", title: t("revert"), isGrave: true, fits: () => true,
	question: (name) => t("revert.title", { name }), text: t("revert.text"),
	run: (c) => send("POST", "/api/v1/attributes/revert", { to: c.version, expected: last }),
});
