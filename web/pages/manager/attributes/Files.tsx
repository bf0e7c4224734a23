// SPDX-License-Identifier: Apache-2.0
import { Button, FileUpload } from "@patternfly/react-core";
import { useState, type ReactNode } from "react";
import type { AttributeDifference } from "../../../api/manager.ts";
import { t } from "../../../ui/i18n/manager.ts";
import { getJson, send } from "../../../ui/net/api.ts";
import { Note } from "../../../ui/page/Note.tsx";
import { detailOf } from "../action/detailOf.ts";
import { useReport } from "../live/report.ts";
import { useMayChange } from "../may.ts";
import { Place } from "../Place.tsx";
import { changeText } from "./values.ts";

const mostBytes = 256 * 1024;

interface Chosen {
	name: string;
	file: unknown;
	difference: AttributeDifference;
}

type Outcome = { text: string; variant: "success" | "danger" };

/** What is set as a file; what a file would change, and changing it. */
export function Files({ tabs }: { tabs: ReactNode }) {
	const mayChange = useMayChange();
	const [chosen, setChosen] = useState<Chosen | null>(null);
	const [isBusy, setBusy] = useState(false);
	const [outcome, setOutcome] = useState<Outcome | null>(null);

	async function doing(work: () => Promise<Outcome | null>): Promise<void> {
		setBusy(true);
		setOutcome(null);
		setOutcome(await work().catch((error: unknown): Outcome => ({
			variant: "danger", text: t("action.failed", { detail: detailOf(error) }),
		})));
		setBusy(false);
	}

	async function save(): Promise<null> {
		const file = await getJson("/api/v1/attributes/export");
		const link = document.createElement("a");
		link.href = URL.createObjectURL(
			new Blob([JSON.stringify(file, null, "\t")], { type: "application/json" }));
		link.download = "pelago-attributes.json";
		link.click();
		setTimeout(() => URL.revokeObjectURL(link.href), 10_000);
		return null;
	}

	async function look(picked: File): Promise<Outcome | null> {
		setChosen(null);
		if (picked.size > mostBytes)
			return { variant: "danger", text: t("files.large", { name: picked.name }) };
		let file: unknown;
		try {
			file = JSON.parse(await picked.text());
		} catch {
			return { variant: "danger", text: t("files.notJson", { name: picked.name }) };
		}
		const difference = await send<AttributeDifference>("POST", "/api/v1/attributes/import", { file });
		setChosen({ name: picked.name, file, difference });
		return null;
	}

	async function apply({ name, file, difference }: Chosen): Promise<Outcome> {
		const { version } = await send<{ version: number }>("POST", "/api/v1/attributes/import", {
			file, apply: true, expected: difference.version, skipRefused: difference.refused.length > 0,
			note: name.slice(0, 400),
		});
		setChosen(null);
		return { variant: "success", text: t("commit.done", { version }) };
	}

	return (
		<Place place="attributes" tabs={tabs} live={useReport("profiles")}>
			{() => (
				<>
					<h2 className="pl-subtitle">{t("files.export")}</h2>
					<p>{t("files.export.text")}</p>
					<Button
						variant="secondary" isDisabled={isBusy} data-testid="export"
						onClick={() => void doing(save)}
					>
						{t("files.export")}
					</Button>
					{mayChange && (
						<>
							<h2 className="pl-subtitle">{t("files.import")}</h2>
							<p>{t("files.import.text")}</p>
							<FileUpload
								id="import" filename={chosen?.name ?? ""} hideDefaultPreview isDisabled={isBusy}
								browseButtonText={t("files.choose")} clearButtonText={t("files.clear")}
								filenamePlaceholder={t("files.none")} filenameAriaLabel={t("files.import")}
								data-testid="import"
								onFileInputChange={(_event, file) => void doing(() => look(file))}
								onClearClick={() => setChosen(null)}
							/>
							{chosen && (
								<Difference
									chosen={chosen} isBusy={isBusy}
									onApply={() => void doing(() => apply(chosen))}
								/>
							)}
						</>
					)}
					<div aria-live="polite" className="pl-outcome">
						{outcome && (
							<Note
								component="h2" variant={outcome.variant} title={outcome.text}
								data-testid="outcome"
							/>
						)}
					</div>
				</>
			)}
		</Place>
	);
}

function Difference({ chosen: { difference }, isBusy, onApply }: {
	chosen: Chosen; isBusy: boolean; onApply(): void;
}) {
	const { changes, refused, secrets } = difference;
	const named = (one: { service?: string; attribute?: string }): string =>
		[one.service, one.attribute].filter(Boolean).join(" ");
	return (
		<div data-testid="difference">
			<h3 className="pl-subtitle">{t("files.difference", { n: changes.length })}</h3>
			<ul className="pl-changes">
				{changes.map((change, i) => <li key={i}>{changeText(change)}</li>)}
				{refused.map((one, i) => <li key={`refused ${i}`}>{t("files.refused", { name: named(one), why: one.why })}</li>)}
				{secrets.map((one, i) => <li key={`secret ${i}`}>{t("files.secret", { name: named(one) })}</li>)}
			</ul>
			<Button
				isDisabled={isBusy || changes.length === 0} isLoading={isBusy} onClick={onApply}
				data-testid="import-apply"
			>
				{t("files.apply")}
			</Button>
		</div>
	);
}
