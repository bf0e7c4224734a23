// SPDX-License-Identifier: Apache-2.0
import { useState, type DragEvent } from "react";
import { t } from "../../../ui/i18n/workspaces.ts";
import type { AgentDesk } from "../agentDesk.ts";
import { files } from "../files.ts";
import { customerName, personName, reachesCustomer, type Contact } from "../model.ts";
import { CloseBar } from "./CloseBar.tsx";
import { Composer } from "./Composer.tsx";
import { Legs } from "./Legs.tsx";
import { Messages } from "./Messages.tsx";
import { Uploads } from "./Uploads.tsx";

interface Props {
	contact: Contact;
	desk: AgentDesk;
	online: boolean;
	isSelected: boolean;
}

export function Conversation({ contact, desk, online, isSelected }: Props) {
	const [dragged, setDragged] = useState(false);
	const { contactId, phase, note } = contact;
	const customer = customerName(contact);
	const allowed = phase === "active" && reachesCustomer(contact) ? contact.files : null;
	const attach = allowed && ((all: readonly File[]) => files.send(contactId, all, allowed));
	const drop = attach ? {
		onDragOver(event: DragEvent) {
			if (!event.dataTransfer.types.includes("Files"))
				return;
			event.preventDefault();
			setDragged(true);
		},
		onDragLeave(event: DragEvent) {
			if (!event.currentTarget.contains(event.relatedTarget as Node | null))
				setDragged(false);
		},
		onDrop(event: DragEvent) {
			event.preventDefault();
			setDragged(false);
			attach([...event.dataTransfer.files]);
		},
	} : {};

	return (
		<section
			className="pl-conversation" id={`conversation-${contactId}`} role="tabpanel"
			aria-label={t("conversation", { customer })} data-testid="conversation"
			data-contact-id={contactId} data-phase={phase} data-selected={isSelected}
			onFocus={() => !isSelected && desk.select(contactId)} {...drop}
		>
			<CloseBar contact={contact} desk={desk} online={online} />
			<Legs contact={contact} desk={desk} online={online} />
			{note && (
				<p className="pl-note" data-testid="note">
					<strong>{t("note.from", { name: personName(note.from) })}</strong>{" "}
					<span dir="auto">{note.text}</span>
				</p>
			)}
			<Messages contact={contact} desk={desk} online={online} />
			{allowed && <Uploads contactId={contactId} allowed={allowed} />}
			{phase === "active" && <Composer contact={contact} desk={desk} onFiles={attach} />}
			{dragged && <div className="pl-dropzone">{t("file.drop", { customer })}</div>}
		</section>
	);
}
