// SPDX-License-Identifier: Apache-2.0
import { FileUpload } from "@patternfly/react-core";
import { useState } from "react";
import { t } from "../../../ui/i18n/manager.ts";
import { send } from "../../../ui/net/api.ts";
import { Note } from "../../../ui/page/Note.tsx";
import { detailOf } from "../action/detailOf.ts";

type Outcome = { variant: "success" | "danger"; text: string };

interface Props<T> {
	/** Where it is sent to. */
	path: string;
	title: "load" | "upgrade.load";
	nameOf(loaded: T): string;
	onDone(): void;
}

/** Sends an archive to the manager, which says what it thinks of it. */
export function Load<T>({ path, title, nameOf, onDone }: Props<T>) {
	const [name, setName] = useState("");
	const [isBusy, setBusy] = useState(false);
	const [outcome, setOutcome] = useState<Outcome | null>(null);

	async function load(file: File): Promise<void> {
		setName(file.name);
		setBusy(true);
		setOutcome(await send<T>("POST", path, file).then(
			(loaded): Outcome => ({ variant: "success", text: t("load.done", { name: nameOf(loaded) }) }),
			(error: unknown): Outcome => ({
				variant: "danger", text: t("load.failed", { name: file.name, detail: detailOf(error) }),
			}),
		));
		setBusy(false);
		onDone();
	}

	return (
		<>
			<FileUpload
				id="load" filename={name} hideDefaultPreview isDisabled={isBusy} isLoading={isBusy}
				browseButtonText={t(title)} clearButtonText={t("files.clear")}
				filenamePlaceholder={t(`${title}.hint`)} filenameAriaLabel={t(title)} data-testid="load"
				spinnerAriaValueText={t("load.busy")}
				onFileInputChange={(_event, file) => void load(file)}
				onClearClick={() => {
					setName("");
					setOutcome(null);
				}}
			/>
			<div aria-live="polite" className="pl-outcome">
				{outcome && (
					<Note component="h2" variant={outcome.variant} title={outcome.text} data-testid="load-outcome" />
				)}
			</div>
		</>
	);
}
