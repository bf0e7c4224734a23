// SPDX-License-Identifier: Apache-2.0
import { Button, Modal, ModalBody, ModalFooter, ModalHeader } from "@patternfly/react-core";
import { t as common } from "../../../ui/i18n/common.ts";
import { t } from "../../../ui/i18n/workspaces.ts";
import { shortcuts } from "../shortcuts.ts";

/** Each row once, though nine keys may share it. */
const rows = shortcuts.filter((one, i) => shortcuts.findIndex((s) => s.words === one.words) === i);

export function ShortcutsDialog({ onClose }: { onClose(): void }) {
	return (
		<Modal
			isOpen variant="medium" onClose={onClose} aria-labelledby="shortcuts-title"
			data-testid="shortcuts-dialog"
		>
			<ModalHeader
				title={t("shortcuts")} labelId="shortcuts-title" description={t("shortcuts.hint")}
			/>
			<ModalBody>
				<dl className="pl-shortcuts">
					{rows.map(({ keys, words }) => (
						<div key={words}>
							<dt><kbd>{keys}</kbd></dt>
							<dd>{t(`shortcut.${words}`)}</dd>
						</div>
					))}
				</dl>
			</ModalBody>
			<ModalFooter>
				<Button onClick={onClose} data-testid="shortcuts-close">{common("done")}</Button>
			</ModalFooter>
		</Modal>
	);
}
