// SPDX-License-Identifier: Apache-2.0
import { Button } from "@patternfly/react-core";
import { useLayoutEffect, useRef } from "react";
import type { CloseReason, DurableEvent } from "../../api/chat.ts";
import type { Pending } from "../../ui/chat/transcript.ts";
import { t, word } from "../../ui/i18n/workspaces.ts";
import { time } from "../../ui/page/format.ts";
import type { AgentDesk } from "./agentDesk.ts";
import { customerName, type Contact } from "./desk.ts";

interface Props {
	contact: Contact;
	desk: AgentDesk;
	online: boolean;
}

export function Messages({ contact, desk, online }: Props) {
	const { events, pending } = contact.transcript;
	const list = useRef<HTMLDivElement>(null);
	const atEnd = useRef(true);

	useLayoutEffect(() => {
		const element = list.current;
		if (element && atEnd.current)
			element.scrollTop = element.scrollHeight;
	}, [events, pending, contact.typingAt]);

	return (
		<div
			className="pl-messages" ref={list} role="log" aria-live="polite" tabIndex={0}
			aria-label={t("conversation", { customer: customerName(contact) })}
			data-testid="messages"
			onScroll={(e) => {
				const { scrollHeight, scrollTop, clientHeight } = e.currentTarget;
				atEnd.current = scrollHeight - scrollTop - clientHeight < 40;
			}}
		>
			{events.map((event) => <EventLine key={event.seq} event={event} contact={contact} />)}
			{contact.closedReason && !events.some((event) => event.type === "closed")
				&& <ClosedLine reason={contact.closedReason} />}
			{pending.map((message) => (
				<PendingLine
					key={message.clientId} message={message} contact={contact} desk={desk}
					online={online}
				/>
			))}
			{contact.typingAt !== null && (
				<p className="pl-typing" data-testid="customer-typing">
					{t("conversation.typing", { customer: customerName(contact) })}
				</p>
			)}
		</div>
	);
}

function EventLine({ event, contact }: { event: DurableEvent; contact: Contact }) {
	switch (event.type) {
	case "opened":
		return null;
	case "joined":
	case "left": {
		const { role, name } = event.participant;
		const who = name || word("from", role);
		return <p className="pl-event">{t(`conversation.${event.type}`, { name: who })}</p>;
	}
	case "closed":
		return <ClosedLine reason={event.reason} />;
	case "message":
		return (
			<div
				className={`pl-message pl-message--${event.from}`} data-testid="message"
				data-from={event.from} data-seq={event.seq}
			>
				<span className="pl-message__from">
					{event.from === "customer"
						? customerName(contact) : event.name ?? word("from", event.from)}
					<time dateTime={event.at}>{time(event.at)}</time>
				</span>
				<p>{event.text}</p>
			</div>
		);
	}
}

function ClosedLine({ reason }: { reason: CloseReason }) {
	return (
		<p className="pl-event" data-testid="closed-line">{word("conversation.closed", reason)}</p>
	);
}

function PendingLine({ message, contact, desk, online }: Props & { message: Pending }) {
	const { clientId, text, failed } = message;
	return (
		<div
			className="pl-message pl-message--agent pl-message--pending" data-testid="message-pending"
			data-client-id={clientId} data-failed={failed ?? ""}
		>
			<p>{text}</p>
			<span className="pl-message__state">
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
