// SPDX-License-Identifier: Apache-2.0
import { Button } from "@patternfly/react-core";
import { useState } from "react";
import type { EarlierContact, History as Page, WholeContact } from "../../../api/desk.ts";
import { t, word } from "../../../ui/i18n/workspaces.ts";
import { dateTime, time } from "../../../ui/page/format.ts";
import { useJson } from "../../../ui/page/useJson.ts";
import { labelOf, serviceTitle, useBook } from "../book.ts";
import type { Contact } from "../model.ts";

/** The customer's earlier contacts, the newest first; one opened shows what was said. */
export function History({ contact }: { contact: Contact }) {
	const { email } = contact.customer;
	if (!email)
		return <p className="pl-subtle" data-testid="history-none">{t("history.unknown")}</p>;
	return <HistoryPage contact={contact} email={email} />;
}

function HistoryPage({ contact, email, cursor }: { contact: Contact; email: string; cursor?: string }) {
	const page = useJson<Page>(`/services/OCPDataServices/history?${new URLSearchParams({
		customer: email, limit: "20", ...(cursor ? { cursor } : {}),
	})}`);
	const [more, setMore] = useState(false);
	const chatId = contact.consultation?.parentId ?? contact.contactId;
	if (page.state === "loading")
		return <p role="status" className="pl-subtle">{t("loading")}</p>;
	if (page.state === "failed") {
		return (
			<p role="status" className="pl-subtle">
				{t("history.failed")}{" "}
				<Button variant="link" isInline onClick={page.again} data-testid="history-again">
					{t("again")}
				</Button>
			</p>
		);
	}
	const earlier = page.state === "here"
		? page.value.items.filter((one) => one.contactId !== chatId) : [];
	const next = page.state === "here" ? page.value.cursor : null;
	if (earlier.length === 0 && !next && !cursor)
		return <p className="pl-subtle" data-testid="history-none">{t("history.none")}</p>;
	return (
		<>
			<ul className="pl-history" data-testid="history">
				{earlier.map((one) => <EarlierOne key={one.contactId} contact={one} />)}
			</ul>
			{next && !more && (
				<Button variant="link" isInline onClick={() => setMore(true)} data-testid="history-more">
					{t("history.more")}
				</Button>
			)}
			{next && more && <HistoryPage contact={contact} email={email} cursor={next} />}
		</>
	);
}

function EarlierOne({ contact }: { contact: EarlierContact }) {
	const [open, setOpen] = useState(false);
	const { services, dispositions } = useBook();
	const { contactId, channel, service, topic, openedMs, disposition, state } = contact;
	const code = dispositions.find((one) => one.code === disposition) ?? { code: disposition };
	return (
		<li data-testid="earlier-contact" data-contact-id={contactId}>
			<button type="button" aria-expanded={open} onClick={() => setOpen(!open)} data-testid="earlier-open">
				<strong>{dateTime(openedMs)}</strong>
				<span>
					{[word("channel", channel), serviceTitle(service || topic, services),
						disposition ? labelOf("disposition", code) : word("history.state", state)]
						.filter(Boolean).join(" · ")}
				</span>
			</button>
			{open && <EarlierTranscript contactId={contactId} />}
		</li>
	);
}

function EarlierTranscript({ contactId }: { contactId: string }) {
	const whole = useJson<WholeContact>(`/services/OCPDataServices/contacts/${encodeURIComponent(contactId)}`);
	if (whole.state !== "here") {
		return (
			<p role="status" className="pl-subtle">
				{whole.state === "loading" ? t("loading") : t("history.failed")}
			</p>
		);
	}
	const said = whole.value.transcript;
	if (said.length === 0)
		return <p className="pl-subtle">{t("conversation.empty")}</p>;
	return (
		<ol className="pl-earlier" data-testid="earlier-transcript">
			{said.map(({ seq, from, name, text, atMs, private: isPrivate }) => (
				<li key={`${isPrivate ? "p" : ""}${seq}`} data-from={from} data-private={isPrivate || undefined}>
					<small>
						{isPrivate && `${t("private")} · `}
						<bdi>{name || word("from", from === "agent" ? "colleague" : from)}</bdi>
						{" "}{time(new Date(atMs).toISOString())}
					</small>
					<p dir="auto">{text}</p>
				</li>
			))}
		</ol>
	);
}
