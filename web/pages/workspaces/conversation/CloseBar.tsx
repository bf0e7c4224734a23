// SPDX-License-Identifier: Apache-2.0
import { Button, FormSelect, FormSelectOption } from "@patternfly/react-core";
import ExternalLinkAltIcon from "@patternfly/react-icons/dist/esm/icons/external-link-alt-icon";
import ShareIcon from "@patternfly/react-icons/dist/esm/icons/share-icon";
import UserPlusIcon from "@patternfly/react-icons/dist/esm/icons/user-plus-icon";
import { useState, type ReactNode } from "react";
import { t } from "../../../ui/i18n/workspaces.ts";
import { useNow } from "../../../ui/page/useNow.ts";
import type { AgentDesk } from "../agentDesk.ts";
import { forService, labelOf, useBook } from "../book.ts";
import { HandoverDialog } from "../dialogs/HandoverDialog.tsx";
import { PushDialog } from "../dialogs/PushDialog.tsx";
import { customerName, personName, secondsLeft, type Contact } from "../model.ts";

interface Props {
	contact: Contact;
	desk: AgentDesk;
	online: boolean;
}

/** Head of a conversation: who it is with, how it stands, whom to give it to, and how to end it. */
export function CloseBar({ contact, desk, online }: Props) {
	const { phase, consultation, presence } = contact;
	return (
		<header className="pl-closebar">
			<div className="pl-closebar__who">
				<h1><bdi>{customerName(contact)}</bdi></h1>
				{consultation && (
					<span data-testid="consultation" data-state={consultation.state}>
						{t(consultation.state === "conference" ? "consultation.conference" : "consultation.from",
							{ name: personName(consultation.from) })}
					</span>
				)}
				{presence === "away" && phase === "active" && (
					<span className="pl-away" data-testid="customer-away">{t("presence.away")}</span>
				)}
			</div>
			{phase === "wrapup" && <WrapUpLeft contact={contact} desk={desk} online={online} />}
			{phase === "active" && !consultation
				&& <HandOver contact={contact} desk={desk} online={online} />}
			{consultation
				? <EndConsultation contact={contact} desk={desk} />
				: <End contact={contact} desk={desk} />}
		</header>
	);
}

type Dialog = "transfer" | "consult" | "push";

function HandOver({ contact, desk, online }: Props) {
	const [open, setOpen] = useState<Dialog | null>(null);
	const isOff = !online || contact.asked !== null;
	const close = () => setOpen(null);
	const button = (dialog: Dialog, icon: ReactNode) => (
		<Button
			variant="plain" icon={icon} aria-label={t(dialog)} title={t(dialog)} isDisabled={isOff}
			onClick={() => setOpen(dialog)} data-testid={dialog}
		/>
	);
	return (
		<div className="pl-closebar__tools">
			{contact.asked === "transfer" && <span role="status">{t("transfer.asking")}</span>}
			{button("transfer", <ShareIcon />)}
			{button("consult", <UserPlusIcon />)}
			{button("push", <ExternalLinkAltIcon />)}
			{open === "push" && <PushDialog contact={contact} desk={desk} onClose={close} />}
			{(open === "transfer" || open === "consult") && (
				<HandoverDialog kind={open} contact={contact} desk={desk} onClose={close} />
			)}
		</div>
	);
}

function End({ contact, desk }: Omit<Props, "online">) {
	const [disposition, setDisposition] = useState(contact.disposition ?? "");
	const { contactId, phase, asked } = contact;
	const book = useBook();
	const dispositions = forService(book.dispositions, contact.service, book.services);
	return (
		<div className="pl-closebar__actions">
			<FormSelect
				value={disposition} onChange={(_e, value) => setDisposition(value)}
				aria-label={t("disposition")} className="pl-disposition" data-testid="disposition"
			>
				<FormSelectOption value="" label={t("disposition")} isPlaceholder />
				{dispositions.map((one) => (
					<FormSelectOption
						key={one.code} value={one.code} label={labelOf("disposition", one)}
					/>
				))}
			</FormSelect>
			{phase === "wrapup" ? (
				<Button
					onClick={() => desk.complete(contactId, disposition)}
					isDisabled={asked === "complete" || contact.deadline === null}
					data-testid="complete"
				>
					{t(asked === "complete" ? "wrapup.completing" : "wrapup.complete")}
				</Button>
			) : (
				<Button
					variant="secondary" onClick={() => desk.close(contactId, disposition)}
					isDisabled={asked !== null} title={t("close.title")} data-testid="close"
				>
					{t(asked === "close" ? "close.closing" : "close")}
				</Button>
			)}
		</div>
	);
}

function EndConsultation({ contact, desk }: Omit<Props, "online">) {
	const { contactId, phase, asked, deadline } = contact;
	if (phase === "wrapup") {
		return (
			<Button
				onClick={() => desk.complete(contactId, "")} isDisabled={deadline === null}
				data-testid="complete"
			>
				{t("wrapup.complete")}
			</Button>
		);
	}
	return (
		<Button
			variant="secondary" onClick={() => desk.close(contactId, "")} isDisabled={asked !== null}
			data-testid="close"
		>
			{t(asked === "close" ? "close.closing" : "consultation.end")}
		</Button>
	);
}

function WrapUpLeft({ contact, desk, online }: Props) {
	const now = useNow(250);
	const { deadline, extensionsLeft } = contact;
	const seconds = secondsLeft(contact, now);
	return (
		<span className="pl-wrapup" data-testid="wrapup" data-urgent={deadline !== null && seconds <= 5}>
			{t("wrapup.title")}
			{deadline !== null && (
				<>
					{" · "}
					<span data-testid="wrapup-countdown">{t("wrapup.left", { n: seconds })}</span>
				</>
			)}
			{extensionsLeft > 0 && (
				<Button
					variant="link" isInline isDisabled={!online}
					onClick={() => desk.extend(contact.contactId)}
					title={t("wrapup.extensions", { n: extensionsLeft })}
					data-testid="extend"
				>
					{t("wrapup.extend")}
				</Button>
			)}
		</span>
	);
}
