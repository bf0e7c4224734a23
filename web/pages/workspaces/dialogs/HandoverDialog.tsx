// SPDX-License-Identifier: Apache-2.0
import {
	Button, Form, FormGroup, Modal, ModalBody, ModalFooter, ModalHeader, TextArea, TextInput,
} from "@patternfly/react-core";
import { useState } from "react";
import type { Target } from "../../../api/agent.ts";
import type { Colleague } from "../../../api/desk.ts";
import { t as common } from "../../../ui/i18n/common.ts";
import { t, word } from "../../../ui/i18n/workspaces.ts";
import { useJson } from "../../../ui/page/useJson.ts";
import type { AgentDesk } from "../agentDesk.ts";
import { useBook } from "../book.ts";
import { customerName, type Contact } from "../model.ts";

const every = 5000;
const noteMost = 1000;

interface Props {
	kind: "transfer" | "consult";
	contact: Contact;
	desk: AgentDesk;
	onClose(): void;
}

interface Choice {
	key: string;
	to: Target;
	name: string;
	/** How the colleague stands. */
	standing: string;
	isAway: boolean;
}

/** To whom a contact is given, or who is asked about it: a service or a colleague, and a note to read first. */
export function HandoverDialog({ kind, contact, desk, onClose }: Props) {
	const [query, setQuery] = useState("");
	const [chosen, setChosen] = useState<string | null>(null);
	const [note, setNote] = useState("");
	const { services } = useBook();
	const team = useJson<{ items: Colleague[] }>("/services/UnifiedAgentController/agents", every);
	const own = desk.store.get().agent.username;
	const colleagues = (team.state === "here" ? team.value.items : []).filter((one) => one.id !== own);
	const fits = ({ name }: Choice) => name.toLowerCase().includes(query.trim().toLowerCase());
	const toServices = services.map(serviceChoice).filter(fits);
	const toColleagues = colleagues.map(colleagueChoice).filter(fits);
	const target = [...toServices, ...toColleagues].find((one) => one.key === chosen);
	const customer = customerName(contact);

	function submit() {
		if (!target || target.isAway)
			return;
		if (kind === "transfer")
			desk.transfer(contact.contactId, { to: target.to, note: note.trim() });
		else
			desk.consult(contact.contactId, target.to, note.trim());
		onClose();
	}

	return (
		<Modal
			isOpen variant="small" onClose={onClose} aria-labelledby="handover-title"
			data-testid="handover" elementToFocus="#handover-search"
		>
			<ModalHeader
				title={t(`${kind}.title`, { customer })} labelId="handover-title"
				description={t(`${kind}.hint`)}
			/>
			<ModalBody>
				<Form
					id="handover-form"
					onSubmit={(event) => {
						event.preventDefault();
						submit();
					}}
				>
					<TextInput
						id="handover-search" type="search" value={query} placeholder={t("handover.search")}
						aria-label={t("handover.search")} onChange={(_e, value) => setQuery(value)}
						data-testid="handover-search"
					/>
					<Choices
						label={t("handover.services")} choices={toServices} chosen={chosen}
						onChoose={setChosen}
					/>
					<Choices
						label={t("handover.agents")} choices={toColleagues} chosen={chosen}
						onChoose={setChosen}
					/>
					<p role="status" className="pl-subtle">
						{team.state === "loading" ? t("loading")
							: team.state === "failed" ? t("handover.failed")
							: toServices.length + toColleagues.length === 0 ? t("handover.none") : ""}
					</p>
					<FormGroup label={t("handover.note")} fieldId="handover-note">
						<TextArea
							id="handover-note" value={note} onChange={(_e, value) => setNote(value)}
							maxLength={noteMost} rows={3} dir="auto" resizeOrientation="vertical"
							data-testid="handover-note"
						/>
					</FormGroup>
				</Form>
			</ModalBody>
			<ModalFooter>
				<Button
					type="submit" form="handover-form" isDisabled={!target || target.isAway}
					data-testid="handover-submit"
				>
					{target ? t(`${kind}.to`, { name: target.name }) : t(kind)}
				</Button>
				<Button variant="link" onClick={onClose}>{common("cancel")}</Button>
			</ModalFooter>
		</Modal>
	);
}

function serviceChoice({ name, title }: { name: string; title?: string }): Choice {
	return { key: `s:${name}`, to: { service: name }, name: title || name, standing: "", isAway: false };
}

function colleagueChoice({ id, name, state, reason, contacts }: Colleague): Choice {
	const words = word("state", state) + (reason && state !== "Ready" ? ` · ${word("reason", reason)}` : "");
	return {
		key: `u:${id}`, to: { user: id }, name: name || id, isAway: state === "LoggedOut",
		standing: contacts ? `${words} · ${t("handover.contacts", { n: contacts })}` : words,
	};
}

function Choices({ label, choices, chosen, onChoose }: {
	label: string; choices: readonly Choice[]; chosen: string | null; onChoose(key: string): void;
}) {
	if (choices.length === 0)
		return null;
	return (
		<fieldset className="pl-choices">
			<legend>{label}</legend>
			{choices.map(({ key, name, standing, isAway }) => (
				<label key={key} data-testid="handover-choice" data-key={key}>
					<input
						type="radio" name="handover" value={key} checked={chosen === key}
						disabled={isAway} onChange={() => onChoose(key)}
					/>
					<bdi>{name}</bdi>
					<small>{standing}</small>
				</label>
			))}
		</fieldset>
	);
}
