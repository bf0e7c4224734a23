// SPDX-License-Identifier: Apache-2.0
import type { KeyboardEvent } from "react";
import { t, word } from "../../ui/i18n/workspaces.ts";
import { rove } from "../../ui/page/rove.ts";
import type { AgentDesk } from "./agentDesk.ts";
import { customerName, personName, type Contact } from "./model.ts";

interface Props {
	contacts: readonly Contact[];
	selected: string | null;
	shown: readonly string[];
	desk: AgentDesk;
}

/** The agent's contacts as vertical tabs: arrow keys move, the chosen one is shown at once. */
export function ContactTabs({ contacts, selected, shown, desk }: Props) {
	function onKeyDown(event: KeyboardEvent<HTMLElement>) {
		if (event.altKey || event.key === "ArrowLeft" || event.key === "ArrowRight")
			return;
		const next = rove(event, "tab")?.dataset["contactId"];
		if (next)
			desk.select(next);
	}

	return (
		<section className="pl-contacts" aria-label={t("contacts")}>
			<h2>{t("contacts")}</h2>
			{contacts.length === 0 && <p className="pl-subtle">{t("contacts.none")}</p>}
			<div
				role="tablist" aria-orientation="vertical" aria-label={t("contacts")} onKeyDown={onKeyDown}
			>
				{contacts.map((contact) => (
					<ContactTab
						key={contact.contactId} contact={contact}
						isSelected={contact.contactId === selected}
						isShown={shown.includes(contact.contactId)}
						onSelect={() => desk.select(contact.contactId)}
					/>
				))}
			</div>
		</section>
	);
}

function ContactTab({ contact, isSelected, isShown, onSelect }: {
	contact: Contact; isSelected: boolean; isShown: boolean; onSelect(): void;
}) {
	return (
		<button
			type="button" role="tab" className="pl-contact" id={`tab-${contact.contactId}`}
			aria-selected={isSelected} tabIndex={isSelected ? 0 : -1}
			{...(isShown ? { "aria-controls": `conversation-${contact.contactId}` } : {})}
			onClick={onSelect} data-testid="contact-tab" data-contact-id={contact.contactId}
			data-phase={contact.phase} data-shown={isShown}
		>
			<span className="pl-contact__name"><bdi>{customerName(contact)}</bdi></span>
			{contact.unread > 0 && (
				<span className="pl-contact__unread">
					<span aria-hidden data-testid="contact-unread">{contact.unread}</span>
					<span className="pl-hidden">{t("contact.unread", { n: contact.unread })}</span>
				</span>
			)}
			<span className="pl-contact__line" dir="auto">{lineOf(contact)}</span>
		</button>
	);
}

/** What was said last by a person; greetings are the same for everybody. */
function lineOf(contact: Contact): string {
	if (contact.phase === "wrapup")
		return t("contact.wrapup");
	if (contact.typingAt !== null)
		return t("contact.typing");
	if (contact.consultation)
		return t("contact.consultation", { name: personName(contact.consultation.from) });
	const { events } = contact.transcript;
	for (let i = events.length - 1; i >= 0; i--) {
		const event = events[i]!;
		if (event.type === "file")
			return event.file.name;
		if (event.type === "message" && event.from !== "bot" && event.from !== "system")
			return event.text;
	}
	return contact.service || word("channel", contact.channel);
}
