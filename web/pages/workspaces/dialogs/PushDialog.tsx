// SPDX-License-Identifier: Apache-2.0
import {
	Button, Form, FormGroup, FormHelperText, HelperText, HelperTextItem, Modal, ModalBody, ModalFooter,
	ModalHeader, TextInput,
} from "@patternfly/react-core";
import { useState } from "react";
import { t as common } from "../../../ui/i18n/common.ts";
import { t } from "../../../ui/i18n/workspaces.ts";
import type { AgentDesk } from "../agentDesk.ts";
import { customerName, type Contact } from "../model.ts";
import { webAddress } from "../webAddress.ts";

interface Props {
	contact: Contact;
	desk: AgentDesk;
	onClose(): void;
}

/** Sends the customer a page to open. */
export function PushDialog({ contact, desk, onClose }: Props) {
	const [text, setText] = useState("");
	const [title, setTitle] = useState("");
	const [tried, setTried] = useState(false);
	const url = webAddress(text);
	const isWrong = tried && url === null;

	function submit() {
		setTried(true);
		if (url === null)
			return;
		desk.push(contact.contactId, { url, title: title.trim() });
		onClose();
	}

	return (
		<Modal
			isOpen variant="small" onClose={onClose} aria-labelledby="push-title"
			data-testid="push-dialog" elementToFocus="#push-url"
		>
			<ModalHeader
				title={t("push.title", { customer: customerName(contact) })} labelId="push-title"
				description={t("push.hint")}
			/>
			<ModalBody>
				<Form
					id="push-form" noValidate
					onSubmit={(event) => {
						event.preventDefault();
						submit();
					}}
				>
					<FormGroup label={t("push.url")} fieldId="push-url" isRequired>
						<TextInput
							id="push-url" type="url" value={text} placeholder="https://" maxLength={2000}
							onChange={(_e, value) => setText(value)} data-testid="push-url"
							validated={isWrong ? "error" : "default"} aria-describedby="push-wrong"
						/>
						<FormHelperText id="push-wrong" role="alert">
							{isWrong && (
								<HelperText>
									<HelperTextItem variant="error">{t("push.wrong")}</HelperTextItem>
								</HelperText>
							)}
						</FormHelperText>
					</FormGroup>
					<FormGroup label={t("push.name")} fieldId="push-name">
						<TextInput
							id="push-name" value={title} maxLength={200} dir="auto"
							onChange={(_e, value) => setTitle(value)} data-testid="push-name"
						/>
					</FormGroup>
				</Form>
			</ModalBody>
			<ModalFooter>
				<Button type="submit" form="push-form" data-testid="push-submit">{t("push")}</Button>
				<Button variant="link" onClick={onClose}>{common("cancel")}</Button>
			</ModalFooter>
		</Modal>
	);
}
