// SPDX-License-Identifier: Apache-2.0
import {
	Button, Modal, ModalBody, ModalFooter, ModalHeader,
} from "@patternfly/react-core";
import { useState } from "react";
import { t as common } from "../../ui/i18n/common.ts";
import { t } from "../../ui/i18n/manager.ts";
import { ApiError, post } from "../../ui/net/api.ts";
import { Note } from "../../ui/page/Note.tsx";

export interface Admission {
	action: "accept" | "deny";
	cluster: string;
}

interface Props extends Admission {
	onDone(): void;
	onCancel(): void;
}

/** Asks before a cluster starts or stops taking new contacts. */
export function AdmissionDialog({ action, cluster, onDone, onCancel }: Props) {
	const [busy, setBusy] = useState(false);
	const [failure, setFailure] = useState<string | null>(null);

	async function confirm() {
		setBusy(true);
		setFailure(null);
		try {
			await post(`/api/v1/clusters/${encodeURIComponent(cluster)}/${action}`);
			onDone();
		} catch (error) {
			setFailure(error instanceof ApiError ? error.message : common("unreachable"));
			setBusy(false);
		}
	}

	return (
		<Modal
			isOpen variant="small" onClose={onCancel} aria-labelledby="admission-title"
			data-testid="confirm"
		>
			<ModalHeader title={t(`${action}.title`, { name: cluster })} labelId="admission-title" />
			<ModalBody>
				<p>{t(`${action}.text`)}</p>
				<div aria-live="assertive">
					{failure && (
						<Note
							variant="danger" data-testid="confirm-error"
							title={t("action.failed", { detail: failure })}
						/>
					)}
				</div>
			</ModalBody>
			<ModalFooter>
				<Button
					variant={action === "deny" ? "warning" : "primary"} isLoading={busy}
					isDisabled={busy} onClick={() => void confirm()} data-testid="confirm-yes"
				>
					{t(action)}
				</Button>
				<Button variant="link" onClick={onCancel} data-testid="confirm-no">
					{common("cancel")}
				</Button>
			</ModalFooter>
		</Modal>
	);
}
