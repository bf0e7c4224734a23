// SPDX-License-Identifier: Apache-2.0
import {
	Button, Form, FormGroup, FormSelect, FormSelectOption, Modal, ModalBody, ModalFooter, ModalHeader,
} from "@patternfly/react-core";
import { useState, type ReactNode } from "react";
import { t } from "../i18n/common.ts";
import { languageChoice, languageChoices } from "../i18n/language.ts";
import { theme, themes } from "./theme.ts";

interface Props {
	/** What only this page has to choose. */
	children?: ReactNode;
	onClose(): void;
}

/** What the reader chooses for this browser. Another language loads the page anew. */
export function SettingsDialog({ children, onClose }: Props) {
	const [look, setLook] = useState(theme.get());
	return (
		<Modal
			isOpen variant="small" onClose={onClose} aria-labelledby="settings-title"
			data-testid="settings-dialog"
		>
			<ModalHeader title={t("settings")} labelId="settings-title" />
			<ModalBody>
				<Form onSubmit={(event) => event.preventDefault()}>
					<FormGroup label={t("settings.theme")} fieldId="setting-theme">
						<FormSelect
							id="setting-theme" value={look} data-testid="setting-theme"
							onChange={(_e, value) => {
								const wish = themes.find((one) => one === value) ?? "system";
								theme.set(wish);
								setLook(wish);
							}}
						>
							{themes.map((one) => (
								<FormSelectOption
									key={one} value={one} label={t(`settings.theme.${one}`)}
								/>
							))}
						</FormSelect>
					</FormGroup>
					<FormGroup label={t("settings.language")} fieldId="setting-language">
						<FormSelect
							id="setting-language" value={languageChoice.get()}
							data-testid="setting-language"
							onChange={(_e, value) => {
								languageChoice.set(
									languageChoices.find((one) => one === value) ?? "system");
								location.reload();
							}}
						>
							{languageChoices.map((one) => (
								<FormSelectOption
									key={one} value={one} label={t(`settings.language.${one}`)}
								/>
							))}
						</FormSelect>
					</FormGroup>
					{children}
				</Form>
			</ModalBody>
			<ModalFooter>
				<Button onClick={onClose} data-testid="settings-close">{t("done")}</Button>
			</ModalFooter>
		</Modal>
	);
}
