// SPDX-License-Identifier: Apache-2.0
import { Button, ClipboardCopy, Modal, ModalBody, ModalFooter, ModalHeader } from "@patternfly/react-core";
import { t as common } from "../../../ui/i18n/common.ts";
import { t } from "../../../ui/i18n/manager.ts";

interface Props {
	title: string;
	result: string;
	onClose(): void;
}

/** Something that is told once, and to be taken along. */
export function ResultDialog({ title, result, onClose }: Props) {
	return (
		<Modal
			isOpen variant="small" onClose={onClose} aria-labelledby="result-title" data-testid="result"
		>
			<ModalHeader title={title} labelId="result-title" />
			<ModalBody>
				<ClipboardCopy
					isReadOnly isExpanded variant="expansion" hoverTip={t("copy")} clickTip={t("copied")}
					textAriaLabel={title} toggleAriaLabel={t("copy.show")} data-testid="result-text"
				>
					{result}
				</ClipboardCopy>
			</ModalBody>
			<ModalFooter>
				<Button onClick={onClose} data-testid="result-done">{common("done")}</Button>
			</ModalFooter>
		</Modal>
	);
}
