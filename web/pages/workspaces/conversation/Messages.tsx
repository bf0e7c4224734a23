// SPDX-License-Identifier: Apache-2.0
import { Button } from "@patternfly/react-core";
import { memo, useMemo, useRef } from "react";
import type { Pending } from "../../../ui/chat/transcript.ts";
import { t, word } from "../../../ui/i18n/workspaces.ts";
import type { AgentDesk } from "../agentDesk.ts";
import { customerName, type Contact } from "../model.ts";
import { Earlier } from "./Earlier.tsx";
import { ClosedLine, EventLine } from "./EventLine.tsx";
import { linesOf } from "./lines.ts";
import { useWindow } from "./useWindow.ts";

interface Props {
	contact: Contact;
	desk: AgentDesk;
	online: boolean;
}

const Line = memo(EventLine);

export function Messages({ contact, desk, online }: Props) {
	const { events, pending } = contact.transcript;
	const { aside } = contact;
	const list = useRef<HTMLDivElement>(null);
	const lines = useMemo(() => linesOf(events, aside.events), [events, aside.events]);
	const typing = contact.typingAt !== null;
	const { from, to, onScroll, toEnd, isAtEnd } =
		useWindow(list, lines.length, [lines, pending, aside.pending, typing]);
	const customer = customerName(contact);
	const chatId = contact.consultation?.parentId ?? contact.contactId;

	return (
		<div className="pl-messages-box">
			<div
				className="pl-messages" ref={list} role="log" tabIndex={0}
				aria-live={isAtEnd ? "polite" : "off"}
				aria-label={t("conversation", { customer })} data-testid="messages"
				data-lines={lines.length} onScroll={onScroll}
			>
				<div className="pl-messages__list">
					{from === 0 && <Earlier contact={contact} desk={desk} />}
					{lines.slice(from, to).map(({ key, event, isPrivate }) => (
						<Line
							key={key} event={event} isPrivate={isPrivate} customer={customer}
							chatId={chatId}
						/>
					))}
					{contact.closedReason && !events.some((event) => event.type === "closed")
						&& <ClosedLine reason={contact.closedReason} />}
					{pending.map((message) => (
						<PendingLine
							key={message.clientId} message={message} contact={contact} desk={desk}
							online={online}
						/>
					))}
					{aside.pending.map((message) => (
						<PendingLine
							key={message.clientId} message={message} contact={contact} desk={desk}
							online={online} isPrivate
						/>
					))}
					{typing && (
						<p className="pl-typing" aria-live="off" data-testid="customer-typing">
							{t("conversation.typing", { customer })}
						</p>
					)}
				</div>
			</div>
			{!isAtEnd && (
				<Button
					className="pl-toend" variant="secondary" size="sm" onClick={toEnd}
					data-testid="to-end"
				>
					{t("conversation.toEnd")}
				</Button>
			)}
		</div>
	);
}

interface PendingProps extends Props {
	message: Pending;
	isPrivate?: boolean;
}

function PendingLine({ message, contact, desk, online, isPrivate = false }: PendingProps) {
	const { clientId, text, failed } = message;
	return (
		<div
			className="pl-message pl-message--agent pl-message--pending" data-testid="message-pending"
			data-client-id={clientId} data-failed={failed ?? ""} data-private={isPrivate || undefined}
			data-line=""
		>
			<p dir="auto">{text}</p>
			<span className="pl-message__state">
				{isPrivate && <strong>{t("private")}</strong>}
				{failed ? t("message.failed", { reason: word("message.failed", failed) })
					: contact.phase !== "active" ? t("message.unsent")
						: t(online ? "message.pending" : "message.waiting")}
			</span>
			{failed && contact.phase === "active" && (
				<span>
					<Button
						variant="link" isInline data-testid="message-again"
						onClick={() => desk.sayAgain(contact.contactId, clientId)}
					>
						{t("message.again")}
					</Button>
					{" "}
					<Button
						variant="link" isInline data-testid="message-drop"
						onClick={() => desk.drop(contact.contactId, clientId)}
					>
						{t("message.drop")}
					</Button>
				</span>
			)}
		</div>
	);
}
