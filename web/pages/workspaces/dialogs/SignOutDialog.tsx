// SPDX-License-Identifier: Apache-2.0
import { Button, Modal, ModalBody, ModalFooter, ModalHeader } from "@patternfly/react-core";
import { t as common } from "../../../ui/i18n/common.ts";
import { t } from "../../../ui/i18n/workspaces.ts";

interface Props {
	open: number;
	onStay(): void;
	onLater(): void;
	onLeave(): void;
}

export function SignOutDialog({ open, onStay, onLater, onLeave }: Props) {
	return (
		<Modal
			isOpen variant="small" onClose={onStay} aria-labelledby="sign-out-title"
			elementToFocus="#sign-out-later"
		>
			<ModalHeader title={t("signOut.title")} labelId="sign-out-title" />
			<ModalBody>
				{open === 1 ? t("signOut.text.one") : t("signOut.text", { n: open })}
			</ModalBody>
			<ModalFooter>
				<Button id="sign-out-later" onClick={onLater} data-testid="sign-out-later">
					{t("signOut.later")}
				</Button>
				<Button variant="danger" onClick={onLeave} data-testid="sign-out-confirm">
					{t("signOut.now")}
				</Button>
				<Button variant="link" onClick={onStay}>{common("cancel")}</Button>
			</ModalFooter>
		</Modal>
	);
}
