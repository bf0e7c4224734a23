// SPDX-License-Identifier: Apache-2.0
import { Button, TextInput } from "@patternfly/react-core";
import { useState, useSyncExternalStore } from "react";
import type { AttributeChange } from "../../../api/manager.ts";
import { t } from "../../../ui/i18n/manager.ts";
import { ApiError } from "../../../ui/net/api.ts";
import { Note } from "../../../ui/page/Note.tsx";
import { detailOf } from "../action/detailOf.ts";
import { commit, discard, drafts, isRight, seen } from "./drafts.ts";
import { changeText } from "./values.ts";

/** What others did to what one is changing, as the API's refusal tells. */
interface Conflict {
	version: number;
	changes: AttributeChange[];
}

type Outcome = { committed: number } | { failed: string } | { conflict: Conflict };

/** What is pending, and the way to commit it all at once or to drop it. */
export function CommitBar({ onDone }: { onDone(): void }) {
	const pending = useSyncExternalStore(drafts.subscribe, drafts.get);
	const [note, setNote] = useState("");
	const [isBusy, setBusy] = useState(false);
	const [outcome, setOutcome] = useState<Outcome | null>(null);
	const n = pending.changes.size;

	async function go(): Promise<void> {
		setBusy(true);
		setOutcome(await commit(note).then(
			({ version }): Outcome => ({ committed: version }),
			(error: unknown): Outcome => {
				const conflict = conflictOf(error);
				return conflict ? { conflict } : { failed: detailOf(error) };
			},
		));
		setBusy(false);
		onDone();
	}

	return (
		<div className="pl-commit" role="group" aria-label={t("commit.title")}>
			<div aria-live="polite">
				{outcome && "committed" in outcome && n === 0 && (
					<Note
						component="h2" variant="success" data-testid="committed"
						title={t("commit.done", { version: outcome.committed })}
					/>
				)}
				{outcome && "failed" in outcome && (
					<Note
						component="h2" variant="danger" data-testid="commit-failed"
						title={t("action.failed", { detail: outcome.failed })}
					/>
				)}
				{outcome && "conflict" in outcome && (
					<Note
						component="h2" variant="warning" title={t("commit.conflict")}
						data-testid="commit-conflict"
						actionLinks={(
							<Button
								variant="link" isInline data-testid="commit-seen"
								onClick={() => {
									seen(outcome.conflict.version);
									setOutcome(null);
								}}
							>
								{t("commit.seen")}
							</Button>
						)}
					>
						<ul>
							{outcome.conflict.changes.map((change, i) => (
								<li key={i}>{change.by}: {changeText(change)}</li>
							))}
						</ul>
					</Note>
				)}
			</div>
			{n > 0 && (
				<div className="pl-commit__row">
					<span data-testid="pending-count">{t("commit.pending", { n })}</span>
					<TextInput
						value={note} aria-label={t("commit.note")} placeholder={t("commit.note")}
						maxLength={400} data-testid="commit-note" onChange={(_event, text) => setNote(text)}
					/>
					<Button
						isLoading={isBusy} isDisabled={isBusy || !isRight(pending)} data-testid="commit"
						onClick={() => void go()}
					>
						{t("commit")}
					</Button>
					<Button
						variant="link" data-testid="discard"
						onClick={() => {
							discard();
							setOutcome(null);
						}}
					>
						{t("commit.discard")}
					</Button>
				</div>
			)}
		</div>
	);
}

function conflictOf(error: unknown): Conflict | null {
	const problem = error instanceof ApiError && error.status === 409 ? error.problem : null;
	return problem && "changes" in problem ? problem as unknown as Conflict : null;
}
