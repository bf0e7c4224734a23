// SPDX-License-Identifier: Apache-2.0
import { useRef, type KeyboardEvent } from "react";
import { t, word } from "../../ui/i18n/workspaces.ts";
import type { AgentDesk } from "./agentDesk.ts";
import { customerName, type Contact } from "./desk.ts";

interface Props {
	contacts: readonly Contact[];
	selected: string | null;
	desk: AgentDesk;
}

/** The agent's contacts as vertical tabs: arrow keys move, the chosen one is shown at once. */
export function ContactTabs({ contacts, selected, desk }: Props) {
	const list = useRef<HTMLDivElement>(null);

	function onKeyDown(event: KeyboardEvent) {
		const at = contacts.findIndex((c) => c.contactId === selected);
		const to = { ArrowDown: at + 1, ArrowUp: at - 1, Home: 0, End: contacts.length - 1 }[event.key];
		const next = to === undefined ? undefined : contacts[to];
		if (!next)
			return;
		event.preventDefault();
		desk.select(next.contactId);
		list.current?.querySelectorAll<HTMLElement>("[role=tab]")[contacts.indexOf(next)]?.focus();
	}

	return (
		<section className="pl-contacts" aria-label={t("contacts")}>
			<h2>{t("contacts")}</h2>
			{contacts.length === 0 && <p className="pl-subtle">{t("contacts.none")}</p>}
			<div
				role="tablist" aria-orientation="vertical" aria-label={t("contacts")} ref={list}
				onKeyDown={onKeyDown}
			>
				{contacts.map((contact) => (
					<ContactTab
						key={contact.contactId} contact={contact}
						isSelected={contact.contactId === selected}
						onSelect={() => desk.select(contact.contactId)}
					/>
				))}
			</div>
		</section>
	);
}

function ContactTab({ contact, isSelected, onSelect }: {
	contact: Contact; isSelected: boolean; onSelect(): void;
}) {
	return (
		<button
			type="button" role="tab" className="pl-contact" id={`tab-${contact.contactId}`}
			aria-selected={isSelected} aria-controls="conversation" tabIndex={isSelected ? 0 : -1}
			onClick={onSelect} data-testid="contact-tab" data-contact-id={contact.contactId}
			data-phase={contact.phase}
		>
			<span className="pl-contact__name">{customerName(contact)}</span>
			{contact.unread > 0 && (
				<span
					className="pl-contact__unread" data-testid="contact-unread"
					aria-label={t("contact.unread", { n: contact.unread })}
				>
					{contact.unread}
				</span>
			)}
			<span className="pl-contact__line">{lineOf(contact)}</span>
		</button>
	);
}

/** What was said last by a person; greetings are the same for everybody. */
function lineOf(contact: Contact): string {
	if (contact.phase === "wrapup")
		return t("contact.wrapup");
	if (contact.typingAt !== null)
		return t("contact.typing");
	const { events } = contact.transcript;
	for (let i = events.length - 1; i >= 0; i--) {
		const event = events[i]!;
		if (event.type === "message" && event.from !== "bot" && event.from !== "system")
			return event.text;
	}
	return contact.service || word("channel", contact.channel);
}
